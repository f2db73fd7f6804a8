/* page.h - the terminal page that the text report is written on.
 *
 * Everything that comes from a report goes through page_text() or page_prose(), which make it
 * safe for a terminal; page_raw() is for our own words. Layout is in plain ASCII: on a serial
 * console or in a "C" locale a box-drawing character is a smear. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

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
};

/* The columns of a page that was asked to have so many; 0: not said. */
size_t ta_page_width(size_t asked);

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

/* Columns that a foreign text takes once it is safe. */
size_t ta_page_measure(const char *foreign);

#endif
