/* listing.c - see listing.h: rows of listings in, sockets out. */
#include "import/listing.h"

#include <stdlib.h>

#include "base/array.h"
#include "import/evidence_state.h"
#include "import/reader.h"

enum {
	ALIKE_MAX = 1024,      /* sockets of one endpoint */
	HOLDERS_MAX = 1 << 21, /* of all sockets */
};

void ta_listings_init(struct ta_listings *listings)
{
	*listings = (struct ta_listings){ .open = false };
	ta_map_init(&listings->sockets, sizeof(struct ta_listed_key), sizeof(struct ta_listed),
		    TA_LISTING_SOCKETS);
}

void ta_listings_done(struct ta_listings *listings)
{
	ta_map_done(&listings->sockets);
	free(listings->holders);
	listings->holders = NULL;
}

/* ---- one row ---- */

/* The socket's place: that which an earlier listing left, or a new one; *ret is NULL when there is
 * no room. false when memory ran out. */
static bool find_place(struct ta_listings *listings, const struct ta_socket *socket,
		       struct ta_listed **ret, bool *ret_new)
{
	struct ta_listed_key key = { .remote = socket->remote, .port = socket->local.port };

	memcpy(key.local, socket->local.address, sizeof(key.local));
	for (; key.number < ALIKE_MAX; key.number++) {
		*ret = ta_map_put(&listings->sockets, &key, ret_new);
		if (!*ret)
			return listings->sockets.count == listings->sockets.limit;
		if (*ret_new || (*ret)->listing != listings->current)
			return true;
	}
	*ret = NULL;
	return true;
}

/* What this listing does not tell of the socket an earlier one may have told. */
static void keep_told(struct ta_socket *socket, const struct ta_socket *earlier)
{
	const uint8_t missing = earlier->present & (uint8_t)~socket->present;

	if (missing & TA_SOCKET_UID)
		socket->uid = earlier->uid;
	if (missing & TA_SOCKET_INODE)
		socket->inode = earlier->inode;
	socket->present |= missing & (TA_SOCKET_UID | TA_SOCKET_INODE);
	if (socket->state != earlier->state) /* the rest is of that state */
		return;
	if (missing & TA_SOCKET_QUEUES)
		socket->rqueue = earlier->rqueue;
	if (missing & (TA_SOCKET_QUEUES | TA_SOCKET_BACKLOG))
		socket->wqueue = earlier->wqueue;
	if (missing & TA_SOCKET_TIMER) {
		socket->timer = earlier->timer;
		socket->retrans = earlier->retrans;
	}
	if (earlier->silence_told && !socket->silence_told) {
		socket->silence_ms = earlier->silence_ms;
		socket->silence_told = true;
	}
	socket->present |= missing;
}

static bool keep_holders(struct ta_listings *listings, struct ta_listed *place,
			 const struct ta_holder_name *holders, size_t count)
{
	if (!count || listings->holder_count + count > HOLDERS_MAX)
		return true;
	place->holders = (uint32_t)listings->holder_count;
	place->holder_count = (uint32_t)count;
	for (size_t i = 0; i < count; i++) {
		if (!ta_array_room(&listings->holders, listings->holder_count,
				   &listings->holder_size, sizeof(*listings->holders)))
			return false;
		listings->holders[listings->holder_count++] = holders[i].pid;
	}
	return true;
}

static void begin(struct ta_listings *listings, uint64_t line)
{
	listings->open = true;
	listings->current++;
	listings->first_line = line;
	memset(listings->counts, 0, sizeof(listings->counts));
}

/* false when memory ran out. */
static bool add(struct ta_listings *listings, const struct ta_socket *socket,
		const struct ta_holder_name *holders, size_t holder_count)
{
	struct ta_socket now = *socket;
	struct ta_listed *place;
	bool is_new;

	listings->counts[socket->state]++;
	if (!find_place(listings, socket, &place, &is_new))
		return false;
	if (!place) {
		listings->beyond++;
		return true;
	}
	if (!is_new)
		keep_told(&now, &place->socket);
	place->socket = now;
	place->listing = listings->current;
	place->gone = false;
	return keep_holders(listings, place, holders, holder_count);
}

/* The process's own name stays when a listing comes that has that of its command line. */
static void name_process(struct ta_listing_process *process, const struct ta_holder_name *holder)
{
	size_t len = holder->name.len;

	if (!len || (*process->name && holder->of_command && !process->of_command))
		return;
	if (len >= sizeof(process->name))
		len = sizeof(process->name) - 1;
	memcpy(process->name, holder->name.data, len);
	process->name[len] = '\0';
	process->of_command = holder->of_command;
}

static bool name_processes(struct ta_evidence *evidence, const struct ta_holder_name *holders,
			   size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct ta_listing_process *process =
			ta_map_put(&evidence->processes, &holders[i].pid, NULL);

		if (process)
			name_process(process, &holders[i]);
		else if (evidence->processes.count < evidence->processes.limit)
			return false;
	}
	return true;
}

void ta_note_socket(struct ta_reading *reading, const struct ta_line *line,
		    const struct ta_socket *socket, const struct ta_holder_name *holders,
		    size_t holder_count)
{
	struct ta_evidence *evidence = reading->evidence;
	struct ta_listings *listings = &evidence->spaces[reading->netns].listings;

	if (!listings->open)
		begin(listings, line->number);
	listings->last_line = line->number;
	evidence->builder.failed |= !add(listings, socket, holders, holder_count) ||
				    !name_processes(evidence, holders, holder_count);
}

/* ---- the end of a listing ---- */

/* Those of the listing that ends that it has in part, and those that it should have and has not. */
static void settle(struct ta_listings *listings, uint32_t covers)
{
	const uint8_t v4 = ta_socket_family(true);
	const void *key;
	void *value;

	for (size_t i = 0; ta_map_next(&listings->sockets, &i, &key, &value);) {
		struct ta_listed *place = value;
		uint32_t others = place->socket.family == v4 ? TA_ONLY_IPV6 : TA_ONLY_IPV4;
		bool covered = !(covers & others) && (covers >> place->socket.state & 1);

		if (place->listing == listings->current)
			place->picked = !covered;
		else
			place->gone |= covered;
	}
}

static void note_count(struct ta_reading *reading, const struct ta_found *about, unsigned state,
		       uint64_t earlier, uint64_t later)
{
	char fact[96], path[112];
	struct ta_found found = *about;
	json_t *before;

	snprintf(fact, sizeof(fact), "namespaces[].sockets.%s", ta_tcp_state_name(state));
	snprintf(path, sizeof(path), "%u %s", reading->netns, fact);
	found.fact = fact;
	ta_evidence_place(reading->evidence, path, &found, &before);
	if (before && earlier != later)
		ta_evidence_conflict(reading->evidence, &found, before,
				     json_integer((json_int_t)earlier),
				     json_integer((json_int_t)later));
	json_decref(before);
}

static void note_places(struct ta_reading *reading, const struct ta_listings *listings)
{
	static const char *const facts[] = { "namespaces[].sockets", "namespaces[].close_wait",
					     "namespaces[].listeners", "namespaces[].destinations",
					     "processes" };
	struct ta_found found = ta_reading_found(reading, listings->first_line);
	char path[64];

	found.last_line = listings->last_line;
	for (size_t i = 0; i < TA_ARRAY_SIZE(facts); i++) {
		bool of_listeners = i == 2;

		if (of_listeners != (listings->counts[TA_TCP_LISTEN] > 0) && of_listeners)
			continue;
		found.fact = facts[i];
		snprintf(path, sizeof(path), "%u %s %u", reading->netns, facts[i],
			 listings->current);
		ta_evidence_place(reading->evidence, path, &found, NULL);
	}
}

/* Counts of one family are no counts of the namespace, until the other's listing has come. */
static void note_full(struct ta_reading *reading, struct ta_listings *listings, uint32_t covers)
{
	struct ta_found found = ta_reading_found(reading, listings->first_line);
	const uint32_t states = covers & TA_ALL_STATES;

	if (!(covers & TA_ONLY_IPV6))
		listings->full_of[0] |= states;
	if (!(covers & TA_ONLY_IPV4))
		listings->full_of[1] |= states;
	listings->full = listings->full_of[0] & listings->full_of[1];
	found.last_line = listings->last_line;
	for (unsigned state = TA_TCP_ESTABLISHED; state <= TA_TCP_CLOSING; state++) {
		if (!(states >> state & 1) || states != covers)
			continue;
		note_count(reading, &found, state, listings->known[state], listings->counts[state]);
		listings->known[state] = listings->counts[state];
	}
}

void ta_note_listing_end(struct ta_reading *reading, uint32_t covers)
{
	struct ta_listings *listings = &reading->evidence->spaces[reading->netns].listings;

	if (!listings->open)
		return;
	listings->open = false;
	settle(listings, covers);
	note_places(reading, listings);
	note_full(reading, listings, covers);
}

void ta_note_listing_empty(struct ta_reading *reading, uint32_t covers)
{
	struct ta_listings *listings = &reading->evidence->spaces[reading->netns].listings;

	begin(listings, 0);
	listings->open = false;
	settle(listings, covers);
	note_full(reading, listings, covers);
}

void ta_note_state(struct ta_reading *reading, const struct ta_line *line, unsigned state,
		   uint64_t count, bool picked)
{
	struct ta_listings *listings = &reading->evidence->spaces[reading->netns].listings;
	struct ta_found found = ta_reading_found(reading, line->number);

	if (listings->counted >> state & 1 && picked && !(listings->counted_in_part >> state & 1))
		return; /* all of them are counted already */
	if (picked)
		listings->counted_in_part |= 1u << state;
	else
		listings->counted_in_part &= ~(1u << state);
	listings->counted |= 1u << state;
	note_count(reading, &found, state, listings->known[state], count);
	if (!(listings->full >> state & 1))
		listings->known[state] = count;
}
