/* number.c - see number.h. */
#include "base/number.h"

#include <string.h>

#include "base/macros.h"

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

bool ta_parse_u64(const char *s, size_t len, unsigned base, uint64_t *ret)
{
	uint64_t value = 0;

	if (len == 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned digit = (unsigned)digit_value(s[i]);

		if (digit >= base)
			return false;
		if (__builtin_mul_overflow(value, base, &value) ||
		    __builtin_add_overflow(value, digit, &value))
			return false;
	}
	*ret = value;
	return true;
}

bool ta_parse_i64(const char *s, size_t len, int64_t *ret)
{
	bool negative = len > 0 && s[0] == '-';
	uint64_t magnitude;

	if (!ta_parse_u64(s + negative, len - negative, 10, &magnitude))
		return false;
	if (magnitude > (uint64_t)INT64_MAX + negative)
		return false;
	*ret = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
	return true;
}

bool ta_parse_duration_ms(const char *s, uint64_t *ret_ms)
{
	static const struct {
		const char *unit;
		uint64_t ms;
	} units[] = { { "ms", 1 }, { "s", 1000 }, { "", 1000 }, { "m", 60000 }, { "h", 3600000 } };
	size_t digits = strspn(s, "0123456789");
	uint64_t n;

	if (!ta_parse_u64(s, digits, 10, &n))
		return false;
	for (size_t i = 0; i < TA_ARRAY_SIZE(units); i++)
		if (strcmp(s + digits, units[i].unit) == 0)
			return !__builtin_mul_overflow(n, units[i].ms, ret_ms);
	return false;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

bool ta_next_word(const char **s, size_t *len, const char **ret_word, size_t *ret_len)
{
	size_t i = 0, start;

	while (i < *len && is_blank((*s)[i]))
		i++;
	start = i;
	while (i < *len && !is_blank((*s)[i]))
		i++;
	if (i == start)
		return false;
	*ret_word = *s + start;
	*ret_len = i - start;
	*s += i;
	*len -= i;
	return true;
}

bool ta_number_after(const char *text, size_t len, const char *label, int n, unsigned base,
		     uint64_t *ret)
{
	const char *at = len ? memmem(text, len, label, strlen(label)) : NULL, *word;
	size_t left, word_len;

	if (!at)
		return false;
	at += strlen(label);
	left = len - (size_t)(at - text);
	for (int i = 0; ta_next_word(&at, &left, &word, &word_len); i++)
		if (i == n)
			return ta_parse_u64(word, word_len, base, ret);
	return false;
}

bool ta_next_line(const char **s, size_t *len, const char **ret_line, size_t *ret_len)
{
	const char *newline = *len ? memchr(*s, '\n', *len) : NULL;
	size_t step;

	if (!*len)
		return false;
	*ret_line = *s;
	*ret_len = newline ? (size_t)(newline - *s) : *len;
	step = *ret_len + (newline ? 1 : 0);
	*s += step;
	*len -= step;
	return true;
}
