/* nagios.c - the report as a monitoring plug-in prints it (monitoring-plugins.org, "Development
 * Guidelines"): the state and the worst finding in the first line, performance data behind a '|',
 * then a line for each finding.
 *
 * NRPE 2 cuts at 1024 bytes and Nagios keeps 8 KiB at most, some receivers 4: the first line with
 * its figures stays below the one, all of it below 4 KiB. What is not known is left out of the
 * performance data. States and labels are for programs and are not translated. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"
#include "base/text.h"
#include "report/budget.h"
#include "report/outline.h"
#include "report/renderer.h"
#include "report/summary.h"
#include "report/text.h"

enum {
	TITLE_MAX = 200,   /* bytes of a finding's title */
	OBJECT_MAX = 60,   /* of what it is about, and of a namespace */
	VERDICT_MAX = 140, /* of the sentence on the whole */
	STORY_MAX = 700,   /* of the diagnosis of the worst finding */
	COMMAND_MAX = 200, /* a longer one is left out: half of it must not be pasted */
	MORE_MAX = 100,    /* of the line that tells how many findings have no room */
	FIRST_LINE_MAX = 1000,
	OUTPUT_MAX = 4000,
};

static const char *const words[] = {
	[TA_PLUGIN_OK] = "OK",
	[TA_PLUGIN_WARNING] = "WARNING",
	[TA_PLUGIN_CRITICAL] = "CRITICAL",
	[TA_PLUGIN_UNKNOWN] = "UNKNOWN",
};

/* ---- foreign text -------------------------------------------------------------------- */

/* One line without a '|', which would begin the performance data, of max bytes at most. */
static void add_text(struct ta_buf *out, const char *text, size_t max)
{
	ta_auto(ta_buf_done) struct ta_buf safe = TA_BUF_INIT(1 << 20);
	size_t cut;

	ta_text_terminal(&safe, text, strlen(text));
	for (size_t i = 0; i < safe.len; i++)
		if (safe.data[i] == '|')
			safe.data[i] = '/';
	cut = ta_utf8_cut(ta_buf_cstr(&safe), safe.len, max);
	ta_buf_add(out, ta_buf_cstr(&safe), cut);
	if (cut < safe.len)
		ta_buf_str(out, "...");
}

/* ---- state --------------------------------------------------------------------------- */

static enum ta_plugin_state state_of(const json_t *report, const struct ta_outline *outline,
				     const char *fail_on)
{
	ta_auto(ta_buf_done) struct ta_buf unused = TA_BUF_INIT(1 << 20);
	enum ta_verdict verdict = ta_summary_verdict(&unused, report, outline);

	if (verdict == TA_VERDICT_CRITICAL)
		return TA_PLUGIN_CRITICAL;
	if (verdict == TA_VERDICT_OPEN)
		return TA_PLUGIN_UNKNOWN;
	if (verdict == TA_VERDICT_WARNING && (!fail_on || strcmp(fail_on, "critical") != 0))
		return TA_PLUGIN_WARNING;
	return TA_PLUGIN_OK;
}

bool ta_report_plugin_state(const json_t *report, const char *fail_on,
			    enum ta_plugin_state *ret_state, struct ta_error *err)
{
	struct ta_outline outline;

	if (!ta_outline_init(&outline, report, TA_SEVERITY_NONE, err))
		return false;
	*ret_state = state_of(report, &outline, fail_on);
	ta_outline_done(&outline);
	return true;
}

/* ---- findings ------------------------------------------------------------------------ */

static const json_t *worst_of(const struct ta_outline *outline)
{
	const json_t *worst = NULL;

	for (size_t i = 0; i < outline->count; i++) {
		const json_t *finding = outline->entries[i].finding;

		if (!worst || ta_finding_severity(finding) > ta_finding_severity(worst))
			worst = finding;
	}
	return worst;
}

/* The title, the object unless the title names it, the namespace where there are several. */
static void add_finding(struct ta_buf *out, const json_t *report, const json_t *finding)
{
	const json_t *scope = json_object_get(finding, "scope");
	const char *title = ta_json_text(finding, "title");
	const char *object = ta_json_text(scope, "object");
	const char *namespace = ta_json_text(scope, "namespace");

	add_text(out, title, TITLE_MAX);
	if (*object && !strstr(title, object)) {
		ta_buf_str(out, " [");
		add_text(out, object, OBJECT_MAX);
		ta_buf_char(out, ']');
	}
	if (*namespace && strcmp(namespace, object) != 0 && ta_text_has_many_namespaces(report)) {
		ta_buf_str(out, " @");
		add_text(out, namespace, OBJECT_MAX);
	}
}

static void add_headline(struct ta_buf *out, const json_t *report, const struct ta_outline *outline,
			 enum ta_plugin_state state)
{
	ta_auto(ta_buf_done) struct ta_buf verdict = TA_BUF_INIT(1 << 20);
	const json_t *worst = worst_of(outline);

	ta_buf_printf(out, "TCPADVISE %s - ", words[state]);
	ta_summary_verdict(&verdict, report, outline);
	if (worst && ta_finding_severity(worst) > TA_SEVERITY_INFO) {
		add_finding(out, report, worst);
		ta_buf_str(out, "; ");
	}
	add_text(out, ta_buf_cstr(&verdict), VERDICT_MAX);
}

/* The first line to paste of a finding's fixes; NULL when there is none. Borrowed. */
static const char *first_command(const json_t *finding)
{
	const json_t *fix;
	size_t i;

	json_array_foreach (json_object_get(finding, "fixes"), i, fix) {
		const json_t *lines = json_object_get(json_object_get(fix, "commands"), "shell");

		if (json_array_size(lines))
			return json_string_value(json_array_get(lines, 0));
	}
	return NULL;
}

/* Why the worst finding is there, whose it is, and what to run. */
static void add_story(struct ta_buf *out, const struct ta_outline *outline)
{
	const json_t *worst = worst_of(outline);
	const char *command;

	if (!worst || ta_finding_severity(worst) <= TA_SEVERITY_INFO)
		return;
	add_text(out, ta_json_text(worst, "diagnosis"), STORY_MAX);
	ta_buf_char(out, '\n');
	command = first_command(worst);
	if (command && strlen(command) <= COMMAND_MAX && !strchr(command, '|')) {
		ta_buf_str(out, "# ");
		add_text(out, command, COMMAND_MAX);
		ta_buf_char(out, '\n');
	}
}

/* A line for each finding, while they fit. */
static void add_long_text(struct ta_buf *out, const json_t *report,
			  const struct ta_outline *outline)
{
	for (size_t i = 0; i < outline->count; i++) {
		ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(1 << 20);
		const json_t *finding = outline->entries[i].finding;

		ta_buf_printf(&line, "%s: ", ta_severity_word(ta_finding_severity(finding)));
		add_finding(&line, report, finding);
		if (out->len + line.len + MORE_MAX > OUTPUT_MAX) {
			size_t more = outline->count - i;

			ta_buf_printf(out,
				      _n("... and %zu more finding\n",
					 "... and %zu more findings\n", more),
				      more);
			return;
		}
		ta_buf_add(out, ta_buf_cstr(&line), line.len);
		ta_buf_char(out, '\n');
	}
}

/* ---- performance data ---------------------------------------------------------------- */

static void add_count(struct ta_buf *out, const char *label, size_t count, const char *thresholds)
{
	ta_buf_printf(out, " %s=%zu;%s;0", label, count, thresholds);
}

/* A percentage of the rules as an amount; nothing where no rule has one. */
static void add_threshold(struct ta_buf *out, const json_t *params, const char *name,
			  json_int_t limit)
{
	const json_t *percent = name ? json_object_get(params, name) : NULL;

	ta_buf_char(out, ';');
	if (json_is_number(percent) && limit > 0)
		ta_buf_printf(out, "%.0f", (double)limit * json_number_value(percent) / 100);
}

static void add_budget(struct ta_buf *out, const json_t *report, const struct ta_budget_kind *kind,
		       const struct ta_budget *fullest)
{
	const json_t *params = json_object_get(json_object_get(report, "params"), kind->pack);

	ta_buf_printf(out, " %s=%" JSON_INTEGER_FORMAT "%s", kind->name, fullest->used,
		      kind->in_pages ? "B" : "");
	add_threshold(out, params, kind->warning, fullest->has_limit ? fullest->limit : 0);
	add_threshold(out, params, kind->critical, fullest->has_limit ? fullest->limit : 0);
	ta_buf_str(out, ";0");
	if (fullest->has_limit)
		ta_buf_printf(out, ";%" JSON_INTEGER_FORMAT, fullest->limit);
}

/* The fullest of each kind that has a limit. */
static bool add_budgets(struct ta_buf *out, const json_t *report, struct ta_error *err)
{
	const json_t *snapshot = json_object_get(report, "snapshot");

	for (size_t i = 0; snapshot && i < ta_budget_kind_count; i++) {
		ta_auto(ta_budgets_done) struct ta_budgets budgets = { 0 };
		size_t before = out->len;

		if (!ta_budgets_init(&budgets, snapshot, &ta_budget_kinds[i], err))
			return false;
		if (!budgets.count)
			continue;
		add_budget(out, report, &ta_budget_kinds[i], &budgets.rows[0]);
		if (out->len > FIRST_LINE_MAX)
			ta_buf_cut(out, before);
	}
	return true;
}

static bool add_figures(struct ta_buf *out, const json_t *report, const struct ta_outline *outline,
			const char *fail_on, struct ta_error *err)
{
	bool only_critical = fail_on && strcmp(fail_on, "critical") == 0;

	ta_buf_str(out, " |");
	add_count(out, "critical", outline->total[TA_SEVERITY_CRITICAL], ";0");
	add_count(out, "warning", outline->total[TA_SEVERITY_WARNING], only_critical ? ";" : "0;");
	add_count(out, "info", outline->total[TA_SEVERITY_INFO], ";");
	add_count(out, "passed", json_array_size(json_object_get(report, "passed")), ";");
	add_count(out, "not_checked", json_array_size(json_object_get(report, "not_checked")), ";");
	return add_budgets(out, report, err);
}

bool ta_render_nagios(const json_t *report, const struct ta_render_options *options,
		      struct ta_buf *out, struct ta_error *err)
{
	enum ta_severity least =
		options->min_severity ? ta_severity_parse(options->min_severity) : TA_SEVERITY_NONE;
	struct ta_outline outline;
	bool ok;

	if (!ta_outline_init(&outline, report, least, err))
		return false;
	add_headline(out, report, &outline, state_of(report, &outline, options->fail_on));
	ok = add_figures(out, report, &outline, options->fail_on, err);
	ta_buf_char(out, '\n');
	add_story(out, &outline);
	add_long_text(out, report, &outline);
	ta_outline_done(&outline);
	return ok;
}

void ta_report_plugin_failure(const char *why, char *ret, size_t size)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(1 << 16);

	ta_buf_printf(&line, "TCPADVISE %s - ", words[TA_PLUGIN_UNKNOWN]);
	add_text(&line, why, OBJECT_MAX + TITLE_MAX);
	snprintf(ret, size, "%s", ta_buf_cstr(&line));
}
