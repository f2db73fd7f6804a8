/* html_lists.c - what is told in lists: what would become of the findings, what is silenced, ruled
 * out, not checked, what to run next, and what could not be read. */
#include "base/json.h"
#include "base/language.h"
#include "report/html.h"
#include "report/ruled_out.h"
#include "report/summary.h"
#include "report/text.h"

enum { LIST_MAX = 300, LINE_MAX = 1 << 20 };

/* ---- what if ---------------------------------------------------------------------------- */

static void put_assumed(struct ta_buf *out, const json_t *assumed)
{
	const json_t *row;
	size_t i;

	ta_html(out, "<ul>\n");
	json_array_foreach (assumed, i, row) {
		const char *was = ta_json_text(row, "was"), *at = ta_json_text(row, "at");

		ta_html(out, "<li><code>%s = %s</code>", ta_json_text(row, "key"),
			ta_json_text(row, "value"));
		if (*was) {
			ta_html(out, " ");
			ta_html_sentence(out, _("(now %s)"), was);
		}
		ta_html(out, *at ? " <span class=\"dim\">%s</span></li>\n" : "</li>\n", at);
	}
	ta_html(out, "</ul>\n");
}

static void put_outcome(struct ta_buf *out, const json_t *row)
{
	const char *before = ta_json_text(row, "severity_before");
	const char *after = ta_json_text(row, "severity_after");

	ta_html(out,
		"<tr><th scope=\"row\">%s</th><td>%s%s%s</td><td>%s %s <code "
		"class=\"dim\">%s</code>"
		"</td></tr>\n",
		_(ta_json_text(row, "outcome")), *before ? _(before) : "",
		*before && *after ? " \xe2\x86\x92 " : "", *after ? _(after) : "",
		ta_json_text(row, "title"), ta_json_text(row, "text"), ta_json_text(row, "rule"));
}

static void put_outcomes(struct ta_buf *out, const json_t *rows)
{
	const json_t *row;
	size_t i;

	if (json_array_size(rows) == 0)
		return;
	ta_html(out,
		"<div class=\"scroll\"><table><thead><tr><th scope=\"col\">%s</th>"
		"<th scope=\"col\">%s</th><th scope=\"col\">%s</th></tr></thead><tbody>\n",
		_("Outcome"), _("Severity"), _("Finding"));
	json_array_foreach (rows, i, row)
		if (i < LIST_MAX)
			put_outcome(out, row);
	ta_html(out, "</tbody></table></div>\n");
	ta_html_more(out, i > LIST_MAX ? i - LIST_MAX : 0);
}

static void put_room(struct ta_buf *out, const json_t *headroom)
{
	const json_t *row;
	size_t i;

	ta_html(out, "<ul>\n");
	json_array_foreach (headroom, i, row) {
		ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(LINE_MAX);

		ta_print_room(&line, row);
		ta_html(out, "<li>%s</li>\n", ta_buf_cstr(&line));
	}
	ta_html(out, "</ul>\n");
}

static void put_no_help(struct ta_buf *out, const json_t *rows)
{
	const json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		ta_html(out, "<p><strong>");
		ta_html_sentence(out, _("%s = %s would not help."), ta_json_text(row, "key"),
				 ta_json_text(row, "value"));
		ta_html(out, "</strong> %s</p>\n", ta_json_text(row, "why"));
	}
}

void ta_html_what_if(struct ta_html *html)
{
	const json_t *outlook = json_object_get(html->report, "what_if");

	if (!outlook)
		return;
	ta_html_section(html, "what-if", _("What if"));
	put_assumed(html->out, json_object_get(outlook, "assumed"));
	put_no_help(html->out, json_object_get(outlook, "no_help"));
	put_outcomes(html->out, json_object_get(outlook, "findings"));
	put_room(html->out, json_object_get(outlook, "headroom"));
	ta_html_note(html->out,
		     _("The report below is that of the assumed settings; what was measured "
		       "is as it was."));
	ta_html_section_end(html);
}

/* ---- silenced --------------------------------------------------------------------------- */

void ta_html_silenced(struct ta_html *html)
{
	const json_t *finding;
	size_t i;

	if (!html->outline.silenced)
		return;
	ta_html_section(html, "silenced", _("Silenced"));
	ta_html(html->out, "<ul>\n");
	json_array_foreach (json_object_get(html->report, "findings"), i, finding) {
		ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(LINE_MAX);

		if (!json_object_get(finding, "silenced"))
			continue;
		ta_summary_silenced(&line, finding);
		ta_html(html->out, "<li>%s</li>\n", ta_buf_cstr(&line));
	}
	ta_html(html->out, "</ul>\n");
	ta_html_section_end(html);
}

/* ---- ruled out -------------------------------------------------------------------------- */

/* The classes: what is so in several namespaces is told of one. */
static void put_classes(struct ta_html *html)
{
	json_auto_t *groups = ta_ruled_out_groups(json_object_get(html->report, "ruled_out"));
	const json_t *group;
	size_t i;

	if (!groups)
		html->out->failed = TA_E_NOMEM;
	ta_html(html->out, "<ul class=\"passed\">\n");
	json_array_foreach (groups, i, group) {
		const json_t *row = json_object_get(group, "row");
		size_t more = (size_t)json_integer_value(json_object_get(group, "more"));

		ta_html(html->out, "<li>%s ", ta_json_text(row, "text"));
		if (more)
			ta_html_sentence(html->out, _("(And so in %zu more.)"), more);
		ta_html(html->out, " <code class=\"dim\">%s</code></li>\n",
			ta_json_text(row, "class"));
	}
	ta_html(html->out, "</ul>\n");
}

static void put_passed_row(struct ta_html *html, const json_t *row)
{
	const char *namespace = html->many ? ta_json_string(row, "namespace") : NULL;

	ta_html(html->out, "<li>");
	if (namespace)
		ta_html(html->out, "<strong>%s</strong> ", namespace);
	ta_html(html->out, "%s <code class=\"dim\">%s</code></li>\n", ta_json_text(row, "text"),
		ta_json_text(row, "rule"));
}

static void put_passed(struct ta_html *html, const json_t *rows)
{
	const json_t *row;
	size_t i;

	ta_html(html->out, "<ul class=\"passed\">\n");
	json_array_foreach (rows, i, row)
		if (i < LIST_MAX)
			put_passed_row(html, row);
	ta_html(html->out, "</ul>\n");
	ta_html_more(html->out, i > LIST_MAX ? i - LIST_MAX : 0);
}

void ta_html_ruled_out(struct ta_html *html)
{
	const json_t *passed = json_object_get(html->report, "passed");
	size_t count = json_array_size(passed);

	if (!count)
		return;
	ta_html_section(html, "ruled-out", _("Ruled out"));
	put_classes(html);
	ta_html(html->out, "<details><summary>");
	ta_html_sentence(html->out, _n("%zu check that passed", "%zu checks that passed", count),
			 count);
	ta_html(html->out, "</summary>\n");
	put_passed(html, passed);
	ta_html(html->out, "</details>\n");
	ta_html_section_end(html);
}

/* ---- not checked ------------------------------------------------------------------------ */

static void put_unchecked_group(struct ta_buf *out, const char *why, const json_t *group)
{
	ta_auto(ta_buf_done) struct ta_buf facts = TA_BUF_INIT(LINE_MAX);
	ta_auto(ta_buf_done) struct ta_buf rules = TA_BUF_INIT(LINE_MAX);

	ta_summary_set(&facts, json_object_get(group, "facts"));
	ta_summary_set(&rules, json_object_get(group, "rules"));
	ta_html(out, "<details><summary>%s</summary>\n", why);
	if (facts.len)
		ta_html(out, "<p>%s <code>%s</code></p>\n", _("Facts that are missing:"),
			ta_buf_cstr(&facts));
	ta_html(out, "<p>%s <code>%s</code></p></details>\n", _("Rules that need them:"),
		ta_buf_cstr(&rules));
}

void ta_html_unchecked(struct ta_html *html)
{
	json_auto_t *groups = ta_summary_unchecked(json_object_get(html->report, "not_checked"));
	const char *why;
	json_t *group;

	if (!groups)
		html->out->failed = TA_E_NOMEM;
	if (json_object_size(groups) == 0)
		return;
	ta_html_section(html, "not-checked", _("Not checked"));
	json_object_foreach (groups, why, group)
		put_unchecked_group(html->out, why, group);
	ta_html_section_end(html);
}

/* ---- next ------------------------------------------------------------------------------- */

void ta_html_next(struct ta_html *html)
{
	const json_t *rows = json_object_get(html->report, "next"), *row;
	size_t i;

	/* a live host needs none of them: what it lacks it says why */
	if (json_array_size(rows) == 0 || !json_object_get(html->report, "evidence"))
		return;
	ta_html_section(html, "next", _("Next, to settle what is open"));
	ta_html(html->out, "<ol>\n");
	json_array_foreach (rows, i, row)
		if (i < LIST_MAX)
			ta_html(html->out,
				"<li><p>%s</p><pre class=\"copy\"><code>%s</code></pre></li>\n",
				ta_json_text(row, "why"), ta_json_text(row, "command"));
	ta_html(html->out, "</ol>\n");
	ta_html_more(html->out, i > LIST_MAX ? i - LIST_MAX : 0);
	ta_html_section_end(html);
}

/* ---- gaps ------------------------------------------------------------------------------- */

void ta_html_gaps(struct ta_html *html)
{
	const json_t *gaps = json_object_get(html->report, "gaps"), *gap;
	size_t i;

	if (json_array_size(gaps) == 0)
		return;
	ta_html_section(html, "gaps", _("Could not be read"));
	ta_html(html->out, "<dl class=\"facts\">\n");
	json_array_foreach (gaps, i, gap) {
		const char *why = ta_json_string(gap, "why");

		if (i < LIST_MAX)
			ta_html(html->out, "<dt>%s</dt><dd>%s</dd>\n", ta_json_text(gap, "what"),
				why ? why : _("no reason known"));
	}
	ta_html(html->out, "</dl>\n");
	ta_html_more(html->out, i > LIST_MAX ? i - LIST_MAX : 0);
	ta_html_section_end(html);
}
