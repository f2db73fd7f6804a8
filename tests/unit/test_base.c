/* Unit tests of src/base. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/map.h"
#include "base/number.h"
#include "base/resource.h"
#include "base/text.h"

static void error_first_cause_wins(void **state)
{
	struct ta_error err = TA_ERROR_INIT;

	(void)state;
	assert_false(ta_fail(&err, TA_E_INPUT, "first %d", 1));
	assert_false(ta_fail(&err, TA_E_NOMEM, "second"));
	assert_int_equal(err.code, TA_E_INPUT);
	assert_false(ta_wrap(&err, "while %s", "reading"));
	assert_string_equal(err.text, "while reading: first 1");
	assert_int_equal(err.code, TA_E_INPUT);
	ta_fail_at(&err, "a.json", 3, 4);
	ta_fail_at(&err, "b.json", 5, 6);
	assert_string_equal(err.pos.name, "a.json");
	assert_int_equal(err.pos.line, 3);
}

static void error_of_errno_has_its_code(void **state)
{
	struct ta_error err = TA_ERROR_INIT;

	(void)state;
	ta_fail_errno(&err, 13, "open x");
	assert_int_equal(err.code, TA_E_ACCESS);
	assert_int_equal(err.sys, 13);
	assert_string_equal(err.text, "open x: Permission denied");
}

static void error_that_is_too_long_shows_it(void **state)
{
	struct ta_error err = TA_ERROR_INIT;
	char text[2000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	ta_fail(&err, TA_E_INPUT, "%s", text);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	assert_string_equal(err.text + sizeof(err.text) - 4, "...");
}

static void buf_grows_up_to_its_cap(void **state)
{
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(1000);
	struct ta_error err = TA_ERROR_INIT;

	(void)state;
	assert_string_equal(ta_buf_cstr(&buf), "");
	ta_buf_fill(&buf, 'a', 999);
	ta_buf_char(&buf, 'b');
	assert_true(ta_buf_ok(&buf, &err));
	assert_int_equal(buf.len, 1000);
	ta_buf_char(&buf, 'c');
	assert_false(ta_buf_ok(&buf, &err));
	assert_int_equal(err.code, TA_E_LIMIT);
	assert_int_equal(buf.len, 1000);
	ta_buf_clear(&buf);
	ta_buf_printf(&buf, "%s-%d", "x", 5);
	assert_string_equal(ta_buf_cstr(&buf), "x-5");
}

static void buf_finish_gives_a_string_even_when_empty(void **state)
{
	struct ta_buf buf = TA_BUF_INIT(10);
	char *text = NULL;

	(void)state;
	assert_true(ta_buf_finish(&buf, &text, NULL));
	assert_string_equal(text, "");
	free(text);
}

static void map_keeps_what_was_put(void **state)
{
	struct ta_map map;
	bool is_new;
	size_t seen = 0;

	(void)state;
	ta_map_init(&map, sizeof(uint64_t), sizeof(uint64_t), 5000);
	for (uint64_t i = 0; i < 5000; i++) {
		uint64_t *value = ta_map_put(&map, &i, &is_new);

		assert_non_null(value);
		assert_true(is_new);
		assert_int_equal(*value, 0);
		*value = i * 3;
	}
	for (uint64_t i = 0; i < 5000; i++)
		assert_int_equal(*(uint64_t *)ta_map_get(&map, &i), i * 3);
	uint64_t key = 5000;
	assert_null(ta_map_get(&map, &key));
	assert_null(ta_map_put(&map, &key, NULL)); /* at its limit */
	key = 7;
	assert_int_equal(*(uint64_t *)ta_map_put(&map, &key, &is_new), 21);
	assert_false(is_new);
	for (size_t i = 0; ta_map_next(&map, &i, NULL, NULL);)
		seen++;
	assert_int_equal(seen, 5000);
	ta_map_done(&map);
}

static void numbers_are_strict(void **state)
{
	static const struct {
		const char *text;
		unsigned base;
		bool ok;
		uint64_t value;
	} cases[] = {
		{ "0", 10, true, 0 },
		{ "18446744073709551615", 10, true, UINT64_MAX },
		{ "18446744073709551616", 10, false, 0 },
		{ "", 10, false, 0 },
		{ " 1", 10, false, 0 },
		{ "+1", 10, false, 0 },
		{ "1a", 10, false, 0 },
		{ "0A", 16, true, 10 },
		{ "ffFF", 16, true, 65535 },
		{ "2", 2, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(cases); i++) {
		uint64_t value = 0;

		assert_int_equal(
			ta_parse_u64(cases[i].text, strlen(cases[i].text), cases[i].base, &value),
			cases[i].ok);
		if (cases[i].ok)
			assert_true(value == cases[i].value);
	}
}

static void signed_numbers_reach_both_ends(void **state)
{
	int64_t value;

	(void)state;
	assert_true(ta_parse_i64("-9223372036854775808", 20, &value));
	assert_true(value == INT64_MIN);
	assert_true(ta_parse_i64("9223372036854775807", 19, &value));
	assert_true(value == INT64_MAX);
	assert_false(ta_parse_i64("9223372036854775808", 19, &value));
	assert_false(ta_parse_i64("-", 1, &value));
	assert_false(ta_parse_i64("--1", 3, &value));
}

static void durations_have_units(void **state)
{
	uint64_t ms;

	(void)state;
	assert_true(ta_parse_duration_ms("0", &ms) && ms == 0);
	assert_true(ta_parse_duration_ms("10s", &ms) && ms == 10000);
	assert_true(ta_parse_duration_ms("250ms", &ms) && ms == 250);
	assert_true(ta_parse_duration_ms("2m", &ms) && ms == 120000);
	assert_false(ta_parse_duration_ms("1.5s", &ms));
	assert_false(ta_parse_duration_ms("-1s", &ms));
	assert_false(ta_parse_duration_ms("10 s", &ms));
	assert_false(ta_parse_duration_ms("s", &ms));
	assert_false(ta_parse_duration_ms("99999999999999999999h", &ms));
}

static void utf8_is_decoded_strictly(void **state)
{
	static const struct {
		const char *bytes;
		bool valid;
	} cases[] = {
		{ "", true },
		{ "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", true },
		{ "\xc0\x80", false },         /* overlong NUL */
		{ "\xe0\x80\xaf", false },     /* overlong */
		{ "\xed\xa0\x80", false },     /* surrogate */
		{ "\xf4\x90\x80\x80", false }, /* above U+10FFFF */
		{ "\xe2\x82", false },         /* cut */
		{ "\x80", false },
		{ "\xff", false },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(cases); i++)
		assert_int_equal(ta_utf8_valid(cases[i].bytes, strlen(cases[i].bytes)),
				 cases[i].valid);
}

static void utf8_is_cut_between_characters(void **state)
{
	static const char text[] = "a\xc3\xa4\xf0\x9f\x98\x80";
	static const size_t kept[] = { 0, 1, 1, 3, 3, 3, 3, 7, 7 };

	(void)state;
	for (size_t max = 0; max < TA_ARRAY_SIZE(kept); max++)
		assert_int_equal(ta_utf8_cut(text, strlen(text), max), kept[max]);
}

static void terminal_text_has_no_escapes(void **state)
{
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(1000);
	static const char hostile[] = "a\x1b[2J\n\x7f\xc2\x9b\xff\xe2\x80\xae\xc3\xa4";

	(void)state;
	ta_text_terminal(&buf, hostile, sizeof(hostile) - 1);
	assert_string_equal(ta_buf_cstr(&buf), "a\\x1b[2J\\x0a\\x7f\\x9b\\xff\\u{202e}\xc3\xa4");
	ta_buf_clear(&buf);
	ta_text_utf8(&buf,
		     "a\xff"
		     "b",
		     3);
	assert_string_equal(ta_buf_cstr(&buf), "a\xef\xbf\xbd"
					       "b");
}

static void width_counts_columns(void **state)
{
	(void)state;
	assert_int_equal(ta_text_width("abc", 3), 3);
	assert_int_equal(ta_text_width("\xe4\xb8\xad\xe6\x96\x87", 6), 4);
	assert_int_equal(ta_text_width("e\xcc\x81", 3), 1);
	assert_int_equal(ta_text_width("한글", 6), 4);
	assert_int_equal(ta_text_width("，「」", 9), 6);
	assert_int_equal(ta_text_width("“”…", 9), 3);
	assert_int_equal(ta_text_width("\U0001f680\u26a1", 7), 4); /* rocket, high voltage */
	assert_int_equal(ta_text_width("\u26a0\ufe0f", 6), 1);     /* the selector takes none */
	assert_int_equal(ta_text_width("█▏░─", 12), 4);
	assert_int_equal(ta_text_width("\U00020000\U0003fffd", 8), 4);
	assert_int_equal(ta_text_width("\u0e01\u0e34\u05d0\u05b8", 10), 2); /* Thai, Hebrew marks */
}

static void nearest_name_is_found_or_none(void **state)
{
	struct ta_nearest nearest;

	(void)state;
	ta_nearest_start(&nearest, "time_wat", 8);
	ta_nearest_offer(&nearest, "close_wait");
	ta_nearest_offer(&nearest, "time_wait");
	assert_string_equal(ta_nearest_result(&nearest), "time_wait");
	ta_nearest_start(&nearest, "zzz", 3);
	ta_nearest_offer(&nearest, "time_wait");
	assert_null(ta_nearest_result(&nearest));
}

static void file_is_written_whole(void **state)
{
	char directory[] = "/tmp/tcpadvise-test-XXXXXX";
	char path[64];
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(100);
	struct ta_error err = TA_ERROR_INIT;

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/out", directory);
	assert_true(ta_file_write_atomic(path, "hello", 5, &err));
	assert_true(ta_file_read(AT_FDCWD, path, &buf, &err));
	assert_string_equal(ta_buf_cstr(&buf), "hello");
	unlink(path);
	assert_false(ta_file_read(AT_FDCWD, path, &buf, &err));
	assert_int_equal(err.sys, ENOENT);
	assert_int_equal(rmdir(directory), 0); /* no temporary file was left */
}

/* As root, an atomic write to /dev/null would take the device away from the whole host. */
static void special_file_is_written_to_not_replaced(void **state)
{
	char directory[] = "/tmp/tcpadvise-test-XXXXXX";
	struct ta_error err = TA_ERROR_INIT;
	char path[64], got[8] = "";
	struct stat st;
	int reader;

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/pipe", directory);
	assert_int_equal(mkfifo(path, 0600), 0);
	reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(reader >= 0);
	assert_true(ta_file_write_atomic(path, "hello", 5, &err));
	assert_int_equal(read(reader, got, sizeof(got)), 5);
	assert_string_equal(got, "hello");
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	close(reader);
	unlink(path);
	assert_int_equal(rmdir(directory), 0);
}

static void clock_prints_rfc3339(void **state)
{
	char text[32];

	(void)state;
	ta_clock_rfc3339(INT64_C(1760000000) * 1000 + 999, text);
	assert_string_equal(text, "2025-10-09T08:53:20Z");
}

static void clock_reads_what_it_prints(void **state)
{
	static const char *const wrong[] = { "",
					     "2025-10-09",
					     "2025-10-09T08:53:20",
					     "2025-10-09T08:53:20+02:00",
					     "2025-10-9T08:53:20Z",
					     "2025-02-30T08:53:20Z",
					     "2025-10-09T08:53:20Z ",
					     " 2025-10-09T08:53:20Z",
					     "99999999999-10-09T08:53:20Z" };
	int64_t ms = 7;

	(void)state;
	assert_true(ta_clock_parse("2025-10-09T08:53:20Z", &ms));
	assert_int_equal(ms, INT64_C(1760000000) * 1000);
	ms = 7;
	for (size_t i = 0; i < TA_ARRAY_SIZE(wrong); i++)
		assert_false(ta_clock_parse(wrong[i], &ms));
	assert_int_equal(ms, 7);
}

static void resources_are_compiled_in(void **state)
{
	const struct ta_resource *schema = ta_resource_find("schema/snapshot.schema.json");

	(void)state;
	assert_non_null(schema);
	assert_int_equal(schema->data[0], '{');
	assert_int_equal(schema->data[schema->size], '\0');
	assert_null(ta_resource_find("nothing"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(error_first_cause_wins),
		cmocka_unit_test(error_of_errno_has_its_code),
		cmocka_unit_test(error_that_is_too_long_shows_it),
		cmocka_unit_test(buf_grows_up_to_its_cap),
		cmocka_unit_test(buf_finish_gives_a_string_even_when_empty),
		cmocka_unit_test(map_keeps_what_was_put),
		cmocka_unit_test(numbers_are_strict),
		cmocka_unit_test(signed_numbers_reach_both_ends),
		cmocka_unit_test(durations_have_units),
		cmocka_unit_test(utf8_is_decoded_strictly),
		cmocka_unit_test(utf8_is_cut_between_characters),
		cmocka_unit_test(terminal_text_has_no_escapes),
		cmocka_unit_test(width_counts_columns),
		cmocka_unit_test(nearest_name_is_found_or_none),
		cmocka_unit_test(file_is_written_whole),
		cmocka_unit_test(special_file_is_written_to_not_replaced),
		cmocka_unit_test(clock_prints_rfc3339),
		cmocka_unit_test(clock_reads_what_it_prints),
		cmocka_unit_test(resources_are_compiled_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
