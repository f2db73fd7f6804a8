/* Unit tests of src/base/trusted.c: it reads as jansson does, above all what is compiled in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/resource.h"
#include "base/trusted.h"

/* As text, so that the order of members counts; to be freed. */
static char *written(json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	json_decref(value);
	return text;
}

static void assert_read_alike(const char *name, const char *text, size_t len)
{
	char *ours = written(ta_json_trusted(text));
	char *theirs = written(json_loadb(text, len, JSON_DECODE_ANY, NULL));

	assert_non_null(theirs);
	if (!ours || strcmp(ours, theirs) != 0)
		fail_msg("%s is read as another document", name);
	free(ours);
	free(theirs);
}

static void all_that_is_compiled_in_is_read_alike(void **state)
{
	(void)state;
	assert_true(ta_resource_count > 0);
	for (size_t i = 0; i < ta_resource_count; i++)
		assert_read_alike(ta_resources[i].name, ta_resources[i].data, ta_resources[i].size);
}

static void every_kind_of_value_is_read_alike(void **state)
{
	static const char *const texts[] = {
		"{}",
		"[]",
		" { \"a\" : [ ] ,\n\"b\" : { } }\n",
		"[1, -2, 0, 9223372036854775807, 1.5, -2e3, 1E+2]",
		"[true, false, null]",
		"[\"\", \"plain\", \"\u00e4 \u2264 \U0001f600\"]",
		"[\"\\\"\", \"\\\\\", \"a\\n\\t\\/b\", \"\\u00e4\\ud83d\\ude00\", \"\\\\\\\"\"]",
		"{\"a\": {\"b\": [{\"c\": [[[\"}]\"]]]}, {\"c\": 1}]}, \"d,:\": 2}",
		"{\"twice\": 1, \"b\": 2, \"twice\": 3}",
		"\"alone\"",
		"7",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_read_alike(texts[i], texts[i], strlen(texts[i]));
}

/* What follows the value is not looked at: words.c reads one rule of a pack. */
static void it_ends_with_the_value(void **state)
{
	char *text;

	(void)state;
	text = written(ta_json_trusted("{\"a\":[1]},{\"b\":2}]}"));
	assert_string_equal(text, "{\"a\":[1]}");
	free(text);
}

static long until_failure;

static void *failing_malloc(size_t size)
{
	return until_failure-- == 0 ? NULL : malloc(size);
}

static void it_is_whole_or_there_is_none(void **state)
{
	static const char text[] = "{\"a\":[1,\"b\",{\"c\":null}],\"d\":{\"e\":[]},\"f\":1.5}";
	json_t *value = NULL;

	(void)state;
	for (long failure = 0; !value; failure++) {
		until_failure = failure;
		json_set_alloc_funcs(failing_malloc, free);
		value = ta_json_trusted(text);
		json_set_alloc_funcs(malloc, free);
		if (value && until_failure < 0)
			fail_msg("the document does without allocation %ld", failure);
	}
	assert_read_alike("the document", text, strlen(text));
	json_decref(value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_is_compiled_in_is_read_alike),
		cmocka_unit_test(every_kind_of_value_is_read_alike),
		cmocka_unit_test(it_ends_with_the_value),
		cmocka_unit_test(it_is_whole_or_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
