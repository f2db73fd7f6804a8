/* netns.h - the network namespaces of a host: which there are, and how to get into each.
 *
 * A namespace is known by its inode. It is seen by the processes that are in it and by the files
 * that it is bound to (ip netns, Docker, CNI); either is a way in. A descriptor of each is held
 * while the set lives: that keeps one whose last process ends from vanishing under our hands, and
 * keeps it alive for as long. */
#ifndef COLLECT_NETNS_H
#define COLLECT_NETNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include "base/map.h"
#include "sockets/distinct.h"
#include "collect/host.h"
#include "collect/root.h"
#include "snapshot/builder.h"

enum {
	TA_NETNS_MAX = 1024,      /* namespaces that are looked at */
	TA_NETNS_NAME_MAX = 160,  /* bytes of a name */
	TA_NETNS_PATH_MAX = 1024, /* a longer path is not followed */
};

struct ta_netns {
	uint64_t inode; /* 0: not known */
	int fd;         /* a way in; -1: there is none, or none is needed */
	int failed;     /* why it can't be entered: an errno, or 0 */
	bool own;       /* we are in it */
	bool first;     /* the initial one, for sure */
	bool chosen;    /* asked for */
	uint32_t pid;   /* the lowest of its processes, this program apart; 0: none in sight */
	uint32_t processes;
	char *path; /* a file that it is bound to; NULL: none in sight */

	/* Of that process; empty or NULL where there is none of it. */
	char process[16], unit[256];
	bool is_service; /* the unit is one, and not of a user's session */
	const char *engine;
	char container[128], pod_uid[40];

	const char *kind;             /* as in the schema */
	char name[TA_NETNS_NAME_MAX]; /* valid UTF-8, of no other namespace */
};

struct ta_netns_set {
	const struct ta_root *root;
	struct ta_netns *rows; /* in the order of the report: host, own, by name */
	size_t count, size;
	int own_fd; /* the way back; -1: there is none */
	bool away;  /* we are not in our own */

	struct ta_map by_inode;    /* while they are found: index into rows */
	struct ta_distinct beyond; /* above the cap */
	bool searched, all;        /* for others than our own; all are wanted */
	size_t seen, hidden;       /* processes; those that don't let us see where they are */
	struct rlimit files;       /* the limit on descriptors, to be had again */
	bool raised;
};

#define TA_NETNS_SET_INIT ((struct ta_netns_set){ .own_fd = -1 })

/* Finds the namespaces and chooses those that are wanted: NULL our own, "all", a process number,
 * a name (ip netns, or as the set has it), or a path with a slash. Fails when there is no such
 * namespace, or when the one that is asked for can't be entered. */
bool ta_netns_find(struct ta_netns_set *set, const struct ta_root *root,
		   const struct ta_kernel *kernel, const char *which, struct ta_error *err);
void ta_netns_done(struct ta_netns_set *set);

/* Moves this thread into a namespace (NULL: it stays in its own); false when it can't be entered,
 * which netns->failed explains. ta_netns_leave() must follow. */
bool ta_netns_enter(struct ta_netns_set *set, struct ta_netns *netns);

/* Moves it back. To fail in that is the end of the collection. */
bool ta_netns_leave(struct ta_netns_set *set, struct ta_error *err);

/* Members of a namespace of the document: inode, name, kind, path and whose it is (netns_name.c).
 */
void ta_netns_build(const struct ta_netns_set *set, const struct ta_netns *netns,
		    struct ta_builder *builder, json_t *object);

/* Says which of the chosen ones could not be entered, and when all are wanted, which could not be
 * found. */
void ta_netns_build_gaps(const struct ta_netns_set *set, struct ta_builder *builder);

/* Whether the file is one of those that "ip netns" keeps. */
bool ta_netns_is_named(const char *path);

/* The initial namespace, or NULL: not in reach, or not known. */
struct ta_netns *ta_netns_first(const struct ta_netns_set *set);

/* Names every namespace of the set, and puts the set in order (netns_name.c). */
bool ta_netns_name_all(struct ta_netns_set *set, struct ta_error *err);

#endif
