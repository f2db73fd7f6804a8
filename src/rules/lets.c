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

	while (at < len && text[at] != quote)
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

/* ---- the expressions of a rule ------------------------------------------------------ */

/* The holes of a text, "{{...}}". */
static void visit_holes(const char *text, ta_expression_visit *visit, void *ctx)
{
	const char *open, *close;

	for (open = strstr(text, "{{"); open; open = strstr(close, "{{")) {
		close = strstr(open, "}}");
		if (!close)
			return;
		visit(ctx, open + 2, (size_t)(close - open) - 2);
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

/* The limit of a fix is an object of texts, that of a figure an expression. */
static bool is_expression_of(const char *member, const json_t *value)
{
	return holds_expressions(member) &&
	       !(strcmp(member, "limit") == 0 && json_is_object(value));
}

static void visit_part(const json_t *part, bool is_expression, ta_expression_visit *visit,
		       void *ctx)
{
	const char *key;
	json_t *child;
	size_t i;

	if (json_is_string(part) && is_expression)
		visit(ctx, json_string_value(part), json_string_length(part));
	else if (json_is_string(part))
		visit_holes(json_string_value(part), visit, ctx);
	json_array_foreach (part, i, child)
		visit_part(child, is_expression, visit, ctx);
	json_object_foreach ((json_t *)(uintptr_t)part, key, child)
		visit_part(child, is_expression || is_expression_of(key, child), visit, ctx);
}

void ta_each_expression_but_lets(const json_t *rule, ta_expression_visit *visit, void *ctx)
{
	const char *member;
	json_t *part;

	json_object_foreach ((json_t *)(uintptr_t)rule, member, part)
		if (strcmp(member, "let") != 0)
			visit_part(part, holds_expressions(member), visit, ctx);
}

/* ---- what a rule needs ------------------------------------------------------------- */

enum { MAX_NAME = 512 };

const char *ta_let_find(const json_t *lets, struct ta_slice name)
{
	char key[MAX_NAME];

	if (name.len >= sizeof(key))
		return NULL;
	memcpy(key, name.data, name.len);
	key[name.len] = '\0';
	return json_object_iter_key(json_object_iter_at((json_t *)(uintptr_t)lets, key));
}

struct need {
	const json_t *shared; /* the pack's lets */
	json_t *named;        /* those of them that an expression names, as keys */
	bool failed;          /* memory ran out */
};

static void note_named(void *ctx, const char *expression, size_t len)
{
	struct need *need = ctx;
	struct ta_slice variable;
	size_t at = 0;

	while (ta_next_variable(expression, len, &at, &variable)) {
		const char *name = ta_let_find(need->shared, variable);

		if (name && !ta_json_set(need->named, name, json_true()))
			need->failed = true;
	}
}

/* Adds those of the pack's lets that are named. Whether there were any: they may name others. */
static bool add_named(json_t *lets, struct need *need)
{
	bool added = false;
	const char *name;
	json_t *value;

	json_object_foreach ((json_t *)(uintptr_t)need->shared, name, value) {
		if (json_object_get(lets, name) || !json_object_get(need->named, name))
			continue;
		if (json_object_set(lets, name, value) < 0)
			need->failed = true;
		visit_part(value, true, note_named, need);
		added = true;
	}
	return added && !need->failed;
}

/* The rule's own lets are in lets; adds those of the pack that it needs. */
static bool add_needed(json_t *lets, const json_t *shared, const json_t *rule)
{
	ta_auto(json_decref_p) json_t *named = json_object();
	struct need need = { shared, named, !named };

	if (json_object_size(shared) == 0)
		return true;
	visit_part(rule, false, note_named, &need);
	while (!need.failed && add_named(lets, &need))
		;
	return !need.failed;
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
