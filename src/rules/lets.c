/* lets.c - see lets.h. */
#include "rules/lets.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/macros.h"
#include "base/text.h"

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
		while (text + n < end && ta_text_is_word_byte(text[n]))
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
	return strstr(expression, name) && names(expression, strlen(expression), name);
}

/* ---- what a rule needs ------------------------------------------------------------- */

enum { MAX_BYTES = 4 * 1024 * 1024 };

/* All expressions of a rule, one behind the other, a NUL behind each. */
static void add_expression(struct ta_buf *all, const char *text, size_t len)
{
	ta_buf_add(all, text, len);
	ta_buf_char(all, '\0');
}

/* The holes of a text, "{{...}}". */
static void add_holes(struct ta_buf *all, const char *text)
{
	const char *open, *close;

	for (open = strstr(text, "{{"); open; open = strstr(close, "{{")) {
		close = strstr(open, "}}");
		if (!close)
			return;
		add_expression(all, open + 2, (size_t)(close - open) - 2);
	}
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

static void add_part(struct ta_buf *all, const json_t *part, bool is_expression)
{
	const char *key;
	json_t *child;
	size_t i;

	if (json_is_string(part) && is_expression)
		add_expression(all, json_string_value(part), json_string_length(part));
	else if (json_is_string(part))
		add_holes(all, json_string_value(part));
	json_array_foreach (part, i, child)
		add_part(all, child, is_expression);
	json_object_foreach ((json_t *)part, key, child)
		add_part(all, child, is_expression || holds_expressions(key));
}

static bool is_named(const struct ta_buf *all, const char *name)
{
	size_t len;

	if (!all->len || !memmem(all->data, all->len, name, strlen(name)))
		return false; /* nearly always */
	for (size_t at = 0; at < all->len; at += len + 1) {
		len = strlen(all->data + at);
		if (names(all->data + at, len, name))
			return true;
	}
	return false;
}

/* Adds those of the pack's lets that the expressions name; *ret_added says whether there were any:
 * they may name others. */
static bool add_needed(json_t *lets, const json_t *shared, struct ta_buf *all, bool *ret_added)
{
	const char *name;
	json_t *value;

	*ret_added = false;
	json_object_foreach ((json_t *)shared, name, value) {
		if (json_object_get(lets, name) || !is_named(all, name))
			continue;
		if (json_object_set(lets, name, value) < 0)
			return false;
		add_part(all, value, true);
		*ret_added = true;
	}
	return true;
}

json_t *ta_lets_of(const json_t *pack, const json_t *rule)
{
	const json_t *own = json_object_get(rule, "let"), *shared = json_object_get(pack, "let");
	json_t *lets = json_is_object(own) ? ta_json_copy(own) : json_object();
	ta_auto(ta_buf_done) struct ta_buf all = TA_BUF_INIT(MAX_BYTES);
	bool again = json_object_size(shared) > 0, ok = lets != NULL;

	if (again)
		add_part(&all, rule, false);
	while (ok && again)
		ok = add_needed(lets, shared, &all, &again);
	if (ok && ta_buf_ok(&all, NULL))
		return lets;
	json_decref(lets);
	return NULL;
}
