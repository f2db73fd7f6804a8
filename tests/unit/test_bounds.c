/* Unit tests of memory that does not grow: of a million different destinations or listeners a
 * bounded table is kept, and the rest is counted. What does grow, with the processes and with the
 * sockets that are looked up by their inode, is held against a figure for each.
 *
 * All allocations of the program are counted by their true sizes (the linker's --wrap). */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/macros.h"
#include "sockets/fold.h"

enum { MILLION = 1000000, PROCESSES = TA_PROCESSES_MAX, SHOWN = 200 };

#define MIB ((size_t)1 << 20)

/* ---- memory in use ---- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);
void __wrap_free(void *block);

static size_t in_use, most_in_use;

static void *taken(void *block)
{
	in_use += malloc_usable_size(block);
	if (in_use > most_in_use)
		most_in_use = in_use;
	return block;
}

void *__wrap_malloc(size_t size)
{
	return taken(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
	return taken(__real_calloc(count, size));
}

/* At worst the old block and the new one are there at the same time. */
static void *moved(void *block, size_t old_size)
{
	taken(block);
	if (block)
		in_use -= old_size;
	return block;
}

void *__wrap_realloc(void *old, size_t size)
{
	size_t old_size = malloc_usable_size(old);

	return moved(__real_realloc(old, size), old_size);
}

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
	size_t old_size = malloc_usable_size(old);

	return moved(__real_reallocarray(old, count, size), old_size);
}

void __wrap_free(void *block)
{
	in_use -= malloc_usable_size(block);
	__real_free(block);
}

/* ---- a host ---- */

struct world {
	struct ta_ports ports;
	struct ta_fold fold;
	struct ta_processes processes;
};

static int make_world(void **state)
{
	struct world *world;

	in_use = most_in_use = 0;
	world = calloc(1, sizeof(*world));
	if (!world)
		return -1;
	world->ports = (struct ta_ports){
		.range_known = true, .reserved_known = true, .low = 32768, .high = 60999
	};
	ta_fold_init(&world->fold, &world->ports);
	ta_processes_init(&world->processes);
	world->fold.processes = &world->processes;
	*state = world;
	return 0;
}

static int end_world(void **state)
{
	struct world *world = *state;

	ta_fold_done(&world->fold);
	ta_processes_done(&world->processes);
	free(world);
	return in_use ? -1 : 0; /* nothing was forgotten */
}

static void set_address(uint8_t address[16], uint32_t n)
{
	const uint8_t bytes[4] = { (uint8_t)(10 + (n >> 24)), (uint8_t)(n >> 16), (uint8_t)(n >> 8),
				   (uint8_t)n };

	ta_address_set_v4(address, bytes);
}

/* The nth of as many connections as destinations. */
static struct ta_socket connection(uint32_t n)
{
	struct ta_socket socket = { .state = TA_TCP_ESTABLISHED,
				    .family = AF_INET,
				    .inode = n + 1,
				    .local.port = 40000,
				    .remote.port = 443 };

	set_address(socket.local.address, 0);
	set_address(socket.remote.address, n);
	return socket;
}

static void add_processes(struct world *world, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct ta_process *row = ta_processes_next_row(&world->processes);

		assert_non_null(row);
		row->pid = i + 1;
		row->real_uid = row->uid = i; /* a user each: the worst case */
		row->threads = row->fds = 1;
		row->present = TA_PROCESS_USER | TA_PROCESS_THREADS | TA_PROCESS_FDS;
		assert_true(ta_processes_add_user(&world->processes, row));
		world->processes.count++;
		world->processes.seen++;
	}
}

/* Bits are shared by those that hash alike: 635,000 of a million, four of five of 400,000. */
static void assert_at_least(size_t counted, size_t true_count)
{
	assert_in_range(counted, true_count * 6 / 10, true_count);
}

static json_t *document_of(const struct world *world)
{
	const struct ta_naming nobody = { .ctx = NULL };
	struct ta_fold_view view = { .fold = &world->fold, .known = true };
	struct ta_builder builder;
	json_t *document = NULL;

	ta_builder_init(&builder);
	ta_fold_build(&view, &builder, builder.root);
	ta_processes_build(&world->processes, &nobody, &ta_told_all, &builder);
	assert_true(ta_builder_finish(&builder, &document, NULL));
	ta_builder_done(&builder);
	return document;
}

/* So many rows are shown, and so many are said to be left out. */
static size_t left_out(const json_t *document, const char *rows)
{
	char name[64];

	snprintf(name, sizeof(name), "%s_left_out", rows);
	assert_int_equal(json_array_size(json_object_get(document, rows)), SHOWN);
	return (size_t)json_integer_value(json_object_get(document, name));
}

/* ---- what is bounded ---- */

static void a_million_destinations(void **state)
{
	struct world *world = *state;
	struct ta_fold *fold = &world->fold;
	size_t with_full_table = 0;
	json_t *document;

	add_processes(world, 1);
	for (uint32_t n = 0; n < MILLION; n++) {
		struct ta_socket socket = connection(n);

		assert_true(ta_fold_socket(fold, &socket));
		assert_true(ta_fold_claim(fold, &socket, 0, true, false));
		if (n == MILLION / 10)
			with_full_table = in_use;
	}
	assert_int_equal(fold->destinations.count, TA_FOLD_DESTINATIONS);
	assert_at_least(fold->destinations_beyond.count, MILLION - TA_FOLD_DESTINATIONS);
	assert_int_equal(fold->states[TA_TCP_ESTABLISHED], MILLION);
	assert_int_equal(fold->owned.named, MILLION);
	assert_int_equal(in_use, with_full_table);
	assert_in_range(most_in_use, 4 * MIB, 12 * MIB);
	document = document_of(world);
	assert_at_least(left_out(document, "destinations"), MILLION - SHOWN);
	json_decref(document);
}

static void a_million_listeners(void **state)
{
	struct world *world = *state;
	struct ta_fold *fold = &world->fold;
	size_t with_full_table = 0;
	json_t *document;

	add_processes(world, 1);
	for (uint32_t n = 0; n < MILLION; n++) {
		struct ta_socket socket = { .state = TA_TCP_LISTEN,
					    .family = AF_INET,
					    .inode = n + 1,
					    .local.port = (uint16_t)(n % 1000 + 1) };

		set_address(socket.local.address, n / 1000);
		assert_true(ta_fold_socket(fold, &socket));
		assert_true(ta_fold_claim(fold, &socket, 0, true, false));
		if (n == MILLION / 10)
			with_full_table = in_use;
	}
	assert_int_equal(fold->listeners.count, TA_FOLD_LISTENERS);
	assert_at_least(fold->listeners_beyond.count, MILLION - TA_FOLD_LISTENERS);
	assert_int_equal(fold->states[TA_TCP_LISTEN], MILLION);
	assert_int_equal(fold->owned.named, MILLION);
	assert_int_equal(in_use, with_full_table);
	assert_in_range(most_in_use, MIB / 2, 2 * MIB);
	document = document_of(world);
	assert_at_least(left_out(document, "listeners"), MILLION - SHOWN);
	json_decref(document);
}

/* ---- what grows ---- */

enum {
	PROCESS_BYTES = 600, /* of each with a TCP socket, at the worst moment */
	HOLDER_BYTES = 28,   /* of each socket that is looked up by its inode */
};

/* The most that get a row. 32,768 is the usual limit of processes, four million the highest. */
static void many_processes(void **state)
{
	struct world *world = *state;
	uint64_t credited = 0;
	json_t *document;

	add_processes(world, PROCESSES);
	for (uint32_t n = 0; n < PROCESSES; n++) {
		struct ta_socket socket = connection(n);

		assert_true(ta_fold_socket(&world->fold, &socket));
		assert_true(ta_fold_claim(&world->fold, &socket, n, true, false));
	}
	ta_fold_settle(&world->fold, 0);
	for (uint32_t n = 0; n < PROCESSES; n++) {
		assert_int_equal(world->processes.rows[n].tcp->total, 1);
		credited += world->processes.rows[n].tcp->states[TA_TCP_ESTABLISHED];
	}
	assert_int_equal(credited, PROCESSES);
	assert_int_equal(world->processes.users.count, PROCESSES);
	assert_in_range(most_in_use, 0, (size_t)PROCESSES * PROCESS_BYTES);
	document = document_of(world);
	assert_int_equal(left_out(document, "processes"), PROCESSES - SHOWN);
	json_decref(document);
}

/* Each by two processes, as after a fork. */
static void a_million_sockets_by_inode(void **state)
{
	struct world *world = *state;
	struct ta_holders *holders = &world->processes.holders;
	size_t by_one;

	for (uint32_t inode = 1; inode <= MILLION; inode++)
		assert_true(ta_holders_add(holders, inode, 0));
	by_one = most_in_use;
	assert_int_equal(holders->count, MILLION);
	assert_in_range(by_one, 8 * (size_t)MILLION, HOLDER_BYTES * (size_t)MILLION);
	for (uint32_t inode = 1; inode <= MILLION; inode++)
		assert_true(ta_holders_add(holders, inode, 1));
	assert_int_equal(holders->count, MILLION);
	assert_in_range(most_in_use - by_one, 0, HOLDER_BYTES * (size_t)MILLION);
}

int main(void)
{
#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, make_world, end_world)
	const struct CMUnitTest tests[] = {
		WORLD_TEST(a_million_destinations),
		WORLD_TEST(a_million_listeners),
		WORLD_TEST(many_processes),
		WORLD_TEST(a_million_sockets_by_inode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
