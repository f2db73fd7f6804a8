/* markdown.c - see markdown.h. */
#include "report/markdown.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/macros.h"
#include "base/text.h"

static bool is_word_byte(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* "1. " and "1) " begin a list. */
static bool is_list_number(const char *text, size_t at)
{
	bool is_apart = text[at + 1] == ' ' || !text[at + 1];

	return at > 0 && is_apart && strspn(text, "0123456789") == at;
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
	case '=':
		return at == 0;
	case '.':
	case ')':
		return is_list_number(text, at);
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

static void add_escaped(struct ta_buf *out, const char *text, size_t from, size_t end)
{
	for (size_t i = from; i < end; i++) {
		if (is_markup(text, i))
			ta_buf_char(out, '\\');
		ta_buf_char(out, text[i]);
	}
}

void ta_markdown_text(struct ta_buf *out, const char *text)
{
	struct ta_buf safe = TA_BUF_INIT(1024 * 1024);

	ta_text_terminal(&safe, text, strlen(text));
	add_escaped(out, ta_buf_cstr(&safe), 0, safe.len);
	done(out, &safe);
}

/* The longest run of backticks in the text. */
static size_t longest_run(const char *text, size_t len)
{
	size_t longest = 0, run = 0;

	for (; len; text++, len--) {
		run = *text == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return longest;
}

static void add_code(struct ta_buf *out, const char *text, size_t len)
{
	size_t fence = longest_run(text, len) + 1;
	bool at_edge = len && (text[0] == '`' || text[len - 1] == '`');

	ta_buf_fill(out, '`', fence);
	ta_buf_str(out, at_edge ? " " : "");
	ta_buf_add(out, text, len);
	ta_buf_str(out, at_edge ? " " : "");
	ta_buf_fill(out, '`', fence);
}

void ta_markdown_code(struct ta_buf *out, const char *text)
{
	struct ta_buf safe = TA_BUF_INIT(1024 * 1024);

	ta_text_terminal(&safe, text, strlen(text));
	add_code(out, ta_buf_cstr(&safe), safe.len);
	done(out, &safe);
}

static void add_name(struct ta_buf *out, const char *text, size_t len)
{
	while (len) {
		const char *bar = memchr(text, '|', len);
		size_t piece = bar ? (size_t)(bar - text) : len;

		if (piece)
			add_code(out, text, piece);
		if (!bar)
			return;
		ta_buf_str(out, "\\|");
		text += piece + 1;
		len -= piece + 1;
	}
}

void ta_markdown_name(struct ta_buf *out, const char *text)
{
	struct ta_buf safe = TA_BUF_INIT(1024 * 1024);

	ta_text_terminal(&safe, text, strlen(text));
	add_name(out, ta_buf_cstr(&safe), safe.len);
	done(out, &safe);
}

/* ---- words that would call somebody or link to something ------------------------------ */

/* A commit as people write it: 7 to 40 hexadecimal digits, letters among them. */
static bool is_commit(const char *word, size_t len)
{
	size_t digits = 0, letters = 0;

	for (size_t i = 0; i < len; i++) {
		digits += ta_is_digit(word[i]);
		letters += word[i] >= 'a' && word[i] <= 'f';
	}
	return len >= 7 && len <= 40 && digits && letters && digits + letters == len;
}

/* Marks of GitHub's and GitLab's references: of people, issues, merge requests, snippets, epics,
 * milestones, labels; GitLab takes them in quotes, too. */
static bool is_reference(const char *at, size_t len)
{
	if (*at == '@')
		return true;
	return len > 1 && strchr("#!$&%~", *at) && (is_word_byte(at[1]) || at[1] == '"');
}

static bool begins(const char *at, size_t len, const char *with)
{
	return len >= strlen(with) && strncasecmp(at, with, strlen(with)) == 0;
}

static bool would_refer(const char *word, size_t len)
{
	static const char *const beginnings[] = { "GH-", "GL-", "www.", "://", "mailto:" };

	for (size_t i = 0; i < len; i++) {
		if (is_reference(word + i, len - i))
			return true;
		for (size_t k = 0; k < TA_ARRAY_SIZE(beginnings); k++)
			if (begins(word + i, len - i, beginnings[k]))
				return true;
	}
	return is_commit(word, len);
}

void ta_markdown_prose(struct ta_buf *out, const char *text)
{
	struct ta_buf safe = TA_BUF_INIT(1024 * 1024);
	size_t at = 0;

	ta_text_terminal(&safe, text, strlen(text));
	text = ta_buf_cstr(&safe);
	while (at < safe.len) {
		size_t len = strcspn(text + at, " ");

		if (would_refer(text + at, len))
			add_name(out, text + at, len);
		else
			add_escaped(out, text, at, at + len);
		at += len;
		if (at < safe.len)
			ta_buf_char(out, text[at++]);
	}
	done(out, &safe);
}

/* ---- blocks ---------------------------------------------------------------------------- */

void ta_markdown_line(struct ta_buf *out, const char *text)
{
	struct ta_buf safe = TA_BUF_INIT(1024 * 1024);

	ta_text_terminal(&safe, text, strlen(text));
	ta_buf_str(out, ta_buf_cstr(&safe));
	ta_buf_char(out, '\n');
	done(out, &safe);
}

static const char *chars_of(const json_t *string)
{
	return json_is_string(string) ? json_string_value(string) : "";
}

void ta_markdown_fence(struct ta_buf *out, const char *language, const json_t *lines)
{
	enum { SHORTEST = 3 };
	size_t i, fence = SHORTEST;
	const json_t *line;

	json_array_foreach (lines, i, line) {
		size_t run = longest_run(chars_of(line), strlen(chars_of(line)));

		fence = run >= fence ? run + 1 : fence;
	}
	ta_buf_fill(out, '`', fence);
	ta_buf_printf(out, "%s\n", language);
	json_array_foreach (lines, i, line)
		ta_markdown_line(out, chars_of(line));
	ta_buf_fill(out, '`', fence);
	ta_buf_char(out, '\n');
}
