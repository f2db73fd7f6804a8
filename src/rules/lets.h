/* lets.h - which names stand for something in a rule: its own "let" and that of its pack. */
#ifndef RULES_LETS_H
#define RULES_LETS_H

#include <jansson.h>
#include <stdbool.h>

/* Whether the expression names this variable: a word that is no selector and in no string. */
bool ta_names_variable(const char *expression, const char *name);

/* What the names of a rule stand for: its own lets, and of the pack's those that it needs, itself
 * or by others; a name of its own hides the pack's. A new reference; NULL when memory ran out. */
json_t *ta_lets_of(const json_t *pack, const json_t *rule);

#endif
