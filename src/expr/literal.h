/* literal.h - the values of number and string tokens. */
#ifndef EXPR_LITERAL_H
#define EXPR_LITERAL_H

#include "expr/lex.h"
#include "expr/value.h"

/* source holds the token; a number is taken as negative when negative is set. Strings go to
 * the arena. false: a mistake was reported, or the arena is exhausted. */
bool ta_literal(struct ta_arena *arena, const char *source, const struct ta_token *token,
		bool negative, struct ta_diags *diags, struct ta_value *ret);

#endif
