/* text.c - a comparison for the person who made the change: the verdict in one line, what was
 * compared, the findings by what became of them, then settings, figures and counters. */
#include "diff/text.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "diff/parts.h"
#include "report/summary.h"
#include "report/text.h"

enum {
	TEXT_MAX = 64 << 20,
	STEP = 2,
	LABEL_WIDTH = 8,   /* "Before  " */
	FINDINGS_MAX = 50, /* of one section, unless --verbose */
	NAMED_MAX = 8,
};

/* What can become of a finding, worst first. */
static const struct change {
	const char *name, *heading;
	const char *count;  /* in the verdict */
	const char *passed; /* before what the rule says on the side that lacks the finding */
} changes[] = {
	{ "appeared", N_("New"), N_("new"), N_("Before:") },
	{ "worsened", N_("Worse"), N_("worse"), NULL },
	{ "not_known_before", N_("There now, not known before"), N_("not known before"), NULL },
	{ "still_there", N_("Still there"), N_("still there"), NULL },
	{ "eased", N_("Eased"), N_("eased"), NULL },
	{ "cleared", N_("Cleared"), N_("cleared"), N_("Now:") },
	{ "not_known_after", N_("There before, not known now"), N_("not known now"), NULL },
};

struct text {
	struct ta_page page;
	const json_t *diff;
	bool verbose;
};

/* ---- the head ----------------------------------------------------------------------- */

static json_int_t count_of(const json_t *diff, const char *change, const char *severity)
{
	const json_t *summary = json_object_get(diff, "summary");

	return json_integer_value(json_object_get(json_object_get(summary, change), severity));
}

/* "1 new, 2 cleared": of the problems, that is without mere notes. */
static void add_counts(struct ta_buf *out, const json_t *diff)
{
	const char *separator = "";

	for (size_t i = 0; i < TA_ARRAY_SIZE(changes); i++) {
		json_int_t count = count_of(diff, changes[i].name, "critical") +
				   count_of(diff, changes[i].name, "warning");

		if (!count)
			continue;
		ta_buf_str(out, separator);
		ta_buf_printf(out, _("%lld %s"), (long long)count, _(changes[i].count));
		separator = _(", ");
	}
}

/* The colour of the worst news; else green when nothing is left that is known. */
static enum ta_style style_of(const json_t *diff)
{
	static const char *const remaining[] = { "not_known_before", "still_there", "eased",
						 "not_known_after" };
	enum ta_severity worst = ta_diff_worst(diff);

	if (worst >= TA_SEVERITY_WARNING)
		return ta_severity_style(worst);
	for (size_t i = 0; i < TA_ARRAY_SIZE(remaining); i++)
		if (count_of(diff, remaining[i], "critical") ||
		    count_of(diff, remaining[i], "warning"))
			return TA_STYLE_BOLD;
	return TA_STYLE_GOOD;
}

static void add_hosts(struct ta_buf *out, const json_t *diff)
{
	const char *before = ta_json_string(json_object_get(diff, "before"), "host");
	const char *after = ta_json_string(json_object_get(diff, "after"), "host");

	if (before && after && strcmp(before, after) != 0)
		ta_buf_printf(out, _("%s, then %s"), before, after);
	else
		ta_buf_str(out, after ? after : before ? before : _("this host"));
}

static void put_verdict(struct text *text)
{
	ta_auto(ta_buf_done) struct ta_buf counts = TA_BUF_INIT(1024);
	ta_auto(ta_buf_done) struct ta_buf hosts = TA_BUF_INIT(text->page.out->cap);

	add_counts(&counts, text->diff);
	add_hosts(&hosts, text->diff);
	ta_page_style(&text->page, style_of(text->diff));
	if (counts.len)
		ta_page_sentence(&text->page, STEP, _("Problems on %s: %s"), ta_buf_cstr(&hosts),
				 ta_buf_cstr(&counts));
	else
		ta_page_sentence(&text->page, STEP,
				 _("No problem was found on %s, before or after"),
				 ta_buf_cstr(&hosts));
	ta_page_plain(&text->page);
	ta_page_newline(&text->page);
}

static void add_summary(struct ta_buf *out, const json_t *summary)
{
	static const struct {
		const char *member, *word;
	} counts[] = { { "critical", N_("critical") },
		       { "warning", N_("warning") },
		       { "info", N_("info") },
		       { "passed", N_("ruled out") },
		       { "not_checked", N_("not checked") } };

	for (size_t i = 0; i < TA_ARRAY_SIZE(counts); i++) {
		json_int_t count = json_integer_value(json_object_get(summary, counts[i].member));

		if (count)
			ta_buf_printf(out, _(", %lld %s"), (long long)count, _(counts[i].word));
	}
}

/* "Before  a.json: 2026-11-23T10:10:50Z, Linux 6.18.44, 1 critical, 130 ruled out" */
static void put_side(struct text *text, const char *label, const char *member)
{
	const json_t *side = json_object_get(text->diff, member);
	const char *kernel = ta_json_string(side, "kernel");
	const char *taken_at = ta_json_string(side, "taken_at");
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(text->page.out->cap);

	ta_buf_printf(&line, "%s: %s%s%s", ta_json_text(side, "name"),
		      taken_at ? taken_at : _("at an unknown time"), kernel ? ", Linux " : "",
		      kernel ? kernel : "");
	add_summary(&line, json_object_get(side, "summary"));
	ta_page_raw(&text->page, label);
	ta_page_column(&text->page, LABEL_WIDTH);
	ta_page_prose(&text->page, LABEL_WIDTH, ta_buf_cstr(&line));
	ta_page_newline(&text->page);
}

static void put_apart(struct text *text)
{
	static const struct {
		double seconds;
		const char *unit; /* there are two of it at least */
	} units[] = { { 86400, N_("days") }, { 3600, N_("hours") }, { 60, N_("minutes") } };
	double apart_s = json_number_value(json_object_get(text->diff, "apart_s"));
	size_t i = 0;

	if (apart_s <= 0)
		return;
	while (i < TA_ARRAY_SIZE(units) && apart_s < 2 * units[i].seconds)
		i++;
	ta_page_column(&text->page, LABEL_WIDTH);
	if (i < TA_ARRAY_SIZE(units))
		ta_page_printf(&text->page, _("%.0f %s apart"), floor(apart_s / units[i].seconds),
			       _(units[i].unit));
	else
		ta_page_printf(&text->page, _("%.3g s apart"), apart_s);
	ta_page_newline(&text->page);
}

/* "Namespace blue was web[12] before: the same by its inode." */
static void put_renamed(struct text *text)
{
	const json_t *namespace;
	size_t i;

	json_array_foreach (json_object_get(text->diff, "namespaces"), i, namespace) {
		const char *was = ta_json_string(namespace, "was");
		bool by_inode = strcmp(ta_json_text(namespace, "same_by"), "inode") == 0;

		if (!was)
			continue;
		ta_page_sentence(
			&text->page, STEP,
			by_inode ? _("Namespace %s was called %s before: it has the same inode.")
				 : _("Namespace %s was called %s before: it is taken for the same, "
				     "for each side has but one."),
			ta_json_text(namespace, "name"), was);
		ta_page_newline(&text->page);
	}
}

/* "Namespaces only before: a, b and 3 more" */
static void put_lone_namespaces(struct text *text, const char *side, const char *heading)
{
	ta_auto(ta_buf_done) struct ta_buf names = TA_BUF_INIT(text->page.out->cap);
	const json_t *namespace;
	size_t i, count = 0;

	json_array_foreach (json_object_get(text->diff, "namespaces"), i, namespace) {
		if (strcmp(ta_json_text(namespace, "in"), side) != 0)
			continue;
		if (count < NAMED_MAX)
			ta_buf_printf(&names, "%s%s", count ? ", " : "",
				      ta_json_text(namespace, "name"));
		count++;
	}
	if (!count)
		return;
	if (count > NAMED_MAX)
		ta_buf_printf(&names, _(" and %zu more"), count - NAMED_MAX);
	ta_page_sentence(&text->page, STEP, "%s: %s", heading, ta_buf_cstr(&names));
	ta_page_newline(&text->page);
}

static void put_head(struct text *text)
{
	put_verdict(text);
	put_side(text, _("Before"), "before");
	put_side(text, _("After"), "after");
	put_apart(text);
	put_renamed(text);
	put_lone_namespaces(text, "before", _("Namespaces only before"));
	put_lone_namespaces(text, "after", _("Namespaces only after"));
}

/* ---- findings ----------------------------------------------------------------------- */

static void put_title(struct ta_page *page, const json_t *finding)
{
	const char *before = ta_json_string(finding, "severity_before");
	const char *after = ta_json_string(finding, "severity_after");
	enum ta_severity severity = ta_severity_parse(after ? after : before);

	ta_page_column(page, STEP);
	ta_page_style(page, ta_severity_style(severity));
	ta_page_raw(page, ta_severity_word(severity));
	ta_page_plain(page);
	if (before && after && strcmp(before, after) != 0)
		ta_page_printf(page, _(" (was %s)"), ta_severity_word(ta_severity_parse(before)));
	ta_page_raw(page, "  ");
	ta_page_style(page, TA_STYLE_BOLD);
	ta_page_prose(page, 2 * STEP, ta_json_text(finding, "title"));
	ta_page_plain(page);
	ta_page_newline(page);
}

/* Evidence that is the same as before says nothing. */
static bool is_told(const json_t *row, bool verbose)
{
	const json_t *before = json_object_get(row, "before");

	return verbose || !before || !json_equal(before, json_object_get(row, "after"));
}

static size_t widest_label(const struct ta_page *page, const json_t *rows, bool verbose)
{
	enum { WIDEST = 34 };
	size_t widest = 0, i;
	const json_t *row;

	json_array_foreach (rows, i, row) {
		size_t width = ta_page_measure(page, ta_json_text(row, "label"));

		if (is_told(row, verbose) && width > widest)
			widest = width;
	}
	return widest < WIDEST ? widest : WIDEST;
}

static void put_evidence(struct text *text, const json_t *finding)
{
	static const struct ta_change_words one_side = { "", "" };
	const json_t *rows = json_object_get(finding, "evidence"), *row;
	size_t column = 2 * STEP + widest_label(&text->page, rows, text->verbose) + 2, i;

	json_array_foreach (rows, i, row) {
		ta_auto(ta_buf_done) struct ta_buf change = TA_BUF_INIT(text->page.out->cap);

		if (!is_told(row, text->verbose))
			continue;
		ta_text_change(&change, row, one_side);
		ta_text_change_row(&text->page, 2 * STEP, column, ta_json_text(row, "label"),
				   ta_buf_cstr(&change));
	}
}

static void put_labelled(struct ta_page *page, const char *label, const char *prose)
{
	if (!label || !prose || !*prose)
		return;
	ta_page_column(page, 2 * STEP);
	ta_page_style(page, TA_STYLE_DIM);
	ta_page_raw(page, label);
	ta_page_plain(page);
	ta_page_column(page, page->column + 1);
	ta_page_prose(page, 3 * STEP, prose);
	ta_page_newline(page);
}

/* Of a mere note the title is enough. */
static bool is_note(const json_t *finding)
{
	const char *after = ta_json_string(finding, "severity_after");

	return ta_severity_parse(after ? after : ta_json_text(finding, "severity_before")) <
	       TA_SEVERITY_WARNING;
}

static void put_finding(struct text *text, const struct change *change, const json_t *finding)
{
	put_title(&text->page, finding);
	ta_text_who(&text->page, 2 * STEP, finding);
	if (text->verbose || !is_note(finding))
		put_evidence(text, finding);
	put_labelled(&text->page, change->passed ? _(change->passed) : NULL,
		     ta_json_string(finding, "passed"));
	put_labelled(&text->page, _("Why:"), _(ta_json_text(finding, "why")));
}

static bool is_of(const json_t *finding, const struct change *change)
{
	return strcmp(ta_json_text(finding, "change"), change->name) == 0 &&
	       !json_object_get(finding, "silenced");
}

static void put_section(struct text *text, const struct change *change)
{
	const json_t *finding;
	size_t i, count = 0;

	json_array_foreach (json_object_get(text->diff, "findings"), i, finding) {
		if (!is_of(finding, change))
			continue;
		if (count == 0)
			ta_page_heading(&text->page, _(change->heading));
		if (text->verbose || count < FINDINGS_MAX)
			put_finding(text, change, finding);
		count++;
	}
	if (text->verbose || count <= FINDINGS_MAX)
		return;
	ta_page_column(&text->page, STEP);
	ta_page_printf(&text->page, _("and %zu more (--verbose tells each)"), count - FINDINGS_MAX);
	ta_page_newline(&text->page);
}

static void put_findings(struct text *text)
{
	json_int_t silenced = json_integer_value(
		json_object_get(json_object_get(text->diff, "summary"), "silenced"));

	for (size_t i = 0; i < TA_ARRAY_SIZE(changes); i++)
		put_section(text, &changes[i]);
	if (!silenced)
		return;
	ta_page_gap(&text->page);
	ta_page_printf(&text->page, _("Silenced, and not shown: %lld."), (long long)silenced);
	ta_page_newline(&text->page);
}

/* ---- checks ------------------------------------------------------------------------- */

static bool put_checks(struct text *text, const char *known, const char *heading,
		       struct ta_error *err)
{
	ta_auto(json_decref_p) json_t *rows = json_array();
	json_t *row;
	size_t i;

	json_array_foreach (json_object_get(text->diff, "checks"), i, row)
		if (strcmp(ta_json_text(row, "known"), known) == 0 &&
		    json_array_append(rows, row) < 0)
			return ta_fail(err, TA_E_NOMEM, "out of memory");
	return ta_text_unchecked(&text->page, heading, rows, err);
}

/* ---- all ---------------------------------------------------------------------------- */

static bool put_diff(struct text *text, struct ta_error *err)
{
	put_head(text);
	put_findings(text);
	ta_text_settings(&text->page, text->diff, text->verbose);
	ta_text_figures(&text->page, text->diff, text->verbose);
	ta_text_counters(&text->page, text->diff, text->verbose);
	return put_checks(text, "before", _("Checked before, not now"), err) &&
	       put_checks(text, "after", _("Checked now, not before"), err);
}

bool ta_diff_render(const json_t *diff, const struct ta_render_options *options, char **ret_text,
		    size_t *ret_len, struct ta_error *err)
{
	ta_auto(ta_buf_done) struct ta_buf out = TA_BUF_INIT(TEXT_MAX);
	struct text text = { .page = ta_page_begin(&out, options),
			     .diff = diff,
			     .verbose = options->verbose };
	size_t len;

	if (!put_diff(&text, err))
		return false;
	len = out.len;
	if (!ta_buf_finish(&out, ret_text, err))
		return ta_wrap(err, "the comparison as text");
	*ret_len = len;
	return true;
}
