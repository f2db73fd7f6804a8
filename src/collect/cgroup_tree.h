/* cgroup_tree.h - from the id of a control group to its path.
 *
 * The id of a v2 group is the inode number of its directory, and any user may walk the tree of
 * these. That is done once, when the first path is asked for, and bounded: in directories, depth
 * and bytes. */
#ifndef COLLECT_CGROUP_TREE_H
#define COLLECT_CGROUP_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/map.h"
#include "collect/root.h"

enum { TA_CGROUP_TREE_GROUPS = 24576, TA_CGROUP_TREE_DEPTH = 32 };

/* The root of all groups (kernfs numbers from 1): what every socket is in on a host without v2. */
enum { TA_CGROUP_ROOT_ID = 1 };

struct ta_cgroup_tree {
	const struct ta_root *root;
	struct ta_map offsets; /* uint32_t into paths, by id */
	struct ta_buf paths;
	bool walked, mounted; /* mounted: there is a tree in sight */
	bool cut;             /* it is larger than what was looked at */
	bool failed;          /* memory ran out */
};

void ta_cgroup_tree_init(struct ta_cgroup_tree *tree, const struct ta_root *root);
void ta_cgroup_tree_done(struct ta_cgroup_tree *tree);

/* "/system.slice/nginx.service", until the tree ends; NULL when no such group is in sight. */
const char *ta_cgroup_tree_path(struct ta_cgroup_tree *tree, uint64_t id);

#endif
