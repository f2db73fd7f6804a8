/* plan.c - findings turned into one ordered set of changes: see tcpadvise/advice.h. */
#include <string.h>

#include "advice/planning.h"

/* The document without what the stages add. */
static json_t *outline(const json_t *report)
{
	static const char *const shared[] = { "tool", "taken_at", "host", "summary" };
	json_t *plan = json_pack("{s:s}", "schema", TA_PLAN_SCHEMA);
	bool ok = plan;

	for (size_t i = 0; ok && i < TA_ARRAY_SIZE(shared); i++) {
		json_t *value = json_object_get(report, shared[i]);

		ok = !value || json_object_set(plan, shared[i], value) == 0;
	}
	ok = ok && ta_json_set(plan, "first", json_array()) &&
	     ta_json_set(plan, "changes", json_array()) &&
	     ta_json_set(plan, "by_hand", json_array()) &&
	     ta_json_set(plan, "left_out", json_array());
	if (ok)
		return plan;
	json_decref(plan);
	return NULL;
}

/* What only the stages need. */
static void drop_scaffold(const json_t *changes)
{
	json_t *change;
	size_t i;

	json_array_foreach (changes, i, change)
		json_object_del(change, "fixes");
}

bool ta_plan(const struct ta_rules *rules, const json_t *snapshot,
	     const struct ta_plan_options *options, json_t **ret, struct ta_error *err)
{
	ta_auto(json_decref_p) json_t *report = NULL, *plan = NULL;
	struct ta_planning planning = { .rules = rules, .options = options, .snapshot = snapshot };

	if (!ta_rules_evaluate(rules, snapshot, &options->evaluate, &report, err))
		return false;
	planning.report = report;
	planning.plan = plan = outline(report);
	if (!plan)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	planning.changes = json_object_get(plan, "changes");
	if (!ta_planning_collect(&planning, err) || !ta_planning_describe(&planning, err) ||
	    !ta_planning_refuse(&planning, err) || !ta_planning_order(&planning, err) ||
	    !ta_planning_predict(&planning, err))
		return false;
	drop_scaffold(planning.changes);
	*ret = TA_TAKE(plan);
	return true;
}
