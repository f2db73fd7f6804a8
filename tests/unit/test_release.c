/* Unit tests of src/snapshot/release.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "snapshot/release.h"

static void parses_what_uname_says(void **state)
{
	static const struct {
		const char *text;
		uint32_t number;
	} rows[] = {
		{ "6.18.44", 6018044 },
		{ "6.1.0-28-cloud-amd64", 6001000 },
		{ "4.19", 4019000 },
		{ "4.18.0-553.el8_10.x86_64", 4018000 },
		{ "2.6.32-754.el6.x86_64", 2006032 },
		{ "6.0-rc1", 6000000 },
		{ "5.10.", 5010000 },
		{ "6.6+", 6006000 },
	};
	static const char *const wrong[] = { "",    "6",      "6.",
					     ".1",  "linux",  "-6.1",
					     "6.x", "1000.1", "4.99999999999999999999" };
	uint32_t number = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(ta_release_parse(rows[i].text, &number));
		assert_int_equal(number, rows[i].number);
	}
	number = 7;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(ta_release_parse(wrong[i], &number));
	assert_int_equal(number, 7);
}

static void holds_a_kernel_against_a_since(void **state)
{
	static const struct {
		uint32_t kernel;
		const char *since;
		enum ta_reached reached;
	} rows[] = {
		{ 4019000, "4.19", TA_REACHED_YES },
		{ 4018999, "4.19", TA_REACHED_NO },
		{ 6001000, "4.19", TA_REACHED_YES },
		{ 2006031, "2.6.32", TA_REACHED_NO },
		{ 3005000, "3.5..3.8", TA_REACHED_NO },
		{ 3006000, "3.5..3.8", TA_REACHED_PERHAPS },
		{ 3008000, "3.5..3.8", TA_REACHED_YES },
		{ 3008000, "3.5..", TA_REACHED_PERHAPS },
		{ 3008000, "soon", TA_REACHED_PERHAPS },
		{ 0, "4.19", TA_REACHED_PERHAPS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(ta_release_reached(rows[i].kernel, rows[i].since),
				 rows[i].reached);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_what_uname_says),
		cmocka_unit_test(holds_a_kernel_against_a_since),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
