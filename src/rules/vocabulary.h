/* vocabulary.h - the words that a condition may use, with their types.
 *
 * Made from the snapshot schema and the catalogue of tunables: a fact that is described there
 * can be named in a rule, and nothing else. */
#ifndef RULES_VOCABULARY_H
#define RULES_VOCABULARY_H

#include <jansson.h>

#include "rules/commands.h"
#include "tcpadvise/error.h"
#include "tcpadvise/expr.h"

struct ta_vocabulary {
	struct ta_types *types;
	const struct ta_type *snapshot;   /* object with host, files, processes ... */
	const struct ta_type *namespace_; /* one element of namespaces */
	struct ta_commands commands;      /* that print what can be named */
};

bool ta_vocabulary_init(struct ta_vocabulary *vocabulary, struct ta_error *err);
void ta_vocabulary_done(struct ta_vocabulary *vocabulary);

/* The type of a plain JSON value (a parameter): int, double, string or bool. */
const struct ta_type *ta_vocabulary_type_of(const json_t *value);

#endif
