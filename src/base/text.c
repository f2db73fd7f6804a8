/* text.c - see text.h. */
#include "base/text.h"

#include <string.h>

#include "base/width.h"

size_t ta_utf8_decode(const char *s, size_t len, uint32_t *ret_code_point)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint8_t first;
	uint32_t c;
	size_t n;

	if (len == 0)
		return 0;
	first = (uint8_t)s[0];
	if (first < 0x80) {
		*ret_code_point = first;
		return 1;
	}
	n = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
	if (first < 0xc2 || first > 0xf4 || len < n)
		return 0;
	c = first & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if (((uint8_t)s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | ((uint8_t)s[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret_code_point = c;
	return n;
}

size_t ta_utf8_encode(char *out, uint32_t code_point)
{
	static const uint32_t first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t n = code_point < 0x80 ? 1 : code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;

	for (size_t i = n - 1; i; i--, code_point >>= 6)
		out[i] = (char)(0x80 | (code_point & 0x3f));
	out[0] = (char)(first[n] | code_point);
	return n;
}

bool ta_text_ends_with(const char *name, const char *ending)
{
	size_t len = strlen(name), ending_len = strlen(ending);

	return len > ending_len && strcmp(name + len - ending_len, ending) == 0;
}

bool ta_text_names(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
		if ((at == text || !ta_text_is_word_byte(at[-1])) && !ta_text_is_word_byte(at[len]))
			return true;
	return false;
}

/* Bytes of printable ASCII at the start, which is what most text is made of. */
static size_t plain_run(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] >= 0x20 && s[n] < 0x7f)
		n++;
	return n;
}

bool ta_utf8_valid(const char *s, size_t len)
{
	uint32_t c;

	while (len) {
		size_t n = plain_run(s, len);

		n = n ? n : ta_utf8_decode(s, len, &c);
		if (n == 0)
			return false;
		s += n;
		len -= n;
	}
	return true;
}

size_t ta_utf8_cut(const char *s, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max && (s[max] & 0xC0) == 0x80) /* it goes on behind the cut */
		max--;
	return max;
}

/* Appends the text: what is plain as it is, of all else one character after the other by
 * add_other(), which returns its bytes. */
static void add_text(struct ta_buf *out, const char *s, size_t len,
		     size_t (*add_other)(struct ta_buf *out, const char *s, size_t len))
{
	while (len) {
		size_t n = plain_run(s, len);

		if (n)
			ta_buf_add(out, s, n);
		else
			n = add_other(out, s, len);
		s += n;
		len -= n;
	}
}

static size_t add_utf8(struct ta_buf *out, const char *s, size_t len)
{
	uint32_t c;
	size_t n = ta_utf8_decode(s, len, &c);

	if (n && c)
		ta_buf_add(out, s, n);
	else
		ta_buf_str(out, "\xef\xbf\xbd");
	return n ? n : 1;
}

void ta_text_utf8(struct ta_buf *out, const char *s, size_t len)
{
	add_text(out, s, len, add_utf8);
}

static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

static bool is_invisible(uint32_t c)
{
	return (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x2069) || c == 0xfeff;
}

static size_t add_terminal(struct ta_buf *out, const char *s, size_t len)
{
	uint32_t c;
	size_t n = ta_utf8_decode(s, len, &c);

	if (n == 0)
		ta_buf_printf(out, "\\x%02x", (uint8_t)s[0]);
	else if (is_control(c))
		ta_buf_printf(out, "\\x%02x", (unsigned)c);
	else if (is_invisible(c))
		ta_buf_printf(out, "\\u{%x}", (unsigned)c);
	else
		ta_buf_add(out, s, n);
	return n ? n : 1;
}

void ta_text_terminal(struct ta_buf *out, const char *s, size_t len)
{
	add_text(out, s, len, add_terminal);
}

static size_t add_ascii(struct ta_buf *out, const char *s, size_t len)
{
	uint32_t c;
	size_t n = ta_utf8_decode(s, len, &c);

	if (n == 0 || is_control(c))
		return add_terminal(out, s, len);
	ta_buf_printf(out, "\\u{%x}", (unsigned)c);
	return n;
}

void ta_text_ascii(struct ta_buf *out, const char *s, size_t len)
{
	add_text(out, s, len, add_ascii);
}

static size_t add_json(struct ta_buf *out, const char *s, size_t len)
{
	uint32_t c;
	size_t n = ta_utf8_decode(s, len, &c);

	if (n == 0)
		ta_buf_str(out, "\xef\xbf\xbd");
	else if (c >= 0x20 && (is_control(c) || is_invisible(c)))
		ta_buf_printf(out, "\\u%04x", (unsigned)c);
	else
		ta_buf_add(out, s, n); /* newline and tab are layout here */
	return n ? n : 1;
}

void ta_text_json(struct ta_buf *out, const char *json, size_t len)
{
	add_text(out, json, len, add_json);
}

size_t ta_text_width(const char *s, size_t len)
{
	size_t width = 0;
	uint32_t c;

	while (len) {
		size_t n = ta_utf8_decode(s, len, &c);

		width += n ? ta_code_point_width(c) : 1;
		n = n ? n : 1;
		s += n;
		len -= n;
	}
	return width;
}

enum { NEAREST_MAX = 64 };

void ta_nearest_start(struct ta_nearest *nearest, const char *word, size_t word_len)
{
	*nearest = (struct ta_nearest){ .word = word, .word_len = word_len };
	nearest->best_distance = word_len / 3 + 2; /* one more than what is near enough */
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Levenshtein distance, one row at a time. */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t row[NEAREST_MAX + 1];

	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t above = row[j];

			row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[b_len];
}

void ta_nearest_offer(struct ta_nearest *nearest, const char *candidate)
{
	size_t len = strlen(candidate);
	size_t d;

	if (len > NEAREST_MAX || nearest->word_len > NEAREST_MAX)
		return;
	d = distance(nearest->word, nearest->word_len, candidate, len);
	if (d < nearest->best_distance) {
		nearest->best_distance = d;
		nearest->best = candidate;
	}
}

const char *ta_nearest_result(const struct ta_nearest *nearest)
{
	return nearest->best;
}
