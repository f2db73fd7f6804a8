/* changes.c - from the fixes of the findings to changes: each setting once, with all the findings
 * that it is for.
 *
 * What the program at fault has to do comes first, whatever else there is. A fix that sets
 * something becomes a change for each of its settings; what has to be done by hand stays what it
 * is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advice/planning.h"
#include "base/buf.h"
#include "base/language.h"
#include "rules/site.h"
#include "snapshot/release.h"
#include "snapshot/tunables.h"

/* Where the fix at hand comes from. */
struct source {
	struct ta_planning *planning;
	const json_t *finding, *fix;
	size_t fix_number; /* counted over all findings: the settings of one fix belong together */
	struct ta_site site;
};

/* ---- what a change says of its finding ----------------------------------------------- */

/* { rule, severity, title, fingerprint, scope }, a new reference. */
static json_t *cite(const json_t *finding)
{
	static const char *const members[] = { "rule", "severity", "title", "fingerprint",
					       "scope" };
	json_t *why = json_object();
	bool ok = why;

	for (size_t i = 0; ok && i < TA_ARRAY_SIZE(members); i++)
		ok = json_object_set(why, members[i], json_object_get(finding, members[i])) == 0;
	if (ok)
		return why;
	json_decref(why);
	return NULL;
}

static bool share(json_t *object, const json_t *from, const char *const *members, size_t count)
{
	bool ok = true;

	for (size_t i = 0; ok && i < count; i++) {
		json_t *value = json_object_get(from, members[i]);

		ok = !value || json_object_set(object, members[i], value) == 0;
	}
	return ok;
}

#define SHARE(object, from, table) share(object, from, table, TA_ARRAY_SIZE(table))

/* Adds the finding at hand to the "why" of a row, once. */
static bool add_why(const struct source *source, json_t *row)
{
	json_t *why = json_object_get(row, "why");

	if (!why && !ta_json_set(row, "why", why = json_array()))
		return false;
	return ta_row_cites(row, source->finding) ||
	       json_array_append_new(why, cite(source->finding)) == 0;
}

/* Absent in both is the same, too, which json_equal() does not say. */
static bool is_same(const json_t *a, const json_t *b, const char *member)
{
	const json_t *left = json_object_get(a, member), *right = json_object_get(b, member);

	return left == right || json_equal(left, right);
}

/* The row of a list that tells the same. */
static json_t *find_row(const json_t *rows, const json_t *wanted)
{
	static const char *const members[] = { "title", "text", "commands", "reason" };
	json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		size_t same = 0;

		while (same < TA_ARRAY_SIZE(members) && is_same(row, wanted, members[same]))
			same++;
		if (same == TA_ARRAY_SIZE(members))
			return row;
	}
	return NULL;
}

/* Adds a row, which is taken over, for the finding at hand; what is told already gets another
 * "why". */
static bool add_row(const struct source *source, const char *list, json_t *row)
{
	json_t *rows = json_object_get(source->planning->plan, list);
	json_t *told = find_row(rows, row);

	if (told) {
		json_decref(row);
		return add_why(source, told);
	}
	return json_array_append_new(rows, row) == 0 && add_why(source, row);
}

/* An entry of "first" or "by_hand": the fix and the finding that it is for. */
static bool add_step(const struct source *source, const char *list)
{
	static const char *const members[] = { "kind",    "title",  "text",  "commands",
					       "code",    "effect", "risk",  "risk_text",
					       "restart", "verify", "revert" };
	json_t *step = json_object();

	if (step && SHARE(step, source->fix, members))
		return add_row(source, list, step);
	json_decref(step);
	return false;
}

static bool leave_out(const struct source *source, const char *reason)
{
	json_t *row = json_pack("{s:s, s:s}", "title", ta_json_text(source->fix, "title"), "reason",
				reason);

	return row && add_row(source, "left_out", row);
}

/* ---- where it is set ----------------------------------------------------------------- */

static const json_t *find_namespace(const struct ta_planning *planning, const char *name)
{
	const json_t *namespace_;
	size_t i;

	json_array_foreach (json_object_get(planning->snapshot, "namespaces"), i, namespace_)
		if (strcmp(ta_json_text(namespace_, "name"), name) == 0)
			return namespace_;
	return NULL;
}

static const json_t *find_process(const struct ta_planning *planning, int64_t pid)
{
	const json_t *process;
	size_t i;

	json_array_foreach (json_object_get(planning->snapshot, "processes"), i, process)
		if (json_integer_value(json_object_get(process, "pid")) == pid)
			return process;
	return NULL;
}

static bool is_of_namespace(const struct ta_planning *planning, const struct ta_tunable *tunable)
{
	const json_t *host = json_object_get(planning->snapshot, "host");
	uint32_t kernel = 0;

	ta_release_parse(ta_json_text(json_object_get(host, "kernel"), "release"), &kernel);
	return tunable->scope == TA_TUNABLE_NETNS &&
	       ta_release_reached(kernel, tunable->netns_since) != TA_REACHED_NO;
}

/* The namespace of a setting, and the way into it. */
static bool fill_namespace(const struct source *source, const struct ta_tunable *tunable,
			   json_t *place)
{
	static const char *const members[] = { "kind", "inode",   "pid",      "path",
					       "unit", "process", "container" };
	const json_t *namespace_ = source->site.ns;

	return SHARE(place, namespace_, members) &&
	       ta_json_set(place, "namespace", json_string(ta_json_text(namespace_, "name"))) &&
	       (!is_of_namespace(source->planning, tunable) || !source->site.elsewhere ||
		ta_json_set(place, "enter", json_string(source->site.enter))) &&
	       (!source->site.elsewhere || ta_json_set(place, "elsewhere", json_true()));
}

/* The place of a setting: its namespace, or the host. NULL when memory ran out. */
static json_t *place_of_setting(const struct source *source, const struct ta_tunable *tunable)
{
	bool is_of_host = !source->site.ns || tunable->scope != TA_TUNABLE_NETNS;
	json_t *place = json_object();

	if (place && (is_of_host ? ta_json_set(place, "kind", json_string("host"))
				 : fill_namespace(source, tunable, place)))
		return place;
	json_decref(place);
	return NULL;
}

/* The place of a limit: a process, and what started it. */
static json_t *place_of_limit(const struct source *source, int64_t pid)
{
	static const char *const members[] = { "kind", "pid",       "uid",        "unit",
					       "name", "container", "start_ticks" };
	const json_t *process = find_process(source->planning, pid);
	json_t *place = json_object();

	if (place && (!process || SHARE(place, process, members)) &&
	    (json_object_get(place, "pid") || ta_json_set(place, "pid", json_integer(pid))))
		return place;
	json_decref(place);
	return NULL;
}

/* ---- changes ------------------------------------------------------------------------- */

static bool is_same_place(const json_t *a, const json_t *b)
{
	return is_same(a, b, "inode") && is_same(a, b, "namespace") && is_same(a, b, "pid");
}

static json_t *find_change(const struct ta_planning *planning, const char *key, const json_t *place)
{
	json_t *change;
	size_t i;

	json_array_foreach (planning->changes, i, change)
		if (strcmp(ta_json_text(change, "key"), key) == 0 &&
		    is_same_place(json_object_get(change, "place"), place))
			return change;
	return NULL;
}

/* The dialect in which a fix is kept, which fits what it is for: the first beside the shell's. NULL
 * when it has none. */
static const char *dialect_of(const json_t *fix)
{
	const char *name;
	json_t *lines;

	json_object_foreach (json_object_get(fix, "commands"), name, lines)
		if (strcmp(name, "shell") != 0 && ta_dialect_find(name))
			return name;
	return NULL;
}

/* The same setting again, or a new one. place is taken over. */
static bool add_change(const struct source *source, const char *kind, const char *key,
		       const char *value, json_t *place)
{
	static const char *const members[] = { "title",     "effect",  "risk",
					       "risk_text", "restart", "verify" };
	struct ta_planning *planning = source->planning;
	json_t *change = find_change(planning, key, place);
	const char *dialect = dialect_of(source->fix);

	if (!change) {
		change = json_pack("{s:s, s:s, s:o, s:s, s:[I], s:s}", "kind", kind, "key", key,
				   "place", place, "new", value, "fixes",
				   (json_int_t)source->fix_number, "dialect",
				   dialect ? dialect : "shell");
		return json_array_append_new(planning->changes, change) == 0 &&
		       SHARE(change, source->fix, members) && add_why(source, change);
	}
	json_decref(place);
	if (strcmp(ta_json_text(change, "new"), value) != 0)
		return leave_out(source,
				 _("another fix of the plan sets the same to another value"));
	return json_array_append_new(json_object_get(change, "fixes"),
				     json_integer((json_int_t)source->fix_number)) == 0 &&
	       add_why(source, change);
}

static bool add_setting(const struct source *source, const struct ta_tunable *tunable,
			const char *value)
{
	json_t *place = tunable ? place_of_setting(source, tunable) : NULL;

	return !tunable || (place && add_change(source, "sysctl", tunable->key, value, place));
}

static bool add_settings(const struct source *source)
{
	const char *key;
	json_t *value;
	bool ok = true;

	json_object_foreach (json_object_get(source->fix, "settings"), key, value)
		ok = ok && add_setting(source, ta_tunable_find(key), json_string_value(value));
	return ok;
}

/* "8192:65536" of { soft, hard }; "8192:" without a hard one, which then stays. */
static void print_pair(const json_t *limit, char *ret, size_t size)
{
	snprintf(ret, size, "%.30s:%.30s", ta_json_text(limit, "soft"),
		 ta_json_text(limit, "hard"));
}

/* The change of the same limit that another fix of the finding makes at run time. */
static json_t *find_limit(const struct source *source)
{
	const json_t *limit = json_object_get(source->fix, "limit");
	json_t *change;
	size_t i;

	json_array_foreach (source->planning->changes, i, change)
		if (!ta_change_is_setting(change) && ta_row_cites(change, source->finding) &&
		    json_equal(json_object_get(change, "key"), json_object_get(limit, "name")))
			return change;
	return NULL;
}

/* Whether the fix is for a process that the snapshot knows. */
static bool runs_now(const struct source *source)
{
	const char *pid = ta_json_text(json_object_get(source->fix, "limit"), "pid");

	return *pid && find_process(source->planning, strtoll(pid, NULL, 10));
}

static bool add_limit(const struct source *source)
{
	const json_t *limit = json_object_get(source->fix, "limit");
	json_t *place = place_of_limit(source, strtoll(ta_json_text(limit, "pid"), NULL, 10));
	char value[64];

	print_pair(limit, value, sizeof(value));
	return place && add_change(source, "limit", ta_json_text(limit, "name"), value, place);
}

/* Whether the dialect is about what started the process, and not about an engine or a node. */
static bool is_of_place(const char *dialect, const json_t *change)
{
	const char *kind = ta_json_text(json_object_get(change, "place"), "kind");

	return dialect && (strcmp(dialect, "systemd") != 0 || strcmp(kind, "service") == 0);
}

/* What is set for good may be more than what the process can be given now. It is told with the
 * change, where there is one and it has the words. */
static bool add_limit_for_good(const struct source *source)
{
	static const char *const restart[] = { "restart" };
	json_t *change = find_limit(source);
	const char *dialect = dialect_of(source->fix);
	char value[64];

	if (!change || !is_of_place(dialect, change) || json_object_get(change, "for_good"))
		return add_step(source, "by_hand");
	print_pair(json_object_get(source->fix, "limit"), value, sizeof(value));
	return ta_json_set(change, "for_good", json_string(value)) &&
	       ta_json_set(change, "dialect", json_string(dialect)) &&
	       share(change, source->fix, restart, 1);
}

/* ---- findings ------------------------------------------------------------------------ */

static bool add_fix(struct source *source)
{
	const char *kind = ta_json_text(source->fix, "kind");

	source->fix_number++;
	if (json_object_size(json_object_get(source->fix, "settings")))
		return add_settings(source);
	if (json_object_get(source->fix, "limit"))
		return runs_now(source) ? add_limit(source) : add_limit_for_good(source);
	if (strcmp(kind, "application") == 0)
		return add_step(source, "first");
	return strcmp(kind, "none") == 0 || add_step(source, "by_hand");
}

static bool changes_something(const json_t *fix)
{
	return json_object_size(json_object_get(fix, "settings")) || json_object_get(fix, "limit");
}

static bool add_finding(struct source *source)
{
	enum ta_severity severity = ta_severity_parse(ta_json_text(source->finding, "severity"));
	bool is_minor = severity < source->planning->options->least, ok = true;
	const json_t *fix;
	size_t i;

	json_array_foreach (json_object_get(source->finding, "fixes"), i, fix) {
		source->fix = fix;
		if (!is_minor)
			ok = ok && add_fix(source);
		else if (changes_something(fix))
			ok = ok &&
			     leave_out(source, "its finding is a note: --min-severity info acts on "
					       "notes, too");
	}
	return ok;
}

bool ta_planning_collect(struct ta_planning *planning, struct ta_error *err)
{
	struct source source = { .planning = planning };
	const json_t *finding;
	bool ok = true;
	size_t i;

	json_array_foreach (json_object_get(planning->report, "findings"), i, finding) {
		const json_t *scope = json_object_get(finding, "scope");
		const char *name = ta_json_text(scope, "namespace");

		if (json_object_get(finding, "silenced"))
			continue;
		ta_site_find(
			planning->snapshot,
			find_namespace(planning, *name ? name : ta_json_text(scope, "lives_in")),
			NULL, &source.site);
		source.finding = finding;
		ok = ok && add_finding(&source);
	}
	return ok ? true : ta_fail(err, TA_E_NOMEM, "out of memory");
}

/* ---- what the stages ask of a change ------------------------------------------------- */

const json_t *ta_change_process(const struct ta_planning *planning, const json_t *change)
{
	const json_t *pid = json_object_get(json_object_get(change, "place"), "pid");

	return pid ? find_process(planning, json_integer_value(pid)) : NULL;
}

bool ta_row_cites(const json_t *row, const json_t *finding)
{
	const json_t *why;
	size_t i;

	json_array_foreach (json_object_get(row, "why"), i, why)
		if (json_equal(json_object_get(why, "fingerprint"),
			       json_object_get(finding, "fingerprint")))
			return true;
	return false;
}

bool ta_change_is_setting(const json_t *change)
{
	return strcmp(ta_json_text(change, "kind"), "sysctl") == 0;
}

const json_t *ta_change_namespace(const struct ta_planning *planning, const json_t *change)
{
	return find_namespace(planning,
			      ta_json_text(json_object_get(change, "place"), "namespace"));
}
