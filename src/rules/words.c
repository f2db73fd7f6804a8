/* words.c - see words.h. What it reads was compiled in and has no mistakes (rules check, a test).
 */
#include "rules/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/resource.h"
#include "rules/compile.h"

static bool no_memory(struct ta_error *err)
{
	return ta_fail(err, TA_E_NOMEM, "out of memory");
}

static bool prepare(struct ta_words *words, const struct ta_rules *rules, struct ta_error *err)
{
	if (words->sources)
		return true;
	words->sources = calloc(rules->pack_count, sizeof(*words->sources));
	words->rules = calloc(rules->rule_count, sizeof(*words->rules));
	words->types = ta_types_new();
	return (words->sources && words->rules && words->types) || no_memory(err);
}

/* The whole text of a pack that was compiled in. */
static const struct ta_source *find_source(struct ta_words *words, const struct ta_rules *rules,
					   const struct ta_pack *pack, struct ta_mistakes *mistakes)
{
	const char *name = pack->source->name + strlen(TA_BUILTIN_PREFIX);
	const struct ta_resource *text = ta_resource_find(name);
	struct ta_source **slot = &words->sources[pack - rules->packs];

	if (!*slot && text)
		*slot = ta_source_new(pack->source->name, text->data, text->size, mistakes);
	return *slot;
}

static const json_t *find_json(const struct ta_source *source, const char *id, char *ret_pointer,
			       size_t size)
{
	size_t i;
	json_t *json;

	json_array_foreach (json_object_get(source->json, "rules"), i, json) {
		snprintf(ret_pointer, size, "/rules/%zu", i);
		if (strcmp(json_string_value(json_object_get(json, "id")), id) == 0)
			return json;
	}
	return NULL;
}

static struct ta_rule *make_whole(struct ta_words *words, const struct ta_rules *rules,
				  const struct ta_rule *rule)
{
	struct ta_mistakes mistakes = { .text = TA_BUF_INIT(4096) };
	const struct ta_source *source = find_source(words, rules, rule->pack, &mistakes);
	struct ta_compilation compilation = { .vocabulary = &rules->vocabulary,
					      .types = words->types,
					      .source = source,
					      .mistakes = &mistakes };
	char pointer[64];
	const json_t *json = source ? find_json(source, rule->id, pointer, sizeof(pointer)) : NULL;
	struct ta_rule *whole = NULL;

	if (json)
		whole = ta_rule_new(&compilation, rule->pack, pointer, json);
	if (mistakes.count) /* nothing but memory can be wrong */
		whole = ta_rule_free(whole);
	ta_buf_done(&mistakes.text);
	return whole;
}

const struct ta_rule *ta_words_find(struct ta_words *words, const struct ta_rules *rules,
				    const struct ta_rule *rule, struct ta_error *err)
{
	struct ta_rule **slot;

	if (!prepare(words, rules, err))
		return NULL;
	slot = &words->rules[ta_rules_place(rules, rule->id)];
	if (!*slot)
		*slot = make_whole(words, rules, rule);
	if (!*slot)
		no_memory(err);
	return *slot;
}

void ta_words_done(struct ta_words *words, const struct ta_rules *rules)
{
	for (size_t i = 0; words->rules && i < rules->rule_count; i++)
		ta_rule_free(words->rules[i]);
	for (size_t i = 0; words->sources && i < rules->pack_count; i++)
		ta_source_free(words->sources[i]);
	free(words->rules);
	free(words->sources);
	ta_types_free(words->types);
	*words = TA_WORDS_INIT;
}
