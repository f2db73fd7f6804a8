/* lines.c - see lines.h. */
#include "import/lines.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"

void ta_lines_start(struct ta_lines *lines, struct ta_bytes bytes)
{
	lines->bytes = bytes;
	lines->number = 0;
	lines->at = lines->end = 0;
	lines->ended = lines->pass_over = false;
	lines->failed = 0;
}

/* ---- bytes ---- */

/* false when there are no more, or no room for more. */
static bool read_more(struct ta_lines *lines)
{
	ssize_t n;

	if (lines->at) {
		memmove(lines->data, lines->data + lines->at, lines->end - lines->at);
		lines->end -= lines->at;
		lines->at = 0;
	}
	if (lines->ended || lines->end == sizeof(lines->data))
		return false;
	do {
		n = ta_bytes_read(&lines->bytes, lines->data + lines->end,
				  sizeof(lines->data) - lines->end);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		lines->failed = errno;
	if (n <= 0)
		lines->ended = true;
	else
		lines->end += (size_t)n;
	return n > 0;
}

/* Where the line that begins at at ends, or NULL: the newline is not read yet. */
static char *find_newline(struct ta_lines *lines, size_t from)
{
	return memchr(lines->data + lines->at + from, '\n', lines->end - lines->at - from);
}

/* Leaves the rest of a line out that was too long. */
static void pass_over(struct ta_lines *lines)
{
	char *newline;

	while (!(newline = find_newline(lines, 0))) {
		lines->at = lines->end;
		if (!read_more(lines))
			return;
	}
	lines->at = (size_t)(newline + 1 - lines->data);
}

/* Whether a text that ends without a newline may go on: many a paste is cut somewhere in the
 * middle, and 12 of 128 is a wrong number, or 5.10. of 5.10.0 a wrong release. What closes
 * something ends a line, as does a full stop behind a word. A line of words that is all there is
 * was typed, or somebody picked it; digits are not trusted even there. */
static bool may_go_on(const struct ta_lines *lines, const char *text, size_t len)
{
	const char last = len ? text[len - 1] : '*', before = len > 1 ? text[len - 2] : '*';

	if (ta_is_digit(last) || !lines->number)
		return ta_is_digit(last);
	return !strchr(")]}\"'*", last) &&
	       (last != '.' || !ta_text_is_word_byte(before) || ta_is_digit(before));
}

/* The raw line; false at the end of the bytes. */
static bool take_raw(struct ta_lines *lines, char **ret, size_t *ret_len, struct ta_line *ret_line)
{
	size_t seen = 0;
	char *newline;

	ret_line->cut = ret_line->half = false;
	while (!(newline = find_newline(lines, seen))) {
		seen = lines->end - lines->at;
		if (seen > TA_LINE_MAX || !read_more(lines))
			break;
	}
	if (!newline && (lines->failed || lines->end == lines->at))
		return false;
	*ret = lines->data + lines->at;
	*ret_len = newline ? (size_t)(newline - *ret) : lines->end - lines->at;
	lines->at += *ret_len + (newline ? 1 : 0);
	ret_line->cut = *ret_len > TA_LINE_MAX;
	ret_line->half = !newline && !ret_line->cut && may_go_on(lines, *ret, *ret_len);
	if (ret_line->cut)
		*ret_len = TA_LINE_MAX;
	lines->pass_over = ret_line->cut && !newline;
	return true;
}

/* ---- what is no part of the text ---- */

/* The length of the escape sequence that begins here, ECMA-48: CSI, OSC, or two bytes. */
static size_t escape_length(const char *text, size_t len)
{
	size_t i = 2;

	if (len < 2)
		return len;
	if (text[1] == '[') {
		while (i < len && (text[i] < '@' || text[i] > '~'))
			i++;
		return i < len ? i + 1 : len;
	}
	if (text[1] == ']') {
		while (i < len && text[i] != '\a' && text[i] != '\033')
			i++;
		return i < len && text[i] == '\033' ? i : i + (i < len);
	}
	return 2;
}

/* Takes escape sequences and control characters out, in place; a tab stays. */
static size_t remove_controls(char *text, size_t len)
{
	size_t kept = 0;

	for (size_t i = 0; i < len;) {
		if (text[i] == '\033') {
			i += escape_length(text + i, len - i);
			continue;
		}
		if (text[i] == '\b' && kept)
			kept--; /* man pages strike letters twice */
		else if ((unsigned char)text[i] >= ' ' || text[i] == '\t')
			text[kept++] = text[i];
		i++;
	}
	return kept;
}

/* "> > text", as mails and tickets quote. */
static struct ta_slice remove_quotes(struct ta_slice text)
{
	while (ta_slice_begins(text, "> ") || ta_slice_equals(text, ">"))
		text = ta_slice(text.data + 1 + (text.len > 1), text.len - 1 - (text.len > 1));
	return text;
}

/* "| text", as others do; not the row of a table, which has more bars. */
static struct ta_slice remove_bar(struct ta_slice text)
{
	if (ta_slice_begins(text, "| ") && !memchr(text.data + 1, '|', text.len - 1))
		return ta_slice(text.data + 2, text.len - 2);
	return text;
}

/* The fence of a block of code stands for nothing. */
static bool is_fence(struct ta_slice text)
{
	return ta_slice_begins(text, "```") || ta_slice_begins(text, "~~~");
}

static struct ta_slice clean(char *data, size_t len)
{
	struct ta_slice text = ta_slice(data, remove_controls(data, len));

	text = remove_bar(remove_quotes(text));
	while (text.len && (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\t'))
		text.len--;
	return is_fence(text) ? ta_slice(text.data, 0) : text;
}

bool ta_lines_next(struct ta_lines *lines, struct ta_line *ret)
{
	char *raw;
	size_t len;

	if (lines->pass_over)
		pass_over(lines);
	if (!take_raw(lines, &raw, &len, ret))
		return false;
	ret->number = ++lines->number;
	ret->text = clean(raw, len);
	return true;
}
