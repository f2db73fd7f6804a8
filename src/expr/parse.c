/* parse.c - see parse.h. Recursive descent, with precedence climbing for the binary operators.
 *
 * A mistake is reported where it is found and leaves a TA_NODE_BROKEN; the parse goes on behind the
 * next && or ||, comma or closing bracket, so that all mistakes are found in one go. One that may
 * be but the consequence of another is not reported. Functions return NULL when a bound or memory
 * ends the parse. Recursion happens only where an expression is nested in brackets, which enter()
 * counts, so the stack is bounded. */
#include "expr/parse.h"

#include <string.h>

#include "base/macros.h"
#include "expr/literal.h"
#include "expr/macro.h"

#define END_OF_ALL "an operator or the end"

static struct ta_node *parse_expr(struct ta_parser *parser);

/* ---- tokens ------------------------------------------------------------------------- */

static void next(struct ta_parser *parser)
{
	parser->end = parser->token.span.offset + parser->token.span.length;
	ta_lex(&parser->lexer, &parser->token);
}

static bool at(const struct ta_parser *parser, enum ta_token_kind kind)
{
	return parser->token.kind == kind;
}

enum { LEVEL_NONE, LEVEL_OR, LEVEL_AND, LEVEL_RELATION, LEVEL_SUM, LEVEL_PRODUCT };

/* Words and characters of other languages for what CEL writes otherwise; those with a level are
 * taken for the operator that was meant, so that their operands are checked. */
static const struct {
	const char *word;
	uint8_t level;
	const char *hint; /* the lexer has those of characters */
} foreign_words[] = {
	{ "and", LEVEL_AND, "did you mean '&&'?" },
	{ "AND", LEVEL_AND, "did you mean '&&'?" },
	{ "&", LEVEL_AND, "" },
	{ "or", LEVEL_OR, "did you mean '||'?" },
	{ "OR", LEVEL_OR, "did you mean '||'?" },
	{ "|", LEVEL_OR, "" },
	{ "is", LEVEL_RELATION, "did you mean '=='?" },
	{ "eq", LEVEL_RELATION, "did you mean '=='?" },
	{ "=", LEVEL_RELATION, "" },
	{ "like", LEVEL_RELATION, "a pattern is matched with x.matches(\"...\")" },
	{ "not", LEVEL_NONE, "did you mean '!'?" },
	{ "NOT", LEVEL_NONE, "did you mean '!'?" },
	{ "if", LEVEL_NONE, "a choice is written: condition ? a : b" },
	{ "then", LEVEL_NONE, "a choice is written: condition ? a : b" },
};

static bool is_word(const struct ta_parser *parser, struct ta_span span, const char *word)
{
	return strlen(word) == span.length &&
	       memcmp(parser->lexer.source + span.offset, word, span.length) == 0;
}

static void hint_foreign(struct ta_parser *parser, struct ta_diag *diag, struct ta_span span)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(foreign_words); i++)
		if (is_word(parser, span, foreign_words[i].word))
			ta_diag_hint(diag, "%s", foreign_words[i].hint);
}

/* "expected ..., found ..." at the next token; nothing when the lexer reported that already, or
 * when it follows from an earlier mistake. */
static void unexpected(struct ta_parser *parser, const char *expected)
{
	struct ta_span span = parser->token.span;
	size_t shown = span.length < 60 ? span.length : 60;
	struct ta_diag *diag;

	if (parser->lost || at(parser, TA_TOKEN_BAD) || parser->complained_at > span.offset)
		return;
	parser->complained_at = span.offset + 1;
	if (at(parser, TA_TOKEN_END)) {
		if (parser->diags->count == 0)
			ta_diag_add(parser->diags, span, "expected %s, found the end", expected);
		return;
	}
	diag = ta_diag_add(parser->diags, span, "expected %s, found '%.*s'", expected, (int)shown,
			   parser->lexer.source + span.offset);
	hint_foreign(parser, diag, span);
}

/* ---- nodes -------------------------------------------------------------------------- */

static struct ta_span span_from(const struct ta_parser *parser, size_t start)
{
	return ta_span(start, parser->end - start);
}

static void *too_deep(struct ta_parser *parser, struct ta_span span)
{
	ta_diag_add(parser->diags, span, "nested more than %d deep", TA_EXPR_MAX_DEPTH);
	parser->lost = true;
	return NULL;
}

struct ta_node *ta_parser_node(struct ta_parser *parser, enum ta_node_kind kind, size_t start,
			       struct ta_node **args, size_t count)
{
	struct ta_node *node = ta_arena_zero(&parser->tree->arena, sizeof(*node));

	if (!node)
		return NULL;
	node->kind = kind;
	node->span = node->mark = span_from(parser, start);
	node->args = args;
	node->count = count;
	for (size_t i = 0; i < count; i++)
		if (args[i]->depth > node->depth)
			node->depth = args[i]->depth;
	if (++node->depth > TA_EXPR_MAX_DEPTH)
		return too_deep(parser, node->span);
	if (parser->tree->nodes == TA_EXPR_MAX_NODES) {
		ta_diag_add(parser->diags, node->span, "more than %d parts", TA_EXPR_MAX_NODES);
		parser->lost = true;
		return NULL;
	}
	parser->tree->nodes++;
	return node;
}

/* One level deeper, if there may be one; the caller counts it back. */
static bool enter(struct ta_parser *parser)
{
	if (parser->nesting == TA_EXPR_MAX_DEPTH)
		return too_deep(parser, parser->token.span);
	parser->nesting++;
	return true;
}

static struct ta_node *unary_node(struct ta_parser *parser, enum ta_node_kind kind, size_t start,
				  struct ta_node *arg)
{
	struct ta_node **args = ta_arena_array(&parser->tree->arena, 1, sizeof(*args));

	if (!arg || !args)
		return NULL;
	args[0] = arg;
	return ta_parser_node(parser, kind, start, args, 1);
}

/* What could be read where there is a mistake. */
static struct ta_node *broken(struct ta_parser *parser, size_t start, const struct ta_nodes *pieces)
{
	return ta_parser_node(parser, TA_NODE_BROKEN, start, pieces ? pieces->items : NULL,
			      pieces ? pieces->count : 0);
}

/* The text of a span, without the backticks of a quoted selector. */
static bool set_name(struct ta_parser *parser, struct ta_node *node, const struct ta_token *token)
{
	size_t quote = token->kind == TA_TOKEN_QUOTED;
	const char *text = parser->lexer.source + token->span.offset + quote;

	node->name_len = token->span.length - 2 * quote;
	node->name = ta_arena_copy(&parser->tree->arena, text, node->name_len);
	node->is_quoted = quote;
	node->mark = token->span;
	return node->name != NULL;
}

/* ---- what an expression is made of -------------------------------------------------- */

static struct ta_node *constant(struct ta_parser *parser, size_t start, struct ta_value value)
{
	struct ta_node *node = ta_parser_node(parser, TA_NODE_CONST, start, NULL, 0);

	if (node)
		node->value = value;
	return node;
}

static struct ta_node *parse_literal(struct ta_parser *parser, size_t start, bool negative)
{
	bool ok;
	struct ta_value value;

	ok = ta_literal(&parser->tree->arena, parser->lexer.source, &parser->token, negative,
			parser->diags, &value);
	if (!ok && parser->tree->arena.failed)
		return NULL;
	next(parser);
	return ok ? constant(parser, start, value) : broken(parser, start, NULL);
}

/* ---- going on behind a mistake ------------------------------------------------------ */

/* Whether the next token ends an element of a list, an argument, what is in parentheses. */
static bool ends_item(const struct ta_parser *parser)
{
	switch (parser->token.kind) {
	case TA_TOKEN_END:
	case TA_TOKEN_COMMA:
	case TA_TOKEN_COLON:
	case TA_TOKEN_RPAREN:
	case TA_TOKEN_RBRACKET:
	case TA_TOKEN_RBRACE:
		return true;
	default:
		return false;
	}
}

static bool is_logic(const struct ta_parser *parser)
{
	return at(parser, TA_TOKEN_AND) || at(parser, TA_TOKEN_OR);
}

/* Passes over tokens to the next that ends an item or is && or ||; brackets are passed whole. What
 * the lexer says of what is passed over is no news. */
static void pass_over(struct ta_parser *parser)
{
	size_t known = parser->diags->count;
	unsigned open = 0;

	while (!at(parser, TA_TOKEN_END) && (open || !(ends_item(parser) || is_logic(parser)))) {
		if (at(parser, TA_TOKEN_LPAREN) || at(parser, TA_TOKEN_LBRACKET) ||
		    at(parser, TA_TOKEN_LBRACE))
			open++;
		else if (open && (at(parser, TA_TOKEN_RPAREN) || at(parser, TA_TOKEN_RBRACKET) ||
				  at(parser, TA_TOKEN_RBRACE)))
			open--;
		next(parser);
	}
	parser->diags->count = known;
}

/* An expression and what ends it, which is not consumed. Anything between is a mistake, of which
 * the operands are kept. */
static struct ta_node *parse_item(struct ta_parser *parser, const char *what)
{
	size_t start = parser->token.span.offset;
	struct ta_nodes pieces = { 0 };
	struct ta_node *node = parse_expr(parser);

	if (!node || ends_item(parser))
		return node;
	while (node && !ends_item(parser)) {
		unexpected(parser, what);
		if (!ta_nodes_add(&parser->tree->arena, &pieces, node))
			return NULL;
		pass_over(parser);
		if (is_logic(parser))
			next(parser);
		node = ends_item(parser) ? broken(parser, start, NULL) : parse_expr(parser);
	}
	return node && ta_nodes_add(&parser->tree->arena, &pieces, node)
		       ? broken(parser, start, &pieces)
		       : NULL;
}

/* The bracket that closes; without it nobody knows what belongs together. */
static void close_bracket(struct ta_parser *parser, enum ta_token_kind close, const char *what)
{
	if (at(parser, close)) {
		next(parser);
		return;
	}
	unexpected(parser, what);
	parser->lost = true;
}

/* ---- lists, maps, calls ------------------------------------------------------------- */

/* Expressions separated by commas up to the closing token, which is consumed. */
static bool parse_items(struct ta_parser *parser, enum ta_token_kind close, const char *what,
			bool trailing_comma, struct ta_nodes *items)
{
	while (!at(parser, close)) {
		struct ta_node *item = parse_item(parser, what);

		if (!item || !ta_nodes_add(&parser->tree->arena, items, item))
			return false;
		if (!at(parser, TA_TOKEN_COMMA))
			break;
		next(parser);
		if (!trailing_comma && at(parser, close))
			unexpected(parser, "an argument");
	}
	close_bracket(parser, close, what);
	return true;
}

static struct ta_node *parse_list(struct ta_parser *parser)
{
	size_t start = parser->token.span.offset;
	struct ta_nodes items = { 0 };

	next(parser);
	if (!parse_items(parser, TA_TOKEN_RBRACKET, "',' or ']'", true, &items))
		return NULL;
	return ta_parser_node(parser, TA_NODE_LIST, start, items.items, items.count);
}

static bool parse_entry(struct ta_parser *parser, struct ta_nodes *items)
{
	static const char colon[] = "':' and a value";
	struct ta_arena *arena = &parser->tree->arena;
	size_t start = parser->token.span.offset;
	struct ta_node *key = parse_item(parser, colon), *value;

	if (!key || !ta_nodes_add(arena, items, key))
		return false;
	if (at(parser, TA_TOKEN_COLON)) {
		next(parser);
		value = parse_item(parser, "',' or '}'");
	} else {
		if (key->kind != TA_NODE_BROKEN)
			unexpected(parser, colon);
		value = broken(parser, start, NULL);
	}
	return value && ta_nodes_add(arena, items, value);
}

static struct ta_node *parse_map(struct ta_parser *parser)
{
	size_t start = parser->token.span.offset;
	struct ta_nodes items = { 0 };

	next(parser);
	while (!at(parser, TA_TOKEN_RBRACE)) {
		if (!parse_entry(parser, &items))
			return NULL;
		if (!at(parser, TA_TOKEN_COMMA))
			break;
		next(parser);
	}
	close_bracket(parser, TA_TOKEN_RBRACE, "',' or '}'");
	return ta_parser_node(parser, TA_NODE_MAP, start, items.items, items.count);
}

/* A macro with a mistake: its arguments may name variables that it would have declared, so that
 * only its receiver is kept. */
static struct ta_node *broken_macro(struct ta_parser *parser, size_t start, bool is_method,
				    struct ta_nodes *args)
{
	if (parser->tree->arena.failed)
		return NULL;
	args->count = is_method;
	return broken(parser, start, args);
}

/* The arguments of a call, '(' being next; args may hold a receiver already. */
static struct ta_node *parse_call(struct ta_parser *parser, size_t start,
				  const struct ta_token *name, bool is_method,
				  struct ta_nodes *args)
{
	struct ta_node *node;

	next(parser);
	if (!parse_items(parser, TA_TOKEN_RPAREN, "',' or ')'", false, args))
		return NULL;
	if (!ta_macro_expand(parser, start, name->span, is_method, args, &node))
		return broken_macro(parser, start, is_method, args);
	if (node)
		return node;
	node = ta_parser_node(parser, TA_NODE_CALL, start, args->items, args->count);
	if (!node || !set_name(parser, node, name))
		return NULL;
	node->is_method = is_method;
	return node;
}

/* Not allowed as a variable or function; fine behind a dot. */
static bool is_reserved(const struct ta_parser *parser, struct ta_span span)
{
	static const char *const words[] = {
		"as",       "break",  "const",  "continue", "else",  "for",
		"function", "if",     "import", "let",      "loop",  "namespace",
		"package",  "return", "var",    "void",     "while",
	};

	for (size_t i = 0; i < TA_ARRAY_SIZE(words); i++)
		if (is_word(parser, span, words[i]))
			return true;
	return false;
}

static bool parse_constant_word(struct ta_parser *parser, struct ta_value *ret)
{
	struct ta_span span = parser->token.span;

	if (is_word(parser, span, "true"))
		*ret = TA_VALUE_BOOL(true);
	else if (is_word(parser, span, "false"))
		*ret = TA_VALUE_BOOL(false);
	else if (is_word(parser, span, "null"))
		*ret = (struct ta_value){ .kind = TA_NULL };
	else
		return false;
	next(parser);
	return true;
}

/* A name or a call; start is that of a dot before it. */
static struct ta_node *parse_name(struct ta_parser *parser, size_t start, bool is_rooted)
{
	struct ta_token name = parser->token;
	struct ta_nodes args = { 0 };
	struct ta_value value;
	struct ta_node *node;

	if (!at(parser, TA_TOKEN_NAME)) {
		unexpected(parser, "a name");
		return broken(parser, start, NULL);
	}
	if (!is_rooted && parse_constant_word(parser, &value))
		return constant(parser, start, value);
	if (is_reserved(parser, name.span)) {
		struct ta_diag *diag =
			ta_diag_add(parser->diags, name.span, "'%.*s' is a reserved word",
				    (int)name.span.length, parser->lexer.source + name.span.offset);

		hint_foreign(parser, diag, name.span);
		parser->complained_at = name.span.offset + 1;
		return broken(parser, start, NULL);
	}
	next(parser);
	if (at(parser, TA_TOKEN_LPAREN))
		return parse_call(parser, start, &name, false, &args);
	node = ta_parser_node(parser, TA_NODE_NAME, start, NULL, 0);
	if (!node || !set_name(parser, node, &name))
		return NULL;
	node->is_rooted = is_rooted;
	return node;
}

static struct ta_node *parse_parentheses(struct ta_parser *parser)
{
	struct ta_node *node;

	next(parser);
	node = parse_item(parser, "')'");
	if (node)
		close_bracket(parser, TA_TOKEN_RPAREN, "')'");
	return node;
}

static struct ta_node *parse_primary(struct ta_parser *parser)
{
	size_t start = parser->token.span.offset;

	switch (parser->token.kind) {
	case TA_TOKEN_INT:
	case TA_TOKEN_UINT:
	case TA_TOKEN_DOUBLE:
	case TA_TOKEN_STRING:
	case TA_TOKEN_BYTES:
		return parse_literal(parser, start, false);
	case TA_TOKEN_NAME:
		return parse_name(parser, start, false);
	case TA_TOKEN_DOT:
		next(parser);
		return parse_name(parser, start, true);
	case TA_TOKEN_LPAREN:
		return parse_parentheses(parser);
	case TA_TOKEN_LBRACKET:
		return parse_list(parser);
	case TA_TOKEN_LBRACE:
		return parse_map(parser);
	default:
		unexpected(parser, "an expression");
		return broken(parser, start, NULL);
	}
}

/* .name, .`name`, .name(args); the dot is next. */
static struct ta_node *parse_select(struct ta_parser *parser, size_t start, struct ta_node *of)
{
	struct ta_nodes args = { 0 };
	struct ta_token name;
	struct ta_node *node;

	next(parser);
	name = parser->token;
	if (!ta_nodes_add(&parser->tree->arena, &args, of))
		return NULL;
	if (name.kind != TA_TOKEN_NAME && name.kind != TA_TOKEN_QUOTED) {
		unexpected(parser, "a field");
		if (name.kind == TA_TOKEN_IN) /* meant as a name, no operator */
			next(parser);
		return broken(parser, start, &args);
	}
	next(parser);
	if (name.kind == TA_TOKEN_NAME && at(parser, TA_TOKEN_LPAREN))
		return parse_call(parser, start, &name, true, &args);
	node = ta_parser_node(parser, TA_NODE_SELECT, start, args.items, 1);
	return node && set_name(parser, node, &name) ? node : NULL;
}

static struct ta_node *parse_index(struct ta_parser *parser, size_t start, struct ta_node *of)
{
	struct ta_nodes args = { 0 };
	struct ta_node *index, *node;

	next(parser);
	index = parse_item(parser, "']'");
	if (!index || !ta_nodes_add(&parser->tree->arena, &args, of) ||
	    !ta_nodes_add(&parser->tree->arena, &args, index))
		return NULL;
	close_bracket(parser, TA_TOKEN_RBRACKET, "']'");
	node = ta_parser_node(parser, TA_NODE_INDEX, start, args.items, 2);
	if (node)
		node->mark = index->span;
	return node;
}

static struct ta_node *parse_member(struct ta_parser *parser)
{
	size_t start = parser->token.span.offset;
	struct ta_node *node = parse_primary(parser);

	while (node && !parser->lost) {
		if (at(parser, TA_TOKEN_DOT))
			node = parse_select(parser, start, node);
		else if (at(parser, TA_TOKEN_LBRACKET))
			node = parse_index(parser, start, node);
		else
			break;
	}
	return node;
}

/* ---- operators ---------------------------------------------------------------------- */

/* "!" and "-" in any number. The minus before a number is part of it, because
 * 9223372036854775808 alone is no int but -9223372036854775808 is. */
static struct ta_node *parse_unary(struct ta_parser *parser)
{
	struct ta_span mark = parser->token.span;
	bool negate = at(parser, TA_TOKEN_SUB);
	struct ta_node *node;

	if (!negate && !at(parser, TA_TOKEN_NOT))
		return parse_member(parser);
	if (!enter(parser))
		return NULL;
	next(parser);
	if (negate && (at(parser, TA_TOKEN_INT) || at(parser, TA_TOKEN_DOUBLE))) {
		node = parse_literal(parser, mark.offset, true);
	} else {
		node = unary_node(parser, negate ? TA_NODE_NEGATE : TA_NODE_NOT, mark.offset,
				  parse_unary(parser));
		if (node)
			node->mark = mark;
	}
	parser->nesting--;
	return node;
}

static const struct {
	uint8_t level;
	uint8_t op;
} binaries[] = {
	[TA_TOKEN_OR] = { LEVEL_OR, 0 },
	[TA_TOKEN_AND] = { LEVEL_AND, 0 },
	[TA_TOKEN_EQ] = { LEVEL_RELATION, TA_OP_EQ },
	[TA_TOKEN_NE] = { LEVEL_RELATION, TA_OP_NE },
	[TA_TOKEN_LT] = { LEVEL_RELATION, TA_OP_LT },
	[TA_TOKEN_LE] = { LEVEL_RELATION, TA_OP_LE },
	[TA_TOKEN_GT] = { LEVEL_RELATION, TA_OP_GT },
	[TA_TOKEN_GE] = { LEVEL_RELATION, TA_OP_GE },
	[TA_TOKEN_IN] = { LEVEL_RELATION, TA_OP_IN },
	[TA_TOKEN_ADD] = { LEVEL_SUM, TA_OP_ADD },
	[TA_TOKEN_SUB] = { LEVEL_SUM, TA_OP_SUB },
	[TA_TOKEN_MUL] = { LEVEL_PRODUCT, TA_OP_MUL },
	[TA_TOKEN_DIV] = { LEVEL_PRODUCT, TA_OP_DIV },
	[TA_TOKEN_MOD] = { LEVEL_PRODUCT, TA_OP_MOD },
};

/* Of the operator that the next token is, or is meant to be. */
static unsigned level_of(const struct ta_parser *parser)
{
	if (parser->lost)
		return LEVEL_NONE;
	if (!at(parser, TA_TOKEN_NAME) && !at(parser, TA_TOKEN_BAD))
		return binaries[parser->token.kind].level;
	for (size_t i = 0; i < TA_ARRAY_SIZE(foreign_words); i++)
		if (is_word(parser, parser->token.span, foreign_words[i].word))
			return foreign_words[i].level;
	return LEVEL_NONE;
}

/* The operators of a chain, growing like ta_nodes. */
struct links {
	struct ta_link *items;
	size_t count, size;
};

static bool add_link(struct ta_arena *arena, struct links *links, const struct ta_token *token)
{
	if (links->count == links->size) {
		size_t size = links->size ? links->size * 2 : 2;
		struct ta_link *items = ta_arena_array(arena, size, sizeof(*items));

		if (!items)
			return false;
		if (links->count)
			memcpy(items, links->items, links->count * sizeof(*items));
		links->items = items;
		links->size = size;
	}
	links->items[links->count++] =
		(struct ta_link){ (enum ta_op)binaries[token->kind].op, token->span };
	return true;
}

static struct ta_node *parse_binary(struct ta_parser *parser, unsigned least);

/* first OP operand OP operand ..., all of one level. */
static struct ta_node *parse_chain(struct ta_parser *parser, size_t start, struct ta_node *first)
{
	struct ta_arena *arena = &parser->tree->arena;
	unsigned level = level_of(parser);
	struct ta_nodes args = { 0 };
	struct links links = { 0 };
	struct ta_node *node = first;

	if (!ta_nodes_add(arena, &args, first))
		return NULL;
	while (level_of(parser) == level) {
		if (!add_link(arena, &links, &parser->token))
			return NULL;
		if (at(parser, TA_TOKEN_NAME))
			unexpected(parser, "an operator");
		next(parser);
		node = parse_binary(parser, level + 1);
		if (!node || !ta_nodes_add(arena, &args, node))
			return NULL;
	}
	node = ta_parser_node(parser,
			      level == LEVEL_OR    ? TA_NODE_OR
			      : level == LEVEL_AND ? TA_NODE_AND
						   : TA_NODE_FOLD,
			      start, args.items, args.count);
	if (node)
		node->links = links.items;
	return node;
}

static struct ta_node *parse_binary(struct ta_parser *parser, unsigned least)
{
	size_t start = parser->token.span.offset;
	struct ta_node *node = parse_unary(parser);

	while (node && level_of(parser) >= least)
		node = parse_chain(parser, start, node);
	return node;
}

/* a ? b : c ? d : e ...: one node. first is a, '?' is next. */
static struct ta_node *parse_choice(struct ta_parser *parser, size_t start, struct ta_node *first)
{
	struct ta_arena *arena = &parser->tree->arena;
	struct ta_nodes args = { 0 };
	struct ta_node *node = first;

	while (at(parser, TA_TOKEN_QUESTION) && !parser->lost) {
		struct ta_node *taken;

		next(parser);
		taken = parse_expr(parser);
		if (!taken || !ta_nodes_add(arena, &args, node) ||
		    !ta_nodes_add(arena, &args, taken))
			return NULL;
		if (!at(parser, TA_TOKEN_COLON)) {
			unexpected(parser, "':' and the other value");
			return broken(parser, start, &args);
		}
		next(parser);
		node = parse_binary(parser, LEVEL_OR);
		if (!node)
			return NULL;
	}
	if (!ta_nodes_add(arena, &args, node))
		return NULL;
	return ta_parser_node(parser, TA_NODE_COND, start, args.items, args.count);
}

static struct ta_node *parse_expr(struct ta_parser *parser)
{
	size_t start = parser->token.span.offset;
	struct ta_node *node;

	if (!enter(parser))
		return NULL;
	node = parse_binary(parser, LEVEL_OR);
	if (node && at(parser, TA_TOKEN_QUESTION) && !parser->lost)
		node = parse_choice(parser, start, node);
	parser->nesting--;
	return node;
}

/* What follows a bracket or comma that nothing opened. */
static struct ta_node *parse_rest(struct ta_parser *parser, struct ta_node *node)
{
	struct ta_nodes pieces = { 0 };

	while (node && !at(parser, TA_TOKEN_END) && !parser->lost) {
		unexpected(parser, END_OF_ALL);
		next(parser);
		if (!ta_nodes_add(&parser->tree->arena, &pieces, node))
			return NULL;
		pass_over(parser);
		if (is_logic(parser)) {
			next(parser);
			node = parse_item(parser, END_OF_ALL);
		} else {
			node = broken(parser, 0, NULL);
		}
	}
	if (!node || pieces.count == 0)
		return node;
	return ta_nodes_add(&parser->tree->arena, &pieces, node) ? broken(parser, 0, &pieces)
								 : NULL;
}

bool ta_parse(struct ta_tree *tree, struct ta_diags *diags)
{
	struct ta_parser parser = {
		.tree = tree,
		.diags = diags,
		.lexer = { tree->source, tree->len, 0, diags },
	};

	next(&parser);
	tree->root = parse_rest(&parser, parse_item(&parser, END_OF_ALL));
	return tree->root != NULL;
}
