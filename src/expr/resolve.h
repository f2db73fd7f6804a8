/* resolve.h - names to variables, calls to functions. */
#ifndef EXPR_RESOLVE_H
#define EXPR_RESOLVE_H

#include "expr/env.h"
#include "expr/node.h"

/* A compiled constant pattern; ta_regex_free() it. */
struct ta_pattern {
	struct ta_pattern *next;
	void *regex;
};

struct ta_names {
	bool *uses;      /* of each variable of the environment; in the tree's arena */
	uint32_t locals; /* how many variables of loops live at once */
	struct ta_pattern *patterns;
};

/* Rewrites the tree. With strict, unknown names are mistakes; else they are left for
 * evaluation to fail. false: memory ran out. */
bool ta_resolve(struct ta_tree *tree, const struct ta_env *env, bool strict, struct ta_diags *diags,
		struct ta_names *ret);

#endif
