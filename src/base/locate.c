/* locate.c - see locate.h. The text is known to be valid JSON, yet no step leaves it. */
#include "base/locate.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

struct cursor {
	const char *text;
	size_t len, at;
};

static char peek(const struct cursor *c)
{
	return c->at < c->len ? c->text[c->at] : '\0';
}

static void skip_blanks(struct cursor *c)
{
	while (c->at < c->len && strchr(" \t\r\n", c->text[c->at]))
		c->at++;
}

static void skip_string(struct cursor *c)
{
	for (c->at++; c->at < c->len && c->text[c->at] != '"'; c->at++)
		if (c->text[c->at] == '\\')
			c->at++;
	c->at++;
}

/* Any value: brackets are counted, strings are skipped whole. */
static void skip_value(struct cursor *c)
{
	size_t depth = 0;

	do {
		char first = peek(c);

		if (first == '"') {
			skip_string(c);
		} else if (first == '{' || first == '[') {
			depth++;
			c->at++;
		} else if (first == '}' || first == ']') {
			depth--;
			c->at++;
		} else if (depth && strchr(", :\t\r\n", first)) {
			c->at++;
		} else {
			while (c->at < c->len && !strchr(",]} \t\r\n", c->text[c->at]))
				c->at++;
		}
	} while (depth && c->at < c->len);
}

/* Compares the quoted name at the cursor with a pointer token, undoing ~0 and ~1. Names with
 * JSON escapes never match: ours have none. */
static bool name_is(const struct cursor *c, const char *token, size_t token_len)
{
	size_t at = c->at + 1;

	for (size_t i = 0; i < token_len; i++, at++) {
		char wanted = token[i];

		if (wanted == '~' && i + 1 < token_len)
			wanted = token[++i] == '1' ? '/' : '~';
		if (at >= c->len || c->text[at] != wanted)
			return false;
	}
	return at < c->len && c->text[at] == '"';
}

static bool enter_object(struct cursor *c, const char *token, size_t token_len,
			 struct ta_location *location)
{
	for (c->at++; c->at < c->len;) {
		skip_blanks(c);
		if (peek(c) != '"')
			return false;
		bool found = name_is(c, token, token_len);
		size_t key = c->at;

		skip_string(c);
		location->key = key;
		location->key_len = c->at - key;
		skip_blanks(c);
		c->at++; /* the colon */
		skip_blanks(c);
		if (found)
			return true;
		skip_value(c);
		skip_blanks(c);
		if (peek(c) == ',')
			c->at++;
	}
	return false;
}

static bool enter_array(struct cursor *c, const char *token, size_t token_len,
			struct ta_location *location)
{
	uint64_t index;

	location->key_len = 0;
	if (!ta_parse_u64(token, token_len, 10, &index))
		return false;
	c->at++;
	skip_blanks(c);
	while (index-- && c->at < c->len && peek(c) != ']') {
		skip_value(c);
		skip_blanks(c);
		if (peek(c) == ',')
			c->at++;
		skip_blanks(c);
	}
	return c->at < c->len && peek(c) != ']';
}

bool ta_json_locate(const char *text, size_t len, const char *pointer, struct ta_location *ret)
{
	struct cursor c = { .text = text, .len = len };
	struct ta_location location = { 0 };

	skip_blanks(&c);
	while (*pointer == '/') {
		const char *token = pointer + 1;
		size_t token_len = strcspn(token, "/");
		bool ok = false;

		if (peek(&c) == '{')
			ok = enter_object(&c, token, token_len, &location);
		else if (peek(&c) == '[')
			ok = enter_array(&c, token, token_len, &location);
		if (!ok)
			return false;
		pointer = token + token_len;
	}
	location.value = c.at;
	skip_value(&c);
	location.value_len = (c.at < len ? c.at : len) - location.value;
	*ret = location;
	return true;
}

/* Bytes that the escape at s ("\n", "\u00e4", a surrogate pair) stands for. */
static size_t escape_size(const char *s, size_t left, size_t *ret_source)
{
	uint64_t code;

	*ret_source = 2;
	if (left < 6 || s[1] != 'u' || !ta_parse_u64(s + 2, 4, 16, &code))
		return 1;
	*ret_source = 6;
	if (code < 0x80)
		return 1;
	if (code < 0x800)
		return 2;
	if (code < 0xd800 || code > 0xdbff)
		return 3;
	*ret_source = 12;
	return 4;
}

size_t ta_json_string_place(const char *text, size_t len, size_t value, size_t offset)
{
	size_t at = value + 1;

	while (offset && at < len) {
		size_t source = 1, bytes = 1;

		if (text[at] == '\\')
			bytes = escape_size(text + at, len - at, &source);
		if (bytes > offset)
			break;
		offset -= bytes;
		at += source;
	}
	return at < len ? at : len;
}

void ta_text_line(const char *text, size_t offset, int *ret_line, int *ret_column)
{
	size_t start = 0;
	int line = 1;

	for (size_t i = 0; i < offset; i++) {
		if (text[i] != '\n')
			continue;
		line++;
		start = i + 1;
	}
	*ret_line = line;
	*ret_column = (int)(offset - start) + 1;
}
