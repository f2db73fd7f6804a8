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

/* Cases with the parameters of the pack show the rule as it is; the others are for what only a
 * parameter can bring about. */
static bool is_example(const json_t *test, const struct ta_rule *rule, bool with_params)
{
	return strcmp(ta_json_text(test, "rule"), rule->id) == 0 &&
	       json_object_get(json_object_get(test, "expect"), "findings") &&
	       (json_object_get(test, "params") != NULL) == with_params;
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

static bool judge_with_params(struct ta_rules *rules, struct ta_pack *pack, const json_t *base,
			      const json_t *test, struct ta_coverage *coverage, json_t *example,
			      struct ta_error *err)
{
	json_t *before = pack->params;
	bool ok;

	pack->params = ta_test_params(before, test);
	ok = pack->params && judge(rules, base, test, coverage, example, err);
	json_decref(pack->params);
	pack->params = before;
	return ok;
}

/* Puts the samples, first fixes and then warnings, into the members of the example. */
static bool sort_samples(const struct ta_rule *rule, const json_t *samples, json_t *example)
{
	json_t *fixes = json_array(), *avoid = json_array(), *sample;
	bool ok = ta_json_set(example, "fixes", fixes);
	size_t i;

	ok = ta_json_set(example, "avoid", avoid) && ok;
	json_array_foreach (samples, i, sample)
		ok = json_array_append(i < rule->fix_count ? fixes : avoid, sample) == 0 && ok;
	return ok;
}

static struct ta_pack *pack_of(struct ta_rules *rules, const struct ta_rule *rule)
{
	return &rules->packs[rule->pack - rules->packs];
}

json_t *ta_rule_example(struct ta_rules *rules, const struct ta_rule *rule, struct ta_error *err)
{
	ta_auto(json_decref_p) json_t *file = test_file(rule);
	ta_auto(json_decref_p) json_t *samples = json_array();
	const json_t *base = json_object_get(file, "base");
	json_t *example = json_object(), *test;
	struct ta_coverage coverage;
	bool ok = samples && example;
	size_t i;

	ta_coverage_init(&coverage);
	coverage.samples = samples;
	for (int with_params = 0; with_params < 2; with_params++)
		json_array_foreach (json_object_get(file, "cases"), i, test)
			if (ok && is_example(test, rule, with_params))
				ok = judge_with_params(rules, pack_of(rules, rule), base, test,
						       &coverage, example, err);
	ok = ok && !coverage.failed && sort_samples(rule, samples, example);
	ta_coverage_done(&coverage);
	if (ok)
		return example;
	json_decref(example);
	if (err && !err->code)
		ta_fail(err, TA_E_NOMEM, "out of memory");
	return NULL;
}
