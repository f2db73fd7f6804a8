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
	size_t complained_at;  /* offset behind the last unexpected token, 0: there was none */
	unsigned nesting;
	bool lost; /* what follows makes no sense, or is too much */
};

/* Fills tree->root from tree->source, with TA_NODE_BROKEN where the syntax is wrong, so that names
 * and types of the rest can be checked. false: a bound was reached, which was reported, or the
 * arena of the tree is exhausted. */
bool ta_parse(struct ta_tree *tree, struct ta_diags *diags);

/* For macro.c. A node from offset start to the end of the token before the next; mark is the
 * whole of it. NULL when the tree would become too deep or too large, which is reported. */
struct ta_node *ta_parser_node(struct ta_parser *parser, enum ta_node_kind kind, size_t start,
			       struct ta_node **args, size_t count);

#endif
