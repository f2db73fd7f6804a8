/* language.c - see language.h. */
#include "base/language.h"

#include <jansson.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/resource.h"
#include "base/text.h"
#include "tcpadvise/language.h"

#define FOLDER "lang/"
#define ENDING ".json"

enum { LANGUAGES_MAX = 32, NAME_MAX_SIZE = 32 };

struct ta_language {
	char name[NAME_MAX_SIZE];
	json_t *messages; /* English -> text */
};

/* A slot for each resource that is a catalogue, in the order of the resources. What is published
 * never changes and is never freed, as the text that it was read from. */
static _Atomic(struct ta_language *) known[LANGUAGES_MAX];

static _Thread_local const struct ta_language *current;

/* ---- which there are --------------------------------------------------------------- */

/* "zh_CN" of "lang/zh_CN.json"; false: no catalogue. */
static bool name_of(const struct ta_resource *resource, char *ret)
{
	size_t skip = strlen(FOLDER), len = strlen(resource->name);

	if (strncmp(resource->name, FOLDER, skip) != 0 ||
	    !ta_text_ends_with(resource->name, ENDING))
		return false;
	len -= skip + strlen(ENDING);
	if (len >= NAME_MAX_SIZE)
		return false;
	memcpy(ret, resource->name + skip, len);
	ret[len] = '\0';
	return true;
}

/* Whether a locale's name ("zh_CN.UTF-8@x", "zh_CN", "zh") asks for this language. */
static bool is_asked(const char *language, const char *locale)
{
	size_t len = strcspn(locale, ".@");

	if (len == strlen(language))
		return strncmp(language, locale, len) == 0;
	return len && strncmp(language, locale, len) == 0 && language[len] == '_';
}

static bool is_english(const char *locale)
{
	return is_asked("en", locale) || strncmp(locale, "en_", 3) == 0 || is_asked("C", locale) ||
	       is_asked("POSIX", locale);
}

void ta_language_choices(char *ret, size_t size)
{
	int len = snprintf(ret, size, "en");
	char name[NAME_MAX_SIZE];

	for (size_t i = 0; i < ta_resource_count && len > 0 && (size_t)len < size; i++)
		if (name_of(&ta_resources[i], name))
			len += snprintf(ret + len, size - (size_t)len, "|%s", name);
}

/* ---- reading ------------------------------------------------------------------------- */

static struct ta_language *drop(struct ta_language *language)
{
	if (language)
		json_decref(language->messages);
	free(language);
	return NULL;
}

static struct ta_language *load(const struct ta_resource *resource, const char *name)
{
	struct ta_language *language = calloc(1, sizeof(*language));
	json_t *document = json_loadb(resource->data, resource->size, 0, NULL);

	if (language) {
		memcpy(language->name, name, sizeof(language->name));
		language->messages = json_incref(json_object_get(document, "messages"));
	}
	json_decref(document);
	return language && language->messages ? language : drop(language);
}

/* Threads that race read one each, all but the first drop theirs. */
static const struct ta_language *get(_Atomic(struct ta_language *) *slot,
				     const struct ta_resource *resource, const char *name)
{
	struct ta_language *there = atomic_load_explicit(slot, memory_order_acquire);
	struct ta_language *mine;

	if (there)
		return there;
	mine = load(resource, name);
	if (!mine || atomic_compare_exchange_strong(slot, &there, mine))
		return mine;
	drop(mine);
	return there;
}

const struct ta_language *ta_language_find(const char *locale)
{
	size_t slot = 0;
	char name[NAME_MAX_SIZE];

	for (size_t i = 0; i < ta_resource_count && slot < LANGUAGES_MAX; i++) {
		if (!name_of(&ta_resources[i], name))
			continue;
		if (is_asked(name, locale))
			return get(&known[slot], &ta_resources[i], name);
		slot++;
	}
	return NULL;
}

const char *ta_language_name(const struct ta_language *language)
{
	return language ? language->name : "en";
}

bool ta_language_is_known(const char *name)
{
	return is_english(name) || ta_language_find(name);
}

bool ta_set_language(const char *name)
{
	if (!ta_language_is_known(name))
		return false;
	ta_language_use(ta_language_find(name));
	return true;
}

/* ---- saying -------------------------------------------------------------------------- */

const char *ta_translate(const struct ta_language *language, const char *message)
{
	const char *text = language ? ta_json_string(language->messages, message) : NULL;

	return text ? text : message;
}

const struct ta_language *ta_language_current(void)
{
	return current;
}

const struct ta_language *ta_language_use(const struct ta_language *language)
{
	const struct ta_language *before = current;

	current = language;
	return before;
}

const char *ta_say(const char *message)
{
	return ta_translate(current, message);
}

const char *ta_say_count(const char *one, const char *many, size_t count)
{
	return ta_say(count == 1 ? one : many);
}
