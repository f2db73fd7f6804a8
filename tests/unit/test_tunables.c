/* Unit tests of src/snapshot/tunables.c and of the catalogue itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "snapshot/tunables.h"

static const struct ta_tunable *all(size_t *count)
{
	struct ta_error err = TA_ERROR_INIT;
	const struct ta_tunable *tunables = ta_tunables(count, &err);

	if (!tunables)
		fail_msg("%s", err.text);
	return tunables;
}

static void loads_once(void **state)
{
	size_t first, second;

	(void)state;
	assert_ptr_equal(all(&first), all(&second));
	assert_int_equal(first, second);
	assert_true(first >= 130);
}

static void finds_both_spellings_and_aliases(void **state)
{
	const struct ta_tunable *reuse = ta_tunable_find("net.ipv4.tcp_tw_reuse");

	(void)state;
	assert_non_null(reuse);
	assert_string_equal(reuse->key, "net.ipv4.tcp_tw_reuse");
	assert_string_equal(reuse->path, "net/ipv4/tcp_tw_reuse");
	assert_ptr_equal(ta_tunable_find("net/ipv4/tcp_tw_reuse"), reuse);
	assert_ptr_equal(ta_tunable_find("net.nf_conntrack_max"),
			 ta_tunable_find("net.netfilter.nf_conntrack_max"));
	assert_ptr_equal(ta_tunable_find("TCP_KEEPIDLE"), ta_tunable_find("SO_KEEPALIVE"));
	assert_null(ta_tunable_find("net.ipv4.tcp_tw_reus"));
	assert_null(ta_tunable_find("net.ipv4.tcp_tw_reuse_"));
	assert_null(ta_tunable_find("net"));
	assert_null(ta_tunable_find(""));
}

static void knows_scope_shape_and_what_to_read(void **state)
{
	static const struct {
		const char *key;
		enum ta_tunable_scope scope;
		enum ta_tunable_shape shape;
		bool readable;
	} rows[] = {
		{ "net.ipv4.tcp_tw_reuse", TA_TUNABLE_NETNS, TA_TUNABLE_INT, true },
		{ "net.ipv4.ip_local_port_range", TA_TUNABLE_NETNS, TA_TUNABLE_INTS, true },
		{ "net.ipv4.ip_local_reserved_ports", TA_TUNABLE_NETNS, TA_TUNABLE_STRING, true },
		{ "net.ipv4.tcp_mem", TA_TUNABLE_HOST, TA_TUNABLE_INTS, true },
		{ "net.ipv4.tcp_rmem", TA_TUNABLE_NETNS, TA_TUNABLE_INTS, true },
		{ "net.ipv4.tcp_max_orphans", TA_TUNABLE_HOST, TA_TUNABLE_INT, true },
		{ "net.ipv4.tcp_congestion_control", TA_TUNABLE_NETNS, TA_TUNABLE_STRING, true },
		{ "net.ipv4.tcp_fastopen_key", TA_TUNABLE_NETNS, TA_TUNABLE_STRING, false },
		{ "net.ipv4.tcp_tw_recycle", TA_TUNABLE_NETNS, TA_TUNABLE_INT, true },
		{ "net.core.flow_limit_cpu_bitmap", TA_TUNABLE_HOST, TA_TUNABLE_STRING, true },
		{ "net.netfilter.nf_conntrack_max", TA_TUNABLE_HOST, TA_TUNABLE_INT, true },
		{ "net.netfilter.nf_conntrack_count", TA_TUNABLE_NETNS, TA_TUNABLE_INT, true },
		{ "fs.file-nr", TA_TUNABLE_HOST, TA_TUNABLE_INTS, true },
		{ "fs.nr_open", TA_TUNABLE_HOST, TA_TUNABLE_INT, true },
		{ "kernel.pid_max", TA_TUNABLE_HOST, TA_TUNABLE_INT, true },
		{ "net.ipv4.tcp_user_timeout", TA_TUNABLE_HOST, TA_TUNABLE_INT, false },
		{ "TCP_USER_TIMEOUT", TA_TUNABLE_NONE, TA_TUNABLE_INT, false },
		{ "RLIMIT_NOFILE", TA_TUNABLE_NONE, TA_TUNABLE_INT, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct ta_tunable *tunable = ta_tunable_find(rows[i].key);

		if (!tunable)
			fail_msg("%s is not in the catalogue", rows[i].key);
		assert_int_equal(tunable->scope, rows[i].scope);
		assert_int_equal(tunable->shape, rows[i].shape);
		assert_int_equal(tunable->readable, rows[i].readable);
	}
}

/* A fact of the catalogue has the JSON type that a snapshot of it would have. */
static bool has_shape(const json_t *value, enum ta_tunable_shape shape)
{
	if (shape == TA_TUNABLE_INTS)
		return json_is_array(value);
	return shape == TA_TUNABLE_STRING ? json_is_string(value) : json_is_integer(value);
}

static void check_default(const struct ta_tunable *tunable)
{
	const json_t *history = json_object_get(ta_tunable_facts(tunable, NULL), "default_history");
	const json_t *value = json_object_get(ta_tunable_facts(tunable, NULL), "default");
	const json_t *newest = NULL;
	size_t i;
	json_t *row;

	json_array_foreach (history, i, row) {
		newest = json_object_get(row, "value");
		if (newest && !has_shape(newest, tunable->shape))
			fail_msg("%s: default_history[%zu]: wrong type", tunable->key, i);
	}
	if (json_is_null(value))
		return;
	if (!has_shape(value, tunable->shape))
		fail_msg("%s: default has the wrong type", tunable->key);
	if (newest && !json_equal(newest, value))
		fail_msg("%s: default is not the last of its history", tunable->key);
}

static void check_range(const struct ta_tunable *tunable)
{
	const json_t *min = json_object_get(ta_tunable_facts(tunable, NULL), "min");
	const json_t *max = json_object_get(ta_tunable_facts(tunable, NULL), "max");
	const json_t *sane = json_object_get(ta_tunable_facts(tunable, NULL), "sane_range");
	json_int_t low = json_integer_value(json_array_get(sane, 0));
	json_int_t high = json_integer_value(json_array_get(sane, 1));

	if (json_is_integer(min) && json_is_integer(max))
		assert_true(json_integer_value(min) <= json_integer_value(max));
	if (!json_is_array(sane))
		return;
	if (low > high || (json_is_integer(min) && low < json_integer_value(min)) ||
	    (json_is_integer(max) && high > json_integer_value(max)))
		fail_msg("%s: sane_range is not within min and max", tunable->key);
}

static void every_entry_is_sane(void **state)
{
	size_t count;
	const struct ta_tunable *tunables = all(&count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		const struct ta_tunable *tunable = &tunables[i];

		for (size_t j = 0; j < i; j++)
			if (strcmp(tunables[j].key, tunable->key) == 0)
				fail_msg("%s is there twice", tunable->key);
		assert_ptr_equal(ta_tunable_find(tunable->key), tunable);
		assert_int_equal(tunable->path == NULL, tunable->scope == TA_TUNABLE_NONE);
		if (tunable->path) {
			assert_null(strchr(tunable->path, '.'));
			assert_ptr_equal(ta_tunable_find(tunable->path), tunable);
		}
		if (!tunable->path ||
		    json_is_true(json_object_get(ta_tunable_facts(tunable, NULL), "secret")))
			assert_false(tunable->readable);
		check_default(tunable);
		check_range(tunable);
	}
}

static void values_have_the_shape_of_their_tunable(void **state)
{
	static const struct {
		const char *key, *text, *json; /* NULL: no value */
	} rows[] = {
		{ "net.ipv4.tcp_tw_reuse", "2\n", "2" },
		{ "net.ipv4.tcp_adv_win_scale", "-2\n", "-2" },
		{ "net.ipv4.tcp_tw_reuse", "", NULL },
		{ "net.ipv4.tcp_tw_reuse", "2 3\n", NULL },
		{ "net.ipv4.tcp_tw_reuse", "two\n", NULL },
		{ "net.ipv4.tcp_tw_reuse", "9223372036854775808\n", NULL },
		{ "fs.file-max", "9223372036854775807\n", "9223372036854775807" },
		{ "net.ipv4.ip_local_port_range", "32768\t60999\n", "[32768, 60999]" },
		{ "net.ipv4.ip_local_port_range", "32768\n", NULL },
		{ "net.ipv4.tcp_mem", "1\t2\tx\n", NULL },
		{ "net.ipv4.ip_local_reserved_ports", "\n", "\"\"" },
		{ "net.ipv4.ip_local_reserved_ports", "8080,9148\n", "\"8080,9148\"" },
		{ "net.ipv4.tcp_available_congestion_control", " reno cubic \n", "\"reno cubic\"" },
		{ "net.ipv4.tcp_congestion_control", "a\xff\n", "\"a\xef\xbf\xbd\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *value = NULL;
		bool ok = ta_tunable_value(ta_tunable_find(rows[i].key), rows[i].text,
					   strlen(rows[i].text), &value, NULL);
		char *text = ok ? json_dumps(value, JSON_ENCODE_ANY) : NULL;

		if (!text || !rows[i].json)
			assert_ptr_equal(text, rows[i].json);
		else
			assert_string_equal(text, rows[i].json);
		free(text);
		json_decref(value);
	}
}

static void the_index_and_the_catalogue_have_the_same_entries(void **state)
{
	size_t count;
	const struct ta_tunable *tunables = ta_tunables(&count, NULL);

	(void)state;
	for (size_t i = 0; i < count; i++)
		assert_string_equal(json_string_value(json_object_get(
					    ta_tunable_facts(&tunables[i], NULL), "key")),
				    tunables[i].key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_index_and_the_catalogue_have_the_same_entries),
		cmocka_unit_test(loads_once),
		cmocka_unit_test(finds_both_spellings_and_aliases),
		cmocka_unit_test(knows_scope_shape_and_what_to_read),
		cmocka_unit_test(every_entry_is_sane),
		cmocka_unit_test(values_have_the_shape_of_their_tunable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
