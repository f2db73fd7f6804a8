/* Unit tests of src/base/wrap.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/wrap.h"

static void text_is_folded(void **state)
{
	static const struct {
		struct ta_margins margins;
		const char *text, *want;
		size_t column;
	} rows[] = {
		{ { 0, 0, 10, false, false }, "", "", 0 },
		{ { 0, 0, 10, false, false }, "one two", "one two", 7 },
		{ { 0, 0, 10, false, false }, "  one\n two\t", "one two", 7 },
		{ { 0, 0, 7, false, false }, "one two", "one two", 7 },
		{ { 0, 0, 6, false, false }, "one two", "one\ntwo", 3 },
		{ { 2, 4, 10, false, false }, "one two three", "one two\n    three", 9 },
		{ { 8, 2, 10, false, false },
		  "three",
		  "\n  three",
		  7 }, /* does not fit after a label */
		{ { 3, 2, 10, true, false }, "three", " three", 9 },
		{ { 5, 2, 10, true, false }, "three", "\n  three", 7 },
		{ { 2, 2, 6, false, false },
		  "longword x",
		  "longword\n  x",
		  3 }, /* no empty line, no cut */
		{ { 0, 0, 9, false, false },
		  "\xc3\xa4\xc3\xb6\xc3\xbc \xe6\xbc\xa2\xe5\xad\x97 x",
		  "\xc3\xa4\xc3\xb6\xc3\xbc \xe6\xbc\xa2\xe5\xad\x97\nx",
		  1 },
		{ { 0, 0, 80, false, false }, "evil\x1b[2J \xff", "evil\\x1b[2J \\xff", 16 },
		{ { 0, 0, 80, false, false }, "a\xe2\x80\xae", "a\\u{202e}", 9 },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		ta_auto(ta_buf_done) struct ta_buf out = TA_BUF_INIT(1024);
		size_t column =
			ta_wrap_text(&out, rows[i].margins, rows[i].text, strlen(rows[i].text));

		assert_string_equal(ta_buf_cstr(&out), rows[i].want);
		assert_int_equal(column, rows[i].column);
	}
}

/* Chinese has no blanks: see UAX #14 and JIS X 4051. */
static void wide_text_is_folded_between_characters(void **state)
{
	static const struct {
		size_t right;
		const char *text, *want;
	} rows[] = {
		{ 8, "接收队列已满", "接收队列\n已满" },
		{ 8, "接收队列，已满", "接收队\n列，已满" }, /* no line begins with a comma */
		{ 6, "接收（队列）已满", "接收\n（队\n列）已\n满" }, /* none ends with what opens */
		{ 6, "接收“队列”", "接收\n“队列”" },
		{ 12, "端口TIME_WAIT满", "端口\nTIME_WAIT满" }, /* a word keeps together */
		{ 6, "端口 用完", "端口\n用完" },
		{ 4, "ab e\u0301e\u0301 c", "ab\ne\u0301e\u0301 c" }, /* marks take no column */
		{ 4, "漢\u0301字漢", "漢\u0301字\n漢" }, /* and stay with their letter */
		{ 8, "a.b/c-d(e)", "a.b/c-d(e)" },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		ta_auto(ta_buf_done) struct ta_buf out = TA_BUF_INIT(1024);
		struct ta_margins margins = { .right = rows[i].right };

		ta_wrap_text(&out, margins, rows[i].text, strlen(rows[i].text));
		assert_string_equal(ta_buf_cstr(&out), rows[i].want);
	}
}

static void ascii_terminal_gets_escapes(void **state)
{
	ta_auto(ta_buf_done) struct ta_buf out = TA_BUF_INIT(1024);
	struct ta_margins margins = { .right = 20, .ascii = true };
	static const char text[] = "queue 队列 \x1b \xff";
	size_t column = ta_wrap_text(&out, margins, text, strlen(text));

	(void)state;
	assert_string_equal(ta_buf_cstr(&out), "queue \\u{961f}\n\\u{5217} \\x1b \\xff");
	assert_int_equal(column, 18);
}

static void blank_after_a_label_is_not_left_at_the_end_of_a_line(void **state)
{
	ta_auto(ta_buf_done) struct ta_buf out = TA_BUF_INIT(1024);

	(void)state;
	ta_buf_str(&out, "label: ");
	ta_wrap_text(&out, (struct ta_margins){ 7, 2, 10, false, false }, "three", 5);
	assert_string_equal(ta_buf_cstr(&out), "label:\n  three");
}

static void full_buffer_is_a_failure_not_a_cut(void **state)
{
	ta_auto(ta_buf_done) struct ta_buf out = TA_BUF_INIT(8);

	(void)state;
	ta_wrap_text(&out, (struct ta_margins){ 0, 0, 80, false, false }, "more than eight", 15);
	assert_false(ta_buf_ok(&out, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_folded),
		cmocka_unit_test(wide_text_is_folded_between_characters),
		cmocka_unit_test(ascii_terminal_gets_escapes),
		cmocka_unit_test(blank_after_a_label_is_not_left_at_the_end_of_a_line),
		cmocka_unit_test(full_buffer_is_a_failure_not_a_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
