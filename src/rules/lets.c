/* lets.c - see lets.h. */
#include "rules/lets.h"

#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/text.h"

static size_t skip_quoted(const char *text, size_t len, size_t at)
{
	char quote = text[at++];

	while (at < len && text[at] && text[at] != quote)
		at += text[at] == '\\' && at + 1 < len ? 2 : 1;
	return at < len ? at + 1 : len;
}

static bool is_selector(const char *text, size_t at)
{
	while (at > 0 && text[at - 1] == ' ')
		at--;
	return at > 0 && text[at - 1] == '.';
}

bool ta_next_variable(const char *text, size_t len, size_t *at, struct ta_slice *ret)
{
	while (*at < len) {
		size_t start = *at, end = start;

		if (text[start] == '"' || text[start] == '\'') {
			*at = skip_quoted(text, len, start);
			continue;
		}
		while (end < len && ta_text_is_word_byte(text[end]))
			end++;
		*at = end > start ? end : start + 1;
		if (end > start && !is_selector(text, start)) {
			*ret = ta_slice(text + start, end - start);
			return true;
		}
	}
	return false;
}

bool ta_names_variable(const char *expression, const char *name)
{
	size_t at = 0;
	size_t len = strlen(expression);
	struct ta_slice variable;

	if (!strstr(expression, name))
		return false; /* nearly always */
	while (ta_next_variable(expression, len, &at, &variable))
		if (ta_slice_equals(variable, name))
			return true;
	return false;
}

TA_DEFINE_AUTO(json_t, json_decref)

/* ---- what a rule needs ------------------------------------------------------------- */

enum { MAX_BYTES = 4 * 1024 * 1024, MAX_NAME = 512 };

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

const char *ta_let_find(const json_t *lets, struct ta_slice name)
{
	char key[MAX_NAME];

	if (name.len >= sizeof(key))
		return NULL;
	memcpy(key, name.data, name.len);
	key[name.len] = '\0';
	return json_object_iter_key(json_object_iter_at((json_t *)(uintptr_t)lets, key));
}

/* Notes which of the pack's lets the expressions name. */
static bool note_named(json_t *named, const json_t *shared, const char *expressions, size_t len)
{
	struct ta_slice variable;
	size_t at = 0;
	bool ok = true;

	while (ok && ta_next_variable(expressions, len, &at, &variable)) {
		const char *name = ta_let_find(shared, variable);

		if (name)
			ok = ta_json_set(named, name, json_true());
	}
	return ok;
}

/* Adds those of the pack's lets that are named; *ret_added says whether there were any: they may
 * name others. */
static bool add_named(json_t *lets, const json_t *shared, json_t *named, bool *ret_added)
{
	const char *name;
	json_t *value;
	bool ok = true;

	*ret_added = false;
	json_object_foreach ((json_t *)(uintptr_t)shared, name, value) {
		if (!ok || json_object_get(lets, name) || !json_object_get(named, name))
			continue;
		ok = json_object_set(lets, name, value) == 0 &&
		     note_named(named, shared, json_string_value(value), json_string_length(value));
		*ret_added = true;
	}
	return ok;
}

/* The rule's own lets are in lets; adds those of the pack that it needs. */
static bool add_needed(json_t *lets, const json_t *shared, const json_t *rule)
{
	ta_auto(ta_buf_done) struct ta_buf all = TA_BUF_INIT(MAX_BYTES);
	ta_auto(json_decref_p) json_t *named = json_object();
	bool again = json_object_size(shared) > 0, ok = named != NULL;

	if (ok && again) {
		add_part(&all, rule, false);
		ok = ta_buf_ok(&all, NULL) && note_named(named, shared, all.data, all.len);
	}
	while (ok && again)
		ok = add_named(lets, shared, named, &again);
	return ok;
}

bool ta_expressions_but_lets(const json_t *rule, struct ta_buf *ret)
{
	const char *member;
	json_t *part;

	*ret = TA_BUF_INIT(MAX_BYTES);
	json_object_foreach ((json_t *)(uintptr_t)rule, member, part)
		if (strcmp(member, "let") != 0)
			add_part(ret, part, holds_expressions(member));
	return ta_buf_ok(ret, NULL);
}

json_t *ta_lets_of(const json_t *pack, const json_t *rule)
{
	const json_t *own = json_object_get(rule, "let"), *shared = json_object_get(pack, "let");
	json_t *lets = json_is_object(own) ? ta_json_copy(own) : json_object();

	if (lets && add_needed(lets, shared, rule))
		return lets;
	json_decref(lets);
	return NULL;
}
