/* re2.h - patterns as CEL has them, in the syntax of RE2, written anew in that of PCRE2. */
#ifndef EXPR_RE2_H
#define EXPR_RE2_H

#include "base/buf.h"

/* For which of PCRE2's matchers. pcre2_dfa_match() counts how often "a+" took its a, so that
 * "(a+)+" is in as many states as the text is long; it does not count groups. */
enum ta_re2_use {
	TA_RE2_TO_BACKTRACK,
	TA_RE2_TO_WALK, /* every character and class is in a group of its own */
};

/* Appends a pattern that PCRE2 reads as RE2 reads the given one, which must be UTF-8. What RE2
 * refuses is refused: look-around, references to groups, possessive and stacked repetitions,
 * comments, verbs ... false: *ret_reason says why and *ret_offset where. */
bool ta_re2_translate(const char *pattern, size_t len, enum ta_re2_use use, struct ta_buf *out,
		      const char **ret_reason, size_t *ret_offset);

#endif
