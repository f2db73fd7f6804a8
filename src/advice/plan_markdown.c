/* plan_markdown.c - a plan for a ticket: the same as the text, with commands in blocks that can be
 * copied. */
#include <string.h>

#include "advice/plan_render.h"
#include "advice/planning.h"
#include "base/language.h"
#include "report/markdown.h"
#include "report/text.h"

static void add_field(struct ta_buf *out, const char *label, const char *text)
{
	if (!text || !*text)
		return;
	ta_buf_printf(out, "- **%s**: ", label);
	ta_markdown_text(out, text);
	ta_buf_char(out, '\n');
}

static void add_block(struct ta_buf *out, const char *label, const json_t *lines)
{
	const json_t *line;
	size_t i;

	if (!json_array_size(lines))
		return;
	ta_buf_printf(out, "\n%s:\n\n", label);
	json_array_foreach (lines, i, line) {
		ta_buf_str(out, "    ");
		ta_markdown_line(out, json_string_value(line));
	}
	ta_buf_char(out, '\n');
}

static void add_one_why(struct ta_buf *out, const json_t *why)
{
	ta_buf_printf(out, "- **%s**: %s: ", _("why"), _(ta_json_text(why, "severity")));
	ta_markdown_text(out, ta_json_text(why, "title"));
	ta_buf_str(out, " (");
	ta_markdown_text(out, ta_json_text(why, "rule"));
	ta_buf_str(out, ")\n");
}

static void add_why(struct ta_buf *out, const json_t *row)
{
	const json_t *why;
	size_t i;

	json_array_foreach (json_object_get(row, "why"), i, why)
		add_one_why(out, why);
}

/* ---- steps that are no change -------------------------------------------------------- */

static void add_step(struct ta_buf *out, const json_t *step)
{
	const char *key;
	json_t *value;

	ta_buf_str(out, "### ");
	ta_markdown_text(out, ta_json_text(step, "title"));
	ta_buf_str(out, "\n\n");
	add_why(out, step);
	add_field(out, _("how"), ta_json_text(step, "text"));
	json_object_foreach (json_object_get(step, "code"), key, value)
		add_field(out, key, json_string_value(value));
	add_field(out, _("expect"), ta_json_text(step, "effect"));
	add_field(out, _("risk"), ta_json_text(step, "risk_text"));
	add_field(out, _("restart"), ta_json_text(step, "restart"));
	add_field(out, _("verify"), ta_json_text(step, "verify"));
	json_object_foreach (json_object_get(step, "commands"), key, value)
		add_block(out, strcmp(key, "shell") == 0 ? _("To look") : key, value);
	ta_buf_char(out, '\n');
}

static void add_steps(struct ta_buf *out, const char *heading, const json_t *steps)
{
	const json_t *step;
	size_t i;

	if (!json_array_size(steps))
		return;
	ta_buf_printf(out, "## %s\n\n", heading);
	json_array_foreach (steps, i, step)
		add_step(out, step);
}

/* ---- changes ------------------------------------------------------------------------- */

static void add_files(struct ta_buf *out, const json_t *change)
{
	const json_t *today = json_object_get(change, "today");
	const json_t *boot = json_object_get(change, "at_boot");
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(out->cap);

	if (today) {
		const char *owner = ta_json_text(today, "owner");

		ta_buf_printf(&line, *owner ? _("%s:%lld sets %s (%s)") : _("%s:%lld sets %s"),
			      ta_json_text(today, "file"),
			      (long long)json_integer_value(json_object_get(today, "line")),
			      ta_json_text(today, "value"), owner);
		add_field(out, _("today"), ta_buf_cstr(&line));
		ta_buf_clear(&line);
	}
	if (strcmp(ta_json_text(boot, "by"), "plan") == 0)
		ta_buf_printf(&line, _("%s would win"), ta_json_text(boot, "file"));
	else
		ta_buf_str(&line, ta_json_text(boot, "text"));
	add_field(out, _("at boot"), ta_buf_cstr(&line));
}

static void add_headline(struct ta_buf *out, const json_t *change)
{
	const json_t *place = json_object_get(change, "place");
	const char *current = ta_json_string(change, "current");
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(out->cap);

	ta_buf_printf(&line, _("%s: %s to %s"), ta_json_text(change, "key"),
		      current ? current : _("(not known)"), ta_json_text(change, "new"));
	if (!ta_change_is_setting(change))
		ta_buf_printf(&line, _(" of %s"), ta_json_text(place, "name"));
	else if (json_object_get(place, "elsewhere"))
		ta_buf_printf(&line, _(" in %s"), ta_json_text(place, "namespace"));
	ta_buf_printf(out, "### %lld. ",
		      (long long)json_integer_value(json_object_get(change, "number")));
	ta_markdown_text(out, ta_buf_cstr(&line));
	ta_buf_str(out, "\n\n");
}

static void add_needs(struct ta_buf *out, const json_t *needs)
{
	const json_t *number;
	size_t i;

	if (!json_array_size(needs))
		return;
	ta_buf_printf(out, "- **%s**: ", _("after"));
	json_array_foreach (needs, i, number)
		ta_buf_printf(out, "%s%lld", i ? ", " : "", (long long)json_integer_value(number));
	ta_buf_char(out, '\n');
}

static void add_change(struct ta_buf *out, const json_t *change)
{
	const json_t *commands = json_object_get(change, "commands");
	const char *dialect = ta_json_text(change, "dialect");

	add_headline(out, change);
	add_field(out, _("refused"), ta_json_text(json_object_get(change, "refused"), "why"));
	add_why(out, change);
	add_field(out, _("expect"), ta_json_text(change, "effect"));
	add_field(out, _("outlook"), ta_json_text(json_object_get(change, "prediction"), "text"));
	add_field(out, _("cost"), ta_json_text(change, "cost"));
	add_field(out, _("risk"), _(ta_json_text(change, "risk")));
	add_field(out, _("what could go wrong"), ta_json_text(change, "risk_text"));
	add_needs(out, json_object_get(change, "needs"));
	add_files(out, change);
	add_field(out, _("in force"), ta_json_text(change, "takes_effect"));
	add_field(out, _("restart"), ta_json_text(change, "restart"));
	add_field(out, _("verify"), ta_json_text(change, "verify"));
	add_block(out, _("Now"), json_object_get(commands, "shell"));
	if (strcmp(dialect, "shell") != 0 && strcmp(dialect, "prlimit") != 0)
		add_block(out, _("For good"), json_object_get(commands, dialect));
	add_block(out, _("To take it back"), json_object_get(change, "revert"));
	ta_buf_char(out, '\n');
}

static void add_left_out(struct ta_buf *out, const json_t *rows)
{
	const json_t *row;
	size_t i;

	if (!json_array_size(rows))
		return;
	ta_buf_printf(out, "## %s\n\n", _("Left out"));
	json_array_foreach (rows, i, row)
		add_field(out, ta_json_text(json_array_get(json_object_get(row, "why"), 0), "rule"),
			  ta_json_text(row, "reason"));
	ta_buf_char(out, '\n');
}

/* ---- the outlook --------------------------------------------------------------------- */

static void add_outcome(struct ta_buf *out, const json_t *row)
{
	const char *text = ta_json_text(row, "text");

	if (strcmp(ta_json_text(row, "because"), "unrelated") == 0)
		return;
	ta_buf_printf(out, "- **%s**: ", _(ta_json_text(row, "outcome")));
	ta_markdown_text(out, ta_json_text(row, "title"));
	ta_buf_str(out, *text ? " " : "");
	ta_markdown_text(out, text);
	ta_buf_char(out, '\n');
}

static void add_room(struct ta_buf *out, const json_t *row)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(out->cap);

	ta_print_room(&line, row);
	ta_buf_str(out, "- ");
	ta_markdown_text(out, ta_buf_cstr(&line));
	ta_buf_char(out, '\n');
}

static void add_outlook(struct ta_buf *out, const json_t *outlook)
{
	const json_t *row;
	size_t i;

	if (!outlook)
		return;
	ta_buf_printf(out, "## %s\n\n", _("With all of these changes"));
	json_array_foreach (json_object_get(outlook, "no_help"), i, row) {
		add_field(out, _("would not help"), ta_json_text(row, "key"));
		add_field(out, _("because"), ta_json_text(row, "why"));
	}
	json_array_foreach (json_object_get(outlook, "findings"), i, row)
		add_outcome(out, row);
	json_array_foreach (json_object_get(outlook, "headroom"), i, row)
		add_room(out, row);
}

bool ta_plan_markdown(const json_t *plan, const struct ta_render_options *options,
		      struct ta_buf *out, struct ta_error *err)
{
	const json_t *changes = json_object_get(plan, "changes"), *change;
	const char *host = ta_json_string(json_object_get(plan, "host"), "name");
	ta_auto(ta_buf_done) struct ta_buf title = TA_BUF_INIT(out->cap);
	size_t i;

	(void)options;
	(void)err;
	ta_buf_printf(&title, _("Plan for %s"), host ? host : _("this host"));
	ta_buf_str(out, "# ");
	ta_markdown_text(out, ta_buf_cstr(&title));
	ta_buf_str(out, "\n\n");
	add_steps(out, _("First, in the application"), json_object_get(plan, "first"));
	if (json_array_size(changes))
		ta_buf_printf(out, "## %s\n\n", _("Changes, in this order"));
	json_array_foreach (changes, i, change)
		add_change(out, change);
	add_steps(out, _("By hand"), json_object_get(plan, "by_hand"));
	add_left_out(out, json_object_get(plan, "left_out"));
	add_outlook(out, json_object_get(plan, "outlook"));
	return true;
}
