/* Unit tests of src/rules/runtimes.c: which hints a program gets, and that the tables of programs,
 * the schemas and what redaction leaves know the same names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/resource.h"
#include "rules/runtimes.h"
#include "snapshot/public.h"

/* "C Go" of the hints that a program gets of those for C, Go, Java, Node.js, nginx and Redis. */
static void assert_gets(const char *program, const char *want)
{
	json_auto_t *code = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "C", "c", "Go", "g", "Java",
				      "j", "Node.js", "n", "nginx", "x", "Redis", "r");
	json_auto_t *hints = ta_runtime_hints(code, program);
	char text[200] = "";
	const char *runtime;
	json_t *hint;

	json_object_foreach (hints, runtime, hint) {
		strcat(text, *text ? " " : "");
		strcat(text, runtime);
		assert_true(json_equal(hint, json_object_get(code, runtime)));
	}
	if (strcmp(text, want) != 0)
		fail_msg("%s gets '%s', not '%s'", program ? program : "no name", text, want);
}

static void the_name_tells_the_runtime(void **state)
{
	static const char *const rows[][2] = {
		{ "java", "Java" },
		{ "node", "Node.js" },
		{ "node22", "Node.js" },
		{ "MainThread", "Node.js" },
		{ "nginx", "nginx" },
		{ "redis-server", "Redis" },
		{ "python3.11", "" }, /* there is no hint for Python */
		{ "postgres", "" },
		{ "node_exporter", "C Go Java Node.js" },
		{ "javac", "C Go Java Node.js" },
		{ "nginx-proxy", "C Go Java Node.js" },
		{ "checkout", "C Go Java Node.js" },
		{ "", "C Go Java Node.js" },
		{ NULL, "C Go Java Node.js nginx Redis" },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++)
		assert_gets(rows[i][0], rows[i][1]);
}

static void without_hints_there_are_none(void **state)
{
	json_auto_t *hints = ta_runtime_hints(NULL, "java");

	(void)state;
	assert_non_null(hints);
	assert_int_equal(json_object_size(hints), 0);
}

/* The runtimes of a schema: the properties of "code" of a fix. */
static json_t *runtimes_of(const char *schema, const char *holder)
{
	const struct ta_resource *resource = ta_resource_find(schema);
	json_auto_t *root = NULL;
	json_t *at;

	assert_non_null(resource);
	root = json_loadb(resource->data, resource->size, 0, NULL);
	at = json_object_get(json_object_get(root, "$defs"), holder);
	at = json_object_get(json_object_get(at, "properties"), "fixes");
	at = json_object_get(json_object_get(at, "items"), "properties");
	at = json_object_get(json_object_get(at, "code"), "properties");
	assert_true(json_object_size(at) > 0);
	return json_incref(at);
}

static void both_schemas_have_the_same_runtimes(void **state)
{
	json_auto_t *pack = runtimes_of("schema/rule-pack.schema.json", "rule");
	json_auto_t *report = runtimes_of("schema/report.schema.json", "finding");

	(void)state;
	assert_true(json_equal(pack, report));
}

static void each_program_has_a_runtime_and_is_left_by_redaction(void **state)
{
	json_auto_t *runtimes = runtimes_of("schema/rule-pack.schema.json", "rule");
	const struct ta_public *names = ta_public(NULL);
	size_t count;
	const struct ta_program *programs = ta_programs(&count);

	(void)state;
	assert_non_null(names);
	for (size_t i = 0; i < count; i++) {
		const char *name = programs[i].name;

		if (!json_object_get(runtimes, programs[i].runtime))
			fail_msg("%s is of %s", name, programs[i].runtime);
		if (!ta_public_has(names, ta_slice(name, strlen(name))))
			fail_msg("%s is not in public.json", name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_name_tells_the_runtime),
		cmocka_unit_test(without_hints_there_are_none),
		cmocka_unit_test(both_schemas_have_the_same_runtimes),
		cmocka_unit_test(each_program_has_a_runtime_and_is_left_by_redaction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
