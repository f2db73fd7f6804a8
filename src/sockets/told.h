/* told.h - what is known of the sockets that were folded.
 *
 * The kernel tells all of all. Captured text may list some states only, or rows that somebody
 * picked, and with few columns: what it does not tell must not come out as 0. */
#ifndef SOCKETS_TOLD_H
#define SOCKETS_TOLD_H

#include <stdbool.h>

#include "sockets/socket.h"

struct ta_told {
	uint32_t seen;  /* states that something is told of, a bit each */
	uint32_t full;  /* of them those of which no socket is missing */
	uint32_t sided; /* states of whose sockets it is known which side opened them */
	uint8_t present[TA_TCP_STATES]; /* TA_SOCKET_* that all sockets of the state have */
};

extern const struct ta_told ta_told_all;

static inline bool ta_told_full(const struct ta_told *told, uint32_t states)
{
	return (told->full & states) == states;
}

/* Whether this is known of all sockets in these states. */
static inline bool ta_told_has(const struct ta_told *told, uint32_t states, uint8_t present)
{
	for (unsigned state = 0; state < TA_TCP_STATES; state++)
		if ((states >> state & 1) && (told->present[state] & present) != present)
			return false;
	return (told->seen & states) == states;
}

#endif
