/* roff.c - see roff.h. */
#include "cli/roff.h"

#include <ctype.h>
#include <string.h>

#include "base/macros.h"
#include "base/number.h"
#include "base/text.h"
#include "base/wrap.h"
#include "cli/prose.h"

/* When the words of the pages were last gone over. */
#define DATE "2026-11-23"

enum { LINE = 78, MAX_TEXT = 256 * 1024 };

/* Characters that roff takes for something else, or typesets as another. */
static const char *escape_of(char c)
{
	switch (c) {
	case '\\':
		return "\\e";
	case '-':
		return "\\-";
	case '\'':
		return "\\(aq";
	case '`':
		return "\\(ga";
	case '^':
		return "\\(ha";
	case '~':
		return "\\(ti";
	case '"':
		return "\\(dq";
	default:
		return NULL;
	}
}

static void escape(struct ta_buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		const char *escaped = escape_of(text[i]);

		if (i == 0 && text[i] == '.') /* else a request */
			ta_buf_str(out, "\\&");
		if (escaped)
			ta_buf_str(out, escaped);
		else
			ta_buf_char(out, text[i]);
	}
}

/* The length of "--name" at the beginning of a word; 0: there is none. */
static size_t option_length(const char *word, size_t len)
{
	size_t end = 2;

	if (len < 3 || word[0] != '-' || word[1] != '-')
		return 0;
	while (end < len && (islower((unsigned char)word[end]) || word[end] == '-'))
		end++;
	return end;
}

static void escape_word(struct ta_buf *out, const char *word, size_t len)
{
	/* Names are not to be broken, and few other words are so long. */
	const char *unbroken = len > 5 ? "\\%" : "";
	size_t opening = len && word[0] == '(', bold = option_length(word + opening, len - opening);

	if (bold) {
		escape(out, word, opening);
		ta_buf_printf(out, "%s\\fB", unbroken);
		escape(out, word + opening, bold);
		ta_buf_str(out, "\\fR");
		bold += opening;
	} else {
		ta_buf_str(out, unbroken);
	}
	escape(out, word + bold, len - bold);
}

void ta_roff_title(struct ta_buf *out, const char *name, const char *section)
{
	ta_buf_printf(out,
		      ".\\\" Printed by tcpadvise manual: do not edit.\n"
		      ".TH %s %s %s \"tcpadvise %s\" \"tcpadvise manual\"\n",
		      name, section, DATE, TCPADVISE_VERSION);
}

static void put_heading(struct ta_buf *out, const char *macro, const char *heading)
{
	ta_buf_printf(out, ".%s \"", macro);
	escape(out, heading, strlen(heading));
	ta_buf_str(out, "\"\n");
}

void ta_roff_section(struct ta_buf *out, const char *heading)
{
	put_heading(out, "SH", heading);
}

void ta_roff_subsection(struct ta_buf *out, const char *heading)
{
	put_heading(out, "SS", heading);
}

void ta_roff_item(struct ta_buf *out, const char *bold, const char *italic)
{
	ta_buf_str(out, ".TP\n\\fB");
	escape(out, bold, strlen(bold));
	ta_buf_str(out, "\\fR");
	if (italic && *italic) {
		ta_buf_str(out, " \\fI");
		escape(out, italic, strlen(italic));
		ta_buf_str(out, "\\fR");
	}
	ta_buf_char(out, '\n');
}

void ta_roff_indent(struct ta_buf *out)
{
	ta_buf_str(out, ".RS\n");
}

void ta_roff_outdent(struct ta_buf *out)
{
	ta_buf_str(out, ".RE\n");
}

/* Whether the last line is a heading, which a paragraph needs no break from. */
static bool is_after_heading(const struct ta_buf *out)
{
	const char *end = out->data + out->len - 1;
	const char *line = out->len > 1 ? memrchr(out->data, '\n', out->len - 1) : NULL;

	return line && end - line > 3 && (!strncmp(line, "\n.SH", 4) || !strncmp(line, "\n.SS", 4));
}

void ta_roff_new_paragraph(struct ta_buf *out)
{
	if (is_after_heading(out))
		return;
	ta_buf_str(out, ".PP\n");
}

static void put_words(struct ta_buf *out, const char *text, size_t len)
{
	ta_auto(ta_buf_done) struct ta_buf escaped = TA_BUF_INIT(MAX_TEXT);
	const struct ta_margins margins = { .right = LINE };
	const char *word;
	size_t word_len;

	while (ta_next_word(&text, &len, &word, &word_len)) {
		escape_word(&escaped, word, word_len);
		ta_buf_char(&escaped, ' ');
	}
	ta_wrap_text(out, margins, ta_buf_cstr(&escaped), escaped.len);
	ta_buf_char(out, '\n');
}

void ta_roff_words(struct ta_buf *out, const char *text)
{
	put_words(out, text, strlen(text));
}

void ta_roff_sentence(struct ta_buf *out, const char *text)
{
	ta_auto(ta_buf_done) struct ta_buf sentence = TA_BUF_INIT(MAX_TEXT);
	size_t len = strlen(text);

	if (!len)
		return;
	ta_buf_char(&sentence, (char)toupper((unsigned char)*text));
	ta_buf_str(&sentence, text + 1);
	if (!ta_is_one_of(text[len - 1], ".?!"))
		ta_buf_char(&sentence, '.');
	put_words(out, ta_buf_cstr(&sentence), sentence.len);
}

void ta_roff_lines(struct ta_buf *out, const char *text, size_t len)
{
	ta_buf_str(out, ".EX\n");
	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t line = end ? (size_t)(end - text) : len;

		escape(out, text, line);
		ta_buf_char(out, '\n');
		text += end ? line + 1 : line;
		len -= end ? line + 1 : line;
	}
	ta_buf_str(out, ".EE\n");
}

void ta_roff_prose(struct ta_buf *out, const char *text)
{
	struct ta_paragraph paragraph;

	while (ta_prose_next(&text, &paragraph)) {
		ta_roff_new_paragraph(out);
		if (paragraph.verbatim)
			ta_roff_lines(out, paragraph.text, paragraph.len);
		else
			put_words(out, paragraph.text, paragraph.len);
	}
}
