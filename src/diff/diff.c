/* diff.c - the document of a comparison: who is compared, and what its parts say; see
 * tcpadvise/diff.h. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/language.h"
#include "diff/parts.h"

/* ---- rows --------------------------------------------------------------------------- */

bool ta_diff_share(json_t *row, const char *name, const json_t *value)
{
	return !value || json_object_set(row, name, (json_t *)value) == 0;
}

bool ta_diff_share_figure(json_t *row, const char *side, const json_t *value, const json_t *limit)
{
	json_t *figure;

	if (!value)
		return true;
	figure = json_object();
	return ta_json_set(row, side, figure) && ta_diff_share(figure, "value", value) &&
	       ta_diff_share(figure, "limit", limit);
}

json_t *ta_diff_row(json_t *list, const struct ta_pair *place)
{
	json_t *row = json_object();

	if (row && place->name && !ta_json_set(row, "namespace", json_string(place->name))) {
		json_decref(row);
		return NULL;
	}
	return json_array_append_new(list, row) == 0 ? row : NULL;
}

/* ---- the sides ---------------------------------------------------------------------- */

static bool side_init(struct ta_side *side, const struct ta_diff_side *given)
{
	*side = (struct ta_side){ .given = *given,
				  .namespaces = ta_diff_namespaces(given->snapshot),
				  .verdicts = ta_diff_verdicts(given->report) };
	return side->namespaces && side->verdicts;
}

static void side_done(struct ta_side *side)
{
	json_decref(side->namespaces);
	json_decref(side->verdicts);
}

static const json_t *host_of(const struct ta_side *side)
{
	return json_object_get(side->given.snapshot, "host");
}

static bool is_one_host(const struct ta_sides *sides)
{
	const char *one = ta_json_string(host_of(&sides->before), "name");
	const char *other = ta_json_string(host_of(&sides->after), "name");

	return !one || !other || strcmp(one, other) == 0;
}

/* By the host's uptime, which is finer than the times and which nobody sets. */
static bool apart_by_uptime(const struct ta_sides *sides, double *ret)
{
	const json_t *before = json_object_get(host_of(&sides->before), "uptime_s");
	const json_t *after = json_object_get(host_of(&sides->after), "uptime_s");

	*ret = json_number_value(after) - json_number_value(before);
	return before && after;
}

static bool apart_by_times(const struct ta_sides *sides, double *ret)
{
	int64_t before_ms, after_ms;

	if (!ta_clock_parse(ta_json_text(sides->before.given.snapshot, "taken_at"), &before_ms) ||
	    !ta_clock_parse(ta_json_text(sides->after.given.snapshot, "taken_at"), &after_ms))
		return false;
	*ret = (double)(after_ms - before_ms) / 1000;
	return true;
}

/* Seconds from one to the other; 0 when that is not known or they are not in order. */
static double apart(const struct ta_sides *sides)
{
	bool same_boot =
		ta_diff_same_boot(sides->before.given.snapshot, sides->after.given.snapshot) == 1;
	double seconds;

	if (!(same_boot && apart_by_uptime(sides, &seconds)) && !apart_by_times(sides, &seconds))
		return 0;
	return seconds > 0 ? seconds : 0;
}

static const char *why_no_growth(const struct ta_sides *sides)
{
	switch (ta_diff_same_boot(sides->before.given.snapshot, sides->after.given.snapshot)) {
	case 1:
		return sides->apart_s > 0
			       ? NULL
			       : N_("the second was not taken after the first, as far as "
				    "their times tell");
	case 0:
		return is_one_host(sides) ? N_("the host was booted between the two")
					  : N_("they are of two hosts");
	default:
		return N_("whether both are of one boot is not known");
	}
}

static void add_pairs(struct ta_sides *sides, json_t *before, json_t *after)
{
	const char *name;
	json_t *namespace;

	sides->pairs[sides->count++] =
		(struct ta_pair){ NULL, sides->before.given.snapshot, sides->after.given.snapshot };
	json_object_foreach (after, name, namespace)
		sides->pairs[sides->count++] =
			(struct ta_pair){ ta_json_text(namespace, "name"),
					  json_object_get(before, name), namespace };
	json_object_foreach (before, name, namespace)
		if (!json_object_get(after, name))
			sides->pairs[sides->count++] =
				(struct ta_pair){ ta_json_text(namespace, "name"), namespace,
						  NULL };
}

static bool pair(struct ta_sides *sides)
{
	json_t *before = sides->before.namespaces, *after = sides->after.namespaces;

	sides->pairs = calloc(1 + json_object_size(before) + json_object_size(after),
			      sizeof(*sides->pairs));
	if (sides->pairs)
		add_pairs(sides, before, after);
	return sides->pairs;
}

/* Both sides can be freed whatever this returns. */
static bool sides_init(struct ta_sides *sides, const struct ta_diff_side *before,
		       const struct ta_diff_side *after)
{
	bool ok = side_init(&sides->before, before);

	ok = side_init(&sides->after, after) && ok && pair(sides);
	sides->apart_s = apart(sides);
	sides->no_growth = why_no_growth(sides);
	return ok;
}

static void sides_done(struct ta_sides *sides)
{
	side_done(&sides->before);
	side_done(&sides->after);
	free(sides->pairs);
}

/* ---- the document's head ------------------------------------------------------------ */

/* { name, taken_at, host, kernel, summary } of one side. */
static bool add_side(json_t *document, const char *member, const struct ta_side *side)
{
	const json_t *host = host_of(side);
	const json_t *kernel = json_object_get(json_object_get(host, "kernel"), "release");
	json_t *row = json_object();

	return ta_json_set(document, member, row) &&
	       ta_json_set(row, "name", json_string(side->given.name)) &&
	       ta_diff_share(row, "taken_at", json_object_get(side->given.snapshot, "taken_at")) &&
	       ta_diff_share(row, "host", json_object_get(host, "name")) &&
	       ta_diff_share(row, "kernel", kernel) &&
	       ta_diff_share(row, "summary", json_object_get(side->given.report, "summary"));
}

static bool add_namespace(json_t *list, const struct ta_pair *pair, const json_t *renamed)
{
	const json_t *other_name = json_object_get(renamed, pair->name);
	const char *side = !pair->before ? "after" : !pair->after ? "before" : "both";
	json_t *row = json_object();

	return json_array_append_new(list, row) == 0 &&
	       ta_json_set(row, "name", json_string(pair->name)) &&
	       ta_json_set(row, "in", json_string(side)) &&
	       ta_diff_share(row, "was", json_object_get(other_name, "was")) &&
	       ta_diff_share(row, "same_by", json_object_get(other_name, "by"));
}

static bool add_namespaces(json_t *document, const struct ta_sides *sides, const json_t *renamed)
{
	json_t *list = json_array();
	bool ok = ta_json_set(document, "namespaces", list);

	for (size_t i = 1; ok && i < sides->count; i++)
		ok = add_namespace(list, &sides->pairs[i], renamed);
	return ok;
}

static bool add_head(json_t *document, const struct ta_sides *sides, const json_t *renamed)
{
	return ta_json_set(document, "schema", json_string(TA_DIFF_SCHEMA)) &&
	       ta_json_set(document, "tool",
			   json_pack("{s:s, s:s}", "name", "tcpadvise", "version",
				     TCPADVISE_VERSION)) &&
	       add_side(document, "before", &sides->before) &&
	       add_side(document, "after", &sides->after) &&
	       (sides->apart_s <= 0 ||
		ta_json_set(document, "apart_s", json_real(sides->apart_s))) &&
	       add_namespaces(document, sides, renamed);
}

/* ---- all ---------------------------------------------------------------------------- */

bool ta_diff(const struct ta_diff_side *before, const struct ta_diff_side *after,
	     const json_t *renamed, json_t **ret, struct ta_error *err)
{
	struct ta_sides sides = { .count = 0 };
	json_t *document = json_object();
	bool ok = sides_init(&sides, before, after) && document &&
		  add_head(document, &sides, renamed) && ta_diff_findings(&sides, document) &&
		  ta_diff_settings(&sides, document) && ta_diff_figures(&sides, document) &&
		  ta_diff_counters(&sides, document) && ta_diff_checks(&sides, document);
	sides_done(&sides);
	if (!ok) {
		json_decref(document);
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	}
	*ret = document;
	return true;
}

enum ta_severity ta_diff_worst(const json_t *diff)
{
	enum ta_severity worst = TA_SEVERITY_NONE;
	const json_t *finding;
	size_t i;

	json_array_foreach (json_object_get(diff, "findings"), i, finding) {
		const char *change = ta_json_text(finding, "change");
		enum ta_severity severity =
			ta_severity_parse(ta_json_text(finding, "severity_after"));

		if (strcmp(change, "appeared") != 0 && strcmp(change, "worsened") != 0)
			continue;
		if (!json_object_get(finding, "silenced") && severity > worst)
			worst = severity;
	}
	return worst;
}
