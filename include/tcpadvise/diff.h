/* diff.h - two snapshots and their reports held against each other: before and after a fix.
 *
 * Pure, as the evaluation is. What only one side knows is "not known" on the other, never a change
 * from 0; what the other side could not check has neither appeared nor cleared. */
#ifndef TCPADVISE_DIFF_H
#define TCPADVISE_DIFF_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "tcpadvise/error.h"
#include "tcpadvise/report.h"

#define TA_DIFF_SCHEMA "tcpadvise.diff/1"

struct ta_diff_side {
	const char *name; /* for people: the file */
	const json_t *snapshot;
	const json_t *report; /* what the same rules say of it */
};

/* To be called with both snapshots before either is evaluated: findings are told apart by the name
 * of their namespace, and who looks may know it by another. Finds the namespaces of "after" in
 * "before": by name; else by inode within one boot, unless both names are given ones; else the only
 * one of each, where nothing says that they are two. "before" gets the name that "after" has for
 * it. *ret is a new reference, the names that were changed: {"new": {"was": "old", "by": "inode"}}.
 */
TA_API bool ta_diff_align(json_t *before, const json_t *after, json_t **ret, struct ta_error *err);

/* *ret is a new reference: the document of rules/schema/diff.schema.json. renamed is what
 * ta_diff_align() returned. */
TA_API bool ta_diff(const struct ta_diff_side *before, const struct ta_diff_side *after,
		    const json_t *renamed, json_t **ret, struct ta_error *err);

/* The worst severity among the findings that appeared or worsened and are not silenced. */
TA_API enum ta_severity ta_diff_worst(const json_t *diff);

/* The document as text for a person; *ret_text is to be freed. */
TA_API bool ta_diff_render(const json_t *diff, const struct ta_render_options *options,
			   char **ret_text, size_t *ret_len, struct ta_error *err);

#endif
