/* re2.c - see re2.h.
 *
 * The two agree on most of what people write, and differ where nobody looks: \v and \s, \1, "{,2}",
 * "[[.a.]]", (?x), (?=. So nothing is passed through unless it is known to mean the same, and every
 * literal of a class or escape is written as its code point. Source: RE2's syntax page and the
 * order in which its parser tries things. */
#include "expr/re2.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "base/number.h"
#include "base/text.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* PCRE2 from 10.40 on takes the name of a script for its wider extensions unless it is told. */
#if PCRE2_MAJOR > 10 || PCRE2_MINOR >= 40
#define SCRIPT "sc:"
#else
#define SCRIPT ""
#endif

enum { MOST_REPEATS = 1000 };

/* What a repetition would repeat. */
enum last {
	NOTHING, /* at the start, behind "(" and "|" */
	ITEM,
	REPETITION, /* "a**" is an error, not a double star */
};

struct scan {
	const char *s; /* the pattern */
	size_t len, at;
	struct ta_buf *out;
	enum ta_re2_use use;
	unsigned open; /* groups */
	enum last last;
	const char *wrong; /* the first mistake, and where */
	size_t wrong_at;
};

static bool refuse(struct scan *scan, size_t at, const char *why)
{
	scan->wrong = why;
	scan->wrong_at = at;
	return false;
}

/* The character n behind the next, or NUL behind the end: no pattern gives NUL a meaning. */
static char peek(const struct scan *scan, size_t n)
{
	return n < scan->len - scan->at ? scan->s[scan->at + n] : '\0';
}

static bool is_at_end(const struct scan *scan)
{
	return scan->at >= scan->len;
}

static bool starts_with(const struct scan *scan, const char *text)
{
	size_t len = strlen(text);

	return len <= scan->len - scan->at && memcmp(scan->s + scan->at, text, len) == 0;
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_word(char c)
{
	return is_letter(c) || ta_is_digit(c) || c == '_';
}

static void put_code_point(struct scan *scan, uint32_t c)
{
	if (c < 0x80 && is_word((char)c))
		ta_buf_char(scan->out, (char)c);
	else
		ta_buf_printf(scan->out, "\\x{%x}", (unsigned)c);
}

/* Around what takes one character and may be repeated. */
static void start_item(struct scan *scan)
{
	scan->last = ITEM;
	if (scan->use == TA_RE2_TO_WALK)
		ta_buf_str(scan->out, "(?:");
}

static bool end_item(struct scan *scan)
{
	if (scan->use == TA_RE2_TO_WALK)
		ta_buf_char(scan->out, ')');
	return true;
}

/* ---- escapes ------------------------------------------------------------------------ */

/* Up to most digits at the place. */
static uint32_t read_digits(struct scan *scan, unsigned base, size_t most)
{
	uint64_t value = 0;
	size_t n = 0;

	while (n < most && n < scan->len - scan->at &&
	       ta_parse_u64(scan->s + scan->at, n + 1, base, &value))
		n++;
	if (n)
		ta_parse_u64(scan->s + scan->at, n, base, &value);
	scan->at += n;
	return (uint32_t)value;
}

/* \x41 and \x{1F600}; the place is behind the x. */
static bool read_hex(struct scan *scan, size_t start, uint32_t *ret)
{
	bool braced = peek(scan, 0) == '{';
	size_t digits = scan->at += braced;

	*ret = read_digits(scan, 16, braced ? 7 : 2);
	digits = scan->at - digits;
	if (braced ? digits == 0 || peek(scan, 0) != '}' : digits != 2)
		return refuse(scan, start, "bad \\x escape");
	scan->at += braced;
	return true;
}

/* An escape that stands for one code point; the place is at its backslash. */
static bool read_escape(struct scan *scan, uint32_t *ret)
{
	static const char letters[] = "aftnrv";
	static const char values[] = "\a\f\t\n\r\v";
	size_t start = scan->at;
	char c = peek(scan, 1);
	const char *letter = c ? strchr(letters, c) : NULL;

	if (scan->len - start < 2)
		return refuse(scan, start, "\\ at end of pattern");
	scan->at += 2;
	if (letter) {
		*ret = (uint8_t)values[letter - letters];
	} else if (c == '0' || (is_octal(c) && is_octal(peek(scan, 0)))) {
		scan->at--;
		*ret = read_digits(scan, 8, 3);
	} else if (c == 'x') {
		if (!read_hex(scan, start, ret))
			return false;
	} else if (ta_is_digit(c)) {
		return refuse(scan, start, "references to groups are not supported");
	} else if (is_letter(c) || (uint8_t)c >= 0x80 || !c) {
		return refuse(scan, start, "unknown escape");
	} else {
		*ret = (uint8_t)c;
	}
	if (*ret > 0x10ffff || (*ret >= 0xd800 && *ret <= 0xdfff))
		return refuse(scan, start, "no such code point");
	return true;
}

static bool is_category(const char *name, size_t len)
{
	static const char categories[] = " Any C Cc Cf Co Cs L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl "
					 "No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs ";
	char word[8];

	snprintf(word, sizeof(word), " %.*s ", (int)len, name);
	return len > 0 && len < 4 && strstr(categories, word);
}

/* Whether it is spelt like a script: "Greek", "Old_Italic"; PCRE2 knows which there are. */
static bool is_script(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		bool start = i == 0 || name[i - 1] == '_';

		if (start ? name[i] < 'A' || name[i] > 'Z'
			  : name[i] != '_' && (name[i] < 'a' || name[i] > 'z'))
			return false;
	}
	return len > 1;
}

/* \pL, \p{Greek}, \p{^Greek}, \P...; the place is at the backslash. */
static bool property(struct scan *scan)
{
	size_t start = scan->at, len = 0;
	bool negated = peek(scan, 1) == 'P', braced = peek(scan, 2) == '{', inverted, category;
	const char *name;

	inverted = braced && peek(scan, 3) == '^';
	scan->at += 2u + braced + inverted;
	if (braced) {
		while (is_word(peek(scan, len)))
			len++;
		if (peek(scan, len) != '}')
			len = 0;
	} else {
		len = is_letter(peek(scan, 0));
	}
	name = scan->s + scan->at;
	category = is_category(name, len);
	if (!category && !is_script(name, len))
		return refuse(scan, start, "unknown property behind \\p");
	ta_buf_printf(scan->out, "\\%c{%s%.*s}", negated != inverted ? 'P' : 'p',
		      category ? "" : SCRIPT, (int)len, name);
	scan->at += len + braced;
	return true;
}

/* ---- named classes ------------------------------------------------------------------ */

/* All are of ASCII. They are written as the ranges that they are: PCRE2 has its own mind about \s,
 * about what of Unicode is in a negated class, and does not fold \w under (?i). */
static const struct named_class {
	const char *name;
	const char *ranges; /* first and last character of each, in their order */
	size_t size;
} classes[] = {
#define CLASS(name, ranges)                                                                        \
	{                                                                                          \
		name, ranges, sizeof(ranges) - 1                                                   \
	}
	CLASS("d", "09"),           CLASS("s", "\t\n\f\r  "),
	CLASS("w", "09AZ__az"),     CLASS("alnum", "09AZaz"),
	CLASS("alpha", "AZaz"),     CLASS("ascii", "\0\x7f"),
	CLASS("blank", "\t\t  "),   CLASS("cntrl", "\0\x1f\x7f\x7f"),
	CLASS("digit", "09"),       CLASS("graph", "!~"),
	CLASS("lower", "az"),       CLASS("print", " ~"),
	CLASS("punct", "!/:@[`{~"), CLASS("space", "\t\r  "),
	CLASS("upper", "AZ"),       CLASS("word", "09AZ__az"),
	CLASS("xdigit", "09AFaf"),
#undef CLASS
};

static const struct named_class *find_class(const char *name, size_t len)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(classes); i++)
		if (strlen(classes[i].name) == len && memcmp(classes[i].name, name, len) == 0)
			return &classes[i];
	return NULL;
}

static void put_range(struct scan *scan, uint32_t first, uint32_t last)
{
	if (first > last)
		return;
	put_code_point(scan, first);
	ta_buf_char(scan->out, '-');
	put_code_point(scan, last);
}

/* The ranges of a class, or all between them, to stand between brackets. */
static void put_class(struct scan *scan, const struct named_class *named, bool negated)
{
	uint32_t next = 0;

	for (size_t i = 0; i < named->size; i += 2) {
		uint32_t first = (uint8_t)named->ranges[i], last = (uint8_t)named->ranges[i + 1];

		if (!negated)
			put_range(scan, first, last);
		else if (first > next)
			put_range(scan, next, first - 1);
		next = last + 1;
	}
	if (negated)
		put_range(scan, next, 0x10ffff);
}

/* \d \w \s and their opposites; the place is at the backslash. */
static bool class_escape(struct scan *scan, bool inside)
{
	char c = peek(scan, 1), lower = (char)(c | 0x20);
	const struct named_class *named = find_class(&lower, 1);

	scan->at += 2;
	if (!inside)
		ta_buf_str(scan->out, c == lower ? "[" : "[^");
	put_class(scan, named, inside && c != lower);
	if (!inside)
		ta_buf_char(scan->out, ']');
	return true;
}

static bool is_escape_of(const struct scan *scan, const char *letters)
{
	char c = peek(scan, 1);

	return peek(scan, 0) == '\\' && c && strchr(letters, c);
}

/* ---- classes ------------------------------------------------------------------------ */

/* [:alpha:] and [:^alpha:]; *ret_found is false when the "[:" is but two characters. */
static bool posix_class(struct scan *scan, bool *ret_found)
{
	const char *s = scan->s + scan->at;
	const char *end = memmem(s, scan->len - scan->at, ":]", 2);
	const struct named_class *named = NULL;
	const char *name = s + 2;
	bool negated;

	*ret_found = starts_with(scan, "[:") && end >= name;
	if (!*ret_found)
		return true;
	negated = *name == '^';
	name += negated;
	if (end > name + 1) /* \d, \s, \w have no name here */
		named = find_class(name, (size_t)(end - name));
	if (!named)
		return refuse(scan, scan->at, "unknown class between [: and :]");
	put_class(scan, named, negated);
	scan->at += (size_t)(end + 2 - s);
	return true;
}

static bool class_character(struct scan *scan, uint32_t *ret)
{
	if (peek(scan, 0) == '\\')
		return read_escape(scan, ret);
	scan->at += ta_utf8_decode(scan->s + scan->at, scan->len - scan->at, ret);
	return true;
}

static bool class_range(struct scan *scan)
{
	size_t start = scan->at;
	uint32_t low = 0, high = 0;

	if (!class_character(scan, &low))
		return false;
	put_code_point(scan, low);
	if (scan->len - scan->at < 2 || peek(scan, 0) != '-' || peek(scan, 1) == ']')
		return true;
	scan->at++;
	if (!class_character(scan, &high))
		return false;
	if (high < low)
		return refuse(scan, start, "a range that ends before it starts");
	ta_buf_char(scan->out, '-');
	put_code_point(scan, high);
	return true;
}

static bool class_item(struct scan *scan)
{
	bool found;

	if (!posix_class(scan, &found))
		return false;
	if (found)
		return true;
	if (is_escape_of(scan, "pP"))
		return property(scan);
	if (is_escape_of(scan, "dDwWsS"))
		return class_escape(scan, true);
	return class_range(scan);
}

static bool class(struct scan *scan)
{
	size_t start = scan->at++, first;
	bool negated = peek(scan, 0) == '^';

	start_item(scan);
	ta_buf_str(scan->out, negated ? "[^" : "[");
	first = scan->at += negated;
	while (!is_at_end(scan) && (peek(scan, 0) != ']' || scan->at == first))
		if (!class_item(scan))
			return false;
	if (is_at_end(scan))
		return refuse(scan, start, "missing ] of a character class");
	scan->at++;
	ta_buf_char(scan->out, ']');
	return end_item(scan);
}

/* ---- groups ------------------------------------------------------------------------- */

/* (?P<name> and (?<name>: nothing refers to it, so that it is not written on. */
static bool named_group(struct scan *scan)
{
	size_t skip = starts_with(scan, "(?P<") ? 4 : 3, n = skip;

	while (is_word(peek(scan, n)))
		n++;
	if (n == skip || peek(scan, n) != '>')
		return refuse(scan, scan->at, "bad name of a group");
	scan->at += n + 1;
	ta_buf_char(scan->out, '(');
	scan->open++;
	return true;
}

/* (?i) (?i-s:...) (?:...) */
static bool flags(struct scan *scan)
{
	size_t n = 2;
	bool minus = false, is_group;

	for (; strchr("imsU-", peek(scan, n)) && peek(scan, n); n++) {
		if (peek(scan, n) == '-' && (minus || !strchr("imsU", peek(scan, n + 1))))
			break;
		minus |= peek(scan, n) == '-';
	}
	is_group = peek(scan, n) == ':';
	if (!is_group && peek(scan, n) != ')')
		return refuse(scan, scan->at, "RE2 has no such group");
	ta_buf_add(scan->out, scan->s + scan->at, n + 1);
	scan->at += n + 1;
	scan->open += is_group;
	return true;
}

static bool open_group(struct scan *scan)
{
	scan->last = NOTHING;
	if (starts_with(scan, "(?P<") || (starts_with(scan, "(?<") && is_word(peek(scan, 3))))
		return named_group(scan);
	if (starts_with(scan, "(?"))
		return flags(scan);
	scan->at++;
	scan->open++;
	ta_buf_char(scan->out, '(');
	return true;
}

static bool close_group(struct scan *scan)
{
	if (scan->open == 0)
		return refuse(scan, scan->at, "unmatched closing parenthesis");
	scan->at++;
	scan->open--;
	scan->last = ITEM;
	ta_buf_char(scan->out, ')');
	return true;
}

/* ---- repetitions -------------------------------------------------------------------- */

/* A number without leading zeros; larger ones than any that is allowed are cut to one that is not.
 */
static bool count(const struct scan *scan, size_t *n, unsigned *ret)
{
	size_t start = *n;

	for (*ret = 0; ta_is_digit(peek(scan, *n)); ++*n)
		if (*ret <= MOST_REPEATS)
			*ret = *ret * 10 + (unsigned)(peek(scan, *n) - '0');
	return *n > start && (*n == start + 1 || peek(scan, start) != '0');
}

/* The length of {n} {n,} {n,m}, or 0 when the brace is but a character. */
static size_t braces(const struct scan *scan, unsigned *ret_least, unsigned *ret_most)
{
	size_t n = 1;

	if (!count(scan, &n, ret_least))
		return 0;
	*ret_most = *ret_least;
	if (peek(scan, n) == ',' && peek(scan, ++n) != '}' && !count(scan, &n, ret_most))
		return 0;
	return peek(scan, n) == '}' ? n + 1 : 0;
}

/* The length of the repetition at the place without its lazy "?", or 0. */
static size_t repetition_size(const struct scan *scan, unsigned *ret_least, unsigned *ret_most)
{
	char c = peek(scan, 0);

	*ret_least = *ret_most = 0;
	return c == '{' ? braces(scan, ret_least, ret_most) : c == '*' || c == '+' || c == '?';
}

static bool is_repeated(const struct scan *scan)
{
	unsigned least, most;

	return repetition_size(scan, &least, &most) > 0;
}

static bool repetition(struct scan *scan, bool *ret_found)
{
	unsigned least, most;
	size_t size = repetition_size(scan, &least, &most);

	*ret_found = size > 0;
	if (!size)
		return true;
	if (scan->last != ITEM)
		return refuse(scan, scan->at,
			      scan->last == NOTHING ? "nothing to repeat"
						    : "a repetition of a repetition");
	if (least > MOST_REPEATS || most > MOST_REPEATS || most < least)
		return refuse(scan, scan->at, "bad count: RE2 repeats at most 1000 times");
	size += peek(scan, size) == '?';
	ta_buf_add(scan->out, scan->s + scan->at, size);
	scan->at += size;
	scan->last = REPETITION;
	return true;
}

/* ---- everything --------------------------------------------------------------------- */

/* ^ $ \A \z \b \B, which RE2 repeats and PCRE2 does not unless they are in a group. */
static bool assertion(struct scan *scan, size_t size)
{
	const char *text = scan->s + scan->at;

	scan->at += size;
	scan->last = ITEM;
	ta_buf_printf(scan->out, is_repeated(scan) ? "(?:%.*s)" : "%.*s", (int)size, text);
	return true;
}

/* \Q...\E, or to the end. */
static bool quotation(struct scan *scan)
{
	uint32_t c = 0;

	for (scan->at += 2; !is_at_end(scan) && !starts_with(scan, "\\E");) {
		scan->at += ta_utf8_decode(scan->s + scan->at, scan->len - scan->at, &c);
		start_item(scan);
		put_code_point(scan, c);
		end_item(scan);
	}
	scan->at += is_at_end(scan) ? 0 : 2;
	return true;
}

static bool literal(struct scan *scan)
{
	uint32_t c = 0;

	if (!class_character(scan, &c))
		return false;
	start_item(scan);
	put_code_point(scan, c);
	return end_item(scan);
}

static bool escape(struct scan *scan)
{
	if (is_escape_of(scan, "AzbB"))
		return assertion(scan, 2);
	if (is_escape_of(scan, "Q"))
		return quotation(scan);
	if (!is_escape_of(scan, "dDwWsSpP"))
		return literal(scan);
	start_item(scan);
	return (is_escape_of(scan, "pP") ? property(scan) : class_escape(scan, false)) &&
	       end_item(scan);
}

static bool item(struct scan *scan)
{
	bool found;

	if (!repetition(scan, &found))
		return false;
	if (found)
		return true;
	switch (peek(scan, 0)) {
	case '(':
		return open_group(scan);
	case ')':
		return close_group(scan);
	case '[':
		return class(scan);
	case '\\':
		return escape(scan);
	case '^':
	case '$':
		return assertion(scan, 1);
	case '|':
		scan->last = NOTHING;
		ta_buf_char(scan->out, scan->s[scan->at++]);
		return true;
	case '.':
		start_item(scan);
		ta_buf_char(scan->out, scan->s[scan->at++]);
		return end_item(scan);
	default:
		return literal(scan);
	}
}

bool ta_re2_translate(const char *pattern, size_t len, enum ta_re2_use use, struct ta_buf *out,
		      const char **ret_reason, size_t *ret_offset)
{
	struct scan scan = { .s = pattern, .len = len, .out = out, .use = use };

	while (!is_at_end(&scan) && item(&scan))
		;
	if (!scan.wrong && scan.open)
		refuse(&scan, len, "missing closing parenthesis");
	*ret_reason = scan.wrong;
	*ret_offset = scan.wrong_at;
	return !scan.wrong;
}
