/* naming.h - who is behind a process or a control group, as the live host tells it. */
#ifndef COLLECT_NAMING_H
#define COLLECT_NAMING_H

#include "base/buf.h"
#include "collect/cgroup_tree.h"
#include "collect/pids.h"
#include "sockets/naming.h"

struct ta_live_naming {
	struct ta_naming naming; /* its ctx is this struct: it must not be moved */
	const struct ta_root *root;
	struct ta_cgroup_tree *tree;
	struct ta_pids pids;
	struct ta_buf text; /* of one /proc/PID/cgroup */
};

/* Borrows both. */
void ta_live_naming_open(struct ta_live_naming *live, const struct ta_root *root,
			 struct ta_cgroup_tree *tree);
void ta_live_naming_done(struct ta_live_naming *live);

#endif
