/* test_ndjson.c - documents one a line: what is taken for them, and reading them line by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/macros.h"
#include "cli/ndjson.h"
#include "tcpadvise/error.h"

enum { LINE_MAX_ = 100000 };

/* A descriptor from which the text is read. */
static int file_of(const char *text, size_t len)
{
	char path[] = "/tmp/tcpadvise-ndjson-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	unlink(path);
	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static struct ta_ndjson reader_of(const char *text, size_t len)
{
	struct ta_ndjson reader;

	ta_ndjson_init(&reader, file_of(text, len), "test", LINE_MAX_);
	return reader;
}

static void close_reader(struct ta_ndjson *reader)
{
	close(reader->fd);
	ta_ndjson_done(reader);
}

static bool is_ndjson(const char *text)
{
	struct ta_ndjson reader = reader_of(text, strlen(text));
	struct ta_error err = TA_ERROR_INIT;
	bool is;

	assert_true(ta_ndjson_detect(&reader, &is, &err));
	close_reader(&reader);
	return is;
}

static void detects(void **state)
{
	static const struct {
		const char *text;
		bool is;
	} cases[] = {
		{ "", false },
		{ "\n\n", false },
		{ "{}", true },
		{ "{}\n", true },
		{ "\n  {\"a\":[1]} \r\n{\"a\":2}\n", true },
		{ "{\"a\":\"}\"}\n", true },
		{ "{\"a\":\"\\\"}\"}\n", true },
		{ "{\"a\":\"\\", false }, /* the backslash has nothing behind it */
		{ "{\n\"a\":1}\n", false },
		{ "{ \"a\": [\n{}\n] }\n", false },
		{ "{ \"a\":\n{}\n}\n", false },
		{ "{ \"a\": [ {},\n{}\n] }\n", false },
		{ "{} {}\n", false },
		{ "[{}]\n", false },
		{ "tcp 0 0 {\n{}\n", false },
		/* a first line that was cut off: an object can't follow it */
		{ "{\"a\":1\n{\"a\":2}\n", true },
		{ "{\"a\":\"x\n{\"a\":2}\n", true },
		{ "{\"a\":1,\n{\"a\":2}\n", true },
		{ "{\n{\"a\":2}\n", true },
		{ "{\"a\":1\n  \"b\":2}\n", false },
		{ "{\"a\":1", false },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(cases); i++)
		if (is_ndjson(cases[i].text) != cases[i].is)
			fail_msg("%s", cases[i].text);
}

static void expect_line(struct ta_ndjson *reader, int number, const char *text)
{
	struct ta_error err = TA_ERROR_INIT;
	struct ta_slice line;

	if (!ta_ndjson_next(reader, &line, &err))
		fail_msg("%s", err.text);
	assert_true(ta_slice_equals(line, text));
	assert_int_equal(reader->line, number);
}

static void expect_end(struct ta_ndjson *reader)
{
	struct ta_slice line = ta_slice("", 0);

	for (int twice = 0; twice < 2; twice++) {
		assert_true(ta_ndjson_next(reader, &line, NULL));
		assert_null(line.data);
	}
}

static void gives_lines(void **state)
{
	static const char text[] = "{}\n\n \t\r\n{1}\r\nlast";
	struct ta_ndjson reader = reader_of(text, sizeof(text) - 1);
	bool is;

	(void)state;
	assert_true(ta_ndjson_detect(&reader, &is, NULL)); /* takes nothing */
	expect_line(&reader, 1, "{}");
	expect_line(&reader, 4, "{1}\r");
	expect_line(&reader, 5, "last");
	expect_end(&reader);
	close_reader(&reader);
}

/* Longer than one reading, of every length around it. */
static void joins_readings(void **state)
{
	static char text[3 * 65536 + 64];

	(void)state;
	for (size_t len = 65536 - 3; len < 65536 + 3; len++) {
		struct ta_ndjson reader;
		struct ta_slice line;

		memset(text, 'x', sizeof(text));
		text[len] = '\n';
		text[len + 2] = '\n';
		reader = reader_of(text, len + 70000);
		assert_true(ta_ndjson_next(&reader, &line, NULL));
		assert_int_equal(line.len, len);
		expect_line(&reader, 2, "x");
		assert_true(ta_ndjson_next(&reader, &line, NULL));
		assert_int_equal(line.len, 70000 - 3);
		expect_end(&reader);
		close_reader(&reader);
	}
}

static void put(char *at, const char *text)
{
	while (*text)
		*at++ = *text++;
}

/* What is too long is passed by, and nothing of what comes behind it. */
static void passes_by_long_lines(void **state)
{
	static char text[5 * LINE_MAX_];

	(void)state;
	for (size_t len = LINE_MAX_ * 2; len < LINE_MAX_ * 2 + 3; len++) {
		struct ta_error err = TA_ERROR_INIT;
		struct ta_ndjson reader;
		struct ta_slice line;

		memset(text, 'x', sizeof(text));
		put(text, "{}\n");
		put(text + len, "\n{}\n");
		reader = reader_of(text, sizeof(text));
		expect_line(&reader, 1, "{}");
		assert_false(ta_ndjson_next(&reader, &line, &err));
		assert_int_equal(err.code, TA_E_LIMIT);
		assert_int_equal(err.pos.line, 2);
		expect_line(&reader, 3, "{}");
		ta_error_clear(&err);
		assert_false(ta_ndjson_next(&reader, &line, &err)); /* to the end */
		assert_int_equal(err.pos.line, 4);
		expect_end(&reader);
		close_reader(&reader);
	}
}

static void gives_the_rest(void **state)
{
	static const char text[] = "\n{\n \"a\": 1\n}\n";
	struct ta_ndjson reader = reader_of(text, sizeof(text) - 1);
	struct ta_slice rest;
	bool is;

	(void)state;
	assert_true(ta_ndjson_detect(&reader, &is, NULL));
	assert_false(is);
	assert_true(ta_ndjson_rest(&reader, &rest, NULL));
	assert_true(ta_slice_equals(rest, text));
	close_reader(&reader);
}

/* What was looked at comes before what is still in the file, in pieces of any size. */
static void gives_bytes(void **state)
{
	static char text[LINE_MAX_], copy[LINE_MAX_ + 1];

	(void)state;
	memset(text, 'x', sizeof(text));
	put(text, "{\n1234567890\n");
	for (size_t size = 1; size <= sizeof(copy); size = size * 7 + 1) {
		struct ta_ndjson reader = reader_of(text, sizeof(text));
		struct ta_slice head;
		size_t len = 0;
		ssize_t n;
		bool is;

		assert_true(ta_ndjson_peek(&reader, &head, NULL));
		assert_true(ta_ndjson_detect(&reader, &is, NULL));
		memset(copy, 0, sizeof(copy));
		do {
			n = ta_ndjson_read(&reader, copy + len,
					   size < sizeof(copy) - len ? size : sizeof(copy) - len);
			assert_true(n >= 0);
			len += (size_t)n;
		} while (n);
		assert_int_equal(len, sizeof(text));
		assert_memory_equal(copy, text, sizeof(text));
		close_reader(&reader);
	}
}

static void says_what_cannot_be_read(void **state)
{
	struct ta_error err = TA_ERROR_INIT;
	struct ta_ndjson reader;
	struct ta_slice line;

	(void)state;
	ta_ndjson_init(&reader, open("/tmp", O_RDONLY | O_CLOEXEC), "a directory", LINE_MAX_);
	assert_false(ta_ndjson_next(&reader, &line, &err));
	assert_int_equal(err.code, TA_E_SYSTEM);
	expect_end(&reader);
	close_reader(&reader);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(detects),
		cmocka_unit_test(gives_lines),
		cmocka_unit_test(joins_readings),
		cmocka_unit_test(passes_by_long_lines),
		cmocka_unit_test(gives_the_rest),
		cmocka_unit_test(gives_bytes),
		cmocka_unit_test(says_what_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
