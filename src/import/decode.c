/* decode.c - see decode.h. */
#include "import/decode.h"

#include <errno.h>
#include <string.h>

#include "base/macros.h"
#include "base/text.h"

/* ---- blocks ---- */

/* Reads on until the block is full or from has ended, keeping what was not taken yet: a short read
 * of a pipe must not decide what the bytes are. */
static void fill(struct ta_decode *decode)
{
	size_t kept = decode->end - decode->at;

	memmove(decode->block, decode->block + decode->at, kept);
	decode->at = 0;
	decode->end = kept;
	while (!decode->ended && decode->end < sizeof(decode->block)) {
		ssize_t n = ta_bytes_read(&decode->from, decode->block + decode->end,
					  sizeof(decode->block) - decode->end);

		decode->ended = n <= 0;
		decode->failed = n < 0 ? errno : 0;
		if (n > 0)
			decode->end += (size_t)n;
	}
}

/* What is left when nothing more comes: the end, or the failure that was it. */
static ssize_t ending(const struct ta_decode *decode)
{
	if (!decode->failed)
		return 0;
	errno = decode->failed;
	return -1;
}

/* ---- what it is ---- */

/* Of 32 characters of a text, at most one is a control that no text has: a kernel log may hold a
 * few NULs where the power went. */
enum { CONTROLS_ONE_IN = 32 };

/* Blanks, line ends, and what a recorded terminal sends: bell, backspace, escape. */
static bool is_odd(unsigned c)
{
	return c < 0x20 && !(c >= 0x07 && c <= 0x0d) && c != 0x1b;
}

static unsigned unit_at(const unsigned char *bytes, bool big_endian)
{
	return big_endian ? (unsigned)bytes[0] << 8 | bytes[1] : (unsigned)bytes[1] << 8 | bytes[0];
}

static bool is_clean(const unsigned char *bytes, size_t len, enum ta_encoding encoding)
{
	const size_t step = encoding == TA_ENCODING_UTF8 ? 1 : 2, count = len / step;
	size_t odd = 0;

	for (size_t i = 0; i < count; i++)
		odd += is_odd(step == 1 ? bytes[i]
					: unit_at(bytes + 2 * i, encoding == TA_ENCODING_UTF16BE));
	return odd <= count / CONTROLS_ONE_IN;
}

/* Without a mark: whether half of the units or more are ASCII. A name or a comment may be in any
 * script, but what is read here is mostly numbers and English words. */
static bool has_pattern(const unsigned char *bytes, size_t len, enum ta_encoding encoding)
{
	size_t units = len / 2, ascii = 0;

	for (size_t i = 0; i < units; i++)
		ascii += unit_at(bytes + 2 * i, encoding == TA_ENCODING_UTF16BE) < 0x80;
	return units && ascii >= units - units / 2;
}

/* What the bytes are, and how many of them are a byte-order mark. */
static enum ta_encoding recognise(const unsigned char *bytes, size_t len, size_t *ret_mark)
{
	static const struct {
		const char *mark;
		size_t len;
		enum ta_encoding encoding;
	} marks[] = {
		{ "\xef\xbb\xbf", 3, TA_ENCODING_UTF8 },
		{ "\xff\xfe", 2, TA_ENCODING_UTF16LE },
		{ "\xfe\xff", 2, TA_ENCODING_UTF16BE },
	};

	*ret_mark = 0;
	for (size_t i = 0; i < TA_ARRAY_SIZE(marks); i++)
		if (len >= marks[i].len && memcmp(bytes, marks[i].mark, marks[i].len) == 0) {
			*ret_mark = marks[i].len;
			return marks[i].encoding;
		}
	if (is_clean(bytes, len, TA_ENCODING_UTF8))
		return TA_ENCODING_UTF8;
	if (has_pattern(bytes, len, TA_ENCODING_UTF16LE))
		return TA_ENCODING_UTF16LE;
	if (has_pattern(bytes, len, TA_ENCODING_UTF16BE))
		return TA_ENCODING_UTF16BE;
	return TA_ENCODING_BINARY;
}

enum ta_encoding ta_decode_start(struct ta_decode *decode, struct ta_bytes from)
{
	size_t mark;

	decode->from = from;
	decode->at = decode->end = 0;
	decode->failed = 0;
	decode->ended = false;
	fill(decode);
	decode->encoding = recognise(decode->block, decode->end, &mark);
	/* a mark proves nothing alone: UTF-32 begins with the one of UTF-16 */
	if (!is_clean(decode->block + mark, decode->end - mark, decode->encoding))
		decode->encoding = TA_ENCODING_BINARY;
	if (decode->encoding != TA_ENCODING_BINARY)
		decode->at = mark;
	return decode->encoding;
}

/* ---- the text ---- */

static ssize_t copy(struct ta_decode *decode, char *out, size_t size)
{
	size_t n = decode->end - decode->at;

	n = n < size ? n : size;
	memcpy(out, decode->block + decode->at, n);
	decode->at += n;
	return (ssize_t)n;
}

/* Takes one code point off the block; half a one becomes U+FFFD. The block holds two units unless
 * the text ends. */
static uint32_t take_utf16(struct ta_decode *decode)
{
	const uint32_t replacement = 0xfffd;
	const bool big_endian = decode->encoding == TA_ENCODING_UTF16BE;
	const unsigned char *bytes = decode->block + decode->at;
	size_t left = decode->end - decode->at;
	unsigned high, low;

	decode->at += left < 2 ? left : 2;
	if (left < 2)
		return replacement;
	high = unit_at(bytes, big_endian);
	if (high < 0xd800 || high > 0xdfff)
		return high;
	low = left < 4 ? 0 : unit_at(bytes + 2, big_endian);
	if (high > 0xdbff || low < 0xdc00 || low > 0xdfff)
		return replacement;
	decode->at += 2;
	return 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff);
}

static ssize_t convert(struct ta_decode *decode, char *out, size_t size)
{
	size_t len = 0;

	while (size - len >= TA_DECODE_LEAST) {
		if (decode->end - decode->at < 4 && !decode->ended)
			break; /* a pair may be cut here */
		if (decode->at == decode->end)
			break;
		len += ta_utf8_encode(out + len, take_utf16(decode));
	}
	return (ssize_t)len;
}

static ssize_t read_decoded(void *ctx, void *buf, size_t size)
{
	struct ta_decode *decode = ctx;

	if (size < TA_DECODE_LEAST) {
		errno = EINVAL;
		return -1;
	}
	if (decode->end - decode->at < 4 && !decode->ended)
		fill(decode);
	if (decode->at == decode->end)
		return ending(decode);
	if (decode->encoding == TA_ENCODING_UTF16LE || decode->encoding == TA_ENCODING_UTF16BE)
		return convert(decode, buf, size);
	return copy(decode, buf, size);
}

struct ta_bytes ta_decode_bytes(struct ta_decode *decode)
{
	return (struct ta_bytes){ read_decoded, decode };
}
