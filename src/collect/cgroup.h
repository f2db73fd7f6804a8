/* cgroup.h - who started a process, or made a socket, read from the path of its control group.
 *
 * Text in, slices of that text out; and these as members of the document. */
#ifndef COLLECT_CGROUP_H
#define COLLECT_CGROUP_H

#include "base/slice.h"
#include "snapshot/builder.h"

struct ta_cgroup {
	const char *kind;      /* "service", "session", "container", "other" */
	struct ta_slice slice; /* the innermost one of systemd, e.g. "system.slice" */
	struct ta_slice unit;  /* systemd unit, e.g. "nginx.service", "sshd.socket" */
	const char *engine;    /* "docker", "podman" ...; NULL: no container */
	struct ta_slice container;
	char pod_uid[40]; /* "": no pod. systemd's spelling has _ for -; here it is undone */
};

/* text is the content of /proc/PID/cgroup; slices of *ret point into it. An empty or odd text gives
 * "other". */
void ta_cgroup_parse(const char *text, size_t len, struct ta_cgroup *ret);

/* The same of one path, "/system.slice/nginx.service". */
void ta_cgroup_parse_path(const char *path, size_t len, struct ta_cgroup *ret);

/* Member "container" of a row: its engine, id and pod. */
void ta_cgroup_build_container(const struct ta_cgroup *cgroup, struct ta_builder *builder,
			       json_t *row);

/* Who is behind a listener or a destination, as members of its row: "unit", "container" (engine and
 * short id in one text), "pod_uid". */
void ta_cgroup_build_owner(const struct ta_cgroup *cgroup, struct ta_builder *builder, json_t *row);

#endif
