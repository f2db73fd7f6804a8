/* text_finding.c - one finding as text: what, who, how much, why, what to do and what not.
 *
 * Lines to paste stand alone and are never folded: a terminal that folds them itself still
 * copies them whole. Everything else keeps to the width of the page. */
#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "base/text.h"
#include "report/dialect_title.h"
#include "report/figure.h"
#include "report/summary.h"
#include "report/text.h"

/* Columns of the evidence table: a longer label or amount pushes the rest of its row on. */
enum { LABEL_MAX = 34, AMOUNT_MAX = 34, PERCENT_WIDTH = 4, GAP = 2, SOURCE_MIN = 12 };

enum { REFERENCES_MAX = 2, HINTS_MAX = 4 };

enum { STEP = 2, DEEPEST = 4 };

struct columns {
	size_t amount, percent, source;
};

static size_t min(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t max(size_t a, size_t b)
{
	return a > b ? a : b;
}

static size_t measure_amount(const struct ta_page *page, const json_t *row)
{
	ta_auto(ta_buf_done) struct ta_buf amount = TA_BUF_INIT(65536);

	ta_figure_amount(&amount, row);
	return ta_page_measure(page, ta_buf_cstr(&amount));
}

static struct columns measure_evidence(const struct ta_page *page, const json_t *evidence,
				       size_t left)
{
	struct columns columns = { .amount = 0 };
	char percent[TA_PERCENT_SIZE];
	size_t label = 0, amount = 0, i;
	bool has_percent = false;
	const json_t *row;

	json_array_foreach (evidence, i, row) {
		const char *name = ta_json_string(row, "label");

		label = max(label, name ? min(ta_page_measure(page, name), LABEL_MAX) : 0);
		amount = max(amount, min(measure_amount(page, row), AMOUNT_MAX));
		has_percent |= ta_figure_percent(row, percent);
	}
	columns.amount = left + label + GAP;
	columns.percent = columns.amount + amount + GAP;
	columns.source = columns.percent + (has_percent ? PERCENT_WIDTH + GAP : 0);
	return columns;
}

/* Goes to a column, or at least two blanks on from what is too long. */
static void tab(struct ta_page *page, size_t column)
{
	ta_page_column(page, column > page->column ? column : page->column + GAP);
}

/* In its column if there is room, else close to the amount, else on a line of its own. */
static void put_source(struct ta_page *page, const struct columns *columns, const char *source)
{
	size_t need =
		min(ta_page_measure(page, source), strchr(source, ' ') ? SOURCE_MIN : SIZE_MAX);
	size_t left = max(columns->source, page->column + GAP);

	if (left + need > page->width)
		left = page->column + GAP;
	if (left + need > page->width) {
		ta_page_newline(page);
		left = columns->amount;
	}
	ta_page_column(page, left);
	ta_page_style(page, TA_STYLE_DIM);
	ta_page_prose(page, left, source);
	ta_page_plain(page);
}

static void put_evidence_row(struct ta_page *page, size_t left, const struct columns *columns,
			     const json_t *row)
{
	ta_auto(ta_buf_done) struct ta_buf amount = TA_BUF_INIT(65536);
	const char *label = ta_json_string(row, "label");
	const char *source = ta_json_string(row, "source");
	char percent[TA_PERCENT_SIZE];

	ta_page_column(page, left);
	ta_page_text(page, label ? label : "");
	tab(page, columns->amount);
	ta_figure_amount(&amount, row);
	ta_page_style(page, TA_STYLE_BOLD);
	ta_page_text(page, ta_buf_cstr(&amount));
	ta_page_plain(page);
	if (ta_figure_percent(row, percent)) {
		size_t end = columns->percent + PERCENT_WIDTH;

		tab(page, end - min(PERCENT_WIDTH, strlen(percent)));
		ta_page_raw(page, percent);
	}
	if (source && *source)
		put_source(page, columns, source);
	ta_page_newline(page);
}

static void put_evidence(struct ta_page *page, size_t left, const json_t *evidence)
{
	struct columns columns = measure_evidence(page, evidence, left);
	const json_t *row;
	size_t i;

	json_array_foreach (evidence, i, row)
		put_evidence_row(page, left, &columns, row);
}

/* "Label: prose", folded under its own beginning. Nothing when there is no prose. */
static void put_labelled(struct ta_page *page, size_t left, const char *label, const char *prose)
{
	if (!prose || !*prose)
		return;
	ta_page_column(page, left);
	ta_page_style(page, TA_STYLE_DIM);
	ta_page_raw(page, label);
	ta_page_plain(page);
	ta_page_join(page);
	ta_page_prose(page, left + STEP, prose);
	ta_page_newline(page);
}

static void put_paragraph(struct ta_page *page, size_t left, const char *prose)
{
	if (!prose || !*prose)
		return;
	ta_page_column(page, left);
	ta_page_prose(page, left, prose);
	ta_page_newline(page);
}

static void put_command(struct ta_page *page, size_t left, const char *line)
{
	ta_page_column(page, left);
	ta_page_style(page, TA_STYLE_COMMAND);
	ta_page_text(page, line);
	ta_page_plain(page);
	ta_page_newline(page);
}

static void put_commands(struct ta_page *page, size_t left, const json_t *commands)
{
	const char *dialect;
	const json_t *lines, *line;
	size_t i;

	json_object_foreach ((json_t *)commands, dialect, lines) {
		const char *title = ta_dialect_title(dialect);

		if (title) {
			ta_page_column(page, left);
			ta_page_sentence(page, left, _("%s:"), title);
			ta_page_newline(page);
		}
		json_array_foreach (lines, i, line) {
			if (json_is_string(line))
				put_command(page, left + STEP, json_string_value(line));
		}
	}
}

/* Settings that came without commands are still something to do. */
static void put_settings(struct ta_page *page, size_t left, const json_t *settings)
{
	const char *key;
	const json_t *value;

	json_object_foreach ((json_t *)settings, key, value) {
		const char *text = json_string_value(value);

		ta_page_column(page, left + STEP);
		ta_page_text(page, key);
		ta_page_raw(page, " = ");
		ta_page_text(page, text ? text : "?");
		ta_page_newline(page);
	}
}

/* In the words of a report. */
static const char *risk_word(const char *risk)
{
	static const char *const words[] = { N_("none"), N_("low"), N_("medium"), N_("high") };

	for (size_t i = 0; i < TA_ARRAY_SIZE(words); i++)
		if (risk && strcmp(words[i], risk) == 0)
			return _(words[i]);
	return risk;
}

static void put_risk(struct ta_page *page, size_t left, const json_t *fix)
{
	const char *risk = risk_word(ta_json_string(fix, "risk"));
	const char *text = ta_json_string(fix, "risk_text");
	ta_auto(ta_buf_done) struct ta_buf both = TA_BUF_INIT(page->out->cap);

	if (risk && text)
		ta_buf_printf(&both, _("%s. %s"), risk, text);
	else if (risk || text)
		ta_buf_str(&both, risk ? risk : text);
	put_labelled(page, left, _("Risk:"), ta_buf_cstr(&both));
}

static void put_fix_details(struct ta_page *page, size_t left, const json_t *fix)
{
	put_labelled(page, left, _("Effect:"), ta_json_string(fix, "effect"));
	put_risk(page, left, fix);
	put_labelled(page, left, _("Restart:"), ta_json_string(fix, "restart"));
	put_labelled(page, left, _("Verify:"), ta_json_string(fix, "verify"));
	put_labelled(page, left, _("Undo:"), ta_json_string(fix, "revert"));
}

void ta_text_code(struct ta_page *page, size_t left, const json_t *code, bool verbose)
{
	size_t count = json_object_size(code);
	size_t shown = verbose ? count : min(count, HINTS_MAX);
	const char *runtime;
	const json_t *hint;
	size_t i = 0;

	json_object_foreach ((json_t *)code, runtime, hint) {
		if (i++ == shown)
			break;
		ta_page_column(page, left);
		ta_page_sentence(page, left + STEP, _("In %s: %s"), runtime,
				 ta_json_text(code, runtime));
		ta_page_newline(page);
	}
	if (shown == count)
		return;
	ta_page_column(page, left);
	ta_page_style(page, TA_STYLE_DIM);
	ta_page_sentence(page, left, _("(%zu more: --verbose)"), count - shown);
	ta_page_plain(page);
	ta_page_newline(page);
}

static void put_fix(struct ta_page *page, size_t left, size_t number, const json_t *fix,
		    bool in_full, bool verbose)
{
	const char *title = ta_json_string(fix, "title");
	size_t body;

	ta_page_column(page, left);
	ta_page_printf(page, "%zu. ", number);
	body = page->column;
	ta_page_style(page, TA_STYLE_BOLD);
	ta_page_prose(page, body, title ? title : "");
	ta_page_plain(page);
	ta_page_newline(page);
	if (in_full) {
		put_paragraph(page, body, ta_json_string(fix, "text"));
		ta_text_code(page, body, json_object_get(fix, "code"), verbose);
	}
	if (json_object_size(json_object_get(fix, "commands")))
		put_commands(page, body, json_object_get(fix, "commands"));
	else
		put_settings(page, body, json_object_get(fix, "settings"));
	if (in_full)
		put_fix_details(page, body, fix);
}

static void put_label_line(struct ta_page *page, size_t left, const char *label)
{
	ta_page_gap(page);
	ta_page_column(page, left);
	ta_page_style(page, TA_STYLE_BOLD);
	ta_page_raw(page, label);
	ta_page_plain(page);
	ta_page_newline(page);
}

static void put_fixes(struct ta_page *page, size_t left, const json_t *fixes, bool label,
		      bool in_full, bool verbose)
{
	const json_t *fix;
	size_t i;

	if (json_array_size(fixes) == 0)
		return;
	if (label)
		put_label_line(page, left, _("What to do"));
	json_array_foreach (fixes, i, fix) {
		if (in_full && i > 0)
			ta_page_gap(page);
		put_fix(page, left + STEP, i + 1, fix, in_full, verbose);
	}
}

static void put_avoid(struct ta_page *page, size_t left, const json_t *avoid)
{
	const json_t *item;
	size_t i;

	if (json_array_size(avoid) == 0)
		return;
	put_label_line(page, left, _("What not to do"));
	json_array_foreach (avoid, i, item) {
		const char *setting = ta_json_string(item, "setting");
		const char *why = ta_json_string(item, "why");

		ta_page_column(page, left + STEP);
		ta_page_sentence(page, left + 2 * STEP, _("%s: %s"), setting ? setting : "",
				 why ? why : "");
		ta_page_newline(page);
	}
}

static void put_reference(struct ta_page *page, size_t left, const json_t *reference)
{
	const char *title = ta_json_string(reference, "title");
	const char *url = ta_json_string(reference, "url");

	ta_page_column(page, left);
	ta_page_style(page, TA_STYLE_DIM);
	ta_page_sentence(page, left + STEP, _("See: %s - %s"), title ? title : "", url ? url : "");
	ta_page_plain(page);
	ta_page_newline(page);
}

/* The first ones; explain has all of them. */
static void put_references(struct ta_page *page, size_t left, const json_t *finding, bool verbose)
{
	const json_t *references = json_object_get(finding, "references");
	const char *rule = ta_json_string(finding, "rule");
	size_t count = json_array_size(references);
	size_t shown = verbose || !rule ? count : min(count, REFERENCES_MAX);

	if (count)
		ta_page_gap(page);
	for (size_t i = 0; i < shown; i++)
		put_reference(page, left, json_array_get(references, i));
	if (shown == count)
		return;
	ta_page_column(page, left);
	ta_page_style(page, TA_STYLE_DIM);
	ta_page_sentence(page, left + STEP, _("See: tcpadvise explain %s (%zu more)"), rule,
			 count - shown);
	ta_page_plain(page);
	ta_page_newline(page);
}

static void put_title(struct ta_page *page, size_t left, const json_t *finding)
{
	enum ta_severity severity = ta_finding_severity(finding);
	const char *title = ta_json_string(finding, "title");

	ta_page_column(page, left);
	ta_page_style(page, ta_severity_style(severity));
	ta_page_raw(page, ta_severity_word(severity));
	ta_page_plain(page);
	ta_page_raw(page, "  ");
	ta_page_style(page, TA_STYLE_BOLD);
	ta_page_prose(page, left + STEP, title ? title : "");
	ta_page_plain(page);
	ta_page_newline(page);
}

/* "listener 0.0.0.0:80, namespace shop-db". One about a namespace names it once. */
void ta_text_add_who(struct ta_buf *out, const json_t *finding)
{
	static const char *const kinds[] = { N_("host"), N_("namespace"), N_("process"),
					     N_("listener"), N_("destination") };
	const json_t *scope = json_object_get(finding, "scope");
	const char *own = ta_json_string(scope, "namespace");
	const char *namespace = own ? own : ta_json_string(scope, "lives_in");
	const char *kind = ta_json_text(scope, "kind");

	for (size_t i = 0; i < TA_ARRAY_SIZE(kinds); i++)
		if (strcmp(kinds[i], kind) == 0)
			ta_buf_printf(out, "%s ", _(kinds[i]));
	ta_buf_str(out, ta_json_text(scope, "object"));
	if (namespace && strcmp(kind, "namespace") != 0)
		ta_buf_printf(out, _(", namespace %s"), namespace);
}

static void put_rule(struct ta_page *page, size_t left, const json_t *finding)
{
	static const char *const unsure[] = { N_("low"), N_("medium") };
	const char *rule = ta_json_text(finding, "rule");
	const char *confidence = ta_json_text(finding, "confidence");

	for (size_t i = 0; i < TA_ARRAY_SIZE(unsure); i++)
		if (strcmp(unsure[i], confidence) == 0) {
			ta_page_sentence(page, left, _("[%s, %s confidence]"), rule, _(unsure[i]));
			return;
		}
	ta_page_sentence(page, left, "[%s]", rule);
}

void ta_text_who(struct ta_page *page, size_t left, const json_t *finding)
{
	ta_auto(ta_buf_done) struct ta_buf who = TA_BUF_INIT(page->out->cap);

	ta_text_add_who(&who, finding);
	ta_page_column(page, left);
	ta_page_prose(page, left, ta_buf_cstr(&who));
	ta_page_join(page);
	ta_page_style(page, TA_STYLE_DIM);
	put_rule(page, left, finding);
	ta_page_plain(page);
	ta_page_newline(page);
}

size_t ta_severity_width(void)
{
	size_t widest = 0;

	for (enum ta_severity i = TA_SEVERITY_INFO; i <= TA_SEVERITY_CRITICAL; i++) {
		const char *word = ta_severity_word(i);

		widest = max(widest, ta_text_width(word, strlen(word)));
	}
	return widest;
}

void ta_text_overview(struct ta_page *page, const json_t *finding, bool name_namespace, size_t more)
{
	enum ta_severity severity = ta_finding_severity(finding);
	const char *title = ta_json_string(finding, "title");
	const json_t *scope = json_object_get(finding, "scope");
	const char *own = ta_json_string(scope, "namespace");
	const char *namespace = own ? own : ta_json_string(scope, "lives_in");
	size_t left = STEP + ta_severity_width() + GAP;
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(page->out->cap);

	if (name_namespace && namespace)
		ta_buf_printf(&line, _("%s: "), namespace);
	ta_buf_str(&line, title ? title : "");
	if (more)
		ta_buf_printf(&line, _(" (and so in %zu more)"), more);
	ta_page_column(page, STEP);
	ta_page_style(page, ta_severity_style(severity));
	ta_page_raw(page, ta_severity_word(severity));
	ta_page_plain(page);
	ta_page_column(page, left);
	ta_page_prose(page, left, ta_buf_cstr(&line));
	ta_page_newline(page);
}

static size_t left_of(size_t depth)
{
	return min(depth, DEEPEST) * 2 * STEP;
}

void ta_text_consequences(struct ta_page *page, size_t depth)
{
	ta_page_column(page, left_of(depth) - STEP);
	ta_page_style(page, TA_STYLE_BOLD);
	ta_page_raw(page, _("What goes with it"));
	ta_page_plain(page);
	ta_page_newline(page);
}

void ta_text_finding(struct ta_page *page, const struct ta_outline_entry *entry, bool in_full,
		     bool verbose)
{
	size_t left = left_of(entry->depth);
	bool with_reason = in_full || entry->depth == 0;
	const json_t *finding = entry->finding;

	put_title(page, left, finding);
	left += STEP;
	ta_text_who(page, left, finding);
	if (with_reason)
		ta_page_gap(page);
	put_evidence(page, left, json_object_get(finding, "evidence"));
	if (with_reason) {
		ta_page_gap(page);
		put_paragraph(page, left, ta_json_string(finding, "diagnosis"));
	}
	if (with_reason && verbose)
		ta_text_meaning(page, left, finding);
	put_fixes(page, left, json_object_get(finding, "fixes"), with_reason, in_full, verbose);
	if (!in_full)
		return;
	put_avoid(page, left, json_object_get(finding, "avoid"));
	put_references(page, left, finding, verbose);
}
