/* Unit tests of the folding of sockets: fold.c, holders.c, heavy.h. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "sockets/fold.h"

enum { LISTENING = 80, LOW = 32768, HIGH = 60999 };

struct world {
	struct ta_ports ports;
	struct ta_fold fold;
	struct ta_processes processes;
};

static int make_world(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	if (!world)
		return -1;
	world->ports = (struct ta_ports){
		.range_known = true, .reserved_known = true, .low = LOW, .high = HIGH
	};
	ta_fold_init(&world->fold, &world->ports);
	*state = world;
	return 0;
}

static int end_world(void **state)
{
	struct world *world = *state;

	ta_fold_done(&world->fold);
	ta_processes_done(&world->processes);
	free(world);
	return 0;
}

static void set_endpoint(struct ta_endpoint *endpoint, const char *address, uint16_t port)
{
	uint8_t bytes[16];

	memset(endpoint, 0, sizeof(*endpoint));
	if (strchr(address, ':')) {
		assert_int_equal(inet_pton(AF_INET6, address, endpoint->address), 1);
	} else {
		assert_int_equal(inet_pton(AF_INET, address, bytes), 1);
		ta_address_set_v4(endpoint->address, bytes);
	}
	endpoint->port = port;
}

static struct ta_socket make_socket(uint8_t state, uint16_t local_port, uint16_t remote_port)
{
	struct ta_socket socket = { .state = state, .family = AF_INET, .inode = 9 };

	set_endpoint(&socket.local, "10.0.0.1", local_port);
	set_endpoint(&socket.remote, "10.0.0.5", remote_port);
	return socket;
}

static void fold_one(struct world *world, struct ta_socket socket)
{
	assert_true(ta_fold_socket(&world->fold, &socket));
}

static void fold_listener(struct world *world, const char *address, uint16_t port, uint8_t family)
{
	struct ta_socket socket = { .state = TA_TCP_LISTEN, .family = family, .inode = 100 };

	set_endpoint(&socket.local, address, port);
	fold_one(world, socket);
}

static const struct ta_listener *listener(struct world *world, const char *address, uint16_t port,
					  uint16_t family)
{
	struct ta_listener_key key = { .port = port, .family = family };
	struct ta_endpoint endpoint;
	const struct ta_listener *found;

	set_endpoint(&endpoint, address, port);
	memcpy(key.address, endpoint.address, sizeof(key.address));
	found = ta_map_get(&world->fold.listeners, &key);
	assert_non_null(found);
	return found;
}

static const struct ta_destination *destination(struct world *world, const char *local,
						const char *remote, uint16_t port)
{
	struct ta_destination_key key;
	struct ta_endpoint endpoint;
	const struct ta_destination *found;

	set_endpoint(&endpoint, local, 0);
	memcpy(key.local, endpoint.address, sizeof(key.local));
	set_endpoint(&key.remote, remote, port);
	found = ta_map_get(&world->fold.destinations, &key);
	assert_non_null(found);
	return found;
}

/* ---- what a row means ---- */

struct counts {
	uint32_t unaccepted, no_timer, zero_window, retrans, fin_wait2_orphan, fin_wait2_held,
		orphans, cw_unaccepted, cw_eof, cw_fin, cw_data;
};

static struct counts counts_of(const struct ta_fold *fold)
{
	return (struct counts){ fold->established_unaccepted,
				fold->established_no_timer,
				fold->established_zero_window,
				fold->established_retrans,
				fold->fin_wait2_orphan,
				fold->fin_wait2_held,
				fold->orphans,
				fold->close_wait.unaccepted,
				fold->close_wait.eof_read,
				fold->close_wait.fin_unread,
				fold->close_wait.data_unread };
}

static const struct {
	const char *what;
	uint8_t state, timer, retrans;
	uint32_t inode, rqueue;
	struct counts counts;
} meanings[] = {
	{ "in use", TA_TCP_ESTABLISHED, TA_TIMER_KEEPALIVE, 0, 9, 0, { 0 } },
	{ "no timer", TA_TCP_ESTABLISHED, TA_TIMER_NONE, 0, 9, 0, { .no_timer = 1 } },
	{ "in the accept queue", TA_TCP_ESTABLISHED, TA_TIMER_NONE, 0, 0, 0, { .unaccepted = 1 } },
	{ "slow reader", TA_TCP_ESTABLISHED, TA_TIMER_PROBE0, 9, 9, 0, { .zero_window = 1 } },
	{ "two time-outs", TA_TCP_ESTABLISHED, TA_TIMER_RETRANS, 2, 9, 0, { 0 } },
	{ "three time-outs", TA_TCP_ESTABLISHED, TA_TIMER_RETRANS, 3, 9, 0, { .retrans = 1 } },
	{ "EOF read", TA_TCP_CLOSE_WAIT, TA_TIMER_NONE, 0, 9, 0, { .cw_eof = 1 } },
	{ "FIN waits", TA_TCP_CLOSE_WAIT, TA_TIMER_NONE, 0, 9, 1, { .cw_fin = 1 } },
	{ "data waits", TA_TCP_CLOSE_WAIT, TA_TIMER_NONE, 0, 9, 2, { .cw_data = 1 } },
	{ "closed by the client before accept()",
	  TA_TCP_CLOSE_WAIT,
	  TA_TIMER_NONE,
	  0,
	  0,
	  1,
	  { .cw_unaccepted = 1 } },
	{ "held FIN_WAIT_2", TA_TCP_FIN_WAIT2, TA_TIMER_NONE, 0, 9, 0, { .fin_wait2_held = 1 } },
	{ "mini-socket", TA_TCP_FIN_WAIT2, TA_TIMER_TIMEWAIT, 0, 0, 0, { .fin_wait2_orphan = 1 } },
	{ "long FIN_WAIT_2", TA_TCP_FIN_WAIT2, TA_TIMER_KEEPALIVE, 0, 0, 0, { .orphans = 1 } },
	{ "held FIN_WAIT_1", TA_TCP_FIN_WAIT1, TA_TIMER_PROBE0, 0, 9, 0, { 0 } },
	{ "orphan FIN_WAIT_1", TA_TCP_FIN_WAIT1, TA_TIMER_PROBE0, 0, 0, 0, { .orphans = 1 } },
	{ "orphan LAST_ACK", TA_TCP_LAST_ACK, TA_TIMER_RETRANS, 0, 0, 0, { .orphans = 1 } },
	{ "orphan CLOSING", TA_TCP_CLOSING, TA_TIMER_RETRANS, 0, 0, 0, { .orphans = 1 } },
	{ "TIME_WAIT", TA_TCP_TIME_WAIT, TA_TIMER_TIMEWAIT, 0, 0, 0, { 0 } },
	{ "half open", TA_TCP_SYN_RECV, TA_TIMER_RETRANS, 5, 0, 0, { 0 } },
};

static void rows_mean_what_they_mean(void **state)
{
	struct world *world = *state;

	for (size_t i = 0; i < TA_ARRAY_SIZE(meanings); i++) {
		struct ta_socket socket = make_socket(meanings[i].state, 40000, 5432);
		struct counts counts;

		socket.timer = meanings[i].timer;
		socket.retrans = meanings[i].retrans;
		socket.inode = meanings[i].inode;
		socket.rqueue = meanings[i].rqueue;
		ta_fold_reset(&world->fold);
		fold_one(world, socket);
		counts = counts_of(&world->fold);
		if (memcmp(&counts, &meanings[i].counts, sizeof(counts)) != 0)
			fail_msg("miscounted: %s", meanings[i].what);
		assert_int_equal(world->fold.states[meanings[i].state], 1);
		assert_int_equal(world->fold.rows, 1);
	}
}

/* Bytes that wait: a FIN that was not read, and a SYN or FIN of ours without an answer, is none. */
static const struct {
	const char *what;
	uint8_t state;
	uint32_t rqueue, wqueue, recv_bytes, send_bytes;
} queues[] = {
	{ "nothing", TA_TCP_ESTABLISHED, 0, 0, 0, 0 },
	{ "both ways", TA_TCP_ESTABLISHED, 7, 9, 7, 9 },
	{ "one byte", TA_TCP_ESTABLISHED, 1, 1, 1, 1 },
	{ "all that a queue can hold", TA_TCP_ESTABLISHED, UINT32_MAX, UINT32_MAX, UINT32_MAX,
	  UINT32_MAX },
	{ "a SYN", TA_TCP_SYN_SENT, 0, 1, 0, 0 },
	{ "a SYN with data", TA_TCP_SYN_SENT, 0, 101, 0, 100 },
	{ "our FIN", TA_TCP_FIN_WAIT1, 5, 1, 5, 0 },
	{ "data and our FIN", TA_TCP_FIN_WAIT1, 1, 10, 1, 9 },
	{ "our FIN got through", TA_TCP_FIN_WAIT2, 5, 0, 5, 0 },
	{ "end of the stream was read", TA_TCP_CLOSE_WAIT, 0, 4, 0, 4 },
	{ "their FIN", TA_TCP_CLOSE_WAIT, 1, 1, 0, 1 },
	{ "data and their FIN", TA_TCP_CLOSE_WAIT, 900, 0, 899, 0 },
	{ "both FINs", TA_TCP_CLOSING, 1, 1, 0, 0 },
	{ "both FINs, data before them", TA_TCP_LAST_ACK, 3, 4, 2, 3 },
	{ "a mini-socket", TA_TCP_TIME_WAIT, 0, 0, 0, 0 },
	{ "queue and backlog", TA_TCP_LISTEN, 100, 4096, 0, 0 },
};

static void bytes_that_wait_are_counted(void **state)
{
	struct world *world = *state;

	for (size_t i = 0; i < TA_ARRAY_SIZE(queues); i++) {
		struct ta_socket socket = make_socket(queues[i].state, 40000, 5432);

		socket.rqueue = queues[i].rqueue;
		socket.wqueue = queues[i].wqueue;
		ta_fold_reset(&world->fold);
		fold_one(world, socket);
		fold_one(world, socket);
		if (world->fold.recv_queue_bytes != UINT64_C(2) * queues[i].recv_bytes ||
		    world->fold.send_queue_bytes != UINT64_C(2) * queues[i].send_bytes)
			fail_msg("miscounted: %s", queues[i].what);
	}
}

static void lost_peers_are_counted_where_they_belong(void **state)
{
	struct world *world = *state;
	struct ta_socket in = make_socket(TA_TCP_ESTABLISHED, LISTENING, 5000);
	struct ta_socket out = make_socket(TA_TCP_ESTABLISHED, 40000, 5432);
	const struct ta_listener *to;
	const struct ta_destination *from;

	fold_listener(world, "0.0.0.0", LISTENING, AF_INET);
	in.timer = out.timer = TA_TIMER_RETRANS;
	in.retrans = out.retrans = 3;
	in.wqueue = 1199;
	out.wqueue = 1200;
	fold_one(world, in);
	fold_one(world, out);
	out.retrans = 2;
	fold_one(world, out);
	in.retrans = 15;
	in.wqueue = 90000;
	fold_one(world, in);
	in.state = TA_TCP_CLOSE_WAIT;
	out.state = TA_TCP_FIN_WAIT1;
	out.retrans = 9;
	fold_one(world, in);
	fold_one(world, out);
	out.state = TA_TCP_ESTABLISHED;
	out.timer = TA_TIMER_PROBE0; /* counts probes, and the peer answers them */
	fold_one(world, out);
	assert_int_equal(world->fold.established_retrans, 3);
	assert_int_equal(world->fold.established_retrans_bulk, 2);
	to = listener(world, "0.0.0.0", LISTENING, AF_INET);
	assert_int_equal(to->retrans, 2);
	assert_int_equal(to->retrans_bulk, 1);
	from = destination(world, "10.0.0.1", "10.0.0.5", 5432);
	assert_int_equal(from->retrans, 1);
	assert_int_equal(from->retrans_bulk, 1);
}

/* ---- direction, listeners ---- */

static void a_listening_port_makes_inbound(void **state)
{
	struct world *world = *state;

	fold_listener(world, "0.0.0.0", LISTENING, AF_INET);
	fold_one(world, make_socket(TA_TCP_ESTABLISHED, LISTENING, 5000));
	fold_one(world, make_socket(TA_TCP_TIME_WAIT, LISTENING, 5001));
	fold_one(world, make_socket(TA_TCP_CLOSE_WAIT, LISTENING, 5002));
	fold_one(world, make_socket(TA_TCP_ESTABLISHED, 40000, LISTENING));
	fold_one(world, make_socket(TA_TCP_TIME_WAIT, 40001, LISTENING));
	assert_int_equal(world->fold.established_inbound, 1);
	assert_int_equal(world->fold.time_wait_inbound, 1);
	assert_int_equal(world->fold.close_wait.inbound, 1);
	assert_int_equal(world->fold.close_wait.outbound, 0);
	assert_int_equal(world->fold.destinations.count, 1);
	assert_int_equal(destination(world, "10.0.0.1", "10.0.0.5", LISTENING)->sockets, 2);
	assert_int_equal(listener(world, "0.0.0.0", LISTENING, AF_INET)->established, 1);
	assert_int_equal(listener(world, "0.0.0.0", LISTENING, AF_INET)->close_wait, 1);
}

static void the_nearest_listener_gets_it(void **state)
{
	struct world *world = *state;
	struct ta_socket socket = make_socket(TA_TCP_ESTABLISHED, LISTENING, 5000);

	fold_listener(world, "::", LISTENING, AF_INET6);
	fold_one(world, socket); /* only the dual-stack one is there */
	socket.family = AF_INET6;
	fold_one(world, socket); /* as the kernel shows what that one accepted */
	assert_int_equal(listener(world, "::", LISTENING, AF_INET6)->established, 2);
	fold_listener(world, "0.0.0.0", LISTENING, AF_INET);
	socket.family = AF_INET;
	fold_one(world, socket);
	assert_int_equal(listener(world, "0.0.0.0", LISTENING, AF_INET)->established, 1);
	fold_listener(world, "10.0.0.1", LISTENING, AF_INET);
	fold_one(world, socket);
	assert_int_equal(listener(world, "10.0.0.1", LISTENING, AF_INET)->established, 1);
	assert_int_equal(listener(world, "::", LISTENING, AF_INET6)->established, 2);
}

static void one_row_for_a_reuseport_group(void **state)
{
	struct world *world = *state;
	struct ta_socket socket = { .state = TA_TCP_LISTEN,
				    .family = AF_INET,
				    .present = TA_SOCKET_BACKLOG | TA_SOCKET_DROPS };
	const struct ta_listener *row;

	set_endpoint(&socket.local, "0.0.0.0", LISTENING);
	for (uint32_t i = 1; i <= 3; i++) {
		socket.inode = i;
		socket.rqueue = 10 * i; /* 10 of 1000, 20 of 20, 30 of 1000 */
		socket.wqueue = i == 2 ? 20 : 1000;
		socket.drops = i;
		fold_one(world, socket);
	}
	row = listener(world, "0.0.0.0", LISTENING, AF_INET);
	assert_int_equal(row->sockets, 3);
	assert_int_equal(row->queue, 20); /* the fullest, not the longest */
	assert_int_equal(row->backlog, 20);
	assert_int_equal(row->queue_total, 60);
	assert_int_equal(row->drops, 6);
	assert_int_equal(row->present, TA_SOCKET_BACKLOG | TA_SOCKET_DROPS);
	socket.present = TA_SOCKET_BACKLOG; /* one without drops: the sum is not known */
	fold_one(world, socket);
	assert_int_equal(row->present, TA_SOCKET_BACKLOG);
}

/* ---- destinations ---- */

static void ports_in_the_range_are_used(void **state)
{
	struct world *world = *state;
	const struct ta_destination *row;

	fold_one(world, make_socket(TA_TCP_ESTABLISHED, LOW, 5432));
	fold_one(world, make_socket(TA_TCP_TIME_WAIT, HIGH, 5432));
	fold_one(world, make_socket(TA_TCP_SYN_SENT, LOW - 1, 5432));
	fold_one(world, make_socket(TA_TCP_CLOSE_WAIT, HIGH + 1, 5432));
	row = destination(world, "10.0.0.1", "10.0.0.5", 5432);
	assert_int_equal(row->sockets, 4);
	assert_int_equal(row->ports_used, 2);
	assert_int_equal(row->states[TA_TCP_TIME_WAIT], 1);
}

static void a_mapped_address_is_the_same_destination(void **state)
{
	struct world *world = *state;
	struct ta_socket socket = make_socket(TA_TCP_ESTABLISHED, 40000, 5432);

	fold_one(world, socket);
	socket.family = AF_INET6;
	socket.local.port++;
	fold_one(world, socket);
	assert_int_equal(world->fold.destinations.count, 1);
}

static void the_rows_that_are_shown_are_the_fullest(void **state)
{
	enum { DESTINATIONS = 500, SHOWN = 200 };
	struct world *world = *state;
	struct ta_fold_view view = { .fold = &world->fold, .known = true };
	struct ta_builder builder;
	json_t *document = NULL, *rows;

	/* destination n has 1 + n * 7 % 500 ports: all numbers from 1 to 500, in no order */
	for (uint16_t n = 0; n < DESTINATIONS; n++)
		for (uint16_t k = 0; k < 1 + n * 7 % DESTINATIONS; k++)
			fold_one(world, make_socket(TA_TCP_ESTABLISHED, (uint16_t)(LOW + k),
						    (uint16_t)(1000 + n)));
	ta_builder_init(&builder);
	ta_fold_build(&view, &builder, builder.root);
	assert_true(ta_builder_finish(&builder, &document, NULL));
	rows = json_object_get(document, "destinations");
	assert_int_equal(json_array_size(rows), SHOWN);
	for (size_t i = 0; i < SHOWN; i++)
		assert_int_equal(
			json_integer_value(json_object_get(json_array_get(rows, i), "ports_used")),
			DESTINATIONS - i);
	assert_int_equal(json_integer_value(json_object_get(document, "destinations_left_out")),
			 DESTINATIONS - SHOWN);
	json_decref(document);
	ta_builder_done(&builder);
}

static void too_many_destinations_are_counted(void **state)
{
	struct world *world = *state;
	struct ta_socket socket = make_socket(TA_TCP_ESTABLISHED, 40000, 5432);
	const uint32_t beyond = 3000;

	for (uint32_t i = 0; i < TA_FOLD_DESTINATIONS + beyond; i++) {
		memcpy(socket.remote.address + 12, &i, sizeof(i));
		fold_one(world, socket);
	}
	fold_one(world, socket); /* the last one again is no other */
	assert_int_equal(world->fold.destinations.count, TA_FOLD_DESTINATIONS);
	assert_in_range(world->fold.destinations_beyond.count, beyond * 99 / 100, beyond);
	assert_int_equal(world->fold.states[TA_TCP_ESTABLISHED], TA_FOLD_DESTINATIONS + beyond + 1);
}

/* The remains of a listener that is gone don't push real destinations out. */
static void sockets_off_the_range_get_half_of_the_table(void **state)
{
	struct world *world = *state;
	struct ta_socket socket = make_socket(TA_TCP_TIME_WAIT, 8080, 0);

	for (uint32_t i = 0; i < TA_FOLD_DESTINATIONS; i++) {
		memcpy(socket.remote.address + 12, &i, sizeof(i));
		fold_one(world, socket);
	}
	assert_int_equal(world->fold.destinations.count, TA_FOLD_DESTINATIONS / 2);
	fold_one(world, make_socket(TA_TCP_ESTABLISHED, 40000, 5432));
	assert_int_equal(destination(world, "10.0.0.1", "10.0.0.5", 5432)->sockets, 1);
}

static void bound_sockets_hold_their_port_only(void **state)
{
	struct world *world = *state;

	fold_one(world, make_socket(TA_TCP_BOUND_INACTIVE, 41000, 0));
	fold_listener(world, "0.0.0.0", 40000, AF_INET);
	assert_true(ta_port_set_has(&world->fold.held, 41000));
	assert_false(ta_port_set_has(&world->fold.listening, 41000));
	assert_true(ta_port_set_has(&world->fold.held, 40000));
	assert_true(ta_port_set_has(&world->fold.listening, 40000));
	assert_int_equal(world->fold.destinations.count, 0);
}

/* ---- processes ---- */

static void add_process(struct world *world, uint32_t pid)
{
	struct ta_processes *processes = &world->processes;

	if (!processes->rows)
		processes->rows = calloc(8, sizeof(*processes->rows));
	assert_non_null(processes->rows);
	assert_true(processes->count < 8);
	processes->rows[processes->count++].pid = pid;
	world->fold.processes = processes;
}

static void sockets_are_credited_to_all_their_holders(void **state)
{
	struct world *world = *state;
	struct ta_holders *holders = &world->processes.holders;
	struct ta_socket socket = make_socket(TA_TCP_CLOSE_WAIT, 40000, 5432);
	const struct ta_process *rows;

	socket.rqueue = 11; /* ten bytes and a FIN */
	socket.wqueue = 20;
	add_process(world, 30);
	add_process(world, 20);
	assert_true(ta_holders_add(holders, 7, 0));
	assert_true(ta_holders_add(holders, 8, 0));
	assert_true(ta_holders_add(holders, 8, 0)); /* a second descriptor of it */
	assert_true(ta_holders_add(holders, 8, 1));
	rows = world->processes.rows;
	for (socket.inode = 7; socket.inode <= 9; socket.inode++)
		fold_one(world, socket);
	assert_int_equal(world->fold.recv_queue_bytes, 30); /* each socket once */
	socket.state = TA_TCP_LISTEN;
	socket.inode = 7;
	fold_one(world, socket);
	assert_int_equal(world->fold.owned.held, 4);
	assert_int_equal(world->fold.owned.named, 3);
	assert_int_equal(world->fold.owned.shared, 1);
	ta_fold_settle(&world->fold, 0);
	assert_int_equal(rows[0].tcp->total, 3);
	assert_int_equal(rows[0].tcp->close_wait.total, 2);
	assert_int_equal(rows[0].tcp->close_wait.shared, 1);
	assert_int_equal(rows[1].tcp->states[TA_TCP_CLOSE_WAIT], 1);
	assert_int_equal(rows[1].tcp->close_wait.shared, 1);
	assert_int_equal(rows[0].tcp->recv_queue_bytes, 20);
	assert_int_equal(rows[0].tcp->send_queue_bytes, 40);
	assert_int_equal(rows[1].tcp->recv_queue_bytes, 10);
	assert_int_equal(rows[1].tcp->send_queue_bytes, 20);
}

/* What was credited before a dump began again is gone. */
static void a_reset_takes_credits_back(void **state)
{
	struct world *world = *state;

	add_process(world, 30);
	assert_true(ta_holders_add(&world->processes.holders, 9, 0));
	fold_one(world, make_socket(TA_TCP_ESTABLISHED, 40000, 5432));
	ta_fold_reset(&world->fold);
	fold_one(world, make_socket(TA_TCP_ESTABLISHED, 40000, 5432));
	ta_fold_settle(&world->fold, 0);
	assert_int_equal(world->processes.rows[0].tcp->total, 1);
	assert_int_equal(world->fold.owned.named, 1);
}

/* The same sockets as above, told by their holders: the same counts. */
static void claims_credit_as_holders_do(void **state)
{
	struct world *world = *state;
	struct ta_socket sole = make_socket(TA_TCP_CLOSE_WAIT, 40000, 5432), shared = sole;
	struct ta_socket ear = make_socket(TA_TCP_LISTEN, LISTENING, 0);
	const struct ta_process *rows;
	const struct ta_destination *to;

	add_process(world, 30);
	add_process(world, 20);
	sole.inode = 7;
	shared.inode = 8;
	ear.inode = 10;
	fold_one(world, ear);
	fold_one(world, sole);
	fold_one(world, shared);
	assert_true(ta_fold_claim(&world->fold, &sole, 0, true, false));
	assert_true(ta_fold_claim(&world->fold, &shared, 0, false, false));
	assert_true(ta_fold_claim(&world->fold, &shared, 0, false, false)); /* dup() */
	assert_true(ta_fold_claim(&world->fold, &ear, 0, false, false));
	assert_true(ta_fold_claim(&world->fold, &shared, 1, false, false));
	assert_true(ta_fold_claim(&world->fold, &ear, 1, false, false));
	assert_true(
		ta_fold_claim(&world->fold, &shared, 0, false, true)); /* by a thread's own table */
	ta_fold_settle(&world->fold, 0);
	rows = world->processes.rows;
	assert_int_equal(rows[0].tcp->total, 3);
	assert_int_equal(rows[0].tcp->close_wait.total, 2);
	assert_int_equal(rows[0].tcp->close_wait.shared, 1);
	assert_int_equal(rows[1].tcp->total, 2);
	assert_int_equal(rows[1].tcp->close_wait.shared, 1);
	assert_int_equal(world->fold.owned.held, 3);
	assert_int_equal(world->fold.owned.named, 3);
	assert_int_equal(world->fold.owned.shared, 2);
	assert_int_equal(listener(world, "10.0.0.1", LISTENING, AF_INET)->holder, 2); /* pid 20 */
	to = destination(world, "10.0.0.1", "10.0.0.5", 5432);
	assert_int_equal(ta_heavy_top(&world->fold.owners[to->owners - 1])->count, 2);
}

static void holders_are_bounded(void **state)
{
	struct ta_holders holders = { .slots = NULL };
	struct ta_holder_iter iter;
	uint32_t process;

	(void)state;
	assert_true(ta_holders_reserve(&holders, SIZE_MAX));
	for (uint32_t inode = 1; inode <= TA_HOLDERS_MAX + 3; inode++)
		assert_true(ta_holders_add(&holders, inode, 5));
	assert_int_equal(holders.count, TA_HOLDERS_MAX);
	assert_int_equal(holders.capacity, 1 << 21);
	assert_int_equal(holders.beyond, 3);
	assert_true(ta_holders_add(&holders, 1, 6)); /* a further holder still finds room */
	iter = ta_holders_find(&holders, 1);
	assert_true(ta_holder_next(&holders, &iter, &process));
	assert_int_equal(process, 6);
	iter = ta_holders_find(&holders, TA_HOLDERS_MAX + 1);
	assert_false(ta_holder_next(&holders, &iter, &process));
	ta_holders_done(&holders);
}

static void processes_are_bounded(void **state)
{
	struct ta_processes processes;

	(void)state;
	ta_processes_init(&processes);
	for (size_t i = 0; i < TA_PROCESSES_MAX; i++) {
		assert_false(ta_processes_is_full(&processes));
		assert_non_null(ta_processes_next_row(&processes));
		processes.count++;
	}
	assert_false(ta_processes_are_hidden(&processes));
	assert_true(ta_processes_is_full(&processes));
	assert_true(ta_processes_are_hidden(&processes)); /* a socket may be of the one above */
	ta_processes_done(&processes);
}

/* ---- growth, age ---- */

static void what_was_not_there_is_new(void **state)
{
	struct world *world = *state;
	struct ta_seen seen;
	struct ta_fold earlier;

	assert_true(ta_seen_open(&seen));
	ta_fold_init(&earlier, &world->ports);
	earlier.seen = world->fold.seen = &seen;
	earlier.first = true;
	fold_listener(world, "10.0.0.1", LISTENING, AF_INET);
	for (int sample = 0; sample < 2; sample++) {
		struct ta_fold *fold = sample ? &world->fold : &earlier;
		struct ta_socket socket = make_socket(TA_TCP_ESTABLISHED, 40000, 5432);

		assert_true(ta_fold_socket(fold, &socket)); /* was there before */
		socket = make_socket(TA_TCP_SYN_RECV, LISTENING, 6000);
		if (sample)
			socket.state = TA_TCP_ESTABLISHED; /* it was no connection yet */
		assert_true(ta_fold_socket(fold, &socket));
		socket = make_socket(TA_TCP_TIME_WAIT, 40001, 5432);
		if (sample)
			assert_true(ta_fold_socket(fold, &socket));
	}
	assert_int_equal(destination(world, "10.0.0.1", "10.0.0.5", 5432)->opened, 1);
	assert_int_equal(listener(world, "10.0.0.1", LISTENING, AF_INET)->opened, 1);
	ta_fold_done(&earlier);
	ta_seen_done(&seen);
}

/* Another network namespace may have a connection of the same addresses. */
static void namespaces_are_told_apart(void **state)
{
	struct ta_socket socket = make_socket(TA_TCP_ESTABLISHED, 40000, 5432);

	(void)state;
	assert_int_not_equal(ta_seen_bit(1, &socket), ta_seen_bit(2, &socket));
}

static void silence_is_credited_to_holders(void **state)
{
	struct world *world = *state;
	struct ta_socket socket = make_socket(TA_TCP_CLOSE_WAIT, 40000, 5432);
	struct ta_waiting *waiting;

	add_process(world, 30);
	for (socket.inode = 7; socket.inode <= 9; socket.inode++) {
		fold_one(world, socket);
		assert_true(ta_fold_claim(&world->fold, &socket, 0, true, false));
		waiting = ta_map_get(&world->fold.waiting, &socket.inode);
		assert_non_null(waiting);
		waiting->known = socket.inode != 8;
		waiting->silence_ms = socket.inode * 1000;
	}
	socket.inode = 0; /* not accepted: nobody's */
	fold_one(world, socket);
	ta_fold_settle(&world->fold, 2);
	assert_int_equal(world->fold.close_wait.aged, 2);
	assert_int_equal(world->fold.close_wait.oldest_ms, 9000);
	assert_int_equal(world->processes.rows[0].tcp->close_wait.aged, 2);
	assert_int_equal(world->processes.rows[0].tcp->close_wait.oldest_ms, 9000);
}

static void holders_of_many_inodes(void **state)
{
	struct ta_holders holders = { .slots = NULL };
	const uint32_t count = 5000;

	(void)state;
	for (uint32_t process = 0; process < 3; process++)
		for (uint32_t inode = 0; inode <= count; inode++)
			if (inode % (process + 1) == 0)
				assert_true(ta_holders_add(&holders, inode, process));
	assert_int_equal(holders.count, count);
	for (uint32_t inode = 0; inode <= count + 10; inode++) {
		struct ta_holder_iter iter = ta_holders_find(&holders, inode);
		uint32_t expected = 0, found = 0, process;

		for (uint32_t p = 0; inode && inode <= count && p < 3; p++)
			expected |= (inode % (p + 1) == 0 ? UINT32_C(1) : 0) << p;
		while (ta_holder_next(&holders, &iter, &process))
			found |= UINT32_C(1) << process;
		assert_int_equal(found, expected);
	}
	ta_holders_done(&holders);
}

static void the_heaviest_key_is_found(void **state)
{
	struct ta_heavy heavy = { 0 };
	const struct ta_heavy_slot *top;
	uint32_t key;

	(void)state;
	assert_int_equal(ta_heavy_top(&heavy)->count, 0);
	for (uint32_t i = 0; i < 3000; i++) {
		key = i % 3 ? 42 : 1000 + i; /* two of three, among keys seen once */
		ta_heavy_add(&heavy, &key, sizeof(key));
	}
	top = ta_heavy_top(&heavy);
	memcpy(&key, top->key, sizeof(key));
	assert_int_equal(key, 42);
	assert_in_range(top->count - top->error, 1500, 2000); /* a lower bound of 2000 */
}

int main(void)
{
#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, make_world, end_world)
	const struct CMUnitTest tests[] = {
		WORLD_TEST(rows_mean_what_they_mean),
		WORLD_TEST(bytes_that_wait_are_counted),
		WORLD_TEST(lost_peers_are_counted_where_they_belong),
		WORLD_TEST(a_listening_port_makes_inbound),
		WORLD_TEST(the_nearest_listener_gets_it),
		WORLD_TEST(one_row_for_a_reuseport_group),
		WORLD_TEST(ports_in_the_range_are_used),
		WORLD_TEST(a_mapped_address_is_the_same_destination),
		WORLD_TEST(the_rows_that_are_shown_are_the_fullest),
		WORLD_TEST(too_many_destinations_are_counted),
		WORLD_TEST(sockets_off_the_range_get_half_of_the_table),
		WORLD_TEST(bound_sockets_hold_their_port_only),
		WORLD_TEST(sockets_are_credited_to_all_their_holders),
		WORLD_TEST(a_reset_takes_credits_back),
		WORLD_TEST(claims_credit_as_holders_do),
		WORLD_TEST(what_was_not_there_is_new),
		WORLD_TEST(namespaces_are_told_apart),
		WORLD_TEST(silence_is_credited_to_holders),
		cmocka_unit_test(holders_of_many_inodes),
		cmocka_unit_test(holders_are_bounded),
		cmocka_unit_test(processes_are_bounded),
		cmocka_unit_test(the_heaviest_key_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
