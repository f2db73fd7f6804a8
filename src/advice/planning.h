/* planning.h - the stages of a plan, a file each. Each adds to the document and returns false when
 * memory ran out, or with *err set.
 *
 * The document is rules/schema/plan.schema.json; a change of it is an object of "changes", made by
 * the first stage and completed by the others. */
#ifndef ADVICE_PLANNING_H
#define ADVICE_PLANNING_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "base/macros.h"
#include "dialect/dialect.h"
#include "tcpadvise/advice.h"

TA_DEFINE_AUTO(json_t, json_decref)

struct ta_planning {
	const struct ta_rules *rules;
	const struct ta_plan_options *options;
	const json_t *snapshot, *report;
	json_t *plan;    /* the document; of it: */
	json_t *changes; /* borrowed */
};

/* From the fixes of the findings: what the application has to do, the changes, what is left to do
 * by hand, and what is left out and why. */
bool ta_planning_collect(struct ta_planning *planning, struct ta_error *err);

/* What each change is about: the present value, the files, the cost, how it is said and taken
 * back. */
bool ta_planning_describe(struct ta_planning *planning, struct ta_error *err);

/* Which changes must not be made, and why: "refused". */
bool ta_planning_refuse(struct ta_planning *planning, struct ta_error *err);

/* The order in which they have to be made: their numbers, and the numbers that each needs. */
bool ta_planning_order(struct ta_planning *planning, struct ta_error *err);

/* What each change, and all together, would make of the findings. */
bool ta_planning_predict(struct ta_planning *planning, struct ta_error *err);

/* ---- what the stages ask of a change ---- */

/* Why no file of ours would set a sysctl at boot; NULL: one would. */
const char *ta_change_why_no_file(const struct ta_planning *planning, const json_t *change);

/* Adds "file", "today" and "at_boot" to a change that has its dialect; false: no memory. */
bool ta_change_files(const struct ta_planning *planning, json_t *change);

/* The namespace of the snapshot that a change is about; NULL: the host. */
const json_t *ta_change_namespace(const struct ta_planning *planning, const json_t *change);

/* The process whose limit a change is; NULL: the snapshot does not know it. */
const json_t *ta_change_process(const struct ta_planning *planning, const json_t *change);

/* Whether the finding, or what a comparison says of it, is in the "why" of a row. */
bool ta_row_cites(const json_t *row, const json_t *finding);

/* Whether it is a sysctl, and not a limit. */
bool ta_change_is_setting(const json_t *change);

/* The change as a dialect takes it; the strings are those of the change, why is a buffer that lives
 * as long as the item. */
struct ta_dialect_item ta_change_item(const json_t *change, const struct ta_dialect *dialect,
				      struct ta_buf *why);

/* The lines of these changes in a dialect, those that are refused left out: a new reference; NULL
 * when memory ran out. */
json_t *ta_changes_lines(const json_t *plan, const json_t *changes, const char *dialect,
			 const char *kubernetes);

#endif
