/* json.c - see json.h. */
#include "base/json.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"

const char *ta_json_string(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

const char *ta_json_text(const json_t *object, const char *name)
{
	const char *text = ta_json_string(object, name);

	return text ? text : "";
}

bool ta_json_any_string(const json_t *json, bool (*holds)(const char *string, const char *word),
			const char *word)
{
	const char *name;
	json_t *child;
	size_t i;

	if (json_is_string(json))
		return holds(json_string_value(json), word);
	json_array_foreach (json, i, child)
		if (ta_json_any_string(child, holds, word))
			return true;
	json_object_foreach ((json_t *)json, name, child)
		if (ta_json_any_string(child, holds, word))
			return true;
	return false;
}

bool ta_json_set(json_t *object, const char *name, json_t *value)
{
	return json_object_set_new(object, name, value) == 0;
}

json_t *ta_json_copy(const json_t *object)
{
	json_t *copy = json_copy((json_t *)(uintptr_t)object);

	if (json_object_size(copy) == json_object_size(object))
		return copy;
	json_decref(copy);
	return NULL;
}

size_t ta_json_number_of(json_t *numbers, const char *text)
{
	const json_t *known = json_object_get(numbers, text);
	size_t number = known ? (size_t)json_integer_value(known) : json_object_size(numbers) + 1;

	if (known || json_object_set_new(numbers, text, json_integer((json_int_t)number)) == 0)
		return number;
	return 0;
}
