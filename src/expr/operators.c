/* operators.c - see operators.h. Integers never wrap: every overflow is an error. */
#include "expr/operators.h"

#include <math.h>
#include <string.h>

typedef bool operation(struct ta_run *run, const struct ta_link *link, const struct ta_value *a,
		       const struct ta_value *b, struct ta_value *ret);

static bool overflow(struct ta_run *run, const struct ta_link *link)
{
	return ta_run_fail(run, link->mark, "integer overflow");
}

static bool zero_divisor(struct ta_run *run, const struct ta_link *link)
{
	return ta_run_fail(run, link->mark,
			   link->op == TA_OP_MOD ? "modulus by zero" : "division by zero");
}

static bool int_add(struct ta_run *run, const struct ta_link *link, const struct ta_value *a,
		    const struct ta_value *b, struct ta_value *ret)
{
	int64_t sum;

	if (__builtin_add_overflow(a->as.i, b->as.i, &sum))
		return overflow(run, link);
	*ret = TA_VALUE_INT(sum);
	return true;
}

static bool int_sub(struct ta_run *run, const struct ta_link *link, const struct ta_value *a,
		    const struct ta_value *b, struct ta_value *ret)
{
	int64_t difference;

	if (__builtin_sub_overflow(a->as.i, b->as.i, &difference))
		return overflow(run, link);
	*ret = TA_VALUE_INT(difference);
	return true;
}

static bool int_mul(struct ta_run *run, const struct ta_link *link, const struct ta_value *a,
		    const struct ta_value *b, struct ta_value *ret)
{
	int64_t product;

	if (__builtin_mul_overflow(a->as.i, b->as.i, &product))
		return overflow(run, link);
	*ret = TA_VALUE_INT(product);
	return true;
}

/* C truncates toward zero, as CEL does. INT64_MIN / -1 does not fit; cel-go calls its
 * remainder an overflow too. */
static bool int_div(struct ta_run *run, const struct ta_link *link, const struct ta_value *a,
		    const struct ta_value *b, struct ta_value *ret)
{
	if (b->as.i == 0)
		return zero_divisor(run, link);
	if (a->as.i == INT64_MIN && b->as.i == -1)
		return overflow(run, link);
	*ret = TA_VALUE_INT(link->op == TA_OP_MOD ? a->as.i % b->as.i : a->as.i / b->as.i);
	return true;
}

static bool uint_add(struct ta_run *run, const struct ta_link *link, const struct ta_value *a,
		     const struct ta_value *b, struct ta_value *ret)
{
	uint64_t sum;

	if (__builtin_add_overflow(a->as.u, b->as.u, &sum))
		return overflow(run, link);
	*ret = ta_value_uint(sum);
	return true;
}

static bool uint_sub(struct ta_run *run, const struct ta_link *link, const struct ta_value *a,
		     const struct ta_value *b, struct ta_value *ret)
{
	uint64_t difference;

	if (__builtin_sub_overflow(a->as.u, b->as.u, &difference))
		return overflow(run, link);
	*ret = ta_value_uint(difference);
	return true;
}

static bool uint_mul(struct ta_run *run, const struct ta_link *link, const struct ta_value *a,
		     const struct ta_value *b, struct ta_value *ret)
{
	uint64_t product;

	if (__builtin_mul_overflow(a->as.u, b->as.u, &product))
		return overflow(run, link);
	*ret = ta_value_uint(product);
	return true;
}

static bool uint_div(struct ta_run *run, const struct ta_link *link, const struct ta_value *a,
		     const struct ta_value *b, struct ta_value *ret)
{
	if (b->as.u == 0)
		return zero_divisor(run, link);
	*ret = ta_value_uint(link->op == TA_OP_MOD ? a->as.u % b->as.u : a->as.u / b->as.u);
	return true;
}

/* IEEE 754 division by zero is a value in CEL, but C leaves it undefined. */
static double divide(double a, double b)
{
	if (b != 0 || isnan(b))
		return a / b;
	if (a == 0 || isnan(a))
		return NAN;
	return signbit(a) == signbit(b) ? INFINITY : -INFINITY;
}

static bool real(struct ta_run *run, const struct ta_link *link, const struct ta_value *a,
		 const struct ta_value *b, struct ta_value *ret)
{
	double x = a->as.d, y = b->as.d;

	(void)run;
	*ret = TA_VALUE_DOUBLE(link->op == TA_OP_ADD   ? x + y
			       : link->op == TA_OP_SUB ? x - y
			       : link->op == TA_OP_MUL ? x * y
						       : divide(x, y));
	return true;
}

static bool text_add(struct ta_run *run, const struct ta_link *link, const struct ta_value *a,
		     const struct ta_value *b, struct ta_value *ret)
{
	size_t len = a->as.str.len + b->as.str.len;
	char *text = ta_arena_alloc(&run->eval->arena, len + 1);

	if (!text)
		return ta_run_out_of_memory(run, link->mark);
	if (a->as.str.len)
		memcpy(text, a->as.str.ptr, a->as.str.len);
	if (b->as.str.len)
		memcpy(text + a->as.str.len, b->as.str.ptr, b->as.str.len);
	text[len] = '\0';
	*ret = ta_value_string(a->kind, text, len);
	return true;
}

static bool list_add(struct ta_run *run, const struct ta_link *link, const struct ta_value *a,
		     const struct ta_value *b, struct ta_value *ret)
{
	size_t first = ta_value_size(a), count = first + ta_value_size(b);
	struct ta_list *list = ta_arena_alloc(&run->eval->arena, sizeof(*list));
	struct ta_value *items = ta_arena_array(&run->eval->arena, count, sizeof(*items));

	if (!list || !items)
		return ta_run_out_of_memory(run, link->mark);
	if (count > TA_EVAL_MAX_ELEMENTS)
		return ta_run_too_large(run, link->mark);
	if (!ta_run_spend(run, link->mark, count))
		return false;
	for (size_t i = 0; i < count; i++)
		items[i] = i < first ? ta_value_at(a, i) : ta_value_at(b, i - first);
	*list = (struct ta_list){ count, items };
	*ret = ta_value_list(list);
	return true;
}

static operation *const arithmetic[][TA_KIND_COUNT] = {
	[TA_OP_ADD] = { [TA_INT] = int_add,
			[TA_UINT] = uint_add,
			[TA_DOUBLE] = real,
			[TA_STRING] = text_add,
			[TA_BYTES] = text_add,
			[TA_LIST] = list_add },
	[TA_OP_SUB] = { [TA_INT] = int_sub, [TA_UINT] = uint_sub, [TA_DOUBLE] = real },
	[TA_OP_MUL] = { [TA_INT] = int_mul, [TA_UINT] = uint_mul, [TA_DOUBLE] = real },
	[TA_OP_DIV] = { [TA_INT] = int_div, [TA_UINT] = uint_div, [TA_DOUBLE] = real },
	[TA_OP_MOD] = { [TA_INT] = int_div, [TA_UINT] = uint_div },
};

bool ta_op_has_kind(enum ta_op op, enum ta_kind kind)
{
	return arithmetic[op][kind] != NULL;
}

static bool no_overload(struct ta_run *run, const struct ta_link *link, const struct ta_value *a,
			const struct ta_value *b)
{
	return ta_run_fail(run, link->mark, "no such overload: %s %s %s", ta_run_kind(a),
			   ta_op_text(link->op), ta_run_kind(b));
}

static bool equality(struct ta_run *run, const struct ta_link *link, const struct ta_value *a,
		     const struct ta_value *b, struct ta_value *ret)
{
	bool equal = ta_value_equal(a, b, &run->steps);

	if (run->steps == 0)
		return ta_run_out_of_steps(run, link->mark);
	*ret = TA_VALUE_BOOL(equal == (link->op == TA_OP_EQ));
	return true;
}

static bool relation(struct ta_run *run, const struct ta_link *link, const struct ta_value *a,
		     const struct ta_value *b, struct ta_value *ret)
{
	bool is;
	int order;

	if (!ta_value_order(a, b, &order))
		return no_overload(run, link, a, b);
	switch (link->op) {
	case TA_OP_LT:
		is = order < 0;
		break;
	case TA_OP_LE:
		is = order <= 0;
		break;
	case TA_OP_GT:
		is = order > 0;
		break;
	default:
		is = order >= 0;
	}
	*ret = TA_VALUE_BOOL(is && order != TA_UNORDERED);
	return true;
}

static bool membership(struct ta_run *run, const struct ta_link *link, const struct ta_value *a,
		       const struct ta_value *b, struct ta_value *ret)
{
	bool found = false;

	if (b->kind == TA_MAP) {
		found = ta_map_find(b, a, &run->steps, NULL);
	} else if (b->kind == TA_LIST) {
		for (size_t i = 0, count = ta_value_size(b); i < count && !found; i++) {
			struct ta_value item = ta_value_at(b, i);

			found = ta_value_equal(a, &item, &run->steps);
			if (run->steps == 0)
				break;
		}
	} else {
		return no_overload(run, link, a, b);
	}
	if (run->steps == 0)
		return ta_run_out_of_steps(run, link->mark);
	*ret = TA_VALUE_BOOL(found);
	return true;
}

bool ta_operate(struct ta_run *run, const struct ta_link *link, const struct ta_value *a,
		const struct ta_value *b, struct ta_value *ret)
{
	operation *operate;

	if (link->op <= TA_OP_NE)
		return equality(run, link, a, b, ret);
	if (link->op <= TA_OP_GE)
		return relation(run, link, a, b, ret);
	if (link->op == TA_OP_IN)
		return membership(run, link, a, b, ret);
	operate = arithmetic[link->op][a->kind];
	if (!operate || a->kind != b->kind)
		return no_overload(run, link, a, b);
	return operate(run, link, a, b, ret);
}

bool ta_negate(struct ta_run *run, const struct ta_node *node, const struct ta_value *a,
	       struct ta_value *ret)
{
	if (a->kind == TA_DOUBLE) {
		*ret = TA_VALUE_DOUBLE(-a->as.d);
		return true;
	}
	if (a->kind != TA_INT)
		return ta_run_fail(run, node->mark, "no such overload: -%s", ta_run_kind(a));
	if (a->as.i == INT64_MIN)
		return ta_run_fail(run, node->mark, "integer overflow");
	*ret = TA_VALUE_INT(-a->as.i);
	return true;
}

/* ---- indexing ----------------------------------------------------------------------- */

static bool list_index(struct ta_run *run, const struct ta_node *node, const struct ta_value *list,
		       const struct ta_value *key, struct ta_value *ret)
{
	struct ta_value at = ta_value_integral(key);
	size_t size = ta_value_size(list);

	if (!ta_kind_is_number(key->kind))
		return ta_run_fail(run, node->mark, "no such overload: list[%s]", ta_run_kind(key));
	if (at.kind == TA_DOUBLE)
		return ta_run_fail(run, node->mark, "%g is no index", at.as.d);
	if (at.kind != TA_INT || at.as.i < 0 || (uint64_t)at.as.i >= size)
		return ta_run_fail(run, node->mark,
				   "index out of range: the list has %zu element%s", size,
				   size == 1 ? "" : "s");
	*ret = ta_value_at(list, (size_t)at.as.i);
	return true;
}

static bool may_be_key(enum ta_kind kind)
{
	return kind == TA_BOOL || kind == TA_STRING || ta_kind_is_number(kind);
}

bool ta_index(struct ta_run *run, const struct ta_node *node, const struct ta_value *of,
	      const struct ta_value *key, struct ta_value *ret)
{
	if (of->kind == TA_LIST)
		return list_index(run, node, of, key, ret);
	if (of->kind != TA_MAP || !may_be_key(key->kind))
		return ta_run_fail(run, node->mark, "no such overload: %s[%s]", ta_run_kind(of),
				   ta_run_kind(key));
	if (!ta_map_find(of, key, &run->steps, ret))
		return ta_run_missing(run, node, key);
	return true;
}
