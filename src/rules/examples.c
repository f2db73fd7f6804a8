/* examples.c - see examples.h. */
#include "rules/examples.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/resource.h"
#include "rules/testing.h"

TA_DEFINE_AUTO(json_t, json_decref)

/* The test file of the rule's pack; a new reference, or NULL. */
static json_t *test_file(const struct ta_rule *rule)
{
	const struct ta_resource *resource;
	char name[160];

	if (!ta_source_is_builtin(rule->pack->source))
		return NULL;
	snprintf(name, sizeof(name), "%.140s.test.json", rule->pack->name);
	resource = ta_resource_find(name);
	return resource ? json_loadb(resource->data, resource->size, 0, NULL) : NULL;
}

/* A case that shows the rule as it is: it fires, with the parameters of the pack. */
static bool is_example(const json_t *test, const struct ta_rule *rule)
{
	return strcmp(ta_json_text(test, "rule"), rule->id) == 0 &&
	       json_object_get(json_object_get(test, "expect"), "findings") &&
	       !json_object_get(test, "params");
}

static bool judge(const struct ta_rules *rules, const json_t *base, const json_t *test,
		  struct ta_coverage *coverage, json_t *example, struct ta_error *err)
{
	const char *only[] = { ta_json_text(test, "rule"), NULL };
	struct ta_evaluate_options options = { .only = only };
	ta_auto(json_decref_p) json_t *snapshot =
		ta_test_snapshot(base, json_object_get(test, "patch"));
	ta_auto(json_decref_p) json_t *report = NULL;
	json_t *finding;

	if (!snapshot)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	if (!ta_rules_evaluate_covered(rules, snapshot, &options, coverage, &report, err))
		return false;
	finding = json_array_get(json_object_get(report, "findings"), 0);
	if (finding && !json_object_get(example, "finding") &&
	    json_object_set(example, "finding", finding) < 0)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	return true;
}

json_t *ta_rule_example(const struct ta_rules *rules, const struct ta_rule *rule,
			struct ta_error *err)
{
	ta_auto(json_decref_p) json_t *file = test_file(rule);
	json_t *example = json_object(), *fixes = json_array();
	struct ta_coverage coverage;
	bool ok = ta_json_set(example, "fixes", fixes) || ta_fail(err, TA_E_NOMEM, "out of memory");
	size_t i;
	json_t *test;

	ta_coverage_init(&coverage);
	coverage.samples = fixes;
	json_array_foreach (json_object_get(file, "cases"), i, test)
		if (ok && is_example(test, rule))
			ok = judge(rules, json_object_get(file, "base"), test, &coverage, example,
				   err);
	ta_coverage_done(&coverage);
	if (ok)
		return example;
	json_decref(example);
	return NULL;
}
