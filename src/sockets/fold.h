/* fold.h - a stream of sockets becomes counts: of states, listeners, destinations, processes.
 *
 * No allocation per socket; memory grows with the number of distinct listeners and destinations up
 * to a cap. The kernel walks its table of connections in the order of a hash of their addresses, so
 * whatever has many sockets is met early, long before a cap is reached: first come, first kept is
 * right here, and the rest is counted.
 *
 * All LISTEN sockets must come first: they decide what is inbound. */
#ifndef SOCKETS_FOLD_H
#define SOCKETS_FOLD_H

#include "base/map.h"
#include "sockets/distinct.h"
#include "sockets/groups.h"
#include "sockets/naming.h"
#include "sockets/ports.h"
#include "sockets/processes.h"
#include "sockets/seen.h"
#include "sockets/socket.h"
#include "sockets/told.h"

enum {
	TA_FOLD_LISTENERS = 6144, /* three quarters of a power of two: a full table */
	TA_FOLD_DESTINATIONS = 24576,
	TA_FOLD_WAITING = 1024, /* CLOSE_WAIT sockets whose age is asked for */
};

struct ta_listener_key {
	uint8_t address[16];
	uint16_t port;
	uint16_t family;
};

struct ta_listener {
	uint64_t drops;
	uint64_t identity; /* sum over its inodes: the same sockets as in another sample? */
	uint64_t cgroup;   /* of its fullest socket; 0: not told */
	uint32_t sockets, queue, backlog, queue_total;
	uint32_t opened; /* connections since the first sample, at least */
	uint32_t established, close_wait, close_wait_unaccepted, syn_recv, time_wait;
	uint32_t retrans, retrans_bulk;
	uint32_t uid;
	uint32_t holder; /* one more than a process number; 0: not known */
	uint8_t present; /* TA_SOCKET_*, when all its sockets had it */
};

struct ta_destination_key {
	uint8_t local[16];
	struct ta_endpoint remote;
};

struct ta_destination {
	uint32_t states[TA_TCP_STATES];
	uint32_t sockets, ports_used;
	uint32_t opened; /* since the first sample, at least */
	uint32_t retrans, retrans_bulk;
	uint32_t owners; /* one more than the index into fold->owners; 0: none */
	struct ta_group_vote cgroup;
};

/* A CLOSE_WAIT socket that a process holds, and how long its peer has been silent. */
struct ta_waiting {
	struct ta_socket socket;
	uint32_t silence_ms;
	bool known;
};

/* Sockets by who holds them; those of the kernel's tables that are merely bound are left out. */
struct ta_owner_counts {
	uint64_t held;          /* with an inode: by some process, mostly */
	uint64_t named, shared; /* of them: by a process that is known, by several */
	uint64_t time_wait, half_open, unaccepted, orphan; /* without an inode; see fold.c */
};

struct ta_fold {
	const struct ta_ports *ports;
	struct ta_processes *processes; /* NULL: nobody is named */
	struct ta_seen *seen; /* the connections of the first sample; NULL: there is one only */
	bool first;           /* this is the first sample: seen is filled */
	uint64_t netns;       /* a number that tells the namespace from others */

	uint64_t rows; /* all that was folded */
	struct ta_owner_counts owned;
	uint64_t recv_queue_bytes, send_queue_bytes;
	uint32_t states[TA_TCP_STATES];
	uint32_t established_inbound, established_unaccepted, established_no_timer;
	uint32_t established_zero_window, established_retrans, established_retrans_bulk;
	uint32_t time_wait_inbound, fin_wait2_orphan, fin_wait2_held, orphans;
	struct ta_close_wait close_wait;
	struct ta_port_set listening, held;

	struct ta_map listeners, destinations;
	struct ta_distinct listeners_beyond, destinations_beyond;
	struct ta_groups groups;
	struct ta_map credits;   /* struct ta_process_tcp *, ours, by uint32_t process number */
	struct ta_map waiting;   /* struct ta_waiting by uint32_t inode: the first ones */
	struct ta_heavy *owners; /* uint32_t process numbers */
	size_t owner_count, owner_size;
};

void ta_fold_init(struct ta_fold *fold, const struct ta_ports *ports);
void ta_fold_done(struct ta_fold *fold);

/* Forgets all sockets, for another reading. */
void ta_fold_reset(struct ta_fold *fold);

/* A ta_socket_sink; false when memory ran out. */
bool ta_fold_socket(void *fold, const struct ta_socket *socket);

/* Credits a socket, once all are folded, to a process that says that it holds it, and remembers
 * that in the table's holders unless the process is the only one that can (sole). The claims of
 * a process for one socket come one after another, or scattered. false when memory ran out. */
bool ta_fold_claim(struct ta_fold *fold, const struct ta_socket *socket, uint32_t process,
		   bool sole, bool scattered);

/* Once nothing can be taken back any more: adds what the processes were credited to their rows,
 * and the ages of CLOSE_WAIT to those of their holders. window_s is the time since the first
 * sample, 0 without one. */
void ta_fold_settle(struct ta_fold *fold, double window_s);

/* Sockets of which a process should be known and is not. Of a namespace that changes, holders may
 * be known of more sockets than were seen. */
static inline uint64_t ta_fold_unnamed(const struct ta_fold *fold)
{
	const struct ta_owner_counts *owned = &fold->owned;

	return owned->held > owned->named ? owned->held - owned->named : 0;
}

/* What the document says of it. */
struct ta_fold_view {
	const struct ta_fold *fold;
	const struct ta_fold *earlier; /* the first sample, or NULL */
	double window_s;
	bool known;       /* whether all sockets were seen; if not, nothing is said of them */
	bool bound_known; /* whether merely bound sockets were seen */
	struct ta_naming naming;
	const struct ta_told *told; /* NULL: all */
};

/* Members "ports", "sockets", "close_wait", "listeners", "destinations" and "owners" of a
 * namespace. */
void ta_fold_build(const struct ta_fold_view *view, struct ta_builder *builder, json_t *namespace_);

#endif
