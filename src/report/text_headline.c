/* text_headline.c - the first screen of the report, for who has ten seconds: the worst finding, or
 * where there is none what speaks for that. */
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"
#include "base/text.h"
#include "report/figure.h"
#include "report/summary.h"
#include "report/text.h"

enum { INDENT = 2, GAP = 2, COMMANDS_MAX = 4, BAR_MIN = 10, BAR_MAX = 32 };

TA_DEFINE_AUTO(json_t, json_decref)

/* ---- the worst finding ---------------------------------------------------------------- */

static const char *const labels[] = { N_("Who"), N_("Figure"), N_("Do") };
enum { WHO, FIGURE, DO };

/* Where what stands beside the labels begins. */
static size_t body_column(void)
{
	size_t widest = ta_severity_width();

	for (size_t i = 0; i < TA_ARRAY_SIZE(labels); i++) {
		const char *label = _(labels[i]);
		size_t width = INDENT + ta_text_width(label, strlen(label));

		widest = width > widest ? width : widest;
	}
	return widest + GAP;
}

static void put_label(struct ta_page *page, const char *label)
{
	ta_page_column(page, INDENT);
	ta_page_style(page, TA_STYLE_DIM);
	ta_page_raw(page, _(label));
	ta_page_plain(page);
	ta_page_column(page, body_column());
}

/* The authors of the rules put first what tells most: the first row with a limit, or else the first
 * that is a number. */
static const json_t *telling_figure(const json_t *evidence)
{
	const json_t *row;
	double share;
	size_t i;

	json_array_foreach (evidence, i, row)
		if (ta_figure_share(row, &share))
			return row;
	json_array_foreach (evidence, i, row)
		if (json_is_number(json_object_get(row, "value")))
			return row;
	return NULL;
}

static void put_bar(struct ta_page *page, const json_t *row)
{
	size_t columns = page->width / 4;
	double share;

	if (!ta_figure_share(row, &share))
		return;
	columns = columns < BAR_MIN ? BAR_MIN : columns > BAR_MAX ? BAR_MAX : columns;
	ta_page_style(page, share >= 1 ? TA_STYLE_CRITICAL : TA_STYLE_WARNING);
	ta_page_bar(page, share, columns);
	ta_page_plain(page);
	ta_page_join(page);
}

/* "[########----] 51 of 128 connections 39% (waiting for accept())". */
static void put_figure(struct ta_page *page, const json_t *row)
{
	ta_auto(ta_buf_done) struct ta_buf amount = TA_BUF_INIT(65536);
	const char *label = ta_json_text(row, "label");
	char percent[TA_PERCENT_SIZE];
	size_t left = body_column();

	put_label(page, labels[FIGURE]);
	put_bar(page, row);
	ta_figure_amount(&amount, row);
	ta_page_style(page, TA_STYLE_BOLD);
	ta_page_prose(page, left, ta_buf_cstr(&amount));
	if (ta_figure_percent(row, percent)) {
		ta_page_join(page);
		ta_page_prose(page, left, percent);
	}
	ta_page_plain(page);
	ta_page_join(page);
	if (*label)
		ta_page_sentence(page, left, _("(%s)"), label);
	ta_page_newline(page);
}

static const json_t *shell_of(const json_t *fix)
{
	const json_t *lines = json_object_get(json_object_get(fix, "commands"), "shell");

	return json_array_size(lines) ? lines : NULL;
}

/* The first with something to paste that does no harm; else the first in the program. */
static const json_t *first_fix(const json_t *fixes)
{
	const json_t *fix;
	size_t i;

	json_array_foreach (fixes, i, fix)
		if (shell_of(fix) && strcmp(ta_json_text(fix, "risk"), "high") != 0)
			return fix;
	json_array_foreach (fixes, i, fix)
		if (strcmp(ta_json_text(fix, "kind"), "application") == 0)
			return fix;
	return json_array_get(fixes, 0);
}

static void put_commands(struct ta_page *page, const json_t *lines)
{
	size_t count = json_array_size(lines), left = body_column() + INDENT;

	for (size_t i = 0; i < count && i < COMMANDS_MAX; i++) {
		const char *line = json_string_value(json_array_get(lines, i));

		ta_page_column(page, left);
		ta_page_style(page, TA_STYLE_COMMAND);
		ta_page_text(page, line ? line : "?");
		ta_page_plain(page);
		ta_page_newline(page);
	}
	if (count <= COMMANDS_MAX)
		return;
	ta_page_column(page, left);
	ta_page_sentence(
		page, left,
		_n("(%zu more line below)", "(%zu more lines below)", count - COMMANDS_MAX),
		count - COMMANDS_MAX);
	ta_page_newline(page);
}

static void put_fix(struct ta_page *page, const json_t *fix)
{
	put_label(page, labels[DO]);
	ta_page_style(page, TA_STYLE_BOLD);
	ta_page_prose(page, body_column(), ta_json_text(fix, "title"));
	ta_page_plain(page);
	ta_page_newline(page);
	put_commands(page, shell_of(fix));
}

void ta_text_headline(struct ta_page *page, const json_t *finding)
{
	enum ta_severity severity = ta_finding_severity(finding);
	const json_t *figure = telling_figure(json_object_get(finding, "evidence"));
	const json_t *fix = first_fix(json_object_get(finding, "fixes"));
	size_t left = body_column();

	ta_page_gap(page);
	ta_page_style(page, ta_severity_style(severity));
	ta_page_raw(page, ta_severity_word(severity));
	ta_page_plain(page);
	ta_page_column(page, left);
	ta_page_style(page, TA_STYLE_BOLD);
	ta_page_prose(page, left, ta_json_text(finding, "title"));
	ta_page_plain(page);
	ta_page_newline(page);
	put_label(page, labels[WHO]);
	ta_text_who(page, left, finding);
	if (figure)
		put_figure(page, figure);
	if (fix)
		put_fix(page, fix);
}

/* ---- nothing is wrong ------------------------------------------------------------------ */

/* What people suspect first. */
static const char *const suspects[] = {
	"accept_queue_overflow", "syn_queue_overflow",   "ephemeral_port_exhaustion",
	"close_wait_leak",       "tw_bucket_overflow",   "fd_limit_process",
	"fd_limit_system",       "conntrack_full",       "tcp_mem_pressure",
	"orphan_limit",          "snat_port_exhaustion", "syn_sent_peer_unreachable",
};

enum { REASSURANCES_MAX = 8 };

static const char *ruled_out(const json_t *rows, const char *class)
{
	const json_t *row;
	size_t i;

	json_array_foreach (rows, i, row)
		if (strcmp(ta_json_text(row, "class"), class) == 0)
			return ta_json_text(row, "text");
	return NULL;
}

static void put_seen(struct ta_page *page, const json_t *report)
{
	const json_t *seen = json_object_get(json_object_get(report, "collection"), "sockets_seen");
	size_t places = json_array_size(json_object_get(report, "namespaces"));
	size_t passed = json_array_size(json_object_get(report, "passed"));

	ta_page_column(page, INDENT);
	if (seen && places)
		ta_page_sentence(page, 2 * INDENT,
				 _n("%lld sockets in %zu network namespace were looked at.",
				    "%lld sockets in %zu network namespaces were looked at.",
				    places),
				 (long long)json_integer_value(seen), places);
	ta_page_join(page);
	ta_page_sentence(page, 2 * INDENT,
			 _n("%zu check passed:", "%zu checks passed, among them:", passed), passed);
	ta_page_newline(page);
}

void ta_text_reassurance(struct ta_page *page, const json_t *report)
{
	const json_t *rows = json_object_get(report, "ruled_out");
	ta_auto(json_decref_p) json_t *told = json_object();

	if (!json_array_size(rows))
		return;
	ta_page_heading(page, _("Why to believe it"));
	put_seen(page, report);
	for (size_t i = 0; i < TA_ARRAY_SIZE(suspects); i++) {
		const char *text = ruled_out(rows, suspects[i]);

		if (!text || json_object_get(told, text) ||
		    json_object_size(told) == REASSURANCES_MAX)
			continue;
		if (!ta_json_set(told, text, json_true()))
			page->out->failed = TA_E_NOMEM;
		ta_page_column(page, INDENT);
		ta_page_style(page, TA_STYLE_GOOD);
		ta_page_raw(page, page->ascii ? "+ " : "\u2713 ");
		ta_page_plain(page);
		ta_page_prose(page, 2 * INDENT, text);
		ta_page_newline(page);
	}
}
