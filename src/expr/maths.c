/* maths.c - see maths.h. */
#include "expr/maths.h"

#include <math.h>

enum { LEAST = -1, GREATEST = 1 };

/* Whether b goes further in the direction than a; NaN goes nowhere. */
static bool further(const struct ta_value *a, const struct ta_value *b, int direction)
{
	int order;

	return ta_value_order(b, a, &order) && order == direction;
}

static bool pick(const struct ta_value *args, size_t count, int direction, struct ta_value *ret)
{
	const struct ta_value *best = &args[0];

	for (size_t i = 1; i < count; i++)
		if (further(best, &args[i], direction))
			best = &args[i];
	*ret = *best;
	return true;
}

static bool pick_of_list(struct ta_run *run, const struct ta_node *node,
			 const struct ta_value *list, int direction, struct ta_value *ret)
{
	size_t count = ta_value_size(list);
	struct ta_value best = ta_value_at(list, 0);

	if (count == 0)
		return ta_run_fail(run, node->mark, "%s() of an empty list", node->name);
	if (!ta_run_spend(run, node->mark, count))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct ta_value item = ta_value_at(list, i);

		if (!ta_kind_is_number(item.kind))
			return ta_run_fail(run, node->mark,
					   "no such overload: %s() of a list with %s", node->name,
					   ta_run_kind(&item));
		if (further(&best, &item, direction))
			best = item;
	}
	*ret = best;
	return true;
}

bool ta_math_greatest(struct ta_run *run, const struct ta_node *node, const struct ta_value *args,
		      size_t count, struct ta_value *ret)
{
	(void)run, (void)node;
	return pick(args, count, GREATEST, ret);
}

bool ta_math_least(struct ta_run *run, const struct ta_node *node, const struct ta_value *args,
		   size_t count, struct ta_value *ret)
{
	(void)run, (void)node;
	return pick(args, count, LEAST, ret);
}

bool ta_math_greatest_of(struct ta_run *run, const struct ta_node *node,
			 const struct ta_value *args, size_t count, struct ta_value *ret)
{
	(void)count;
	return pick_of_list(run, node, &args[0], GREATEST, ret);
}

bool ta_math_least_of(struct ta_run *run, const struct ta_node *node, const struct ta_value *args,
		      size_t count, struct ta_value *ret)
{
	(void)count;
	return pick_of_list(run, node, &args[0], LEAST, ret);
}

bool ta_math_abs(struct ta_run *run, const struct ta_node *node, const struct ta_value *args,
		 size_t count, struct ta_value *ret)
{
	(void)count;
	if (args[0].kind == TA_INT && args[0].as.i == INT64_MIN)
		return ta_run_fail(run, node->mark, "integer overflow");
	*ret = args[0];
	if (args[0].kind == TA_INT && args[0].as.i < 0)
		*ret = TA_VALUE_INT(-args[0].as.i);
	else if (args[0].kind == TA_DOUBLE)
		*ret = TA_VALUE_DOUBLE(fabs(args[0].as.d));
	return true;
}

bool ta_math_ceil(struct ta_run *run, const struct ta_node *node, const struct ta_value *args,
		  size_t count, struct ta_value *ret)
{
	(void)run, (void)node, (void)count;
	*ret = TA_VALUE_DOUBLE(ceil(args[0].as.d));
	return true;
}

bool ta_math_floor(struct ta_run *run, const struct ta_node *node, const struct ta_value *args,
		   size_t count, struct ta_value *ret)
{
	(void)run, (void)node, (void)count;
	*ret = TA_VALUE_DOUBLE(floor(args[0].as.d));
	return true;
}

/* Halves go away from zero, in C as in CEL. */
bool ta_math_round(struct ta_run *run, const struct ta_node *node, const struct ta_value *args,
		   size_t count, struct ta_value *ret)
{
	(void)run, (void)node, (void)count;
	*ret = TA_VALUE_DOUBLE(round(args[0].as.d));
	return true;
}

bool ta_math_trunc(struct ta_run *run, const struct ta_node *node, const struct ta_value *args,
		   size_t count, struct ta_value *ret)
{
	(void)run, (void)node, (void)count;
	*ret = TA_VALUE_DOUBLE(trunc(args[0].as.d));
	return true;
}
