/* text.c - the report for a person on call, in the order of need: the verdict in one line, what
 * is wrong (worst first), the sockets by state, what is ruled out, what could not be checked. */
#include "report/text.h"

#include <math.h>
#include <string.h>

#include "report/renderer.h"

enum {
	WIDTH_DEFAULT = 80,
	WIDTH_MIN = 40,
	WIDTH_MAX = 200, /* longer lines are hard to follow with the eye */
	INDENT = 2,
};

struct text {
	struct ta_page page;
	struct ta_outline outline;
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

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static const char * or (const char *text, const char *otherwise)
{
	return text && *text ? text : otherwise;
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

/* "1 critical, 2 warning": the severities from info on that are counted. */
static void put_counts(struct ta_page *page, const size_t *counts, enum ta_severity least)
{
	static const char *const names[] = { "", "info", "warning", "critical" };
	const char *separator = "";

	for (int i = TA_SEVERITY_CRITICAL; i >= (int)least; i--) {
		if (!counts[i])
			continue;
		ta_page_printf(page, "%s%zu %s", separator, counts[i], names[i]);
		separator = ", ";
	}
}

static void put_problems(struct text *text, size_t problems, const char *host)
{
	struct ta_page *page = &text->page;
	const size_t *total = text->outline.total;

	ta_page_style(page, total[TA_SEVERITY_CRITICAL] ? TA_STYLE_CRITICAL : TA_STYLE_WARNING);
	ta_page_printf(page, "%zu problem%s on ", problems, plural(problems));
	ta_page_prose(page, INDENT, host);
	ta_page_raw(page, ": ");
	put_counts(page, total, TA_SEVERITY_WARNING);
	ta_page_plain(page);
	if (total[TA_SEVERITY_INFO])
		ta_page_printf(page, " (and %zu note%s)", total[TA_SEVERITY_INFO],
			       plural(total[TA_SEVERITY_INFO]));
}

static void put_no_problem(struct text *text, const char *host)
{
	struct ta_page *page = &text->page;
	size_t passed = json_array_size(json_object_get(text->report, "passed"));
	size_t unchecked = json_array_size(json_object_get(text->report, "not_checked"));
	size_t notes = text->outline.total[TA_SEVERITY_INFO];

	if (passed + notes == 0) {
		ta_page_style(page, TA_STYLE_WARNING);
		ta_page_raw(page, "Nothing could be checked on ");
		ta_page_prose(page, INDENT, host);
		ta_page_plain(page);
		return;
	}
	ta_page_style(page, TA_STYLE_GOOD);
	ta_page_raw(page, "No TCP limit is being hit on ");
	ta_page_prose(page, INDENT, host);
	ta_page_plain(page);
	ta_page_printf(page, ": %zu ruled out", passed);
	if (notes)
		ta_page_printf(page, ", %zu note%s", notes, plural(notes));
	if (unchecked)
		ta_page_printf(page, ", %zu not checked", unchecked);
}

static void put_verdict(struct text *text)
{
	const char *host = or (text_of(json_object_get(text->report, "host"), "name"), "this host");
	const size_t *total = text->outline.total;
	size_t problems = total[TA_SEVERITY_CRITICAL] + total[TA_SEVERITY_WARNING];

	if (problems)
		put_problems(text, problems, host);
	else
		put_no_problem(text, host);
	ta_page_newline(&text->page);
}

static void put_uptime(struct ta_page *page, double seconds)
{
	if (seconds >= 2 * 86400)
		ta_page_printf(page, ", up %.0f days", floor(seconds / 86400));
	else if (seconds >= 2 * 3600)
		ta_page_printf(page, ", up %.0f hours", floor(seconds / 3600));
	else
		ta_page_printf(page, ", up %.0f minutes", floor(seconds / 60));
}

/* "Linux 6.1.0-26-amd64, 8 CPUs, 15.6 GiB, vm, up 12 days": what is known of it. */
static void put_host(struct ta_page *page, const json_t *host)
{
	const json_t *memory = json_object_get(host, "memory_bytes");
	const json_t *cpus = json_object_get(host, "cpus");
	const json_t *uptime = json_object_get(host, "uptime_s");
	const char *runtime = text_of(host, "runtime");
	const char *engine = text_of(host, "container_engine");

	ta_page_raw(page, "Linux ");
	ta_page_text(page, or (text_of(json_object_get(host, "kernel"), "release"), "(unknown)"));
	if (cpus)
		ta_page_printf(page, ", %" JSON_INTEGER_FORMAT " CPU%s", json_integer_value(cpus),
			       plural((size_t)json_integer_value(cpus)));
	if (memory)
		ta_page_printf(page, ", %.1f GiB", json_number_value(memory) / (1 << 30));
	if (runtime && strcmp(runtime, "host") != 0) {
		ta_page_raw(page, ", ");
		ta_page_text(page, or (engine, ""));
		ta_page_raw(page, engine ? " " : "");
		ta_page_text(page, runtime);
	}
	if (uptime)
		put_uptime(page, json_number_value(uptime));
	ta_page_newline(page);
}

static void put_collection(struct ta_page *page, const char *taken_at, const json_t *collection)
{
	const json_t *window = json_object_get(collection, "window_s");
	const json_t *euid = json_object_get(collection, "euid");
	const char *sockets_from = text_of(collection, "sockets_from");

	ta_page_raw(page, "Taken ");
	ta_page_text(page, or (taken_at, "at an unknown time"));
	if (window)
		ta_page_printf(page, ", rates over %.3g s", json_number_value(window));
	else if (json_integer_value(json_object_get(collection, "samples")) == 1)
		ta_page_raw(page, ", one sample (no rates)");
	if (json_integer_value(euid) != 0)
		ta_page_printf(page, ", as user %" JSON_INTEGER_FORMAT " (not root)",
			       json_integer_value(euid));
	if (sockets_from && strcmp(sockets_from, "proc") == 0)
		ta_page_raw(page, ", sockets from /proc");
	ta_page_newline(page);
}

static void put_findings(struct text *text)
{
	const struct ta_outline *outline = &text->outline;
	size_t depth = 0;

	for (size_t i = 0; i < outline->count; i++) {
		const struct ta_outline_entry *entry = &outline->entries[i];

		ta_page_newline(&text->page);
		if (entry->depth > depth)
			ta_text_consequences(&text->page, entry->depth);
		depth = entry->depth;
		ta_text_finding(&text->page, entry, text->verbose);
	}
}

static void put_hidden(struct text *text)
{
	const size_t *hidden = text->outline.hidden;
	size_t count = hidden[TA_SEVERITY_INFO] + hidden[TA_SEVERITY_WARNING] +
		       hidden[TA_SEVERITY_CRITICAL];

	if (!count)
		return;
	ta_page_newline(&text->page);
	ta_page_printf(&text->page, "%zu finding%s not shown (", count, plural(count));
	put_counts(&text->page, hidden, TA_SEVERITY_INFO);
	ta_page_raw(&text->page, "): below the least severity asked for.");
	ta_page_newline(&text->page);
}

/* "warning: title (reason; until 2027-01-31; /etc/...json)" */
static void put_silenced_finding(struct ta_page *page, const json_t *finding)
{
	const json_t *silenced = json_object_get(finding, "silenced");
	const char *until = text_of(silenced, "until");
	const char *by = text_of(silenced, "by");

	ta_page_column(page, INDENT);
	ta_page_text(page, or (text_of(finding, "severity"), "info"));
	ta_page_raw(page, ": ");
	ta_page_prose(page, 2 * INDENT, or (text_of(finding, "title"), ""));
	ta_page_raw(page, " (");
	ta_page_prose(page, 2 * INDENT, or (text_of(silenced, "reason"), "no reason"));
	if (until) {
		ta_page_raw(page, "; ");
		ta_page_prose(page, 2 * INDENT, "until ");
		ta_page_raw(page, " ");
		ta_page_prose(page, 2 * INDENT, until);
	}
	if (by) {
		ta_page_raw(page, "; ");
		ta_page_prose(page, 2 * INDENT, by);
	}
	ta_page_raw(page, ")");
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

static void put_passed(struct text *text)
{
	struct ta_page *page = &text->page;
	const json_t *passed = json_object_get(text->report, "passed");
	bool many = json_array_size(json_object_get(text->report, "namespaces")) > 1;
	const json_t *item;
	size_t i;

	if (json_array_size(passed) == 0)
		return;
	ta_page_heading(page, "Ruled out");
	json_array_foreach (passed, i, item) {
		const char *namespace = text_of(item, "namespace");

		ta_page_column(page, INDENT);
		if (many && namespace) {
			ta_page_text(page, namespace);
			ta_page_raw(page, ": ");
		}
		ta_page_prose(page, 2 * INDENT, or (text_of(item, "text"), ""));
		if (text->verbose) {
			ta_page_raw(page, "  ");
			ta_page_style(page, TA_STYLE_DIM);
			ta_page_prose(page, 2 * INDENT, or (text_of(item, "rule"), ""));
			ta_page_plain(page);
		}
		ta_page_newline(page);
	}
}

static bool same_cause(const json_t *a, const json_t *b)
{
	return json_equal(json_object_get(a, "missing"), json_object_get(b, "missing")) &&
	       json_equal(json_object_get(a, "why"), json_object_get(b, "why"));
}

static void put_missing(struct ta_page *page, const json_t *item)
{
	const json_t *path;
	size_t i;

	ta_page_column(page, INDENT);
	ta_page_prose(page, 2 * INDENT, or (text_of(item, "why"), "no reason known"));
	json_array_foreach (json_object_get(item, "missing"), i, path) {
		ta_page_raw(page, i ? ", " : " (");
		ta_page_prose(page, 2 * INDENT, or (json_string_value(path), "?"));
	}
	ta_page_raw(page, i ? "):" : ":");
	ta_page_newline(page);
}

/* The rules that lack the same facts for the same reason, after that reason. A rule that is
 * there for several namespaces is named once. */
static void put_unchecked_group(struct ta_page *page, const json_t *all, size_t first)
{
	const json_t *head = json_array_get(all, first);
	const char *before = "";

	put_missing(page, head);
	ta_page_column(page, 2 * INDENT);
	ta_page_style(page, TA_STYLE_DIM);
	for (size_t i = first; i < json_array_size(all); i++) {
		const json_t *item = json_array_get(all, i);

		if (!same_cause(head, item))
			continue;
		ta_page_raw(page, before);
		ta_page_prose(page, 2 * INDENT, or (text_of(item, "rule"), "?"));
		before = ", ";
	}
	ta_page_plain(page);
	ta_page_newline(page);
}

static void put_unchecked(struct text *text)
{
	const json_t *all = json_object_get(text->report, "not_checked");
	const json_t *item;
	size_t i;

	if (json_array_size(all) == 0)
		return;
	ta_page_heading(&text->page, "Not checked");
	json_array_foreach (all, i, item) {
		size_t earlier = 0;

		while (earlier < i && !same_cause(json_array_get(all, earlier), item))
			earlier++;
		if (earlier == i)
			put_unchecked_group(&text->page, all, i);
	}
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
		ta_page_prose(page, 2 * INDENT, or (text_of(gap, "what"), "?"));
		ta_page_raw(page, ": ");
		ta_page_prose(page, 2 * INDENT, or (text_of(gap, "why"), "no reason known"));
		ta_page_newline(page);
	}
}

static void put_report(struct text *text)
{
	put_verdict(text);
	put_host(&text->page, json_object_get(text->report, "host"));
	put_collection(&text->page, text_of(text->report, "taken_at"),
		       json_object_get(text->report, "collection"));
	put_findings(text);
	put_hidden(text);
	put_silenced(text);
	ta_text_states(&text->page, json_object_get(text->report, "namespaces"));
	put_passed(text);
	put_unchecked(text);
	put_gaps(text);
}

static size_t page_width(size_t width)
{
	if (width == 0)
		return WIDTH_DEFAULT;
	return width < WIDTH_MIN ? WIDTH_MIN : width > WIDTH_MAX ? WIDTH_MAX : width;
}

bool ta_render_text(const json_t *report, const struct ta_render_options *options,
		    struct ta_buf *out, struct ta_error *err)
{
	struct text text = {
		.page = { .out = out,
			  .width = page_width(options->width),
			  .color = options->color },
		.report = report,
		.verbose = options->verbose,
	};
	enum ta_severity least = TA_SEVERITY_NONE;

	if (options->min_severity)
		least = ta_severity_parse(options->min_severity);
	if (!ta_outline_init(&text.outline, report, least, err))
		return false;
	put_report(&text);
	ta_outline_done(&text.outline);
	return true;
}
