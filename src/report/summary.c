/* summary.c - see summary.h. */
#include "report/summary.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "rules/level.h"

static const char *text_or(const char *text, const char *otherwise)
{
	return text && *text ? text : otherwise;
}

/* ---- verdict ------------------------------------------------------------------------- */

const char *ta_severity_word(enum ta_severity severity)
{
	static const char *const words[] = {
		[TA_SEVERITY_NONE] = N_("NOTE"),
		[TA_SEVERITY_INFO] = N_("NOTE"),
		[TA_SEVERITY_WARNING] = N_("WARNING"),
		[TA_SEVERITY_CRITICAL] = N_("CRITICAL"),
	};

	return _(words[severity]);
}

void ta_summary_counts(struct ta_buf *out, const size_t *counts, enum ta_severity least)
{
	size_t start = out->len;

	for (size_t i = TA_SEVERITY_CRITICAL; i >= least && i > TA_SEVERITY_NONE; i--) {
		if (!counts[i])
			continue;
		if (out->len > start)
			ta_buf_str(out, _(", "));
		ta_buf_printf(out, _("%zu %s"), counts[i], _(ta_level_words[i]));
	}
}

/* "on web-1": where the problems are, as far as that is known. */
static void add_where(struct ta_buf *out, const json_t *report)
{
	const char *host = ta_json_string(json_object_get(report, "host"), "name");

	if (host)
		ta_buf_printf(out, _("on %s"), host);
	else if (json_object_get(report, "evidence"))
		ta_buf_str(out, _("in what was captured"));
	else
		ta_buf_str(out, _("on this host"));
}

static enum ta_verdict add_problems(struct ta_buf *out, const size_t *total, const char *where)
{
	ta_auto(ta_buf_done) struct ta_buf counts = TA_BUF_INIT(1024);
	size_t count = total[TA_SEVERITY_CRITICAL] + total[TA_SEVERITY_WARNING];

	ta_summary_counts(&counts, total, TA_SEVERITY_WARNING);
	ta_buf_printf(out, _n("%zu problem %s: %s", "%zu problems %s: %s", count), count, where,
		      ta_buf_cstr(&counts));
	return total[TA_SEVERITY_CRITICAL] ? TA_VERDICT_CRITICAL : TA_VERDICT_WARNING;
}

/* No problem was found: that means little where little could be checked. */
static enum ta_verdict add_all_clear(struct ta_buf *out, const json_t *report, const char *where,
				     size_t notes)
{
	size_t passed = json_array_size(json_object_get(report, "passed"));
	size_t unchecked = json_array_size(json_object_get(report, "not_checked"));

	if (passed + notes == 0) {
		ta_buf_printf(out, _("Nothing could be checked %s"), where);
		return TA_VERDICT_OPEN;
	}
	if (json_object_get(report, "evidence"))
		ta_buf_printf(out, _("No sign of a TCP limit that is hit %s: %zu ruled out"), where,
			      passed);
	else
		ta_buf_printf(out, _("No TCP limit is being hit %s: %zu ruled out"), where, passed);
	if (unchecked)
		ta_buf_printf(out, _(", %zu not checked"), unchecked);
	return TA_VERDICT_GOOD;
}

enum ta_verdict ta_summary_verdict(struct ta_buf *out, const json_t *report,
				   const struct ta_outline *outline)
{
	ta_auto(ta_buf_done) struct ta_buf where = TA_BUF_INIT(65536);
	const size_t *total = outline->total;
	size_t notes = total[TA_SEVERITY_INFO];
	enum ta_verdict verdict;

	add_where(&where, report);
	if (json_object_get(report, "what_if"))
		ta_buf_str(out, _("As assumed, not as it is: "));
	if (total[TA_SEVERITY_CRITICAL] + total[TA_SEVERITY_WARNING])
		verdict = add_problems(out, total, ta_buf_cstr(&where));
	else
		verdict = add_all_clear(out, report, ta_buf_cstr(&where), notes);
	if (notes)
		ta_buf_printf(out, _n(", %zu note", ", %zu notes", notes), notes);
	return verdict;
}

/* ---- what was looked at -------------------------------------------------------------- */

static void add_uptime(struct ta_buf *out, double seconds)
{
	if (seconds >= 2 * 86400)
		ta_buf_printf(out, _(", up %.0f days"), floor(seconds / 86400));
	else if (seconds >= 2 * 3600)
		ta_buf_printf(out, _(", up %.0f hours"), floor(seconds / 3600));
	else
		ta_buf_printf(out, _(", up %.0f minutes"), floor(seconds / 60));
}

void ta_summary_host(struct ta_buf *out, const json_t *host)
{
	const json_t *memory = json_object_get(host, "memory_bytes");
	const json_t *cpus = json_object_get(host, "cpus");
	const json_t *uptime = json_object_get(host, "uptime_s");
	const char *runtime = ta_json_string(host, "runtime");
	const char *engine = ta_json_string(host, "container_engine");

	ta_buf_printf(out, "Linux %s",
		      text_or(ta_json_string(json_object_get(host, "kernel"), "release"),
			      _("of an unknown version")));
	if (cpus) {
		size_t count = (size_t)json_integer_value(cpus);

		ta_buf_printf(out, _n(", %zu CPU", ", %zu CPUs", count), count);
	}
	if (memory)
		ta_buf_printf(out, _(", %.1f GiB"), json_number_value(memory) / (1 << 30));
	if (runtime && strcmp(runtime, "host") != 0)
		ta_buf_printf(out, "%s%s%s%s", _(", "), text_or(engine, ""), engine ? " " : "",
			      _(runtime));
	if (uptime)
		add_uptime(out, json_number_value(uptime));
}

void ta_summary_collection(struct ta_buf *out, const json_t *report)
{
	const json_t *collection = json_object_get(report, "collection");
	const json_t *window = json_object_get(collection, "window_s");
	json_int_t euid = json_integer_value(json_object_get(collection, "euid"));

	ta_buf_printf(out, _("Taken %s"),
		      text_or(ta_json_string(report, "taken_at"), _("at an unknown time")));
	if (window)
		ta_buf_printf(out, _(", rates over %.3g s"), json_number_value(window));
	else if (json_integer_value(json_object_get(collection, "samples")) == 1)
		ta_buf_str(out, _(", one sample (no rates)"));
	if (euid != 0)
		ta_buf_printf(out, _(", as user %lld (not root)"), (long long)euid);
}

/* ---- what is not told in full -------------------------------------------------------- */

void ta_summary_silenced(struct ta_buf *out, const json_t *finding)
{
	const json_t *silenced = json_object_get(finding, "silenced");
	const char *until = ta_json_string(silenced, "until");
	const char *by = ta_json_string(silenced, "by");

	ta_buf_printf(out, "%s: %s (%s", _(text_or(ta_json_string(finding, "severity"), "info")),
		      ta_json_text(finding, "title"),
		      text_or(ta_json_string(silenced, "reason"), _("no reason")));
	if (until)
		ta_buf_printf(out, _("; until %s"), until);
	if (by)
		ta_buf_printf(out, _("; by %s"), by);
	ta_buf_char(out, ')');
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

static bool add_unchecked(json_t *groups, const json_t *row)
{
	json_t *group = group_of(groups, text_or(ta_json_string(row, "why"), _("no reason known")));
	const json_t *path;
	size_t i;

	if (!group ||
	    !add_to_set(json_object_get(group, "rules"), text_or(ta_json_string(row, "rule"), "?")))
		return false;
	json_array_foreach (json_object_get(row, "missing"), i, path)
		if (json_is_string(path) &&
		    !add_to_set(json_object_get(group, "facts"), json_string_value(path)))
			return false;
	return true;
}

json_t *ta_summary_unchecked(const json_t *rows)
{
	json_t *groups = json_object();
	bool ok = groups != NULL;
	const json_t *row;
	size_t i;

	json_array_foreach (rows, i, row)
		ok = ok && add_unchecked(groups, row);
	if (ok)
		return groups;
	json_decref(groups);
	return NULL;
}

void ta_summary_set(struct ta_buf *out, const json_t *set)
{
	const char *separator = "", *key;
	json_t *unused;

	json_object_foreach ((json_t *)set, key, unused) {
		ta_buf_printf(out, "%s%s", separator, key);
		separator = ", ";
	}
}
