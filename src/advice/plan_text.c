/* plan_text.c - a plan for the person who carries it out: what the application has to do first, the
 * changes in their order, what is left to do by hand, what is left out, and what to expect. */
#include <stdio.h>
#include <string.h>

#include "advice/plan_render.h"
#include "advice/planning.h"
#include "base/language.h"
#include "report/page.h"
#include "report/text.h"

enum { INDENT = 2, LABEL = 5, VALUE = 15 };

/* ---- pieces -------------------------------------------------------------------------- */

static void put_label(struct ta_page *page, const char *label)
{
	ta_page_column(page, LABEL);
	ta_page_style(page, TA_STYLE_DIM);
	ta_page_raw(page, label);
	ta_page_plain(page);
	ta_page_column(page, VALUE);
}

/* A label and its text; nothing without a text. */
static void put_field(struct ta_page *page, const char *label, const char *text)
{
	if (!text || !*text)
		return;
	put_label(page, label);
	ta_page_prose(page, VALUE, text);
	ta_page_newline(page);
}

/* Commands are not folded: they are to be copied. */
static void put_lines(struct ta_page *page, const char *label, const json_t *lines)
{
	const json_t *line;
	size_t i;

	json_array_foreach (lines, i, line) {
		if (i == 0)
			put_label(page, label);
		ta_page_column(page, VALUE);
		ta_page_style(page, TA_STYLE_COMMAND);
		ta_page_text(page, json_string_value(line));
		ta_page_plain(page);
		ta_page_newline(page);
	}
}

static void put_one_why(struct ta_page *page, const json_t *why)
{
	const char *place = ta_text_place(json_object_get(why, "scope"));

	put_label(page, _("why"));
	ta_page_style(page, ta_severity_style(ta_severity_parse(ta_json_text(why, "severity"))));
	ta_page_text(page, _(ta_json_text(why, "severity")));
	ta_page_plain(page);
	ta_page_raw(page, " ");
	ta_page_sentence(page, VALUE, "%s%s%s [%s]", place, *place ? ": " : "",
			 ta_json_text(why, "title"), ta_json_text(why, "rule"));
	ta_page_newline(page);
}

static void put_why(struct ta_page *page, const json_t *row)
{
	const json_t *why;
	size_t i;

	json_array_foreach (json_object_get(row, "why"), i, why)
		put_one_why(page, why);
}

/* ---- steps that are no change -------------------------------------------------------- */

static void put_step(struct ta_page *page, const json_t *step, bool verbose)
{
	const char *dialect;
	json_t *lines;

	ta_page_column(page, INDENT);
	ta_page_style(page, TA_STYLE_BOLD);
	ta_page_sentence(page, LABEL, "-  %s", ta_json_text(step, "title"));
	ta_page_plain(page);
	ta_page_newline(page);
	put_why(page, step);
	put_field(page, _("how"), ta_json_text(step, "text"));
	ta_text_code(page, VALUE, json_object_get(step, "code"), verbose);
	json_object_foreach (json_object_get(step, "commands"), dialect, lines)
		put_lines(page, strcmp(dialect, "shell") == 0 ? _("look") : dialect, lines);
	put_field(page, _("expect"), ta_json_text(step, "effect"));
	put_field(page, _("risk"), ta_json_text(step, "risk_text"));
	put_field(page, _("restart"), ta_json_text(step, "restart"));
	if (verbose)
		put_field(page, _("verify"), ta_json_text(step, "verify"));
}

static void put_steps(struct ta_page *page, const char *heading, const json_t *steps, bool verbose)
{
	const json_t *step;
	size_t i;

	if (!json_array_size(steps))
		return;
	ta_page_heading(page, heading);
	json_array_foreach (steps, i, step)
		put_step(page, step, verbose);
}

/* ---- changes ------------------------------------------------------------------------- */

static const char *text_or(const char *text, const char *other)
{
	return *text ? text : other;
}

static void put_target(struct ta_page *page, const json_t *change)
{
	const json_t *place = json_object_get(change, "place");

	ta_page_join(page);
	if (!ta_change_is_setting(change))
		ta_page_sentence(page, LABEL, _("of %s (pid %lld)"),
				 text_or(ta_json_text(place, "name"), _("the process")),
				 (long long)json_integer_value(json_object_get(place, "pid")));
	else if (json_object_get(place, "elsewhere"))
		ta_page_sentence(page, LABEL, _("in %s"), ta_json_text(place, "namespace"));
}

static const char *risk_words(const char *risk)
{
	static const struct {
		const char *risk, *words;
	} rows[] = { { "none", N_("no risk") },
		     { "low", N_("low risk") },
		     { "medium", N_("medium risk") },
		     { "high", N_("high risk") } };

	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++)
		if (strcmp(rows[i].risk, risk) == 0)
			return _(rows[i].words);
	return risk;
}

static void put_headline(struct ta_page *page, const json_t *change)
{
	const char *risk = ta_json_text(change, "risk");

	ta_page_gap(page);
	ta_page_column(page, INDENT);
	ta_page_style(page, TA_STYLE_BOLD);
	ta_page_sentence(page, LABEL, "%lld. %s: %s -> %s",
			 (long long)json_integer_value(json_object_get(change, "number")),
			 ta_json_text(change, "key"),
			 text_or(ta_json_text(change, "current"), _("(not known)")),
			 ta_json_text(change, "new"));
	ta_page_plain(page);
	put_target(page, change);
	ta_page_join(page);
	if (*risk)
		ta_page_sentence(page, LABEL, "(%s)", risk_words(risk));
	ta_page_newline(page);
}

/* "/etc/sysctl.d/50-net.conf:3 sets 2 (Ansible)" */
static void put_today(struct ta_page *page, const json_t *change)
{
	const json_t *today = json_object_get(change, "today");
	const char *owner = ta_json_text(today, "owner");

	if (!today)
		return;
	put_label(page, _("today"));
	ta_page_sentence(page, VALUE, *owner ? _("%s:%lld sets %s (%s)") : _("%s:%lld sets %s"),
			 ta_json_text(today, "file"),
			 (long long)json_integer_value(json_object_get(today, "line")),
			 ta_json_text(today, "value"), owner);
	ta_page_newline(page);
}

static void put_boot(struct ta_page *page, const json_t *change)
{
	const json_t *boot = json_object_get(change, "at_boot");

	if (strcmp(ta_json_text(boot, "by"), "plan") != 0) {
		put_field(page, _("at boot"), ta_json_text(boot, "text"));
		return;
	}
	put_label(page, _("at boot"));
	ta_page_sentence(page, VALUE, _("%s would win"), ta_json_text(boot, "file"));
	ta_page_newline(page);
}

static void put_needs(struct ta_page *page, const json_t *needs)
{
	const json_t *number;
	size_t i;

	if (!json_array_size(needs))
		return;
	put_label(page, _("after"));
	json_array_foreach (needs, i, number)
		ta_page_printf(page, "%s%lld", i ? ", " : "",
			       (long long)json_integer_value(number));
	ta_page_newline(page);
}

static void put_commands(struct ta_page *page, const json_t *change)
{
	const json_t *commands = json_object_get(change, "commands");
	const char *dialect = ta_json_text(change, "dialect");

	put_lines(page, _("now"), json_object_get(commands, "shell"));
	if (strcmp(dialect, "shell") != 0 && strcmp(dialect, "prlimit") != 0)
		put_lines(page, _("for good"), json_object_get(commands, dialect));
}

static void put_change(struct ta_page *page, const json_t *change)
{
	const json_t *refused = json_object_get(change, "refused");

	put_headline(page, change);
	if (refused) {
		put_label(page, _("refused"));
		ta_page_style(page, TA_STYLE_WARNING);
		ta_page_prose(page, VALUE, ta_json_text(refused, "why"));
		ta_page_plain(page);
		ta_page_newline(page);
	}
	put_why(page, change);
	put_field(page, _("expect"), ta_json_text(change, "effect"));
	put_field(page, _("outlook"), ta_json_text(json_object_get(change, "prediction"), "text"));
	put_field(page, _("cost"), ta_json_text(change, "cost"));
	put_field(page, _("risk"), ta_json_text(change, "risk_text"));
	put_needs(page, json_object_get(change, "needs"));
	put_today(page, change);
	put_boot(page, change);
	put_commands(page, change);
	put_field(page, _("in force"), ta_json_text(change, "takes_effect"));
	put_field(page, _("restart"), ta_json_text(change, "restart"));
	put_field(page, _("verify"), ta_json_text(change, "verify"));
	put_lines(page, _("back"), json_object_get(change, "revert"));
}

/* ---- the whole ----------------------------------------------------------------------- */

static size_t count_refused(const json_t *changes)
{
	const json_t *change;
	size_t count = 0, i;

	json_array_foreach (changes, i, change)
		count += json_object_get(change, "refused") != NULL;
	return count;
}

/* "2 steps for applications, 3 changes and 1 refused, 0 steps by hand". */
static void add_counts(struct ta_buf *out, const json_t *plan)
{
	const json_t *changes = json_object_get(plan, "changes");
	size_t first = json_array_size(json_object_get(plan, "first"));
	size_t by_hand = json_array_size(json_object_get(plan, "by_hand"));
	size_t refused = count_refused(changes), made = json_array_size(changes) - refused;

	ta_buf_printf(out, _n("%zu step for applications", "%zu steps for applications", first),
		      first);
	ta_buf_printf(out, _n(", %zu change", ", %zu changes", made), made);
	if (refused)
		ta_buf_printf(out, _(" and %zu refused"), refused);
	ta_buf_printf(out, _n(", %zu step by hand", ", %zu steps by hand", by_hand), by_hand);
}

static bool is_empty(const json_t *plan)
{
	static const char *const parts[] = { "changes", "first", "by_hand" };

	for (size_t i = 0; i < TA_ARRAY_SIZE(parts); i++)
		if (json_array_size(json_object_get(plan, parts[i])))
			return false;
	return true;
}

static void put_verdict(struct ta_page *page, const json_t *plan)
{
	ta_auto(ta_buf_done) struct ta_buf counts = TA_BUF_INIT(1024);
	const char *name = ta_json_text(json_object_get(plan, "host"), "name");
	const char *host = text_or(name, _("this host"));

	add_counts(&counts, plan);
	ta_page_style(page, TA_STYLE_BOLD);
	if (is_empty(plan))
		ta_page_sentence(page, INDENT, _("Nothing to change on %s"), host);
	else
		ta_page_sentence(page, INDENT, _("Plan for %s: %s"), host, ta_buf_cstr(&counts));
	ta_page_plain(page);
	ta_page_newline(page);
}

static void put_left_out(struct ta_page *page, const json_t *rows)
{
	const json_t *row;
	size_t i;

	if (!json_array_size(rows))
		return;
	ta_page_heading(page, _("Left out"));
	json_array_foreach (rows, i, row) {
		ta_page_column(page, INDENT);
		ta_page_sentence(
			page, 2 * INDENT, "%s [%s]: %s", ta_json_text(row, "title"),
			ta_json_text(json_array_get(json_object_get(row, "why"), 0), "rule"),
			ta_json_text(row, "reason"));
		ta_page_newline(page);
	}
}

bool ta_plan_text(const json_t *plan, const struct ta_render_options *options, struct ta_buf *out,
		  struct ta_error *err)
{
	struct ta_page page = ta_page_begin(out, options);
	const json_t *changes = json_object_get(plan, "changes"), *change;
	const json_t *outlook = json_object_get(plan, "outlook");
	size_t i;

	(void)err;
	put_verdict(&page, plan);
	put_steps(&page, _("First, in the application"), json_object_get(plan, "first"),
		  options->verbose);
	if (json_array_size(changes))
		ta_page_heading(&page, _("Changes, in this order"));
	json_array_foreach (changes, i, change)
		put_change(&page, change);
	put_steps(&page, _("By hand"), json_object_get(plan, "by_hand"), options->verbose);
	put_left_out(&page, json_object_get(plan, "left_out"));
	if (outlook) {
		ta_page_heading(&page, _("With all of these changes"));
		ta_text_outlook(&page, outlook, options->verbose);
	}
	return true;
}
