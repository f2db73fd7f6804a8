/* text.c - the report for a person on call, in the order of need. The first screen has the verdict,
 * the worst of what is wrong with one thing to do, and the titles of the rest; or, where nothing is
 * wrong, why to believe that. Below it stand the findings in full, the sockets by state, what is
 * ruled out, what could not be checked. */
#include "report/text.h"

#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "report/alike.h"
#include "report/renderer.h"
#include "report/summary.h"

enum {
	INDENT = 2,
	NAMED_MAX = 8,
};

struct text {
	struct ta_page page;
	struct ta_outline outline;
	struct ta_alike alike;
	const json_t *report;
	enum ta_verdict verdict; /* when that has been told */
	bool brief, only_problems, verbose;
};

enum ta_style ta_severity_style(enum ta_severity severity)
{
	static const enum ta_style styles[] = {
		[TA_SEVERITY_NONE] = TA_STYLE_INFO,
		[TA_SEVERITY_INFO] = TA_STYLE_INFO,
		[TA_SEVERITY_WARNING] = TA_STYLE_WARNING,
		[TA_SEVERITY_CRITICAL] = TA_STYLE_CRITICAL,
	};

	return styles[severity];
}

static void put_verdict(struct text *text)
{
	static const enum ta_style styles[] = {
		[TA_VERDICT_GOOD] = TA_STYLE_GOOD,
		[TA_VERDICT_OPEN] = TA_STYLE_WARNING,
		[TA_VERDICT_WARNING] = TA_STYLE_WARNING,
		[TA_VERDICT_CRITICAL] = TA_STYLE_CRITICAL,
	};
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(65536);

	text->verdict = ta_summary_verdict(&line, text->report, &text->outline);
	ta_page_style(&text->page, styles[text->verdict]);
	if (text->brief)
		ta_page_text(&text->page, ta_buf_cstr(&line));
	else
		ta_page_prose(&text->page, INDENT, ta_buf_cstr(&line));
	ta_page_plain(&text->page);
	ta_page_newline(&text->page);
}

/* What was looked at, and when. */
static void put_origin(struct text *text)
{
	ta_auto(ta_buf_done) struct ta_buf host = TA_BUF_INIT(65536);
	ta_auto(ta_buf_done) struct ta_buf collection = TA_BUF_INIT(65536);

	ta_summary_host(&host, json_object_get(text->report, "host"));
	ta_page_prose(&text->page, INDENT, ta_buf_cstr(&host));
	ta_page_newline(&text->page);
	ta_summary_collection(&collection, text->report);
	ta_page_prose(&text->page, INDENT, ta_buf_cstr(&collection));
	ta_page_newline(&text->page);
}

static bool is_root(const struct text *text, size_t entry)
{
	return text->outline.entries[entry].depth == 0 &&
	       text->alike.tellings[entry] != TA_TELL_NAME;
}

/* What stands on its own, and of its consequences those that are counted as problems. */
static bool is_listed(const struct text *text, size_t entry)
{
	const json_t *finding = text->outline.entries[entry].finding;

	return is_root(text, entry) || (text->alike.tellings[entry] != TA_TELL_NAME &&
					ta_finding_severity(finding) >= TA_SEVERITY_WARNING);
}

/* The titles from an entry on, so that the first screen names everything. */
static void put_overview(struct text *text, size_t first)
{
	bool many = ta_text_has_many_namespaces(text->report), has_heading = false;

	for (size_t i = first; i < text->outline.count; i++) {
		const json_t *finding = text->outline.entries[i].finding;
		const json_t *names = ta_alike_names(&text->alike, finding);

		if (!is_listed(text, i))
			continue;
		if (!has_heading)
			ta_page_heading(&text->page, first ? _("Also found") : _("Worth knowing"));
		has_heading = true;
		ta_text_overview(&text->page, finding, many,
				 names ? json_array_size(names) - 1 : 0);
	}
}

/* A line of its own at the end of a finding. */
static void TA_PRINTF(2, 3) put_aside(struct text *text, const char *fmt, ...)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(text->page.out->cap);
	va_list args;

	va_start(args, fmt);
	ta_buf_vprintf(&line, fmt, args);
	va_end(args);
	ta_page_gap(&text->page);
	ta_page_column(&text->page, INDENT);
	ta_page_prose(&text->page, INDENT, ta_buf_cstr(&line));
	ta_page_newline(&text->page);
}

/* "So it is in 23 more namespaces: ...". */
static void put_alike(struct text *text, const json_t *finding)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(text->page.out->cap);
	const json_t *names = ta_alike_names(&text->alike, finding);
	size_t count = json_array_size(names);

	if (!names)
		return;
	for (size_t i = 1; i < count && i <= NAMED_MAX; i++)
		ta_buf_printf(&line, "%s%s", i > 1 ? _(", ") : "",
			      json_string_value(json_array_get(names, i)));
	if (count - 1 > NAMED_MAX)
		ta_buf_printf(&line, _(" and %zu others"), count - 1 - NAMED_MAX);
	put_aside(text,
		  _n("So it is in %zu more namespace: %s (--explain tells each).",
		     "So it is in %zu more namespaces: %s (--explain tells each).", count - 1),
		  count - 1, ta_buf_cstr(&line));
}

/* A finding, and below the first of several alike where else it is so. */
static void put_finding(struct text *text, size_t i, size_t depth)
{
	const struct ta_outline_entry *entry = &text->outline.entries[i];
	bool in_full =
		text->verbose || (entry->depth == 0 && text->alike.tellings[i] == TA_TELL_WHOLE);

	if (entry->depth > depth)
		ta_text_consequences(&text->page, entry->depth);
	ta_text_finding(&text->page, entry, in_full, text->verbose);
	if (is_root(text, i) && !in_full)
		put_aside(text, _("More on what to do, and what not: as above."));
	if (is_root(text, i))
		put_alike(text, entry->finding);
}

/* What is to be seen without scrolling. */
static void put_first_screen(struct text *text)
{
	const struct ta_outline *outline = &text->outline;
	bool has_problem = outline->count &&
			   ta_finding_severity(outline->entries[0].finding) >= TA_SEVERITY_WARNING;

	if (has_problem)
		ta_text_headline(&text->page, outline->entries[0].finding);
	else if (text->verdict == TA_VERDICT_GOOD && !text->only_problems)
		ta_text_reassurance(&text->page, text->report);
	put_overview(text, has_problem);
}

static void put_findings(struct text *text)
{
	const struct ta_outline *outline = &text->outline;
	size_t depth = 0;

	for (size_t i = 0; i < outline->count; i++) {
		if (text->alike.tellings[i] == TA_TELL_NAME)
			continue;
		ta_page_gap(&text->page);
		if (is_root(text, i))
			ta_page_rule(&text->page);
		put_finding(text, i, depth);
		depth = outline->entries[i].depth;
	}
	if (outline->count && !text->only_problems) {
		ta_page_gap(&text->page);
		ta_page_rule(&text->page);
	}
}

static void put_hidden(struct text *text)
{
	ta_auto(ta_buf_done) struct ta_buf counts = TA_BUF_INIT(1024);

	ta_summary_counts(&counts, text->outline.hidden, TA_SEVERITY_INFO);
	if (!counts.len)
		return;
	ta_page_gap(&text->page);
	ta_page_sentence(&text->page, 0, _("Not shown, below the severity asked for: %s."),
			 ta_buf_cstr(&counts));
	ta_page_newline(&text->page);
}

static void put_silenced_finding(struct ta_page *page, const json_t *finding)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(page->out->cap);

	ta_summary_silenced(&line, finding);
	ta_page_column(page, INDENT);
	ta_page_prose(page, 2 * INDENT, ta_buf_cstr(&line));
	ta_page_newline(page);
}

static void put_silenced(struct text *text)
{
	const json_t *finding;
	size_t i;

	if (!text->outline.silenced)
		return;
	ta_page_heading(&text->page, _("Silenced"));
	json_array_foreach (json_object_get(text->report, "findings"), i, finding) {
		if (json_object_get(finding, "silenced"))
			put_silenced_finding(&text->page, finding);
	}
}

static void put_unchecked_group(struct ta_page *page, const char *why, json_t *group)
{
	ta_auto(ta_buf_done) struct ta_buf facts = TA_BUF_INIT(page->out->cap);
	ta_auto(ta_buf_done) struct ta_buf rules = TA_BUF_INIT(page->out->cap);

	ta_summary_set(&facts, json_object_get(group, "facts"));
	ta_summary_set(&rules, json_object_get(group, "rules"));
	ta_page_column(page, INDENT);
	if (facts.len)
		ta_page_sentence(page, 3 * INDENT, _("%s (no %s)"), why, ta_buf_cstr(&facts));
	else
		ta_page_prose(page, 3 * INDENT, why);
	ta_page_newline(page);
	ta_page_column(page, 2 * INDENT);
	ta_page_style(page, TA_STYLE_DIM);
	ta_page_prose(page, 2 * INDENT, ta_buf_cstr(&rules));
	ta_page_plain(page);
	ta_page_newline(page);
}

bool ta_text_unchecked(struct ta_page *page, const char *heading, const json_t *rows,
		       struct ta_error *err)
{
	json_auto_t *groups = ta_summary_unchecked(rows);
	const char *why;
	json_t *group;

	if (!groups)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	if (json_object_size(groups))
		ta_page_heading(page, heading);
	json_object_foreach (groups, why, group)
		put_unchecked_group(page, why, group);
	return true;
}

static void put_gaps(struct text *text)
{
	struct ta_page *page = &text->page;
	const json_t *gaps = json_object_get(text->report, "gaps");
	const json_t *gap;
	size_t i;

	if (json_array_size(gaps) == 0)
		return;
	ta_page_heading(page, _("Could not be read"));
	json_array_foreach (gaps, i, gap) {
		ta_page_column(page, INDENT);
		ta_page_sentence(page, 2 * INDENT, _("%s: %s"), ta_json_text(gap, "what"),
				 ta_json_string(gap, "why") ? ta_json_text(gap, "why")
							    : _("no reason known"));
		ta_page_newline(page);
	}
}

/* Of captured text most is open, and what would settle it says more than the names of the rules. */
static bool put_unchecked(struct text *text, struct ta_error *err)
{
	const json_t *unchecked = json_object_get(text->report, "not_checked");
	size_t count = json_array_size(unchecked);

	if (text->verbose || !json_object_get(text->report, "evidence") || !count)
		return ta_text_unchecked(&text->page, _("Not checked"), unchecked, err);
	ta_page_heading(&text->page, _("Not checked"));
	ta_page_column(&text->page, INDENT);
	ta_page_sentence(&text->page, INDENT,
			 _n("%zu check lacks facts (--explain: which)",
			    "%zu checks lack facts (--explain: which)", count),
			 count);
	ta_page_newline(&text->page);
	return true;
}

static bool put_report(struct text *text, struct ta_error *err)
{
	put_verdict(text);
	if (text->brief) {
		ta_text_brief(&text->page, &text->outline);
		return true;
	}
	put_origin(text);
	ta_text_namespaces(&text->page, text->report);
	ta_text_what_if(&text->page, text->report, text->verbose);
	put_first_screen(text);
	put_findings(text);
	if (text->only_problems)
		return true;
	put_hidden(text);
	put_silenced(text);
	ta_text_states(&text->page, json_object_get(text->report, "namespaces"));
	ta_text_owners(&text->page, text->report);
	ta_text_ruled_out(&text->page, text->report, text->verbose);
	if (!put_unchecked(text, err))
		return false;
	ta_text_next(&text->page, text->report);
	put_gaps(text);
	if (!ta_text_evidence(&text->page, text->report, text->verbose, err))
		return false;
	ta_text_account(&text->page, json_object_get(text->report, "collection"));
	return true;
}

static enum ta_severity least_of(const struct ta_render_options *options)
{
	enum ta_severity asked = TA_SEVERITY_NONE;

	if (options->min_severity)
		asked = ta_severity_parse(options->min_severity);
	return options->only_problems && asked < TA_SEVERITY_WARNING ? TA_SEVERITY_WARNING : asked;
}

bool ta_render_text(const json_t *report, const struct ta_render_options *options,
		    struct ta_buf *out, struct ta_error *err)
{
	struct text text = {
		.page = ta_page_begin(out, options),
		.report = report,
		.brief = options->brief,
		.only_problems = options->only_problems,
		.verbose = options->verbose,
	};
	bool ok;

	if (!ta_outline_init(&text.outline, report, least_of(options), err))
		return false;
	ok = ta_alike_init(&text.alike, &text.outline,
			   !text.verbose && ta_text_has_many_namespaces(report), err) &&
	     put_report(&text, err);
	ta_alike_done(&text.alike);
	ta_outline_done(&text.outline);
	return ok;
}
