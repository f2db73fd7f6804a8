/* parse.h - tokens to the syntax tree. */
#ifndef EXPR_PARSE_H
#define EXPR_PARSE_H

#include "expr/lex.h"
#include "expr/node.h"

struct ta_parser {
	struct ta_tree *tree;
	struct ta_diags *diags;
	struct ta_lexer lexer;
	struct ta_token token; /* the next one */
	size_t end;            /* of the token before it */
	unsigned nesting;
};

/* Fills tree->root from tree->source. false: a mistake was reported, or the arena of the tree
 * is exhausted. */
bool ta_parse(struct ta_tree *tree, struct ta_diags *diags);

/* For macro.c. A node from offset start to the end of the token before the next; mark is the
 * whole of it. NULL when the tree would become too deep or too large, which is reported. */
struct ta_node *ta_parser_node(struct ta_parser *parser, enum ta_node_kind kind, size_t start,
			       struct ta_node **args, size_t count);

#endif
