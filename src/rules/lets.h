/* lets.h - which names stand for something in a rule: its own "let" and that of its pack. */
#ifndef RULES_LETS_H
#define RULES_LETS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/* The next variable that the expression names, from byte *at on, which moves behind it: a word that
 * is no selector and in no string. */
bool ta_next_variable(const char *text, size_t len, size_t *at, struct ta_slice *ret);

/* Whether the expression names this variable. */
bool ta_names_variable(const char *expression, const char *name);

/* What the names of a rule stand for: its own lets, and of the pack's those that it needs, itself
 * or by others; a name of its own hides the pack's. A new reference; NULL when memory ran out. */
json_t *ta_lets_of(const json_t *pack, const json_t *rule);

/* The name among them that is spelt so, which lives as long as they; or NULL. */
const char *ta_let_find(const json_t *lets, struct ta_slice name);

/* Calls visit() with each expression of a rule but those of its lets. */
typedef void ta_expression_visit(void *ctx, const char *expression, size_t len);
void ta_each_expression_but_lets(const json_t *rule, ta_expression_visit *visit, void *ctx);

#endif
