/* wrap.c - see wrap.h. */
#include "base/wrap.h"

#include "base/number.h"
#include "base/text.h"
#include "base/width.h"

struct cursor {
	size_t column;
	bool after_word; /* the next word needs a blank before it */
};

/* ---- where a word may be broken --------------------------------------------------------- */

/* What no line begins with, of what stands beside wide characters (JIS X 4051, kinsoku shori). */
static bool is_closing(uint32_t c)
{
	static const uint32_t closing[] = {
		'!',    ')',    ',',    '-',    '.',    '/',    ':',    ';',    '?',
		']',    '}',    '%',    '\'',   '"',    '>',    0x00b7, 0x2014, 0x2019,
		0x201d, 0x2026, 0x3001, 0x3002, 0x3005, 0x3009, 0x300b, 0x300d, 0x300f,
		0x3011, 0x3015, 0x3017, 0x30fb, 0x30fc, 0xff01, 0xff05, 0xff09, 0xff0c,
		0xff0e, 0xff1a, 0xff1b, 0xff1f, 0xff3d, 0xff5d, 0xff5e,
	};

	for (size_t i = 0; i < TA_ARRAY_SIZE(closing); i++)
		if (c == closing[i])
			return true;
	return false;
}

/* What no line ends with. */
static bool is_opening(uint32_t c)
{
	static const uint32_t opening[] = {
		'(',    '[',    '{',    '\'',   '"',    '<',    '/',    '-',    0x2018, 0x201c,
		0x3008, 0x300a, 0x300c, 0x300e, 0x3010, 0x3014, 0x3016, 0xff08, 0xff3b, 0xff5b,
	};

	for (size_t i = 0; i < TA_ARRAY_SIZE(opening); i++)
		if (c == opening[i])
			return true;
	return false;
}

/* Chinese and Japanese have no blanks: a line ends beside any of their characters. */
static bool may_break(uint32_t before, uint32_t after)
{
	if (ta_code_point_width(before) != 2 && ta_code_point_width(after) != 2)
		return false;
	return ta_code_point_width(after) && !is_closing(after) && !is_opening(before);
}

/* The bytes of a word up to where it may be broken first. */
static size_t piece_length(const char *word, size_t len)
{
	uint32_t before, after;
	size_t done = ta_utf8_decode(word, len, &before);

	while (done && done < len) {
		size_t next = ta_utf8_decode(word + done, len - done, &after);

		if (!next)
			return len;
		if (may_break(before, after))
			return done;
		before = ta_code_point_width(after) ? after : before;
		done += next;
	}
	return len;
}

/* ---- lines --------------------------------------------------------------------------- */

static void put_piece(struct ta_buf *out, const struct ta_margins *margins, struct cursor *cursor,
		      const struct ta_buf *piece)
{
	size_t width = ta_text_width(piece->data, piece->len);
	size_t end = cursor->column + cursor->after_word + width;

	if (end > margins->right && cursor->column > margins->left) {
		ta_buf_trim(out, ' '); /* the one after a label */
		ta_buf_char(out, '\n');
		ta_buf_fill(out, ' ', margins->left);
		*cursor = (struct cursor){ .column = margins->left };
	}
	if (cursor->after_word)
		ta_buf_char(out, ' ');
	ta_buf_add(out, piece->data, piece->len);
	cursor->column += cursor->after_word + width;
	cursor->after_word = false;
}

static bool put_word(struct ta_buf *out, const struct ta_margins *margins, struct cursor *cursor,
		     const char *word, size_t len, struct ta_buf *piece)
{
	while (len) {
		size_t part = piece_length(word, len);

		ta_buf_clear(piece);
		if (margins->ascii)
			ta_text_ascii(piece, word, part);
		else
			ta_text_terminal(piece, word, part);
		if (!ta_buf_ok(piece, NULL))
			return false;
		put_piece(out, margins, cursor, piece);
		word += part;
		len -= part;
	}
	cursor->after_word = true;
	return true;
}

size_t ta_wrap_text(struct ta_buf *out, struct ta_margins margins, const char *text, size_t len)
{
	ta_auto(ta_buf_done) struct ta_buf piece = TA_BUF_INIT(len * 10); /* "\u{202e}" of a byte */
	struct cursor cursor = { .column = margins.column, .after_word = margins.joined };
	const char *word;
	size_t word_len;

	while (ta_next_word(&text, &len, &word, &word_len))
		if (!put_word(out, &margins, &cursor, word, word_len, &piece)) {
			out->failed = piece.failed;
			break;
		}
	return cursor.column;
}
