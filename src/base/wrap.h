/* wrap.h - prose folded into lines of a terminal.
 *
 * Words are made safe for a terminal (text.h) before they are measured, so the text may be
 * foreign. Blanks and line breaks in it separate words and nothing else: a process that puts a
 * newline into its name can't forge a line of the report. Paragraphs are the caller's. Beside a
 * wide East Asian character a word may be broken, but not before what closes nor behind what opens.
 */
#ifndef BASE_WRAP_H
#define BASE_WRAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct ta_margins {
	size_t column; /* where the cursor stands, from 0 */
	size_t left;   /* blanks before each further line */
	size_t right;  /* columns of the terminal */
	bool joined;   /* a blank goes before the first word if it stays on this line */
	bool ascii;    /* other characters are escaped */
};

/* Appends the words of a UTF-8 text, no newline after the last. A word wider than a line is not
 * cut, so that an address or a path can still be copied. Returns where the cursor stands. */
size_t ta_wrap_text(struct ta_buf *out, struct ta_margins margins, const char *text, size_t len);

#endif
