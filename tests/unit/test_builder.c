/* Unit tests of src/snapshot/builder.c and rates.c. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "snapshot/builder.h"
#include "snapshot/rates.h"

static int allocations_left = -1; /* -1: no limit */

static void *counted_malloc(size_t size)
{
	if (allocations_left == 0)
		return NULL;
	if (allocations_left > 0)
		allocations_left--;
	return malloc(size);
}

static bool build_document(json_t **ret, struct ta_error *err)
{
	ta_auto(ta_builder_done) struct ta_builder builder;
	json_t *object, *array;

	ta_builder_init(&builder);
	object = ta_build_object(&builder, builder.root, "object");
	ta_build_int(&builder, object, "int", -5);
	ta_build_uint(&builder, object, "uint", 7);
	ta_build_uint(&builder, object, "huge", UINT64_MAX);
	ta_build_real(&builder, object, "real", 0.5);
	ta_build_real(&builder, object, "endless", INFINITY);
	ta_build_bool(&builder, object, "bool", true);
	ta_build_text(&builder, object, "text", "a\xff\x1b");
	array = ta_build_array(&builder, builder.root, "array");
	ta_build_element(&builder, array, 1);
	ta_build_text_n(&builder, ta_build_row(&builder, array), "nul", "a\0b", 3);
	ta_build_gap(&builder, "what", "why", "a.b", "c[].d", NULL);
	ta_build_gaps_in(&builder, "blue");
	ta_build_gap(&builder, "2 of 3", "why", "n[].e", NULL);
	ta_build_gaps_in(&builder, "red");
	ta_build_gap(&builder, "7 of 13", "why", "n[].e", NULL);
	return ta_builder_finish(&builder, ret, err);
}

static void document_has_what_was_put(void **state)
{
	static const char text[] =
		"{\"object\":{\"int\":-5,\"uint\":7,\"real\":0.5,\"bool\":true,"
		"\"text\":\"a\xef\xbf\xbd\\u001b\"},\"array\":[1,{\"nul\":\"a\\ufffdb\"}],"
		"\"gaps\":[{\"what\":\"what\",\"why\":\"why\",\"facts\":[\"a.b\",\"c[].d\"]},"
		"{\"what\":\"2 of 3 in network namespace blue, and the like in 1 other\","
		"\"why\":\"why\",\"facts\":[\"n[].e\"],\"namespaces\":[\"blue\",\"red\"]}]}";
	json_t *expected = json_loads(text, 0, NULL), *document = NULL;
	struct ta_error err = TA_ERROR_INIT;

	(void)state;
	assert_non_null(expected);
	assert_true(build_document(&document, &err));
	assert_true(json_equal(document, expected));
	json_decref(document);
	json_decref(expected);
}

/* Each allocation of jansson's fails once: an error, and no leak (the sanitizer looks). */
static void failed_allocations_are_reported(void **state)
{
	struct ta_error err = TA_ERROR_INIT;
	json_t *document = NULL;
	int failures = 0;

	(void)state;
	json_set_alloc_funcs(counted_malloc, free);
	for (;; failures++) {
		bool ok;

		allocations_left = failures;
		err = TA_ERROR_INIT;
		ok = build_document(&document, &err);
		allocations_left = -1;
		if (ok)
			break;
		assert_int_equal(err.code, TA_E_NOMEM);
		assert_null(document);
	}
	json_decref(document);
	json_set_alloc_funcs(malloc, free);
	assert_true(failures > 20);
}

/* The document with one gap more for each of these, and the words that its gaps then have. */
static void gaps_say_where_they_are(void **state)
{
	static const char *const places[] = { NULL, "blue", "red", "green" };
	static const char *const expected[] = {
		"everywhere",
		"the same in 3 network namespaces",
		"1 of 2 in network namespace blue, and the like in 2 others",
		"one in network namespace blue",
		"one in network namespace red", /* for another reason */
		"twice in network namespace red",
		"twice in network namespace red",
		"other facts in network namespace green",
	};
	ta_auto(ta_builder_done) struct ta_builder builder;
	struct ta_error err = TA_ERROR_INIT;
	json_t *document = NULL, *gaps;

	(void)state;
	ta_builder_init(&builder);
	for (size_t i = 0; i < TA_ARRAY_SIZE(places); i++) {
		const char *place = places[i];
		char text[32];

		ta_build_gaps_in(&builder, place);
		if (!place) {
			ta_build_gap(&builder, "everywhere", "why", NULL);
			continue;
		}
		ta_build_gap(&builder, "the same", "why", "a", NULL);
		snprintf(text, sizeof(text), "%zu of %zu", i, i * 2);
		ta_build_gap(&builder, text, "why", "a", NULL);
		if (strcmp(place, "green") != 0)
			ta_build_gap(&builder, "one", place, "a", NULL);
		if (strcmp(place, "red") == 0) {
			ta_build_gap(&builder, "twice", "why", "a", NULL);
			ta_build_gap(&builder, "twice", "why", "a", NULL);
		}
		if (strcmp(place, "green") == 0)
			ta_build_gap(&builder, "other facts", "why", "b", NULL);
	}
	assert_true(ta_builder_finish(&builder, &document, &err));
	gaps = json_object_get(document, "gaps");
	assert_int_equal(json_array_size(gaps), TA_ARRAY_SIZE(expected));
	for (size_t i = 0; i < TA_ARRAY_SIZE(expected); i++) {
		const json_t *gap = json_array_get(gaps, i);

		assert_string_equal(json_string_value(json_object_get(gap, "what")), expected[i]);
		assert_null(json_object_get(gap, "unlike"));
	}
	assert_null(json_object_get(json_array_get(gaps, 0), "namespaces"));
	assert_int_equal(json_array_size(json_object_get(json_array_get(gaps, 2), "namespaces")),
			 3);
	json_decref(document);
}

static void rates_are_growth_per_second(void **state)
{
	ta_auto(ta_builder_done) struct ta_builder builder;
	struct ta_error err = TA_ERROR_INIT;
	json_t *before = json_loads("{\"Tcp\":{\"InSegs\":100,\"CurrEstab\":5,\"MaxConn\":-1,"
				    "\"OutSegs\":10,\"Gone\":1},\"Ip\":{\"InReceives\":0}}",
				    0, NULL);
	json_t *after = json_loads("{\"Tcp\":{\"InSegs\":150,\"CurrEstab\":9,\"MaxConn\":-1,"
				   "\"OutSegs\":9,\"New\":4},\"IpExt\":{\"InOctets\":5},"
				   "\"Ip\":{\"InReceives\":9223372036854775807}}",
				   0, NULL);
	json_t *rates = NULL, *tcp;

	(void)state;
	ta_builder_init(&builder);
	ta_build_rates(&builder, builder.root, before, after, 0.5);
	assert_true(ta_builder_finish(&builder, &rates, &err));
	tcp = json_object_get(rates, "Tcp");
	assert_int_equal(json_object_size(tcp), 1); /* no gauge, no newcomer, none backwards */
	assert_true(json_real_value(json_object_get(tcp, "InSegs")) == 100.0);
	assert_null(json_object_get(rates, "IpExt")); /* not in the first sample */
	assert_true(json_real_value(json_object_get(json_object_get(rates, "Ip"), "InReceives")) >
		    1e19);
	json_decref(rates);
	json_decref(before);
	json_decref(after);
}

static void no_window_no_rates(void **state)
{
	ta_auto(ta_builder_done) struct ta_builder builder;
	json_t *counters = json_loads("{\"Tcp\":{\"InSegs\":1}}", 0, NULL);

	(void)state;
	ta_builder_init(&builder);
	ta_build_rates(&builder, builder.root, counters, counters, 0);
	assert_int_equal(json_object_size(builder.root), 0);
	json_decref(counters);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(document_has_what_was_put),
		cmocka_unit_test(failed_allocations_are_reported),
		cmocka_unit_test(gaps_say_where_they_are),
		cmocka_unit_test(rates_are_growth_per_second),
		cmocka_unit_test(no_window_no_rates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
