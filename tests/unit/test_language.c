/* Which catalogue a locale's name means, and what is said without a translation. */
#include "base/language.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/macros.h"
#include "tcpadvise/language.h"

static void names_of_locales(void **state)
{
	static const struct {
		const char *locale, *language; /* "en": none of the catalogues */
		bool known;
	} cases[] = {
		{ "zh_CN", "zh_CN", true },
		{ "zh_CN.UTF-8", "zh_CN", true },
		{ "zh_CN.utf8@radical", "zh_CN", true },
		{ "zh_CN@radical", "zh_CN", true },
		{ "zh", "zh_CN", true },
		{ "zh.UTF-8", "zh_CN", true },
		{ "zh_TW", "en", false },
		{ "z", "en", false },
		{ "zh_", "en", false },
		{ "zh_CNX", "en", false },
		{ "", "en", false },
		{ ".UTF-8", "en", false },
		{ "../zh_CN", "en", false },
		{ "xx", "en", false },
		{ "en", "en", true },
		{ "en_GB.UTF-8", "en", true },
		{ "C", "en", true },
		{ "C.UTF-8", "en", true },
		{ "POSIX", "en", true },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(cases); i++) {
		const char *locale = cases[i].locale;

		assert_string_equal(ta_language_name(ta_language_find(locale)), cases[i].language);
		assert_int_equal(ta_language_is_known(locale), cases[i].known);
	}
}

static void choices_begin_with_english(void **state)
{
	char choices[64], cut[4];

	(void)state;
	ta_language_choices(choices, sizeof(choices));
	assert_string_equal(choices, "en|zh_CN");
	ta_language_choices(cut, sizeof(cut));
	assert_string_equal(cut, "en|");
}

static void an_unknown_language_changes_nothing(void **state)
{
	(void)state;
	assert_true(ta_set_language("zh_CN"));
	assert_false(ta_set_language("xx"));
	assert_string_equal(ta_language_name(ta_language_current()), "zh_CN");
	assert_true(ta_set_language("en"));
	assert_null(ta_language_current());
}

static void what_has_no_translation_is_english(void **state)
{
	const struct ta_language *chinese = ta_language_find("zh");

	(void)state;
	assert_string_equal(ta_translate(chinese, "no such message"), "no such message");
	assert_string_equal(ta_translate(chinese, ""), "");
	assert_string_equal(ta_translate(NULL, "takes effect"), "takes effect");
	assert_ptr_equal(ta_language_find("zh_CN"), chinese);
}

/* A message of the rules, which are translated as a whole. */
static void what_has_one_is_said_in_it(void **state)
{
	static const char message[] =
		"Socket buffers: too small for the path, or full because nobody reads";
	const struct ta_language *before = ta_language_use(ta_language_find("zh_CN"));

	(void)state;
	assert_string_not_equal(_(message), message);
	assert_ptr_equal(ta_language_use(before), ta_language_find("zh_CN"));
	assert_string_equal(_(message), message);
}

static void one_and_many(void **state)
{
	(void)state;
	assert_string_equal(_n("%zu port", "%zu ports", 0), "%zu ports");
	assert_string_equal(_n("%zu port", "%zu ports", 1), "%zu port");
	assert_string_equal(_n("%zu port", "%zu ports", 2), "%zu ports");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_locales),
		cmocka_unit_test(choices_begin_with_english),
		cmocka_unit_test(an_unknown_language_changes_nothing),
		cmocka_unit_test(what_has_no_translation_is_english),
		cmocka_unit_test(what_has_one_is_said_in_it),
		cmocka_unit_test(one_and_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
