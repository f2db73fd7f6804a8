/* states.h - the states of a TCP connection and how the world spells them: rules/states.json,
 * compiled in. Loaded at first use, kept to the end; safe to be called from several threads. */
#ifndef SNAPSHOT_STATES_H
#define SNAPSHOT_STATES_H

#include <jansson.h>
#include <stddef.h>

#include "tcpadvise/error.h"

struct ta_state {
	const char *name;    /* "TIME-WAIT" */
	const char *key;     /* in a snapshot: "time_wait" */
	unsigned number;     /* include/net/tcp_states.h; 13 for what only sock_diag has */
	const json_t *facts; /* its object in the catalogue */
};

/* All of them; *ret_count is their number. NULL with *err when memory ran out. */
const struct ta_state *ta_states(size_t *ret_count, struct ta_error *err);

/* The state of this name in any spelling: the standard's, MVS, TSO, ss and its filter, netstat of
 * Linux, BSD and Windows, SNMP, two hexadecimal digits of /proc/net/tcp ("0A"), the kernel's
 * constant. Case, '-', '_' and blanks do not count. NULL for any other word. */
const struct ta_state *ta_state_find(const char *spelling, size_t len);

#endif
