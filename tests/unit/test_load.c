/* Unit tests of src/collect/load.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "collect/load.h"

static const struct {
	const char *text;
	bool ok;
	double load_1;
	uint64_t threads;
} loads[] = {
	{ "0.20 0.18 0.12 1/80 11206\n", true, 0.20, 80 },
	{ "123.00 0.18 0.12 40/65000 11206\n", true, 123, 65000 },
	{ "0.20 0.18 0.12 1/80", true, 0.20, 80 },
	{ "0.20 0.18 0.12 180 11206\n", false, 0, 0 },
	{ "0.20 0.18 0.12 1/ 11206\n", false, 0, 0 },
	{ "0.20 0.18 0.12 1/-80 11206\n", false, 0, 0 },
	{ "0.20 0.18\n", false, 0, 0 },
	{ "nan 0.18 0.12 1/80 11206\n", false, 0, 0 },
	{ "-1 0.18 0.12 1/80 11206\n", false, 0, 0 },
	{ "0x1p9 0.18 0.12 1/80 11206\n", false, 0, 0 },
	{ "1.2.3 0.18 0.12 1/80 11206\n", false, 0, 0 },
	{ "99999999999999999999999999999999999999.0 0.18 0.12 1/80 11206\n", false, 0, 0 },
	{ "", false, 0, 0 },
};

static void load_and_tasks_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(loads); i++) {
		double load_1 = 0;
		uint64_t threads = 0;
		const char *text = loads[i].text;

		if (ta_loadavg_parse(text, strlen(text), &load_1, &threads) != loads[i].ok)
			fail_msg("'%s'", text);
		if (!loads[i].ok)
			continue;
		assert_true(load_1 == loads[i].load_1);
		assert_int_equal(threads, loads[i].threads);
	}
}

static const struct {
	const char *text, *kind;
	double pct; /* -1: not told */
} pressures[] = {
	{ "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n", "some", 0 },
	{ "some avg10=85.33 avg60=1.00 avg300=0.00 total=9\nfull avg10=2.50 avg60=0.00 "
	  "avg300=0.00 total=0\n",
	  "full", 2.5 },
	{ "some avg10=85.33 avg60=1.00 avg300=0.00 total=9\n", "full", -1 }, /* cpu before 5.13 */
	{ "some avg60=1.00 avg10=85.33\n", "some", -1 },
	{ "some avg10=\n", "some", -1 },
	{ "some avg10=inf\n", "some", -1 },
	{ "some avg10=-1.00\n", "some", -1 },
	{ "some\n", "some", -1 },
	{ "somewhat avg10=1.00\n", "some", -1 },
	{ "", "some", -1 },
};

static void pressure_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(pressures); i++) {
		const char *text = pressures[i].text;
		double pct = -1;
		bool told = ta_pressure_parse(text, strlen(text), pressures[i].kind, &pct);

		if (told != (pressures[i].pct >= 0) || (told && pct != pressures[i].pct))
			fail_msg("'%s' %s", text, pressures[i].kind);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(load_and_tasks_are_read),
		cmocka_unit_test(pressure_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
