/* public.c - see public.h. */
#include "snapshot/public.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/macros.h"
#include "snapshot/catalogue.h"

struct ta_public {
	json_t *root;
	json_t *whole; /* the names of all the lists of whole names; the values say nothing */
};

static _Atomic(void *) published;

static void public_free(void *loaded)
{
	struct ta_public *names = loaded;

	if (!names)
		return;
	json_decref(names->root);
	json_decref(names->whole);
	free(names);
}

TA_DEFINE_AUTO(struct ta_public, public_free)

static bool gather(struct ta_public *names)
{
	static const char *const lists[] = { "programs", "accounts", "units", "folders", "words" };
	size_t i;
	json_t *name;

	names->whole = json_object();
	for (size_t n = 0; n < TA_ARRAY_SIZE(lists); n++)
		json_array_foreach (json_object_get(names->root, lists[n]), i, name)
			if (json_object_set_new(names->whole, json_string_value(name),
						json_true()) < 0)
				return false;
	return names->whole;
}

static void *load(struct ta_error *err)
{
	ta_auto(public_free_p) struct ta_public *names = calloc(1, sizeof(*names));

	if (!names) {
		ta_fail(err, TA_E_NOMEM, "out of memory");
		return NULL;
	}
	names->root = ta_catalogue_parse("public.json", err);
	if (!names->root)
		return NULL;
	if (!gather(names)) {
		ta_fail(err, TA_E_NOMEM, "out of memory");
		return NULL;
	}
	return TA_TAKE(names);
}

const struct ta_public *ta_public(struct ta_error *err)
{
	return ta_catalogue_get(&published, load, public_free, err);
}

static bool has_whole(const struct ta_public *names, struct ta_slice name)
{
	return name.len && json_object_getn(names->whole, name.data, name.len);
}

static bool is_of_number(char c)
{
	return (c >= '0' && c <= '9') || c == '.' || c == '-';
}

bool ta_public_has(const struct ta_public *names, struct ta_slice name)
{
	struct ta_slice stem = name;

	while (stem.len && is_of_number(stem.data[stem.len - 1]))
		stem.len--;
	return has_whole(names, name) || has_whole(names, stem);
}

/* The length of the longest of the list that the word begins with. */
static size_t beginning(const struct ta_public *names, const char *list, struct ta_slice word)
{
	size_t longest = 0;
	size_t i;
	json_t *text;

	json_array_foreach (json_object_get(names->root, list), i, text) {
		size_t len = json_string_length(text);

		if (len > longest && len <= word.len &&
		    memcmp(json_string_value(text), word.data, len) == 0)
			longest = len;
	}
	return longest;
}

size_t ta_public_interface(const struct ta_public *names, struct ta_slice name)
{
	return beginning(names, "interfaces", name);
}

bool ta_public_is_dotted(const struct ta_public *names, struct ta_slice word)
{
	return beginning(names, "dotted", word) > 0;
}

static struct ta_slice ending(const struct ta_public *names, const char *list, struct ta_slice name)
{
	size_t i;
	json_t *text;

	json_array_foreach (json_object_get(names->root, list), i, text) {
		size_t len = json_string_length(text);

		if (len < name.len &&
		    memcmp(json_string_value(text), name.data + name.len - len, len) == 0)
			return ta_slice(name.data + name.len - len, len);
	}
	return ta_slice("", 0);
}

struct ta_slice ta_public_unit_ending(const struct ta_public *names, struct ta_slice name)
{
	return ending(names, "unit_endings", name);
}

struct ta_slice ta_public_file_ending(const struct ta_public *names, struct ta_slice name)
{
	return ending(names, "file_endings", name);
}
