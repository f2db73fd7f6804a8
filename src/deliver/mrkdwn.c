/* mrkdwn.c - see mrkdwn.h. */
#include "deliver/mrkdwn.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"

static const struct {
	char character;
	const char *text, *plain;
} replacements[] = {
	{ '&', "&amp;", "?" }, { '<', "&lt;", "?" }, { '>', "&gt;", "?" }, { '`', "'", "'" }
};

/* What stands for the first character of s: n bytes, and in how many units. */
struct piece {
	const char *text;
	size_t bytes, units, consumed;
};

static struct piece next_piece(const char *s, size_t len, bool plain)
{
	uint32_t c = 0;
	size_t n = ta_utf8_decode(s, len, &c);

	for (size_t i = 0; i < TA_ARRAY_SIZE(replacements); i++) {
		if (*s == replacements[i].character) {
			const char *text = plain ? replacements[i].plain : replacements[i].text;

			return (struct piece){ text, strlen(text), strlen(text), 1 };
		}
	}
	return (struct piece){ s, n, c > 0xffff ? 2 : 1, n };
}

/* One line of valid UTF-8 without control characters. */
static void add_safe(struct ta_buf *out, const char *foreign)
{
	while (*foreign) {
		size_t len = strcspn(foreign, "\t\n\r");

		ta_text_terminal(out, foreign, len);
		foreign += len;
		if (*foreign)
			ta_buf_char(out, ' ');
		foreign += *foreign != '\0';
	}
}

static size_t count_units(const char *safe, size_t len, bool plain)
{
	size_t units = 0;

	while (len) {
		struct piece piece = next_piece(safe, len, plain);

		units += piece.units;
		safe += piece.consumed;
		len -= piece.consumed;
	}
	return units;
}

static void add_cut(struct ta_buf *out, const char *safe, size_t len, size_t max, bool plain)
{
	bool fits = count_units(safe, len, plain) <= max;
	size_t left = fits ? max : max - 1;

	while (len) {
		struct piece piece = next_piece(safe, len, plain);

		if (piece.units > left)
			break;
		ta_buf_add(out, piece.text, piece.bytes);
		left -= piece.units;
		safe += piece.consumed;
		len -= piece.consumed;
	}
	if (!fits)
		ta_buf_str(out, "\xe2\x80\xa6");
}

static void add(struct ta_buf *out, const char *foreign, size_t max, bool plain)
{
	ta_auto(ta_buf_done) struct ta_buf safe = TA_BUF_INIT(strlen(foreign) * 10);

	add_safe(&safe, foreign);
	if (safe.failed)
		out->failed = safe.failed;
	else if (max)
		add_cut(out, ta_buf_cstr(&safe), safe.len, max, plain);
}

void ta_mrkdwn_text(struct ta_buf *out, const char *foreign, size_t max)
{
	add(out, foreign, max, false);
}

void ta_mrkdwn_plain(struct ta_buf *out, const char *foreign, size_t max)
{
	add(out, foreign, max, true);
}

size_t ta_mrkdwn_size(const char *foreign)
{
	ta_auto(ta_buf_done) struct ta_buf safe = TA_BUF_INIT(strlen(foreign) * 10);

	add_safe(&safe, foreign);
	return safe.failed ? SIZE_MAX : count_units(ta_buf_cstr(&safe), safe.len, false);
}
