/* slice.h - a piece of somebody else's text: not ended by NUL, and never longer than its owner. */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct ta_slice {
	const char *data; /* NULL when there is none */
	size_t len;
};

static inline struct ta_slice ta_slice(const char *data, size_t len)
{
	return (struct ta_slice){ data, len };
}

static inline bool ta_slice_equals(struct ta_slice text, const char *word)
{
	return text.len == strlen(word) && (!text.len || memcmp(text.data, word, text.len) == 0);
}

static inline bool ta_slice_begins(struct ta_slice text, const char *with)
{
	size_t len = strlen(with);

	return text.len >= len && (!len || memcmp(text.data, with, len) == 0);
}

/* What is behind the first so many bytes; none where there are no more. */
static inline struct ta_slice ta_slice_from(struct ta_slice text, size_t start)
{
	return start < text.len ? ta_slice(text.data + start, text.len - start) : ta_slice(NULL, 0);
}

/* The first so many bytes, or all. */
static inline struct ta_slice ta_slice_until(struct ta_slice text, size_t end)
{
	return ta_slice(text.data, end < text.len ? end : text.len);
}

/* Cuts the text before the first c (or all of it) off the front of *rest. */
static inline struct ta_slice ta_slice_cut(struct ta_slice *rest, char c)
{
	const char *end = rest->len ? memchr(rest->data, c, rest->len) : NULL;
	struct ta_slice first = ta_slice(rest->data, end ? (size_t)(end - rest->data) : rest->len);
	size_t step = first.len + (end ? 1 : 0);

	if (step)
		*rest = ta_slice(rest->data + step, rest->len - step);
	return first;
}

#endif
