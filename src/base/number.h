/* number.h - one strict number parser for everything that is read or typed.
 *
 * The whole slice must be the number: no blanks, no sign where none is meant, no overflow that
 * wraps. (ptr, len) slices come from the kernel and need no NUL. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

bool ta_parse_u64(const char *s, size_t len, unsigned base, uint64_t *ret); /* base 2..16 */
bool ta_parse_i64(const char *s, size_t len, int64_t *ret); /* decimal, "-" allowed */

/* "10s", "250ms", "2m", "0": seconds without a unit. Result in milliseconds. */
bool ta_parse_duration_ms(const char *s, uint64_t *ret_ms);

/* Cuts the next word (run of non-blanks) off *s; false at the end. Blanks are space, tab and
 * newline. */
bool ta_next_word(const char **s, size_t *len, const char **ret_word, size_t *ret_len);

/* The same of a slice. */
static inline bool ta_slice_word(struct ta_slice *rest, struct ta_slice *ret)
{
	return ta_next_word(&rest->data, &rest->len, &ret->data, &ret->len);
}

/* The n-th word (from 0) behind the first place where the text has the label, as a number; false
 * when there is none. "\nUid:" finds the label where it begins a line. */
bool ta_number_after(const char *text, size_t len, const char *label, int n, unsigned base,
		     uint64_t *ret);

/* Cuts the next line, without its newline, off *s; false at the end. */
bool ta_next_line(const char **s, size_t *len, const char **ret_line, size_t *ret_len);

#endif
