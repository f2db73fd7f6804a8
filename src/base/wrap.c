/* wrap.c - see wrap.h. */
#include "base/wrap.h"

#include "base/number.h"
#include "base/text.h"

struct cursor {
	size_t column;
	bool after_word; /* the next word needs a blank before it */
};

static void put_word(struct ta_buf *out, const struct ta_margins *margins, struct cursor *cursor,
		     const struct ta_buf *word)
{
	size_t width = ta_text_width(word->data, word->len);
	size_t end = cursor->column + cursor->after_word + width;

	if (end > margins->right && cursor->column > margins->left) {
		ta_buf_trim(out, ' '); /* the one after a label */
		ta_buf_char(out, '\n');
		ta_buf_fill(out, ' ', margins->left);
		*cursor = (struct cursor){ .column = margins->left };
	}
	if (cursor->after_word)
		ta_buf_char(out, ' ');
	ta_buf_add(out, word->data, word->len);
	cursor->column += cursor->after_word + width;
	cursor->after_word = true;
}

size_t ta_wrap_text(struct ta_buf *out, struct ta_margins margins, const char *text, size_t len)
{
	ta_auto(ta_buf_done) struct ta_buf word = TA_BUF_INIT(len * 10); /* "\u{202e}" of a byte */
	struct cursor cursor = { .column = margins.column, .after_word = margins.joined };
	const char *raw;
	size_t raw_len;

	while (ta_next_word(&text, &len, &raw, &raw_len)) {
		ta_buf_clear(&word);
		ta_text_terminal(&word, raw, raw_len);
		if (!ta_buf_ok(&word, NULL)) {
			out->failed = word.failed;
			break;
		}
		put_word(out, &margins, &cursor, &word);
	}
	return cursor.column;
}
