/* shape.c - see shape.h. Each node of the schema is a row of an array, found by its number; so what
 * a document costs is one lookup a member and a comparison or two a value. */
#include "base/shape.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/macros.h"
#include "base/schema.h"

#define TWO_TO_63 9223372036854775808.0

enum { NONE = -1 };

struct node {
	unsigned types;        /* bits of json_type; all when the schema does not say */
	bool is_number;        /* integers are made reals */
	bool is_integral;      /* reals may not have a fraction */
	const json_t *minimum; /* or NULL, as the rest */
	const json_t *choices; /* enum */
	const char *constant;
	const json_t *required;
	json_t *members; /* properties: name -> number of the node; owned */
	int others;      /* additionalProperties */
	int items;
};

struct ta_shape {
	const json_t *schema;
	struct node *nodes;
	size_t count, size;
	json_t *known; /* while it is made: $ref -> number of its node */
};

/* ---- compiling --------------------------------------------------------------------- */

#define BIT(type) (1u << (type))

static const struct {
	const char *name;
	unsigned types;
} type_names[] = {
	{ "object", BIT(JSON_OBJECT) },
	{ "array", BIT(JSON_ARRAY) },
	{ "string", BIT(JSON_STRING) },
	{ "integer", BIT(JSON_INTEGER) | BIT(JSON_REAL) },
	{ "number", BIT(JSON_INTEGER) | BIT(JSON_REAL) },
	{ "boolean", BIT(JSON_TRUE) | BIT(JSON_FALSE) },
	{ "null", BIT(JSON_NULL) },
};

static int compile(struct ta_shape *shape, const json_t *schema);

static bool add_type(struct node *node, const char *name)
{
	for (size_t i = 0; name && i < TA_ARRAY_SIZE(type_names); i++) {
		if (strcmp(type_names[i].name, name) != 0)
			continue;
		node->types |= type_names[i].types;
		node->is_number |= strcmp(name, "number") == 0;
		node->is_integral |= strcmp(name, "integer") == 0;
		return true;
	}
	return false;
}

static bool take_type(struct ta_shape *shape, int number, const json_t *types)
{
	struct node *node = &shape->nodes[number];
	size_t i;
	json_t *type;

	node->types = 0;
	if (json_is_string(types))
		return add_type(node, json_string_value(types));
	json_array_foreach (types, i, type)
		if (!add_type(node, json_string_value(type)))
			return false;
	return json_array_size(types) && !(node->is_number && node->is_integral);
}

static bool take_enum(struct ta_shape *shape, int number, const json_t *choices)
{
	size_t i;
	json_t *choice;

	json_array_foreach (choices, i, choice)
		if (!json_is_string(choice))
			return false;
	shape->nodes[number].choices = choices;
	return true;
}

static bool take_const(struct ta_shape *shape, int number, const json_t *constant)
{
	shape->nodes[number].constant = json_string_value(constant);
	return json_is_string(constant);
}

static bool take_minimum(struct ta_shape *shape, int number, const json_t *minimum)
{
	shape->nodes[number].minimum = minimum;
	return json_is_number(minimum);
}

static bool take_required(struct ta_shape *shape, int number, const json_t *required)
{
	shape->nodes[number].required = required;
	return true;
}

static bool take_properties(struct ta_shape *shape, int number, const json_t *properties)
{
	json_t *members = json_object();
	const char *name;
	json_t *schema;

	shape->nodes[number].members = members;
	json_object_foreach ((json_t *)(uintptr_t)properties, name, schema) {
		int member = compile(shape, schema);

		if (member == NONE || json_object_set_new(members, name, json_integer(member)) < 0)
			return false;
	}
	return members;
}

static bool take_others(struct ta_shape *shape, int number, const json_t *schema)
{
	int others = json_is_object(schema) ? compile(shape, schema) : NONE;

	shape->nodes[number].others = others;
	return json_is_boolean(schema) || others != NONE;
}

static bool take_items(struct ta_shape *shape, int number, const json_t *schema)
{
	int items = compile(shape, schema);

	shape->nodes[number].items = items;
	return items != NONE;
}

/* Words for people, and what is found by other ways. */
static bool take_nothing(struct ta_shape *shape, int number, const json_t *value)
{
	(void)shape;
	(void)number;
	(void)value;
	return true;
}

static const struct {
	const char *name;
	bool (*take)(struct ta_shape *shape, int number, const json_t *value);
} keywords[] = {
	{ "type", take_type },
	{ "minimum", take_minimum },
	{ "properties", take_properties },
	{ "additionalProperties", take_others },
	{ "items", take_items },
	{ "required", take_required },
	{ "enum", take_enum },
	{ "const", take_const },
	{ "title", take_nothing },
	{ "description", take_nothing },
	{ "$schema", take_nothing },
	{ "$id", take_nothing },
	{ "$defs", take_nothing },
};

static bool take_keyword(struct ta_shape *shape, int number, const char *name, const json_t *value)
{
	if (strncmp(name, "x-", 2) == 0)
		return true;
	for (size_t i = 0; i < TA_ARRAY_SIZE(keywords); i++)
		if (strcmp(keywords[i].name, name) == 0)
			return keywords[i].take(shape, number, value);
	return false;
}

static int add_node(struct ta_shape *shape)
{
	if (!ta_array_room(&shape->nodes, shape->count, &shape->size, sizeof(*shape->nodes)))
		return NONE;
	shape->nodes[shape->count] = (struct node){ .types = ~0u, .others = NONE, .items = NONE };
	return (int)shape->count++;
}

static int compile_node(struct ta_shape *shape, const json_t *schema, const char *ref)
{
	int number = add_node(shape);
	const char *name;
	json_t *value;

	if (number == NONE || !json_is_object(schema) ||
	    (ref && json_object_set_new(shape->known, ref, json_integer(number)) < 0))
		return NONE;
	json_object_foreach ((json_t *)(uintptr_t)schema, name, value)
		if (!take_keyword(shape, number, name, value))
			return NONE;
	return number;
}

static int compile(struct ta_shape *shape, const json_t *schema)
{
	const char *ref = json_string_value(json_object_get(schema, "$ref"));
	const json_t *known = ref ? json_object_get(shape->known, ref) : NULL;

	if (known)
		return (int)json_integer_value(known);
	return compile_node(shape, ta_schema_deref(shape->schema, schema), ref);
}

struct ta_shape *ta_shape_new(const json_t *schema)
{
	struct ta_shape *shape = calloc(1, sizeof(*shape));
	int root;

	if (!shape)
		return NULL;
	shape->schema = schema;
	shape->known = json_object();
	root = compile(shape, schema);
	json_decref(shape->known);
	shape->known = NULL;
	return root == NONE ? ta_shape_free(shape) : shape;
}

struct ta_shape *ta_shape_free(struct ta_shape *shape)
{
	if (!shape)
		return NULL;
	for (size_t i = 0; i < shape->count; i++)
		json_decref(shape->nodes[i].members);
	free(shape->nodes);
	free(shape);
	return NULL;
}

/* ---- fitting ----------------------------------------------------------------------- */

static bool is_choice(const json_t *choices, const char *text)
{
	size_t i;
	json_t *choice;

	json_array_foreach (choices, i, choice)
		if (text && strcmp(json_string_value(choice), text) == 0)
			return true;
	return false;
}

static bool is_integral(double real)
{
	return real >= -TWO_TO_63 && real < TWO_TO_63 && real == (double)(json_int_t)real;
}

static bool fits_number(const struct node *node, const json_t *value)
{
	double real = json_number_value(value);

	return (!node->minimum || real >= json_number_value(node->minimum)) &&
	       (!node->is_integral || json_is_integer(value) || is_integral(real));
}

static bool fits_string(const struct node *node, const char *text)
{
	return (!node->choices || is_choice(node->choices, text)) &&
	       (!node->constant || strcmp(node->constant, text) == 0);
}

static bool fit(const struct ta_shape *shape, int number, json_t *value);

static bool fit_elements(const struct ta_shape *shape, const struct node *node, json_t *list)
{
	size_t i;
	json_t *element;

	if (node->items == NONE)
		return true;
	json_array_foreach (list, i, element)
		if (!fit(shape, node->items, element))
			return false;
	return true;
}

static int node_of_member(const struct node *node, const char *name, size_t len)
{
	const json_t *number = json_object_getn(node->members, name, len);

	return number ? (int)json_integer_value(number) : node->others;
}

/* The value of an existing key: a walk over the object stays valid. */
static bool make_real(json_t *object, const char *name, const json_t *value)
{
	return json_object_set_new_nocheck(object, name,
					   json_real((double)json_integer_value(value))) == 0;
}

static bool fit_members(const struct ta_shape *shape, const struct node *node, json_t *object)
{
	for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
		const char *name = json_object_iter_key(at);
		int number = node_of_member(node, name, json_object_iter_key_len(at));
		json_t *value = json_object_iter_value(at);

		if (number == NONE)
			continue;
		if (!fit(shape, number, value))
			return false;
		if (shape->nodes[number].is_number && json_is_integer(value) &&
		    !make_real(object, name, value))
			return false;
	}
	return true;
}

static bool has_all(const json_t *names, const json_t *object)
{
	size_t i;
	json_t *name;

	json_array_foreach (names, i, name)
		if (!json_object_get(object, json_string_value(name)))
			return false;
	return true;
}

static bool fit(const struct ta_shape *shape, int number, json_t *value)
{
	const struct node *node = &shape->nodes[number];

	if (!(node->types & BIT(json_typeof(value))))
		return false;
	switch (json_typeof(value)) {
	case JSON_INTEGER:
	case JSON_REAL:
		return !node->choices && !node->constant && fits_number(node, value);
	case JSON_STRING:
		return fits_string(node, json_string_value(value));
	case JSON_ARRAY:
		return !node->choices && !node->constant && fit_elements(shape, node, value);
	case JSON_OBJECT:
		return !node->choices && !node->constant && has_all(node->required, value) &&
		       fit_members(shape, node, value);
	default:
		return !node->choices && !node->constant;
	}
}

bool ta_shape_fit(const struct ta_shape *shape, json_t *document)
{
	return fit(shape, 0, document);
}
