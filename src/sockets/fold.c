/* fold.c - see fold.h. What the fields mean in which state:
 *
 * Inode 0 has four meanings. TIME_WAIT and half-open requests are no full sockets; an ESTABLISHED
 * or CLOSE_WAIT one still waits in an accept queue; a FIN_WAIT, LAST_ACK or CLOSING one is an
 * orphan.
 *
 * rqueue of a CLOSE_WAIT counts the received FIN as 1: 0 says that the program has read to the end,
 * 1 that only the FIN waits, more that data does. wqueue counts our own SYN or FIN in the same way
 * while it is not acknowledged.
 *
 * Most calls are for ESTABLISHED and TIME_WAIT: a bit test for the direction, one or two look-ups
 * in tables that mostly fit the cache, some additions. */
#include "sockets/fold.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/array.h"

void ta_fold_init(struct ta_fold *fold, const struct ta_ports *ports)
{
	memset(fold, 0, sizeof(*fold));
	fold->ports = ports;
	ta_map_init(&fold->listeners, sizeof(struct ta_listener_key), sizeof(struct ta_listener),
		    TA_FOLD_LISTENERS);
	ta_map_init(&fold->destinations, sizeof(struct ta_destination_key),
		    sizeof(struct ta_destination), TA_FOLD_DESTINATIONS);
	ta_map_init(&fold->credits, sizeof(uint32_t), sizeof(struct ta_process_tcp *),
		    TA_PROCESSES_MAX);
	ta_map_init(&fold->waiting, sizeof(uint32_t), sizeof(struct ta_waiting), TA_FOLD_WAITING);
	ta_groups_init(&fold->groups);
}

static void free_credits(struct ta_fold *fold)
{
	const void *key;
	void *value;

	for (size_t i = 0; ta_map_next(&fold->credits, &i, &key, &value);)
		free(*(struct ta_process_tcp **)value);
	ta_map_done(&fold->credits);
}

void ta_fold_done(struct ta_fold *fold)
{
	ta_map_done(&fold->listeners);
	ta_map_done(&fold->destinations);
	free_credits(fold);
	ta_map_done(&fold->waiting);
	ta_distinct_done(&fold->listeners_beyond);
	ta_distinct_done(&fold->destinations_beyond);
	ta_groups_done(&fold->groups);
	free(fold->owners);
	fold->owners = NULL;
}

void ta_fold_reset(struct ta_fold *fold)
{
	const struct ta_fold kept = *fold;

	ta_fold_done(fold);
	ta_fold_init(fold, kept.ports);
	fold->processes = kept.processes;
	fold->seen = kept.seen;
	fold->first = kept.first;
	fold->netns = kept.netns;
}

/* ---- what a socket shows ---- */

enum {
	TIMEOUTS_IN_A_ROW = 3,
	BULK_BYTES = 1200, /* about one full segment where the smallest IPv6 MTU, 1280, rules */
};

/* The peer is gone, or the way to it. */
static bool is_retrans(const struct ta_socket *socket)
{
	return socket->state == TA_TCP_ESTABLISHED && socket->timer == TA_TIMER_RETRANS &&
	       socket->retrans >= TIMEOUTS_IN_A_ROW;
}

/* The handshake got through, and what is lost is as large as segments get: the MTU of the path? */
static bool is_bulk(const struct ta_socket *socket)
{
	return socket->wqueue >= BULK_BYTES;
}

static bool is_in(uint8_t state, uint32_t mask)
{
	return 1u << state & mask;
}

/* After the peer's FIN what waits ends with it. */
static uint32_t recv_bytes(const struct ta_socket *socket)
{
	static const uint32_t fin_received =
		1 << TA_TCP_CLOSE_WAIT | 1 << TA_TCP_LAST_ACK | 1 << TA_TCP_CLOSING;

	return socket->rqueue - (socket->rqueue && is_in(socket->state, fin_received));
}

/* In these states our SYN or FIN is not acknowledged yet. */
static uint32_t send_bytes(const struct ta_socket *socket)
{
	static const uint32_t flag_sent = 1 << TA_TCP_SYN_SENT | 1 << TA_TCP_FIN_WAIT1 |
					  1 << TA_TCP_LAST_ACK | 1 << TA_TCP_CLOSING;

	return socket->wqueue - (socket->wqueue && is_in(socket->state, flag_sent));
}

/* ---- new since the first sample ---- */

/* A request is no connection yet; should it become one by the second sample, that is new. */
static bool is_connection(const struct ta_socket *socket)
{
	return socket->state != TA_TCP_LISTEN && socket->state != TA_TCP_SYN_RECV;
}

/* At the first sample it is noted; at the second, whether it was not there. */
static bool is_opened(const struct ta_fold *fold, const struct ta_socket *socket)
{
	uint64_t bit;

	if (!fold->seen || !is_connection(socket))
		return false;
	bit = ta_seen_bit(fold->netns, socket);
	if (!fold->first)
		return !ta_seen_has(fold->seen, bit);
	ta_seen_add(fold->seen, bit);
	return false;
}

/* ---- listeners ---- */

/* Queues of different backlogs are compared by how full they are. */
static bool is_fuller(const struct ta_socket *socket, const struct ta_listener *than)
{
	return (uint64_t)socket->rqueue * ((uint64_t)than->backlog + 1) >
	       (uint64_t)than->queue * ((uint64_t)socket->wqueue + 1);
}

static bool fold_listener(struct ta_fold *fold, const struct ta_socket *socket)
{
	struct ta_listener_key key = { .port = socket->local.port, .family = socket->family };
	struct ta_listener *listener;
	bool is_new;

	ta_port_set_add(&fold->listening, socket->local.port);
	ta_port_set_add(&fold->held, socket->local.port);
	memcpy(key.address, socket->local.address, sizeof(key.address));
	listener = ta_map_put(&fold->listeners, &key, &is_new);
	if (!listener)
		return fold->listeners.count == fold->listeners.limit &&
		       ta_distinct_add(&fold->listeners_beyond, &key, sizeof(key));
	if (is_new)
		listener->present = socket->present;
	listener->present &= socket->present;
	if (is_new || is_fuller(socket, listener)) {
		listener->queue = socket->rqueue;
		listener->backlog = socket->wqueue;
		listener->uid = socket->uid;
		listener->cgroup = socket->present & TA_SOCKET_CGROUP ? socket->cgroup : 0;
	}
	listener->sockets++;
	listener->queue_total += socket->rqueue;
	listener->drops += socket->drops;
	listener->identity += socket->inode;
	return true;
}

static struct ta_listener *get_listener(const struct ta_fold *fold, uint16_t family,
					const uint8_t address[16], uint16_t port)
{
	struct ta_listener_key key = { .port = port, .family = family };

	memcpy(key.address, address, sizeof(key.address));
	return ta_map_get(&fold->listeners, &key);
}

/* The listener that an inbound socket came through, by the kernel's preference: its own address
 * before any address, its own family before the other. NULL for one that was not kept. */
static struct ta_listener *find_listener(const struct ta_fold *fold, const struct ta_socket *socket)
{
	static const uint8_t any6[16], any4[16] = { [10] = 0xff, [11] = 0xff };
	const uint8_t *address = socket->local.address;
	uint16_t port = socket->local.port, family = socket->family;
	bool v4 = ta_address_is_v4(address);
	struct ta_listener *found = get_listener(fold, family, address, port);

	if (!found && v4)
		found = get_listener(fold, family, any4, port);
	if (!found)
		found = get_listener(fold, AF_INET6, any6, port);
	if (!found && v4)
		found = get_listener(fold, family == AF_INET ? AF_INET6 : AF_INET, address, port);
	if (!found && v4 && family == AF_INET6)
		found = get_listener(fold, AF_INET, any4, port);
	return found;
}

static void count_inbound(const struct ta_fold *fold, const struct ta_socket *socket, bool opened)
{
	struct ta_listener *listener;

	if (socket->state != TA_TCP_ESTABLISHED && socket->state != TA_TCP_CLOSE_WAIT &&
	    socket->state != TA_TCP_SYN_RECV && socket->state != TA_TCP_TIME_WAIT)
		return;
	listener = find_listener(fold, socket);
	if (!listener)
		return;
	listener->opened += opened;
	listener->established += socket->state == TA_TCP_ESTABLISHED;
	listener->syn_recv += socket->state == TA_TCP_SYN_RECV;
	listener->time_wait += socket->state == TA_TCP_TIME_WAIT;
	if (is_retrans(socket)) {
		listener->retrans++;
		listener->retrans_bulk += is_bulk(socket);
	}
	if (socket->state == TA_TCP_CLOSE_WAIT) {
		listener->close_wait++;
		listener->close_wait_unaccepted += !socket->inode;
	}
}

/* ---- destinations ---- */

/* A socket outside of the ephemeral range is nearly always the remains of a listener that is gone:
 * one destination for each client. Those get no more than half of the table. */
static bool is_welcome(const struct ta_fold *fold, bool in_range)
{
	return in_range || !fold->ports->range_known ||
	       fold->destinations.count < fold->destinations.limit / 2;
}

static bool count_outbound(struct ta_fold *fold, const struct ta_socket *socket, bool opened)
{
	bool in_range = ta_ports_in_range(fold->ports, socket->local.port);
	struct ta_destination_key key = { .remote = socket->remote };
	struct ta_destination *destination;

	memcpy(key.local, socket->local.address, sizeof(key.local));
	if (is_welcome(fold, in_range))
		destination = ta_map_put(&fold->destinations, &key, NULL);
	else
		destination = ta_map_get(&fold->destinations, &key);
	if (!destination) {
		bool full = fold->destinations.count == fold->destinations.limit ||
			    !is_welcome(fold, in_range);

		return full && ta_distinct_add(&fold->destinations_beyond, &key, sizeof(key));
	}
	destination->sockets++;
	destination->opened += opened;
	destination->states[socket->state]++;
	destination->ports_used += in_range;
	ta_group_vote_add(&destination->cgroup, socket);
	if (is_retrans(socket)) {
		destination->retrans++;
		destination->retrans_bulk += is_bulk(socket);
	}
	return true;
}

/* ---- states ---- */

static void count_close_wait(struct ta_close_wait *counts, const struct ta_socket *socket,
			     bool inbound)
{
	counts->total++;
	counts->inbound += inbound;
	counts->outbound += !inbound;
	if (!socket->inode) {
		counts->unaccepted++;
		return;
	}
	counts->eof_read += socket->rqueue == 0;
	counts->fin_unread += socket->rqueue == 1;
	counts->data_unread += socket->rqueue > 1;
}

/* The kernel's order is that of a hash, so the first ones are as good as any. One that is not kept
 * for want of memory has no age, that is all. */
static void keep_waiting(struct ta_fold *fold, const struct ta_socket *socket)
{
	struct ta_waiting *waiting;

	if (fold->first || !socket->inode)
		return;
	waiting = ta_map_put(&fold->waiting, &socket->inode, NULL);
	if (!waiting)
		return;
	waiting->socket = *socket;
	waiting->silence_ms = socket->silence_ms;
	waiting->known = socket->silence_told;
}

static void count_established(struct ta_fold *fold, const struct ta_socket *socket, bool inbound)
{
	fold->established_inbound += inbound;
	fold->established_unaccepted += !socket->inode;
	fold->established_no_timer += socket->inode && socket->timer == TA_TIMER_NONE;
	fold->established_zero_window += socket->timer == TA_TIMER_PROBE0;
	if (is_retrans(socket)) {
		fold->established_retrans++;
		fold->established_retrans_bulk += is_bulk(socket);
	}
}

static void count_state(struct ta_fold *fold, const struct ta_socket *socket, bool inbound)
{
	bool orphan = !socket->inode && socket->timer != TA_TIMER_TIMEWAIT;

	fold->states[socket->state]++;
	switch (socket->state) {
	case TA_TCP_ESTABLISHED:
		count_established(fold, socket, inbound);
		break;
	case TA_TCP_TIME_WAIT:
		fold->time_wait_inbound += inbound;
		break;
	case TA_TCP_CLOSE_WAIT:
		count_close_wait(&fold->close_wait, socket, inbound);
		keep_waiting(fold, socket);
		break;
	case TA_TCP_FIN_WAIT2:
		fold->fin_wait2_orphan += socket->timer == TA_TIMER_TIMEWAIT;
		fold->fin_wait2_held += socket->inode != 0;
		fold->orphans += orphan;
		break;
	case TA_TCP_FIN_WAIT1:
	case TA_TCP_LAST_ACK:
	case TA_TCP_CLOSING:
		fold->orphans += orphan;
		break;
	default:
		break;
	}
}

/* ---- owners ---- */

static bool credit_group(struct ta_fold *fold, const struct ta_socket *socket, bool inbound)
{
	struct ta_group *group;

	if (!ta_groups_add(&fold->groups, socket, &group))
		return false;
	if (group && socket->state == TA_TCP_CLOSE_WAIT)
		count_close_wait(&group->close_wait, socket, inbound);
	return true;
}

/* Who holds it, as far as the socket itself tells. */
static void count_owner(struct ta_owner_counts *owned, const struct ta_socket *socket)
{
	if (socket->inode)
		owned->held++;
	else if (socket->timer == TA_TIMER_TIMEWAIT)
		owned->time_wait++; /* of FIN_WAIT_2, too */
	else if (socket->state == TA_TCP_SYN_RECV)
		owned->half_open++;
	else if (socket->state == TA_TCP_ESTABLISHED || socket->state == TA_TCP_CLOSE_WAIT)
		owned->unaccepted++;
	else
		owned->orphan++;
}

/* The owner shown of a listener is the holder with the lowest pid over all sockets of the
 * endpoint: of a pre-forking server the parent, mostly. */
static void credit_listener(const struct ta_fold *fold, const struct ta_socket *socket,
			    uint32_t process)
{
	const struct ta_process *rows = fold->processes->rows;
	struct ta_listener *listener =
		get_listener(fold, socket->family, socket->local.address, socket->local.port);

	if (listener && (!listener->holder || rows[listener->holder - 1].pid > rows[process].pid))
		listener->holder = process + 1;
}

static bool add_owners(struct ta_fold *fold, struct ta_destination *destination)
{
	if (!ta_array_room(&fold->owners, fold->owner_count, &fold->owner_size,
			   sizeof(*fold->owners)))
		return false;
	memset(&fold->owners[fold->owner_count], 0, sizeof(*fold->owners));
	destination->owners = (uint32_t)++fold->owner_count;
	return true;
}

static bool credit_destination(struct ta_fold *fold, const struct ta_socket *socket,
			       uint32_t process)
{
	struct ta_destination_key key = { .remote = socket->remote };
	struct ta_destination *destination;

	memcpy(key.local, socket->local.address, sizeof(key.local));
	destination = ta_map_get(&fold->destinations, &key);
	if (!destination)
		return true;
	if (!destination->owners && !add_owners(fold, destination))
		return false;
	ta_heavy_add(&fold->owners[destination->owners - 1], &process, sizeof(process));
	return true;
}

/* A client's port is its own and says nothing: inbound ones are counted by address. */
static void count_remote(struct ta_process_tcp *tcp, const struct ta_socket *socket, bool inbound)
{
	struct ta_endpoint remote = socket->remote;

	if (inbound)
		remote.port = 0;
	ta_heavy_add(&tcp->remotes, &remote, sizeof(remote));
}

static void credit_process(struct ta_process_tcp *tcp, const struct ta_socket *socket, bool inbound,
			   bool shared, bool opened)
{
	tcp->total++;
	tcp->opened += opened;
	tcp->states[socket->state]++;
	if (socket->state != TA_TCP_LISTEN) {
		tcp->recv_queue_bytes += recv_bytes(socket);
		tcp->send_queue_bytes += send_bytes(socket);
	}
	if (socket->state != TA_TCP_CLOSE_WAIT)
		return;
	count_close_wait(&tcp->close_wait, socket, inbound);
	tcp->close_wait.shared += shared;
	count_remote(tcp, socket, inbound);
}

/* What a process was credited so far, or NULL. */
static struct ta_process_tcp *credits_of(const struct ta_fold *fold, uint32_t process)
{
	struct ta_process_tcp **slot = ta_map_get(&fold->credits, &process);

	return slot ? *slot : NULL;
}

/* The same, from now on; NULL when memory ran out. */
static struct ta_process_tcp *make_credits(struct ta_fold *fold, uint32_t process)
{
	struct ta_process_tcp **slot = ta_map_put(&fold->credits, &process, NULL);

	if (slot && !*slot)
		*slot = calloc(1, sizeof(**slot));
	return slot ? *slot : NULL;
}

/* To one of the processes that hold it. */
static bool credit(struct ta_fold *fold, const struct ta_socket *socket, uint32_t process,
		   bool shared, bool opened)
{
	bool inbound = ta_port_set_has(&fold->listening, socket->local.port);
	struct ta_process_tcp *tcp = make_credits(fold, process);

	if (!tcp)
		return false;
	credit_process(tcp, socket, inbound, shared, opened);
	if (socket->state == TA_TCP_LISTEN)
		credit_listener(fold, socket, process);
	else if (!inbound && !(socket->present & TA_SOCKET_NO_SIDE))
		return credit_destination(fold, socket, process);
	return true;
}

/* To all of them, found by the inode. */
static bool credit_holders(struct ta_fold *fold, const struct ta_socket *socket, bool opened)
{
	const struct ta_holders *holders = &fold->processes->holders;
	struct ta_holder_iter iter = ta_holders_find(holders, socket->inode), others = iter;
	uint32_t process;
	bool named = ta_holder_next(holders, &others, &process);
	bool shared = named && ta_holder_next(holders, &others, &process);

	fold->owned.named += named;
	fold->owned.shared += shared;
	while (ta_holder_next(holders, &iter, &process))
		if (!credit(fold, socket, process, shared, opened))
			return false;
	return true;
}

/* Up to two of those that are known to hold it; *ret_again: the process is one of them all. */
static int find_two(const struct ta_holders *holders, uint32_t inode, uint32_t process,
		    bool scattered, uint32_t *ret_last, bool *ret_again)
{
	struct ta_holder_iter iter = ta_holders_find(holders, inode);
	int count = 0;

	*ret_again = false;
	for (uint32_t holder; ta_holder_next(holders, &iter, &holder); count++) {
		if (count == 2 && !scattered)
			break;
		if (!count)
			*ret_last = holder;
		*ret_again |= holder == process;
	}
	return count < 2 ? count : 2;
}

/* The holder of one whose age is asked for is remembered, sole or not. */
static bool is_waiting(const struct ta_fold *fold, const struct ta_socket *socket)
{
	return socket->state == TA_TCP_CLOSE_WAIT && ta_map_get(&fold->waiting, &socket->inode);
}

bool ta_fold_claim(struct ta_fold *fold, const struct ta_socket *socket, uint32_t process,
		   bool sole, bool scattered)
{
	struct ta_processes *processes = fold->processes;
	struct ta_process_tcp *first;
	uint32_t last = 0;
	bool again;
	int others;

	if (sole && !is_waiting(fold, socket)) {
		fold->owned.named++;
		return credit(fold, socket, process, false, is_opened(fold, socket));
	}
	others = find_two(&processes->holders, socket->inode, process, scattered, &last, &again);
	if (again)
		return true;
	if (!ta_holders_add(&processes->holders, socket->inode, process))
		return false;
	fold->owned.named += others == 0;
	fold->owned.shared += others == 1;
	if (others == 1 && socket->state == TA_TCP_CLOSE_WAIT) {
		first = credits_of(fold, last); /* it did not know that it shares it */
		if (first)
			first->close_wait.shared++;
	}
	return credit(fold, socket, process, others > 0, is_opened(fold, socket));
}

/* ---- the end ---- */

static void credit_silence(struct ta_fold *fold, uint32_t inode, uint32_t silence_ms)
{
	struct ta_holder_iter iter = ta_holders_find(&fold->processes->holders, inode);

	for (uint32_t process; ta_holder_next(&fold->processes->holders, &iter, &process);) {
		struct ta_process_tcp *tcp = credits_of(fold, process);

		if (tcp)
			ta_close_wait_age(&tcp->close_wait, silence_ms);
	}
}

static void settle_ages(struct ta_fold *fold)
{
	const void *key;
	void *value;

	for (size_t i = 0; ta_map_next(&fold->waiting, &i, &key, &value);) {
		const struct ta_waiting *waiting = value;

		if (!waiting->known)
			continue;
		ta_close_wait_age(&fold->close_wait, waiting->silence_ms);
		if (fold->processes)
			credit_silence(fold, waiting->socket.inode, waiting->silence_ms);
	}
}

void ta_fold_settle(struct ta_fold *fold, double window_s)
{
	const void *key;
	void *value;

	settle_ages(fold);
	for (size_t i = 0; ta_map_next(&fold->credits, &i, &key, &value);) {
		struct ta_process_tcp **tcp = value;
		uint32_t process;

		memcpy(&process, key, sizeof(process));
		if (window_s > 0)
			(*tcp)->opened_per_s = (*tcp)->opened / window_s;
		ta_processes_add_tcp(fold->processes, process, TA_TAKE(*tcp));
	}
	ta_map_done(&fold->credits);
}

/* ---- one socket ---- */

static bool count_connection(struct ta_fold *fold, const struct ta_socket *socket, bool inbound,
			     bool opened)
{
	fold->recv_queue_bytes += recv_bytes(socket);
	fold->send_queue_bytes += send_bytes(socket);
	if (inbound)
		count_inbound(fold, socket, opened);
	else if (!(socket->present & TA_SOCKET_NO_SIDE))
		return count_outbound(fold, socket, opened);
	return true;
}

bool ta_fold_socket(void *ctx, const struct ta_socket *socket)
{
	struct ta_fold *fold = ctx;
	bool inbound, opened, ok;

	fold->rows++;
	if (socket->state == TA_TCP_BOUND_INACTIVE) {
		fold->states[socket->state]++;
		ta_port_set_add(&fold->held, socket->local.port);
		return true;
	}
	inbound = ta_port_set_has(&fold->listening, socket->local.port);
	count_state(fold, socket, inbound);
	count_owner(&fold->owned, socket);
	if (!credit_group(fold, socket, inbound))
		return false;
	opened = is_opened(fold, socket);
	ok = socket->state == TA_TCP_LISTEN ? fold_listener(fold, socket)
					    : count_connection(fold, socket, inbound, opened);
	return ok && (!fold->processes || !socket->inode || credit_holders(fold, socket, opened));
}
