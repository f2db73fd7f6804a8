/* run.h - one evaluation: what it reads, what it may spend, and why it failed. */
#ifndef EXPR_RUN_H
#define EXPR_RUN_H

#include "expr/node.h"

struct ta_arm;           /* look.h */
struct ta_regex_scratch; /* regex.h */

struct ta_eval {
	struct ta_arena arena;
	struct ta_regex_scratch *regex; /* made at the first match */
	uint64_t steps;                 /* that the last evaluation took, for tests */
	void (*taken)(void *ctx, const struct ta_arm *arm); /* ta_eval_watch(), or NULL */
	void *taken_ctx;
	void (*supply)(void *ctx, size_t slot); /* ta_eval_supply(), or NULL */
	void *supply_ctx;
};

/* A failure that && || and loops may still absorb, so it must be cheap: the path of what is
 * missing is only written when somebody will read it. */
struct ta_fault {
	enum ta_code code;
	struct ta_span mark;
	const struct ta_node *missing; /* TA_E_MISSING: the node that names it */
	struct ta_value key;           /* of a TA_NODE_INDEX that is missing */
	char text[200];                /* other codes */
};

struct ta_run {
	const struct ta_value *slots;
	struct ta_value *locals; /* of loops */
	struct ta_eval *eval;
	uint64_t steps; /* left */
	struct ta_fault fault;
};

/* All return false, so that a failure is one line. */
bool ta_run_fail(struct ta_run *run, struct ta_span mark, const char *fmt, ...) TA_PRINTF(3, 4);
bool ta_run_missing(struct ta_run *run, const struct ta_node *node, const struct ta_value *key);
bool ta_run_limit(struct ta_run *run, struct ta_span mark, const char *text);
bool ta_run_no_memory(struct ta_run *run, struct ta_span mark);

/* The usual bounds. The first is for when the evaluator's arena gave NULL, whatever its reason. */
bool ta_run_out_of_memory(struct ta_run *run, struct ta_span mark);
bool ta_run_out_of_steps(struct ta_run *run, struct ta_span mark);
bool ta_run_too_large(struct ta_run *run, struct ta_span mark); /* TA_EVAL_MAX_ELEMENTS */

/* For messages: "int", "list" ..., and "null" for the value whose type CEL calls null_type. */
const char *ta_run_kind(const struct ta_value *value);

/* Charges n steps for work inside of one node. */
static inline bool ta_run_spend(struct ta_run *run, struct ta_span mark, uint64_t n)
{
	if (n < run->steps) {
		run->steps -= n;
		return true;
	}
	return ta_run_out_of_steps(run, mark);
}

/* Bounds end the evaluation; no operator may absorb them. */
static inline bool ta_run_is_over(const struct ta_run *run)
{
	return run->fault.code == TA_E_LIMIT || run->fault.code == TA_E_NOMEM;
}

/* The value of a node; *ret is untouched on failure. */
bool ta_run_node(struct ta_run *run, const struct ta_node *node, struct ta_value *ret);

#endif
