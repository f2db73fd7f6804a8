/* look.h - a compiled expression seen from outside: which arms its ?: have, which variables it
 * comes to read, and what must be so when it is true. For those who evaluate rules, test them, and
 * hold them against each other. */
#ifndef EXPR_LOOK_H
#define EXPR_LOOK_H

#include "expr/node.h"
#include "tcpadvise/expr.h"

const struct ta_tree *ta_expr_tree(const struct ta_expr *expr);

/* ---- arms --------------------------------------------------------------------------- */

/* One of the values that a ?: may take. */
struct ta_arm {
	const struct ta_node *choice; /* TA_NODE_COND */
	size_t index;                 /* of the value in its args */
};

typedef void ta_arm_visit(void *ctx, const struct ta_arm *arm);

/* Every arm of the expression, in the order of the text. */
void ta_expr_arms(const struct ta_expr *expr, ta_arm_visit *visit, void *ctx);

/* From now on taken() hears of each arm that an evaluation takes; NULL: no more. */
void ta_eval_watch(struct ta_eval *eval, ta_arm_visit *taken, void *ctx);

/* ---- values that are asked for ------------------------------------------------------ */

/* An evaluation reads a variable that is unbound: its slot may be given a value now. */
typedef void ta_slot_supply(void *ctx, size_t slot);

/* From now on supply() hears of those; NULL: no more. It may evaluate with the same evaluator. */
void ta_eval_supply(struct ta_eval *eval, ta_slot_supply *supply, void *ctx);

/* ---- claims ------------------------------------------------------------------------- */

/* A comparison that holds: left op right. What is no comparison is one with true or false. */
struct ta_claim {
	const char *left; /* source text, not terminated; never a literal */
	size_t left_len;
	enum ta_op op;     /* TA_OP_EQ ... TA_OP_GE */
	const char *right; /* source text, or "" for true and false */
	size_t right_len;
	struct ta_value value; /* of right where it is a literal, else TA_UNBOUND */
};

typedef void ta_claim_visit(void *ctx, const struct ta_claim *claim);

/* What must hold when the expression is true (or, with !is, false): the operands of &&, of a
 * negated ||, comparisons as they are or turned round. Parts that say nothing certain, such as an
 * operand of ||, are passed over. */
void ta_expr_claims(const struct ta_expr *expr, bool is, ta_claim_visit *visit, void *ctx);

#endif
