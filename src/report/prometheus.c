/* prometheus.c - the report as metrics for node_exporter's textfile collector: what was found, how
 * much of what could be checked, and the figures that are worth an alert or a graph.
 *
 * A fact that is not known is no sample, never 0. The number of samples is bounded, whatever runs
 * on the host: of a kind that may have many the fullest are told, and series_left_out says of how
 * many nothing is. docs/monitoring.md explains each metric; a test holds the two together. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/macros.h"
#include "report/budget.h"
#include "report/exposition.h"
#include "report/outline.h"
#include "report/renderer.h"
#include "rules/level.h"

enum {
	FINDINGS_MAX = 100,
	BUDGETS_MAX = 20, /* of each kind */
	NAMESPACES_MAX = 50,
};

struct prometheus {
	const json_t *report, *snapshot; /* snapshot: NULL when the report embeds none */
	struct ta_outline outline;
	struct ta_exposition exposition;
	json_t *left_out; /* family -> how many it does not tell */
	struct ta_error *err;
	bool failed;
};

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void note_left_out(struct prometheus *metrics, const char *family, size_t count)
{
	if (!ta_json_set(metrics->left_out, family, json_integer((json_int_t)count)))
		metrics->failed = true;
}

/* A family of one sample without labels; none where the value is no number. */
static void put_number(struct prometheus *metrics, const char *name, const char *help,
		       const json_t *value, double divisor)
{
	if (!json_is_number(value))
		return;
	ta_exposition_begin(&metrics->exposition, name, help);
	ta_exposition_sample(&metrics->exposition, json_number_value(value) / divisor);
	ta_exposition_end(&metrics->exposition);
}

/* ---- the run ------------------------------------------------------------------------- */

static void put_build(struct prometheus *metrics)
{
	const json_t *tool = json_object_get(metrics->report, "tool");

	ta_exposition_begin(&metrics->exposition, "build_info",
			    "The version of tcpadvise that wrote this; always 1.");
	ta_exposition_label(&metrics->exposition, "version", ta_json_text(tool, "version"));
	ta_exposition_sample(&metrics->exposition, 1);
	ta_exposition_end(&metrics->exposition);
}

static void put_time(struct prometheus *metrics)
{
	const char *taken_at = ta_json_text(metrics->report, "taken_at");
	int64_t taken_ms;

	if (!ta_clock_parse(taken_at, &taken_ms))
		return;
	ta_exposition_begin(&metrics->exposition, "last_run_timestamp_seconds",
			    "When these figures were taken, in seconds since 1970.");
	ta_exposition_sample(&metrics->exposition, (double)taken_ms / 1000);
	ta_exposition_end(&metrics->exposition);
}

static void put_run(struct prometheus *metrics)
{
	const json_t *collection = json_object_get(metrics->report, "collection");
	json_t *gaps =
		json_integer((json_int_t)json_array_size(json_object_get(metrics->report, "gaps")));

	put_build(metrics);
	put_time(metrics);
	put_number(metrics, "collection_duration_seconds",
		   "Time that the last look at the host took, the wait between its two samples "
		   "included.",
		   json_object_get(collection, "duration_ms"), 1000);
	put_number(metrics, "collection_gaps", "Things that the last run could not read.", gaps, 1);
	json_decref(gaps);
}

/* ---- findings and checks ------------------------------------------------------------- */

static void put_counts(struct prometheus *metrics)
{
	struct ta_exposition *exposition = &metrics->exposition;

	ta_exposition_begin(exposition, "findings",
			    "Findings by severity, silenced ones not counted.");
	for (size_t i = TA_SEVERITY_INFO; i <= TA_SEVERITY_CRITICAL; i++) {
		ta_exposition_label(exposition, "severity", ta_level_words[i]);
		ta_exposition_sample(exposition, (double)metrics->outline.total[i]);
	}
	ta_exposition_end(exposition);
	ta_exposition_begin(exposition, "findings_silenced",
			    "Findings that a rule pack of this host silences.");
	ta_exposition_sample(exposition, (double)metrics->outline.silenced);
	ta_exposition_end(exposition);
}

static void add_finding(struct ta_exposition *exposition, const json_t *finding)
{
	const json_t *scope = json_object_get(finding, "scope");

	ta_exposition_label(exposition, "rule", ta_json_text(finding, "rule"));
	ta_exposition_label(exposition, "class", ta_json_text(finding, "class"));
	ta_exposition_label(exposition, "severity", ta_json_text(finding, "severity"));
	ta_exposition_label(exposition, "namespace", ta_json_text(scope, "namespace"));
	ta_exposition_label(exposition, "kind", ta_json_text(scope, "kind"));
	ta_exposition_label(exposition, "object", ta_json_text(scope, "object"));
	ta_exposition_label(exposition, "fingerprint", ta_json_text(finding, "fingerprint"));
	ta_exposition_sample(exposition, 1);
}

/* The worst first: what does not fit is the least. */
static void put_findings(struct prometheus *metrics)
{
	const struct ta_outline *outline = &metrics->outline;
	size_t count = 0;

	ta_exposition_begin(&metrics->exposition, "finding_info",
			    "A finding that is there now; always 1.");
	for (size_t level = TA_SEVERITY_CRITICAL; level > TA_SEVERITY_NONE; level--)
		for (size_t i = 0; i < outline->count; i++) {
			const json_t *finding = outline->entries[i].finding;

			if (ta_finding_severity(finding) != level || count++ >= FINDINGS_MAX)
				continue;
			add_finding(&metrics->exposition, finding);
		}
	ta_exposition_end(&metrics->exposition);
	note_left_out(metrics, "finding_info", count - smaller(count, FINDINGS_MAX));
}

static void put_checks(struct prometheus *metrics)
{
	static const char *const results[] = { "passed", "not_checked", "not_applicable" };
	const json_t *summary = json_object_get(metrics->report, "summary");

	ta_exposition_begin(&metrics->exposition, "checks",
			    "Checks without a finding, by what came of them; a rule is one check "
			    "in each network namespace.");
	for (size_t i = 0; i < TA_ARRAY_SIZE(results); i++) {
		const json_t *count = json_object_get(summary, results[i]);

		if (!json_is_integer(count))
			continue;
		ta_exposition_label(&metrics->exposition, "result", results[i]);
		ta_exposition_sample(&metrics->exposition, json_number_value(count));
	}
	ta_exposition_end(&metrics->exposition);
}

/* As many as there are rules. */
static void put_not_checked(struct prometheus *metrics)
{
	const json_t *row;
	size_t i;

	ta_exposition_begin(&metrics->exposition, "rule_not_checked",
			    "A rule that could not be checked, for a fact is missing, in one "
			    "network namespace at least; always 1.");
	json_array_foreach (json_object_get(metrics->report, "not_checked"), i, row) {
		ta_exposition_label(&metrics->exposition, "rule", ta_json_text(row, "rule"));
		ta_exposition_label(&metrics->exposition, "class", ta_json_text(row, "class"));
		ta_exposition_sample(&metrics->exposition, 1);
	}
	ta_exposition_end(&metrics->exposition);
}

/* ---- figures ------------------------------------------------------------------------- */

/* What of a namespace's sockets is a state; the rest of that object are parts of these. */
static const char *const states[] = {
	"established", "syn_sent",   "syn_recv", "fin_wait1", "fin_wait2", "time_wait",
	"close",       "close_wait", "last_ack", "listen",    "closing",   "bound_inactive",
};

static void add_states(struct ta_exposition *exposition, const json_t *namespace)
{
	const json_t *sockets = json_object_get(namespace, "sockets");

	for (size_t i = 0; i < TA_ARRAY_SIZE(states); i++) {
		const json_t *count = json_object_get(sockets, states[i]);

		if (!json_is_integer(count))
			continue;
		ta_exposition_label(exposition, "namespace", ta_json_text(namespace, "name"));
		ta_exposition_label(exposition, "state", states[i]);
		ta_exposition_sample(exposition, json_number_value(count));
	}
}

static void put_states(struct prometheus *metrics)
{
	const json_t *namespaces = json_object_get(metrics->snapshot, "namespaces");
	size_t count = json_array_size(namespaces), told = smaller(count, NAMESPACES_MAX);

	ta_exposition_begin(&metrics->exposition, "sockets",
			    "TCP sockets by network namespace and state.");
	for (size_t i = 0; i < told; i++)
		add_states(&metrics->exposition, json_array_get(namespaces, i));
	ta_exposition_end(&metrics->exposition);
	note_left_out(metrics, "sockets", count - told);
}

/* The metrics of each kind of budget: what is used, and the limit. */
static const struct budget_metric {
	const char *kind; /* of ta_budget_kinds; the metric is named so */
	const char *help;
	const char *limit, *limit_help;
} budget_metrics[] = {
	{ "ports",
	  "Local ports that connections from one address to one destination hold, TIME_WAIT "
	  "included.",
	  "ports_limit", "Local ports that one destination can have." },
	{ "accept_queue",
	  "Connections that wait for accept(), at the fullest socket of a listener.",
	  "accept_queue_limit", "The backlog in force of that socket." },
	{ "descriptors",
	  "Open descriptors; of several processes with these labels, of the fullest.",
	  "descriptors_limit", "The soft RLIMIT_NOFILE of that process." },
	{ "files", "Open files of the host.", "files_limit", "fs.file-max." },
	{ "conntrack_entries", "Connections that netfilter tracks.", "conntrack_entries_limit",
	  "nf_conntrack_max." },
	{ "time_wait_sockets", "Mini-sockets in TIME_WAIT, and orphans in FIN_WAIT_2.",
	  "time_wait_sockets_limit", "net.ipv4.tcp_max_tw_buckets." },
	{ "orphans", "Connections in closing that no process holds any more.", "orphans_limit",
	  "net.ipv4.tcp_max_orphans." },
	{ "tcp_memory_bytes", "Memory that queued TCP data takes.", "tcp_memory_limit_bytes",
	  "The last number of net.ipv4.tcp_mem." },
};

static void add_budget_labels(struct ta_exposition *exposition, const struct ta_budget_kind *kind,
			      const struct ta_budget *row)
{
	ta_exposition_label(exposition, "namespace", row->labels[0]);
	for (size_t i = 0; i < TA_BUDGET_LABELS - 1 && kind->labels[i].name; i++)
		ta_exposition_label(exposition, kind->labels[i].name, row->labels[i + 1]);
}

static void put_budgets(struct prometheus *metrics, const struct ta_budget_kind *kind,
			const struct budget_metric *metric, const struct ta_budgets *budgets)
{
	struct ta_exposition *exposition = &metrics->exposition;
	size_t told = smaller(budgets->count, BUDGETS_MAX);

	ta_exposition_begin(exposition, metric->kind, metric->help);
	for (size_t i = 0; i < told; i++) {
		add_budget_labels(exposition, kind, &budgets->rows[i]);
		ta_exposition_sample(exposition, (double)budgets->rows[i].used);
	}
	ta_exposition_end(exposition);
	ta_exposition_begin(exposition, metric->limit, metric->limit_help);
	for (size_t i = 0; i < told; i++) {
		if (!budgets->rows[i].has_limit)
			continue;
		add_budget_labels(exposition, kind, &budgets->rows[i]);
		ta_exposition_sample(exposition, (double)budgets->rows[i].limit);
	}
	ta_exposition_end(exposition);
	if (kind->scope && budgets->known)
		note_left_out(metrics, metric->kind, budgets->count - told + budgets->left_out);
}

static const struct budget_metric *metric_of(const struct ta_budget_kind *kind)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(budget_metrics); i++)
		if (strcmp(budget_metrics[i].kind, kind->name) == 0)
			return &budget_metrics[i];
	return NULL;
}

static void put_figures(struct prometheus *metrics)
{
	put_states(metrics);
	for (size_t i = 0; i < ta_budget_kind_count; i++) {
		const struct ta_budget_kind *kind = &ta_budget_kinds[i];
		const struct budget_metric *metric = metric_of(kind);
		ta_auto(ta_budgets_done) struct ta_budgets budgets = { 0 };

		if (!metric)
			continue;
		if (ta_budgets_init(&budgets, metrics->snapshot, kind, metrics->err))
			put_budgets(metrics, kind, metric, &budgets);
		else
			metrics->failed = true;
	}
}

static void put_left_out(struct prometheus *metrics)
{
	const char *family;
	json_t *count;

	ta_exposition_begin(&metrics->exposition, "series_left_out",
			    "Things that have no series of a metric, for there are too many: the "
			    "fullest and the worst have one.");
	json_object_foreach (metrics->left_out, family, count) {
		ta_exposition_label(&metrics->exposition, "metric", family);
		ta_exposition_sample(&metrics->exposition, json_number_value(count));
	}
	ta_exposition_end(&metrics->exposition);
}

static bool render(struct prometheus *metrics)
{
	put_run(metrics);
	put_counts(metrics);
	put_findings(metrics);
	put_checks(metrics);
	put_not_checked(metrics);
	if (metrics->snapshot)
		put_figures(metrics);
	put_left_out(metrics);
	return (!metrics->failed && !metrics->exposition.failed) ||
	       ta_fail(metrics->err, TA_E_NOMEM, "out of memory");
}

bool ta_render_prometheus(const json_t *report, const struct ta_render_options *options,
			  struct ta_buf *out, struct ta_error *err)
{
	struct prometheus metrics = { .report = report,
				      .snapshot = json_object_get(report, "snapshot"),
				      .left_out = json_object(),
				      .err = err };
	enum ta_severity least =
		options->min_severity ? ta_severity_parse(options->min_severity) : TA_SEVERITY_NONE;
	bool ok = metrics.left_out || ta_fail(err, TA_E_NOMEM, "out of memory");

	if (ok && ta_outline_init(&metrics.outline, report, least, err)) {
		ta_exposition_init(&metrics.exposition, out);
		ok = render(&metrics);
		ta_exposition_done(&metrics.exposition);
		ta_outline_done(&metrics.outline);
	} else {
		ok = false;
	}
	json_decref(metrics.left_out);
	return ok;
}
