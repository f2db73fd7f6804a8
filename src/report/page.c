/* page.c - see page.h. */
#include "report/page.h"

#include <string.h>

#include "base/text.h"
#include "base/wrap.h"
#include "report/bar.h"

/* Select Graphic Rendition, ECMA-48 8.3.117. Of the first sixteen colours each theme has its own,
 * and yellow, green and cyan vanish on most that are light. Those of the 6x6x6 cube (ISO 8613-6,
 * "38;5;N") are the same everywhere; these have a contrast of 3.8 at least to black and to white,
 * where no colour has more than 4.6 to both. */
static const char *const sgr[] = {
	[TA_STYLE_BOLD] = "\033[1m",
	[TA_STYLE_DIM] = "\033[38;5;243m",        /* #767676 */
	[TA_STYLE_CRITICAL] = "\033[1;38;5;160m", /* #d70000 */
	[TA_STYLE_WARNING] = "\033[1;38;5;130m",  /* #af5f00 */
	[TA_STYLE_INFO] = "\033[1;38;5;32m",      /* #0087d7 */
	[TA_STYLE_GOOD] = "\033[1;38;5;28m",      /* #008700 */
	[TA_STYLE_COMMAND] = "\033[38;5;31m",     /* #0087af */
};

enum {
	WIDTH_DEFAULT = 80,
	WIDTH_MIN = 40,
	WIDTH_MAX = 200, /* longer lines are hard to follow with the eye */
};

static size_t width_of(size_t asked)
{
	if (asked == 0)
		return WIDTH_DEFAULT;
	return asked < WIDTH_MIN ? WIDTH_MIN : asked > WIDTH_MAX ? WIDTH_MAX : asked;
}

struct ta_page ta_page_begin(struct ta_buf *out, const struct ta_render_options *options)
{
	return (struct ta_page){
		.out = out,
		.width = width_of(options->width),
		.color = options->color,
		.ascii = !options->utf8,
	};
}

void ta_page_style(struct ta_page *page, enum ta_style style)
{
	if (page->color)
		ta_buf_str(page->out, sgr[style]);
}

void ta_page_plain(struct ta_page *page)
{
	if (page->color)
		ta_buf_str(page->out, "\033[0m");
}

/* The cursor moves over what was appended since the buffer was "start" long. */
static void advance(struct ta_page *page, size_t start)
{
	if (page->out->data)
		page->column += ta_text_width(page->out->data + start, page->out->len - start);
}

static void add_ours(struct ta_page *page, const char *ours, size_t len)
{
	size_t start = page->out->len;

	if (page->ascii)
		ta_text_ascii(page->out, ours, len);
	else
		ta_buf_add(page->out, ours, len);
	advance(page, start);
}

void ta_page_raw(struct ta_page *page, const char *ours)
{
	add_ours(page, ours, strlen(ours));
}

void ta_page_printf(struct ta_page *page, const char *fmt, ...)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(page->out->cap);
	va_list args;

	va_start(args, fmt);
	ta_buf_vprintf(&text, fmt, args);
	va_end(args);
	if (text.failed)
		page->out->failed = text.failed;
	add_ours(page, ta_buf_cstr(&text), text.len);
}

static void add_safe(const struct ta_page *page, struct ta_buf *out, const char *text)
{
	if (page->ascii)
		ta_text_ascii(out, text, strlen(text));
	else
		ta_text_terminal(out, text, strlen(text));
}

void ta_page_text(struct ta_page *page, const char *foreign)
{
	size_t start = page->out->len;

	add_safe(page, page->out, foreign);
	advance(page, start);
}

void ta_page_column(struct ta_page *page, size_t column)
{
	if (page->column >= column)
		return;
	ta_buf_fill(page->out, ' ', column - page->column);
	page->column = column;
}

void ta_page_join(struct ta_page *page)
{
	page->joined = true;
}

void ta_page_prose(struct ta_page *page, size_t left, const char *foreign)
{
	struct ta_margins margins = {
		.column = page->column,
		.left = left,
		.right = page->width,
		.joined = page->joined,
		.ascii = page->ascii,
	};

	page->column = ta_wrap_text(page->out, margins, foreign, strlen(foreign));
	page->joined = false;
}

void ta_page_sentence(struct ta_page *page, size_t left, const char *fmt, ...)
{
	ta_auto(ta_buf_done) struct ta_buf sentence = TA_BUF_INIT(page->out->cap);
	va_list args;

	va_start(args, fmt);
	ta_buf_vprintf(&sentence, fmt, args);
	va_end(args);
	if (sentence.failed)
		page->out->failed = sentence.failed;
	ta_page_prose(page, left, ta_buf_cstr(&sentence));
}

void ta_page_newline(struct ta_page *page)
{
	ta_buf_trim(page->out, ' ');
	ta_buf_char(page->out, '\n');
	page->column = 0;
}

void ta_page_gap(struct ta_page *page)
{
	size_t len = page->out->len;

	if (len < 2 || memcmp(page->out->data + len - 2, "\n\n", 2) != 0)
		ta_buf_char(page->out, '\n');
}

void ta_page_heading(struct ta_page *page, const char *ours)
{
	ta_page_gap(page);
	ta_page_style(page, TA_STYLE_BOLD);
	ta_page_raw(page, ours);
	ta_page_plain(page);
	ta_page_newline(page);
}

void ta_page_rule(struct ta_page *page)
{
	ta_page_style(page, TA_STYLE_DIM);
	for (size_t i = 0; i < page->width; i++)
		ta_buf_str(page->out, page->ascii ? "-" : "\u2500");
	ta_page_plain(page);
	ta_page_newline(page);
}

void ta_page_bar(struct ta_page *page, double share, size_t columns)
{
	size_t start = page->out->len;

	ta_bar(page->out, share, columns, page->ascii);
	advance(page, start);
}

void ta_page_bar_open(struct ta_page *page, double share, size_t columns)
{
	size_t start = page->out->len;

	ta_bar_open(page->out, share, columns, page->ascii);
	advance(page, start);
}

size_t ta_page_measure(const struct ta_page *page, const char *text)
{
	ta_auto(ta_buf_done) struct ta_buf safe = TA_BUF_INIT(strlen(text) * 10);

	add_safe(page, &safe, text);
	return ta_text_width(safe.data, safe.len);
}
