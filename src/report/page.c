/* page.c - see page.h. */
#include "report/page.h"

#include <string.h>

#include "base/text.h"
#include "base/wrap.h"

/* Select Graphic Rendition, ECMA-48 8.3.117; only the eight colours that every theme makes
 * readable. */
static const char *const sgr[] = {
	[TA_STYLE_BOLD] = "\033[1m",        [TA_STYLE_DIM] = "\033[2m",
	[TA_STYLE_CRITICAL] = "\033[1;31m", [TA_STYLE_WARNING] = "\033[1;33m",
	[TA_STYLE_INFO] = "\033[1;34m",     [TA_STYLE_GOOD] = "\033[1;32m",
	[TA_STYLE_COMMAND] = "\033[36m",
};

enum {
	WIDTH_DEFAULT = 80,
	WIDTH_MIN = 40,
	WIDTH_MAX = 200, /* longer lines are hard to follow with the eye */
};

size_t ta_page_width(size_t asked)
{
	if (asked == 0)
		return WIDTH_DEFAULT;
	return asked < WIDTH_MIN ? WIDTH_MIN : asked > WIDTH_MAX ? WIDTH_MAX : asked;
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

void ta_page_raw(struct ta_page *page, const char *ours)
{
	size_t start = page->out->len;

	ta_buf_str(page->out, ours);
	advance(page, start);
}

void ta_page_printf(struct ta_page *page, const char *fmt, ...)
{
	size_t start = page->out->len;
	va_list args;

	va_start(args, fmt);
	ta_buf_vprintf(page->out, fmt, args);
	va_end(args);
	advance(page, start);
}

void ta_page_text(struct ta_page *page, const char *foreign)
{
	size_t start = page->out->len;

	ta_text_terminal(page->out, foreign, strlen(foreign));
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
	ta_buf_fill(page->out, '-', page->width);
	ta_page_plain(page);
	ta_page_newline(page);
}

size_t ta_page_measure(const char *foreign)
{
	size_t len = strlen(foreign);
	ta_auto(ta_buf_done) struct ta_buf safe = TA_BUF_INIT(len * 10);

	ta_text_terminal(&safe, foreign, len);
	return ta_text_width(safe.data, safe.len);
}
