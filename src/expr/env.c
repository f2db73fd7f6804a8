/* env.c - see expr.h. */
#include "expr/env.h"

#include <stdlib.h>
#include <string.h>

#include "base/macros.h"

struct ta_env *ta_env_new(void)
{
	return calloc(1, sizeof(struct ta_env));
}

void ta_env_cut(struct ta_env *env, size_t count)
{
	while (env->count > count)
		free(env->items[--env->count].name);
}

struct ta_env *ta_env_free(struct ta_env *env)
{
	if (env) {
		ta_env_cut(env, 0);
		free(env->items);
		free(env);
	}
	return NULL;
}

size_t ta_env_size(const struct ta_env *env)
{
	return env->count;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_keyword(const char *word, size_t len)
{
	static const char *const words[] = {
		"true",     "false",     "null",    "in",       "as",  "break",  "const",
		"continue", "else",      "for",     "function", "if",  "import", "let",
		"loop",     "namespace", "package", "return",   "var", "void",   "while",
	};

	for (size_t i = 0; i < TA_ARRAY_SIZE(words); i++)
		if (strlen(words[i]) == len && memcmp(words[i], word, len) == 0)
			return true;
	return false;
}

/* Identifiers joined by dots. A reserved word may stand behind a dot only. */
static bool is_name(const char *name)
{
	const char *word = name;

	for (;;) {
		size_t len = strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					  "0123456789_");

		if (len == 0 || !is_letter(*word) || (word == name && is_keyword(word, len)))
			return false;
		if (!word[len])
			return true;
		if (word[len] != '.')
			return false;
		word += len + 1;
	}
}

static bool make_room(struct ta_env *env)
{
	size_t size = env->size ? env->size * 2 : 8;
	struct ta_variable *items;

	if (env->count < env->size)
		return true;
	items = realloc(env->items, size * sizeof(*items));
	if (!items)
		return false;
	env->items = items;
	env->size = size;
	return true;
}

bool ta_env_declare(struct ta_env *env, const char *name, const struct ta_type *type,
		    struct ta_error *err)
{
	char *copy;

	if (!is_name(name))
		return ta_fail(err, TA_E_INPUT, "'%s' cannot be a variable's name", name);
	for (size_t i = 0; i < env->count; i++)
		if (strcmp(env->items[i].name, name) == 0)
			return ta_fail(err, TA_E_INPUT, "variable '%s' is declared already", name);
	copy = make_room(env) ? strdup(name) : NULL;
	if (!copy)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	env->items[env->count++] = (struct ta_variable){ copy, strlen(copy), type };
	return true;
}

void ta_env_hide(struct ta_env *env, const char *name)
{
	for (size_t i = 0; i < env->count; i++) {
		if (strcmp(env->items[i].name, name) != 0)
			continue;
		env->items[i].name[0] = '\0';
		env->items[i].name_len = 0;
	}
}
