/* Unit tests of src/advice/headroom.c: which limits are told, and how long and how many connections
 * they last. In the texts ' stands for ". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "advice/headroom.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/macros.h"

static json_t *parse(const char *format, const char *part)
{
	ta_auto(ta_buf_done) struct ta_buf json = TA_BUF_INIT(1 << 16);
	json_t *parsed;

	for (; *format; format++)
		if (*format == '$')
			ta_buf_str(&json, part);
		else
			ta_buf_char(&json, *format);
	for (size_t i = 0; i < json.len; i++)
		if (json.data[i] == '\'')
			json.data[i] = '"';
	parsed = json_loadb(json.data, json.len, 0, NULL);
	if (!parsed)
		fail_msg("%s is no JSON", json.data);
	return parsed;
}

/* The rows of two snapshots that differ in the part at the dollar. */
static json_t *compare(const char *snapshot, const char *now, const char *then)
{
	json_auto_t *before = parse(snapshot, now), *after = parse(snapshot, then);
	json_t *rows = ta_headroom(before, after);

	assert_non_null(rows);
	return rows;
}

static json_int_t number(const json_t *rows, const char *member)
{
	const json_t *value = json_object_get(json_array_get(rows, 0), member);

	return value ? json_integer_value(value) : -1;
}

/* ---- what each kind of limit is held against ------------------------------------------ */

static void each_limit_has_its_row(void **state)
{
	static const struct {
		const char *resource, *snapshot;
	} kinds[] = {
		{ "ephemeral ports",
		  "{'namespaces':[{'name':'n','destinations':[{'remote':'10.0.0.1:80',"
		  "'ports_used':10,'ports_usable':$}]}]}" },
		{ "accept queue",
		  "{'namespaces':[{'name':'n','listeners':[{'local':'0.0.0.0:80','queue':10,"
		  "'backlog':$}]}]}" },
		{ "tracked connections",
		  "{'namespaces':[{'name':'n','conntrack':{'count':10,'max':$}}]}" },
		{ "descriptors", "{'processes':[{'name':'p','fds':10,'nofile_soft':$}]}" },
		{ "tasks of the user",
		  "{'processes':[{'name':'p','user_threads':10,'nproc_soft':$}]}" },
		{ "tasks of the control group",
		  "{'processes':[{'name':'p','pids_current':10,'pids_max':$}]}" },
		{ "open files of the host", "{'files':{'allocated':10,'max':$}}" },
		{ "orphans of the host",
		  "{'host':{'tcp':{'orphans':10},'sysctl':{'net.ipv4.tcp_max_orphans':$}}}" },
		{ "IPv4 neighbours", "{'host':{'neighbours':{'arp_entries':10},'sysctl':{"
				     "'net.ipv4.neigh.default.gc_thresh3':$}}}" },
		{ "tasks of the host",
		  "{'host':{'threads':10,'sysctl':{'kernel.threads-max':$}}}" },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(kinds); i++) {
		json_auto_t *rows = compare(kinds[i].snapshot, "100", "400");
		json_auto_t *same = compare(kinds[i].snapshot, "100", "100");

		if (json_array_size(rows) != 1 || json_array_size(same) != 0)
			fail_msg("%s: %zu rows, and %zu where nothing changes", kinds[i].resource,
				 json_array_size(rows), json_array_size(same));
		assert_string_equal(ta_json_text(json_array_get(rows, 0), "resource"),
				    kinds[i].resource);
		assert_int_equal(number(rows, "used"), 10);
		assert_int_equal(number(rows, "limit_now"), 100);
		assert_int_equal(number(rows, "limit_then"), 400);
		assert_int_equal(number(rows, "full_in_s_now"), -1);
	}
}

static void what_is_not_known_has_no_row(void **state)
{
	json_auto_t *rows = compare("{'files':{'max':$}}", "100", "400");

	(void)state;
	assert_int_equal(json_array_size(rows), 0);
}

/* ---- time and rates ------------------------------------------------------------------- */

static void growth_fills_what_is_left(void **state)
{
	json_auto_t *rows =
		compare("{'files':{'allocated':90,'allocated_per_s':2.5,'max':$}}", "100", "400");
	json_auto_t *full =
		compare("{'files':{'allocated':90,'allocated_per_s':2.5,'max':$}}", "400", "80");
	json_auto_t *falls =
		compare("{'files':{'allocated':90,'allocated_per_s':-1.0,'max':$}}", "100", "400");

	(void)state;
	assert_int_equal(number(rows, "full_in_s_now"), 4);
	assert_int_equal(number(rows, "full_in_s_then"), 124);
	assert_int_equal(number(full, "full_in_s_then"), 0);
	assert_int_equal(number(falls, "full_in_s_then"), -1);
}

/* 6000 ports: each rests for 60 s of TIME_WAIT, or until it may be taken over. */
static void ports_rest_until_they_are_reused(void **state)
{
	static const struct {
		const char *sysctl;
		const char *loopback;
		json_int_t per_s;
	} rests[] = {
		{ "'net.ipv4.tcp_tw_reuse':0", "false", 100 },
		{ "'net.ipv4.tcp_tw_reuse':1", "false", 6000 },
		{ "'net.ipv4.tcp_tw_reuse':2", "false", 100 },
		{ "'net.ipv4.tcp_tw_reuse':2", "true", 6000 },
		{ "'net.ipv4.tcp_tw_reuse':1,'net.ipv4.tcp_timestamps':0", "false", 100 },
		{ "'net.ipv4.tcp_tw_reuse':1,'net.ipv4.tcp_timestamps':1", "false", 6000 },
		{ "'net.ipv4.tcp_tw_reuse':1,'net.ipv4.tcp_tw_reuse_delay':500", "false", 12000 },
		{ "'net.ipv4.tcp_tw_reuse':1,'net.ipv4.tcp_tw_reuse_delay':60000", "false", 100 },
		{ "", "false", 100 },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rests); i++) {
		char snapshot[512];

		snprintf(snapshot, sizeof(snapshot),
			 "{'namespaces':[{'name':'n','sysctl':{%s},'destinations':[{'remote':"
			 "'10.0.0.1:80','ports_used':10,'loopback':%s,'ports_usable':$}]}]}",
			 rests[i].sysctl, rests[i].loopback);
		json_auto_t *rows = compare(snapshot, "60", "6000");

		if (number(rows, "connections_per_s_then") != rests[i].per_s)
			fail_msg("%s: %lld", rests[i].sysctl,
				 (long long)number(rows, "connections_per_s_then"));
	}
}

static void the_fullest_come_first_and_eight_do(void **state)
{
	json_auto_t *now = parse("{'processes':[$]}", "");
	json_auto_t *then = json_deep_copy(now);
	json_auto_t *rows = NULL;

	(void)state;
	for (int i = 1; i <= 12; i++) {
		json_array_append_new(json_object_get(now, "processes"),
				      json_pack("{s:s, s:i, s:i}", "name", "p", "fds", i * 5,
						"nofile_soft", 100));
		json_array_append_new(json_object_get(then, "processes"),
				      json_pack("{s:s, s:i, s:i}", "name", "p", "fds", i * 5,
						"nofile_soft", 200));
	}
	rows = ta_headroom(now, then);
	assert_int_equal(json_array_size(rows), 8);
	assert_int_equal(number(rows, "used"), 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_limit_has_its_row),
		cmocka_unit_test(what_is_not_known_has_no_row),
		cmocka_unit_test(growth_fills_what_is_left),
		cmocka_unit_test(ports_rest_until_they_are_reused),
		cmocka_unit_test(the_fullest_come_first_and_eight_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
