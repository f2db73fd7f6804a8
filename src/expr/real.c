/* real.c - see real.h. strtod() and printf() use the decimal point of the program's locale, so
 * each call is made in the "C" locale, which newlocale() hands out without allocating. */
#include "expr/real.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 1200 }; /* more digits than any double has (1075 before the point) */

static size_t skip_digits(const char *text, size_t len, size_t at)
{
	while (at < len && text[at] >= '0' && text[at] <= '9')
		at++;
	return at;
}

static bool is_sign(char c)
{
	return c == '+' || c == '-';
}

/* Whether text is [sign] digits [.digits] [e [sign] digits], with a digit before or behind the
 * point. */
static bool is_decimal(const char *text, size_t len)
{
	size_t start = len > 0 && is_sign(text[0]) ? 1 : 0;
	size_t at = skip_digits(text, len, start), digits = at - start;

	if (at < len && text[at] == '.') {
		size_t end = skip_digits(text, len, at + 1);

		digits += end - at - 1;
		at = end;
	}
	if (digits && at < len && (text[at] == 'e' || text[at] == 'E')) {
		at += at + 1 < len && is_sign(text[at + 1]) ? 2 : 1;
		start = at;
		at = skip_digits(text, len, at);
		if (at == start)
			return false;
	}
	return digits && at == len;
}

/* ASCII letters in either case, whatever the locale. */
static bool is_word(const char *text, size_t len, const char *word)
{
	if (strlen(word) != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((text[i] | 0x20) != word[i])
			return false;
	return true;
}

static bool parse_special(const char *text, size_t len, double *ret)
{
	size_t sign = len > 0 && is_sign(text[0]);

	if (is_word(text, len, "nan"))
		*ret = NAN;
	else if (is_word(text + sign, len - sign, "inf") ||
		 is_word(text + sign, len - sign, "infinity"))
		*ret = sign && text[0] == '-' ? -INFINITY : INFINITY;
	else
		return false;
	return true;
}

static double parse_c_locale(const char *text)
{
	locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	locale_t old = uselocale(c);
	double value = strtod(text, NULL);

	uselocale(old);
	freelocale(c);
	return value;
}

bool ta_real_parse(const char *text, size_t len, double *ret)
{
	char copy[LONGEST];

	if (parse_special(text, len, ret))
		return true;
	if (len >= sizeof(copy) || !is_decimal(text, len))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	*ret = parse_c_locale(copy);
	return true;
}

static void format_c_locale(double value, char *buf)
{
	locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	locale_t old = uselocale(c);

	for (int digits = 15; digits <= 17; digits++) {
		snprintf(buf, TA_REAL_TEXT, "%.*g", digits, value);
		if (strtod(buf, NULL) == value)
			break;
	}
	uselocale(old);
	freelocale(c);
}

void ta_real_format(double value, char *buf)
{
	if (isnan(value))
		snprintf(buf, TA_REAL_TEXT, "NaN");
	else if (isinf(value))
		snprintf(buf, TA_REAL_TEXT, value < 0 ? "-Infinity" : "Infinity");
	else
		format_c_locale(value, buf);
}
