/* line.h - one line of captured text, freed of what a paste puts around it. */
#ifndef IMPORT_LINE_H
#define IMPORT_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* Lives for one call. No newline, carriage return, escape sequence or mark of quotation ("> ", "|
 * ") is left in it; blanks at its beginning stay, for some formats say something with them; those
 * at its end are gone. */
struct ta_line {
	struct ta_slice text;
	uint64_t number; /* in its file, from 1 */
	bool cut;        /* it was longer than TA_LINE_MAX */
	bool half;       /* the text ends in it, and may have gone on */
};

enum { TA_LINE_MAX = 65536, TA_LINE_WORDS = 64 };

/* The runs of non-blanks, at most TA_LINE_WORDS; *ret_count is their number. What follows the last
 * of them (of a longer line) is left out. */
void ta_line_words(struct ta_slice text, struct ta_slice words[TA_LINE_WORDS], size_t *ret_count);

/* The text without blanks around it. */
struct ta_slice ta_slice_trim(struct ta_slice text);

bool ta_slice_ends(struct ta_slice text, const char *with);

/* Whether it begins with one of these words, ended by NULL. */
bool ta_slice_begins_one(struct ta_slice text, const char *const *words);

/* Where the word stands in the text; false when it does not. */
bool ta_slice_find(struct ta_slice text, const char *word, size_t *ret_at);

/* The whole slice as a decimal number; false when it is none. */
bool ta_slice_u64(struct ta_slice text, uint64_t *ret);

#endif
