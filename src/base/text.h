/* text.h - making foreign bytes safe to show, and finding the name that was meant.
 *
 * Everything read from a host is hostile: a process may call itself "\e[2J" or use bytes that
 * are no UTF-8. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"

/* Decodes one code point of well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, at
 * most U+10FFFF); returns its length in bytes, or 0 when the bytes are not well-formed. */
size_t ta_utf8_decode(const char *s, size_t len, uint32_t *ret_code_point);

/* Writes a code point (at most U+10FFFF) as UTF-8 and returns its length, at most 4 bytes. */
size_t ta_utf8_encode(char *out, uint32_t code_point);

/* How many of the bytes of well-formed UTF-8 are at most max and end with a character. */
size_t ta_utf8_cut(const char *s, size_t len, size_t max);

/* Whether a name has something before this ending. */
bool ta_text_ends_with(const char *name, const char *ending);

static inline bool ta_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool ta_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* A NUL is none of any. */
static inline bool ta_is_one_of(char c, const char *bytes)
{
	return c && strchr(bytes, c);
}

/* A byte of a name: an ASCII letter, a digit or '_'. */
static inline bool ta_text_is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || ta_is_digit(c) || c == '_';
}

/* Whether the word stands somewhere in the text without such a byte beside it. */
bool ta_text_names(const char *text, const char *word);

bool ta_utf8_valid(const char *s, size_t len);

/* Appends valid UTF-8: each malformed byte becomes U+FFFD, and so does a NUL, which JSON could hold
 * but many of its readers refuse. Other controls stay: JSON escapes them. */
void ta_text_utf8(struct ta_buf *out, const char *s, size_t len);

/* Appends what a terminal may get: also turns control characters (C0, DEL, C1) and the
 * invisible or reordering code points of Unicode (U+200B-200F, U+2028-202E, U+2060-2069, U+FEFF)
 * into "\x1b" or "\u{202e}". Newline and tab are escaped too. */
void ta_text_terminal(struct ta_buf *out, const char *s, size_t len);

/* The same for a terminal that shows ASCII only: every other character is escaped, as "\u{4e2d}".
 */
void ta_text_ascii(struct ta_buf *out, const char *s, size_t len);

/* Appends JSON text with the same code points as \u escapes: inside strings, the only place where
 * JSON has them, that changes nothing but how it looks. */
void ta_text_json(struct ta_buf *out, const char *json, size_t len);

/* Columns that valid UTF-8 takes in a terminal; wide East Asian characters take two,
 * combining ones none. */
size_t ta_text_width(const char *s, size_t len);

/* The candidate nearest to word by edit distance, when it is near enough to be meant (at most a
 * third of the length, at least one); else NULL. Feed candidates one by one. */
struct ta_nearest {
	const char *word;
	size_t word_len;
	const char *best;
	size_t best_distance;
};

void ta_nearest_start(struct ta_nearest *nearest, const char *word, size_t word_len);
void ta_nearest_offer(struct ta_nearest *nearest, const char *candidate);
const char *ta_nearest_result(const struct ta_nearest *nearest);

#endif
