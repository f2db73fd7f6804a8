/* expr.c - compiling and evaluating, put together from the stages; see expr.h. */
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "expr/check.h"
#include "expr/look.h"
#include "expr/parse.h"
#include "expr/regex.h"
#include "expr/resolve.h"
#include "expr/run.h"

enum { TREE_BYTES = 64 * 1024 * 1024 }; /* far above what TA_EXPR_MAX_NODES can take */

struct ta_expr {
	struct ta_tree tree;
	struct ta_names names;
	struct ta_types *types; /* those that the checker made */
	const struct ta_type *type;
	size_t slots;
};

/* ---- compiling ---------------------------------------------------------------------- */

/* NUL is left to the lexer: CEL allows it in a literal, and only there. */
static bool check_bytes(const char *source, size_t len, struct ta_diags *diags)
{
	size_t at = 0, n;
	uint32_t c;

	if (len > TA_EXPR_MAX_SOURCE) {
		ta_diag_add(diags, ta_span(TA_EXPR_MAX_SOURCE, 1), "longer than %d bytes",
			    TA_EXPR_MAX_SOURCE);
		return false;
	}
	if (ta_utf8_valid(source, len))
		return true;
	while ((n = ta_utf8_decode(source + at, len - at, &c)))
		at += n;
	ta_diag_add(diags, ta_span(at, 1), "this is no UTF-8");
	return false;
}

static struct ta_expr *expr_new(const char *source, size_t len, size_t slots)
{
	struct ta_expr *expr = calloc(1, sizeof(*expr));

	if (!expr)
		return NULL;
	expr->tree.arena = TA_ARENA_SMALL(TREE_BYTES);
	expr->tree.source = ta_arena_copy(&expr->tree.arena, source, len);
	expr->tree.len = len;
	expr->types = ta_types_new();
	expr->type = ta_type_scalar(TA_DYN);
	expr->slots = slots;
	return expr->tree.source && expr->types ? expr : ta_expr_free(expr);
}

/* false without a mistake means that memory ran out. */
static bool compile(struct ta_expr *expr, const struct ta_env *env, enum ta_check check,
		    struct ta_diags *diags)
{
	bool strict = check == TA_CHECK_STRICT;

	if (!ta_parse(&expr->tree, diags) || (diags->count && !strict) ||
	    !ta_resolve(&expr->tree, env, strict, diags, &expr->names))
		return false;
	if (strict)
		expr->type = ta_check(&expr->tree, env, expr->names.locals, expr->types, diags);
	return expr->type && diags->count == 0;
}

struct ta_expr *ta_expr_compile(const struct ta_env *env, enum ta_check check, const char *source,
				size_t len, struct ta_diags *diags)
{
	struct ta_expr *expr;

	if (!check_bytes(source, len, diags))
		return NULL;
	expr = expr_new(source, len, env->count);
	if (expr && compile(expr, env, check, diags))
		return expr;
	diags->no_memory |= !expr || expr->tree.arena.failed == TA_E_NOMEM || diags->count == 0;
	ta_expr_free(expr);
	if (diags->count == 0)
		ta_diag_add(diags, ta_span(0, 1), "out of memory");
	ta_diags_sort(diags);
	return NULL;
}

struct ta_expr *ta_expr_free(struct ta_expr *expr)
{
	if (expr) {
		/* the patterns' list is in the arena, what it points to is PCRE2's */
		for (struct ta_pattern *p = expr->names.patterns; p; p = p->next)
			ta_regex_free(p->regex);
		ta_types_free(expr->types);
		ta_arena_done(&expr->tree.arena);
		free(expr);
	}
	return NULL;
}

const struct ta_type *ta_expr_type(const struct ta_expr *expr)
{
	return expr->type;
}

const char *ta_expr_source(const struct ta_expr *expr)
{
	return expr->tree.source;
}

const struct ta_tree *ta_expr_tree(const struct ta_expr *expr)
{
	return &expr->tree;
}

bool ta_expr_uses(const struct ta_expr *expr, size_t slot)
{
	return slot < expr->slots && expr->names.uses[slot];
}

/* ---- evaluating --------------------------------------------------------------------- */

struct ta_eval *ta_eval_new(void)
{
	struct ta_eval *eval = calloc(1, sizeof(*eval));

	if (eval)
		eval->arena = TA_ARENA_INIT(TA_EVAL_MAX_BYTES);
	return eval;
}

struct ta_eval *ta_eval_free(struct ta_eval *eval)
{
	if (eval) {
		ta_regex_scratch_free(eval->regex);
		ta_arena_done(&eval->arena);
		free(eval);
	}
	return NULL;
}

void ta_eval_reset(struct ta_eval *eval)
{
	ta_arena_reset(&eval->arena);
}

static void place(const char *source, size_t offset, struct ta_error *err)
{
	const char *line = source;
	int number = 1;

	for (const char *s = source; s < source + offset; s++) {
		if (*s != '\n')
			continue;
		number++;
		line = s + 1;
	}
	ta_fail_at(err, "", number, (int)(source + offset - line) + 1);
}

static bool report(const struct ta_expr *expr, const struct ta_fault *fault, struct ta_error *err)
{
	char path[400];

	if (!err)
		return false;
	if (fault->code == TA_E_MISSING) {
		ta_node_path(&expr->tree, fault->missing, &fault->key, path, sizeof(path));
		ta_fail(err, TA_E_MISSING, "%s", path);
	} else {
		ta_fail(err, fault->code, "%s", fault->text);
	}
	place(expr->tree.source, fault->mark.offset, err);
	return false;
}

bool ta_expr_eval(const struct ta_expr *expr, struct ta_eval *eval, const struct ta_value *slots,
		  struct ta_value *ret, struct ta_error *err)
{
	struct ta_run run;
	bool ok;

	run.slots = slots;
	run.eval = eval;
	run.steps = TA_EVAL_MAX_STEPS;
	run.locals = NULL;
	eval->arena.limit = eval->arena.bytes + TA_EVAL_MAX_BYTES;
	if (expr->names.locals)
		run.locals = ta_arena_array(&eval->arena, expr->names.locals, sizeof(*run.locals));
	if (expr->names.locals && !run.locals)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	ok = ta_run_node(&run, expr->tree.root, ret);
	eval->steps = TA_EVAL_MAX_STEPS - run.steps;
	return ok || report(expr, &run.fault, err);
}
