/* operators.h - arithmetic, relations, indexing: what they do, and which operands they take. */
#ifndef EXPR_OPERATORS_H
#define EXPR_OPERATORS_H

#include "expr/run.h"

/* mark is the operator, where failures point. */
bool ta_operate(struct ta_run *run, const struct ta_link *link, const struct ta_value *a,
		const struct ta_value *b, struct ta_value *ret);
bool ta_negate(struct ta_run *run, const struct ta_node *node, const struct ta_value *a,
	       struct ta_value *ret);

/* node is the TA_NODE_INDEX. */
bool ta_index(struct ta_run *run, const struct ta_node *node, const struct ta_value *of,
	      const struct ta_value *key, struct ta_value *ret);

/* For the checker: whether + - * / % is defined for two operands of this kind. */
bool ta_op_has_kind(enum ta_op op, enum ta_kind kind);

#endif
