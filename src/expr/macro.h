/* macro.h - has() and the calls that walk a list or map: they look like functions, but their
 * arguments are not evaluated before the call. */
#ifndef EXPR_MACRO_H
#define EXPR_MACRO_H

#include "expr/parse.h"

/* Turns a call that was just parsed (args[0] is the receiver when is_method) into what it
 * stands for. Returns false when a mistake was reported; else *ret is NULL when name, style and
 * number of arguments are no macro's. */
bool ta_macro_expand(struct ta_parser *parser, size_t start, struct ta_span name, bool is_method,
		     const struct ta_nodes *args, struct ta_node **ret);

/* The names of all macros, for hints; NULL behind the last. */
const char *ta_macro_name(size_t i);

#endif
