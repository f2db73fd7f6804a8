/* env.h - the variables that an expression may name. */
#ifndef EXPR_ENV_H
#define EXPR_ENV_H

#include "tcpadvise/expr.h"

struct ta_variable {
	char *name;
	size_t name_len;
	const struct ta_type *type;
};

struct ta_env {
	struct ta_variable *items;
	size_t count, size;
};

/* Takes the name off a variable, for another to be declared by it: what has been compiled keeps it.
 */
void ta_env_hide(struct ta_env *env, const char *name);

/* Forgets the variables that were declared after the first count. */
void ta_env_cut(struct ta_env *env, size_t count);

#endif
