/* scan.h - stepping through the text of a log line. */
#ifndef IMPORT_READERS_SCAN_H
#define IMPORT_READERS_SCAN_H

#include <strings.h>

#include "base/slice.h"
#include "base/text.h"

/* The byte at a place; NUL when the text has none there. */
static inline char ta_slice_at(struct ta_slice text, size_t at)
{
	return at < text.len ? text.data[at] : '\0';
}

/* The length of the run of bytes that fit, from a place on. */
static inline size_t ta_slice_run(struct ta_slice text, size_t at, bool (*fits)(char))
{
	size_t end = at;

	while (end < text.len && fits(text.data[end]))
		end++;
	return end - at;
}

/* ASCII letters are the same in both cases. Most words differ in their first byte. */
static inline bool ta_slice_begins_fold(struct ta_slice text, const char *with)
{
	size_t len;

	if (!text.len || (text.data[0] | 0x20) != (*with | 0x20))
		return false;
	len = strlen(with);
	return text.len >= len && strncasecmp(text.data, with, len) == 0;
}

static inline bool ta_slice_equals_fold(struct ta_slice text, const char *word)
{
	return text.len == strlen(word) && ta_slice_begins_fold(text, word);
}

/* The run of letters, digits and '_' at the end. */
static inline struct ta_slice ta_slice_last_word(struct ta_slice text)
{
	size_t len = 0;

	while (len < text.len && ta_text_is_word_byte(text.data[text.len - len - 1]))
		len++;
	return ta_slice_from(text, text.len - len);
}

#endif
