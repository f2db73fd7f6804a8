/* text.h - the parts of the comparison as text, a file each. */
#ifndef DIFF_TEXT_H
#define DIFF_TEXT_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "report/page.h"

/* What is said of the side that a row lacks; "" is nothing. */
struct ta_change_words {
	const char *no_before, *no_after;
};

/* "180 -> 3 of 200 ports", of a row { unit, before, after }; of one that has one side only "was 180
 * of 200 ports" or "now ...". */
void ta_text_change(struct ta_buf *out, const json_t *row, struct ta_change_words words);

/* A label and in its column the change, or below where that leaves no room. */
void ta_text_change_row(struct ta_page *page, size_t left, size_t column, const char *label,
			const char *change);

void ta_text_settings(struct ta_page *page, const json_t *diff, bool verbose);
void ta_text_figures(struct ta_page *page, const json_t *diff, bool verbose);
void ta_text_counters(struct ta_page *page, const json_t *diff, bool verbose);

#endif
