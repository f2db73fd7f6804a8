/* line.c - see line.h. */
#include "import/line.h"

#include "base/number.h"
#include "base/text.h"

void ta_line_words(struct ta_slice text, struct ta_slice words[TA_LINE_WORDS], size_t *ret_count)
{
	const char *at = text.data;
	size_t left = text.len, count = 0;

	while (count < TA_LINE_WORDS &&
	       ta_next_word(&at, &left, &words[count].data, &words[count].len))
		count++;
	*ret_count = count;
}

struct ta_slice ta_slice_trim(struct ta_slice text)
{
	while (text.len && ta_is_blank(text.data[text.len - 1]))
		text.len--;
	while (text.len && ta_is_blank(text.data[0]))
		text = ta_slice(text.data + 1, text.len - 1);
	return text;
}

bool ta_slice_begins_one(struct ta_slice text, const char *const *words)
{
	while (*words && !ta_slice_begins(text, *words))
		words++;
	return *words;
}

bool ta_slice_ends(struct ta_slice text, const char *with)
{
	size_t len = strlen(with);

	return text.len >= len && memcmp(text.data + text.len - len, with, len) == 0;
}

bool ta_slice_find(struct ta_slice text, const char *word, size_t *ret_at)
{
	const char *found = text.len ? memmem(text.data, text.len, word, strlen(word)) : NULL;

	if (found)
		*ret_at = (size_t)(found - text.data);
	return found;
}

bool ta_slice_u64(struct ta_slice text, uint64_t *ret)
{
	return text.len && ta_parse_u64(text.data, text.len, 10, ret);
}
