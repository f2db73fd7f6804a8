/* type.c - see type.h and expr.h. */
#include "expr/type.h"

#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "expr/value.h"

struct field {
	char *name;
	const struct ta_type *type;
};

struct ta_type {
	enum ta_kind kind;
	const struct ta_type *key, *element;
	char *name; /* of an object */
	struct field *fields;
	size_t count, size;
	struct ta_type *next; /* of the pool */
};

struct ta_types {
	struct ta_type *first;
};

#define SCALAR(k) [k] = { .kind = (k) }

static const struct ta_type scalars[TA_KIND_COUNT] = {
	SCALAR(TA_DYN),
	SCALAR(TA_UNBOUND),
	SCALAR(TA_NULL),
	SCALAR(TA_BOOL),
	SCALAR(TA_INT),
	SCALAR(TA_UINT),
	SCALAR(TA_DOUBLE),
	SCALAR(TA_STRING),
	SCALAR(TA_BYTES),
	SCALAR(TA_TYPE),
	/* a list or map without a pool is one of anything */
	[TA_LIST] = { .kind = TA_LIST, .element = &scalars[TA_DYN] },
	[TA_MAP] = { .kind = TA_MAP, .key = &scalars[TA_DYN], .element = &scalars[TA_DYN] },
	[TA_OBJECT] = { .kind = TA_MAP, .key = &scalars[TA_STRING], .element = &scalars[TA_DYN] },
};

static void type_free(struct ta_type *type)
{
	for (size_t i = 0; i < type->count; i++)
		free(type->fields[i].name);
	free(type->fields);
	free(type->name);
	free(type);
}

struct ta_types *ta_types_new(void)
{
	return calloc(1, sizeof(struct ta_types));
}

struct ta_types *ta_types_free(struct ta_types *types)
{
	while (types && types->first) {
		struct ta_type *next = types->first->next;

		type_free(types->first);
		types->first = next;
	}
	free(types);
	return NULL;
}

static struct ta_type *type_new(struct ta_types *types, enum ta_kind kind)
{
	struct ta_type *type = calloc(1, sizeof(*type));

	if (!type)
		return NULL;
	type->kind = kind;
	type->next = types->first;
	types->first = type;
	return type;
}

const struct ta_type *ta_type_scalar(enum ta_kind kind)
{
	return &scalars[kind];
}

const struct ta_type *ta_type_list(struct ta_types *types, const struct ta_type *element)
{
	struct ta_type *type = type_new(types, TA_LIST);

	if (type)
		type->element = element;
	return type;
}

const struct ta_type *ta_type_map(struct ta_types *types, const struct ta_type *key,
				  const struct ta_type *value)
{
	struct ta_type *type = type_new(types, TA_MAP);

	if (type) {
		type->key = key;
		type->element = value;
	}
	return type;
}

struct ta_type *ta_type_object(struct ta_types *types, const char *name)
{
	struct ta_type *type = type_new(types, TA_OBJECT);

	if (!type)
		return NULL;
	type->key = &scalars[TA_STRING];
	type->element = &scalars[TA_DYN];
	type->name = strdup(name);
	return type->name ? type : NULL;
}

static bool make_room(struct ta_type *object)
{
	size_t size = object->size ? object->size * 2 : 8;
	struct field *fields;

	if (object->count < object->size)
		return true;
	fields = realloc(object->fields, size * sizeof(*fields));
	if (!fields)
		return false;
	object->fields = fields;
	object->size = size;
	return true;
}

bool ta_type_field(struct ta_types *types, struct ta_type *object, const char *name,
		   const struct ta_type *type)
{
	char *copy;

	(void)types;
	if (!make_room(object))
		return false;
	copy = strdup(name);
	if (!copy)
		return false;
	object->fields[object->count++] = (struct field){ copy, type };
	return true;
}

enum ta_kind ta_type_kind(const struct ta_type *type)
{
	return type->kind;
}

const struct ta_type *ta_type_element(const struct ta_type *type)
{
	return type->element;
}

const struct ta_type *ta_type_key(const struct ta_type *type)
{
	return type->key;
}

const struct ta_type *ta_type_get_n(const struct ta_type *object, const char *field, size_t len)
{
	for (size_t i = 0; i < object->count; i++)
		if (strlen(object->fields[i].name) == len &&
		    memcmp(object->fields[i].name, field, len) == 0)
			return object->fields[i].type;
	return NULL;
}

const struct ta_type *ta_type_get(const struct ta_type *object, const char *field)
{
	return ta_type_get_n(object, field, strlen(field));
}

void ta_type_name(const struct ta_type *type, char *buf, size_t size)
{
	char key[64], element[128];

	if (size == 0)
		return;
	buf[0] = '\0';
	if (type->kind == TA_LIST) {
		ta_type_name(type->element, element, sizeof(element));
		snprintf(buf, size, "list(%s)", element);
	} else if (type->kind == TA_MAP) {
		ta_type_name(type->key, key, sizeof(key));
		ta_type_name(type->element, element, sizeof(element));
		snprintf(buf, size, "map(%s, %s)", key, element);
	} else if (type->kind == TA_OBJECT) {
		snprintf(buf, size, "%s", type->name);
	} else {
		snprintf(buf, size, "%s",
			 type->kind == TA_NULL ? "null" : ta_kind_name(type->kind));
	}
}

static bool same(const struct ta_type *a, const struct ta_type *b)
{
	if (a == b)
		return true;
	if (a->kind != b->kind || a->kind == TA_OBJECT)
		return false;
	if (a->kind == TA_LIST)
		return same(a->element, b->element);
	if (a->kind == TA_MAP)
		return same(a->key, b->key) && same(a->element, b->element);
	return true;
}

const struct ta_type *ta_type_join(const struct ta_type *a, const struct ta_type *b)
{
	return same(a, b) ? a : &scalars[TA_DYN];
}

static enum ta_kind value_kind(const struct ta_type *type)
{
	return type->kind == TA_OBJECT ? TA_MAP : type->kind;
}

bool ta_type_comparable(const struct ta_type *a, const struct ta_type *b)
{
	if (a->kind == TA_DYN || b->kind == TA_DYN)
		return true;
	if (ta_kind_is_number(a->kind) && ta_kind_is_number(b->kind))
		return true;
	if (value_kind(a) != value_kind(b))
		return false;
	if (a->kind == TA_LIST)
		return ta_type_comparable(a->element, b->element);
	if (a->kind == TA_MAP && b->kind == TA_MAP)
		return ta_type_comparable(a->key, b->key) &&
		       ta_type_comparable(a->element, b->element);
	return true;
}

void ta_type_offer_fields(const struct ta_type *object, struct ta_nearest *nearest)
{
	for (size_t i = 0; i < object->count; i++)
		ta_nearest_offer(nearest, object->fields[i].name);
}

bool ta_type_list_fields(const struct ta_type *object, char *buf, size_t size)
{
	size_t len = 0;

	for (size_t i = 0; i < object->count; i++) {
		size_t n = strlen(object->fields[i].name) + (i > 0 ? 2 : 0);

		if (n >= size - len)
			return false;
		snprintf(buf + len, size - len, "%s%s", i > 0 ? ", " : "", object->fields[i].name);
		len += n;
	}
	return object->count > 0;
}
