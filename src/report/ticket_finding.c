/* ticket_finding.c - one finding in a ticket: its evidence as a table, why, what to do with the
 * commands in fences, and folded what is for those who want to know more. */
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"
#include "report/dialect_title.h"
#include "report/figure.h"
#include "report/markdown.h"
#include "report/ticket.h"

enum { HINTS_MAX = 4 };

/* ---- evidence ------------------------------------------------------------------------ */

static void add_amount(struct ta_ticket *ticket, const json_t *row)
{
	ta_auto(ta_buf_done) struct ta_buf amount = TA_BUF_INIT(65536);

	ta_figure_amount(&amount, row);
	ta_ticket_prose(ticket, ta_buf_cstr(&amount));
}

static void add_evidence(struct ta_ticket *ticket, const json_t *evidence)
{
	struct ta_buf *out = &ticket->text;
	char percent[TA_PERCENT_SIZE];
	const json_t *row;
	size_t i;

	if (!json_array_size(evidence))
		return;
	ta_buf_printf(out, "| %s | %s | %s | %s |\n|---|---|--:|---|\n", _("evidence"), _("figure"),
		      _("share"), _("source"));
	json_array_foreach (evidence, i, row) {
		ta_buf_str(out, "| ");
		ta_ticket_prose(ticket, ta_json_text(row, "label"));
		ta_buf_str(out, " | ");
		add_amount(ticket, row);
		ta_buf_printf(out, " | %s | ", ta_figure_percent(row, percent) ? percent : "");
		ta_ticket_prose(ticket, ta_json_text(row, "source"));
		ta_buf_str(out, " |\n");
	}
	ta_buf_char(out, '\n');
}

/* ---- what to do ---------------------------------------------------------------------- */

/* The language of a dialect's lines, as those who colour them call it. */
static const char *language_of(const char *dialect)
{
	static const struct {
		const char *dialect, *language;
	} languages[] = {
		{ "shell", "shell" },  { "docker", "shell" },    { "podman", "shell" },
		{ "sysctl.d", "ini" }, { "systemd", "ini" },     { "compose", "yaml" },
		{ "ansible", "yaml" }, { "kubernetes", "yaml" },
	};

	for (size_t i = 0; i < TA_ARRAY_SIZE(languages); i++)
		if (strcmp(languages[i].dialect, dialect) == 0)
			return languages[i].language;
	return "text";
}

static void add_commands(struct ta_ticket *ticket, const json_t *commands)
{
	const char *dialect;
	json_t *lines;

	json_object_foreach ((json_t *)commands, dialect, lines) {
		const char *title = ta_dialect_title(dialect);

		if (title) {
			ta_ticket_prose(ticket, title);
			ta_buf_str(&ticket->text, _(":"));
			ta_buf_str(&ticket->text, "\n\n");
		}
		ta_markdown_fence(&ticket->text, language_of(dialect), lines);
		ta_buf_char(&ticket->text, '\n');
	}
}

/* Settings that came without commands are still something to do. */
static void add_settings(struct ta_ticket *ticket, const json_t *settings)
{
	json_auto_t *lines = json_array();
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)settings, key, value)
		json_array_append_new(lines,
				      json_sprintf("%s = %s", key, ta_json_text(settings, key)));
	if (json_array_size(lines) < json_object_size(settings))
		ticket->failed = true;
	if (!json_array_size(lines))
		return;
	ta_markdown_fence(&ticket->text, "ini", lines);
	ta_buf_char(&ticket->text, '\n');
}

/* What to look for in the code, by runtime. */
static void add_code(struct ta_ticket *ticket, const json_t *code, bool verbose)
{
	size_t count = json_object_size(code), shown = 0;
	const char *runtime;
	json_t *hint;

	json_object_foreach ((json_t *)code, runtime, hint)
		if (verbose || shown++ < HINTS_MAX)
			ta_ticket_field(ticket, runtime, json_string_value(hint));
	if (!verbose && count > HINTS_MAX)
		ta_buf_printf(&ticket->text, _("- %zu more: `tcpadvise --verbose`\n"),
			      count - HINTS_MAX);
	ta_buf_str(&ticket->text, count ? "\n" : "");
}

static void add_risk(struct ta_ticket *ticket, const json_t *fix)
{
	ta_auto(ta_buf_done) struct ta_buf both = TA_BUF_INIT(65536);
	const char *risk = ta_json_text(fix, "risk"), *text = ta_json_text(fix, "risk_text");

	if (*risk && *text)
		ta_buf_printf(&both, _("%s. %s"), _(risk), text);
	else
		ta_buf_str(&both, *risk ? _(risk) : text);
	ta_ticket_field(ticket, _("Risk"), ta_buf_cstr(&both));
}

static void add_details(struct ta_ticket *ticket, const json_t *fix)
{
	size_t start = ticket->text.len;

	ta_ticket_field(ticket, _("Effect"), ta_json_text(fix, "effect"));
	add_risk(ticket, fix);
	ta_ticket_field(ticket, _("Restart"), ta_json_text(fix, "restart"));
	ta_ticket_field(ticket, _("Verify"), ta_json_text(fix, "verify"));
	ta_ticket_field(ticket, _("Undo"), ta_json_text(fix, "revert"));
	ta_buf_str(&ticket->text, ticket->text.len > start ? "\n" : "");
}

static void add_fix(struct ta_ticket *ticket, size_t number, const json_t *fix,
		    struct ta_telling_options telling)
{
	const json_t *commands = json_object_get(fix, "commands");

	ta_buf_printf(&ticket->text, _("**Fix %zu: "), number);
	ta_ticket_prose(ticket, ta_json_text(fix, "title"));
	ta_buf_str(&ticket->text, "**\n\n");
	if (telling.in_full) {
		ta_ticket_paragraph(ticket, ta_json_text(fix, "text"));
		add_code(ticket, json_object_get(fix, "code"), telling.verbose);
	}
	if (json_object_size(commands))
		add_commands(ticket, commands);
	else
		add_settings(ticket, json_object_get(fix, "settings"));
	if (telling.in_full)
		add_details(ticket, fix);
}

/* Of the worst finding the first fix stands in the open, as the one to begin with. */
static void add_fixes(struct ta_ticket *ticket, const json_t *fixes,
		      struct ta_telling_options telling)
{
	size_t count = json_array_size(fixes), i;
	bool folds = telling.is_worst && count > 1;
	const json_t *fix;

	json_array_foreach (fixes, i, fix) {
		if (folds && i == 1)
			ta_ticket_fold(ticket, "###", _("Further fixes"));
		ta_ticket_block(ticket,
				telling.is_worst && i > 0 ? TA_WORTH_PROBLEM : telling.worth);
		add_fix(ticket, i + 1, fix, telling);
	}
	if (folds)
		ta_ticket_close(ticket);
}

/* ---- what not to do, and where to read more ------------------------------------------- */

/* A part of a note is worth no more than the note. */
static enum ta_worth least(enum ta_worth one, enum ta_worth other)
{
	return one < other ? one : other;
}

static void add_avoid(struct ta_ticket *ticket, const json_t *avoid, enum ta_worth worth)
{
	const json_t *item;
	size_t i;

	ta_ticket_fold(ticket, "###", _("What not to do"));
	json_array_foreach (avoid, i, item) {
		ta_ticket_block(ticket, least(worth, TA_WORTH_AVOID));
		ta_buf_str(&ticket->text, "- **");
		ta_ticket_prose(ticket, ta_json_text(item, "setting"));
		ta_buf_str(&ticket->text, "**");
		ta_buf_str(&ticket->text, _(": "));
		ta_ticket_prose(ticket, ta_json_text(item, "why"));
		ta_buf_char(&ticket->text, '\n');
	}
	ta_ticket_close(ticket);
}

/* A link that can't end before its end; what else is there is shown as it is. */
static bool is_link(const char *url)
{
	bool is_web = strncmp(url, "https://", strlen("https://")) == 0 ||
		      strncmp(url, "http://", strlen("http://")) == 0;

	for (const char *c = url; *c; c++)
		if (*c <= ' ' || *c == 0x7f || strchr("()<>[]|\\`\"", *c))
			return false;
	return is_web;
}

static void add_reference(struct ta_ticket *ticket, const json_t *reference)
{
	const char *url = ta_json_text(reference, "url");

	ta_buf_str(&ticket->text, is_link(url) ? "- [" : "- ");
	ta_ticket_prose(ticket, ta_json_text(reference, "title"));
	if (is_link(url)) {
		ta_buf_printf(&ticket->text, "](%s)\n", url);
		return;
	}
	ta_buf_char(&ticket->text, ' ');
	ta_markdown_name(&ticket->text, url);
	ta_buf_char(&ticket->text, '\n');
}

static void add_references(struct ta_ticket *ticket, const json_t *references, enum ta_worth worth)
{
	const json_t *reference;
	size_t i;

	ta_ticket_fold(ticket, "###", _("To read more"));
	json_array_foreach (references, i, reference) {
		ta_ticket_block(ticket, least(worth, TA_WORTH_REFERENCE));
		add_reference(ticket, reference);
	}
	ta_ticket_close(ticket);
}

void ta_ticket_finding(struct ta_ticket *ticket, const json_t *finding,
		       struct ta_telling_options telling)
{
	bool with_reason = telling.in_full || telling.worth != TA_WORTH_CONSEQUENCE;

	ta_ticket_block(ticket, telling.worth);
	add_evidence(ticket, json_object_get(finding, "evidence"));
	if (with_reason) {
		ta_ticket_block(ticket, telling.worth);
		ta_ticket_paragraph(ticket, ta_json_text(finding, "diagnosis"));
	}
	add_fixes(ticket, json_object_get(finding, "fixes"), telling);
	if (!telling.in_full)
		return;
	add_avoid(ticket, json_object_get(finding, "avoid"), telling.worth);
	add_references(ticket, json_object_get(finding, "references"), telling.worth);
}
