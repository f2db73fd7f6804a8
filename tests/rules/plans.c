/* plans.c - a plan of every case of each pack's tests, and of whole hosts: it is one by its schema,
 * sets each key once in a place and what another needs after it, every format of it prints, and
 * what it says would go is gone when the changes are assumed.
 *
 * usage: plans [HOST.json...]; prints what is wrong and what was looked at, exit 1 when something
 * is. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/resource.h"
#include "base/schema.h"
#include "base/text.h"
#include "rules/testing.h"
#include "tcpadvise/advice.h"
#include "cases.h"

TA_DEFINE_AUTO(json_t, json_decref)

struct look {
	struct ta_rules *rules;
	json_t *schema;
	const char *rule, *test;
	const json_t *snapshot;
	struct ta_plan_options options;
	size_t plans, changes, gone, wrong;
};

static void wrong(struct look *look, const char *what, const char *why)
{
	printf("%s (\"%s\"): %s: %s\n", look->rule, look->test, what, why);
	look->wrong++;
}

/* ---- the document -------------------------------------------------------------------- */

static void report_mistake(void *ctx, const char *pointer, bool on_key, const char *text,
			   const char *hint)
{
	(void)on_key;
	(void)hint;
	wrong(ctx, pointer, text);
}

/* What a change is about: the namespace or process, and the key. */
static bool is_same_target(const json_t *a, const json_t *b)
{
	static const char *const members[] = { "namespace", "pid" };
	const json_t *left = json_object_get(a, "place"), *right = json_object_get(b, "place");
	bool is_setting = strcmp(ta_json_text(a, "kind"), "sysctl") == 0;

	return strcmp(ta_json_text(a, "key"), ta_json_text(b, "key")) == 0 &&
	       json_equal(json_object_get(left, members[!is_setting]),
			  json_object_get(right, members[!is_setting]));
}

static void check_once(struct look *look, const json_t *changes)
{
	for (size_t i = 0; i < json_array_size(changes); i++)
		for (size_t j = 0; j < i; j++) {
			const json_t *change = json_array_get(changes, i);

			if (is_same_target(change, json_array_get(changes, j)))
				wrong(look, ta_json_text(change, "key"), "is set twice");
		}
}

/* Numbers count from one, what is needed has a lower one, and limits come last. */
static void check_order(struct look *look, const json_t *changes)
{
	const json_t *change, *number;
	bool limits = false;
	size_t i, j;

	json_array_foreach (changes, i, change) {
		const char *key = ta_json_text(change, "key");
		json_int_t own = json_integer_value(json_object_get(change, "number"));
		bool is_limit = strcmp(ta_json_text(change, "kind"), "limit") == 0;

		if (own != (json_int_t)i + 1)
			wrong(look, key, "has a wrong number");
		if (limits && !is_limit)
			wrong(look, key, "comes after a limit");
		limits = is_limit;
		json_array_foreach (json_object_get(change, "needs"), j, number)
			if (json_integer_value(number) >= own)
				wrong(look, key, "comes before what it needs");
	}
}

/* ---- the formats --------------------------------------------------------------------- */

static void check_format(struct look *look, const json_t *plan, const char *format)
{
	struct ta_render_options options = { .verbose = true };
	struct ta_error err = TA_ERROR_INIT;
	ta_auto_free char *text = NULL;
	size_t len = 0;

	if (!ta_plan_render(plan, format, &options, NULL, &text, &len, &err))
		wrong(look, format, err.text);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' && text[i] != '\n') {
			wrong(look, format, "prints a control character");
			return;
		}
}

/* ---- the outlook --------------------------------------------------------------------- */

static bool is_found(const json_t *report, const json_t *row)
{
	const json_t *finding;
	size_t i;

	json_array_foreach (json_object_get(report, "findings"), i, finding)
		if (json_equal(json_object_get(finding, "fingerprint"),
			       json_object_get(row, "fingerprint")))
			return true;
	return false;
}

static void check_outlook(struct look *look, const json_t *outlook)
{
	ta_auto(json_decref_p) json_t *assumptions =
		json_deep_copy(json_object_get(outlook, "assumed"));
	ta_auto(json_decref_p) json_t *assumed = NULL, *report = NULL;
	struct ta_error err = TA_ERROR_INIT;
	const json_t *row;
	size_t i;

	if (!ta_assume(look->snapshot, assumptions, &assumed, &err) ||
	    !ta_rules_evaluate(look->rules, assumed, &look->options.evaluate, &report, &err)) {
		wrong(look, "outlook", err.text);
		return;
	}
	json_array_foreach (json_object_get(outlook, "findings"), i, row) {
		bool goes = strcmp(ta_json_text(row, "outcome"), "goes") == 0;

		look->gone += goes;
		if (goes && is_found(report, row))
			wrong(look, ta_json_text(row, "rule"), "was to go, and is there");
	}
}

/* ---- every plan ---------------------------------------------------------------------- */

static void plan(struct look *look)
{
	ta_auto(json_decref_p) json_t *document = NULL, *before = json_deep_copy(look->snapshot);
	struct ta_error err = TA_ERROR_INIT;
	const json_t *changes;

	look->plans++;
	if (!ta_plan(look->rules, look->snapshot, &look->options, &document, &err)) {
		wrong(look, "no plan", err.text);
		return;
	}
	if (!json_equal(before, look->snapshot))
		wrong(look, "the snapshot", "was changed");
	ta_schema_check(look->schema, document, TA_SCHEMA_CLOSED, report_mistake, look);
	changes = json_object_get(document, "changes");
	look->changes += json_array_size(changes);
	check_once(look, changes);
	check_order(look, changes);
	for (const char *const *format = ta_plan_formats(); *format; format++)
		check_format(look, document, *format);
	if (json_object_get(document, "outlook"))
		check_outlook(look, json_object_get(document, "outlook"));
}

static void plan_case(void *ctx, const json_t *base, const json_t *test)
{
	struct look *look = ctx;
	ta_auto(json_decref_p) json_t *snapshot =
		ta_test_snapshot(base, json_object_get(test, "patch"));
	const char *only[] = { ta_json_text(test, "rule"), NULL };

	look->rule = only[0];
	look->test = ta_json_text(test, "name");
	look->snapshot = snapshot;
	look->options =
		(struct ta_plan_options){ .least = TA_SEVERITY_INFO, .evaluate = { .only = only } };
	plan(look);
}

/* All rules, of a whole host. */
static void plan_host(struct look *look, const char *path)
{
	ta_auto(json_decref_p) json_t *snapshot = json_load_file(path, 0, NULL);

	look->rule = path;
	look->test = "whole";
	look->snapshot = snapshot;
	look->options = (struct ta_plan_options){ .least = TA_SEVERITY_INFO };
	if (snapshot)
		plan(look);
	else
		wrong(look, "it", "can't be read");
}

int main(int argc, char **argv)
{
	const struct ta_resource *schema = ta_resource_find("schema/plan.schema.json");
	struct look look = { .rules = ta_rules_new() };
	struct ta_rule_mistakes mistakes = { 0 };
	struct ta_error err = TA_ERROR_INIT;

	if (!look.rules || !ta_rules_add_builtin(look.rules, TA_BUILTIN_WHOLE, &err) ||
	    !ta_rules_finish(look.rules, &mistakes, &err)) {
		printf("%s%s\n", mistakes.text ? mistakes.text : "", err.text);
		return 1;
	}
	look.schema = json_loadb(schema->data, schema->size, 0, NULL);
	each_case(plan_case, &look);
	for (int i = 1; i < argc; i++)
		plan_host(&look, argv[i]);
	printf("%zu plans, %zu changes, %zu findings that go, %zu wrong\n", look.plans,
	       look.changes, look.gone, look.wrong);
	json_decref(look.schema);
	ta_rule_mistakes_done(&mistakes);
	ta_rules_free(look.rules);
	return look.wrong || !look.changes || !look.gone;
}
