/* cgroup.h - who started a process, read from its control group path.
 *
 * Pure: text in, slices of that text out. */
#ifndef COLLECT_CGROUP_H
#define COLLECT_CGROUP_H

#include "base/slice.h"

struct ta_cgroup {
	const char *kind;     /* "service", "session", "container", "other" */
	struct ta_slice unit; /* systemd unit, e.g. "nginx.service" */
	const char *engine;   /* "docker", "podman" ...; NULL: no container */
	struct ta_slice container;
	char pod_uid[40]; /* "": no pod. systemd's spelling has _ for -; here it is undone */
};

/* text is the content of /proc/PID/cgroup; slices of *ret point into it. An empty or odd text gives
 * "other". */
void ta_cgroup_parse(const char *text, size_t len, struct ta_cgroup *ret);

#endif
