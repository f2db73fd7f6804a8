/* test_apply.c - plans carried out and taken back on a host made of files, and what is put into a
 * file. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <unistd.h>

#include "apply/merge.h"
#include "apply/store.h"
#include "base/json.h"
#include "base/macros.h"
#include "fake_root.h"
#include "tcpadvise/apply.h"

TA_DEFINE_AUTO(json_t, json_decref)

#define OWN_FILE  "etc/sysctl.d/90-tcpadvise.conf"
#define SOMAXCONN "proc/sys/net/core/somaxconn"
#define PORTS     "proc/sys/net/ipv4/ip_local_port_range"

/* ---- what is put into a file --------------------------------------------------------- */

static void assert_merged(const char *dialect, const char *old, const char *lines,
			  const char *expected)
{
	ta_auto(json_decref_p) json_t *list = json_loads(lines, 0, NULL), *merged = NULL;

	assert_non_null(list);
	merged = ta_merge(dialect, old, list);
	assert_non_null(merged);
	assert_string_equal(json_string_value(merged), expected);
}

static void test_merge(void **state)
{
	static const struct {
		const char *dialect, *old, *lines, *expected;
	} cases[] = {
		{ "sysctl.d", NULL, "[\"a.b = 1\"]", "a.b = 1\n" },
		{ "sysctl.d", "", "[\"a.b = 1\"]", "a.b = 1\n" },
		{ "sysctl.d", "x.y = 2", "[\"a.b = 1\"]", "x.y = 2\na.b = 1\n" },
		{ "sysctl.d", "a/b=5\n-a.b = 6\n a.b=7\r\n", "[\"a.b = 1\"]", "a.b = 1\n" },
		{ "sysctl.d", "a.*=5\na.b.c = 6\n", "[\"a.b = 1\"]",
		  "a.*=5\na.b.c = 6\na.b = 1\n" },
		{ "sysctl.d", "# a.b = 5\n; a.b = 6\nnonsense\n=\n\n", "[\"a.b = 1\"]",
		  "# a.b = 5\n; a.b = 6\nnonsense\n=\n\na.b = 1\n" },
		{ "sysctl.d", "# for x\na.b = 5\n", "[\"# for x\", \"c.d = 1\"]",
		  "a.b = 5\n# for x\nc.d = 1\n" },
		{ "sysctl.d", "net.ipv4.conf.eth0/100.rp_filter=1\n",
		  "[\"net.ipv4.conf.eth0/100.rp_filter = 2\"]",
		  "net.ipv4.conf.eth0/100.rp_filter = 2\n" },
		{ "systemd", "[Service]\nLimitNOFILE=8192\nNice=5\n",
		  "[\"[Service]\", \"LimitNOFILE=65536\"]",
		  "[Service]\nNice=5\n[Service]\nLimitNOFILE=65536\n" },
		{ "systemd", "[Service]\n#LimitNPROC=1\nLimitNPROC=2\n",
		  "[\"[Service]\", \"LimitNOFILE=65536\"]",
		  "[Service]\n#LimitNPROC=1\nLimitNPROC=2\n[Service]\nLimitNOFILE=65536\n" },
		{ "limits.conf", "www soft nofile 1\nwww hard nofile 2\ndb\tsoft  nofile\t3",
		  "[\"www soft nofile 8\", \"db soft nofile 9\"]",
		  "www hard nofile 2\nwww soft nofile 8\ndb soft nofile 9\n" },
		{ "limits.conf", "#www soft nofile 1\n", "[\"www soft nofile 8\"]",
		  "#www soft nofile 1\nwww soft nofile 8\n" },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(cases); i++)
		assert_merged(cases[i].dialect, cases[i].old, cases[i].lines, cases[i].expected);
}

/* A line that is longer than every name, in every language. */
static void test_merge_hostile(void **state)
{
	static const char *const dialects[] = { "sysctl.d", "systemd", "limits.conf" };
	char old[9002], expected[9100];

	(void)state;
	memset(old, 'a', sizeof(old) - 1);
	old[4000] = '=';
	old[sizeof(old) - 1] = '\0';
	snprintf(expected, sizeof(expected), "%s\nb.c = 1\n", old);
	for (size_t i = 0; i < TA_ARRAY_SIZE(dialects); i++)
		assert_merged(dialects[i], old, "[\"b.c = 1\"]", expected);
}

/* ---- a host -------------------------------------------------------------------------- */

static void put(const struct broken *host, const char *name, const char *text)
{
	put_file(host, name, text, strlen(text));
}

static int make_host(void **state)
{
	if (make_broken(state) != 0)
		return -1;
	put(*state, SOMAXCONN, "128\n");
	put(*state, PORTS, "32768\t60999\n");
	put(*state, OWN_FILE, "# mine\nnet.core.somaxconn = 256");
	return 0;
}

static struct ta_apply_options options_of(const struct broken *host)
{
	return (struct ta_apply_options){ .root = host->root };
}

static void read_text(const struct broken *host, const char *name, struct ta_buf *text)
{
	struct ta_error err = TA_ERROR_INIT;
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", host->root, name);
	if (!ta_file_read(-1, path, text, &err))
		fail_msg("%s", err.text);
}

static void assert_file(const struct broken *host, const char *name, const char *expected)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(1 << 16);

	read_text(host, name, &text);
	assert_string_equal(ta_buf_cstr(&text), expected);
}

/* A setting: what was never written has a newline at its end. */
static void assert_setting(const struct broken *host, const char *name, const char *expected)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(1 << 16);

	read_text(host, name, &text);
	ta_buf_trim(&text, '\n');
	assert_string_equal(ta_buf_cstr(&text), expected);
}

static json_t *change_of(const char *key, const char *value)
{
	return json_pack("{s:s, s:s, s:{s:s}, s:s, s:s, s:s, s:[]}", "kind", "sysctl", "key", key,
			 "place", "kind", "host", "new", value, "dialect", "sysctl.d", "file",
			 "/" OWN_FILE, "why");
}

/* Raises net.core.somaxconn, and the port range or, as the second, a setting that is named. */
static json_t *record_of(const struct broken *host, const char *second)
{
	const struct ta_apply_options options = options_of(host);
	ta_auto(json_decref_p) json_t *plan =
		json_pack("{s:[o, o]}", "changes", change_of("net.core.somaxconn", "4096"),
			  change_of(second, "1024 65000"));
	struct ta_error err = TA_ERROR_INIT;
	json_t *record = NULL;

	assert_non_null(plan);
	if (!ta_apply_prepare(plan, &options, &record, &err))
		fail_msg("%s", err.text);
	assert_int_equal(json_array_size(json_object_get(record, "actions")), 3);
	return record;
}

static void assert_old(const struct broken *host)
{
	assert_file(host, OWN_FILE, "# mine\nnet.core.somaxconn = 256");
	assert_setting(host, SOMAXCONN, "128");
}

static void test_apply_and_revert(void **state)
{
	const struct ta_apply_options options = options_of(*state);
	ta_auto(json_decref_p) json_t *record = record_of(*state, "net.ipv4.ip_local_port_range");
	ta_auto(json_decref_p) json_t *reverted = NULL, *again = NULL;
	struct ta_error err = TA_ERROR_INIT;

	if (!ta_apply(record, &options, &err))
		fail_msg("%s", err.text);
	assert_setting(*state, SOMAXCONN, "4096");
	assert_setting(*state, PORTS, "1024 65000");
	assert_file(*state, OWN_FILE,
		    "# mine\n# /etc/sysctl.d/90-tcpadvise.conf\nnet.core.somaxconn = 4096\n"
		    "net.ipv4.ip_local_port_range = 1024 65000\n");
	if (!ta_revert(&options, 0, &reverted, &err))
		fail_msg("%s", err.text);
	assert_old(*state);
	assert_setting(*state, PORTS, "32768 60999");
	assert_string_equal(ta_json_text(reverted, "state"), "reverted");
	assert_false(ta_revert(&options, 0, &again, &err));
	assert_int_equal(err.code, TA_E_MISSING);
}

/* The n-th action fails, for what is written to /dev/null is not there when it is read back: those
 * before it are taken back. */
static void test_failing_action(void **state)
{
	for (size_t n = 0; n <= 3; n++) {
		const struct ta_apply_options options = options_of(*state);
		ta_auto(json_decref_p) json_t *record =
			record_of(*state, "net.ipv4.ip_local_port_range");
		json_t *actions = json_object_get(record, "actions");
		struct ta_error err = TA_ERROR_INIT;

		assert_int_equal(
			json_array_insert_new(actions, n,
					      json_pack("{s:s, s:s, s:s, s:s}", "kind", "sysctl",
							"key", "net.none", "old", "", "new", "1")),
			0);
		assert_false(ta_apply(record, &options, &err));
		assert_non_null(strstr(err.text, "all was taken back"));
		assert_old(*state);
		assert_string_equal(ta_json_text(record, "state"), "taken_back");
	}
}

static int make_host_with_none(void **state)
{
	struct broken *host;
	char path[512];

	if (make_host(state) != 0)
		return -1;
	host = *state;
	snprintf(path, sizeof(path), "%s/proc/sys/net/none", host->root);
	return symlink("/dev/null", path);
}

/* Somebody sets another value between the plan and the consent. */
static void test_changed_meanwhile(void **state)
{
	const struct ta_apply_options options = options_of(*state);
	ta_auto(json_decref_p) json_t *record = record_of(*state, "net.ipv4.ip_local_port_range");
	struct ta_error err = TA_ERROR_INIT;

	put(*state, SOMAXCONN, "512\n");
	assert_false(ta_apply(record, &options, &err));
	assert_non_null(strstr(err.text, "net.core.somaxconn was changed since the plan was made"));
	assert_file(*state, OWN_FILE, "# mine\nnet.core.somaxconn = 256");
	assert_setting(*state, SOMAXCONN, "512");
}

/* ---- records ------------------------------------------------------------------------- */

static json_t *empty_record(void)
{
	json_t *record = json_pack("{s:s, s:s, s:s, s:[]}", "schema", TA_CHANGE_SCHEMA, "state",
				   "applied", "begun_at", "2026-01-01T00:00:00Z", "actions");

	assert_non_null(record);
	return record;
}

static void test_store(void **state)
{
	const struct broken *host = *state;
	ta_auto(ta_store_done) struct ta_store store = { .lock = -1 }, other = { .lock = -1 };
	ta_auto(json_decref_p) json_t *first = empty_record(), *second = empty_record();
	ta_auto(json_decref_p) json_t *full = empty_record(), *list = NULL;
	struct ta_error err = TA_ERROR_INIT;

	assert_true(ta_store_open(&store, host->root, false, &err));
	assert_true(ta_store_list(&store, &list, &err));
	assert_int_equal(json_array_size(list), 0);
	assert_true(ta_store_open(&store, host->root, true, &err));
	assert_false(ta_store_open(&other, host->root, true, &err));
	assert_non_null(strstr(err.text, "another tcpadvise is at work"));
	ta_error_clear(&err);
	assert_true(ta_store_write(&store, first, &err));
	assert_int_equal(json_integer_value(json_object_get(first, "id")), 1);
	put(host, "var/lib/tcpadvise/9998.json", "{");
	assert_true(ta_store_write(&store, second, &err));
	assert_int_equal(json_integer_value(json_object_get(second, "id")), 9999);
	assert_false(ta_store_write(&store, full, &err));
	assert_int_equal(err.code, TA_E_LIMIT);
}

/* What is no record is an error that names the file, and stays. */
static void test_hostile_records(void **state)
{
	static const char *const records[] = {
		"",
		"{",
		"[]",
		"null",
		"{\"schema\": \"tcpadvise.change/2\"}",
		"{\"schema\": \"tcpadvise.change/1\"}",
#define HEAD "{\"schema\": \"tcpadvise.change/1\", \"id\": 1, \"state\": \"applied\", \"actions\": "
		HEAD "{}}",
		HEAD "[1]}",
		HEAD "[{}]}",
		HEAD "[{\"kind\": \"file\", \"path\": \"\", \"old\": \"a\", \"new\": \"b\"}]}",
		HEAD "[{\"kind\": \"file\", \"path\": \"/x\", \"old\": 1, \"new\": \"b\"}]}",
		HEAD "[{\"kind\": \"sysctl\", \"key\": \"a.b\", \"new\": \"b\"}]}",
		HEAD "[{\"kind\": \"limit\", \"limit\": \"nofile\", \"pid\": 0, \"old\": [1, 1], "
		     "\"new\": [2, 2]}]}",
		HEAD "[{\"kind\": \"limit\", \"limit\": \"nofile\", \"pid\": 9, \"old\": [1], "
		     "\"new\": [2, 2]}]}",
		("{\"schema\": \"tcpadvise.change/1\", \"id\": 2, \"state\": \"applied\", "
		 "\"actions\": []}"),
		"\xff\xfe",
	};
	const struct ta_apply_options options = options_of(*state);

	for (size_t i = 0; i < TA_ARRAY_SIZE(records); i++) {
		json_t *list = NULL, *reverted = NULL;
		struct ta_error err = TA_ERROR_INIT, second = TA_ERROR_INIT;

		put(*state, "var/lib/tcpadvise/0001.json", records[i]);
		assert_false(ta_records(&options, &list, &err));
		assert_false(ta_revert(&options, 0, &reverted, &second));
		if (!strstr(second.text, "0001.json") && !strstr(second.pos.name, "0001.json"))
			fail_msg("%zu: %s", i, second.text);
		assert_file(*state, "var/lib/tcpadvise/0001.json", records[i]);
	}
}

#define TEST_AT(host, function) cmocka_unit_test_setup_teardown(function, host, remove_broken)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_merge_hostile),
		TEST_AT(make_host, test_apply_and_revert),
		TEST_AT(make_host_with_none, test_failing_action),
		TEST_AT(make_host, test_changed_meanwhile),
		TEST_AT(make_broken, test_store),
		TEST_AT(make_broken, test_hostile_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
