/* html_findings.c - the findings as cards, worst first, each with its consequences below it. */
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "report/dialect_title.h"
#include "report/figure.h"
#include "report/html.h"
#include "report/summary.h"

enum { CARDS_MAX = 200, NAMED_MAX = 8, AMOUNT_MAX = 65536 };

static const char *const severity_classes[] = {
	[TA_SEVERITY_NONE] = "info",
	[TA_SEVERITY_INFO] = "info",
	[TA_SEVERITY_WARNING] = "warning",
	[TA_SEVERITY_CRITICAL] = "critical",
};

/* A card of a consequence is a level below that of its cause, and what is within a card below it.
 */
static int heading_level(const struct ta_outline_entry *entry)
{
	return entry->depth ? 4 : 3;
}

static void put_paragraph(struct ta_buf *out, const char *text)
{
	if (*text)
		ta_html(out, "<p>%s</p>\n", text);
}

/* ---- what and how much ------------------------------------------------------------------ */

static void put_who(struct ta_buf *out, const json_t *finding)
{
	const json_t *scope = json_object_get(finding, "scope");
	const char *kind = ta_json_text(scope, "kind");
	const char *own = ta_json_string(scope, "namespace");
	const char *namespace = own ? own : ta_json_string(scope, "lives_in");
	const char *confidence = ta_json_text(finding, "confidence");

	ta_html(out, "<p class=\"who\">%s <strong>%s</strong>", _(kind),
		ta_json_text(scope, "object"));
	if (namespace && strcmp(kind, "namespace") != 0) {
		ta_html(out, " <span>");
		ta_html_sentence(out, _("namespace %s"), namespace);
		ta_html(out, "</span>");
	}
	if (*confidence && strcmp(confidence, "high") != 0) {
		ta_html(out, " <span>");
		ta_html_sentence(out, _("confidence: %s"), _(confidence));
		ta_html(out, "</span>");
	}
	ta_html(out, " <code class=\"dim\">%s</code></p>\n", ta_json_text(finding, "rule"));
}

static void put_evidence_row(struct ta_buf *out, const json_t *row)
{
	ta_auto(ta_buf_done) struct ta_buf amount = TA_BUF_INIT(AMOUNT_MAX);

	ta_figure_amount(&amount, row);
	ta_html(out, "<tr><th scope=\"row\">%s</th><td class=\"amount\">%s</td><td>",
		ta_json_text(row, "label"), ta_buf_cstr(&amount));
	ta_html_bar(out, row, false);
	ta_html(out, "</td><td class=\"dim\">%s</td></tr>\n", ta_json_text(row, "source"));
}

static void put_evidence(struct ta_buf *out, const json_t *evidence)
{
	const json_t *row;
	size_t i;

	if (json_array_size(evidence) == 0)
		return;
	ta_html(out,
		"<div class=\"scroll\"><table class=\"evidence\">\n<thead><tr>"
		"<th scope=\"col\">%s</th><th scope=\"col\">%s</th><th scope=\"col\">%s</th>"
		"<th scope=\"col\">%s</th></tr></thead>\n<tbody>\n",
		_("Evidence"), _("Figure"), _("Of its limit"), _("Source"));
	json_array_foreach (evidence, i, row)
		put_evidence_row(out, row);
	ta_html(out, "</tbody></table></div>\n");
}

/* ---- what to do ------------------------------------------------------------------------- */

static void put_command_lines(struct ta_buf *out, const json_t *lines)
{
	const json_t *line;
	size_t i;

	ta_html(out, "<pre class=\"copy\"><code>");
	json_array_foreach (lines, i, line)
		if (json_is_string(line))
			ta_html(out, i ? "\n%s" : "%s", json_string_value(line));
	ta_html(out, "</code></pre>\n");
}

static void put_commands(struct ta_buf *out, const json_t *commands)
{
	const char *dialect;
	json_t *lines;

	json_object_foreach ((json_t *)commands, dialect, lines) {
		const char *title = ta_dialect_title(dialect);

		if (title)
			ta_html(out, "<p class=\"dialect\">%s</p>\n", title);
		put_command_lines(out, lines);
	}
}

/* Settings that came without commands are still something to do. */
static void put_settings(struct ta_buf *out, const json_t *settings)
{
	const char *key;
	json_t *value;

	if (json_object_size(settings) == 0)
		return;
	ta_html(out, "<pre class=\"copy\"><code>");
	json_object_foreach ((json_t *)settings, key, value)
		ta_html(out, "%s = %s\n", key,
			json_is_string(value) ? json_string_value(value) : "?");
	ta_html(out, "</code></pre>\n");
}

static void put_code(struct ta_buf *out, const json_t *code)
{
	const char *runtime;
	json_t *unused;

	if (json_object_size(code) == 0)
		return;
	ta_html(out, "<details class=\"code\"><summary>%s</summary><dl>\n",
		_("What to look for in the code"));
	json_object_foreach ((json_t *)code, runtime, unused)
		ta_html(out, "<dt>%s</dt><dd>%s</dd>\n", runtime, ta_json_text(code, runtime));
	ta_html(out, "</dl></details>\n");
}

static void put_fact(struct ta_buf *out, const char *word, const char *text)
{
	if (*text)
		ta_html(out, "<dt>%s</dt><dd>%s</dd>\n", word, text);
}

static void put_fix_facts(struct ta_buf *out, const json_t *fix)
{
	const char *risk = ta_json_text(fix, "risk"), *why = ta_json_text(fix, "risk_text");

	ta_html(out, "<dl class=\"facts\">\n");
	put_fact(out, _("Effect"), ta_json_text(fix, "effect"));
	if (*risk || *why)
		ta_html(out, "<dt>%s</dt><dd>%s%s%s</dd>\n", _("Risk"), *risk ? _(risk) : "",
			*risk && *why ? ". " : "", why);
	put_fact(out, _("Restart"), ta_json_text(fix, "restart"));
	put_fact(out, _("Verify"), ta_json_text(fix, "verify"));
	put_fact(out, _("Undo"), ta_json_text(fix, "revert"));
	ta_html(out, "</dl>\n");
}

/* The first is open: it is what there is to do. */
static void put_fix(struct ta_buf *out, size_t number, const json_t *fix)
{
	const json_t *commands = json_object_get(fix, "commands");

	ta_html(out,
		number == 1 ? "<li><details open><summary>%s</summary>\n"
			    : "<li><details><summary>%s</summary>\n",
		ta_json_text(fix, "title"));
	put_paragraph(out, ta_json_text(fix, "text"));
	if (json_object_size(commands))
		put_commands(out, commands);
	else
		put_settings(out, json_object_get(fix, "settings"));
	put_code(out, json_object_get(fix, "code"));
	put_fix_facts(out, fix);
	ta_html(out, "</details></li>\n");
}

static void put_fixes(struct ta_buf *out, const json_t *fixes, int level)
{
	const json_t *fix;
	size_t i;

	if (json_array_size(fixes) == 0)
		return;
	ta_html(out, "<h%d>%s</h%d>\n<ol class=\"fixes\">\n", level, _("What to do"), level);
	json_array_foreach (fixes, i, fix)
		put_fix(out, i + 1, fix);
	ta_html(out, "</ol>\n");
}

static void put_avoid(struct ta_buf *out, const json_t *avoid, int level)
{
	const json_t *item;
	size_t i;

	if (json_array_size(avoid) == 0)
		return;
	ta_html(out, "<h%d>%s</h%d>\n<dl class=\"avoid\">\n", level, _("What not to do"), level);
	json_array_foreach (avoid, i, item)
		ta_html(out, "<dt>%s</dt><dd>%s</dd>\n", ta_json_text(item, "setting"),
			ta_json_text(item, "why"));
	ta_html(out, "</dl>\n");
}

/* Only what is sure to be a page of the web becomes a link. */
static void put_reference(struct ta_buf *out, const json_t *reference)
{
	const char *title = ta_json_text(reference, "title");
	const char *url = ta_json_text(reference, "url");
	bool is_link = strncmp(url, "https://", 8) == 0 || strncmp(url, "http://", 7) == 0;

	if (is_link)
		ta_html(out, "<li><a href=\"%s\" rel=\"noreferrer noopener\">%s</a></li>\n", url,
			*title ? title : url);
	else
		ta_html(out, "<li>%s %s</li>\n", title, url);
}

static void put_references(struct ta_buf *out, const json_t *references)
{
	const json_t *reference;
	size_t i;

	if (json_array_size(references) == 0)
		return;
	ta_html(out, "<details class=\"references\"><summary>%s</summary><ul>\n", _("References"));
	json_array_foreach (references, i, reference)
		put_reference(out, reference);
	ta_html(out, "</ul></details>\n");
}

/* ---- a card ------------------------------------------------------------------------------ */

static void put_title(struct ta_html *html, size_t i)
{
	const struct ta_outline_entry *entry = &html->outline.entries[i];
	enum ta_severity severity = ta_finding_severity(entry->finding);
	int level = heading_level(entry);

	ta_html(html->out,
		"<article class=\"finding %s\" id=\"finding-%zu\">\n"
		"<h%d><span class=\"badge %s\">%s</span> %s</h%d>\n",
		severity_classes[severity], i + 1, level, severity_classes[severity],
		ta_severity_word(severity), ta_json_text(entry->finding, "title"), level);
}

/* "So it is in 23 more namespaces: ...". */
static void put_alike(struct ta_html *html, const json_t *finding)
{
	const json_t *names = ta_alike_names(&html->alike, finding);
	size_t more = json_array_size(names);
	ta_auto(ta_buf_done) struct ta_buf list = TA_BUF_INIT(AMOUNT_MAX);

	if (!names)
		return;
	more--;
	for (size_t i = 1; i <= more && i <= NAMED_MAX; i++)
		ta_buf_printf(&list, "%s%s", i > 1 ? _(", ") : "",
			      json_string_value(json_array_get(names, i)));
	ta_html(html->out, "<p class=\"note\">");
	ta_html_sentence(html->out,
			 _n("So it is in %zu more namespace: %s",
			    "So it is in %zu more namespaces: %s", more),
			 more, ta_buf_cstr(&list));
	if (more > NAMED_MAX)
		ta_html_sentence(html->out, _(" and %zu others"), more - NAMED_MAX);
	ta_html(html->out, "</p>\n");
}

static void put_card(struct ta_html *html, size_t i)
{
	const struct ta_outline_entry *entry = &html->outline.entries[i];
	const json_t *finding = entry->finding;
	bool in_full = html->alike.tellings[i] == TA_TELL_WHOLE;
	int level = heading_level(entry) + 1;

	put_title(html, i);
	put_who(html->out, finding);
	put_paragraph(html->out, ta_json_text(finding, "diagnosis"));
	put_evidence(html->out, json_object_get(finding, "evidence"));
	if (in_full) {
		put_fixes(html->out, json_object_get(finding, "fixes"), level);
		put_avoid(html->out, json_object_get(finding, "avoid"), level);
		put_references(html->out, json_object_get(finding, "references"));
	} else {
		ta_html_note(html->out, _("What to do, and what not: as above."));
	}
	put_alike(html, finding);
	ta_html(html->out, "</article>\n");
}

/* Opens or closes the boxes of consequences between one depth and the next: one box deep. */
static void put_step(struct ta_buf *out, bool is_inside, bool goes_inside)
{
	if (goes_inside && !is_inside)
		ta_html(out, "<div class=\"consequences\"><p class=\"label\">%s</p>\n",
			_("What goes with it"));
	else if (is_inside && !goes_inside)
		ta_html(out, "</div>\n");
}

static void put_hidden(struct ta_html *html)
{
	ta_auto(ta_buf_done) struct ta_buf counts = TA_BUF_INIT(1024);

	ta_summary_counts(&counts, html->outline.hidden, TA_SEVERITY_INFO);
	if (!counts.len)
		return;
	ta_html(html->out, "<p class=\"note\">");
	ta_html_sentence(html->out, _("Not shown, below the severity asked for: %s."),
			 ta_buf_cstr(&counts));
	ta_html(html->out, "</p>\n");
}

void ta_html_findings(struct ta_html *html)
{
	const struct ta_outline *outline = &html->outline;
	size_t shown = 0, left_out = 0;
	bool is_inside = false;

	ta_html_section(html, "findings", _("Findings"));
	for (size_t i = 0; i < outline->count; i++) {
		if (html->alike.tellings[i] == TA_TELL_NAME)
			continue;
		if (shown == CARDS_MAX) {
			left_out++;
			continue;
		}
		put_step(html->out, is_inside, outline->entries[i].depth > 0);
		is_inside = outline->entries[i].depth > 0;
		put_card(html, i);
		shown++;
	}
	put_step(html->out, is_inside, false);
	if (!outline->count)
		ta_html(html->out, "<p>%s</p>\n", _("Nothing was found."));
	ta_html_more(html->out, left_out);
	put_hidden(html);
	ta_html_section_end(html);
}
