/* Unit tests of src/import/decode.c: bytes in pieces of any size, text out. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "import/decode.h"
#include "pieces.h"

static enum ta_encoding start(struct ta_decode *decode, struct pieces *pieces)
{
	return ta_decode_start(decode, (struct ta_bytes){ read_piece, pieces });
}

/* Reads all with blocks of that size; returns the length. */
static size_t read_all(struct ta_decode *decode, size_t size, char *out, size_t room)
{
	struct ta_bytes bytes = ta_decode_bytes(decode);
	size_t len = 0;
	ssize_t n;

	while ((n = ta_bytes_read(&bytes, out + len, size)) > 0) {
		len += (size_t)n;
		assert_true(len + size <= room);
	}
	return len;
}

#define BYTES(text) text, sizeof(text) - 1

static void text_comes_out_as_utf8(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		enum ta_encoding encoding;
		const char *want;
	} rows[] = {
		{ BYTES(""), TA_ENCODING_UTF8, "" },
		{ BYTES("tcp\n"), TA_ENCODING_UTF8, "tcp\n" },
		{ BYTES("\x1b[1m\a\btcp\t\f\r\n"), TA_ENCODING_UTF8, "\x1b[1m\a\btcp\t\f\r\n" },
		{ BYTES("Z\xe4hler 7\n"), TA_ENCODING_UTF8, "Z\xe4hler 7\n" }, /* Latin-1 */
		{ BYTES("\xef\xbb\xbftcp"), TA_ENCODING_UTF8, "tcp" },
		{ BYTES("\xef\xbb\xbf"), TA_ENCODING_UTF8, "" },
		{ BYTES("\xff\xfet\0c\0p\0"), TA_ENCODING_UTF16LE, "tcp" },
		{ BYTES("\xfe\xff\0t\0c\0p"), TA_ENCODING_UTF16BE, "tcp" },
		{ BYTES("\xff\xfe"), TA_ENCODING_UTF16LE, "" },
		{ BYTES("t\0c\0p\0"), TA_ENCODING_UTF16LE, "tcp" },
		{ BYTES("\0t\0c\0p"), TA_ENCODING_UTF16BE, "tcp" },
		{ BYTES("a\0b\0\xe4\0\x12\x04"), TA_ENCODING_UTF16LE, "ab\xc3\xa4\xd0\x92" },
		{ BYTES("a\0b\0\x3d\xd8\x00\xde"), TA_ENCODING_UTF16LE, "ab\xf0\x9f\x98\x80" },
		{ BYTES("a\0b\0\x3d\xd8z\0"), TA_ENCODING_UTF16LE, "ab\xef\xbf\xbdz" },
		{ BYTES("a\0b\0\x00\xde"), TA_ENCODING_UTF16LE, "ab\xef\xbf\xbd" },
		{ BYTES("a\0b\0\x3d\xd8"), TA_ENCODING_UTF16LE, "ab\xef\xbf\xbd" },
		{ BYTES("a\0b\0c"), TA_ENCODING_UTF16LE, "ab\xef\xbf\xbd" },
	};
	static struct ta_decode decode;

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++)
		for (size_t piece = 1; piece <= 8; piece += 7)
			for (size_t size = 4; size <= 64; size += 60) {
				struct pieces pieces = { rows[i].bytes, rows[i].len, piece, 0 };
				char out[128];
				size_t len;

				assert_int_equal(start(&decode, &pieces), rows[i].encoding);
				len = read_all(&decode, size, out, sizeof(out));
				assert_int_equal(len, strlen(rows[i].want));
				assert_memory_equal(out, rows[i].want, len);
			}
}

static void what_is_no_text_is_binary(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} rows[] = {
		{ BYTES("\x7f"
			"ELF\2\1\1\0\0\0\0\0\0\0\0\0") },
		{ BYTES("LPKSHHRH\0\0\0\0\3\0\0\0") },            /* a journal */
		{ BYTES("\7\0\0\0\xad\1\0\0pts/0\0\0\0\0\0\0") }, /* wtmp */
		{ BYTES("\xff\xfe\0\0t\0\0\0c\0\0\0p\0\0\0") },   /* UTF-32 */
		{ BYTES("\0\0\xfe\xff\0\0\0t\0\0\0c") },
		{ BYTES("\0\0\0\0") },
		{ BYTES("\1") },
	};
	static struct ta_decode decode;

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		struct pieces pieces = { rows[i].bytes, rows[i].len, 3, 0 };
		char out[64];

		assert_int_equal(start(&decode, &pieces), TA_ENCODING_BINARY);
		assert_int_equal(read_all(&decode, 16, out, sizeof(out)), rows[i].len);
		assert_memory_equal(out, rows[i].bytes, rows[i].len);
	}
}

/* Where the power went, a log holds a few NULs. */
static void a_log_may_hold_some_nuls(void **state)
{
	static struct ta_decode decode;
	char text[320];

	(void)state;
	memset(text, 'x', sizeof(text));
	for (size_t nuls = 0; nuls <= 11; nuls++) {
		struct pieces pieces = { text, sizeof(text), 100, 0 };

		memset(text, '\0', nuls);
		assert_int_equal(start(&decode, &pieces),
				 nuls <= 10 ? TA_ENCODING_UTF8 : TA_ENCODING_BINARY);
	}
}

/* Longer than a block, pairs cut at every place where a block can end. */
static void blocks_do_not_cut_characters(void **state)
{
	enum { PAIRS = 3 * TA_DECODE_BLOCK / 4 };
	static const char pair[] = "\x3d\xd8\x00\xde", letter[] = "x\0";
	static char in[4 * PAIRS + 2 * 1024], out[8 * PAIRS];
	static struct ta_decode decode;
	struct pieces pieces = { in, 2, 4093, 0 };
	size_t len;

	(void)state;
	memcpy(in, "\xff\xfe", 2);
	for (size_t i = 0; i < 1023; i++, pieces.len += 2)
		memcpy(in + pieces.len, letter, 2);
	for (size_t i = 0; i < 1000; i++, pieces.len += 4)
		memcpy(in + pieces.len, pair, 4);
	memcpy(in + pieces.len, letter, 2); /* moves all that follows by half a pair */
	pieces.len += 2;
	for (size_t i = 1000; i < PAIRS - 1; i++, pieces.len += 4)
		memcpy(in + pieces.len, pair, 4);
	assert_int_equal(start(&decode, &pieces), TA_ENCODING_UTF16LE);
	len = read_all(&decode, 4096, out, sizeof(out));
	assert_int_equal(len, 1024 + 4 * (PAIRS - 1));
	assert_null(strstr(out, "\xef\xbf\xbd"));
	assert_memory_equal(out + len - 8, "\xf0\x9f\x98\x80\xf0\x9f\x98\x80", 8);
}

static void a_failure_comes_behind_what_was_read(void **state)
{
	static struct ta_decode decode;
	struct pieces pieces = { "tcp 12", 6, 4, EIO };
	struct ta_bytes bytes;
	char out[16];

	(void)state;
	assert_int_equal(start(&decode, &pieces), TA_ENCODING_UTF8);
	bytes = ta_decode_bytes(&decode);
	assert_int_equal(ta_bytes_read(&bytes, out, sizeof(out)), 6);
	for (int again = 0; again < 2; again++) {
		errno = 0;
		assert_int_equal(ta_bytes_read(&bytes, out, sizeof(out)), -1);
		assert_int_equal(errno, EIO);
	}
	assert_int_equal(ta_bytes_read(&bytes, out, TA_DECODE_LEAST - 1), -1);
	assert_int_equal(errno, EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_comes_out_as_utf8),
		cmocka_unit_test(what_is_no_text_is_binary),
		cmocka_unit_test(a_log_may_hold_some_nuls),
		cmocka_unit_test(blocks_do_not_cut_characters),
		cmocka_unit_test(a_failure_comes_behind_what_was_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
