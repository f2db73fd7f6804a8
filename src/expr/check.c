/* check.c - see check.h. What is not known before evaluation is dyn, and dyn goes everywhere. */
#include "expr/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/macros.h"
#include "expr/functions.h"
#include "expr/operators.h"
#include "expr/type.h"

enum { NAME_SIZE = 100 };

struct checker {
	const struct ta_tree *tree;
	const struct ta_env *env;
	struct ta_types *types;
	struct ta_diags *diags;
	const struct ta_type **locals;
	bool no_memory;
};

static const struct ta_type *infer(struct checker *c, const struct ta_node *node);

/* ---- helpers ------------------------------------------------------------------------ */

static const struct ta_type *scalar(enum ta_kind kind)
{
	return ta_type_scalar(kind);
}

static const struct ta_type *unknown(void)
{
	return ta_type_scalar(TA_DYN);
}

static bool is_dyn(const struct ta_type *type)
{
	return ta_type_is(type, TA_DYN);
}

static bool is_number(const struct ta_type *type)
{
	return ta_kind_is_number(ta_type_kind(type));
}

static const char *name_of(const struct ta_type *type, char *buf)
{
	ta_type_name(type, buf, NAME_SIZE);
	return buf;
}

/* Without memory for a type the checker knows less, but is never wrong. */
/* A new type, or what stands for it when memory ran out. */
static const struct ta_type *or_unknown(struct checker *c, const struct ta_type *type)
{
	c->no_memory |= !type;
	return type ? type : unknown();
}

/* The source of a span for a hint, or "x" when it is too long to repeat. */
static const char *shown(const struct checker *c, struct ta_span span, char *buf)
{
	const char *text = c->tree->source + span.offset;

	if (span.length > 40 || memchr(text, '\n', span.length))
		snprintf(buf, NAME_SIZE, "x");
	else
		snprintf(buf, NAME_SIZE, "%.*s", (int)span.length, text);
	return buf;
}

static bool is_constant(const struct ta_node *node, enum ta_kind kind)
{
	return node->kind == TA_NODE_CONST && node->value.kind == kind;
}

/* ---- conditions --------------------------------------------------------------------- */

static void need_bool(struct checker *c, const struct ta_node *node, const char *of)
{
	const struct ta_type *type = infer(c, node);
	char name[NAME_SIZE], text[NAME_SIZE];
	struct ta_diag *diag;

	if (is_dyn(type) || ta_type_is(type, TA_BOOL))
		return;
	diag = ta_diag_add(c->diags, node->span, "%s needs a bool, not %s", of,
			   name_of(type, name));
	if (is_number(type))
		ta_diag_hint(diag, "compare it, e.g. %s > 0", shown(c, node->span, text));
}

static const struct ta_type *check_logic(struct checker *c, const struct ta_node *node,
					 const char *op)
{
	for (size_t i = 0; i < node->count; i++)
		need_bool(c, node->args[i], op);
	return scalar(TA_BOOL);
}

static const struct ta_type *check_choice(struct checker *c, const struct ta_node *node)
{
	const struct ta_type *joined = NULL, *type;

	for (size_t i = 0; i + 1 < node->count; i += 2) {
		need_bool(c, node->args[i], "the condition of ?:");
		type = infer(c, node->args[i + 1]);
		joined = joined ? ta_type_join(joined, type) : type;
	}
	return ta_type_join(joined, infer(c, node->args[node->count - 1]));
}

/* ---- operators ---------------------------------------------------------------------- */

/* One operator of a chain: what is left of it so far, and the operand on its right. */
struct operands {
	const struct ta_link *link;
	const struct ta_type *left, *right;
	struct ta_span left_span;
	const struct ta_node *right_node;
	bool left_is_literal;
};

/* How to make one side the other's type: integers become double, but % knows no double. */
static void hint_convert(struct checker *c, struct ta_diag *diag, const struct operands *o)
{
	bool to_int = o->link->op == TA_OP_MOD;
	bool left_is_double = ta_type_is(o->left, TA_DOUBLE);
	bool has_double = left_is_double || ta_type_is(o->right, TA_DOUBLE);
	bool to_double = has_double && !to_int;
	bool left_changes = has_double ? left_is_double == to_int : ta_type_is(o->left, TA_UINT);
	struct ta_span span = left_changes ? o->left_span : o->right_node->span;
	bool literal = left_changes ? o->left_is_literal : is_constant(o->right_node, TA_INT);
	char text[NAME_SIZE];

	shown(c, span, text);
	if (to_double && literal && !strpbrk(text, "xX"))
		ta_diag_hint(diag, "write %s.0", text);
	else
		ta_diag_hint(diag, "convert one side, e.g. %s(%s)", to_double ? "double" : "int",
			     text);
}

static void hint_operands(struct checker *c, struct ta_diag *diag, const struct operands *o)
{
	bool left_string = ta_type_is(o->left, TA_STRING);
	bool right_string = ta_type_is(o->right, TA_STRING);
	char text[NAME_SIZE];

	if (o->link->op == TA_OP_MOD && ta_type_is(o->left, TA_DOUBLE) &&
	    ta_type_is(o->right, TA_DOUBLE))
		ta_diag_hint(diag, "%% is for int and uint");
	else if (o->link->op >= TA_OP_ADD && is_number(o->left) && is_number(o->right))
		hint_convert(c, diag, o);
	else if (ta_type_is(o->left, TA_NULL) || ta_type_is(o->right, TA_NULL))
		ta_diag_hint(diag, "a fact that is not known is absent, not null: has(a.b) asks");
	else if (left_string && is_number(o->right))
		ta_diag_hint(diag, "convert one side, e.g. string(%s)",
			     shown(c, o->right_node->span, text));
	else if (right_string && is_number(o->left))
		ta_diag_hint(diag, "convert one side, e.g. string(%s)",
			     shown(c, o->left_span, text));
}

static void no_overload(struct checker *c, const struct operands *o)
{
	char left[NAME_SIZE], right[NAME_SIZE];

	hint_operands(c,
		      ta_diag_add(c->diags, o->link->mark, "no such overload: %s %s %s",
				  name_of(o->left, left), ta_op_text(o->link->op),
				  name_of(o->right, right)),
		      o);
}

static const struct ta_type *check_arithmetic(struct checker *c, const struct operands *o)
{
	enum ta_kind kind = ta_type_kind(is_dyn(o->left) ? o->right : o->left);

	if (kind == TA_DYN)
		return unknown();
	if (!ta_op_has_kind(o->link->op, kind) ||
	    (!is_dyn(o->left) && !is_dyn(o->right) && !ta_type_is(o->right, kind))) {
		no_overload(c, o);
		return unknown();
	}
	return kind == TA_LIST ? ta_type_join(o->left, o->right) : scalar(kind);
}

static bool has_order(const struct ta_type *type)
{
	enum ta_kind kind = ta_type_kind(type);

	return kind == TA_DYN || kind == TA_BOOL || kind == TA_STRING || kind == TA_BYTES ||
	       ta_kind_is_number(kind);
}

static const struct ta_type *check_field(struct checker *c, const struct ta_type *of,
					 const char *name, size_t len, struct ta_span mark);

static void check_membership(struct checker *c, const struct operands *o,
			     const struct ta_node *left_node)
{
	struct operands inner = *o;

	switch (ta_type_kind(o->right)) {
	case TA_DYN:
		return;
	case TA_LIST:
		inner.right = ta_type_element(o->right);
		break;
	case TA_OBJECT:
		if (left_node && is_constant(left_node, TA_STRING)) {
			check_field(c, o->right, left_node->value.as.str.ptr,
				    left_node->value.as.str.len, left_node->span);
			return;
		}
		/* fall through */
	case TA_MAP:
		inner.right = ta_type_key(o->right);
		break;
	default:
		no_overload(c, o);
		return;
	}
	if (!ta_type_comparable(inner.left, inner.right))
		no_overload(c, o);
}

/* left_node is the left operand when that is one node. */
static const struct ta_type *check_operator(struct checker *c, const struct operands *o,
					    const struct ta_node *left_node)
{
	enum ta_op op = o->link->op;

	if (op >= TA_OP_ADD)
		return check_arithmetic(c, o);
	if (op == TA_OP_IN)
		check_membership(c, o, left_node);
	else if (!ta_type_comparable(o->left, o->right) ||
		 (op >= TA_OP_LT && (!has_order(o->left) || !has_order(o->right))))
		no_overload(c, o);
	return scalar(TA_BOOL);
}

static const struct ta_type *check_fold(struct checker *c, const struct ta_node *node)
{
	const struct ta_node *first = node->args[0];
	const struct ta_type *type = infer(c, first);

	for (size_t i = 1; i < node->count; i++) {
		const struct ta_node *before = node->args[i - 1];
		struct operands o = {
			.link = &node->links[i - 1],
			.left = type,
			.right = infer(c, node->args[i]),
			.left_span = { first->span.offset, before->span.offset +
								   before->span.length -
								   first->span.offset },
			.right_node = node->args[i],
			.left_is_literal = i == 1 && is_constant(first, TA_INT),
		};

		type = check_operator(c, &o, i == 1 ? first : NULL);
	}
	return type;
}

static const struct ta_type *check_negation(struct checker *c, const struct ta_node *node)
{
	const struct ta_type *type = infer(c, node->args[0]);
	char name[NAME_SIZE];

	if (is_dyn(type) || ta_type_is(type, TA_INT) || ta_type_is(type, TA_DOUBLE))
		return type;
	ta_diag_add(c->diags, node->mark, "no such overload: -%s", name_of(type, name));
	return unknown();
}

/* ---- fields and elements ------------------------------------------------------------ */

static void hint_field(const struct ta_type *object, struct ta_diag *diag, const char *field,
		       size_t len)
{
	struct ta_nearest nearest;
	const char *best;
	char text[200], name[NAME_SIZE];

	ta_nearest_start(&nearest, field, len);
	if (len > 1) /* any letter is near to any other */
		ta_type_offer_fields(object, &nearest);
	best = ta_nearest_result(&nearest);
	if (best)
		ta_diag_hint(diag, "did you mean '%s'? (%s)", best,
			     name_of(ta_type_get(object, best), name));
	else if (ta_type_list_fields(object, text, sizeof(text)))
		ta_diag_hint(diag, "it has %s", text);
}

/* The type of a key that is known by name, in an object. */
static const struct ta_type *check_field(struct checker *c, const struct ta_type *of,
					 const char *name, size_t len, struct ta_span mark)
{
	const struct ta_type *type = ta_type_get_n(of, name, len);
	char object[NAME_SIZE];

	if (type)
		return type;
	hint_field(of,
		   ta_diag_add(c->diags, mark, "unknown field '%.100s' of %s", name,
			       name_of(of, object)),
		   name, len);
	return unknown();
}

static const struct ta_type *check_select(struct checker *c, const struct ta_node *node)
{
	const struct ta_type *of = infer(c, node->args[0]);
	char name[NAME_SIZE];
	struct ta_diag *diag;

	if (is_dyn(of))
		return of;
	if (ta_type_is(of, TA_OBJECT))
		return check_field(c, of, node->name, node->name_len, node->mark);
	if (ta_type_is(of, TA_MAP) && ta_type_comparable(ta_type_key(of), scalar(TA_STRING)))
		return ta_type_element(of);
	diag = ta_diag_add(c->diags, node->mark, "%s has no field '%.100s'", name_of(of, name),
			   node->name);
	if (ta_type_is(of, TA_LIST))
		ta_diag_hint(diag, "its elements may: exists(x, x.%.60s ...), or [0]", node->name);
	return unknown();
}

static const struct ta_type *check_index(struct checker *c, const struct ta_node *node)
{
	const struct ta_type *of = infer(c, node->args[0]);
	const struct ta_node *key_node = node->args[1];
	const struct ta_type *key = infer(c, key_node);
	char left[NAME_SIZE], right[NAME_SIZE];

	if (is_dyn(of))
		return of;
	if (ta_type_is(of, TA_OBJECT) && is_constant(key_node, TA_STRING))
		return check_field(c, of, key_node->value.as.str.ptr, key_node->value.as.str.len,
				   key_node->span);
	if (ta_type_is(of, TA_LIST) && (is_dyn(key) || is_number(key)))
		return ta_type_element(of);
	if ((ta_type_is(of, TA_MAP) || ta_type_is(of, TA_OBJECT)) &&
	    ta_type_comparable(ta_type_key(of), key))
		return ta_type_element(of);
	ta_diag_add(c->diags, node->mark, "no such overload: %s[%s]", name_of(of, left),
		    name_of(key, right));
	return unknown();
}

/* ---- calls -------------------------------------------------------------------------- */

static enum ta_kind value_kind(const struct ta_type *type)
{
	return ta_type_is(type, TA_OBJECT) ? TA_MAP : ta_type_kind(type);
}

static bool takes(const struct ta_function *function, const struct ta_type *const *types,
		  size_t count)
{
	if (!ta_function_takes_count(function, count))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!is_dyn(types[i]) &&
		    !ta_letter_takes(ta_function_letter(function, i), value_kind(types[i])))
			return false;
	return true;
}

/* The overloads that there are, e.g. "string.startsWith(string)". */
static void put_signature(struct ta_buf *out, const struct ta_function *function, bool is_method)
{
	size_t count = strlen(function->params), first = is_method;

	if (is_method)
		ta_buf_printf(out, "%s.", ta_kind_name(ta_letter_kind(function->params[0])));
	ta_buf_printf(out, "%s(", function->name);
	for (size_t i = first; i < count; i++) {
		char letter = function->params[i];

		if (letter == '+')
			ta_buf_str(out, ", ...");
		else
			ta_buf_printf(out, "%s%s", i > first ? ", " : "",
				      letter == 'N' ? "number"
						    : ta_kind_name(ta_letter_kind(letter)));
	}
	ta_buf_char(out, ')');
}

static void no_such_call(struct checker *c, const struct ta_node *node,
			 const struct ta_type *const *types)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(180), hint = TA_BUF_INIT(200);
	unsigned style = node->is_method ? TA_METHOD : TA_GLOBAL;
	const struct ta_function *row = node->function;
	char name[NAME_SIZE];

	if (node->is_method)
		ta_buf_printf(&text, "%s.", name_of(types[0], name));
	ta_buf_printf(&text, "%s(", node->name);
	for (size_t i = node->is_method; i < node->count; i++)
		ta_buf_printf(&text, "%s%s", i > node->is_method ? ", " : "",
			      name_of(types[i], name));
	ta_buf_char(&text, ')');
	for (; row; row = ta_function_next(row, style)) {
		if (row != node->function)
			ta_buf_str(&hint, ", ");
		put_signature(&hint, row, node->is_method);
	}
	ta_diag_hint(ta_diag_add(c->diags, node->mark, "no such overload: %s", ta_buf_cstr(&text)),
		     "there is %s", ta_buf_cstr(&hint));
}

static const struct ta_type *result_of(const struct ta_function *function,
				       const struct ta_type *const *types, size_t count)
{
	const struct ta_type *joined = types[0];

	if (function->result != '=')
		return scalar(ta_letter_kind(function->result));
	for (size_t i = 1; i < count; i++)
		joined = ta_type_join(joined, types[i]);
	return joined;
}

static const struct ta_type *check_overloads(struct checker *c, const struct ta_node *node,
					     const struct ta_type *const *types)
{
	unsigned style = node->is_method ? TA_METHOD : TA_GLOBAL;
	const struct ta_function *row = node->function;
	const struct ta_type *result = NULL;

	for (; row; row = ta_function_next(row, style)) {
		const struct ta_type *one;

		if (!takes(row, types, node->count))
			continue;
		one = result_of(row, types, node->count);
		result = result ? ta_type_join(result, one) : one;
	}
	if (!result)
		no_such_call(c, node, types);
	return result ? result : unknown();
}

static const struct ta_type *check_call(struct checker *c, const struct ta_node *node)
{
	ta_auto_free const struct ta_type **types = calloc(node->count + 1, sizeof(*types));

	if (!types)
		return or_unknown(c, NULL);
	for (size_t i = 0; i < node->count; i++)
		types[i] = infer(c, node->args[i]);
	return node->function ? check_overloads(c, node, types) : unknown();
}

/* ---- lists, maps, loops ------------------------------------------------------------- */

/* The joined type of every step-th argument from first on; dyn when there are none. */
static const struct ta_type *join_args(struct checker *c, const struct ta_node *node, size_t first,
				       size_t step)
{
	const struct ta_type *joined = NULL;

	for (size_t i = first; i < node->count; i += step) {
		const struct ta_type *type = infer(c, node->args[i]);

		joined = joined ? ta_type_join(joined, type) : type;
	}
	return joined ? joined : unknown();
}

static void check_keys(struct checker *c, const struct ta_node *node)
{
	char name[NAME_SIZE];

	for (size_t i = 0; i < node->count; i += 2) {
		const struct ta_node *key = node->args[i];
		enum ta_kind kind = key->kind == TA_NODE_CONST ? key->value.kind : TA_DYN;

		if (kind == TA_DOUBLE || kind == TA_NULL || kind == TA_BYTES)
			ta_diag_add(c->diags, key->span, "%s cannot be a key",
				    name_of(scalar(kind), name));
	}
}

static const struct ta_type *check_map(struct checker *c, const struct ta_node *node)
{
	const struct ta_type *key = join_args(c, node, 0, 2);
	const struct ta_type *value = join_args(c, node, 1, 2);

	check_keys(c, node);
	return or_unknown(c, ta_type_map(c->types, key, value));
}

/* The types of a loop's index or key and of its element or value. */
static void walk_types(struct checker *c, const struct ta_node *node, const struct ta_type *of,
		       const struct ta_type **ret_key, const struct ta_type **ret_value)
{
	char name[NAME_SIZE];

	*ret_key = *ret_value = unknown();
	if (ta_type_is(of, TA_LIST)) {
		*ret_key = scalar(TA_INT);
		*ret_value = ta_type_element(of);
	} else if (ta_type_is(of, TA_MAP) || ta_type_is(of, TA_OBJECT)) {
		*ret_key = ta_type_key(of);
		*ret_value = ta_type_element(of);
	} else if (!is_dyn(of)) {
		ta_diag_add(c->diags, node->args[0]->span, "%s() needs a list or a map, not %s",
			    node->loop->macro, name_of(of, name));
	}
}

static const struct ta_type *entry_type(struct checker *c, const struct ta_node *body)
{
	const struct ta_type *type = infer(c, body);
	char name[NAME_SIZE];

	if (is_dyn(type) || ta_type_is(type, TA_MAP))
		return type;
	ta_diag_add(c->diags, body->span, "transformMapEntry() needs a map of one entry, not %s",
		    name_of(type, name));
	return unknown();
}

static const struct ta_type *loop_type(struct checker *c, const struct ta_node *node,
				       const struct ta_type *key)
{
	const struct ta_node *body = node->args[node->count - 1];
	const struct ta_loop *loop = node->loop;
	char of[NAME_SIZE];

	snprintf(of, sizeof(of), "the condition of %s()", loop->macro);
	if (loop->has_filter)
		need_bool(c, node->args[1], of);
	switch (loop->kind) {
	case TA_LOOP_MAP:
		return or_unknown(c, ta_type_list(c->types, infer(c, body)));
	case TA_LOOP_TO_MAP:
		return or_unknown(c, ta_type_map(c->types, key, infer(c, body)));
	case TA_LOOP_ENTRY:
		return entry_type(c, body);
	case TA_LOOP_FILTER:
		need_bool(c, body, of);
		return or_unknown(c, ta_type_list(c->types, c->locals[loop->local]));
	default:
		need_bool(c, body, of);
		return scalar(TA_BOOL);
	}
}

static const struct ta_type *check_loop(struct checker *c, const struct ta_node *node)
{
	const struct ta_type *of = infer(c, node->args[0]), *key, *value;
	const struct ta_type **locals = c->locals + node->loop->local;

	walk_types(c, node, of, &key, &value);
	if (node->loop->variables == 2) {
		locals[0] = key;
		locals[1] = value;
	} else {
		locals[0] = ta_type_is(of, TA_LIST) ? value : key;
	}
	return loop_type(c, node, key);
}

/* ---- the tree ----------------------------------------------------------------------- */

static const struct ta_type *check_broken(struct checker *c, const struct ta_node *node)
{
	for (size_t i = 0; i < node->count; i++)
		infer(c, node->args[i]);
	return unknown();
}

static const struct ta_type *infer(struct checker *c, const struct ta_node *node)
{
	switch (node->kind) {
	case TA_NODE_CONST:
		return scalar(node->value.kind);
	case TA_NODE_NAME: /* reported already */
		return unknown();
	case TA_NODE_VAR:
		return c->env->items[node->slot].type;
	case TA_NODE_LOCAL:
		return c->locals[node->slot];
	case TA_NODE_SELECT:
		return check_select(c, node);
	case TA_NODE_HAS:
		check_select(c, node);
		return scalar(TA_BOOL);
	case TA_NODE_INDEX:
		return check_index(c, node);
	case TA_NODE_CALL:
		return check_call(c, node);
	case TA_NODE_NOT:
		return check_logic(c, node, "!");
	case TA_NODE_NEGATE:
		return check_negation(c, node);
	case TA_NODE_FOLD:
		return check_fold(c, node);
	case TA_NODE_AND:
		return check_logic(c, node, "&&");
	case TA_NODE_OR:
		return check_logic(c, node, "||");
	case TA_NODE_COND:
		return check_choice(c, node);
	case TA_NODE_LIST:
		return or_unknown(c, ta_type_list(c->types, join_args(c, node, 0, 1)));
	case TA_NODE_MAP:
		return check_map(c, node);
	case TA_NODE_LOOP:
		return check_loop(c, node);
	case TA_NODE_BROKEN:
		return check_broken(c, node);
	}
	return unknown();
}

const struct ta_type *ta_check(const struct ta_tree *tree, const struct ta_env *env,
			       uint32_t locals, struct ta_types *types, struct ta_diags *diags)
{
	ta_auto_free const struct ta_type **local_types = calloc(locals + 1u, sizeof(*local_types));
	struct checker c = { tree, env, types, diags, local_types, !local_types };
	const struct ta_type *type = local_types ? infer(&c, tree->root) : NULL;

	diags->no_memory |= c.no_memory;
	return c.no_memory ? NULL : type;
}
