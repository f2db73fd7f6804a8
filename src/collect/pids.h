/* pids.h - how many tasks the control group of a process may have: the pids controller.
 *
 * A group's limit holds for all below it, so the one with the least room binds. Only what the
 * mounted control group file systems show is known: above the root of a control group namespace, or
 * of a mount that begins further down, there may be tighter limits, and a gap says so. */
#ifndef COLLECT_PIDS_H
#define COLLECT_PIDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "collect/cgroup_mount.h"
#include "collect/root.h"
#include "snapshot/builder.h"

struct ta_pids {
	const struct ta_root *root;
	struct ta_cgroup_mounts mounts;
	struct ta_map groups; /* what was read before, by path */
	bool hidden;          /* there are groups above what can be seen */
	size_t unreadable;
};

void ta_pids_open(struct ta_pids *pids, const struct ta_root *root);
void ta_pids_done(struct ta_pids *pids);

/* Members "pids_current" and "pids_max" of a process; text is its /proc/PID/cgroup. Neither when no
 * group limits it, or when that can't be told. */
void ta_pids_build(struct ta_pids *pids, const char *text, size_t len, struct ta_builder *builder,
		   json_t *row);

/* Says what could not be seen. */
void ta_pids_build_gaps(const struct ta_pids *pids, struct ta_builder *builder);

#endif
