/* literal.c - see literal.h. */
#include "expr/literal.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "expr/real.h"

/* A mistake in a token, its text cut to what fits a line. */
static struct ta_diag *bad_number(struct ta_diags *diags, struct ta_span span, const char *text,
				  const char *why)
{
	bool cut = span.length > 60;

	return ta_diag_add(diags, span, "%.*s%s %s", cut ? 60 : (int)span.length, text,
			   cut ? "..." : "", why);
}

static bool int_literal(const char *text, size_t len, bool is_uint, bool negative,
			struct ta_span span, struct ta_diags *diags, struct ta_value *ret)
{
	bool hex = len > 2 && (text[1] == 'x' || text[1] == 'X');
	size_t skip = hex ? 2 : 0;
	uint64_t magnitude;

	if (!ta_parse_u64(text + skip, len - skip - is_uint, hex ? 16 : 10, &magnitude)) {
		bad_number(diags, span, text, "does not fit 64 bits");
		return false;
	}
	if (is_uint) {
		*ret = ta_value_uint(magnitude);
		return true;
	}
	if (magnitude > (uint64_t)INT64_MAX + negative) {
		struct ta_diag *diag = bad_number(diags, span, text, "is too large for an int");

		if (!negative)
			ta_diag_hint(diag, "a uint holds it: %.*su", (int)len, text);
		return false;
	}
	*ret = TA_VALUE_INT((int64_t)(negative ? 0 - magnitude : magnitude));
	return true;
}

static bool double_literal(const char *text, size_t len, bool negative, struct ta_span span,
			   struct ta_diags *diags, struct ta_value *ret)
{
	double d;

	if (!ta_real_parse(text, len, &d)) {
		bad_number(diags, span, text, "has too many digits");
		return false;
	}
	if (isinf(d)) {
		bad_number(diags, span, text, "is too large for a double");
		return false;
	}
	*ret = TA_VALUE_DOUBLE(negative ? -d : d);
	return true;
}

/* ---- strings ------------------------------------------------------------------------ */

/* Where the reading of a string stands: from s to end, written to out. */
struct unescape {
	const char *s, *end;
	char *out;
	bool bytes;
};

/* Reads exactly n digits. */
static bool read_digits(struct unescape *u, size_t n, unsigned base, uint32_t *ret)
{
	uint64_t value;

	if ((size_t)(u->end - u->s) < n || !ta_parse_u64(u->s, n, base, &value))
		return false;
	u->s += n;
	*ret = (uint32_t)value;
	return true;
}

/* \x41, \101: a byte, or in a string the code point of that number. */
static bool byte_escape(struct unescape *u, size_t n, unsigned base)
{
	uint32_t c;

	if (!read_digits(u, n, base, &c) || c > 0xff)
		return false;
	if (u->bytes)
		*u->out++ = (char)c;
	else
		u->out += ta_utf8_encode(u->out, c);
	return true;
}

/* The second half of a code point that UTF-16 takes two units for. */
static bool low_surrogate(struct unescape *u, uint32_t *c)
{
	uint32_t low;

	if (u->end - u->s < 6 || u->s[0] != '\\' || u->s[1] != 'u')
		return false;
	u->s += 2;
	if (!read_digits(u, 4, 16, &low) || low < 0xdc00 || low > 0xdfff)
		return false;
	*c = 0x10000 + ((*c - 0xd800) << 10) + (low - 0xdc00);
	return true;
}

/* \u, \U. A code point takes no more bytes than its escape did. */
static bool code_point_escape(struct unescape *u, size_t n)
{
	uint32_t c;

	if (u->bytes || !read_digits(u, n, 16, &c) || c > 0x10ffff)
		return false;
	if (c >= 0xd800 && c <= 0xdfff && (n != 4 || c > 0xdbff || !low_surrogate(u, &c)))
		return false;
	u->out += ta_utf8_encode(u->out, c);
	return true;
}

/* u->s is behind the backslash. */
static bool escape(struct unescape *u)
{
	static const char letters[] = "abfnrtv\\?\"'`";
	static const char values[] = "\a\b\f\n\r\t\v\\?\"'`";
	char c = *u->s;
	const char *letter = memchr(letters, c, sizeof(letters) - 1);

	if (letter) {
		*u->out++ = values[letter - letters];
		u->s++;
		return true;
	}
	if (c >= '0' && c <= '3')
		return byte_escape(u, 3, 8);
	u->s++;
	if (c == 'x' || c == 'X')
		return byte_escape(u, 2, 16);
	if (c == 'u')
		return code_point_escape(u, 4);
	if (c == 'U')
		return code_point_escape(u, 8);
	return false;
}

static bool unescape(struct unescape *u, const char *source, struct ta_diags *diags)
{
	while (u->s < u->end) {
		const char *start = u->s;

		if (*u->s++ != '\\') {
			*u->out++ = *start;
			continue;
		}
		if (escape(u))
			continue;
		ta_diag_hint(ta_diag_add(diags, ta_span((size_t)(start - source), 2),
					 "bad escape in a %s literal",
					 u->bytes ? "bytes" : "string"),
			     "write \\\\ for a backslash, or r\"...\" for text without escapes");
		return false;
	}
	return true;
}

static bool string_literal(struct ta_arena *arena, const char *source, const struct ta_token *token,
			   struct ta_diags *diags, struct ta_value *ret)
{
	const char *s = source + token->span.offset;
	const char *end = s + token->span.length;
	struct unescape u = { .bytes = token->kind == TA_TOKEN_BYTES };
	size_t quotes, prefix = u.bytes;
	bool raw = s[prefix] == 'r' || s[prefix] == 'R';
	char *text;

	s += prefix + raw;
	quotes = end - s >= 6 && s[1] == s[0] && s[2] == s[0] ? 3 : 1;
	u.s = s + quotes;
	u.end = end - quotes;
	text = u.out = ta_arena_copy(arena, u.s, (size_t)(u.end - u.s));
	if (!text)
		return false;
	if (raw)
		u.out += u.end - u.s;
	else if (!unescape(&u, source, diags))
		return false;
	*u.out = '\0';
	*ret = ta_value_string(u.bytes ? TA_BYTES : TA_STRING, text, (size_t)(u.out - text));
	return true;
}

bool ta_literal(struct ta_arena *arena, const char *source, const struct ta_token *token,
		bool negative, struct ta_diags *diags, struct ta_value *ret)
{
	const char *text = source + token->span.offset;
	size_t len = token->span.length;

	switch (token->kind) {
	case TA_TOKEN_INT:
	case TA_TOKEN_UINT:
		return int_literal(text, len, token->kind == TA_TOKEN_UINT, negative, token->span,
				   diags, ret);
	case TA_TOKEN_DOUBLE:
		return double_literal(text, len, negative, token->span, diags, ret);
	default:
		return string_literal(arena, source, token, diags, ret);
	}
}
