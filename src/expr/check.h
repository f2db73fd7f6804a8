/* check.h - types, before anything is evaluated. */
#ifndef EXPR_CHECK_H
#define EXPR_CHECK_H

#include "expr/env.h"
#include "expr/node.h"

/* The type of a resolved tree. Reports every mistake: what has one counts as dyn from there on.
 * Types that are made go into types. locals is ta_names.locals. NULL when memory ran out. */
const struct ta_type *ta_check(const struct ta_tree *tree, const struct ta_env *env,
			       uint32_t locals, struct ta_types *types, struct ta_diags *diags);

#endif
