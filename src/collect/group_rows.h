/* group_rows.h - what the document says of the control groups of sockets, by the names of their
 * paths. */
#ifndef COLLECT_GROUP_ROWS_H
#define COLLECT_GROUP_ROWS_H

#include "collect/cgroup_tree.h"
#include "sockets/groups.h"

/* Whether the groups say anything: not where all sockets are in the root, or no tree is in sight.
 * NULL: they do; else why not. */
const char *ta_groups_silent(const struct ta_groups *groups, struct ta_cgroup_tree *tree);

/* Members "unit", "container" and "pod_uid" of a row whose sockets are of this group (0: none). */
void ta_group_build_owner(uint64_t id, struct ta_cgroup_tree *tree, struct ta_builder *builder,
			  json_t *row);

/* Members "groups" and "groups_left_out" of a namespace. needed: some of its sockets have no other
 * name, so that it is a gap when their groups have none. */
void ta_groups_build(const struct ta_groups *groups, struct ta_cgroup_tree *tree, bool needed,
		     struct ta_builder *builder, json_t *namespace_);

#endif
