/* text.c - the report for a person on call, in the order of need: the verdict in one line, what
 * is wrong (worst first), the sockets by state, what is ruled out, what could not be checked. */
#include "report/text.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "report/alike.h"
#include "report/renderer.h"
#include "rules/level.h"

enum {
	INDENT = 2,
	NAMED_MAX = 8,
};

struct text {
	struct ta_page page;
	struct ta_outline outline;
	struct ta_alike alike;
	const json_t *report;
	bool verbose;
};

static const struct {
	const char *word;
	enum ta_style style;
} severities[] = {
	[TA_SEVERITY_NONE] = { "NOTE", TA_STYLE_INFO },
	[TA_SEVERITY_INFO] = { "NOTE", TA_STYLE_INFO },
	[TA_SEVERITY_WARNING] = { "WARNING", TA_STYLE_WARNING },
	[TA_SEVERITY_CRITICAL] = { "CRITICAL", TA_STYLE_CRITICAL },
};

enum ta_style ta_severity_style(enum ta_severity severity)
{
	return severities[severity].style;
}

const char *ta_severity_word(enum ta_severity severity)
{
	return severities[severity].word;
}

static const char *text_or(const char *text, const char *otherwise)
{
	return text && *text ? text : otherwise;
}

/* "1 critical, 2 warning": what there is of the severities from "least" on. */
static void add_counts(struct ta_buf *out, const size_t *counts, enum ta_severity least)
{
	const char *separator = "";

	for (size_t i = TA_SEVERITY_CRITICAL; i >= least; i--) {
		if (!counts[i])
			continue;
		ta_buf_printf(out, "%s%zu %s", separator, counts[i], ta_level_words[i]);
		separator = ", ";
	}
}

/* "on web-1": where the problems are, as far as that is known. */
static void add_where(struct ta_buf *out, const json_t *report)
{
	const char *host = ta_json_string(json_object_get(report, "host"), "name");

	if (host)
		ta_buf_printf(out, " on %s", host);
	else if (json_object_get(report, "evidence"))
		ta_buf_str(out, " in what was captured");
	else
		ta_buf_str(out, " on this host");
}

static enum ta_style add_problems(struct ta_buf *out, const size_t *total, const json_t *report)
{
	size_t count = total[TA_SEVERITY_CRITICAL] + total[TA_SEVERITY_WARNING];

	ta_buf_printf(out, "%zu problem%s", count, ta_plural(count));
	add_where(out, report);
	ta_buf_str(out, ": ");
	add_counts(out, total, TA_SEVERITY_WARNING);
	return total[TA_SEVERITY_CRITICAL] ? TA_STYLE_CRITICAL : TA_STYLE_WARNING;
}

/* No problem was found: that means little where little could be checked. */
static enum ta_style add_all_clear(struct ta_buf *out, const json_t *report, size_t notes)
{
	size_t passed = json_array_size(json_object_get(report, "passed"));
	size_t unchecked = json_array_size(json_object_get(report, "not_checked"));

	if (passed + notes == 0) {
		ta_buf_str(out, "Nothing could be checked");
		add_where(out, report);
		return TA_STYLE_WARNING;
	}
	if (json_object_get(report, "evidence"))
		ta_buf_str(out, "No sign of a TCP limit that is hit");
	else
		ta_buf_str(out, "No TCP limit is being hit");
	add_where(out, report);
	ta_buf_printf(out, ": %zu ruled out", passed);
	if (unchecked)
		ta_buf_printf(out, ", %zu not checked", unchecked);
	return TA_STYLE_GOOD;
}

static void put_verdict(struct text *text)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(65536);
	const size_t *total = text->outline.total;
	size_t notes = total[TA_SEVERITY_INFO];
	enum ta_style style;

	if (json_object_get(text->report, "what_if"))
		ta_buf_str(&line, "As assumed, not as it is: ");
	if (total[TA_SEVERITY_CRITICAL] + total[TA_SEVERITY_WARNING])
		style = add_problems(&line, total, text->report);
	else
		style = add_all_clear(&line, text->report, notes);
	if (notes)
		ta_buf_printf(&line, ", %zu note%s", notes, ta_plural(notes));
	ta_page_style(&text->page, style);
	ta_page_prose(&text->page, INDENT, ta_buf_cstr(&line));
	ta_page_plain(&text->page);
	ta_page_newline(&text->page);
}

static void add_uptime(struct ta_buf *out, double seconds)
{
	if (seconds >= 2 * 86400)
		ta_buf_printf(out, ", up %.0f days", floor(seconds / 86400));
	else if (seconds >= 2 * 3600)
		ta_buf_printf(out, ", up %.0f hours", floor(seconds / 3600));
	else
		ta_buf_printf(out, ", up %.0f minutes", floor(seconds / 60));
}

/* "Linux 6.1.0-26-amd64, 8 CPUs, 15.6 GiB, docker container, up 12 days": what is known. */
static void put_host(struct ta_page *page, const json_t *host)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(65536);
	const json_t *memory = json_object_get(host, "memory_bytes");
	const json_t *cpus = json_object_get(host, "cpus");
	const json_t *uptime = json_object_get(host, "uptime_s");
	const char *runtime = ta_json_string(host, "runtime");
	const char *engine = ta_json_string(host, "container_engine");

	ta_buf_printf(&line, "Linux %s",
		      text_or(ta_json_string(json_object_get(host, "kernel"), "release"),
			      "of an unknown version"));
	if (cpus)
		ta_buf_printf(&line, ", %" JSON_INTEGER_FORMAT " CPU%s", json_integer_value(cpus),
			      ta_plural((size_t)json_integer_value(cpus)));
	if (memory)
		ta_buf_printf(&line, ", %.1f GiB", json_number_value(memory) / (1 << 30));
	if (runtime && strcmp(runtime, "host") != 0)
		ta_buf_printf(&line, ", %s%s%s", text_or(engine, ""), engine ? " " : "", runtime);
	if (uptime)
		add_uptime(&line, json_number_value(uptime));
	ta_page_prose(page, INDENT, ta_buf_cstr(&line));
	ta_page_newline(page);
}

static void put_collection(struct ta_page *page, const char *taken_at, const json_t *collection)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(65536);
	const json_t *window = json_object_get(collection, "window_s");
	json_int_t euid = json_integer_value(json_object_get(collection, "euid"));

	ta_buf_printf(&line, "Taken %s", text_or(taken_at, "at an unknown time"));
	if (window)
		ta_buf_printf(&line, ", rates over %.3g s", json_number_value(window));
	else if (json_integer_value(json_object_get(collection, "samples")) == 1)
		ta_buf_str(&line, ", one sample (no rates)");
	if (euid != 0)
		ta_buf_printf(&line, ", as user %" JSON_INTEGER_FORMAT " (not root)", euid);
	ta_page_prose(page, INDENT, ta_buf_cstr(&line));
	ta_page_newline(page);
}

static bool is_root(const struct text *text, size_t entry)
{
	return text->outline.entries[entry].depth == 0 &&
	       text->alike.tellings[entry] != TA_TELL_NAME;
}

/* The titles of what stands on its own, so that the first screen names everything. */
static void put_overview(struct text *text)
{
	bool many = ta_text_has_many_namespaces(text->report);

	ta_page_gap(&text->page);
	for (size_t i = 0; i < text->outline.count; i++) {
		const json_t *finding = text->outline.entries[i].finding;
		const json_t *names = ta_alike_names(&text->alike, finding);

		if (!is_root(text, i))
			continue;
		ta_text_overview(&text->page, finding, many,
				 names ? json_array_size(names) - 1 : 0);
	}
}

/* A line of its own at the end of a finding. */
static void put_aside(struct text *text, const char *line)
{
	ta_page_gap(&text->page);
	ta_page_column(&text->page, INDENT);
	ta_page_prose(&text->page, INDENT, line);
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
	ta_buf_printf(&line, "So it is in %zu more namespace%s: ", count - 1, ta_plural(count - 1));
	for (size_t i = 1; i < count && i <= NAMED_MAX; i++)
		ta_buf_printf(&line, "%s%s", i > 1 ? ", " : "",
			      json_string_value(json_array_get(names, i)));
	if (count - 1 > NAMED_MAX)
		ta_buf_printf(&line, " and %zu others", count - 1 - NAMED_MAX);
	ta_buf_str(&line, " (--verbose tells each).");
	put_aside(text, ta_buf_cstr(&line));
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
		put_aside(text, "More on what to do, and what not: as above.");
	if (is_root(text, i))
		put_alike(text, entry->finding);
}

static void put_findings(struct text *text)
{
	const struct ta_outline *outline = &text->outline;
	size_t roots = 0, depth = 0;

	for (size_t i = 0; i < outline->count; i++)
		roots += is_root(text, i);
	if (roots > 1)
		put_overview(text);
	for (size_t i = 0; i < outline->count; i++) {
		if (text->alike.tellings[i] == TA_TELL_NAME)
			continue;
		ta_page_gap(&text->page);
		if (is_root(text, i) && roots > 1)
			ta_page_rule(&text->page);
		put_finding(text, i, depth);
		depth = outline->entries[i].depth;
	}
	if (roots > 1) {
		ta_page_gap(&text->page);
		ta_page_rule(&text->page);
	}
}

static void put_hidden(struct text *text)
{
	ta_auto(ta_buf_done) struct ta_buf counts = TA_BUF_INIT(1024);

	add_counts(&counts, text->outline.hidden, TA_SEVERITY_INFO);
	if (!counts.len)
		return;
	ta_page_gap(&text->page);
	ta_page_sentence(&text->page, 0, "Not shown, below the severity asked for: %s.",
			 ta_buf_cstr(&counts));
	ta_page_newline(&text->page);
}

/* "warning: title (reason; until 2027-01-31; by /etc/...json)" */
static void put_silenced_finding(struct ta_page *page, const json_t *finding)
{
	const json_t *silenced = json_object_get(finding, "silenced");
	const char *until = ta_json_string(silenced, "until");
	const char *by = ta_json_string(silenced, "by");

	ta_page_column(page, INDENT);
	ta_page_sentence(page, 2 * INDENT, "%s: %s (%s%s%s%s%s)",
			 text_or(ta_json_string(finding, "severity"), "info"),
			 text_or(ta_json_string(finding, "title"), ""),
			 text_or(ta_json_string(silenced, "reason"), "no reason"),
			 until ? "; until " : "", text_or(until, ""), by ? "; by " : "",
			 text_or(by, ""));
	ta_page_newline(page);
}

static void put_silenced(struct text *text)
{
	const json_t *finding;
	size_t i;

	if (!text->outline.silenced)
		return;
	ta_page_heading(&text->page, "Silenced");
	json_array_foreach (json_object_get(text->report, "findings"), i, finding) {
		if (json_object_get(finding, "silenced"))
			put_silenced_finding(&text->page, finding);
	}
}

static bool add_to_set(json_t *set, const char *key)
{
	return json_object_set_new(set, key, json_true()) == 0;
}

/* The group of a reason, made when it is the first of its kind. Borrowed; NULL: no memory. */
static json_t *group_of(json_t *groups, const char *why)
{
	json_t *group = json_object_get(groups, why);

	if (group)
		return group;
	if (json_object_set_new(groups, why, json_pack("{s:{}, s:{}}", "facts", "rules")) < 0)
		return NULL;
	return json_object_get(groups, why);
}

/* Reason -> { facts: set, rules: set }: what lacks the same for the same reason is said once, and
 * a rule that is there for several namespaces is named once. */
static bool group_unchecked(json_t *groups, const json_t *all)
{
	const json_t *item, *path;
	size_t i, j;

	json_array_foreach (all, i, item) {
		json_t *group =
			group_of(groups, text_or(ta_json_string(item, "why"), "no reason known"));

		if (!group || !add_to_set(json_object_get(group, "rules"),
					  text_or(ta_json_string(item, "rule"), "?")))
			return false;
		json_array_foreach (json_object_get(item, "missing"), j, path) {
			if (json_is_string(path) &&
			    !add_to_set(json_object_get(group, "facts"), json_string_value(path)))
				return false;
		}
	}
	return true;
}

static void add_set(struct ta_buf *out, json_t *set)
{
	const char *separator = "", *key;
	json_t *value;

	json_object_foreach (set, key, value) {
		ta_buf_printf(out, "%s%s", separator, key);
		separator = ", ";
	}
}

static void put_unchecked_group(struct ta_page *page, const char *why, json_t *group)
{
	ta_auto(ta_buf_done) struct ta_buf facts = TA_BUF_INIT(page->out->cap);
	ta_auto(ta_buf_done) struct ta_buf rules = TA_BUF_INIT(page->out->cap);

	add_set(&facts, json_object_get(group, "facts"));
	add_set(&rules, json_object_get(group, "rules"));
	ta_page_column(page, INDENT);
	if (facts.len)
		ta_page_sentence(page, 3 * INDENT, "%s (no %s)", why, ta_buf_cstr(&facts));
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
	json_auto_t *groups = json_object();
	const char *why;
	json_t *group;

	if (!groups || !group_unchecked(groups, rows))
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
	ta_page_heading(page, "Could not be read");
	json_array_foreach (gaps, i, gap) {
		ta_page_column(page, INDENT);
		ta_page_prose(page, 2 * INDENT, text_or(ta_json_string(gap, "what"), "?"));
		ta_page_raw(page, ": ");
		ta_page_prose(page, 2 * INDENT,
			      text_or(ta_json_string(gap, "why"), "no reason known"));
		ta_page_newline(page);
	}
}

/* Of captured text most is open, and what would settle it says more than the names of the rules. */
static bool put_unchecked(struct text *text, struct ta_error *err)
{
	const json_t *unchecked = json_object_get(text->report, "not_checked");
	size_t count = json_array_size(unchecked);

	if (text->verbose || !json_object_get(text->report, "evidence") || !count)
		return ta_text_unchecked(&text->page, "Not checked", unchecked, err);
	ta_page_heading(&text->page, "Not checked");
	ta_page_column(&text->page, INDENT);
	ta_page_sentence(&text->page, INDENT, "%zu check%s lack%s facts (--verbose: which)", count,
			 ta_plural(count), count == 1 ? "s" : "");
	ta_page_newline(&text->page);
	return true;
}

static bool put_report(struct text *text, struct ta_error *err)
{
	put_verdict(text);
	put_host(&text->page, json_object_get(text->report, "host"));
	put_collection(&text->page, ta_json_string(text->report, "taken_at"),
		       json_object_get(text->report, "collection"));
	ta_text_namespaces(&text->page, text->report);
	ta_text_what_if(&text->page, text->report, text->verbose);
	put_findings(text);
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

bool ta_render_text(const json_t *report, const struct ta_render_options *options,
		    struct ta_buf *out, struct ta_error *err)
{
	struct text text = {
		.page = { .out = out,
			  .width = ta_page_width(options->width),
			  .color = options->color },
		.report = report,
		.verbose = options->verbose,
	};
	enum ta_severity least = TA_SEVERITY_NONE;
	bool ok;

	if (options->min_severity)
		least = ta_severity_parse(options->min_severity);
	if (!ta_outline_init(&text.outline, report, least, err))
		return false;
	ok = ta_alike_init(&text.alike, &text.outline,
			   !text.verbose && ta_text_has_many_namespaces(report), err) &&
	     put_report(&text, err);
	ta_alike_done(&text.alike);
	ta_outline_done(&text.outline);
	return ok;
}
