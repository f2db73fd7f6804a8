/* lets.c - see lets.h. */
#include "rules/lets.h"

#include <string.h>

#include "base/macros.h"

static bool is_word(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
	       ch == '_';
}

static size_t skip_quoted(const char *text, size_t len)
{
	size_t i = 1;

	while (i < len && text[i] != text[0])
		i += text[i] == '\\' && i + 1 < len ? 2 : 1;
	return i < len ? i + 1 : len;
}

static bool names(const char *text, size_t text_len, const char *name)
{
	const char *end = text + text_len;
	size_t len = strlen(name);
	char before = ' ';

	while (text < end) {
		size_t n = 0;

		if (*text == '"' || *text == '\'') {
			text += skip_quoted(text, (size_t)(end - text));
			before = '"';
			continue;
		}
		while (text + n < end && is_word(text[n]))
			n++;
		if (n == len && before != '.' && memcmp(text, name, len) == 0)
			return true;
		n = n ? n : 1;
		if (text[n - 1] != ' ')
			before = text[n - 1];
		text += n;
	}
	return false;
}

bool ta_names_variable(const char *expression, const char *name)
{
	return names(expression, strlen(expression), name);
}

/* ---- what a rule needs ------------------------------------------------------------- */

/* Whether a hole of the text, "{{...}}", names the variable. */
static bool text_names(const char *text, const char *name)
{
	const char *open, *close;

	for (open = strstr(text, "{{"); open; open = strstr(close, "{{")) {
		close = strstr(open, "}}");
		if (!close)
			break;
		if (names(open + 2, (size_t)(close - open) - 2, name))
			return true;
	}
	return false;
}

/* Members whose strings are expressions, wherever in a rule they stand; the others are texts. */
static bool holds_expressions(const char *member)
{
	static const char *const members[] = { "applies", "where", "rank",     "when",
					       "value",   "limit", "for_each", "let" };

	for (size_t i = 0; i < TA_ARRAY_SIZE(members); i++)
		if (strcmp(members[i], member) == 0)
			return true;
	return false;
}

static bool part_names(const json_t *part, bool is_expression, const char *name)
{
	const char *key;
	json_t *child;
	size_t i;

	if (json_is_string(part))
		return is_expression ? ta_names_variable(json_string_value(part), name)
				     : text_names(json_string_value(part), name);
	json_array_foreach (part, i, child)
		if (part_names(child, is_expression, name))
			return true;
	json_object_foreach ((json_t *)part, key, child)
		if (part_names(child, is_expression || holds_expressions(key), name))
			return true;
	return false;
}

static bool is_needed(const json_t *rule, const json_t *lets, const char *name)
{
	return !json_object_get(lets, name) &&
	       (part_names(rule, false, name) || part_names(lets, true, name));
}

json_t *ta_lets_of(const json_t *pack, const json_t *rule)
{
	const json_t *own = json_object_get(rule, "let"), *shared = json_object_get(pack, "let");
	json_t *lets = json_is_object(own) ? json_copy((json_t *)own) : json_object();
	bool again = json_is_object(shared);
	const char *name;
	json_t *value;

	while (lets && again) {
		again = false;
		json_object_foreach ((json_t *)shared, name, value) {
			if (!is_needed(rule, lets, name))
				continue;
			again = true; /* it may need others */
			if (json_object_set(lets, name, value) < 0) {
				json_decref(lets);
				return NULL;
			}
		}
	}
	return lets;
}
