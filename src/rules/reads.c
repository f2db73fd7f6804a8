/* reads.c - see reads.h. A path is spelled from the variable outwards: of what begins with the
 * element of for_each, a loop's variable or a let, its list or value is spelled first. */
#include "rules/reads.h"

#include <stdio.h>
#include <string.h>

#include "expr/look.h"

enum { MAX_LETS = 128 }; /* compile.c takes no more */

/* The loops around a node, the innermost first. */
struct scope {
	const struct scope *outer;
	const struct ta_node *loop; /* TA_NODE_LOOP */
};

struct walk {
	const struct ta_rule *rule;
	bool told[MAX_LETS];
	ta_read_visit *visit;
	void *ctx;
};

/* ---- spelling ----------------------------------------------------------------------- */

struct spelling {
	char text[TA_READ_PATH_MAX];
	size_t len;
	bool of_element;
};

static bool add(struct spelling *path, const char *before, const char *text, size_t len,
		const char *behind)
{
	size_t room = sizeof(path->text) - path->len;
	int n = snprintf(path->text + path->len, room, "%s%.*s%s", before, (int)len, text, behind);

	path->len += n > 0 ? (size_t)n : 0;
	return n >= 0 && (size_t)n < room;
}

static bool spell(const struct walk *walk, const struct scope *scope, const struct ta_node *node,
		  struct spelling *path);

static bool spell_elements(const struct walk *walk, const struct scope *scope,
			   const struct ta_node *list, struct spelling *path)
{
	return spell(walk, scope, list, path) && add(path, "[]", "", 0, "");
}

/* The let in this slot, or NULL. */
static const struct ta_let *let_in(const struct ta_rule *rule, size_t slot)
{
	size_t first = TA_SLOT_ELEMENT + (rule->element != NULL);

	return slot >= first && slot - first < rule->let_count ? &rule->lets[slot - first] : NULL;
}

static bool spell_variable(const struct walk *walk, size_t slot, struct spelling *path)
{
	const struct ta_rule *rule = walk->rule;
	const struct ta_let *let = let_in(rule, slot);

	if (let)
		return let->value && spell(walk, NULL, ta_expr_tree(let->value)->root, path);
	if (slot < TA_SLOT_PARAMS)
		return add(path, ta_slot_members[slot], "", 0, "");
	if (slot == TA_SLOT_NS)
		return add(path, "namespaces[]", "", 0, "");
	if (slot != TA_SLOT_ELEMENT || !rule->for_each)
		return false;
	path->of_element = true;
	return spell_elements(walk, NULL, ta_expr_tree(rule->for_each)->root, path);
}

/* Of two variables the first is an index. */
static bool spell_local(const struct walk *walk, const struct scope *scope, uint32_t local,
			struct spelling *path)
{
	for (; scope; scope = scope->outer) {
		const struct ta_loop *loop = scope->loop->loop;

		if (local == loop->local + loop->variables - 1)
			return spell_elements(walk, scope->outer, scope->loop->args[0], path);
	}
	return false;
}

static bool spell_index(const struct walk *walk, const struct scope *scope,
			const struct ta_node *node, struct spelling *path)
{
	const struct ta_node *key = node->args[1];

	if (key->kind != TA_NODE_CONST || !spell(walk, scope, node->args[0], path))
		return false;
	if (key->value.kind != TA_STRING)
		return add(path, "[]", "", 0, "");
	return add(path, "[\"", key->value.as.str.ptr, key->value.as.str.len, "\"]");
}

static bool spell_member(const struct walk *walk, const struct scope *scope,
			 const struct ta_node *node, struct spelling *path)
{
	return spell(walk, scope, node->args[0], path) &&
	       add(path, ".", node->name, node->name_len, "");
}

/* false for what is no path, or too long a one. */
static bool spell(const struct walk *walk, const struct scope *scope, const struct ta_node *node,
		  struct spelling *path)
{
	switch (node->kind) {
	case TA_NODE_VAR:
		return spell_variable(walk, node->slot, path);
	case TA_NODE_LOCAL:
		return spell_local(walk, scope, node->slot, path);
	case TA_NODE_SELECT:
		return spell_member(walk, scope, node, path);
	case TA_NODE_INDEX:
		return spell_index(walk, scope, node, path);
	case TA_NODE_LOOP: /* some of a list have its path */
		return node->loop->kind == TA_LOOP_FILTER &&
		       spell(walk, scope, node->args[0], path);
	default:
		return false;
	}
}

/* ---- walking ------------------------------------------------------------------------ */

static void walk_node(struct walk *walk, const struct scope *scope, const struct ta_node *node);

/* All but the first: what a list is searched for, the key of an index. */
static void walk_rest(struct walk *walk, const struct scope *scope, const struct ta_node *node)
{
	struct scope inner = { scope, node };

	for (size_t i = 1; i < node->count; i++)
		walk_node(walk, node->kind == TA_NODE_LOOP ? &inner : scope, node->args[i]);
}

/* What is read inside of a path that is told itself. */
static void walk_inside(struct walk *walk, const struct scope *scope, const struct ta_node *node)
{
	for (; node->count; node = node->args[0])
		walk_rest(walk, scope, node);
}

/* A let that is no path is told by what it reads. */
static void walk_let(struct walk *walk, const struct ta_node *name)
{
	const struct ta_let *let = let_in(walk->rule, name->slot);
	size_t i = let ? (size_t)(let - walk->rule->lets) : MAX_LETS;

	if (i >= MAX_LETS || walk->told[i] || !let->value)
		return;
	walk->told[i] = true;
	walk_node(walk, NULL, ta_expr_tree(let->value)->root);
}

/* has() reads the fact that it names, but what it gives is another: a let of that is no path. */
static bool tell(struct walk *walk, const struct scope *scope, const struct ta_node *node)
{
	struct spelling path = { .len = 0 };

	if (node->kind == TA_NODE_HAS ? !spell_member(walk, scope, node, &path)
				      : !spell(walk, scope, node, &path))
		return false;
	walk->visit(walk->ctx,
		    &(struct ta_read){ path.text, path.of_element, node->kind == TA_NODE_HAS });
	return true;
}

static void walk_node(struct walk *walk, const struct scope *scope, const struct ta_node *node)
{
	if (tell(walk, scope, node)) {
		walk_inside(walk, scope, node);
		return;
	}
	if (node->kind == TA_NODE_VAR)
		walk_let(walk, node);
	if (node->count)
		walk_node(walk, scope, node->args[0]);
	walk_rest(walk, scope, node);
}

void ta_expr_reads(const struct ta_rule *rule, const struct ta_expr *expr, ta_read_visit *visit,
		   void *ctx)
{
	struct walk walk = { .rule = rule, .visit = visit, .ctx = ctx };

	walk_node(&walk, NULL, ta_expr_tree(expr)->root);
}

bool ta_element_path(const struct ta_rule *rule, char *ret)
{
	struct walk walk = { .rule = rule };
	struct spelling path = { .len = 0 };

	if (!spell_variable(&walk, TA_SLOT_ELEMENT, &path))
		return false;
	strcpy(ret, path.text);
	return true;
}
