/* listing_rows.c - see listing.h: the sockets of all listings as rows of the document.
 *
 * They take the way of a live host's: into a fold, the listening ones first. Before that it is
 * found out what a listing does not say and the others do: which side opened a connection, and
 * whether somebody holds it. */
#include <stdlib.h>

#include "base/language.h"
#include "import/listing.h"

/* Where the range is not told: net.ipv4.ip_local_port_range since 3.2 (net/ipv4/af_inet.c). */
enum { DEFAULT_LOW = 32768, DEFAULT_HIGH = 60999 };

/* One namespace. */
struct space {
	const struct ta_listings *listings;
	struct ta_listing_rows *rows;
	struct ta_told told;
	struct ta_fold fold;
	struct ta_ports ports;
	struct ta_port_set waiting; /* ports of listeners whose accept queue is not empty */
	bool queues_known;          /* of all listeners */
};

static uint32_t bit(unsigned state)
{
	return 1u << state;
}

/* ---- the range ---- */

static bool get_port(const json_t *pair, size_t i, uint16_t *ret)
{
	json_int_t port = json_integer_value(json_array_get(pair, i));

	*ret = (uint16_t)port;
	return port > 0 && port <= UINT16_MAX;
}

static void read_ports(struct ta_ports *ports, const json_t *namespace_)
{
	const json_t *sysctl = json_object_get(namespace_, "sysctl");
	const json_t *range = json_object_get(sysctl, "net.ipv4.ip_local_port_range");
	const json_t *reserved = json_object_get(sysctl, "net.ipv4.ip_local_reserved_ports");

	ports->range_known = get_port(range, 0, &ports->low) && get_port(range, 1, &ports->high) &&
			     ports->low <= ports->high;
	ports->reserved_known = json_is_string(reserved) &&
				ta_ports_parse_list(json_string_value(reserved),
						    json_string_length(reserved), &ports->reserved);
}

/* ---- what the listings say together ---- */

/* Of a state that some listing has in full, a row that somebody picked from another says nothing.
 */
static bool counts(const struct space *space, const struct ta_listed *listed)
{
	return !listed->gone &&
	       !(listed->picked && (space->listings->full >> listed->socket.state & 1));
}

static bool is_ephemeral(const struct space *space, uint16_t port)
{
	if (space->ports.range_known)
		return ta_ports_in_range(&space->ports, port);
	return port >= DEFAULT_LOW && port <= DEFAULT_HIGH;
}

/* Which side opened it: told by the listeners where all are known, else by the ephemeral one of the
 * two ports, if just one is. */
static bool is_inbound(const struct space *space, struct ta_socket *socket)
{
	bool local = is_ephemeral(space, socket->local.port);
	bool remote = is_ephemeral(space, socket->remote.port);

	if (ta_port_set_has(&space->fold.listening, socket->local.port))
		return true;
	if (space->listings->full & bit(TA_TCP_LISTEN))
		return false;
	if (local == remote)
		socket->present |= TA_SOCKET_NO_SIDE;
	return remote && !local;
}

/* Whether somebody must hold it: a connection that is in no accept queue, and no program closed. */
static bool is_held(const struct space *space, const struct ta_socket *socket, bool inbound)
{
	const uint32_t open =
		bit(TA_TCP_ESTABLISHED) | bit(TA_TCP_CLOSE_WAIT) | bit(TA_TCP_SYN_SENT);

	if (!(open >> socket->state & 1) || (socket->present & TA_SOCKET_NO_SIDE))
		return false;
	return !inbound ||
	       (space->queues_known && !ta_port_set_has(&space->waiting, socket->local.port));
}

/* Completes what follows from the state alone, or from the other listings. */
static void complete(const struct space *space, const struct ta_listed *listed,
		     struct ta_socket *socket)
{
	bool inbound = is_inbound(space, socket);

	if (socket->state == TA_TCP_TIME_WAIT) {
		socket->timer = TA_TIMER_TIMEWAIT;
		socket->present |= TA_SOCKET_TIMER;
	}
	if (socket->state == TA_TCP_TIME_WAIT || socket->state == TA_TCP_SYN_RECV) {
		socket->inode = 0;
		socket->rqueue = 0;
		socket->wqueue = 0;
		socket->present |= TA_SOCKET_INODE | TA_SOCKET_QUEUES | TA_SOCKET_UID;
	}
	if (!(socket->present & TA_SOCKET_INODE))
		socket->inode = listed->holder_count > 0 || is_held(space, socket, inbound);
	if (socket->inode)
		socket->present |= TA_SOCKET_INODE;
}

/* ---- into the fold ---- */

/* By a count, where the rows are some of them. */
static bool is_known_in_full(const struct space *space, unsigned state)
{
	const struct ta_listings *listings = space->listings;

	return listings->counted & ~listings->counted_in_part & bit(state);
}

static void take_told(struct space *space, const struct ta_listed *listed,
		      const struct ta_socket *socket)
{
	struct ta_told *told = &space->told;

	told->seen |= bit(socket->state);
	told->present[socket->state] &= socket->present;
	if (socket->present & TA_SOCKET_NO_SIDE)
		told->sided &= ~bit(socket->state);
	space->rows->excerpt |= listed->picked && !is_known_in_full(space, socket->state) &&
				socket->state != TA_TCP_LISTEN;
}

static bool add_holders(struct space *space, const struct ta_listed *listed, uint32_t inode)
{
	for (uint32_t i = 0; i < listed->holder_count; i++) {
		const uint32_t *pid = &space->listings->holders[listed->holders + i];
		const struct ta_listing_process *process = ta_map_get(space->rows->processes, pid);

		if (process && !ta_holders_add(&space->rows->table->holders, inode, process->row))
			return false;
	}
	return true;
}

static bool fold_one(struct space *space, const struct ta_listed *listed)
{
	struct ta_socket socket = listed->socket;

	if (socket.state != TA_TCP_LISTEN)
		complete(space, listed, &socket);
	take_told(space, listed, &socket);
	if (socket.inode || listed->holder_count)
		socket.inode = ++space->rows->inode;
	return add_holders(space, listed, socket.inode) && ta_fold_socket(&space->fold, &socket);
}

static void look_at_listener(struct space *space, const struct ta_socket *socket)
{
	if (!(socket->present & TA_SOCKET_QUEUES))
		space->queues_known = false;
	else if (socket->rqueue)
		ta_port_set_add(&space->waiting, socket->local.port);
}

/* All sockets that listen, or all others. */
static bool fold_all(struct space *space, bool listening)
{
	const void *key;
	void *value;

	for (size_t i = 0; ta_map_next(&space->listings->sockets, &i, &key, &value);) {
		const struct ta_listed *listed = value;

		if ((listed->socket.state == TA_TCP_LISTEN) != listening || !counts(space, listed))
			continue;
		if (listening)
			look_at_listener(space, &listed->socket);
		if (!fold_one(space, listed))
			return false;
	}
	return true;
}

/* The fold takes a connection for inbound when its port listens: where the listeners are not all
 * known, the ports of those that must be there are added. */
static void infer_listening(struct space *space)
{
	const void *key;
	void *value;

	for (size_t i = 0; ta_map_next(&space->listings->sockets, &i, &key, &value);) {
		struct ta_socket socket = ((const struct ta_listed *)value)->socket;

		if (socket.state != TA_TCP_LISTEN && is_inbound(space, &socket))
			ta_port_set_add(&space->fold.listening, socket.local.port);
	}
}

static void build_beyond(const struct ta_listings *listings, struct ta_builder *builder)
{
	char what[96];

	if (!listings->beyond)
		return;
	snprintf(what, sizeof(what), "%llu rows of listings of sockets",
		 (unsigned long long)listings->beyond);
	ta_build_gap(builder, what, N_("there is room for a million and a half of them"),
		     "namespaces[].sockets", "namespaces[].destinations", "namespaces[].listeners",
		     NULL);
}

/* Of processes with sockets in several namespaces that is told which is told in all of them. */
static void merge_told(struct ta_told *all, const struct ta_told *one)
{
	all->seen |= one->seen;
	all->full &= one->full;
	all->sided &= one->sided;
	for (unsigned state = 0; state < TA_TCP_STATES; state++)
		all->present[state] &= one->present[state];
}

static void open_space(struct space *space, const struct ta_listings *listings,
		       struct ta_listing_rows *rows, const json_t *namespace_)
{
	space->listings = listings;
	space->rows = rows;
	space->told = ta_told_all;
	space->told.full = listings->beyond ? 0 : listings->full;
	space->told.seen = space->told.full;
	space->queues_known = listings->full & bit(TA_TCP_LISTEN);
	read_ports(&space->ports, namespace_);
	ta_fold_init(&space->fold, &space->ports);
	space->fold.processes = rows->processes->count ? rows->table : NULL;
}

static bool fold_sockets(struct space *space)
{
	if (!fold_all(space, true))
		return false;
	if (!(space->listings->full & bit(TA_TCP_LISTEN)))
		infer_listening(space);
	return fold_all(space, false);
}

bool ta_listings_build(const struct ta_listings *listings, struct ta_listing_rows *rows,
		       json_t *namespace_)
{
	ta_auto_free struct space *space = calloc(1, sizeof(*space));
	struct ta_fold_view view = { .known = listings->sockets.count || listings->full };
	bool ok;

	if (!space)
		return false;
	open_space(space, listings, rows, namespace_);
	ok = fold_sockets(space);
	if (ok) {
		space->told.sided &= space->told.seen;
		ta_fold_settle(&space->fold, 0);
		view.fold = &space->fold;
		view.told = &space->told;
		ta_fold_build(&view, rows->builder, namespace_);
		build_beyond(listings, rows->builder);
	}
	if (view.known)
		merge_told(&rows->told, &space->told);
	rows->unnamed |= ta_fold_unnamed(&space->fold) > 0;
	ta_fold_done(&space->fold);
	return ok;
}
