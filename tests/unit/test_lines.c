/* Unit tests of src/import/lines.c: bytes in, lines out. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "import/lines.h"
#include "pieces.h"

static struct ta_lines *start(struct pieces *pieces)
{
	struct ta_lines *lines = malloc(sizeof(*lines));

	assert_non_null(lines);
	ta_lines_start(lines, (struct ta_bytes){ read_piece, pieces });
	return lines;
}

static void what_a_paste_adds_is_taken_away(void **state)
{
	static const struct {
		const char *raw, *line;
	} rows[] = {
		{ "plain", "plain" },
		{ "  indented\t", "  indented" },
		{ "dos\r", "dos" },
		{ "\033[1;31mred\033[0m text", "red text" },
		{ "\033]0;title\atext", "text" },
		{ "\033]0;title\033\\text", "text" },
		{ "\033", "" },
		{ "\033[", "" },
		{ "b\bbo\bold", "bold" },
		{ "a\001\002b", "ab" },
		{ "> quoted", "quoted" },
		{ "> > twice", "twice" },
		{ ">", "" },
		{ ">not", ">not" },
		{ "| bar", "bar" },
		{ "| a | table |", "| a | table |" },
		{ "```console", "" },
		{ "~~~", "" },
		{ "tab\tstays", "tab\tstays" },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		struct pieces pieces = { rows[i].raw, strlen(rows[i].raw), 1, 0 };
		struct ta_lines *lines = start(&pieces);
		struct ta_line line;

		assert_true(ta_lines_next(lines, &line));
		if (!ta_slice_equals(line.text, rows[i].line))
			fail_msg("%s: \"%.*s\"", rows[i].line, (int)line.text.len, line.text.data);
		assert_false(ta_lines_next(lines, &line));
		free(lines);
	}
}

static void lines_are_numbered(void **state)
{
	static const char text[] = "one\n\nthree\nlast";
	static const char *const wanted[] = { "one", "", "three", "last" };

	(void)state;
	for (size_t piece = 1; piece < sizeof(text); piece++) {
		struct pieces pieces = { text, sizeof(text) - 1, piece, 0 };
		struct ta_lines *lines = start(&pieces);
		struct ta_line line;

		for (size_t i = 0; i < TA_ARRAY_SIZE(wanted); i++) {
			assert_true(ta_lines_next(lines, &line));
			assert_true(ta_slice_equals(line.text, wanted[i]));
			assert_int_equal(line.number, i + 1);
			assert_false(line.cut);
		}
		assert_false(ta_lines_next(lines, &line));
		free(lines);
	}
}

/* A long line is cut, and the one behind it is whole, wherever the blocks end. */
static void a_long_line_is_cut(void **state)
{
	static const size_t lengths[] = { TA_LINE_MAX - 1, TA_LINE_MAX,         TA_LINE_MAX + 1,
					  2 * TA_LINE_MAX, 2 * TA_LINE_MAX + 1, 5 * TA_LINE_MAX };

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(lengths); i++) {
		size_t len = lengths[i];
		char *text = malloc(len + 8);
		struct pieces pieces = { text, len + 6, 4096 + i, 0 };
		struct ta_lines *lines;
		struct ta_line line;

		assert_non_null(text);
		memset(text, 'x', len);
		strcpy(text + len, "\nnext\n");
		lines = start(&pieces);
		assert_true(ta_lines_next(lines, &line));
		assert_int_equal(line.text.len, len < TA_LINE_MAX ? len : TA_LINE_MAX);
		assert_int_equal(line.cut, len > TA_LINE_MAX);
		assert_true(ta_lines_next(lines, &line));
		assert_true(ta_slice_equals(line.text, "next"));
		assert_int_equal(line.number, 2);
		assert_false(ta_lines_next(lines, &line));
		free(lines);
		free(text);
	}
}

/* What bytes break off in may be half a number. */
static void a_line_that_breaks_off_is_not_given_out(void **state)
{
	struct pieces pieces = { "whole\n12", 8, 3, EIO };
	struct ta_lines *lines = start(&pieces);
	struct ta_line line;

	(void)state;
	assert_true(ta_lines_next(lines, &line));
	assert_false(ta_lines_next(lines, &line));
	assert_int_equal(lines->failed, EIO);
	free(lines);
}

/* The last line of each text. */
static void what_a_text_ends_in_may_go_on(void **state)
{
	static const struct {
		const char *text;
		bool half;
	} rows[] = {
		{ "net.core.somaxconn = 12", true },
		{ "net.core.somaxconn = 12\n", false },
		{ "Too many open files", false }, /* all that somebody picked */
		{ "uname -r\n5.10.", true },
		{ "log\nToo many open files", true }, /* in system */
		{ "log\nSending cookies.", false },
		{ "log\nconnect() failed (99: Cannot assign requested address)", false },
		{ "$ ss\nLISTEN 0 128 0.0.0.0:80 0.0.0.0:*", false },
		{ "$ ss\nLISTEN 0 128 0.0.0.0:80 10.0.0.5:8", true },
		{ "netstat -s\n    1300 packets pruned from receive queue ", true },
		{ "a question\n", false },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		struct pieces pieces = { rows[i].text, strlen(rows[i].text), 7, 0 };
		struct ta_lines *lines = start(&pieces);
		struct ta_line line;
		bool half = false;

		while (ta_lines_next(lines, &line))
			half = line.half;
		assert_int_equal(half, rows[i].half);
		free(lines);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_paste_adds_is_taken_away),
		cmocka_unit_test(lines_are_numbered),
		cmocka_unit_test(a_long_line_is_cut),
		cmocka_unit_test(a_line_that_breaks_off_is_not_given_out),
		cmocka_unit_test(what_a_text_ends_in_may_go_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
