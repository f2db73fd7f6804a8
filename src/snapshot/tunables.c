/* tunables.c - see tunables.h.
 *
 * Two resources: index/tunables.json has what every start of the program needs, and is made from
 * the other when the program is built; tunables.json has all the facts, ten times as much, and is
 * parsed when somebody asks for one. Both have the same entries in the same order. */
#include "snapshot/tunables.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/macros.h"
#include "base/number.h"
#include "base/text.h"
#include "snapshot/catalogue.h"

enum { VALUE_MAX = 1 << 20, NUMBERS_MAX = 64 };

struct catalogue {
	json_t *root;
	struct ta_tunable *items;
	size_t count;
	char *paths; /* all of them, one after the other */
};

static _Atomic(void *) published;
static _Atomic(void *) published_facts; /* json_t *: the document tunables.json */

static void catalogue_free(void *loaded)
{
	struct catalogue *catalogue = loaded;

	if (!catalogue)
		return;
	json_decref(catalogue->root);
	free(catalogue->items);
	free(catalogue->paths);
	free(catalogue);
}

TA_DEFINE_AUTO(struct catalogue, catalogue_free)
TA_DEFINE_AUTO(json_t, json_decref)

static enum ta_tunable_scope scope_of(const json_t *facts)
{
	const char *scope = ta_json_text(facts, "scope");

	if (strcmp(scope, "netns") == 0)
		return TA_TUNABLE_NETNS;
	return strcmp(scope, "host") == 0 ? TA_TUNABLE_HOST : TA_TUNABLE_NONE;
}

static enum ta_tunable_shape shape_of(const json_t *facts)
{
	const char *type = ta_json_text(facts, "type");

	if (strcmp(type, "string") == 0)
		return TA_TUNABLE_STRING;
	return strcmp(type, "range") == 0 || strcmp(type, "triple") == 0 ? TA_TUNABLE_INTS
									 : TA_TUNABLE_INT;
}

/* Writes the key with slashes at *end and moves *end behind its NUL. */
static const char *add_path(char **end, const char *key)
{
	char *path = *end;

	for (; *key; key++)
		*(*end)++ = *key == '.' ? '/' : *key;
	*(*end)++ = '\0';
	return path;
}

/* The catalogue's root is set; makes its rows. */
static bool make_rows(struct catalogue *catalogue, struct ta_error *err)
{
	const json_t *list = json_object_get(catalogue->root, "tunables");
	size_t bytes = 0;
	size_t i;
	json_t *facts;
	char *end;

	json_array_foreach (list, i, facts) {
		if (!*ta_json_text(facts, "key"))
			return ta_fail(err, TA_E_INPUT, "index/tunables.json: entry %zu has no key",
				       i);
		bytes += strlen(ta_json_text(facts, "key")) + 1;
	}
	catalogue->items = calloc(json_array_size(list) + 1, sizeof(*catalogue->items));
	catalogue->paths = end = malloc(bytes + 1);
	if (!catalogue->items || !catalogue->paths)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	json_array_foreach (list, i, facts) {
		struct ta_tunable *tunable = &catalogue->items[catalogue->count++];

		tunable->key = ta_json_text(facts, "key");
		tunable->netns_since = ta_json_text(facts, "netns_since");
		tunable->scope = scope_of(facts);
		tunable->shape = shape_of(facts);
		tunable->path =
			tunable->scope == TA_TUNABLE_NONE ? NULL : add_path(&end, tunable->key);
		tunable->per_netns = tunable->scope == TA_TUNABLE_NETNS &&
				     !strstr(ta_json_text(facts, "child_netns"), "read-only");
		tunable->readable = !json_is_false(json_object_get(facts, "readable"));
	}
	return true;
}

static void *load(struct ta_error *err)
{
	ta_auto(catalogue_free_p) struct catalogue *catalogue = calloc(1, sizeof(*catalogue));

	if (!catalogue) {
		ta_fail(err, TA_E_NOMEM, "out of memory");
		return NULL;
	}
	catalogue->root = ta_catalogue_parse("index/tunables.json", err);
	if (!catalogue->root || !make_rows(catalogue, err))
		return NULL;
	return TA_TAKE(catalogue);
}

static const struct catalogue *get(struct ta_error *err)
{
	return ta_catalogue_get(&published, load, catalogue_free, err);
}

/* Equal but for '/' in the place of '.'. */
static bool is_name(const char *name, const char *key)
{
	for (; *name && *key; name++, key++)
		if (*name != *key && !(*name == '/' && *key == '.'))
			return false;
	return *name == *key;
}

static bool is_alias(const json_t *entry, const char *key)
{
	size_t i;
	json_t *alias;

	json_array_foreach (json_object_get(entry, "aliases"), i, alias)
		if (json_is_string(alias) && is_name(key, json_string_value(alias)))
			return true;
	return false;
}

const struct ta_tunable *ta_tunables(size_t *ret_count, struct ta_error *err)
{
	const struct catalogue *catalogue = get(err);

	if (!catalogue)
		return NULL;
	*ret_count = catalogue->count;
	return catalogue->items;
}

const struct ta_tunable *ta_tunable_find(const char *key)
{
	const struct catalogue *catalogue = get(NULL);

	for (size_t i = 0; catalogue && i < catalogue->count; i++)
		if (is_name(key, catalogue->items[i].key))
			return &catalogue->items[i];
	for (size_t i = 0; catalogue && i < catalogue->count; i++)
		if (is_alias(json_array_get(json_object_get(catalogue->root, "tunables"), i), key))
			return &catalogue->items[i];
	return NULL;
}

static void *load_facts(struct ta_error *err)
{
	return ta_catalogue_parse("tunables.json", err);
}

static void drop_facts(void *facts)
{
	json_decref(facts);
}

const json_t *ta_tunable_facts(const struct ta_tunable *tunable, struct ta_error *err)
{
	const struct catalogue *catalogue = get(err);
	const json_t *all =
		catalogue ? ta_catalogue_get(&published_facts, load_facts, drop_facts, err) : NULL;

	if (!all)
		return NULL;
	return json_array_get(json_object_get(all, "tunables"),
			      (size_t)(tunable - catalogue->items));
}

static bool no_memory(struct ta_error *err)
{
	return ta_fail(err, TA_E_NOMEM, "out of memory");
}

static bool string_value(const char *text, size_t len, json_t **ret, struct ta_error *err)
{
	ta_auto(ta_buf_done) struct ta_buf safe = TA_BUF_INIT(VALUE_MAX);

	while (len && strchr(" \t\n", text[len - 1]))
		len--;
	while (len && strchr(" \t", *text))
		text++, len--;
	ta_text_utf8(&safe, text, len);
	if (!ta_buf_ok(&safe, err))
		return false;
	*ret = json_stringn(ta_buf_cstr(&safe), safe.len);
	return *ret ? true : no_memory(err);
}

/* Fills an empty list with the numbers of the text, which has nothing else. */
static bool add_integers(const char *text, size_t len, json_t *list, struct ta_error *err)
{
	const char *word;
	size_t word_len;

	while (ta_next_word(&text, &len, &word, &word_len)) {
		int64_t n;

		if (!ta_parse_i64(word, word_len, &n) || json_array_size(list) == NUMBERS_MAX)
			return ta_fail(err, TA_E_INPUT, "'%.*s' is no number", (int)word_len, word);
		if (json_array_append_new(list, json_integer(n)) < 0)
			return no_memory(err);
	}
	return true;
}

static bool integers_value(const struct ta_tunable *tunable, const char *text, size_t len,
			   json_t **ret, struct ta_error *err)
{
	ta_auto(json_decref_p) json_t *list = json_array();

	if (!list)
		return no_memory(err);
	if (!add_integers(text, len, list, err))
		return false;
	if (tunable->shape == TA_TUNABLE_INTS && json_array_size(list) > 1)
		*ret = json_incref(list);
	else if (tunable->shape == TA_TUNABLE_INT && json_array_size(list) == 1)
		*ret = json_incref(json_array_get(list, 0));
	else
		return ta_fail(err, TA_E_INPUT, "it has %zu numbers", json_array_size(list));
	return true;
}

bool ta_tunable_value(const struct ta_tunable *tunable, const char *text, size_t len, json_t **ret,
		      struct ta_error *err)
{
	if (tunable->shape == TA_TUNABLE_STRING)
		return string_value(text, len, ret, err);
	return integers_value(tunable, text, len, ret, err);
}
