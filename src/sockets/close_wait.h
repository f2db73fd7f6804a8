/* close_wait.h - CLOSE_WAIT sockets told apart by what their receive queue says. */
#ifndef SOCKETS_CLOSE_WAIT_H
#define SOCKETS_CLOSE_WAIT_H

#include <stdint.h>

#include "snapshot/builder.h"
#include "sockets/told.h"

/* See fold.c for the meaning of each. */
struct ta_close_wait {
	uint32_t total, eof_read, fin_unread, data_unread, inbound, outbound;
	uint32_t unaccepted; /* of a namespace */
	uint32_t shared;     /* of a process */
	uint32_t aged;       /* of those that were asked how long the peer has been silent */
	uint32_t oldest_ms;  /* the longest silence among them */
};

static inline void ta_close_wait_age(struct ta_close_wait *counts, uint32_t silence_ms)
{
	counts->aged++;
	if (silence_ms > counts->oldest_ms)
		counts->oldest_ms = silence_ms;
}

static inline void ta_close_wait_add(struct ta_close_wait *to, const struct ta_close_wait *from)
{
	to->total += from->total;
	to->eof_read += from->eof_read;
	to->fin_unread += from->fin_unread;
	to->data_unread += from->data_unread;
	to->inbound += from->inbound;
	to->outbound += from->outbound;
	to->unaccepted += from->unaccepted;
	to->shared += from->shared;
	to->aged += from->aged;
	if (from->oldest_ms > to->oldest_ms)
		to->oldest_ms = from->oldest_ms;
}

/* The members that a namespace and a process have in common, as far as it is told. */
static inline void ta_close_wait_build(const struct ta_close_wait *counts,
				       const struct ta_told *told, struct ta_builder *builder,
				       json_t *object)
{
	const uint32_t state = 1u << TA_TCP_CLOSE_WAIT;

	ta_build_uint(builder, object, "total", counts->total);
	if (ta_told_has(told, state, TA_SOCKET_QUEUES | TA_SOCKET_INODE)) {
		ta_build_uint(builder, object, "eof_read", counts->eof_read);
		ta_build_uint(builder, object, "fin_unread", counts->fin_unread);
		ta_build_uint(builder, object, "data_unread", counts->data_unread);
	}
	if (told->sided & state) {
		ta_build_uint(builder, object, "inbound", counts->inbound);
		ta_build_uint(builder, object, "outbound", counts->outbound);
	}
	if (!counts->aged)
		return;
	ta_build_uint(builder, object, "aged", counts->aged);
	ta_build_real(builder, object, "oldest_s", counts->oldest_ms / 1000.0);
}

#endif
