/* typed.c - values from and to the typed form, which keeps what plain JSON loses: int and uint,
 * bytes, NaN, keys that are no strings. Conformance vectors are written in it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "expr/json.h"
#include "expr/real.h"
#include "expr/run.h"

/* ---- to the typed form -------------------------------------------------------------- */

static json_t *hex(const struct ta_value *bytes)
{
	static const char digits[] = "0123456789abcdef";
	size_t len = bytes->as.str.len;
	ta_auto_free char *text = malloc(len * 2 + 1);

	if (!text)
		return NULL;
	for (size_t i = 0; i < len; i++) {
		text[2 * i] = digits[(uint8_t)bytes->as.str.ptr[i] >> 4];
		text[2 * i + 1] = digits[(uint8_t)bytes->as.str.ptr[i] & 15];
	}
	return json_stringn(text, len * 2);
}

static json_t *typed(const struct ta_value *value);

static json_t *typed_list(const struct ta_value *list)
{
	ta_auto_json json_t *array = json_array();

	for (size_t i = 0, count = ta_value_size(list); i < count; i++) {
		struct ta_value item = ta_value_at(list, i);

		if (json_array_append_new(array, typed(&item)))
			return NULL;
	}
	return TA_TAKE(array);
}

static json_t *typed_map(const struct ta_value *map)
{
	ta_auto_json json_t *array = json_array();
	struct ta_walk walk = { .of = map };
	struct ta_value key, value;

	while (array && ta_walk_next(&walk, &key, &value)) {
		json_t *pair = json_pack("[o, o]", typed(&key), typed(&value));

		if (json_array_append_new(array, pair))
			return NULL;
	}
	return TA_TAKE(array);
}

static json_t *content(const struct ta_value *value)
{
	char text[TA_REAL_TEXT];

	switch (value->kind) {
	case TA_BOOL:
		return json_boolean(value->as.boolean);
	case TA_INT:
		snprintf(text, sizeof(text), "%" PRId64, value->as.i);
		return json_string(text);
	case TA_UINT:
		snprintf(text, sizeof(text), "%" PRIu64, value->as.u);
		return json_string(text);
	case TA_DOUBLE:
		ta_real_format(value->as.d, text);
		return json_string(text);
	case TA_STRING:
		return json_stringn(value->as.str.ptr, value->as.str.len);
	case TA_BYTES:
		return hex(value);
	case TA_LIST:
		return typed_list(value);
	case TA_MAP:
		return typed_map(value);
	case TA_TYPE:
		return json_string(ta_kind_name(value->as.type));
	default:
		return json_null();
	}
}

static json_t *typed(const struct ta_value *value)
{
	return json_pack("{s: o}", value->kind == TA_NULL ? "null" : ta_kind_name(value->kind),
			 content(value));
}

json_t *ta_value_to_typed_json(const struct ta_value *value)
{
	return ta_value_is_writable(value) ? typed(value) : NULL;
}

/* ---- from the typed form ------------------------------------------------------------ */

static bool read_value(struct ta_arena *arena, const json_t *typed, struct ta_value *ret,
		       struct ta_error *err);

static bool out_of_memory(const struct ta_arena *arena, struct ta_error *err)
{
	return ta_fail(err, arena->failed,
		       arena->failed == TA_E_LIMIT ? "the values need too much memory"
						   : "out of memory");
}

static bool wrong(const char *type, struct ta_error *err)
{
	return ta_fail(err, TA_E_INPUT, "this is no typed %s", type);
}

/* The reader of one type. */
typedef bool reader(struct ta_arena *arena, const json_t *json, struct ta_value *ret,
		    struct ta_error *err);

static bool read_null(struct ta_arena *arena, const json_t *json, struct ta_value *ret,
		      struct ta_error *err)
{
	(void)arena;
	*ret = (struct ta_value){ .kind = TA_NULL };
	return json_is_null(json) || wrong("null", err);
}

static bool read_bool(struct ta_arena *arena, const json_t *json, struct ta_value *ret,
		      struct ta_error *err)
{
	(void)arena;
	*ret = TA_VALUE_BOOL(json_is_true(json));
	return json_is_boolean(json) || wrong("bool", err);
}

static bool read_int(struct ta_arena *arena, const json_t *json, struct ta_value *ret,
		     struct ta_error *err)
{
	int64_t i;

	(void)arena;
	if (!json_is_string(json) ||
	    !ta_parse_i64(json_string_value(json), json_string_length(json), &i))
		return wrong("int", err);
	*ret = TA_VALUE_INT(i);
	return true;
}

static bool read_uint(struct ta_arena *arena, const json_t *json, struct ta_value *ret,
		      struct ta_error *err)
{
	uint64_t u;

	(void)arena;
	if (!json_is_string(json) ||
	    !ta_parse_u64(json_string_value(json), json_string_length(json), 10, &u))
		return wrong("uint", err);
	*ret = ta_value_uint(u);
	return true;
}

static bool read_double(struct ta_arena *arena, const json_t *json, struct ta_value *ret,
			struct ta_error *err)
{
	double d;

	(void)arena;
	if (!json_is_string(json) ||
	    !ta_real_parse(json_string_value(json), json_string_length(json), &d))
		return wrong("double", err);
	*ret = TA_VALUE_DOUBLE(d);
	return true;
}

static bool read_string(struct ta_arena *arena, const json_t *json, struct ta_value *ret,
			struct ta_error *err)
{
	(void)arena;
	*ret = ta_value_from_json(json);
	return json_is_string(json) || wrong("string", err);
}

static bool read_bytes(struct ta_arena *arena, const json_t *json, struct ta_value *ret,
		       struct ta_error *err)
{
	size_t len = json_string_length(json) / 2;
	const char *digits = json_string_value(json);
	char *bytes;

	if (!digits || json_string_length(json) % 2)
		return wrong("bytes", err);
	bytes = ta_arena_alloc(arena, len);
	if (!bytes)
		return out_of_memory(arena, err);
	for (size_t i = 0; i < len; i++) {
		uint64_t byte;

		if (!ta_parse_u64(digits + 2 * i, 2, 16, &byte))
			return wrong("bytes", err);
		bytes[i] = (char)byte;
	}
	*ret = ta_value_string(TA_BYTES, bytes, len);
	return true;
}

static bool read_type(struct ta_arena *arena, const json_t *json, struct ta_value *ret,
		      struct ta_error *err)
{
	(void)arena;
	for (enum ta_kind kind = TA_NULL; kind <= TA_TYPE; kind++) {
		if (!json_is_string(json) || strcmp(json_string_value(json), ta_kind_name(kind)))
			continue;
		*ret = (struct ta_value){ .kind = TA_TYPE, .as.type = kind };
		return true;
	}
	return wrong("type", err);
}

static bool read_list(struct ta_arena *arena, const json_t *json, struct ta_value *ret,
		      struct ta_error *err)
{
	struct ta_list *list = ta_arena_alloc(arena, sizeof(*list));
	struct ta_value *items = ta_arena_array(arena, json_array_size(json), sizeof(*items));

	if (!json_is_array(json))
		return wrong("list", err);
	if (!list || !items)
		return out_of_memory(arena, err);
	for (size_t i = 0; i < json_array_size(json); i++)
		if (!read_value(arena, json_array_get(json, i), &items[i], err))
			return ta_wrap(err, "[%zu]", i);
	*list = (struct ta_list){ json_array_size(json), items };
	*ret = ta_value_list(list);
	return true;
}

static bool read_entry(struct ta_arena *arena, const json_t *pair, struct ta_dict *dict,
		       struct ta_error *err)
{
	struct ta_value key, value;
	uint64_t steps = UINT64_MAX;

	if (json_array_size(pair) != 2 || !read_value(arena, json_array_get(pair, 0), &key, err) ||
	    !read_value(arena, json_array_get(pair, 1), &value, err))
		return wrong("map", err);
	if (!ta_kind_is_key(key.kind))
		return ta_fail(err, TA_E_INPUT, "%s cannot be a key", ta_kind_name(key.kind));
	if (!ta_dict_add(dict, &key, &value, &steps))
		return ta_fail(err, TA_E_INPUT, "the key comes twice");
	return true;
}

static bool read_map(struct ta_arena *arena, const json_t *json, struct ta_value *ret,
		     struct ta_error *err)
{
	struct ta_dict *dict = ta_dict_new(arena, json_array_size(json));

	if (!json_is_array(json))
		return wrong("map", err);
	if (!dict)
		return out_of_memory(arena, err);
	for (size_t i = 0; i < json_array_size(json); i++)
		if (!read_entry(arena, json_array_get(json, i), dict, err))
			return ta_wrap(err, "[%zu]", i);
	*ret = ta_value_dict(dict);
	return true;
}

static bool read_value(struct ta_arena *arena, const json_t *typed, struct ta_value *ret,
		       struct ta_error *err)
{
	static const struct {
		const char *name;
		reader *read;
	} readers[] = {
		{ "null", read_null },   { "bool", read_bool },     { "int", read_int },
		{ "uint", read_uint },   { "double", read_double }, { "string", read_string },
		{ "bytes", read_bytes }, { "list", read_list },     { "map", read_map },
		{ "type", read_type },
	};

	for (size_t i = 0; i < TA_ARRAY_SIZE(readers); i++) {
		const json_t *json = json_object_get(typed, readers[i].name);

		if (json && json_object_size(typed) == 1)
			return readers[i].read(arena, json, ret, err);
	}
	return ta_fail(err, TA_E_INPUT, "this is no typed value, such as {\"int\":\"5\"}");
}

bool ta_value_from_typed_json(struct ta_eval *eval, const json_t *typed, struct ta_value *ret,
			      struct ta_error *err)
{
	struct ta_value value;

	eval->arena.limit = eval->arena.bytes + TA_EVAL_MAX_BYTES;
	if (!read_value(&eval->arena, typed, &value, err))
		return false;
	*ret = value;
	return true;
}
