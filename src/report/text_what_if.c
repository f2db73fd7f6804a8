/* text_what_if.c - what would become of the findings if settings were others: the assumptions, what
 * goes, what stays and why, and the room that there would be. */
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"
#include "report/text.h"

enum { INDENT = 2, WORD_COLUMN = 10 };

/* The words for what becomes of a finding, the worst news first. */
static const struct {
	const char *outcome, *word;
	enum ta_style style;
} words[] = {
	{ "comes", N_("comes"), TA_STYLE_CRITICAL },
	{ "worsens", N_("worsens"), TA_STYLE_CRITICAL },
	{ "stays", N_("stays"), TA_STYLE_WARNING },
	{ "open", N_("open"), TA_STYLE_DIM },
	{ "eases", N_("eases"), TA_STYLE_GOOD },
	{ "goes", N_("goes"), TA_STYLE_GOOD },
};

/* "tcp_tw_reuse = 1 (now 2), in shop-db". */
static void add_assumed(struct ta_buf *out, const json_t *row)
{
	const char *at = ta_json_text(row, "at"), *was = ta_json_text(row, "was");
	bool is_sysctl = strchr(ta_json_text(row, "key"), '.');

	ta_buf_printf(out, "%s = %s", ta_json_text(row, "key"), ta_json_text(row, "value"));
	if (*was)
		ta_buf_printf(out, _(" (now %s)"), was);
	if (*at && is_sysctl)
		ta_buf_printf(out, _(", in %s"), at);
	else if (*at)
		ta_buf_printf(out, _(", of %s"), at);
}

static void put_assumed(struct ta_page *page, const json_t *assumed)
{
	const json_t *row;
	size_t i;

	json_array_foreach (assumed, i, row) {
		ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(page->out->cap);

		add_assumed(&line, row);
		ta_page_column(page, INDENT);
		ta_page_prose(page, 2 * INDENT, ta_buf_cstr(&line));
		ta_page_newline(page);
	}
}

const char *ta_text_place(const json_t *scope)
{
	const char *name = ta_json_text(scope, "namespace");

	return strcmp(name, "host") == 0 || strcmp(name, "current") == 0 ? "" : name;
}

static void put_finding(struct ta_page *page, const json_t *row, const char *word,
			enum ta_style style)
{
	const char *severity = ta_json_text(row, "severity_before");
	const char *then = ta_json_text(row, "severity_after");
	const char *text = ta_json_text(row, "text");
	const char *place = ta_text_place(json_object_get(row, "scope"));
	bool moves = *severity && *then && strcmp(severity, then) != 0;

	ta_page_column(page, INDENT);
	ta_page_style(page, style);
	ta_page_raw(page, _(word));
	ta_page_plain(page);
	ta_page_column(page, WORD_COLUMN);
	if (moves)
		ta_page_sentence(page, WORD_COLUMN, _("%s to %s:"), _(severity), _(then));
	else
		ta_page_sentence(page, WORD_COLUMN, _("%s:"), _(*severity ? severity : then));
	ta_page_join(page);
	if (*place)
		ta_page_sentence(page, WORD_COLUMN, _("%s: "), place);
	if (*place)
		ta_page_join(page);
	ta_page_sentence(page, WORD_COLUMN, "%s [%s]", ta_json_text(row, "title"),
			 ta_json_text(row, "rule"));
	ta_page_newline(page);
	if (!*text)
		return;
	ta_page_column(page, WORD_COLUMN);
	ta_page_prose(page, WORD_COLUMN, text);
	ta_page_newline(page);
}

/* What an assumption does not touch is counted unless everything is asked for. */
static bool is_told(const json_t *row, bool verbose)
{
	return verbose || strcmp(ta_json_text(row, "because"), "unrelated") != 0;
}

static void put_findings(struct ta_page *page, const json_t *rows, bool verbose)
{
	size_t untold = 0, i;
	const json_t *row;

	for (size_t word = 0; word < TA_ARRAY_SIZE(words); word++)
		json_array_foreach (rows, i, row) {
			if (strcmp(ta_json_text(row, "outcome"), words[word].outcome) != 0)
				continue;
			if (is_told(row, verbose))
				put_finding(page, row, words[word].word, words[word].style);
			else
				untold++;
		}
	if (!untold)
		return;
	ta_page_column(page, INDENT);
	ta_page_sentence(page, INDENT,
			 _n("%zu finding that does not depend on it stays as it is.",
			    "%zu findings that do not depend on it stay as they are.", untold),
			 untold);
	ta_page_newline(page);
}

static void put_no_help(struct ta_page *page, const json_t *rows)
{
	const json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		ta_page_column(page, INDENT);
		ta_page_style(page, TA_STYLE_WARNING);
		ta_page_sentence(page, 2 * INDENT, _("%s = %s would not help."),
				 ta_json_text(row, "key"), ta_json_text(row, "value"));
		ta_page_plain(page);
		ta_page_join(page);
		ta_page_prose(page, 2 * INDENT, ta_json_text(row, "why"));
		ta_page_newline(page);
	}
}

/* ---- the room that there would be ---------------------------------------------------- */

static void add_time(struct ta_buf *out, const json_t *seconds)
{
	json_int_t s = json_integer_value(seconds);

	if (!seconds)
		return;
	if (s < 120)
		ta_buf_printf(out, _(", full in %lld s"), (long long)s);
	else if (s < 7200)
		ta_buf_printf(out, _(", full in %lld min"), (long long)s / 60);
	else
		ta_buf_printf(out, _(", full in %lld h"), (long long)s / 3600);
}

static void add_side(struct ta_buf *out, const json_t *row, const char *limit, const char *rate,
		     const char *full)
{
	const json_t *per_s = json_object_get(row, rate);

	ta_buf_printf(out, "%" JSON_INTEGER_FORMAT,
		      json_integer_value(json_object_get(row, limit)));
	if (per_s)
		ta_buf_printf(out, _(" (%lld connections/s)"),
			      (long long)json_integer_value(per_s));
	add_time(out, json_object_get(row, full));
}

void ta_print_room(struct ta_buf *out, const json_t *row)
{
	const char *object = ta_json_text(row, "object"), *place = ta_text_place(row);

	if (*place)
		ta_buf_printf(out, _("%s: "), place);
	ta_buf_str(out, _(ta_json_text(row, "resource")));
	if (*object)
		ta_buf_printf(out, _(", %s"), object);
	ta_buf_printf(out, _(": %lld used of "),
		      (long long)json_integer_value(json_object_get(row, "used")));
	add_side(out, row, "limit_now", "connections_per_s_now", "full_in_s_now");
	ta_buf_str(out, _("; then of "));
	add_side(out, row, "limit_then", "connections_per_s_then", "full_in_s_then");
}

static void put_room(struct ta_page *page, const json_t *row)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(page->out->cap);

	ta_print_room(&line, row);
	ta_page_column(page, INDENT);
	ta_page_prose(page, 2 * INDENT, ta_buf_cstr(&line));
	ta_page_newline(page);
}

void ta_text_outlook(struct ta_page *page, const json_t *outlook, bool verbose)
{
	const json_t *headroom = json_object_get(outlook, "headroom"), *row;
	size_t i;

	put_no_help(page, json_object_get(outlook, "no_help"));
	put_findings(page, json_object_get(outlook, "findings"), verbose);
	json_array_foreach (headroom, i, row)
		put_room(page, row);
}

void ta_text_what_if(struct ta_page *page, const json_t *report, bool verbose)
{
	const json_t *outlook = json_object_get(report, "what_if");

	if (!outlook)
		return;
	ta_page_heading(page, _("What if"));
	put_assumed(page, json_object_get(outlook, "assumed"));
	ta_text_outlook(page, outlook, verbose);
	ta_page_column(page, INDENT);
	ta_page_style(page, TA_STYLE_DIM);
	ta_page_prose(page, INDENT,
		      _("The report below is that of the assumed settings; what was measured is "
			"as it was."));
	ta_page_plain(page);
	ta_page_newline(page);
}
