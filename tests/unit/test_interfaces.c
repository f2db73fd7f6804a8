/* Unit tests of src/collect/interfaces.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/macros.h"
#include "collect/interfaces.h"

#define HEADER                                                                                     \
	"Inter-|   Receive                                                |  Transmit\n"           \
	" face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs " \
	"drop fifo colls carrier compressed\n"

/* One line after the header. */
static const struct {
	const char *line, *name; /* name NULL: refused */
	uint64_t counters[TA_INTERFACE_COUNTERS];
} lines[] = {
	{ "  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n", "eth0", { 2, 3, 4, 10, 11, 12 } },
	{ "eth0:18446744073709551615 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
	  "eth0",
	  { 2, 3, 4, 10, 11, 12 } }, /* before 2.6.39 */
	{ "  eth0:1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n", "eth0:1", { 2, 3, 4, 10, 11, 12 } },
	{ "a|b\x1b[2J: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
	  "a|b\x1b[2J",
	  { 2, 3, 4, 10, 11, 12 } },
	{ "fifteenletters0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
	  "fifteenletters0",
	  { 2, 3, 4, 10, 11, 12 } },
	{ "sixteenletters00: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n", NULL, { 0 } },
	{ "  : 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n", NULL, { 0 } },
	{ "two words: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n", NULL, { 0 } },
	{ "eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n", NULL, { 0 } },
	{ "eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n", NULL, { 0 } },
	{ "eth0: 1 2 -3 4 5 6 7 8 9 10 11 12 13 14 15 16\n", NULL, { 0 } },
	{ "eth0: 1 2 18446744073709551616 4 5 6 7 8 9 10 11 12 13 14 15 16\n", NULL, { 0 } },
	{ "eth0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n", NULL, { 0 } },
	{ "\n", NULL, { 0 } },
};

static void lines_are_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(lines); i++) {
		struct ta_interfaces interfaces;
		char text[512];

		snprintf(text, sizeof(text), "%s%s", HEADER, lines[i].line);
		assert_int_equal(ta_interfaces_parse(text, strlen(text), &interfaces), 0);
		if (interfaces.count != (lines[i].name ? 1U : 0U) ||
		    interfaces.odd != (lines[i].name ? 0U : 1U))
			fail_msg("'%s'", lines[i].line);
		if (lines[i].name) {
			assert_string_equal(interfaces.rows[0].name, lines[i].name);
			assert_memory_equal(interfaces.rows[0].counters, lines[i].counters,
					    sizeof(lines[i].counters));
		}
		ta_interfaces_done(&interfaces);
	}
}

static void there_is_a_cap(void **state)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(4 << 20);
	struct ta_interfaces interfaces;

	(void)state;
	ta_buf_str(&text, HEADER);
	for (int i = 0; i < 9000; i++)
		ta_buf_printf(&text, "veth%d: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n", i);
	assert_true(ta_buf_ok(&text, NULL));
	assert_int_equal(ta_interfaces_parse(text.data, text.len, &interfaces), 0);
	assert_int_equal(interfaces.count, 8192);
	assert_int_equal(interfaces.left_out, 9000 - 8192);
	ta_interfaces_done(&interfaces);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_understood),
		cmocka_unit_test(there_is_a_cap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
