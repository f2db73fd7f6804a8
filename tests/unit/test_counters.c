/* Unit tests of the small readers of src/collect: counters.c, ports.c, host.c, root.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "collect/counters.h"
#include "snapshot/release.h"
#include "sockets/ports.h"

static size_t parse(const char *text, char **ret_json)
{
	ta_auto(ta_builder_done) struct ta_builder builder;
	size_t odd;

	ta_builder_init(&builder);
	odd = ta_counters_parse(text, strlen(text), &builder, builder.root);
	*ret_json = json_dumps(builder.root, JSON_COMPACT);
	assert_non_null(*ret_json);
	return odd;
}

static const struct {
	const char *text, *json;
	size_t odd;
} counters[] = {
	{ "Ip: A B\nIp: 1 2\nUdp: C\nUdp: 3\nTcp: MaxConn X\nTcp: -1 4\n",
	  "{\"Ip\":{\"A\":1,\"B\":2},\"Tcp\":{\"MaxConn\":-1,\"X\":4}}", 0 },
	{ "Icmp: InMsgs InDestUnreachs InErrors OutDestUnreachs\nIcmp: 4 3 x 1\n",
	  "{\"Icmp\":{\"InDestUnreachs\":3,\"OutDestUnreachs\":1}}", 0 },
	{ "TcpExt: A\nTcpExt: 9223372036854775807\n", "{\"TcpExt\":{\"A\":9223372036854775807}}",
	  0 },
	{ "TcpExt: A B\nTcpExt: 18446744073709551615 7\n", "{\"TcpExt\":{\"B\":7}}", 1 },
	{ "Tcp: A B\nTcp: 1\n", "{\"Tcp\":{\"A\":1}}", 1 },
	{ "Tcp: A\nTcp: 1 2\n", "{\"Tcp\":{\"A\":1}}", 1 },
	{ "Tcp: A\nUdp: 1\n", "{}", 1 },
	{ "Tcp: A\n", "{}", 1 },
	{ "Tcp: A B\nTcp: x 1\n", "{\"Tcp\":{\"B\":1}}", 1 },
	{ "Tcp: \xff\nTcp: 1\n", "{\"Tcp\":{}}", 1 },
	{ "\n\n", "{}", 1 },
	{ "", "{}", 0 },
};

static void counters_are_taken_by_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(counters); i++) {
		char *json;
		size_t odd = parse(counters[i].text, &json);

		assert_string_equal(json, counters[i].json);
		assert_int_equal(odd, counters[i].odd);
		free(json);
	}
}

static size_t size_of(const struct ta_port_set *set)
{
	size_t count = 0;

	for (unsigned port = 0; port < 65536; port++)
		count += ta_port_set_has(set, (uint16_t)port);
	return count;
}

static const struct {
	const char *text;
	int count; /* -1: refused */
} port_lists[] = {
	{ "", 0 },
	{ "\n", 0 },
	{ "8080\n", 1 },
	{ "8080,9148-9150\n", 4 },
	{ "0-65535\n", 65536 },
	{ "65535", 1 },
	{ "65536", -1 },
	{ "10-5", -1 },
	{ "1,,2", -1 },
	{ "1-", -1 },
	{ "-1", -1 },
	{ "8080 9090", -1 },
	{ "99999999999999999999", -1 },
};

static void port_lists_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(port_lists); i++) {
		struct ta_port_set set = { { 0 } };
		const char *text = port_lists[i].text;
		bool ok = ta_ports_parse_list(text, strlen(text), &set);

		if (ok != (port_lists[i].count >= 0))
			fail_msg("'%s'", text);
		if (ok)
			assert_int_equal(size_of(&set), port_lists[i].count);
	}
}

static void kernel_releases_are_read(void **state)
{
	unsigned major, minor;

	(void)state;
	assert_true(ta_kernel_parse("6.1.0-18-amd64", &major, &minor));
	assert_int_equal(major, 6);
	assert_int_equal(minor, 1);
	assert_true(ta_kernel_parse("5.14", &major, &minor));
	assert_int_equal(minor, 14);
	assert_true(ta_kernel_parse("3.10.0-1160.el7.x86_64", &major, &minor));
	assert_false(ta_kernel_parse("", &major, &minor));
	assert_false(ta_kernel_parse("6", &major, &minor));
	assert_false(ta_kernel_parse("six.one", &major, &minor));
	assert_false(ta_kernel_parse("6.", &major, &minor));
	assert_false(ta_kernel_parse("99999999999999999999.1", &major, &minor));
	assert_false(ta_kernel_parse("1000.1", &major, &minor));
	assert_false(ta_kernel_parse("6.100", &major, &minor));
}

static void link_numbers_are_read(void **state)
{
	static const struct {
		const char *text;
		bool ok;
	} cases[] = {
		{ "socket:[12]", true },
		{ "socket:[0]", true },
		{ "socket:[]", false },
		{ "socket:[12", false },
		{ "socket:", false },
		{ "socket", false },
		{ "", false },
		{ "pipe:[12]", false },
		{ "socket:[-1]", false },
		{ "socket:[1]x", false },
	};
	uint64_t number;

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(cases); i++)
		if (ta_bracket_number(cases[i].text, strlen(cases[i].text), "socket", &number) !=
		    cases[i].ok)
			fail_msg("'%s'", cases[i].text);
	assert_true(ta_bracket_number("socket:[12]", 11, "socket", &number));
	assert_int_equal(number, 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_are_taken_by_name),
		cmocka_unit_test(port_lists_are_read),
		cmocka_unit_test(kernel_releases_are_read),
		cmocka_unit_test(link_numbers_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
