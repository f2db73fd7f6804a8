/* schema.c - see schema.h. One recursive walk; each keyword is a small function and a row. */
#include "base/schema.h"

#include <regex.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

enum { MAX_DEPTH = 64, MAX_POINTER = 4096, MAX_PATTERNS = 8 };

/* A schema has a handful of patterns and a pack hundreds of strings: each is compiled once. */
struct patterns {
	struct {
		const char *source; /* borrowed from the schema */
		regex_t regex;
	} items[MAX_PATTERNS];
	size_t count;
};

struct pointer {
	size_t len;
	char text[MAX_POINTER];
};

struct walk {
	const json_t *root;
	enum ta_schema_strictness strictness;
	ta_schema_report *report;
	void *ctx;
	struct pointer *pointer; /* of the value under judgement */
	struct patterns *patterns;
	int depth;
	size_t mistakes;
};

static void check(struct walk *walk, const json_t *schema, const json_t *value);

static void mistake(struct walk *walk, bool on_key, const char *text, const char *hint)
{
	walk->mistakes++;
	if (walk->report)
		walk->report(walk->ctx, walk->pointer->text, on_key, text, hint);
}

static void add(struct pointer *pointer, char c)
{
	if (pointer->len + 1 == sizeof(pointer->text))
		return; /* who nests names of that length is told the beginning of the place */
	pointer->text[pointer->len++] = c;
	pointer->text[pointer->len] = '\0';
}

/* Steps into a member or element and returns the length to step back to. */
static size_t enter(struct walk *walk, const char *token)
{
	size_t back = walk->pointer->len;

	add(walk->pointer, '/');
	for (; *token; token++) {
		bool escaped = *token == '~' || *token == '/';

		if (escaped)
			add(walk->pointer, '~');
		add(walk->pointer, !escaped ? *token : *token == '~' ? '0' : '1');
	}
	return back;
}

static void leave(struct walk *walk, size_t back)
{
	walk->pointer->len = back;
	walk->pointer->text[back] = '\0';
}

static const char *type_name(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "object";
	case JSON_ARRAY:
		return "array";
	case JSON_STRING:
		return "string";
	case JSON_INTEGER:
		return "integer";
	case JSON_REAL:
		return "number";
	case JSON_TRUE:
	case JSON_FALSE:
		return "boolean";
	case JSON_NULL:
		break;
	}
	return "null";
}

static bool has_type(const json_t *value, const char *type)
{
	const char *own = type_name(value);

	if (strcmp(type, "number") == 0)
		return json_is_number(value);
	if (strcmp(type, "integer") == 0 && json_is_real(value))
		return json_real_value(value) == (double)(json_int_t)json_real_value(value);
	return strcmp(own, type) == 0;
}

/* "string", "integer or array" */
static void type_list(const json_t *types, char *buf, size_t size)
{
	size_t i, used = 0;
	json_t *type;

	if (json_is_string(types)) {
		snprintf(buf, size, "%s", json_string_value(types));
		return;
	}
	buf[0] = '\0';
	json_array_foreach (types, i, type) {
		int n = snprintf(buf + used, size - used, "%s%s", i ? " or " : "",
				 json_string_value(type));

		if (n < 0 || (size_t)n >= size - used)
			return;
		used += (size_t)n;
	}
}

/* types is a name, an array of names, or NULL: any. */
static bool fits_type(const json_t *types, const json_t *value)
{
	size_t i;
	json_t *type;

	if (!types || (json_is_string(types) && has_type(value, json_string_value(types))))
		return true;
	json_array_foreach (types, i, type)
		if (has_type(value, json_string_value(type)))
			return true;
	return false;
}

/* The other keywords suppose that the type is right: false ends the check of this value. */
static bool check_type(struct walk *walk, const json_t *types, const json_t *value)
{
	char expected[128], text[256];

	if (fits_type(types, value))
		return true;
	type_list(types, expected, sizeof(expected));
	snprintf(text, sizeof(text), "expected %s, found %s", expected, type_name(value));
	mistake(walk, false, text, "");
	return false;
}

static bool is_choice(const json_t *choices, const json_t *value)
{
	size_t i;
	json_t *choice;

	json_array_foreach (choices, i, choice)
		if (json_equal(choice, value))
			return true;
	return false;
}

static void check_enum(struct walk *walk, const json_t *choices, const json_t *value)
{
	struct ta_nearest nearest;
	char text[300], hint[200] = "";
	size_t i;
	json_t *choice;
	const char *own = json_string_value(value);

	if (is_choice(choices, value))
		return;
	ta_nearest_start(&nearest, own ? own : "", own ? strlen(own) : 0);
	json_array_foreach (choices, i, choice)
		if (own && json_is_string(choice))
			ta_nearest_offer(&nearest, json_string_value(choice));
	snprintf(text, sizeof(text), "%.200s is none of the %zu values allowed here",
		 own ? own : type_name(value), json_array_size(choices));
	if (ta_nearest_result(&nearest))
		snprintf(hint, sizeof(hint), "did you mean '%s'?", ta_nearest_result(&nearest));
	mistake(walk, false, text, hint);
}

static void check_const(struct walk *walk, const json_t *expected, const json_t *value)
{
	char text[300];

	if (json_equal(expected, value))
		return;
	snprintf(text, sizeof(text), "expected '%.200s'",
		 json_is_string(expected) ? json_string_value(expected) : type_name(expected));
	mistake(walk, false, text, "");
}

static void check_minimum(struct walk *walk, const json_t *minimum, const json_t *value)
{
	char text[128];

	if (!json_is_number(value) || json_number_value(value) >= json_number_value(minimum))
		return;
	snprintf(text, sizeof(text), "%g is below the minimum of %g", json_number_value(value),
		 json_number_value(minimum));
	mistake(walk, false, text, "");
}

static bool matches(struct walk *walk, const char *pattern, const char *text)
{
	struct patterns *known = walk->patterns;
	size_t i = 0;

	while (i < known->count && strcmp(known->items[i].source, pattern) != 0)
		i++;
	if (i == MAX_PATTERNS) { /* make room by forgetting the last */
		i--;
		known->count--;
		regfree(&known->items[i].regex);
	}
	if (i == known->count) {
		if (regcomp(&known->items[i].regex, pattern, REG_EXTENDED | REG_NOSUB) != 0)
			return false;
		known->items[i].source = pattern;
		known->count++;
	}
	return regexec(&known->items[i].regex, text, 0, NULL, 0) == 0;
}

static void check_string(struct walk *walk, const json_t *schema, const json_t *value)
{
	const json_t *pattern = json_object_get(schema, "pattern");
	const json_t *min_length = json_object_get(schema, "minLength");
	char text[300];

	if (min_length && json_integer_value(min_length) > (json_int_t)json_string_length(value))
		mistake(walk, false, "the string is too short", "");
	if (!pattern || matches(walk, json_string_value(pattern), json_string_value(value)))
		return;
	snprintf(text, sizeof(text), "'%.100s' does not match %s", json_string_value(value),
		 json_string_value(pattern));
	mistake(walk, false, text, "");
}

static void check_array(struct walk *walk, const json_t *schema, const json_t *value)
{
	const json_t *items = json_object_get(schema, "items");
	const json_t *least = json_object_get(schema, "minItems");
	char token[32];
	size_t i;
	json_t *element;

	if (least && (json_int_t)json_array_size(value) < json_integer_value(least))
		mistake(walk, false, "the list has too few elements", "");
	if (!items)
		return;
	json_array_foreach (value, i, element) {
		snprintf(token, sizeof(token), "%zu", i);
		size_t back = enter(walk, token);

		check(walk, items, element);
		leave(walk, back);
	}
}

static void check_required(struct walk *walk, const json_t *required, const json_t *value)
{
	char text[128];
	size_t i;
	json_t *name;

	json_array_foreach (required, i, name) {
		if (json_object_get(value, json_string_value(name)))
			continue;
		snprintf(text, sizeof(text), "'%s' is missing", json_string_value(name));
		mistake(walk, false, text, "");
	}
}

static void unknown_member(struct walk *walk, const json_t *properties, const char *name)
{
	struct ta_nearest nearest;
	char text[300], hint[200] = "";
	const char *known;
	json_t *unused;

	ta_nearest_start(&nearest, name, strlen(name));
	json_object_foreach ((json_t *)properties, known, unused)
		ta_nearest_offer(&nearest, known);
	snprintf(text, sizeof(text), "unknown member '%.200s'", name);
	if (ta_nearest_result(&nearest))
		snprintf(hint, sizeof(hint), "did you mean '%s'?", ta_nearest_result(&nearest));
	mistake(walk, true, text, hint);
}

static void check_member(struct walk *walk, const json_t *schema, const char *name,
			 const json_t *value)
{
	const json_t *properties = json_object_get(schema, "properties");
	const json_t *others = json_object_get(schema, "additionalProperties");
	const json_t *names = json_object_get(schema, "propertyNames");
	const json_t *pattern = json_object_get(names, "pattern");
	const json_t *own = json_object_get(properties, name);
	char text[300];

	if (pattern && !matches(walk, json_string_value(pattern), name)) {
		snprintf(text, sizeof(text), "the name '%.100s' does not match %s", name,
			 json_string_value(pattern));
		mistake(walk, true, text, "");
	}
	if (own)
		check(walk, own, value);
	else if (json_is_object(others))
		check(walk, others, value);
	else if (json_is_false(others) && walk->strictness == TA_SCHEMA_CLOSED)
		unknown_member(walk, properties, name);
}

static void check_object(struct walk *walk, const json_t *schema, const json_t *value)
{
	const json_t *least = json_object_get(schema, "minProperties");
	const json_t *most = json_object_get(schema, "maxProperties");
	json_int_t size = (json_int_t)json_object_size(value);
	const char *name;
	json_t *member;

	check_required(walk, json_object_get(schema, "required"), value);
	if ((least && size < json_integer_value(least)) ||
	    (most && size > json_integer_value(most)))
		mistake(walk, false, "the object has too few or too many members", "");
	json_object_foreach ((json_t *)value, name, member) {
		size_t back = enter(walk, name);

		check_member(walk, schema, name, member);
		leave(walk, back);
	}
}

/* Reports the mistakes of the alternative that comes nearest: the one of the right type with
 * the fewest. */
static void check_one_of(struct walk *walk, const json_t *choices, const json_t *value)
{
	const json_t *nearest = NULL;
	size_t i, fewest = SIZE_MAX;
	json_t *choice;

	json_array_foreach (choices, i, choice) {
		struct walk trial = *walk;

		trial.report = NULL;
		trial.mistakes = 0;
		check(&trial, choice, value);
		if (!fits_type(json_object_get(choice, "type"), value))
			trial.mistakes = SIZE_MAX - 1;
		if (trial.mistakes < fewest) {
			fewest = trial.mistakes;
			nearest = choice;
		}
	}
	if (fewest)
		check(walk, nearest, value);
}

static void check(struct walk *walk, const json_t *schema, const json_t *value)
{
	const json_t *part;

	schema = ta_schema_deref(walk->root, schema);
	if (++walk->depth > MAX_DEPTH)
		mistake(walk, false, "nested too deeply", "");
	else if (check_type(walk, json_object_get(schema, "type"), value)) {
		if ((part = json_object_get(schema, "enum")))
			check_enum(walk, part, value);
		if ((part = json_object_get(schema, "const")))
			check_const(walk, part, value);
		if ((part = json_object_get(schema, "minimum")))
			check_minimum(walk, part, value);
		if ((part = json_object_get(schema, "oneOf")))
			check_one_of(walk, part, value);
		if (json_is_string(value))
			check_string(walk, schema, value);
		if (json_is_array(value))
			check_array(walk, schema, value);
		if (json_is_object(value))
			check_object(walk, schema, value);
	}
	walk->depth--;
}

size_t ta_schema_check(const json_t *schema, const json_t *document,
		       enum ta_schema_strictness strictness, ta_schema_report *report, void *ctx)
{
	struct patterns patterns = { .count = 0 };
	struct pointer pointer = { .len = 0 };
	struct walk walk = { .root = schema,
			     .strictness = strictness,
			     .report = report,
			     .ctx = ctx,
			     .patterns = &patterns,
			     .pointer = &pointer };

	check(&walk, schema, document);
	for (size_t i = 0; i < patterns.count; i++)
		regfree(&patterns.items[i].regex);
	return walk.mistakes;
}

const json_t *ta_schema_deref(const json_t *root, const json_t *node)
{
	const char *ref = json_string_value(json_object_get(node, "$ref"));

	if (!ref)
		return node;
	if (strncmp(ref, "#/$defs/", 8) != 0)
		return NULL;
	return json_object_get(json_object_get(root, "$defs"), ref + 8);
}
