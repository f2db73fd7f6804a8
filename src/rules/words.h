/* words.h - the words of rules that are in the book by their index only: read and compiled when
 * such a rule fires. They belong to one evaluation, so that the book itself never changes. */
#ifndef RULES_WORDS_H
#define RULES_WORDS_H

#include "rules/rule.h"

struct ta_whole; /* a rule with all its words */

struct ta_words {
	struct ta_types *types;  /* of the rules below */
	struct ta_whole *wholes; /* a slot for each of the book's rules */
};

#define TA_WORDS_INIT ((struct ta_words){ .types = NULL })

/* The whole of a rule of the book; lives as long as words. NULL with *err when memory ran out. */
const struct ta_rule *ta_words_find(struct ta_words *words, const struct ta_rules *rules,
				    const struct ta_rule *rule, struct ta_error *err);
void ta_words_done(struct ta_words *words, const struct ta_rules *rules);

#endif
