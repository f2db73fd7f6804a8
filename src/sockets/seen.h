/* seen.h - which connections there were at the first sample, in a fixed MiB: what is not among them
 * at the second was opened meanwhile.
 *
 * A connection sets the bit that its hash chooses. Two may share a bit, so a new one may pass for
 * known and never the other way round: a count of new ones is a lower bound, a tenth too low at
 * 800,000 connections. One set serves all network namespaces. */
#ifndef SOCKETS_SEEN_H
#define SOCKETS_SEEN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "sockets/distinct.h"
#include "sockets/socket.h"

enum { TA_SEEN_BITS = 1 << 23 };

struct ta_seen {
	uint8_t *bits; /* NULL: nothing was seen yet */
};

static inline bool ta_seen_open(struct ta_seen *seen)
{
	seen->bits = calloc(1, TA_SEEN_BITS / 8);
	return seen->bits;
}

static inline void ta_seen_done(struct ta_seen *seen)
{
	free(seen->bits);
	seen->bits = NULL;
}

/* The bit of a connection in a namespace, whose number is any that tells it from others. */
static inline uint64_t ta_seen_bit(uint64_t namespace_, const struct ta_socket *socket)
{
	struct {
		uint64_t namespace_;
		struct ta_endpoint local, remote;
	} key = { namespace_, socket->local, socket->remote };

	return ta_distinct_hash(&key, sizeof(key)) % TA_SEEN_BITS;
}

static inline void ta_seen_add(struct ta_seen *seen, uint64_t bit)
{
	seen->bits[bit / 8] |= (uint8_t)(1 << bit % 8);
}

static inline bool ta_seen_has(const struct ta_seen *seen, uint64_t bit)
{
	return seen->bits[bit / 8] >> bit % 8 & 1;
}

#endif
