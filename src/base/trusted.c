/* trusted.c - see trusted.h. jansson looks at each byte of a document several times, since it may
 * come from anywhere; a third of a short audit was spent so on our own rules and schemas. Here
 * nothing is checked, and what is rare (numbers that are not whole, strings with escapes) is still
 * left to jansson. A test reads all that is compiled in both ways. */
#include "base/trusted.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"

enum { MAX_NAME = 4096 };

struct reader {
	const char *at;
	struct ta_buf name; /* of the member at hand */
};

static json_t *read_value(struct reader *reader);

static bool is_between(char c)
{
	return c == ' ' || c == '\n' || c == ',' || c == ':';
}

/* The next byte that tells something: where there are no mistakes, commas and colons don't. */
static char peek(struct reader *reader)
{
	while (is_between(*reader->at))
		reader->at++;
	return *reader->at;
}

/* Passes over the string at hand; *ret_plain says whether it is free of escapes. The first byte of
 * what is between its quotes. */
static const char *pass_string(struct reader *reader, size_t *ret_len, bool *ret_plain)
{
	const char *begin = reader->at + 1, *end = begin;

	*ret_plain = true;
	for (; *end && *end != '"'; end++)
		if (*end == '\\' && end[1]) {
			*ret_plain = false;
			end++;
		}
	*ret_len = (size_t)(end - begin);
	reader->at = *end ? end + 1 : end;
	return begin;
}

static json_t *read_string(struct reader *reader)
{
	bool plain;
	size_t len;
	const char *text = pass_string(reader, &len, &plain);

	return plain ? json_stringn_nocheck(text, len)
		     : json_loadb(text - 1, len + 2, JSON_DECODE_ANY, NULL);
}

/* A number, true, false or null. */
static json_t *read_word(struct reader *reader)
{
	const char *begin = reader->at;

	reader->at += strcspn(begin, " \t\r\n,]}");
	return json_loadb(begin, (size_t)(reader->at - begin), JSON_DECODE_ANY, NULL);
}

static bool read_member(struct reader *reader, json_t *object)
{
	bool plain;
	size_t len;
	const char *name = pass_string(reader, &len, &plain);
	json_t *value = read_value(reader);

	ta_buf_clear(&reader->name);
	ta_buf_add(&reader->name, name, len);
	if (ta_buf_ok(&reader->name, NULL))
		return json_object_set_new_nocheck(object, reader->name.data, value) == 0;
	json_decref(value);
	return false;
}

/* An object or an array, up to the bracket that closes it. */
static json_t *read_all(struct reader *reader, json_t *container, char close)
{
	bool ok = container != NULL;

	reader->at++;
	while (ok && peek(reader) && peek(reader) != close)
		ok = json_is_object(container)
			     ? read_member(reader, container)
			     : json_array_append_new(container, read_value(reader)) == 0;
	if (!ok) {
		json_decref(container);
		return NULL;
	}
	reader->at += *reader->at != '\0';
	return container;
}

static json_t *read_value(struct reader *reader)
{
	switch (peek(reader)) {
	case '{':
		return read_all(reader, json_object(), '}');
	case '[':
		return read_all(reader, json_array(), ']');
	case '"':
		return read_string(reader);
	default:
		return read_word(reader);
	}
}

json_t *ta_json_trusted(const char *text)
{
	struct reader reader = { .at = text, .name = TA_BUF_INIT(MAX_NAME) };
	json_t *value = read_value(&reader);

	ta_buf_done(&reader.name);
	return value;
}
