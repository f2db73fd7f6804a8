/* group_rows.c - see group_rows.h. */
#include "collect/group_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/language.h"
#include "collect/cgroup.h"
#include "sockets/state_counts.h"

enum { ROWS_SHOWN = 100 };

struct entry {
	uint64_t id;
	const struct ta_group *group;
};

const char *ta_groups_silent(const struct ta_groups *groups, struct ta_cgroup_tree *tree)
{
	const uint64_t root = TA_CGROUP_ROOT_ID;

	if (!groups->rows.count)
		return N_("sock_diag tells them since Linux 5.8, /proc/net/tcp does not");
	if (groups->rows.count == 1 && ta_map_get(&groups->rows, &root))
		return "all are in the root of cgroup v2: the groups of this host are of v1, if "
		       "any";
	ta_cgroup_tree_path(tree, root);
	return tree->mounted ? NULL : "no file system of cgroup v2 is in sight";
}

/* false when nothing is known of the group. */
static bool parse(uint64_t id, struct ta_cgroup_tree *tree, const char **ret_path,
		  struct ta_cgroup *ret)
{
	*ret_path = ta_cgroup_tree_path(tree, id);
	if (!*ret_path)
		return false;
	ta_cgroup_parse_path(*ret_path, strlen(*ret_path), ret);
	return true;
}

void ta_group_build_owner(uint64_t id, struct ta_cgroup_tree *tree, struct ta_builder *builder,
			  json_t *row)
{
	struct ta_cgroup cgroup;
	const char *path;

	if (id && parse(id, tree, &path, &cgroup))
		ta_cgroup_build_owner(&cgroup, builder, row);
}

/* ---- the rows ---- */

static int by_sockets(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->group->sockets != y->group->sockets)
		return x->group->sockets < y->group->sockets ? 1 : -1;
	return x->id > y->id ? 1 : -1;
}

/* All groups, those with most sockets first; NULL when memory ran out. */
static struct entry *sort(const struct ta_map *map)
{
	struct entry *entries = calloc(map->count, sizeof(*entries));
	const void *key;
	size_t count = 0;
	void *value;

	if (!entries)
		return NULL;
	for (size_t i = 0; ta_map_next(map, &i, &key, &value); count++) {
		memcpy(&entries[count].id, key, sizeof(entries[count].id));
		entries[count].group = value;
	}
	qsort(entries, count, sizeof(*entries), by_sockets);
	return entries;
}

static void build_names(const char *path, const struct ta_cgroup *cgroup,
			struct ta_builder *builder, json_t *row)
{
	ta_build_text(builder, row, "path", path);
	if (cgroup->slice.data)
		ta_build_text_n(builder, row, "slice", cgroup->slice.data, cgroup->slice.len);
	if (cgroup->unit.data)
		ta_build_text_n(builder, row, "unit", cgroup->unit.data, cgroup->unit.len);
	ta_cgroup_build_container(cgroup, builder, row);
}

static void build_counts(const struct ta_group *group, struct ta_builder *builder, json_t *row)
{
	json_t *object;

	ta_build_uint(builder, row, "sockets", group->sockets);
	ta_build_uint(builder, row, "listeners", group->states[TA_TCP_LISTEN]);
	object = ta_build_object(builder, row, "states");
	ta_state_counts_build(group->states, TA_ALL_STATES, builder, object);
	object = ta_build_object(builder, row, "close_wait");
	ta_close_wait_build(&group->close_wait, &ta_told_all, builder, object);
	ta_build_uint(builder, object, "unaccepted", group->close_wait.unaccepted);
}

static void build_silence_gap(const char *why, struct ta_builder *builder)
{
	ta_build_gap(builder, N_("control groups of the sockets"), why, "namespaces[].groups",
		     "namespaces[].listeners[].unit", "namespaces[].listeners[].container",
		     "namespaces[].destinations[].unit", "namespaces[].destinations[].container",
		     NULL);
}

static void build_nameless_gap(size_t nameless, const struct ta_cgroup_tree *tree,
			       struct ta_builder *builder)
{
	char what[96];

	snprintf(what, sizeof(what), "paths of %zu control groups with sockets", nameless);
	ta_build_gap(builder, what,
		     tree->cut ? N_("there are more groups than are looked at")
			       : N_("they were removed since, or belong to another container"),
		     "namespaces[].groups[].path", NULL);
}

void ta_groups_build(const struct ta_groups *groups, struct ta_cgroup_tree *tree, bool needed,
		     struct ta_builder *builder, json_t *namespace_)
{
	const char *silent = ta_groups_silent(groups, tree);
	size_t count = groups->rows.count, nameless = 0, shown = count;
	ta_auto_free struct entry *entries = NULL;
	json_t *array;

	if (silent && needed)
		build_silence_gap(silent, builder);
	if (silent)
		return;
	entries = sort(&groups->rows);
	builder->failed |= !entries || tree->failed;
	if (builder->failed)
		return;
	array = ta_build_array(builder, namespace_, "groups");
	if (shown > ROWS_SHOWN)
		shown = ROWS_SHOWN;
	for (size_t i = 0; i < shown; i++) {
		json_t *row = ta_build_row(builder, array);
		struct ta_cgroup cgroup;
		const char *path;

		ta_build_uint(builder, row, "id", entries[i].id);
		if (parse(entries[i].id, tree, &path, &cgroup))
			build_names(path, &cgroup, builder, row);
		else
			nameless++;
		build_counts(entries[i].group, builder, row);
	}
	ta_build_uint(builder, namespace_, "groups_left_out",
		      groups->beyond.count + (count - shown));
	if (nameless && needed)
		build_nameless_gap(nameless, tree, builder);
}
