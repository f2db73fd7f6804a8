/* Unit tests of src/rules/lets.c: which lets of its pack a rule gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rules/lets.h"

static void a_name_is_a_word_outside_of_strings(void **state)
{
	(void)state;
	assert_true(ta_names_variable("a + limit * 2", "limit"));
	assert_true(ta_names_variable("limit", "limit"));
	assert_true(ta_names_variable("x.filter(l, l.port > limit)", "limit"));
	assert_false(ta_names_variable("limits + my_limit", "limit"));
	assert_false(ta_names_variable("d.limit", "limit"));
	assert_false(ta_names_variable("d . limit", "limit"));
	assert_false(ta_names_variable("'limit' + \"a limit\"", "limit"));
	assert_true(ta_names_variable("'it\\'s' + limit", "limit"));
	assert_false(ta_names_variable("'limit", "limit")); /* the string has no end */
}

/* JSON with ' for ". */
static json_t *parse(const char *text)
{
	char *copy = strdup(text);
	json_t *json;

	assert_non_null(copy);
	for (char *p = copy; *p; p++)
		*p = *p == '\'' ? '"' : *p;
	json = json_loads(copy, 0, NULL);
	assert_non_null(json);
	free(copy);
	return json;
}

static void assert_lets(const char *pack_text, const char *rule_text, const char *expected_text)
{
	json_t *pack = parse(pack_text), *rule = parse(rule_text), *expected = parse(expected_text);
	json_t *lets = ta_lets_of(pack, rule);

	if (!json_equal(lets, expected))
		fail_msg("%s", json_dumps(lets, JSON_COMPACT));
	json_decref(lets);
	json_decref(pack);
	json_decref(rule);
	json_decref(expected);
}

static void a_rule_gets_what_it_names(void **state)
{
	static const char pack[] = "{'let': {'a': '1', 'b': 'c + 1', 'c': '2', 'd': '3'}}";

	(void)state;
	assert_lets(pack, "{}", "{}");
	assert_lets(pack, "{'applies': 'a > 0'}", "{'a': '1'}");
	assert_lets(pack, "{'severity': [{'level': 'info', 'when': 'd > 0'}]}", "{'d': '3'}");
	assert_lets(pack, "{'for_each': {'x': '[a]'}}", "{'a': '1'}");
	assert_lets(pack, "{'evidence': [{'label': 'a', 'value': 'd', 'source': 'a'}]}",
		    "{'d': '3'}");
	assert_lets(pack, "{'where': 'b > 0'}",
		    "{'b': 'c + 1', 'c': '2'}"); /* and what that names */
	assert_lets("{}", "{'let': {'z': 'a'}}", "{'z': 'a'}");
	assert_lets("{'let': 5}", "{'let': 5, 'where': 'a'}",
		    "{}"); /* shapes are checked elsewhere */
}

static void a_text_names_in_its_holes_only(void **state)
{
	static const char pack[] = "{'let': {'a': '1', 'b': '2'}}";

	(void)state;
	assert_lets(pack, "{'title': 'a b'}", "{}");
	assert_lets(pack, "{'title': 'a {{b}} and {{1}}'}", "{'b': '2'}");
	assert_lets(pack, "{'fixes': [{'set': {'k': '{{a}}'}, 'text': 'b {{'}]}", "{'a': '1'}");
	assert_lets(pack, "{'fixes': [{'limit': {'name': 'b', 'soft': '{{a}}'}}]}", "{'a': '1'}");
	assert_lets(pack, "{'evidence': [{'limit': 'b'}]}", "{'b': '2'}");
}

static void what_is_its_own_hides_the_pack_s(void **state)
{
	static const char pack[] = "{'let': {'a': '1', 'b': 'a'}}";

	(void)state;
	assert_lets(pack, "{'let': {'a': '5'}, 'where': 'b > 0'}", "{'a': '5', 'b': 'a'}");
	assert_lets(pack, "{'let': {'z': 'b'}}", "{'z': 'b', 'b': 'a', 'a': '1'}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_a_word_outside_of_strings),
		cmocka_unit_test(a_rule_gets_what_it_names),
		cmocka_unit_test(a_text_names_in_its_holes_only),
		cmocka_unit_test(what_is_its_own_hides_the_pack_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
