/* page.h - the terminal page that the text report is written on.
 *
 * Everything that comes from a report goes through page_text() or page_prose(), which make it
 * safe for a terminal; page_raw() is for our own words. On a page of ASCII every other character is
 * escaped, translated words too, and bars and rules are made of ASCII: on a serial console or in a
 * "C" locale a box-drawing character is a smear. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "tcpadvise/report.h"

enum ta_style {
	TA_STYLE_BOLD,
	TA_STYLE_DIM,
	TA_STYLE_CRITICAL,
	TA_STYLE_WARNING,
	TA_STYLE_INFO,
	TA_STYLE_GOOD,
	TA_STYLE_COMMAND,
};

struct ta_page {
	struct ta_buf *out;
	size_t width;  /* columns */
	size_t column; /* where the cursor stands */
	bool joined;   /* a blank is due before the next prose, unless it begins a line */
	bool color;
	bool ascii;
};

/* An empty page as the options say, at the end of a buffer. */
struct ta_page ta_page_begin(struct ta_buf *out, const struct ta_render_options *options);

void ta_page_style(struct ta_page *page, enum ta_style style);
void ta_page_plain(struct ta_page *page); /* ends a style */

void ta_page_raw(struct ta_page *page, const char *ours);
void ta_page_printf(struct ta_page *page, const char *fmt, ...) TA_PRINTF(2, 3); /* ours only */
void ta_page_text(struct ta_page *page, const char *foreign);

/* Fills with blanks up to a column. */
void ta_page_column(struct ta_page *page, size_t column);

/* A blank before the prose that follows, if that stays on this line. */
void ta_page_join(struct ta_page *page);

/* Folds foreign prose from here on; further lines begin at column "left". */
void ta_page_prose(struct ta_page *page, size_t left, const char *foreign);

/* The same for a sentence composed of ours and foreign parts. */
void ta_page_sentence(struct ta_page *page, size_t left, const char *fmt, ...) TA_PRINTF(3, 4);

/* Ends the line: no blanks are left at its end. */
void ta_page_newline(struct ta_page *page);

/* One empty line, however often it is asked for. */
void ta_page_gap(struct ta_page *page);

/* An empty line and a heading on a line of its own. */
void ta_page_heading(struct ta_page *page, const char *ours);

/* A line across the page. */
void ta_page_rule(struct ta_page *page);

/* A bar of so many columns, full to this share (0 to 1); see bar.h. */
void ta_page_bar(struct ta_page *page, double share, size_t columns);

/* The same without its end: as long as the share, of what is as long as the columns. */
void ta_page_bar_open(struct ta_page *page, double share, size_t columns);

/* Columns that a text takes once it is safe. */
size_t ta_page_measure(const struct ta_page *page, const char *text);

#endif
