/* resolve.c - see resolve.h.
 *
 * A name is a loop's variable, else the longest dotted prefix that the environment declares,
 * else the name of a type. */
#include "expr/resolve.h"

#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "expr/functions.h"
#include "expr/macro.h"
#include "expr/regex.h"
#include "expr/type.h"

struct scope {
	const struct scope *outer;
	const struct ta_loop *loop;
};

struct resolver {
	struct ta_tree *tree;
	const struct ta_env *env;
	bool strict;
	struct ta_diags *diags;
	struct ta_names *names;
	uint32_t depth; /* loop variables in scope */
};

static bool resolve(struct resolver *r, const struct scope *scope, struct ta_node *node);

/* ---- names -------------------------------------------------------------------------- */

static bool is_text(const struct ta_node *node, const char *text, size_t len)
{
	return node->name_len == len && memcmp(node->name, text, len) == 0;
}

/* Whether a chain of NAME.SELECT.SELECT spells text, compared from its end. */
static bool spells(const struct ta_node *node, const char *text, size_t len)
{
	for (; node->kind == TA_NODE_SELECT; node = node->args[0]) {
		size_t n = node->name_len;

		if (node->is_quoted || len <= n + 1 || text[len - n - 1] != '.' ||
		    !is_text(node, text + len - n, n))
			return false;
		len -= n + 1;
	}
	return node->kind == TA_NODE_NAME && is_text(node, text, len);
}

static struct ta_node *root_of(struct ta_node *node)
{
	while (node->kind == TA_NODE_SELECT)
		node = node->args[0];
	return node;
}

static bool resolve_local(const struct scope *scope, struct ta_node *name)
{
	for (; scope && !name->is_rooted; scope = scope->outer) {
		for (unsigned i = 0; i < scope->loop->variables; i++) {
			const struct ta_node *local = scope->loop->names[i];

			if (!is_text(name, local->name, local->name_len))
				continue;
			name->kind = TA_NODE_LOCAL;
			name->slot = scope->loop->local + i;
			return true;
		}
	}
	return false;
}

/* Makes node, a chain of names, the variable that it spells. false: memory ran out. */
static bool become_variable(struct resolver *r, struct ta_node *node, size_t slot)
{
	const struct ta_variable *variable = &r->env->items[slot];

	if (node->kind == TA_NODE_SELECT) {
		node->name_len = variable->name_len;
		node->name = ta_arena_copy(&r->tree->arena, variable->name, node->name_len);
	}
	node->kind = TA_NODE_VAR;
	node->count = 0;
	node->slot = (uint32_t)slot;
	r->names->uses[slot] = true;
	return node->name != NULL;
}

/* *ret_found: whether a prefix of the chain is a variable. */
static bool resolve_variable(struct resolver *r, struct ta_node *chain, bool *ret_found)
{
	*ret_found = false;
	for (struct ta_node *prefix = chain;; prefix = prefix->args[0]) {
		for (size_t i = 0; i < r->env->count; i++) {
			const struct ta_variable *variable = &r->env->items[i];

			if (!spells(prefix, variable->name, variable->name_len))
				continue;
			*ret_found = true;
			return become_variable(r, prefix, i);
		}
		if (prefix->kind == TA_NODE_NAME)
			return true;
	}
}

static bool resolve_type(struct ta_node *name)
{
	static const enum ta_kind kinds[] = { TA_NULL,   TA_BOOL,  TA_INT,  TA_UINT, TA_DOUBLE,
					      TA_STRING, TA_BYTES, TA_LIST, TA_MAP,  TA_TYPE };

	for (size_t i = 0; i < TA_ARRAY_SIZE(kinds); i++) {
		const char *text = ta_kind_name(kinds[i]);

		if (!is_text(name, text, strlen(text)))
			continue;
		name->kind = TA_NODE_CONST;
		name->value = (struct ta_value){ .kind = TA_TYPE, .as.type = kinds[i] };
		return true;
	}
	return false;
}

static const struct ta_type *type_of(const struct resolver *r, const char *name)
{
	for (size_t i = 0; i < r->env->count; i++)
		if (strcmp(r->env->items[i].name, name) == 0)
			return r->env->items[i].type;
	return NULL;
}

static void unknown_variable(struct resolver *r, const struct scope *scope,
			     const struct ta_node *name)
{
	struct ta_diag *diag =
		ta_diag_add(r->diags, name->mark, "unknown variable '%.100s'", name->name);
	const struct ta_type *type = NULL;
	struct ta_nearest nearest;
	char type_name[100];

	if (name->name_len < 2) /* any letter is near to any other */
		return;
	ta_nearest_start(&nearest, name->name, name->name_len);
	for (size_t i = 0; i < r->env->count; i++)
		ta_nearest_offer(&nearest, r->env->items[i].name);
	for (; scope; scope = scope->outer)
		for (unsigned i = 0; i < scope->loop->variables; i++)
			ta_nearest_offer(&nearest, scope->loop->names[i]->name);
	if (!ta_nearest_result(&nearest))
		return;
	type = type_of(r, ta_nearest_result(&nearest));
	if (!type) {
		ta_diag_hint(diag, "did you mean '%s'?", ta_nearest_result(&nearest));
		return;
	}
	ta_type_name(type, type_name, sizeof(type_name));
	ta_diag_hint(diag, "did you mean '%s'? (%s)", ta_nearest_result(&nearest), type_name);
}

/* node is a name or a chain of selections that starts at one. */
static bool resolve_chain(struct resolver *r, const struct scope *scope, struct ta_node *node)
{
	struct ta_node *root = root_of(node);
	bool found;

	if (root->kind != TA_NODE_NAME)
		return resolve(r, scope, root);
	if (resolve_local(scope, root))
		return true;
	if (!resolve_variable(r, node, &found))
		return false;
	if (!found && !resolve_type(root) && r->strict)
		unknown_variable(r, scope, root);
	return true;
}

/* ---- calls -------------------------------------------------------------------------- */

/* math.greatest(x): not a method of math but a function with a dot in its name. */
static void become_qualified(const struct scope *scope, struct ta_node *call)
{
	struct ta_node *of = call->args[0], *root = root_of(of);
	const struct ta_function *row;

	if (root->kind != TA_NODE_NAME)
		return;
	for (const struct scope *s = scope; s; s = s->outer)
		for (unsigned i = 0; i < s->loop->variables; i++)
			if (is_text(root, s->loop->names[i]->name, s->loop->names[i]->name_len))
				return;
	for (size_t i = 0; (row = ta_function_row(i)); i++) {
		size_t len = strlen(row->name), own = call->name_len;

		if (len <= own + 1 || row->name[len - own - 1] != '.' ||
		    !is_text(call, row->name + len - own, own) ||
		    !spells(of, row->name, len - own - 1))
			continue;
		call->is_method = false;
		call->name = row->name;
		call->name_len = len;
		call->args++;
		call->count--;
		call->mark.length += call->mark.offset - of->span.offset;
		call->mark.offset = of->span.offset;
		return;
	}
}

static void unknown_function(struct resolver *r, const struct ta_node *call)
{
	struct ta_diag *diag =
		ta_diag_add(r->diags, call->mark, "unknown function '%.100s'", call->name);
	unsigned other = call->is_method ? TA_GLOBAL : TA_METHOD;
	const struct ta_function *row;
	struct ta_nearest nearest;

	if (ta_function_find(call->name, other)) {
		ta_diag_hint(diag,
			     call->is_method ? "it is written %.100s(x)"
					     : "it is written x.%.100s(...)",
			     call->name);
		return;
	}
	ta_nearest_start(&nearest, call->name, call->name_len);
	for (size_t i = 0; (row = ta_function_row(i)); i++)
		ta_nearest_offer(&nearest, row->name);
	for (size_t i = 0; ta_macro_name(i); i++)
		ta_nearest_offer(&nearest, ta_macro_name(i));
	if (ta_nearest_result(&nearest))
		ta_diag_hint(diag, "did you mean '%s'?", ta_nearest_result(&nearest));
}

/* A constant pattern is compiled once, and a bad one is a mistake before evaluation. */
static bool compile_pattern(struct resolver *r, struct ta_node *call)
{
	struct ta_pattern *pattern;
	const struct ta_node *arg;
	char reason[120];
	size_t offset;

	if (strcmp(call->name, "matches") != 0 || call->count != 2)
		return true;
	arg = call->args[1];
	if (arg->kind != TA_NODE_CONST || arg->value.kind != TA_STRING)
		return true;
	pattern = ta_arena_alloc(&r->tree->arena, sizeof(*pattern));
	if (!pattern)
		return false;
	call->regex = ta_regex_compile(arg->value.as.str.ptr, arg->value.as.str.len, reason,
				       sizeof(reason), &offset);
	if (call->regex) {
		*pattern = (struct ta_pattern){ r->names->patterns, call->regex };
		r->names->patterns = pattern;
	} else if (reason[0] && r->strict) {
		ta_diag_add(r->diags, arg->span, "bad pattern: %s at byte %zu", reason, offset);
	}
	return call->regex || reason[0];
}

/* l.exsts(x, x > 1) was meant to declare x: that nobody knows x is not worth a mistake. */
static bool is_misspelt_macro(const struct ta_node *call)
{
	return call->is_method && !call->function && call->count > 2 &&
	       call->args[1]->kind == TA_NODE_NAME;
}

static bool resolve_call(struct resolver *r, const struct scope *scope, struct ta_node *call)
{
	if (call->is_method)
		become_qualified(scope, call);
	call->function = ta_function_find(call->name, call->is_method ? TA_METHOD : TA_GLOBAL);
	if (r->strict && !call->function) {
		unknown_function(r, call);
		if (is_misspelt_macro(call))
			call->count = 1;
	}
	for (size_t i = 0; i < call->count; i++)
		if (!resolve(r, scope, call->args[i]))
			return false;
	return !call->function || compile_pattern(r, call);
}

/* ---- the tree ----------------------------------------------------------------------- */

static bool resolve_loop(struct resolver *r, const struct scope *scope, struct ta_node *node)
{
	struct scope inner = { scope, node->loop };

	if (!resolve(r, scope, node->args[0]))
		return false;
	node->loop->local = r->depth;
	r->depth += node->loop->variables;
	if (r->depth > r->names->locals)
		r->names->locals = r->depth;
	for (size_t i = 1; i < node->count; i++)
		if (!resolve(r, &inner, node->args[i]))
			return false;
	r->depth -= node->loop->variables;
	return true;
}

static bool resolve(struct resolver *r, const struct scope *scope, struct ta_node *node)
{
	switch (node->kind) {
	case TA_NODE_NAME:
	case TA_NODE_SELECT:
		return resolve_chain(r, scope, node);
	case TA_NODE_CALL:
		return resolve_call(r, scope, node);
	case TA_NODE_LOOP:
		return resolve_loop(r, scope, node);
	default:
		for (size_t i = 0; i < node->count; i++)
			if (!resolve(r, scope, node->args[i]))
				return false;
		return true;
	}
}

bool ta_resolve(struct ta_tree *tree, const struct ta_env *env, bool strict, struct ta_diags *diags,
		struct ta_names *ret)
{
	struct resolver r = { tree, env, strict, diags, ret, 0 };

	ret->uses = ta_arena_zero(&tree->arena, env->count * sizeof(*ret->uses));
	return ret->uses && resolve(&r, NULL, tree->root);
}
