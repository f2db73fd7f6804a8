/* needs.c - see needs.h. */
#include "rules/needs.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/macros.h"
#include "rules/path.h"
#include "rules/reads.h"

struct gathering {
	struct ta_needs *needs;
	bool no_memory;
};

/* Each fact once; what is asked for once is asked for. */
static void note(void *ctx, const struct ta_read *read)
{
	struct gathering *g = ctx;
	struct ta_needs *needs = g->needs;
	char *path;

	for (size_t i = 0; i < needs->count; i++)
		if (strcmp(needs->items[i].path, read->path) == 0) {
			needs->items[i].is_asked |= read->is_asked;
			return;
		}
	path = strdup(read->path);
	if (!path ||
	    !ta_array_room(&needs->items, needs->count, &needs->room, sizeof(*needs->items))) {
		free(path);
		g->no_memory = true;
		return;
	}
	needs->items[needs->count++] = (struct ta_need){ .path = path, .is_asked = read->is_asked };
}

static void gather(struct gathering *g, const struct ta_rule *rule)
{
	const struct ta_expr *conditions[] = { rule->applies, rule->for_each, rule->where };

	for (size_t i = 0; i < TA_ARRAY_SIZE(conditions); i++)
		if (conditions[i])
			ta_expr_reads(rule, conditions[i], note, g);
	for (size_t i = 0; i < rule->severity.count; i++)
		if (rule->severity.items[i].when)
			ta_expr_reads(rule, rule->severity.items[i].when, note, g);
}

static bool is_needed(const struct ta_needs *needs, const char *path)
{
	for (size_t i = 0; i < needs->count; i++)
		if (needs->items[i].is_asked && ta_path_leads_to(needs->items[i].path, path))
			return false;
	return true;
}

/* Takes out what the rule can do without; in two passes, for what is asked for hides others. */
static void drop_asked(struct ta_needs *needs)
{
	size_t kept = 0;

	for (size_t i = 0; i < needs->count; i++)
		needs->items[i].is_asked |= !is_needed(needs, needs->items[i].path);
	for (size_t i = 0; i < needs->count; i++) {
		if (needs->items[i].is_asked)
			free(needs->items[i].path);
		else
			needs->items[kept++] = needs->items[i];
	}
	needs->count = kept;
}

static int by_path(const void *left, const void *right)
{
	const struct ta_need *a = left, *b = right;

	return strcmp(a->path, b->path);
}

bool ta_needs_make(struct ta_needs *needs, const struct ta_rule *rule,
		   const struct ta_commands *commands)
{
	struct gathering g = { .needs = needs };

	*needs = (struct ta_needs){ .made = true };
	gather(&g, rule);
	if (g.no_memory) {
		ta_needs_done(needs);
		return false;
	}
	drop_asked(needs);
	if (needs->count)
		qsort(needs->items, needs->count, sizeof(*needs->items), by_path);
	for (size_t i = 0; i < needs->count; i++)
		needs->items[i].command =
			ta_commands_find(commands, needs->items[i].path, &needs->items[i].keys);
	return true;
}

void ta_needs_done(struct ta_needs *needs)
{
	for (size_t i = 0; i < needs->count; i++)
		free(needs->items[i].path);
	free(needs->items);
	*needs = (struct ta_needs){ 0 };
}
