/* words.c - see words.h. Of a pack that was compiled in no more is parsed than the rule that fired:
 * it has the same place in the pack as in its index. What is read here has no mistakes (rules check
 * and a test see to that). */
#include "rules/words.h"

#include <stdlib.h>
#include <string.h>

#include "base/locate.h"
#include "base/resource.h"
#include "rules/compile.h"

struct ta_whole {
	json_t *json; /* the rule borrows from it */
	struct ta_rule *rule;
};

static bool no_memory(struct ta_error *err)
{
	return ta_fail(err, TA_E_NOMEM, "out of memory");
}

static bool prepare(struct ta_words *words, const struct ta_rules *rules, struct ta_error *err)
{
	if (words->wholes)
		return true;
	words->wholes = calloc(rules->rule_count, sizeof(*words->wholes));
	words->types = ta_types_new();
	return (words->wholes && words->types) || no_memory(err);
}

static json_t *read_rule(const struct ta_rule *rule)
{
	const char *name = rule->pack->source->name + strlen(TA_BUILTIN_PREFIX);
	const struct ta_resource *pack = ta_resource_find(name);
	struct ta_location at;

	if (!pack || !ta_json_locate(pack->data, pack->size, rule->pointer, &at))
		return NULL;
	return json_loadb(pack->data + at.value, at.value_len, 0, NULL);
}

/* Rules come pack by pack. */
static void turn_to(struct ta_words *words, const struct ta_rules *rules,
		    const struct ta_source *source, struct ta_mistakes *mistakes)
{
	if (words->compilation.source != source) {
		ta_compilation_done(&words->compilation);
		words->compilation = (struct ta_compilation){ .vocabulary = &rules->vocabulary,
							      .types = words->types,
							      .source = source };
	}
	words->compilation.mistakes = mistakes;
}

static struct ta_rule *compile(struct ta_words *words, const struct ta_rules *rules,
			       const struct ta_rule *rule, const json_t *json)
{
	struct ta_mistakes mistakes = { .text = TA_BUF_INIT(4096) };
	struct ta_rule *compiled;

	turn_to(words, rules, rule->pack->source, &mistakes);
	compiled = ta_rule_new(&words->compilation, rule->pack, rule->pointer, json);
	if (mistakes.count) /* nothing but memory can be wrong */
		compiled = ta_rule_free(compiled);
	words->compilation.mistakes = NULL;
	ta_buf_done(&mistakes.text);
	return compiled;
}

struct ta_rule *ta_words_compile(struct ta_words *words, const struct ta_rules *rules,
				 const struct ta_rule *rule, struct ta_error *err)
{
	struct ta_rule *compiled;

	if (!prepare(words, rules, err))
		return NULL;
	compiled = compile(words, rules, rule, rule->json);
	if (!compiled)
		no_memory(err);
	return compiled;
}

static bool make_whole(struct ta_words *words, const struct ta_rules *rules,
		       const struct ta_rule *rule, struct ta_whole *ret)
{
	ret->json = read_rule(rule);
	if (ret->json)
		ret->rule = compile(words, rules, rule, ret->json);
	return ret->rule != NULL;
}

static void whole_done(struct ta_whole *whole)
{
	ta_rule_free(whole->rule);
	json_decref(whole->json);
	*whole = (struct ta_whole){ 0 };
}

const struct ta_rule *ta_words_find(struct ta_words *words, const struct ta_rules *rules,
				    const struct ta_rule *rule, struct ta_error *err)
{
	struct ta_whole *whole;

	if (!prepare(words, rules, err))
		return NULL;
	whole = &words->wholes[ta_rules_place(rules, rule->id)];
	if (!whole->rule && !make_whole(words, rules, rule, whole)) {
		whole_done(whole);
		no_memory(err);
	}
	return whole->rule;
}

void ta_words_done(struct ta_words *words, const struct ta_rules *rules)
{
	for (size_t i = 0; words->wholes && i < rules->rule_count; i++)
		whole_done(&words->wholes[i]);
	free(words->wholes);
	ta_compilation_done(&words->compilation);
	ta_types_free(words->types);
	*words = TA_WORDS_INIT;
}
