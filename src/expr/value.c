/* value.c - see value.h. */
#include "expr/value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SMALL_MAP = 8 }; /* entries that are searched faster than hashed */

const char *ta_kind_name(enum ta_kind kind)
{
	static const char *const names[TA_KIND_COUNT] = {
		[TA_DYN] = "dyn",       [TA_UNBOUND] = "unbound", [TA_NULL] = "null_type",
		[TA_BOOL] = "bool",     [TA_INT] = "int",         [TA_UINT] = "uint",
		[TA_DOUBLE] = "double", [TA_STRING] = "string",   [TA_BYTES] = "bytes",
		[TA_LIST] = "list",     [TA_MAP] = "map",         [TA_TYPE] = "type",
		[TA_OBJECT] = "map",
	};

	return names[kind];
}

/* ---- walking ------------------------------------------------------------------------ */

static bool walk_object(struct ta_walk *walk, struct ta_value *ret_key, struct ta_value *ret_value)
{
	/* jansson's iterators don't change the object but take it without const */
	json_t *object = (json_t *)(uintptr_t)walk->of->as.json;
	const char *key;

	walk->iter =
		walk->at++ ? json_object_iter_next(object, walk->iter) : json_object_iter(object);
	if (!walk->iter)
		return false;
	key = json_object_iter_key(walk->iter);
	*ret_key = ta_value_string(TA_STRING, key, strlen(key));
	*ret_value = ta_value_from_json(json_object_iter_value(walk->iter));
	return true;
}

static bool walk_list(struct ta_walk *walk, struct ta_value *ret_key, struct ta_value *ret_value)
{
	if (walk->at >= ta_value_size(walk->of))
		return false;
	*ret_key = TA_VALUE_INT((int64_t)walk->at);
	*ret_value = ta_value_at(walk->of, walk->at++);
	return true;
}

bool ta_walk_next(struct ta_walk *walk, struct ta_value *ret_key, struct ta_value *ret_value)
{
	const struct ta_dict *dict;

	if (walk->of->kind == TA_LIST)
		return walk_list(walk, ret_key, ret_value);
	if (walk->of->is_json)
		return walk_object(walk, ret_key, ret_value);
	dict = walk->of->as.dict;
	if (walk->at >= dict->count)
		return false;
	*ret_key = dict->entries[walk->at].key;
	*ret_value = dict->entries[walk->at++].value;
	return true;
}

size_t ta_value_size(const struct ta_value *value)
{
	if (value->kind == TA_LIST)
		return value->is_json ? json_array_size(value->as.json) : value->as.list->count;
	if (value->kind == TA_MAP)
		return value->is_json ? json_object_size(value->as.json) : value->as.dict->count;
	return 0;
}

struct ta_value ta_value_at(const struct ta_value *list, size_t index)
{
	if (list->kind != TA_LIST || index >= ta_value_size(list))
		return TA_VALUE_UNBOUND;
	if (list->is_json)
		return ta_value_from_json(json_array_get(list->as.json, index));
	return list->as.list->items[index];
}

/* ---- numbers ------------------------------------------------------------------------ */

static int order_u64(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int order_i64(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

static int order_double(double a, double b)
{
	if (isnan(a) || isnan(b))
		return TA_UNORDERED;
	return a < b ? -1 : a > b;
}

/* An integer against a double: out of the integer's range is decided first, then the integer
 * is rounded; cel-spec's comparisons want exactly that (2^63 - 1 is not below 2^63). */
static int order_int_double(int64_t a, double b)
{
	if (b < -0x1p63)
		return 1;
	if (b > 0x1p63)
		return -1;
	return order_double((double)a, b);
}

static int order_uint_double(uint64_t a, double b)
{
	if (b < 0)
		return 1;
	if (b > 0x1p64)
		return -1;
	return order_double((double)a, b);
}

static int reversed(int order)
{
	return order == TA_UNORDERED ? order : -order;
}

static int order_int(int64_t a, const struct ta_value *b)
{
	if (b->kind == TA_INT)
		return order_i64(a, b->as.i);
	if (b->kind == TA_UINT)
		return a < 0 ? -1 : order_u64((uint64_t)a, b->as.u);
	return order_int_double(a, b->as.d);
}

static int order_numbers(const struct ta_value *a, const struct ta_value *b)
{
	if (a->kind == TA_INT)
		return order_int(a->as.i, b);
	if (b->kind == TA_INT)
		return reversed(order_int(b->as.i, a));
	if (a->kind == TA_UINT)
		return b->kind == TA_UINT ? order_u64(a->as.u, b->as.u)
					  : order_uint_double(a->as.u, b->as.d);
	if (b->kind == TA_UINT)
		return reversed(order_uint_double(b->as.u, a->as.d));
	return order_double(a->as.d, b->as.d);
}

struct ta_value ta_value_integral(const struct ta_value *value)
{
	if (value->kind == TA_UINT && value->as.u <= INT64_MAX)
		return TA_VALUE_INT((int64_t)value->as.u);
	if (value->kind == TA_DOUBLE && trunc(value->as.d) == value->as.d) {
		if (value->as.d >= -0x1p63 && value->as.d < 0x1p63)
			return TA_VALUE_INT((int64_t)value->as.d);
		if (value->as.d >= 0x1p63 && value->as.d < 0x1p64)
			return ta_value_uint((uint64_t)value->as.d);
	}
	return *value;
}

/* ---- maps --------------------------------------------------------------------------- */

static bool same_text(const struct ta_value *a, const struct ta_value *b)
{
	return a->as.str.len == b->as.str.len &&
	       (a->as.str.len == 0 || memcmp(a->as.str.ptr, b->as.str.ptr, a->as.str.len) == 0);
}

/* FNV-1a, folded. Whoever chooses keys that collide only spends the evaluation's steps. */
static size_t hash_key(const struct ta_value *key)
{
	const char *bytes = (const char *)&key->as;
	size_t len = key->kind == TA_BOOL ? sizeof(bool) : sizeof(int64_t);
	uint64_t hash = 0xcbf29ce484222325u;

	if (key->kind == TA_STRING) {
		bytes = key->as.str.ptr;
		len = key->as.str.len;
	}
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (uint8_t)bytes[i]) * 0x100000001b3u;
	return (size_t)(hash ^ hash >> 29);
}

/* Both are integral already. */
static bool same_key(const struct ta_value *a, const struct ta_value *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case TA_STRING:
		return same_text(a, b);
	case TA_BOOL:
		return a->as.boolean == b->as.boolean;
	case TA_INT:
	case TA_UINT:
		return a->as.u == b->as.u;
	default:
		return false;
	}
}

/* The entry, or NULL; *ret_slot is where the index would have it. key is integral. */
static struct ta_entry *find_entry(const struct ta_dict *dict, const struct ta_value *key,
				   uint64_t *steps, size_t *ret_slot)
{
	struct ta_value stored;

	if (!dict->index) {
		for (size_t i = 0; i < dict->count; i++) {
			stored = ta_value_integral(&dict->entries[i].key);
			if (same_key(&stored, key))
				return &dict->entries[i];
		}
		return NULL;
	}
	for (*ret_slot = hash_key(key) & dict->mask; dict->index[*ret_slot];
	     *ret_slot = (*ret_slot + 1) & dict->mask) {
		struct ta_entry *entry = &dict->entries[dict->index[*ret_slot] - 1];

		ta_spend(steps, 1);
		stored = ta_value_integral(&entry->key);
		if (same_key(&stored, key))
			return entry;
	}
	return NULL;
}

struct ta_dict *ta_dict_new(struct ta_arena *arena, size_t count)
{
	struct ta_dict *dict = ta_arena_zero(arena, sizeof(*dict));
	size_t slots = SMALL_MAP * 2;

	if (!dict)
		return NULL;
	dict->entries = ta_arena_array(arena, count, sizeof(*dict->entries));
	if (!dict->entries)
		return NULL;
	if (count <= SMALL_MAP)
		return dict;
	while (slots < count * 2)
		slots *= 2;
	dict->index = ta_arena_zero(arena, slots * sizeof(*dict->index));
	dict->mask = slots - 1;
	return dict->index ? dict : NULL;
}

bool ta_dict_add(struct ta_dict *dict, const struct ta_value *key, const struct ta_value *value,
		 uint64_t *steps)
{
	struct ta_value integral = ta_value_integral(key);
	size_t slot = 0;

	if (find_entry(dict, &integral, steps, &slot))
		return false;
	dict->entries[dict->count++] = (struct ta_entry){ *key, *value };
	if (dict->index)
		dict->index[slot] = (uint32_t)dict->count;
	return true;
}

bool ta_map_find_name(const struct ta_value *map, const char *name, size_t len, uint64_t *steps,
		      struct ta_value *ret)
{
	struct ta_value key;
	const json_t *json;

	if (!map->is_json) {
		key = ta_value_string(TA_STRING, name, len);
		return ta_map_find(map, &key, steps, ret);
	}
	json = json_object_getn(map->as.json, name, len);
	if (json && ret)
		*ret = ta_value_from_json(json);
	return json != NULL;
}

bool ta_map_find(const struct ta_value *map, const struct ta_value *key, uint64_t *steps,
		 struct ta_value *ret)
{
	struct ta_value integral;
	const struct ta_entry *entry;
	size_t slot;

	if (map->is_json)
		return key->kind == TA_STRING &&
		       ta_map_find_name(map, key->as.str.ptr, key->as.str.len, steps, ret);
	integral = ta_value_integral(key);
	entry = find_entry(map->as.dict, &integral, steps, &slot);
	if (entry && ret)
		*ret = entry->value;
	return entry != NULL;
}

/* ---- equality and order ------------------------------------------------------------- */

static bool equal_lists(const struct ta_value *a, const struct ta_value *b, uint64_t *steps)
{
	size_t count = ta_value_size(a);

	if (count != ta_value_size(b))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct ta_value x = ta_value_at(a, i), y = ta_value_at(b, i);

		if (!ta_value_equal(&x, &y, steps))
			return false;
	}
	return true;
}

static bool equal_maps(const struct ta_value *a, const struct ta_value *b, uint64_t *steps)
{
	struct ta_walk walk = { .of = a };
	struct ta_value key, mine, other;

	if (ta_value_size(a) != ta_value_size(b))
		return false;
	while (ta_walk_next(&walk, &key, &mine))
		if (!ta_map_find(b, &key, steps, &other) || !ta_value_equal(&mine, &other, steps))
			return false;
	return true;
}

bool ta_value_equal(const struct ta_value *a, const struct ta_value *b, uint64_t *steps)
{
	if (*steps == 0)
		return false;
	--*steps;
	if (ta_kind_is_number(a->kind) && ta_kind_is_number(b->kind))
		return order_numbers(a, b) == 0;
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case TA_NULL:
		return true;
	case TA_BOOL:
		return a->as.boolean == b->as.boolean;
	case TA_STRING:
	case TA_BYTES:
		return same_text(a, b);
	case TA_TYPE:
		return a->as.type == b->as.type;
	case TA_LIST:
		return equal_lists(a, b, steps);
	case TA_MAP:
		return equal_maps(a, b, steps);
	default:
		return false;
	}
}

/* UTF-8 was made so that the order of its bytes is that of the code points. */
static int order_text(const struct ta_value *a, const struct ta_value *b)
{
	size_t common = a->as.str.len < b->as.str.len ? a->as.str.len : b->as.str.len;
	int order = common ? memcmp(a->as.str.ptr, b->as.str.ptr, common) : 0;

	if (order)
		return order < 0 ? -1 : 1;
	return order_u64(a->as.str.len, b->as.str.len);
}

bool ta_value_order(const struct ta_value *a, const struct ta_value *b, int *ret)
{
	if (ta_kind_is_number(a->kind) && ta_kind_is_number(b->kind))
		*ret = order_numbers(a, b);
	else if (a->kind != b->kind)
		return false;
	else if (a->kind == TA_BOOL)
		*ret = a->as.boolean - b->as.boolean;
	else if (a->kind == TA_STRING || a->kind == TA_BYTES)
		*ret = order_text(a, b);
	else
		return false;
	return true;
}
