/* json.c - values from and to JSON. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/macros.h"
#include "expr/json.h"
#include "expr/real.h"
#include "expr/value.h"

struct ta_value ta_value_from_json(const json_t *json)
{
	struct ta_value value = { .kind = TA_UNBOUND };

	if (!json)
		return value;
	switch (json_typeof(json)) {
	case JSON_NULL:
		value.kind = TA_NULL;
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		return TA_VALUE_BOOL(json_is_true(json));
	case JSON_INTEGER:
		return TA_VALUE_INT(json_integer_value(json));
	case JSON_REAL:
		return TA_VALUE_DOUBLE(json_real_value(json));
	case JSON_STRING:
		return ta_value_string(TA_STRING, json_string_value(json),
				       json_string_length(json));
	case JSON_ARRAY:
	case JSON_OBJECT:
		value.kind = json_is_array(json) ? TA_LIST : TA_MAP;
		value.is_json = true;
		value.as.json = json;
	}
	return value;
}

/* ---- size --------------------------------------------------------------------------- */

enum { BYTES_A_PART = 32, MOST_PARTS = TA_EVAL_MAX_STEPS };

static bool take(uint64_t *left, size_t bytes)
{
	ta_spend(left, 1 + bytes / BYTES_A_PART);
	return *left > 0;
}

/* Recursion is as deep as jansson lets a document be. */
static bool json_fits(const json_t *json, uint64_t *left)
{
	const char *name;
	json_t *part;
	size_t i;

	if (!take(left, json_string_length(json)))
		return false;
	json_array_foreach (json, i, part)
		if (!json_fits(part, left))
			return false;
	json_object_foreach ((json_t *)(uintptr_t)json, name, part)
		if (!take(left, strlen(name)) || !json_fits(part, left))
			return false;
	return true;
}

/* Recursion is as deep as the expression that made the value. */
static bool fits(const struct ta_value *value, uint64_t *left)
{
	bool is_text = value->kind == TA_STRING || value->kind == TA_BYTES;
	struct ta_walk walk = { .of = value };
	struct ta_value key, part;

	if (value->is_json)
		return json_fits(value->as.json, left);
	if (!take(left, is_text ? value->as.str.len : 0))
		return false;
	if (value->kind != TA_LIST && value->kind != TA_MAP)
		return true;
	while (ta_walk_next(&walk, &key, &part))
		if (!fits(&key, left) || !fits(&part, left))
			return false;
	return true;
}

bool ta_value_is_writable(const struct ta_value *value)
{
	uint64_t left = MOST_PARTS;

	return value->is_json || fits(value, &left);
}

/* ---- to plain JSON ------------------------------------------------------------------ */

static json_t *base64(const char *bytes, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t size = (len + 2) / 3 * 4;
	ta_auto_free char *text = malloc(size + 1);
	char *out = text;

	if (!text)
		return NULL;
	for (size_t i = 0; i < len; i += 3) {
		uint32_t group = 0;

		for (size_t j = 0; j < 3; j++)
			group = group << 8 | (i + j < len ? (uint8_t)bytes[i + j] : 0);
		*out++ = digits[group >> 18];
		*out++ = digits[group >> 12 & 63];
		*out++ = i + 1 < len ? digits[group >> 6 & 63] : '=';
		*out++ = i + 2 < len ? digits[group & 63] : '=';
	}
	return json_stringn(text, size);
}

static json_t *plain_uint(uint64_t u)
{
	char text[32];

	if (u <= INT64_MAX)
		return json_integer((json_int_t)u);
	snprintf(text, sizeof(text), "%" PRIu64, u);
	return json_string(text);
}

static json_t *plain_double(double d)
{
	char text[TA_REAL_TEXT];

	if (isfinite(d))
		return json_real(d);
	ta_real_format(d, text);
	return json_string(text);
}

static json_t *plain(const struct ta_value *value);

static json_t *plain_list(const struct ta_value *list)
{
	ta_auto_json json_t *array = json_array();

	for (size_t i = 0, count = ta_value_size(list); i < count; i++) {
		struct ta_value item = ta_value_at(list, i);

		if (json_array_append_new(array, plain(&item)))
			return NULL;
	}
	return TA_TAKE(array);
}

/* A key as a member's name. jansson's names are C strings, so NUL becomes U+FFFD. */
static void put_name(struct ta_buf *name, const struct ta_value *key)
{
	switch (key->kind) {
	case TA_BOOL:
		ta_buf_str(name, key->as.boolean ? "true" : "false");
		break;
	case TA_INT:
		ta_buf_printf(name, "%" PRId64, key->as.i);
		break;
	case TA_UINT:
		ta_buf_printf(name, "%" PRIu64, key->as.u);
		break;
	default:
		for (size_t i = 0; i < key->as.str.len; i++)
			if (key->as.str.ptr[i])
				ta_buf_char(name, key->as.str.ptr[i]);
			else
				ta_buf_str(name, "\xef\xbf\xbd");
	}
}

/* Takes the reference to value. */
static bool put_member(json_t *object, const struct ta_value *key, json_t *value)
{
	ta_auto(ta_buf_done) struct ta_buf name = TA_BUF_INIT(TA_EVAL_MAX_BYTES);

	put_name(&name, key);
	if (!ta_buf_ok(&name, NULL)) {
		json_decref(value);
		return false;
	}
	return json_object_set_new(object, ta_buf_cstr(&name), value) == 0;
}

static json_t *plain_map(const struct ta_value *map)
{
	ta_auto_json json_t *object = json_object();
	struct ta_walk walk = { .of = map };
	struct ta_value key, value;

	while (object && ta_walk_next(&walk, &key, &value))
		if (!put_member(object, &key, plain(&value)))
			return NULL;
	return TA_TAKE(object);
}

static json_t *plain(const struct ta_value *value)
{
	switch (value->kind) {
	case TA_BOOL:
		return json_boolean(value->as.boolean);
	case TA_INT:
		return json_integer(value->as.i);
	case TA_UINT:
		return plain_uint(value->as.u);
	case TA_DOUBLE:
		return plain_double(value->as.d);
	case TA_STRING:
		return json_stringn(value->as.str.ptr, value->as.str.len);
	case TA_BYTES:
		return base64(value->as.str.ptr, value->as.str.len);
	case TA_TYPE:
		return json_string(ta_kind_name(value->as.type));
	case TA_LIST:
	case TA_MAP:
		if (value->is_json) /* counting references is all that happens to it */
			return json_incref((json_t *)(uintptr_t)value->as.json);
		return value->kind == TA_LIST ? plain_list(value) : plain_map(value);
	default:
		return json_null();
	}
}

json_t *ta_value_to_json(const struct ta_value *value)
{
	return ta_value_is_writable(value) ? plain(value) : NULL;
}
