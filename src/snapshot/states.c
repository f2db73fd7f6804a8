/* states.c - see states.h.
 *
 * An importer looks up a word a line, so the spellings are folded once and kept sorted. */
#include "snapshot/states.h"

#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "snapshot/catalogue.h"

enum { MAX_SPELLING = 24 }; /* "tcpboundinactive" and its NUL */

struct spelling {
	char folded[MAX_SPELLING];
	const struct ta_state *state;
};

struct catalogue {
	json_t *root;
	struct ta_state *states;
	size_t count;
	struct spelling *spellings; /* in the order of strcmp() */
	size_t spelling_count;
};

static _Atomic(void *) published;

static void catalogue_free(void *loaded)
{
	struct catalogue *catalogue = loaded;

	if (!catalogue)
		return;
	json_decref(catalogue->root);
	free(catalogue->states);
	free(catalogue->spellings);
	free(catalogue);
}

TA_DEFINE_AUTO(struct catalogue, catalogue_free)

/* Lower case without '-', '_' and blanks; false when it is longer than any spelling. ASCII only:
 * the result must not depend on the locale. */
static bool fold(const char *word, size_t len, char folded[MAX_SPELLING])
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		char c = word[i];

		if (c == '-' || c == '_' || c == ' ' || c == '\t')
			continue;
		if (n == MAX_SPELLING - 1 || c == '\0')
			return false;
		folded[n++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	folded[n] = '\0';
	return true;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct spelling *)a)->folded, ((const struct spelling *)b)->folded);
}

static bool add_spelling(struct catalogue *catalogue, const struct ta_state *state,
			 const json_t *word, struct ta_error *err)
{
	struct spelling *spelling = &catalogue->spellings[catalogue->spelling_count];

	if (!json_is_string(word) ||
	    !fold(json_string_value(word), json_string_length(word), spelling->folded))
		return ta_fail(err, TA_E_INPUT, "states.json: a bad spelling of %s", state->name);
	spelling->state = state;
	catalogue->spelling_count++;
	return true;
}

/* How many words the spellings of a state have, its key and name included. */
static size_t count_words(const json_t *facts)
{
	size_t words = 2;
	size_t i;
	json_t *place;

	json_array_foreach (json_object_get(facts, "spellings"), i, place)
		words += json_array_size(json_object_get(place, "words"));
	return words;
}

static bool add_state(struct catalogue *catalogue, const json_t *facts, struct ta_error *err)
{
	const json_t *name = json_object_get(facts, "name");
	const json_t *key = json_object_get(facts, "key");
	struct ta_state *state = &catalogue->states[catalogue->count++];
	size_t i, j;
	json_t *place, *word;

	if (!json_is_string(name) || !json_is_string(key))
		return ta_fail(err, TA_E_INPUT, "states.json: a state without a name");
	state->name = json_string_value(name);
	state->key = json_string_value(key);
	state->number = (unsigned)json_integer_value(json_object_get(facts, "linux"));
	state->facts = facts;
	if (!add_spelling(catalogue, state, name, err) || !add_spelling(catalogue, state, key, err))
		return false;
	json_array_foreach (json_object_get(facts, "spellings"), i, place)
		json_array_foreach (json_object_get(place, "words"), j, word)
			if (!add_spelling(catalogue, state, word, err))
				return false;
	return true;
}

static bool make_rows(struct catalogue *catalogue, struct ta_error *err)
{
	const json_t *list = json_object_get(catalogue->root, "states");
	size_t words = 0;
	size_t i;
	json_t *facts;

	json_array_foreach (list, i, facts)
		words += count_words(facts);
	catalogue->states = calloc(json_array_size(list) + 1, sizeof(*catalogue->states));
	catalogue->spellings = calloc(words + 1, sizeof(*catalogue->spellings));
	if (!catalogue->states || !catalogue->spellings)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	json_array_foreach (list, i, facts)
		if (!add_state(catalogue, facts, err))
			return false;
	qsort(catalogue->spellings, catalogue->spelling_count, sizeof(*catalogue->spellings),
	      compare);
	return true;
}

static void *load(struct ta_error *err)
{
	ta_auto(catalogue_free_p) struct catalogue *catalogue = calloc(1, sizeof(*catalogue));

	if (!catalogue) {
		ta_fail(err, TA_E_NOMEM, "out of memory");
		return NULL;
	}
	catalogue->root = ta_catalogue_parse("states.json", err);
	if (!catalogue->root || !make_rows(catalogue, err))
		return NULL;
	return TA_TAKE(catalogue);
}

static const struct catalogue *get(struct ta_error *err)
{
	return ta_catalogue_get(&published, load, catalogue_free, err);
}

const struct ta_state *ta_states(size_t *ret_count, struct ta_error *err)
{
	const struct catalogue *catalogue = get(err);

	if (!catalogue)
		return NULL;
	*ret_count = catalogue->count;
	return catalogue->states;
}

const struct ta_state *ta_state_find(const char *spelling, size_t len)
{
	const struct catalogue *catalogue = get(NULL);
	const struct spelling *found;
	struct spelling wanted = { 0 };

	if (!catalogue || !fold(spelling, len, wanted.folded))
		return NULL;
	found = bsearch(&wanted, catalogue->spellings, catalogue->spelling_count,
			sizeof(*catalogue->spellings), compare);
	return found ? found->state : NULL;
}
