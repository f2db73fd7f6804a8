/* verdicts.c - what is said of a redacted snapshot is what is said of the snapshot: each case of
 * each pack's tests is judged twice by its rule, and severities, classes and outcomes must be the
 * same.
 *
 * usage: verdicts; prints the cases that differ, exit 1 when there are some. */
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/resource.h"
#include "base/text.h"
#include "rules/testing.h"
#include "snapshot/redact.h"
#include "tcpadvise/rules.h"
#include "../rules/cases.h"

TA_DEFINE_AUTO(json_t, json_decref)

struct look {
	struct ta_rules *rules;
	size_t judged, wrong;
	struct ta_error err;
};

/* Counts "critical ephemeral-port-exhaustion port_exhaustion". */
static void count(json_t *verdict, const char *how, const json_t *row)
{
	char line[256];

	snprintf(line, sizeof(line), "%s %s %s", how, ta_json_text(row, "rule"),
		 ta_json_text(row, "class"));
	ta_json_set(verdict, line,
		    json_integer(json_integer_value(json_object_get(verdict, line)) + 1));
}

/* What the rule says of the snapshot: how often each outcome, none where it does not apply. NULL
 * with look->err set. */
static json_t *verdict_of(struct look *look, const char *rule, const json_t *snapshot)
{
	static const char *const outcomes[] = { "passed", "not_checked" };
	const char *only[] = { rule, NULL };
	struct ta_evaluate_options options = { .only = only };
	ta_auto(json_decref_p) json_t *report = NULL;
	json_t *verdict, *row;
	size_t i;

	if (!ta_rules_evaluate(look->rules, snapshot, &options, &report, &look->err))
		return NULL;
	verdict = json_object();
	json_array_foreach (json_object_get(report, "findings"), i, row)
		count(verdict, ta_json_text(row, "severity"), row);
	for (size_t n = 0; n < TA_ARRAY_SIZE(outcomes); n++)
		json_array_foreach (json_object_get(report, outcomes[n]), i, row)
			count(verdict, outcomes[n], row);
	return verdict;
}

static bool redact(struct look *look, json_t *snapshot)
{
	struct ta_redactor *redactor = ta_redactor_new(&look->err);
	bool ok = redactor && ta_redact(redactor, snapshot, &look->err);

	ta_redactor_free(redactor);
	return ok;
}

static void judge(void *ctx, const json_t *base, const json_t *test)
{
	struct look *look = ctx;
	const char *rule = ta_json_text(test, "rule");
	ta_auto(json_decref_p) json_t *snapshot =
		ta_test_snapshot(base, json_object_get(test, "patch"));
	ta_auto(json_decref_p) json_t *own = json_deep_copy(snapshot);
	ta_auto(json_decref_p) json_t *before = verdict_of(look, rule, snapshot);
	ta_auto(json_decref_p) json_t *after =
		redact(look, own) ? verdict_of(look, rule, own) : NULL;

	look->judged++;
	if (before && after && json_equal(before, after))
		return;
	look->wrong++;
	printf("%s (\"%s\"): %s\n", rule, ta_json_text(test, "name"),
	       before && after ? "another verdict when redacted" : look->err.text);
}

int main(void)
{
	struct look look = { .rules = ta_rules_new(), .err = TA_ERROR_INIT };
	struct ta_rule_mistakes mistakes = { 0 };

	if (look.rules && ta_rules_add_builtin(look.rules, TA_BUILTIN_WHOLE, &look.err) &&
	    ta_rules_finish(look.rules, &mistakes, &look.err))
		each_case(judge, &look);
	ta_rule_mistakes_done(&mistakes);
	ta_rules_free(look.rules);
	printf("%zu cases judged twice, %zu differ\n", look.judged, look.wrong);
	return look.wrong || !look.judged;
}
