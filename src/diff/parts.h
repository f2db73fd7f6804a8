/* parts.h - the parts of a comparison, a file each; see tcpadvise/diff.h. Each adds its members to
 * the document and returns false when memory ran out. */
#ifndef DIFF_PARTS_H
#define DIFF_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/macros.h"
#include "tcpadvise/diff.h"

TA_DEFINE_AUTO(json_t, json_decref)

/* A network namespace, or the host: what each side has of it, NULL where it has none. Borrowed. */
struct ta_pair {
	const char *name; /* NULL: the host, whose sides are the snapshots */
	const json_t *before, *after;
};

/* A snapshot and its report, and what is looked up in them. */
struct ta_side {
	struct ta_diff_side given; /* borrowed, as the maps' values are */
	json_t *namespaces;        /* as ta_diff_namespaces() makes it; owned */
	json_t *verdicts;          /* for ta_diff_verdict(); owned */
};

struct ta_sides {
	struct ta_side before, after;
	struct ta_pair *pairs; /* the host, then the namespaces in the order of "after" */
	size_t count;
	double apart_s;        /* > 0 when both times are known and in order, else 0 */
	const char *no_growth; /* why no counter can be compared; NULL: those of the same
				  namespace can */
};

/* Whether both snapshots are of one boot of one host: 1, 0, or -1 where nobody knows. */
int ta_diff_same_boot(const json_t *before, const json_t *after);

/* The namespaces of a snapshot: name -> the first one of the name. NULL: no memory. */
json_t *ta_diff_namespaces(const json_t *snapshot);

bool ta_diff_findings(const struct ta_sides *sides, json_t *document);
bool ta_diff_settings(const struct ta_sides *sides, json_t *document);
bool ta_diff_figures(const struct ta_sides *sides, json_t *document);
bool ta_diff_counters(const struct ta_sides *sides, json_t *document);
bool ta_diff_checks(const struct ta_sides *sides, json_t *document);

/* ---- what one report says of each rule in each place ---- */

/* An index of the rows of a report, for ta_diff_verdict(); borrows nothing. NULL: no memory. */
json_t *ta_diff_verdicts(const json_t *report);

/* What is known of a rule in a namespace ("": none): "passed" and "not_checked" are the rows of the
 * report, "fired" is there when it found something. NULL when the rule did not apply. */
const json_t *ta_diff_verdict(const json_t *verdicts, const char *rule, const char *namespace);

/* ---- rows ---- */

/* Adds a row for this place to a list: an object with "namespace" unless it is the host. Borrowed;
 * NULL when memory ran out. */
json_t *ta_diff_row(json_t *list, const struct ta_pair *place);

/* Sets a member to what another document owns; nothing when that is NULL. */
bool ta_diff_share(json_t *row, const char *name, const json_t *value);

/* Sets a member to a side's figure: { value, limit }; nothing when it has none. */
bool ta_diff_share_figure(json_t *row, const char *side, const json_t *value, const json_t *limit);

#endif
