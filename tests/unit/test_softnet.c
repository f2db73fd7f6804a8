/* Unit tests of src/collect/softnet.c and src/snapshot/stat_table.c: numbers of each processor. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "collect/softnet.h"
#include "snapshot/stat_table.h"

#define ZEROS "00000000 00000000 00000000 00000000 00000000 "

/* ---- softnet_stat ---- */

static const struct {
	const char *kernel, *text;
	int failed;
	size_t cpus;
	uint64_t processed, dropped, time_squeeze;
	int64_t flow_limit; /* -1: not told */
} softnets[] = {
	{ "2.6.32, 9 columns",
	  "0000000a 00000001 00000002 " ZEROS "00000007\n"
	  "00000010 00000000 00000000 " ZEROS "00000000\n",
	  0, 2, 26, 1, 2, -1 },
	{ "3.10, 10 columns", "0000000a 00000001 00000002 " ZEROS "00000000 000000ff\n", 0, 1, 10,
	  1, 2, -1 },
	{ "5.4, 11 columns", "0000000a 00000001 00000002 " ZEROS "00000000 000000ff 00000003\n", 0,
	  1, 10, 1, 2, 3 },
	{ "5.10, 13 columns, processor 1 is offline",
	  "ffffffff 00000001 00000002 " ZEROS "00000000 00000000 00000003 00000000 00000000\n"
	  "ffffffff 00000000 00000000 " ZEROS "00000000 00000000 00000001 00000000 00000002\n",
	  0, 2, UINT64_C(8589934590), 1, 2, 4 },
	{ "6.6, 15 columns",
	  "0000000a 00000001 00000002 " ZEROS
	  "00000000 00000000 00000003 00000000 00000000 00000000 00000000\n",
	  0, 1, 10, 1, 2, 3 },
	{ "nothing", "", EINVAL, 0, 0, 0, 0, 0 },
	{ "an empty line", "\n", EINVAL, 0, 0, 0, 0, 0 },
	{ "8 columns", "0000000a 00000001 00000002 " ZEROS "\n", EINVAL, 0, 0, 0, 0, 0 },
	{ "no number", "0000000a 0000000x 00000002 " ZEROS "00000000\n", EINVAL, 0, 0, 0, 0, 0 },
	{ "more than 32 bits", "1000000000 00000001 00000002 " ZEROS "00000000\n", EINVAL, 0, 0, 0,
	  0, 0 },
	{ "a second line cut short",
	  "0000000a 00000001 00000002 " ZEROS "00000000\n0000000a 0000\n", EINVAL, 0, 0, 0, 0, 0 },
	{ "as short as lines can be", "1 1 1 1 1 1 1 1 1\n1 1 1 1 1 1 1 1 1\n1 1 1 1 1 1 1 1 1", 0,
	  3, 3, 3, 3, -1 },
};

static void softnet_of_each_kernel_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(softnets); i++) {
		struct ta_softnet softnet;
		int failed = ta_softnet_parse(softnets[i].text, strlen(softnets[i].text), &softnet);

		if (failed != softnets[i].failed)
			fail_msg("%s: %d", softnets[i].kernel, failed);
		if (!failed && (softnet.cpus != softnets[i].cpus ||
				softnet.processed != softnets[i].processed ||
				softnet.dropped != softnets[i].dropped ||
				softnet.time_squeeze != softnets[i].time_squeeze ||
				softnet.flow_limit_known != (softnets[i].flow_limit >= 0)))
			fail_msg("%s", softnets[i].kernel);
		if (!failed && softnet.flow_limit_known)
			assert_int_equal(softnet.flow_limit, softnets[i].flow_limit);
		ta_softnet_done(&softnet);
	}
}

/* Two samples of the packets of up to three processors; 0 ends them. */
static const struct {
	const char *what;
	uint32_t before[4], after[4];
	int64_t busiest; /* -1: can't be told */
} pairs[] = {
	{ "the one with most since boot is idle now", { 1000, 10 }, { 1001, 60 }, 50 },
	{ "nothing came", { 5, 5 }, { 5, 5 }, 0 },
	{ "one came", { 5 }, { 5, 900 }, -1 },
	{ "one went", { 5, 5, 5 }, { 5, 5 }, -1 },
	{ "one wrapped around", { 4000000000U, 5 }, { 7, 9 }, -1 },
	{ "there was no first sample", { 0 }, { 7, 9 }, -1 },
};

static void fill(const uint32_t *packets, struct ta_softnet *ret)
{
	*ret = (struct ta_softnet){ .by_cpu = calloc(4, sizeof(uint32_t)) };
	assert_non_null(ret->by_cpu);
	for (; packets[ret->cpus]; ret->cpus++)
		ret->by_cpu[ret->cpus] = packets[ret->cpus];
}

static void the_busiest_processor_is_that_of_the_window(void **state)
{
	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(pairs); i++) {
		struct ta_softnet before, after;
		uint64_t busiest = 0;
		bool told;

		fill(pairs[i].before, &before);
		fill(pairs[i].after, &after);
		told = ta_softnet_busiest(&before, &after, &busiest);
		if (told != (pairs[i].busiest >= 0) ||
		    (told && busiest != (uint64_t)pairs[i].busiest))
			fail_msg("%s: %d", pairs[i].what, (int)busiest);
		ta_softnet_done(&before);
		ta_softnet_done(&after);
	}
}

/* ---- /proc/net/stat ---- */

/* The columns a, b and c; -1: the table does not have it. */
static const struct {
	const char *text;
	bool ok;
	int64_t first[3], sum[3];
} tables[] = {
	{ "a b\n00000001 0000000f\n00000001 00000010\n", true, { 1, 15, 0 }, { 2, 31, -1 } },
	{ "x  c y a\n1 2 3 4\n", true, { 4, 0, 2 }, { 4, -1, 2 } },
	{ "a\t\tb\n1\t2\n", true, { 1, 2, 0 }, { 1, 2, -1 } },
	{ "x y\n1 2\n", true, { 0 }, { -1, -1, -1 } },
	{ "a\nffffffffffffffff\n", true, { -1, 0, 0 }, { -1, -1, -1 } },
	{ "a\nffffffffffffffff\n1\n", false, { 0 }, { 0 } },
	{ "a b\n1\n", false, { 0 }, { 0 } },
	{ "a b\n1 2 3\n", false, { 0 }, { 0 } },
	{ "a b\n1 z\n", false, { 0 }, { 0 } },
	{ "a b\n1 2\n\n", false, { 0 }, { 0 } },
	{ "a b\n", false, { 0 }, { 0 } },
	{ "\n", false, { 0 }, { 0 } },
	{ "\n\n", false, { 0 }, { 0 } },
	{ "", false, { 0 }, { 0 } },
};

static void columns_are_taken_by_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(tables); i++) {
		struct ta_stat_column columns[] = { { .name = "a" },
						    { .name = "b" },
						    { .name = "c" } };
		const char *text = tables[i].text;

		if (ta_stat_table_parse(text, strlen(text), columns, 3) != tables[i].ok)
			fail_msg("'%s'", text);
		for (size_t k = 0; tables[i].ok && k < 3; k++) {
			if (!columns[k].found) {
				assert_int_equal(tables[i].sum[k], -1);
				continue;
			}
			if (columns[k].sum != (uint64_t)tables[i].sum[k] ||
			    columns[k].first != (uint64_t)tables[i].first[k])
				fail_msg("'%s' %s", text, columns[k].name);
		}
	}
}

static void too_many_columns_are_refused(void **state)
{
	struct ta_stat_column column = { .name = "a" };
	char text[400];

	(void)state;
	for (size_t i = 0; i < 100; i++) {
		memcpy(text + 2 * i, "a ", 2);
		memcpy(text + 200 + 2 * i, "1 ", 2);
	}
	text[199] = '\n';
	assert_false(ta_stat_table_parse(text, sizeof(text), &column, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(softnet_of_each_kernel_is_read),
		cmocka_unit_test(the_busiest_processor_is_that_of_the_window),
		cmocka_unit_test(columns_are_taken_by_name),
		cmocka_unit_test(too_many_columns_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
