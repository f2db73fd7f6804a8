/* locate.h - where a JSON value stands in its text.
 *
 * jansson gives places for syntax errors only; its values remember none. This walks text that
 * jansson has accepted, along a JSON pointer (RFC 6901), and finds the value again. */
#ifndef BASE_LOCATE_H
#define BASE_LOCATE_H

#include <stdbool.h>
#include <stddef.h>

struct ta_location {
	size_t key, key_len;     /* the member's name with its quotes; len 0 for others */
	size_t value, value_len; /* the value, strings with their quotes */
};

/* false when the text has no such value. */
bool ta_json_locate(const char *text, size_t len, const char *pointer, struct ta_location *ret);

/* The place in the text of byte "offset" of a string value that starts (with its quote) at
 * "value": escapes are longer in the text than in the value. */
size_t ta_json_string_place(const char *text, size_t len, size_t value, size_t offset);

/* Line and column, from 1, of a byte. */
void ta_text_line(const char *text, size_t offset, int *ret_line, int *ret_column);

#endif
