/* eval.c - walks the tree. Every node costs a step; recursion is as deep as the tree. */
#include <string.h>

#include "expr/functions.h"
#include "expr/look.h"
#include "expr/operators.h"
#include "expr/run.h"

/* ---- conditions: the errors of one operand may be absorbed by another --------------- */

/* What is known of && || all() exists() so far: the failure that holds unless a later operand
 * decides. */
struct doubt {
	bool is;
	struct ta_fault fault;
};

static bool not_bool(struct ta_run *run, const struct ta_node *node, const char *what,
		     const struct ta_value *value)
{
	return ta_run_fail(run, node->span, "no such overload: %s needs bool, not %s", what,
			   ta_run_kind(value));
}

static bool condition(struct ta_run *run, const struct ta_node *node, const char *what, bool *ret)
{
	struct ta_value value;

	if (!ta_run_node(run, node, &value))
		return false;
	if (value.kind != TA_BOOL)
		return not_bool(run, node, what, &value);
	*ret = value.as.boolean;
	return true;
}

/* Puts a failure aside; false when it ends the evaluation. A missing fact is the better report
 * than what else went wrong. */
static bool put_aside(const struct ta_run *run, struct doubt *doubt)
{
	if (ta_run_is_over(run))
		return false;
	if (!doubt->is || (doubt->fault.code != TA_E_MISSING && run->fault.code == TA_E_MISSING))
		doubt->fault = run->fault;
	doubt->is = true;
	return true;
}

static bool conclude(struct ta_run *run, const struct doubt *doubt, bool is, struct ta_value *ret)
{
	if (doubt->is) {
		run->fault = doubt->fault;
		return false;
	}
	*ret = TA_VALUE_BOOL(is);
	return true;
}

/* && (decisive is false) and || (decisive is true). */
static bool logic(struct ta_run *run, const struct ta_node *node, bool decisive,
		  struct ta_value *ret)
{
	struct doubt doubt;
	bool is;

	doubt.is = false;
	for (size_t i = 0; i < node->count; i++) {
		if (!condition(run, node->args[i], decisive ? "||" : "&&", &is)) {
			if (!put_aside(run, &doubt))
				return false;
		} else if (is == decisive) {
			*ret = TA_VALUE_BOOL(decisive);
			return true;
		}
	}
	return conclude(run, &doubt, !decisive, ret);
}

static bool choice(struct ta_run *run, const struct ta_node *node, struct ta_value *ret)
{
	size_t i = 0;
	bool is;

	for (; i + 1 < node->count; i += 2) {
		if (!condition(run, node->args[i], "?:", &is))
			return false;
		if (is) {
			i++;
			break;
		}
	}
	if (run->eval->taken)
		run->eval->taken(run->eval->taken_ctx, &(struct ta_arm){ node, i });
	return ta_run_node(run, node->args[i], ret);
}

static bool negation(struct ta_run *run, const struct ta_node *node, struct ta_value *ret)
{
	bool is;

	if (!condition(run, node->args[0], "!", &is))
		return false;
	*ret = TA_VALUE_BOOL(!is);
	return true;
}

/* ---- operators, fields, calls ------------------------------------------------------- */

static bool negative(struct ta_run *run, const struct ta_node *node, struct ta_value *ret)
{
	struct ta_value value;

	return ta_run_node(run, node->args[0], &value) && ta_negate(run, node, &value, ret);
}

static bool fold(struct ta_run *run, const struct ta_node *node, struct ta_value *ret)
{
	struct ta_value left, right;

	if (!ta_run_node(run, node->args[0], &left))
		return false;
	for (size_t i = 1; i < node->count; i++)
		if (!ta_run_node(run, node->args[i], &right) ||
		    !ta_operate(run, &node->links[i - 1], &left, &right, &left))
			return false;
	*ret = left;
	return true;
}

static bool no_field(struct ta_run *run, const struct ta_node *node, const struct ta_value *of)
{
	return ta_run_fail(run, node->mark, "no such overload: %s.%s", ta_run_kind(of), node->name);
}

static bool field(struct ta_run *run, const struct ta_node *node, struct ta_value *ret)
{
	struct ta_value of;

	if (!ta_run_node(run, node->args[0], &of))
		return false;
	if (of.kind != TA_MAP)
		return no_field(run, node, &of);
	if (!ta_map_find_name(&of, node->name, node->name_len, &run->steps, ret))
		return ta_run_missing(run, node, NULL);
	return true;
}

static bool has_field(struct ta_run *run, const struct ta_node *node, struct ta_value *ret)
{
	struct ta_value of;

	if (!ta_run_node(run, node->args[0], &of))
		return false;
	if (of.kind != TA_MAP)
		return no_field(run, node, &of);
	*ret = TA_VALUE_BOOL(ta_map_find_name(&of, node->name, node->name_len, &run->steps, NULL));
	return true;
}

static bool element(struct ta_run *run, const struct ta_node *node, struct ta_value *ret)
{
	struct ta_value of, key;

	return ta_run_node(run, node->args[0], &of) && ta_run_node(run, node->args[1], &key) &&
	       ta_index(run, node, &of, &key, ret);
}

static bool call(struct ta_run *run, const struct ta_node *node, struct ta_value *ret)
{
	struct ta_value few[4], *args = few;

	if (!node->function)
		return ta_run_fail(run, node->mark, "unknown function '%s'", node->name);
	if (node->count > sizeof(few) / sizeof(few[0]))
		args = ta_arena_array(&run->eval->arena, node->count, sizeof(*args));
	if (!args)
		return ta_run_out_of_memory(run, node->mark);
	for (size_t i = 0; i < node->count; i++)
		if (!ta_run_node(run, node->args[i], &args[i]))
			return false;
	return ta_function_run(run, node, args, node->count, ret);
}

static bool variable(struct ta_run *run, const struct ta_node *node, struct ta_value *ret)
{
	const struct ta_value *value = &run->slots[node->slot];

	if (value->kind <= TA_UNBOUND && run->eval->supply)
		run->eval->supply(run->eval->supply_ctx, node->slot);
	if (value->kind <= TA_UNBOUND) /* so a slot of zeros is unbound too */
		return ta_run_missing(run, node, NULL);
	*ret = *value;
	return true;
}

/* ---- lists and maps ----------------------------------------------------------------- */

static bool list(struct ta_run *run, const struct ta_node *node, struct ta_value *ret)
{
	struct ta_list *made = ta_arena_alloc(&run->eval->arena, sizeof(*made));
	struct ta_value *items = ta_arena_array(&run->eval->arena, node->count, sizeof(*items));

	if (!made || !items)
		return ta_run_out_of_memory(run, node->mark);
	for (size_t i = 0; i < node->count; i++)
		if (!ta_run_node(run, node->args[i], &items[i]))
			return false;
	*made = (struct ta_list){ node->count, items };
	*ret = ta_value_list(made);
	return true;
}

static bool add_entry(struct ta_run *run, const struct ta_node *at, struct ta_dict *dict,
		      const struct ta_value *key, const struct ta_value *value)
{
	if (!ta_kind_is_key(key->kind))
		return ta_run_fail(run, at->span, "%s cannot be a key", ta_run_kind(key));
	if (!ta_dict_add(dict, key, value, &run->steps))
		return ta_run_fail(run, at->span, "the key comes twice");
	return true;
}

static bool map(struct ta_run *run, const struct ta_node *node, struct ta_value *ret)
{
	struct ta_dict *dict = ta_dict_new(&run->eval->arena, node->count / 2);

	if (!dict)
		return ta_run_out_of_memory(run, node->mark);
	for (size_t i = 0; i < node->count; i += 2) {
		struct ta_value key = TA_VALUE_UNBOUND, value = TA_VALUE_UNBOUND;

		if (!ta_run_node(run, node->args[i], &key) ||
		    !ta_run_node(run, node->args[i + 1], &value) ||
		    !add_entry(run, node->args[i], dict, &key, &value))
			return false;
	}
	*ret = ta_value_dict(dict);
	return true;
}

/* ---- loops -------------------------------------------------------------------------- */

struct state {
	const struct ta_node *node, *body;
	struct ta_value key, value; /* of the element */
	size_t count;               /* of items, or of elements found */
	struct ta_value *items;     /* of the list that is made */
	struct ta_dict *dict;       /* the map that is made */
	struct doubt doubt;
	bool decided;
};

/* One element; false is failure. Sets state->decided when the rest need not be looked at. */
typedef bool visit(struct ta_run *run, struct state *state);
typedef bool finish(struct ta_run *run, struct state *state, struct ta_value *ret);

static bool decide(struct ta_run *run, struct state *state, bool decisive)
{
	bool is = false;

	if (!condition(run, state->body, state->node->loop->macro, &is))
		return put_aside(run, &state->doubt);
	state->decided = is == decisive;
	return true;
}

static bool visit_all(struct ta_run *run, struct state *state)
{
	return decide(run, state, false);
}

static bool visit_exists(struct ta_run *run, struct state *state)
{
	return decide(run, state, true);
}

static bool visit_exists_one(struct ta_run *run, struct state *state)
{
	bool is = false;

	if (!condition(run, state->body, state->node->loop->macro, &is))
		return false;
	state->count += is;
	return true;
}

static bool visit_map(struct ta_run *run, struct state *state)
{
	return ta_run_node(run, state->body, &state->items[state->count++]);
}

static bool visit_filter(struct ta_run *run, struct state *state)
{
	bool is = false;

	if (!condition(run, state->body, state->node->loop->macro, &is))
		return false;
	if (is)
		state->items[state->count++] = run->locals[state->node->loop->local];
	return true;
}

static bool visit_to_map(struct ta_run *run, struct state *state)
{
	struct ta_value value;

	return ta_run_node(run, state->body, &value) &&
	       add_entry(run, state->body, state->dict, &state->key, &value);
}

static bool visit_entry(struct ta_run *run, struct state *state)
{
	struct ta_value made, key, value;
	struct ta_walk walk = { .of = &made };

	if (!ta_run_node(run, state->body, &made))
		return false;
	if (made.kind != TA_MAP || ta_value_size(&made) != 1)
		return ta_run_fail(run, state->body->span, "%s() needs a map of one entry here",
				   state->node->loop->macro);
	ta_walk_next(&walk, &key, &value);
	return add_entry(run, state->body, state->dict, &key, &value);
}

static bool finish_all(struct ta_run *run, struct state *state, struct ta_value *ret)
{
	return conclude(run, &state->doubt, true, ret);
}

static bool finish_exists(struct ta_run *run, struct state *state, struct ta_value *ret)
{
	return conclude(run, &state->doubt, false, ret);
}

static bool finish_exists_one(struct ta_run *run, struct state *state, struct ta_value *ret)
{
	(void)run;
	*ret = TA_VALUE_BOOL(state->count == 1);
	return true;
}

static bool finish_list(struct ta_run *run, struct state *state, struct ta_value *ret)
{
	struct ta_list *made = ta_arena_alloc(&run->eval->arena, sizeof(*made));

	if (!made)
		return ta_run_out_of_memory(run, state->node->mark);
	*made = (struct ta_list){ state->count, state->items };
	*ret = ta_value_list(made);
	return true;
}

static bool finish_map(struct ta_run *run, struct state *state, struct ta_value *ret)
{
	(void)run;
	*ret = ta_value_dict(state->dict);
	return true;
}

static const struct {
	visit *visit;
	finish *finish;
	bool makes_list, makes_map;
	bool decided; /* the answer when an element decides */
} loops[] = {
	[TA_LOOP_ALL] = { visit_all, finish_all, false, false, false },
	[TA_LOOP_EXISTS] = { visit_exists, finish_exists, false, false, true },
	[TA_LOOP_EXISTS_ONE] = { visit_exists_one, finish_exists_one, false, false, false },
	[TA_LOOP_MAP] = { visit_map, finish_list, true, false, false },
	[TA_LOOP_FILTER] = { visit_filter, finish_list, true, false, false },
	[TA_LOOP_TO_MAP] = { visit_to_map, finish_map, false, true, false },
	[TA_LOOP_ENTRY] = { visit_entry, finish_map, false, true, false },
};

/* Room for what the loop makes: at most one item an element. */
static bool prepare(struct ta_run *run, struct state *state, size_t size)
{
	struct ta_arena *arena = &run->eval->arena;
	enum ta_loop_kind kind = state->node->loop->kind;

	if (size > TA_EVAL_MAX_ELEMENTS)
		return ta_run_too_large(run, state->node->mark);
	if (loops[kind].makes_list)
		state->items = ta_arena_array(arena, size, sizeof(*state->items));
	if (loops[kind].makes_map)
		state->dict = ta_dict_new(arena, size);
	if ((loops[kind].makes_list && !state->items) || (loops[kind].makes_map && !state->dict))
		return ta_run_out_of_memory(run, state->node->mark);
	return true;
}

static bool filter_takes(struct ta_run *run, const struct ta_node *node, bool *ret)
{
	*ret = true;
	return !node->loop->has_filter || condition(run, node->args[1], node->loop->macro, ret);
}

static void set_locals(struct ta_run *run, const struct ta_loop *loop, const struct state *state,
		       bool is_list)
{
	struct ta_value *locals = run->locals + loop->local;

	if (loop->variables == 2) {
		locals[0] = state->key;
		locals[1] = state->value;
	} else {
		locals[0] = is_list ? state->value : state->key;
	}
}

static bool loop(struct ta_run *run, const struct ta_node *node, struct ta_value *ret)
{
	const struct ta_loop *loop = node->loop;
	struct ta_value of;
	struct ta_walk walk = { .of = &of };
	struct state state = { .node = node, .body = node->args[node->count - 1] };

	if (!ta_run_node(run, node->args[0], &of))
		return false;
	if (of.kind != TA_LIST && of.kind != TA_MAP)
		return ta_run_fail(run, node->mark, "no such overload: %s() of %s", loop->macro,
				   ta_run_kind(&of));
	if (!prepare(run, &state, ta_value_size(&of)))
		return false;
	while (!state.decided && ta_walk_next(&walk, &state.key, &state.value)) {
		bool wanted;

		set_locals(run, loop, &state, of.kind == TA_LIST);
		if (!filter_takes(run, node, &wanted) ||
		    (wanted && !loops[loop->kind].visit(run, &state)))
			return false;
	}
	if (!state.decided)
		return loops[loop->kind].finish(run, &state, ret);
	*ret = TA_VALUE_BOOL(loops[loop->kind].decided);
	return true;
}

/* ---- the tree ----------------------------------------------------------------------- */

bool ta_run_node(struct ta_run *run, const struct ta_node *node, struct ta_value *ret)
{
	if (run->steps == 0)
		return ta_run_out_of_steps(run, node->mark);
	run->steps--;
	switch (node->kind) {
	case TA_NODE_CONST:
		*ret = node->value;
		return true;
	case TA_NODE_NAME:
		return ta_run_missing(run, node, NULL);
	case TA_NODE_VAR:
		return variable(run, node, ret);
	case TA_NODE_LOCAL:
		*ret = run->locals[node->slot];
		return true;
	case TA_NODE_SELECT:
		return field(run, node, ret);
	case TA_NODE_HAS:
		return has_field(run, node, ret);
	case TA_NODE_INDEX:
		return element(run, node, ret);
	case TA_NODE_CALL:
		return call(run, node, ret);
	case TA_NODE_NOT:
		return negation(run, node, ret);
	case TA_NODE_NEGATE:
		return negative(run, node, ret);
	case TA_NODE_FOLD:
		return fold(run, node, ret);
	case TA_NODE_AND:
		return logic(run, node, false, ret);
	case TA_NODE_OR:
		return logic(run, node, true, ret);
	case TA_NODE_COND:
		return choice(run, node, ret);
	case TA_NODE_LIST:
		return list(run, node, ret);
	case TA_NODE_MAP:
		return map(run, node, ret);
	case TA_NODE_LOOP:
		return loop(run, node, ret);
	case TA_NODE_BROKEN: /* never compiled */
		break;
	}
	return ta_run_fail(run, node->mark, "unknown part of an expression");
}
