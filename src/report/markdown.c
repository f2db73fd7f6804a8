/* markdown.c - see markdown.h. */
#include "report/markdown.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

static bool is_word_byte(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* Whether the byte would be markup where it stands: '_' inside of a word is none, nor is '#' or '>'
 * behind the beginning. */
static bool is_markup(const char *text, size_t at)
{
	switch (text[at]) {
	case '\\':
	case '`':
	case '*':
	case '[':
	case ']':
	case '<':
	case '|':
	case '~':
		return true;
	case '_':
		return at == 0 || !is_word_byte(text[at - 1]) || !is_word_byte(text[at + 1]);
	case '&':
		return text[at + 1] == '#' || is_word_byte(text[at + 1]);
	case '#':
	case '>':
	case '+':
	case '-':
		return at == 0;
	default:
		return false;
	}
}

/* What did not fit, or had no memory, must not be missing unnoticed. */
static void done(struct ta_buf *out, struct ta_buf *safe)
{
	if (!out->failed)
		out->failed = safe->failed;
	ta_buf_done(safe);
}

void ta_markdown_text(struct ta_buf *out, const char *text)
{
	struct ta_buf safe = TA_BUF_INIT(1024 * 1024);

	ta_text_terminal(&safe, text, strlen(text));
	text = ta_buf_cstr(&safe);
	for (size_t i = 0; text[i]; i++) {
		if (is_markup(text, i))
			ta_buf_char(out, '\\');
		ta_buf_char(out, text[i]);
	}
	done(out, &safe);
}

/* The longest run of backticks in the text. */
static size_t longest_run(const char *text)
{
	size_t longest = 0, run = 0;

	for (; *text; text++) {
		run = *text == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return longest;
}

void ta_markdown_code(struct ta_buf *out, const char *text)
{
	struct ta_buf safe = TA_BUF_INIT(1024 * 1024);
	size_t fence;
	bool at_edge;

	ta_text_terminal(&safe, text, strlen(text));
	text = ta_buf_cstr(&safe);
	fence = longest_run(text) + 1;
	at_edge = safe.len && (text[0] == '`' || text[safe.len - 1] == '`');
	ta_buf_fill(out, '`', fence);
	ta_buf_str(out, at_edge ? " " : "");
	ta_buf_str(out, text);
	ta_buf_str(out, at_edge ? " " : "");
	ta_buf_fill(out, '`', fence);
	done(out, &safe);
}

void ta_markdown_line(struct ta_buf *out, const char *text)
{
	struct ta_buf safe = TA_BUF_INIT(1024 * 1024);

	ta_text_terminal(&safe, text, strlen(text));
	ta_buf_str(out, ta_buf_cstr(&safe));
	ta_buf_char(out, '\n');
	done(out, &safe);
}
