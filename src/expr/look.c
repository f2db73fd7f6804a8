/* look.c - see look.h. */
#include "expr/look.h"

#include "expr/run.h"

/* ---- arms --------------------------------------------------------------------------- */

static void visit_arms(const struct ta_node *node, ta_arm_visit *visit, void *ctx)
{
	for (size_t i = 0; i < node->count; i++) {
		if (node->kind == TA_NODE_COND && (i % 2 == 1 || i + 1 == node->count))
			visit(ctx, &(struct ta_arm){ node, i });
		visit_arms(node->args[i], visit, ctx);
	}
}

void ta_expr_arms(const struct ta_expr *expr, ta_arm_visit *visit, void *ctx)
{
	visit_arms(ta_expr_tree(expr)->root, visit, ctx);
}

void ta_eval_watch(struct ta_eval *eval, ta_arm_visit *taken, void *ctx)
{
	eval->taken = taken;
	eval->taken_ctx = ctx;
}

/* ---- values that are asked for ------------------------------------------------------ */

void ta_eval_supply(struct ta_eval *eval, ta_slot_supply *supply, void *ctx)
{
	eval->supply = supply;
	eval->supply_ctx = ctx;
}

/* ---- claims ------------------------------------------------------------------------- */

struct claiming {
	const struct ta_tree *tree;
	ta_claim_visit *visit;
	void *ctx;
};

/* The comparison that holds when this one does not. NaN, for which both are false, is nothing that
 * a snapshot can hold. */
static enum ta_op opposite(enum ta_op op)
{
	switch (op) {
	case TA_OP_EQ:
		return TA_OP_NE;
	case TA_OP_NE:
		return TA_OP_EQ;
	case TA_OP_LT:
		return TA_OP_GE;
	case TA_OP_LE:
		return TA_OP_GT;
	case TA_OP_GT:
		return TA_OP_LE;
	default:
		return TA_OP_LT;
	}
}

/* The comparison with its sides changed: a < b is b > a. */
static enum ta_op mirrored(enum ta_op op)
{
	switch (op) {
	case TA_OP_LT:
		return TA_OP_GT;
	case TA_OP_LE:
		return TA_OP_GE;
	case TA_OP_GT:
		return TA_OP_LT;
	case TA_OP_GE:
		return TA_OP_LE;
	default:
		return op;
	}
}

static void claim_comparison(const struct claiming *c, const struct ta_node *node, bool is)
{
	const struct ta_node *left = node->args[0], *right = node->args[1];
	enum ta_op op = is ? node->links[0].op : opposite(node->links[0].op);
	const char *source = c->tree->source;
	struct ta_claim claim;

	if (left->kind == TA_NODE_CONST) {
		const struct ta_node *other = left;

		left = right;
		right = other;
		op = mirrored(op);
	}
	claim = (struct ta_claim){
		source + left->span.offset,  left->span.length,  op,
		source + right->span.offset, right->span.length, TA_VALUE_UNBOUND
	};
	if (right->kind == TA_NODE_CONST)
		claim.value = right->value;
	c->visit(c->ctx, &claim);
}

static void claim(const struct claiming *c, const struct ta_node *node, bool is)
{
	if (node->kind == (is ? TA_NODE_AND : TA_NODE_OR)) {
		for (size_t i = 0; i < node->count; i++)
			claim(c, node->args[i], is);
	} else if (node->kind == TA_NODE_NOT) {
		claim(c, node->args[0], !is);
	} else if (node->kind == TA_NODE_FOLD && node->count == 2 &&
		   node->links[0].op <= TA_OP_GE) {
		claim_comparison(c, node, is);
	} else if (node->kind != TA_NODE_CONST) {
		c->visit(c->ctx,
			 &(struct ta_claim){ c->tree->source + node->span.offset, node->span.length,
					     TA_OP_EQ, "", 0, TA_VALUE_BOOL(is) });
	}
}

void ta_expr_claims(const struct ta_expr *expr, bool is, ta_claim_visit *visit, void *ctx)
{
	struct claiming c = { ta_expr_tree(expr), visit, ctx };

	claim(&c, c.tree->root, is);
}
