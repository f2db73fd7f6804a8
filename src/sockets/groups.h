/* groups.h - a stream of sockets by the control group that they belong to.
 *
 * The kernel tells the group of each socket to everybody, so the service or container behind it has
 * a name even where the process that holds it must not be seen. It is the group of the process that
 * made the socket; an accepted one has that of its listener, whoever accepts it. Neither moves with
 * the process later.
 *
 * No allocation per socket; first come, first kept, for the reason that fold.h gives. */
#ifndef SOCKETS_GROUPS_H
#define SOCKETS_GROUPS_H

#include "base/map.h"
#include "sockets/close_wait.h"
#include "sockets/distinct.h"
#include "sockets/socket.h"

enum {
	TA_GROUPS_KEPT = 3072, /* three quarters of a power of two: a full table */
	TA_GROUPS_RECENT = 64,
};

struct ta_group {
	uint32_t states[TA_TCP_STATES], sockets;
	struct ta_close_wait close_wait;
};

struct ta_groups {
	struct ta_map rows; /* struct ta_group, by id */
	struct ta_distinct beyond;
	struct {
		uint64_t id;
		struct ta_group *row;
	} recent[TA_GROUPS_RECENT]; /* the last one of each remainder of the id: saves look-ups */
};

void ta_groups_init(struct ta_groups *groups);
void ta_groups_done(struct ta_groups *groups);

/* Counts a socket for its group: *ret, or NULL when it is not told or not kept. The pointer is good
 * until the next call. false when memory ran out. */
bool ta_groups_add(struct ta_groups *groups, const struct ta_socket *socket, struct ta_group **ret);

/* The group of more than half of some sockets, by a vote in one pass (Boyer and Moore 1991): votes
 * for the candidate less those against it since it stands. own counts what it had for certain. */
struct ta_group_vote {
	uint64_t id;
	uint32_t votes, own, total;
};

static inline void ta_group_vote_add(struct ta_group_vote *vote, const struct ta_socket *socket)
{
	if (!(socket->present & TA_SOCKET_CGROUP))
		return;
	if (!vote->votes) {
		vote->own = vote->id == socket->cgroup ? vote->own : 0;
		vote->id = socket->cgroup;
	}
	vote->total++;
	if (vote->id == socket->cgroup) {
		vote->votes++;
		vote->own++;
	} else {
		vote->votes--;
	}
}

/* 0 when none is known to have more than half. */
static inline uint64_t ta_group_vote_winner(const struct ta_group_vote *vote)
{
	return vote->own > vote->total / 2 ? vote->id : 0;
}

#endif
