/* json_read.c - reading JSON text of the usual kind at three times jansson's speed.
 *
 * It takes what has no escape in a string. What has one, and whatever is wrong, it leaves to
 * jansson, whose values and messages these are. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/number.h"
#include "base/slice.h"
#include "base/text.h"

enum { MAX_DEPTH = 100 };

TA_DEFINE_AUTO(json_t, json_decref)

struct reader {
	const char *at, *end;
	int depth;
};

/* All of these return NULL or false for what is not of the usual kind. */
static json_t *read_value(struct reader *reader);

static void skip_blanks(struct reader *reader)
{
	while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\n' ||
					    *reader->at == '\t' || *reader->at == '\r'))
		reader->at++;
}

static bool take(struct reader *reader, char c)
{
	if (reader->at == reader->end || *reader->at != c)
		return false;
	reader->at++;
	return true;
}

static bool take_word(struct reader *reader, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(reader->end - reader->at) < len || memcmp(reader->at, word, len) != 0)
		return false;
	reader->at += len;
	return true;
}

static bool read_text(struct reader *reader, struct ta_slice *ret)
{
	const char *start = ++reader->at; /* behind the quote */
	bool is_ascii = true;

	while (reader->at < reader->end && *reader->at != '"') {
		uint8_t c = (uint8_t)*reader->at++;

		if (c < ' ' || c == '\\')
			return false;
		is_ascii &= c < 0x80;
	}
	*ret = ta_slice(start, (size_t)(reader->at - start));
	return take(reader, '"') && (is_ascii || ta_utf8_valid(ret->data, ret->len));
}

static json_t *read_string(struct reader *reader)
{
	struct ta_slice text;

	return read_text(reader, &text) ? json_stringn_nocheck(text.data, text.len) : NULL;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Behind the digits in front of its point. What it is worth is jansson's business, for the decimal
 * point of strtod() is the locale's. */
static json_t *read_real(struct reader *reader, const char *start)
{
	while (reader->at < reader->end &&
	       (is_digit(*reader->at) || *reader->at == '.' || *reader->at == 'e' ||
		*reader->at == 'E' || *reader->at == '+' || *reader->at == '-'))
		reader->at++;
	return json_loadb(start, (size_t)(reader->at - start), JSON_DECODE_ANY, NULL);
}

static json_t *read_number(struct reader *reader)
{
	const char *start = reader->at, *digits;
	int64_t number;

	take(reader, '-');
	digits = reader->at;
	while (reader->at < reader->end && is_digit(*reader->at))
		reader->at++;
	if (reader->at < reader->end &&
	    (*reader->at == '.' || *reader->at == 'e' || *reader->at == 'E'))
		return read_real(reader, start);
	if (reader->at - digits > 1 && *digits == '0')
		return NULL;
	return ta_parse_i64(start, (size_t)(reader->at - start), &number) ? json_integer(number)
									  : NULL;
}

static json_t *read_array(struct reader *reader)
{
	ta_auto(json_decref_p) json_t *array = json_array();

	reader->at++;
	skip_blanks(reader);
	if (take(reader, ']'))
		return TA_TAKE(array);
	do {
		if (json_array_append_new(array, read_value(reader)) < 0)
			return NULL;
	} while (take(reader, ','));
	return take(reader, ']') ? TA_TAKE(array) : NULL;
}

static bool read_member(struct reader *reader, json_t *object)
{
	struct ta_slice name;

	skip_blanks(reader);
	if (reader->at == reader->end || *reader->at != '"' || !read_text(reader, &name))
		return false;
	skip_blanks(reader);
	return take(reader, ':') &&
	       json_object_setn_new_nocheck(object, name.data, name.len, read_value(reader)) == 0;
}

static json_t *read_object(struct reader *reader)
{
	ta_auto(json_decref_p) json_t *object = json_object();
	size_t count = 0;

	reader->at++;
	skip_blanks(reader);
	if (take(reader, '}'))
		return TA_TAKE(object);
	do {
		if (!read_member(reader, object))
			return NULL;
		count++;
	} while (take(reader, ','));
	/* a name that comes twice would be one member */
	return take(reader, '}') && json_object_size(object) == count ? TA_TAKE(object) : NULL;
}

static json_t *read_inner(struct reader *reader)
{
	switch (*reader->at) {
	case '{':
		return read_object(reader);
	case '[':
		return read_array(reader);
	case '"':
		return read_string(reader);
	case 't':
		return take_word(reader, "true") ? json_true() : NULL;
	case 'f':
		return take_word(reader, "false") ? json_false() : NULL;
	case 'n':
		return take_word(reader, "null") ? json_null() : NULL;
	default:
		return read_number(reader);
	}
}

/* With the blanks around it. */
static json_t *read_value(struct reader *reader)
{
	json_t *value;

	skip_blanks(reader);
	if (reader->at == reader->end || ++reader->depth > MAX_DEPTH)
		return NULL;
	value = read_inner(reader);
	reader->depth--;
	skip_blanks(reader);
	return value;
}

json_t *ta_json_read(const char *text, size_t len, json_error_t *err)
{
	struct reader reader = { .at = text, .end = text + len };
	json_t *value = read_value(&reader);

	if (reader.at == reader.end && (json_is_object(value) || json_is_array(value)))
		return value;
	json_decref(value);
	return json_loadb(text, len, JSON_REJECT_DUPLICATES, err);
}
