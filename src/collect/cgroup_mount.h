/* cgroup_mount.h - where the hierarchies of control groups can be read. */
#ifndef COLLECT_CGROUP_MOUNT_H
#define COLLECT_CGROUP_MOUNT_H

#include <stdbool.h>

#include "base/slice.h"
#include "collect/root.h"

struct ta_cgroup_mount {
	char point[256]; /* below the root, no slash at the front; "": there is none */
	char top[256];   /* the group that is mounted there, as /proc/PID/cgroup spells it */
};

struct ta_cgroup_mounts {
	struct ta_cgroup_mount pids, unified; /* v1's of the pids controller; v2 */
};

/* Finds them in /proc/self/mountinfo; none when that can't be read. */
void ta_cgroup_mounts_read(const struct ta_root *root, struct ta_cgroup_mounts *ret);

/* The same from its text. */
void ta_cgroup_mounts_parse(const char *text, size_t len, struct ta_cgroup_mounts *ret);

/* Whether a path goes up: that of a group outside the control group namespace does. */
bool ta_cgroup_goes_up(struct ta_slice path);

/* Whether a comma list such as "rw,pids" has the word. */
bool ta_cgroup_lists(struct ta_slice list, const char *word);

#endif
