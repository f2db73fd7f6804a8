/* node.c - see node.h. */
#include "expr/node.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool ta_nodes_add(struct ta_arena *arena, struct ta_nodes *nodes, struct ta_node *node)
{
	if (nodes->count == nodes->size) {
		size_t size = nodes->size ? nodes->size * 2 : 4;
		struct ta_node **items = ta_arena_array(arena, size, sizeof(*items));

		if (!items)
			return false;
		if (nodes->count)
			memcpy(items, nodes->items, nodes->count * sizeof(*items));
		nodes->items = items;
		nodes->size = size;
	}
	nodes->items[nodes->count++] = node;
	return true;
}

const char *ta_op_text(enum ta_op op)
{
	static const char *const texts[] = {
		[TA_OP_EQ] = "==", [TA_OP_NE] = "!=", [TA_OP_LT] = "<",  [TA_OP_LE] = "<=",
		[TA_OP_GT] = ">",  [TA_OP_GE] = ">=", [TA_OP_IN] = "in", [TA_OP_ADD] = "+",
		[TA_OP_SUB] = "-", [TA_OP_MUL] = "*", [TA_OP_DIV] = "/", [TA_OP_MOD] = "%",
	};

	return texts[op];
}

/* ---- paths -------------------------------------------------------------------------- */

/* Text written into a buffer of a given size, always terminated, cut when it does not fit. */
struct out {
	char *buf;
	size_t size, len;
};

static void put(struct out *out, const char *text, size_t len)
{
	size_t room = out->size - 1 - out->len;

	if (len > room)
		len = room;
	memcpy(out->buf + out->len, text, len);
	out->len += len;
	out->buf[out->len] = '\0';
}

static void put_source(struct out *out, const struct ta_tree *tree, const struct ta_node *node)
{
	put(out, tree->source + node->span.offset, node->span.length);
}

/* A string as CEL would write it, an integer as it is. */
static void put_key(struct out *out, const struct ta_value *key)
{
	char number[32];

	if (key->kind == TA_STRING) {
		put(out, "\"", 1);
		for (size_t i = 0; i < key->as.str.len; i++) {
			if (strchr("\"\\", key->as.str.ptr[i]) && key->as.str.ptr[i])
				put(out, "\\", 1);
			put(out, &key->as.str.ptr[i], 1);
		}
		put(out, "\"", 1);
	} else {
		if (key->kind == TA_UINT)
			snprintf(number, sizeof(number), "%" PRIu64 "u", key->as.u);
		else
			snprintf(number, sizeof(number), "%" PRId64, key->as.i);
		put(out, number, strlen(number));
	}
}

static bool is_plain_key(const struct ta_value *key)
{
	return key->kind == TA_STRING || key->kind == TA_INT || key->kind == TA_UINT;
}

/* The recursion is as deep as the tree at most. */
static void put_path(struct out *out, const struct ta_tree *tree, const struct ta_node *node)
{
	switch (node->kind) {
	case TA_NODE_NAME:
	case TA_NODE_VAR:
	case TA_NODE_LOCAL:
		put(out, node->name, node->name_len);
		return;
	case TA_NODE_SELECT:
		put_path(out, tree, node->args[0]);
		put(out, node->is_quoted ? ".`" : ".", node->is_quoted ? 2 : 1);
		put(out, node->name, node->name_len);
		put(out, "`", node->is_quoted);
		return;
	case TA_NODE_INDEX:
		put_path(out, tree, node->args[0]);
		put(out, "[", 1);
		if (node->args[1]->kind == TA_NODE_CONST && is_plain_key(&node->args[1]->value))
			put_key(out, &node->args[1]->value);
		else
			put_source(out, tree, node->args[1]);
		put(out, "]", 1);
		return;
	default:
		put_source(out, tree, node);
	}
}

void ta_node_path(const struct ta_tree *tree, const struct ta_node *node,
		  const struct ta_value *key, char *buf, size_t size)
{
	struct out out = { buf, size, 0 };

	buf[0] = '\0';
	if (node->kind != TA_NODE_INDEX || !key || !is_plain_key(key)) {
		put_path(&out, tree, node);
		return;
	}
	put_path(&out, tree, node->args[0]);
	put(&out, "[", 1);
	put_key(&out, key);
	put(&out, "]", 1);
}
