/* html.c - the report as one HTML file: its frame, and the order of its parts (html.h).
 *
 * The policy in its head lets nothing be loaded from anywhere, and of style and script only what
 * has the digest of ours. */
#include "report/html.h"

#include "base/json.h"
#include "base/language.h"
#include "base/resource.h"
#include "base/sha256.h"
#include "report/renderer.h"
#include "report/summary.h"

enum { EMBEDDED_MAX = 8 << 20, LINE_MAX = 65536 };

static const char *const verdict_classes[] = {
	[TA_VERDICT_GOOD] = "good",
	[TA_VERDICT_OPEN] = "open",
	[TA_VERDICT_WARNING] = "warning",
	[TA_VERDICT_CRITICAL] = "critical",
};

/* ---- head ------------------------------------------------------------------------------ */

static void put_digest(struct ta_buf *out, const struct ta_resource *resource)
{
	uint8_t digest[TA_SHA256_SIZE];

	ta_sha256(resource->data, resource->size, digest);
	ta_buf_str(out, "'sha256-");
	ta_base64(out, digest, sizeof(digest));
	ta_buf_char(out, '\'');
}

static void put_policy(struct ta_buf *out, const struct ta_resource *style,
		       const struct ta_resource *script)
{
	ta_buf_str(out, "<meta http-equiv=\"Content-Security-Policy\" "
			"content=\"default-src 'none'; style-src ");
	put_digest(out, style);
	ta_buf_str(out, "; script-src ");
	put_digest(out, script);
	ta_buf_str(out, "; base-uri 'none'; form-action 'none'\">\n");
}

/* "zh-CN": languages of the web have a hyphen. */
static void put_language(struct ta_buf *out)
{
	const char *name = ta_language_name(ta_language_current());

	for (; *name; name++)
		ta_buf_char(out, *name == '_' ? '-' : *name);
}

static void put_head(struct ta_buf *out, const char *title, const struct ta_resource *style,
		     const struct ta_resource *script)
{
	ta_buf_str(out, "<!DOCTYPE html>\n<html lang=\"");
	put_language(out);
	ta_buf_str(out, "\">\n<head>\n<meta charset=\"utf-8\">\n");
	put_policy(out, style, script);
	ta_html(out,
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"color-scheme\" content=\"light dark\">\n"
		"<meta name=\"referrer\" content=\"no-referrer\">\n"
		"<meta name=\"generator\" content=\"tcpadvise %s\">\n"
		"<title>%s - tcpadvise</title>\n<style>",
		TCPADVISE_VERSION, title);
	ta_buf_add(out, style->data, style->size);
	ta_buf_str(out, "</style>\n</head>\n");
}

/* ---- top and bottom of the page --------------------------------------------------------- */

static void put_counts(struct ta_html *html)
{
	static const char *const classes[] = { "none", "info", "warning", "critical" };
	struct ta_buf *out = html->out;

	ta_html(out, "<ul class=\"counts\">");
	for (size_t i = TA_SEVERITY_CRITICAL; i > TA_SEVERITY_NONE; i--)
		if (html->outline.total[i])
			ta_html(out, "<li class=\"badge %s\"><strong>%zu</strong> %s</li>",
				classes[i], html->outline.total[i],
				ta_severity_word((enum ta_severity)i));
	ta_html(out, "<li class=\"badge good\"><strong>%zu</strong> %s</li></ul>\n",
		json_array_size(json_object_get(html->report, "passed")), _("passed"));
}

static void put_top(struct ta_html *html, const char *title, enum ta_verdict verdict)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(LINE_MAX);

	ta_html(html->out,
		"<a class=\"skip\" href=\"#findings\">%s</a>\n"
		"<header class=\"top %s\">\n<p class=\"brand\">tcpadvise</p>\n<h1>%s</h1>\n",
		_("Skip to the findings"), verdict_classes[verdict], title);
	put_counts(html);
	ta_summary_host(&line, json_object_get(html->report, "host"));
	ta_html(html->out, "<p class=\"origin\">%s", ta_buf_cstr(&line));
	ta_buf_clear(&line);
	ta_summary_collection(&line, html->report);
	ta_html(html->out, "<br>%s</p>\n</header>\n", ta_buf_cstr(&line));
}

/* The sections that are there, by their ids. */
static void put_navigation(struct ta_html *html)
{
	static const struct {
		const char *id, *word;
		const char *needs; /* a member of the report that is not empty, or NULL */
	} links[] = {
		{ "findings", N_("Findings"), NULL },
		{ "states", N_("TCP states"), "namespaces" },
		{ "limits", N_("Limits"), "snapshot" },
		{ "rates", N_("Rates"), "snapshot" },
		{ "ruled-out", N_("Ruled out"), "passed" },
		{ "not-checked", N_("Not checked"), "not_checked" },
		{ "figures", N_("Figures"), "snapshot" },
	};

	ta_html(html->out, "<nav aria-label=\"%s\"><ul>", _("Sections"));
	for (size_t i = 0; i < TA_ARRAY_SIZE(links); i++) {
		const json_t *needed =
			links[i].needs ? json_object_get(html->report, links[i].needs) : NULL;

		if (!links[i].needs || json_array_size(needed) || json_object_size(needed))
			ta_html(html->out, "<li><a href=\"#%s\">%s</a></li>", links[i].id,
				_(links[i].word));
	}
	ta_html(html->out, "</ul></nav>\n");
}

static void put_snapshot(struct ta_html *html)
{
	ta_auto(ta_buf_done) struct ta_buf json = TA_BUF_INIT(EMBEDDED_MAX);

	if (!html->snapshot)
		return;
	ta_html_json(&json, html->snapshot);
	if (json.failed == TA_E_LIMIT) {
		ta_html_note(html->out, _("The snapshot is too large to be kept in this file."));
		return;
	}
	ta_html_note(html->out, _("The snapshot is in this file, as the JSON of the script element "
				  "with the id \"snapshot\"."));
	if (!html->out->failed)
		html->out->failed = json.failed;
	ta_buf_str(html->out, "<script type=\"application/json\" id=\"snapshot\">");
	ta_buf_add(html->out, ta_buf_cstr(&json), json.len);
	ta_buf_str(html->out, "</script>\n");
}

static void put_bottom(struct ta_html *html, const struct ta_resource *script)
{
	ta_html(html->out, "<footer>\n<p class=\"note\">");
	ta_html_sentence(html->out,
			 _("Made by tcpadvise %s. This page loads nothing and sends "
			   "nothing."),
			 TCPADVISE_VERSION);
	ta_html(html->out, "</p>\n");
	put_snapshot(html);
	ta_html(html->out, "</footer>\n<script>");
	ta_buf_add(html->out, script->data, script->size);
	ta_html(html->out, "</script>\n</body>\n</html>\n");
}

/* ---- the whole -------------------------------------------------------------------------- */

static void put_parts(struct ta_html *html)
{
	ta_html(html->out, "<main>\n");
	ta_html_what_if(html);
	ta_html_findings(html);
	ta_html_silenced(html);
	ta_html_diagram(html);
	ta_html_bars(html);
	ta_html_plots(html);
	ta_html_ruled_out(html);
	ta_html_unchecked(html);
	ta_html_next(html);
	ta_html_gaps(html);
	ta_html_tables(html);
	if (!html->snapshot)
		ta_html_note(html->out, _("Limits, rates and figures are left out: this report "
					  "came without its snapshot."));
	ta_html(html->out, "</main>\n");
}

static bool put_page(struct ta_html *html, struct ta_error *err)
{
	const struct ta_resource *style = ta_resource_find("html/report.css");
	const struct ta_resource *script = ta_resource_find("html/report.js");
	ta_auto(ta_buf_done) struct ta_buf title = TA_BUF_INIT(LINE_MAX);
	enum ta_verdict verdict = ta_summary_verdict(&title, html->report, &html->outline);

	if (!style || !script)
		return ta_fail(err, TA_E_UNSUPPORTED, "built without the style of the page");
	put_head(html->out, ta_buf_cstr(&title), style, script);
	/* words for what the script adds */
	ta_html(html->out, "<body data-copy=\"%s\" data-copied=\"%s\" data-close=\"%s\">\n",
		_("Copy"), _("Copied"), _("Close"));
	put_top(html, ta_buf_cstr(&title), verdict);
	put_navigation(html);
	put_parts(html);
	put_bottom(html, script);
	return true;
}

bool ta_render_html(const json_t *report, const struct ta_render_options *options,
		    struct ta_buf *out, struct ta_error *err)
{
	struct ta_html html = {
		.out = out,
		.report = report,
		.snapshot = json_object_get(report, "snapshot"),
		.many = json_array_size(json_object_get(report, "namespaces")) > 1,
	};
	enum ta_severity least = TA_SEVERITY_NONE;
	bool ok;

	if (options->min_severity)
		least = ta_severity_parse(options->min_severity);
	if (!ta_outline_init(&html.outline, report, least, err))
		return false;
	ok = ta_alike_init(&html.alike, &html.outline, html.many && !options->verbose, err) &&
	     put_page(&html, err);
	ta_alike_done(&html.alike);
	ta_outline_done(&html.outline);
	return ok;
}
