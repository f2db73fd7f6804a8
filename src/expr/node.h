/* node.h - the syntax tree.
 *
 * Chains of operators of one precedence are one node with many arguments, so that the depth of
 * the tree is the nesting that a person sees; "1 + 1 + ..." may be as long as it likes. Every
 * node knows the text that it was made from (span) and the word in it that a mistake or error
 * points at (mark). */
#ifndef EXPR_NODE_H
#define EXPR_NODE_H

#include "expr/diag.h"
#include "expr/value.h"

enum ta_node_kind {
	TA_NODE_CONST,  /* value */
	TA_NODE_NAME,   /* name; after resolution: one that nobody declared */
	TA_NODE_VAR,    /* slot; name as declared */
	TA_NODE_LOCAL,  /* slot: number of a loop's variable */
	TA_NODE_SELECT, /* args[0].name */
	TA_NODE_HAS,    /* has(args[0].name) */
	TA_NODE_INDEX,  /* args[0][args[1]] */
	TA_NODE_CALL,   /* name(args...); is_method: args[0].name(args[1], ...) */
	TA_NODE_NOT,
	TA_NODE_NEGATE,
	TA_NODE_FOLD, /* args[0] ops[0] args[1] ops[1] args[2] ...: left to right */
	TA_NODE_AND,
	TA_NODE_OR,
	TA_NODE_COND, /* args[0] ? args[1] : args[2] ? args[3] : ... args[count - 1] */
	TA_NODE_LIST,
	TA_NODE_MAP,    /* key, value, key, value ... */
	TA_NODE_LOOP,   /* loop; args[0] is what is walked, then filter (if any), then body */
	TA_NODE_BROKEN, /* a mistake of syntax, which was reported; args: what could be read of it
			 */
};

enum ta_op {
	TA_OP_EQ,
	TA_OP_NE,
	TA_OP_LT,
	TA_OP_LE,
	TA_OP_GT,
	TA_OP_GE,
	TA_OP_IN,
	TA_OP_ADD,
	TA_OP_SUB,
	TA_OP_MUL,
	TA_OP_DIV,
	TA_OP_MOD,
};

struct ta_link {
	enum ta_op op;
	struct ta_span mark;
};

enum ta_loop_kind {
	TA_LOOP_ALL,
	TA_LOOP_EXISTS,
	TA_LOOP_EXISTS_ONE,
	TA_LOOP_MAP,    /* a list of the bodies */
	TA_LOOP_FILTER, /* a list of what the body is true for */
	TA_LOOP_TO_MAP, /* keys as they are, the bodies as values */
	TA_LOOP_ENTRY,  /* the bodies are maps of one entry each, put together */
};

struct ta_loop {
	enum ta_loop_kind kind;
	const char *macro; /* as it was written */
	bool has_filter;
	unsigned variables;       /* 1 or 2 */
	struct ta_node *names[2]; /* TA_NODE_NAME */
	uint32_t local;           /* number of the first variable */
};

struct ta_function; /* functions.h */

struct ta_node {
	enum ta_node_kind kind;
	bool is_method; /* TA_NODE_CALL */
	bool is_rooted; /* TA_NODE_NAME: ".x", which no loop's variable hides */
	bool is_quoted; /* TA_NODE_SELECT: with backticks, so never part of a dotted name */
	uint16_t depth; /* 1 for a leaf */
	uint32_t slot;
	size_t count;
	struct ta_node **args;
	const char *name; /* NUL-terminated */
	size_t name_len;
	union {
		struct ta_value value;       /* TA_NODE_CONST */
		const struct ta_link *links; /* TA_NODE_FOLD: count - 1 */
		struct ta_loop *loop;        /* TA_NODE_LOOP */
		struct {
			const struct ta_function *function; /* the first overload, or NULL */
			void *regex;                        /* a constant pattern, compiled */
		};                                          /* TA_NODE_CALL */
	};
	struct ta_span span, mark; /* last: an evaluation reads them for errors only */
};

/* The tree of one expression and what it was made from. */
struct ta_tree {
	struct ta_arena arena;
	const char *source; /* a NUL-terminated copy in the arena */
	size_t len;
	struct ta_node *root;
	size_t nodes;
};

/* A growing array of nodes in an arena. */
struct ta_nodes {
	struct ta_node **items;
	size_t count, size;
};

bool ta_nodes_add(struct ta_arena *arena, struct ta_nodes *nodes, struct ta_node *node);

const char *ta_op_text(enum ta_op op);

/* Writes the path that a chain of names, fields and keys spells, or the source text of anything
 * else; cut when it is too long. key, when not NULL, is the value of the last index. */
void ta_node_path(const struct ta_tree *tree, const struct ta_node *node,
		  const struct ta_value *key, char *buf, size_t size);

#endif
