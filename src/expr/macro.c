/* macro.c - see macro.h. */
#include "expr/macro.h"

#include <string.h>

#include "base/macros.h"

static const struct {
	const char *name;
	enum ta_loop_kind kind;
	unsigned variables;
	bool has_filter;
} macros[] = {
	{ "all", TA_LOOP_ALL, 1, false },
	{ "all", TA_LOOP_ALL, 2, false },
	{ "exists", TA_LOOP_EXISTS, 1, false },
	{ "exists", TA_LOOP_EXISTS, 2, false },
	{ "exists_one", TA_LOOP_EXISTS_ONE, 1, false },
	{ "exists_one", TA_LOOP_EXISTS_ONE, 2, false },
	{ "existsOne", TA_LOOP_EXISTS_ONE, 1, false },
	{ "existsOne", TA_LOOP_EXISTS_ONE, 2, false },
	{ "map", TA_LOOP_MAP, 1, false },
	{ "map", TA_LOOP_MAP, 1, true },
	{ "filter", TA_LOOP_FILTER, 1, false },
	{ "transformList", TA_LOOP_MAP, 2, false },
	{ "transformList", TA_LOOP_MAP, 2, true },
	{ "transformMap", TA_LOOP_TO_MAP, 2, false },
	{ "transformMap", TA_LOOP_TO_MAP, 2, true },
	{ "transformMapEntry", TA_LOOP_ENTRY, 2, false },
	{ "transformMapEntry", TA_LOOP_ENTRY, 2, true },
};

const char *ta_macro_name(size_t i)
{
	return i < TA_ARRAY_SIZE(macros)    ? macros[i].name
	       : i == TA_ARRAY_SIZE(macros) ? "has"
					    : NULL;
}

static bool named(const struct ta_parser *parser, struct ta_span span, const char *name)
{
	return strlen(name) == span.length &&
	       memcmp(parser->lexer.source + span.offset, name, span.length) == 0;
}

/* has(e.f): the selection itself becomes the test. */
static bool expand_has(struct ta_parser *parser, size_t start, struct ta_node *arg,
		       struct ta_node **ret)
{
	struct ta_node *node;

	if (arg->kind == TA_NODE_BROKEN)
		return false;
	if (arg->kind != TA_NODE_SELECT) {
		struct ta_diag *diag = ta_diag_add(parser->diags, arg->span,
						   "has() takes a field, such as has(a.b)");

		if (arg->kind == TA_NODE_INDEX)
			ta_diag_hint(diag, "for a key write: \"key\" in a");
		return false;
	}
	node = ta_parser_node(parser, TA_NODE_HAS, start, arg->args, 1);
	if (!node)
		return false;
	node->name = arg->name;
	node->name_len = arg->name_len;
	node->is_quoted = arg->is_quoted;
	node->mark = arg->mark;
	*ret = node;
	return true;
}

/* The loop's variables: plain names that differ. */
static bool check_names(struct ta_parser *parser, const struct ta_loop *loop)
{
	for (unsigned i = 0; i < loop->variables; i++) {
		const struct ta_node *name = loop->names[i];

		if (name->kind == TA_NODE_NAME && !name->is_rooted)
			continue;
		if (name->kind == TA_NODE_BROKEN)
			return false;
		ta_diag_hint(ta_diag_add(parser->diags, name->span,
					 "%s() needs the name of a variable here", loop->macro),
			     "such as %s(x, ...)", loop->macro);
		return false;
	}
	if (loop->variables < 2 || strcmp(loop->names[0]->name, loop->names[1]->name) != 0)
		return true;
	ta_diag_add(parser->diags, loop->names[1]->span, "%s() needs two different variables",
		    loop->macro);
	return false;
}

static bool expand_loop(struct ta_parser *parser, size_t start, struct ta_span name, size_t row,
			const struct ta_nodes *args, struct ta_node **ret)
{
	struct ta_arena *arena = &parser->tree->arena;
	struct ta_loop *loop = ta_arena_zero(arena, sizeof(*loop));
	struct ta_nodes parts = { 0 };
	struct ta_node *node;

	if (!loop || !ta_nodes_add(arena, &parts, args->items[0]))
		return false;
	loop->kind = macros[row].kind;
	loop->macro = macros[row].name;
	loop->variables = macros[row].variables;
	loop->has_filter = macros[row].has_filter;
	for (unsigned i = 0; i < loop->variables; i++)
		loop->names[i] = args->items[1 + i];
	if (!check_names(parser, loop))
		return false;
	for (size_t i = 1 + loop->variables; i < args->count; i++)
		if (!ta_nodes_add(arena, &parts, args->items[i]))
			return false;
	node = ta_parser_node(parser, TA_NODE_LOOP, start, parts.items, parts.count);
	if (!node)
		return false;
	node->loop = loop;
	node->mark = name;
	*ret = node;
	return true;
}

bool ta_macro_expand(struct ta_parser *parser, size_t start, struct ta_span name, bool is_method,
		     const struct ta_nodes *args, struct ta_node **ret)
{
	*ret = NULL;
	if (!is_method && args->count == 1 && named(parser, name, "has"))
		return expand_has(parser, start, args->items[0], ret);
	if (!is_method)
		return true;
	for (size_t i = 0; i < TA_ARRAY_SIZE(macros); i++)
		if (args->count == 2 + macros[i].variables + macros[i].has_filter &&
		    named(parser, name, macros[i].name))
			return expand_loop(parser, start, name, i, args, ret);
	return true;
}
