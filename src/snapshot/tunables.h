/* tunables.h - the catalogue of tunables: rules/tunables.json, compiled in.
 *
 * The one source for the collectors (what to read), the rule checker (which keys exist, of
 * which type, since when), explain and the planner. Loaded at first use, kept to the end; safe
 * to be called from several threads. */
#ifndef SNAPSHOT_TUNABLES_H
#define SNAPSHOT_TUNABLES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "tcpadvise/error.h"

/* Where the kernel keeps it, hence where the snapshot does. */
enum ta_tunable_scope {
	TA_TUNABLE_NETNS, /* namespaces[].sysctl */
	TA_TUNABLE_HOST,  /* host.sysctl */
	TA_TUNABLE_NONE,  /* not a sysctl: a socket option, a resource limit */
};

/* The JSON type of its value in a snapshot. */
enum ta_tunable_shape {
	TA_TUNABLE_INT,    /* 60 */
	TA_TUNABLE_INTS,   /* [32768, 60999] */
	TA_TUNABLE_STRING, /* "cubic", "8080,9148" */
};

struct ta_tunable {
	const char *key;         /* "net.ipv4.tcp_tw_reuse" */
	const char *path;        /* below /proc/sys: "net/ipv4/tcp_tw_reuse"; NULL when NONE */
	const char *netns_since; /* kernel since which each namespace has its own; "" when none */
	enum ta_tunable_scope scope;
	enum ta_tunable_shape shape;
	bool per_netns; /* a namespace other than the first can set it */
	bool readable;  /* worth reading: exists on some kernel and is no secret */
};

/* All of them, in the order of the catalogue; *ret_count is their number. NULL with *err when the
 * catalogue could not be loaded (memory). */
const struct ta_tunable *ta_tunables(size_t *ret_count, struct ta_error *err);

/* The tunable of this key or alias ("net.ipv4.tcp_tw_reuse" or "net/ipv4/tcp_tw_reuse"), or NULL
 * (also when the catalogue could not be loaded). */
const struct ta_tunable *ta_tunable_find(const char *key);

/* Its object in rules/tunables.json; borrowed, lives as long as the program. NULL with *err set
 * when memory ran out. */
const json_t *ta_tunable_facts(const struct ta_tunable *tunable, struct ta_error *err);

/* What a file of /proc/sys or a line of sysctl -a says, as the JSON value that a snapshot has of
 * it; *ret is a new reference. Fails with TA_E_INPUT when the text has not the tunable's shape. */
bool ta_tunable_value(const struct ta_tunable *tunable, const char *text, size_t len, json_t **ret,
		      struct ta_error *err);

#endif
