/* words.h - rules that are in the book by their index only: each is compiled when its turn comes
 * and freed behind it, so that one takes the memory of the other, and those that fire are read and
 * compiled with all their words. All that belongs to one evaluation: the book never changes. */
#ifndef RULES_WORDS_H
#define RULES_WORDS_H

#include "rules/compile.h"

struct ta_whole; /* a rule with all its words */

struct ta_words {
	struct ta_types *types;            /* of the rules below */
	struct ta_whole *wholes;           /* a slot for each of the book's rules */
	struct ta_compilation compilation; /* of the pack at hand */
};

#define TA_WORDS_INIT ((struct ta_words){ .types = NULL })

/* Compiles a rule that is in the book by its index, but for its words; to be freed before words.
 * NULL with *err when memory ran out. */
struct ta_rule *ta_words_compile(struct ta_words *words, const struct ta_rules *rules,
				 const struct ta_rule *rule, struct ta_error *err);

/* The whole of a rule of the book; lives as long as words. NULL with *err when memory ran out. */
const struct ta_rule *ta_words_find(struct ta_words *words, const struct ta_rules *rules,
				    const struct ta_rule *rule, struct ta_error *err);
void ta_words_done(struct ta_words *words, const struct ta_rules *rules);

#endif
