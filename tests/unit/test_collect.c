/* Tests of ta_collect() on hosts that are files: a recorded one, and broken ones. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "collect/diag_module.h"
#include "fake_root.h"
#include "tcpadvise/snapshot.h"

static json_t *collect(const char *root, uint64_t sample_ms)
{
	const struct ta_collect_options options = { .root = root, .sample_ms = sample_ms };
	struct ta_error err = TA_ERROR_INIT;
	json_t *snapshot = NULL, *checked = NULL;
	char *text;

	if (!ta_collect(&options, &snapshot, &err))
		fail_msg("%s", err.text);
	text = json_dumps(snapshot, 0);
	assert_non_null(text);
	if (!ta_snapshot_parse(text, strlen(text), "snapshot", &checked, &err))
		fail_msg("%s", err.text); /* it does not fit the schema */
	json_decref(checked);
	free(text);
	return snapshot;
}

/* The words that one of the gaps begins with. */
static bool has_gap(const json_t *snapshot, const char *what)
{
	size_t i;
	json_t *gap;

	json_array_foreach (json_object_get(snapshot, "gaps"), i, gap) {
		const char *text = json_string_value(json_object_get(gap, "what"));

		if (strncmp(text, what, strlen(what)) == 0)
			return true;
	}
	return false;
}

static json_t *first_namespace(const json_t *snapshot)
{
	return json_array_get(json_object_get(snapshot, "namespaces"), 0);
}

/* ---- the recorded host ---- */

/* Everything but what the reading itself cost. The expectation was checked by hand against the
 * files. */
static void a_recorded_host_is_understood(void **state)
{
	char root[4096], path[4200], *text;
	json_t *snapshot, *expected;

	(void)state;
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		skip(); /* its /proc/net/tcp is that of a little-endian host */
	assert_non_null(getenv("SOURCE"));
	snprintf(root, sizeof(root), "%s/tests/fixtures/recorded-5.4", getenv("SOURCE"));
	snprintf(path, sizeof(path), "%s/expected.json", root);
	expected = json_load_file(path, 0, NULL);
	assert_non_null(expected);
	snapshot = collect(root, 0);
	assert_string_equal(json_string_value(json_object_get(
				    json_object_get(snapshot, "collection"), "sockets_from")),
			    "proc");
	json_object_del(snapshot, "collection");
	json_object_del(snapshot, "taken_at");
	if (!json_equal(snapshot, expected)) {
		text = json_dumps(snapshot, JSON_INDENT(2));
		fprintf(stderr, "%s\n", text); /* too long for cmocka's message */
		free(text);
		fail_msg("another document than %s", path);
	}
	json_decref(snapshot);
	json_decref(expected);
}

static void two_samples_have_rates(void **state)
{
	char root[4096];
	json_t *snapshot, *about;

	(void)state;
	snprintf(root, sizeof(root), "%s/tests/fixtures/recorded-5.4", getenv("SOURCE"));
	snapshot = collect(root, 20);
	about = json_object_get(snapshot, "collection");
	assert_int_equal(json_integer_value(json_object_get(about, "samples")), 2);
	assert_true(json_real_value(json_object_get(about, "window_s")) >= 0.02);
	assert_true(json_is_real(json_object_get(
		json_object_get(json_object_get(first_namespace(snapshot), "rates"), "TcpExt"),
		"ListenDrops")));
	json_decref(snapshot);
}

/* ---- memory that runs out ---- */

static int allocations_left = -1; /* -1: no limit */

static void *counted_malloc(size_t size)
{
	if (allocations_left == 0)
		return NULL;
	if (allocations_left > 0)
		allocations_left--;
	return malloc(size);
}

/* jansson runs out of memory at one place after the other: an error, and nothing is lost (the
 * sanitizer looks). Steps of a prime keep it short. */
static void out_of_memory_is_an_error(void **state)
{
	struct ta_collect_options options = { .sample_ms = 1 };
	char root[4096];
	bool ok = false;
	int failures = 0;

	(void)state;
	snprintf(root, sizeof(root), "%s/tests/fixtures/recorded-5.4", getenv("SOURCE"));
	options.root = root;
	json_decref(collect(root, 0)); /* the catalogue is loaded once */
	json_set_alloc_funcs(counted_malloc, free);
	for (int limit = 0; !ok; limit += 23) {
		struct ta_error err = TA_ERROR_INIT;
		json_t *snapshot = NULL;

		allocations_left = limit;
		ok = ta_collect(&options, &snapshot, &err);
		allocations_left = -1;
		failures += !ok;
		if (!ok)
			assert_int_equal(err.code, TA_E_NOMEM);
		json_decref(snapshot);
	}
	json_set_alloc_funcs(malloc, free);
	assert_true(failures > 20);
}

/* ---- broken hosts ---- */

static void an_empty_proc_is_all_gaps(void **state)
{
	const struct broken *broken = *state;
	json_t *snapshot = collect(broken->root, 0), *space = first_namespace(snapshot);

	assert_true(has_gap(snapshot, "the kernel's version"));
	assert_true(has_gap(snapshot, "the ephemeral port range"));
	assert_true(has_gap(snapshot, "counters of /proc/net/snmp"));
	assert_true(has_gap(snapshot, "counters of /proc/net/netstat"));
	assert_true(has_gap(snapshot, "socket statistics"));
	assert_true(has_gap(snapshot, "TCP sockets"));
	assert_true(has_gap(snapshot, "memory of the host"));
	assert_true(has_gap(snapshot, "the kernel log"));
	assert_null(json_object_get(snapshot, "kernel_log")); /* not empty: nobody looked */
	assert_true(has_gap(snapshot, "load and tasks"));
	assert_true(has_gap(snapshot, "pressure"));
	assert_true(has_gap(snapshot, "connection tracking"));
	assert_true(has_gap(snapshot, "interfaces"));
	assert_true(has_gap(snapshot, "packets between device and stack"));
	assert_true(has_gap(snapshot, "neighbour tables"));
	assert_null(json_object_get(space, "conntrack"));
	assert_null(json_object_get(space, "interfaces"));
	assert_null(json_object_get(json_object_get(snapshot, "host"), "neighbours"));
	assert_null(json_object_get(json_object_get(snapshot, "host"), "pressure"));
	assert_null(json_object_get(json_object_get(snapshot, "host"), "threads"));
	assert_null(json_object_get(space, "inode"));
	assert_null(json_object_get(space, "ports"));
	assert_null(json_object_get(space, "sockets")); /* not 0: nobody knows */
	assert_null(json_object_get(space, "destinations"));
	assert_null(json_object_get(json_object_get(snapshot, "files"), "allocated"));
	json_decref(snapshot);
}

static void there_must_be_a_proc(void **state)
{
	const struct ta_collect_options options = { .root = "/tmp/tcpadvise-no-such-root" };
	struct ta_error err = TA_ERROR_INIT;
	json_t *snapshot = NULL;

	(void)state;
	assert_false(ta_collect(&options, &snapshot, &err));
	assert_int_equal(err.sys, ENOENT);
	assert_null(snapshot);
}

static const char *const hostile_files[] = {
	"proc/net/tcp",
	"proc/net/tcp6",
	"proc/net/snmp",
	"proc/net/netstat",
	"proc/net/sockstat",
	"proc/net/sockstat6",
	"proc/net/dev",
	"proc/net/softnet_stat",
	"proc/net/stat/arp_cache",
	"proc/net/stat/ndisc_cache",
	"proc/net/stat/nf_conntrack",
	"proc/sys/net/netfilter/nf_conntrack_count",
	"proc/sys/net/netfilter/nf_conntrack_max",
	"proc/sys/net/netfilter/nf_conntrack_buckets",
	"proc/loadavg",
	"proc/pressure/cpu",
	"proc/pressure/memory",
	"proc/self/mountinfo",
	"sys/fs/cgroup/pids.max",
	"sys/fs/cgroup/pids.current",
	"proc/sys/kernel/osrelease",
	"proc/sys/kernel/hostname",
	"proc/sys/kernel/random/boot_id",
	"proc/sys/net/ipv4/ip_local_port_range",
	"proc/sys/net/ipv4/ip_local_reserved_ports",
	"proc/sys/net/ipv4/tcp_mem",
	"proc/sys/net/ipv4/tcp_tw_reuse",
	"proc/sys/net/ipv4/tcp_congestion_control",
	"proc/sys/fs/file-nr",
	"proc/sys/fs/nr_open",
	"proc/meminfo",
	"proc/uptime",
	"proc/stat",
	"proc/cpuinfo",
	"proc/self/cgroup",
	"proc/7/stat",
	"proc/7/limits",
	"proc/7/cgroup",
	"proc/7/status",
	"proc/7/fd/0",
	"proc/99999999999999999999/stat",
	"kmsg",
};

/* Every file with each of these contents: a document that fits the schema, and no crash. */
static void nonsense_is_survived(void **state)
{
	const struct broken *broken = *state;
	char *blocks[6];
	size_t sizes[6] = { 0, 1, 70000, 70000, 3000, 40 };

	for (size_t i = 0; i < 6; i++) {
		blocks[i] = malloc(sizes[i] + 1);
		assert_non_null(blocks[i]);
	}
	memset(blocks[1], '\n', sizes[1]);
	memset(blocks[2], 'A', sizes[2]); /* one line without an end */
	memset(blocks[3], 0, sizes[3]);
	for (size_t i = 0; i < sizes[4]; i++)
		blocks[4][i] = (char)(i * 151 % 256);
	memset(blocks[5], '9', sizes[5]);
	for (size_t i = 0; i < 6; i++) {
		for (size_t f = 0; f < sizeof(hostile_files) / sizeof(hostile_files[0]); f++)
			put_file(broken, hostile_files[f], blocks[i], sizes[i]);
		json_decref(collect(broken->root, 1)); /* two samples of it */
		free(blocks[i]);
	}
}

/* ---- what changes between two samples ---- */

#define STAT_NAMES "entries drop invalid table_fulls\n"
#define DEV        "Inter-| Receive | Transmit\n face |bytes |bytes\n"
#define ZEROS      " 0 0 0 0 0 0"

static const struct change {
	const char *name, *before, *after;
} changes[] = {
	{ "proc/sys/net/netfilter/nf_conntrack_count", "5", "6" },
	{ "proc/net/stat/nf_conntrack", STAT_NAMES "5 a 1 0\n5 0 0 0\n",
	  STAT_NAMES "6 c 0 0\n6 2 0 0\n" },
	{ "proc/net/stat/arp_cache", STAT_NAMES "5 0 0 1\n5 0 0 1\n",
	  STAT_NAMES "7 0 0 1\n7 0 0 a\n" },
	{ "proc/net/softnet_stat", "100 1 0" ZEROS "\n10 0 0" ZEROS "\n",
	  "101 1 0" ZEROS "\n30 4 0" ZEROS "\n" },
	{ "proc/net/dev",
	  DEV "gone: 0 1 1 1" ZEROS " 0 0" ZEROS "\n e\x1b: 0 1 1 1 0 0 0 0 0 1 9 1 0 0 0 0\n",
	  DEV " e\x1b: 0 3 5 1 0 0 0 0 0 9 8 2 0 0 0 0\n new: 0 1 1 1 0 0 0 0 0 1 1 1 0 0 0 0\n" },
};

static void change_files(void *ctx, const char *what)
{
	if (strncmp(what, "waiting", 7) != 0)
		return;
	for (size_t i = 0; i < TA_ARRAY_SIZE(changes); i++)
		put_file(ctx, changes[i].name, changes[i].after, strlen(changes[i].after));
}

/* The growth that a rate stands for, or -1 when it is absent. of has the window. */
static int growth(const json_t *of, const json_t *rates, const char *name)
{
	const json_t *rate = json_object_get(rates, name);
	double window_s = json_real_value(json_object_get(of, "window_s"));

	return rate ? (int)(json_real_value(rate) * window_s + 0.5) : -1;
}

static void growth_between_two_samples_is_a_rate(void **state)
{
	struct broken *broken = *state;
	const struct ta_collect_options options = { .root = broken->root,
						    .sample_ms = 20,
						    .progress = change_files,
						    .progress_ctx = broken };
	struct ta_error err = TA_ERROR_INIT;
	const json_t *rates, *of_host, *rows, *row, *about, *space;
	json_t *snapshot = NULL;

	for (size_t i = 0; i < TA_ARRAY_SIZE(changes); i++)
		put_file(broken, changes[i].name, changes[i].before, strlen(changes[i].before));
	if (!ta_collect(&options, &snapshot, &err))
		fail_msg("%s", err.text);
	about = json_object_get(snapshot, "collection");
	space = first_namespace(snapshot);
	rates = json_object_get(json_object_get(space, "rates"), "conntrack");
	assert_int_equal(growth(space, rates, "drop"), 4);
	assert_int_equal(growth(space, rates, "invalid"), -1); /* went backwards */
	of_host = json_object_get(json_object_get(snapshot, "host"), "rates");
	assert_int_equal(growth(about, json_object_get(of_host, "arp"), "table_fulls"), 9);
	assert_null(json_object_get(of_host, "ndisc"));
	rates = json_object_get(of_host, "softnet");
	assert_int_equal(growth(about, rates, "processed"), 0x21);
	assert_int_equal(growth(about, rates, "dropped"), 4);
	/* not that of the processor with most since boot */
	assert_int_equal(growth(about, rates, "busiest_processed"), 0x20);
	rows = json_object_get(space, "interfaces");
	assert_int_equal(json_array_size(rows), 2);
	row = json_array_get(rows, 0);
	assert_string_equal(json_string_value(json_object_get(row, "name")), "e\x1b");
	assert_int_equal(growth(space, row, "rx_errors_per_s"), 4);
	assert_int_equal(growth(space, row, "rx_dropped_per_s"), 0);
	assert_int_equal(growth(space, row, "tx_errors_per_s"), -1);
	assert_int_equal(growth(space, row, "tx_dropped_per_s"), 1);
	row = json_array_get(rows, 1); /* was not there before */
	assert_int_equal(growth(space, row, "rx_errors_per_s"), -1);
	assert_int_equal(json_integer_value(json_object_get(row, "rx_errors")), 1);
	json_decref(snapshot);
}

/* A processor that came would look like a burst of packets. */
static void add_processor(void *ctx, const char *what)
{
	static const char text[] = "100 1 0" ZEROS "\n70000 9 9" ZEROS "\n";

	if (strncmp(what, "waiting", 7) == 0)
		put_file(ctx, "proc/net/softnet_stat", text, sizeof(text) - 1);
}

static void a_processor_that_came_is_no_growth(void **state)
{
	struct broken *broken = *state;
	const struct ta_collect_options options = { .root = broken->root,
						    .sample_ms = 20,
						    .progress = add_processor,
						    .progress_ctx = broken };
	static const char text[] = "100 1 0" ZEROS "\n";
	struct ta_error err = TA_ERROR_INIT;
	const json_t *host;
	json_t *snapshot = NULL;

	put_file(broken, "proc/net/softnet_stat", text, sizeof(text) - 1);
	if (!ta_collect(&options, &snapshot, &err))
		fail_msg("%s", err.text);
	host = json_object_get(snapshot, "host");
	assert_non_null(json_object_get(json_object_get(host, "counters"), "softnet"));
	assert_null(json_object_get(json_object_get(host, "rates"), "softnet"));
	assert_true(has_gap(snapshot, "rates of /proc/net/softnet_stat"));
	json_decref(snapshot);
}

/* ---- tasks ---- */

/* One process: an open descriptor, a user, capabilities, at most 60 tasks. status NULL: kept from
 * us. */
static void put_process(const struct broken *broken, unsigned pid, const char *status)
{
	static const char limits[] = "Max processes   60   100   processes\n";
	char path[128], stat[64];

	snprintf(path, sizeof(path), "proc/%u/stat", pid);
	snprintf(stat, sizeof(stat), "%u (x) S 1", pid);
	put_file(broken, path, stat, strlen(stat));
	snprintf(path, sizeof(path), "proc/%u/limits", pid);
	put_file(broken, path, limits, sizeof(limits) - 1);
	snprintf(path, sizeof(path), "proc/%u/fd/1", pid);
	put_file(broken, path, "", 0);
	snprintf(path, sizeof(path), "%s/proc/%u/fd/0", broken->root, pid);
	assert_true(symlink("/dev/null", path) == 0 || errno == EEXIST);
	snprintf(path, sizeof(path), "proc/%u/status", pid);
	if (status)
		put_file(broken, path, status, strlen(status));
}

#define STATUS(real, effective, capabilities)                                                      \
	"Name:\tx\nUid:\t" real "\t" effective "\t0\t0\nThreads:\t5\nCapEff:\t" capabilities "\n"

static json_t *process_of(const json_t *snapshot, int pid)
{
	size_t i;
	json_t *row;

	json_array_foreach (json_object_get(snapshot, "processes"), i, row)
		if (json_integer_value(json_object_get(row, "pid")) == pid)
			return row;
	fail_msg("no process %d", pid);
	return NULL;
}

static void the_limit_on_tasks_is_that_which_is_in_force(void **state)
{
	static const struct {
		const char *status;
		int nproc_soft, uid;
	} cases[] = {
		{ STATUS("33", "34", "0000000000000400"), 60, 34 },
		{ STATUS("0", "34", "0000000000000000"), 0, 34 },  /* root */
		{ STATUS("33", "0", "0000000001000000"), 0, 0 },   /* CAP_SYS_RESOURCE */
		{ STATUS("33", "33", "0000000000200000"), 0, 33 }, /* CAP_SYS_ADMIN */
		{ "Uid:\t1\n", 0, -1 },                            /* cut short */
	};
	const struct broken *broken = *state;

	for (size_t i = 0; i < TA_ARRAY_SIZE(cases); i++) {
		json_t *snapshot, *row;

		put_process(broken, 7, cases[i].status);
		snapshot = collect(broken->root, 0);
		row = process_of(snapshot, 7);
		assert_int_equal(json_integer_value(json_object_get(row, "nproc_soft")),
				 cases[i].nproc_soft);
		if (cases[i].uid >= 0)
			assert_int_equal(json_integer_value(json_object_get(row, "uid")),
					 cases[i].uid);
		else
			assert_null(json_object_get(row, "uid"));
		json_decref(snapshot);
	}
}

static void limits_that_cannot_be_read_are_a_gap(void **state)
{
	const struct broken *broken = *state;
	json_t *snapshot;
	char path[128];

	put_process(broken, 8, STATUS("33", "33", "0000000000000000"));
	snprintf(path, sizeof(path), "%s/proc/8/limits", broken->root);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	snapshot = collect(broken->root, 0);
	assert_true(has_gap(snapshot, "limits of 1 processes"));
	assert_null(json_object_get(process_of(snapshot, 8), "nofile_soft"));
	json_decref(snapshot);
	assert_int_equal(rmdir(path), 0);
}

static void tasks_are_those_of_the_real_user(void **state)
{
	const struct broken *broken = *state;
	json_t *snapshot;

	put_process(broken, 7, STATUS("33", "0", "0"));
	put_process(broken, 8, STATUS("33", "33", "0"));
	put_process(broken, 9, STATUS("34", "33", "0"));
	snapshot = collect(broken->root, 0);
	for (int pid = 7; pid < 10; pid++)
		assert_int_equal(json_integer_value(json_object_get(process_of(snapshot, pid),
								    "user_threads")),
				 pid < 9 ? 10 : 5);
	assert_false(has_gap(snapshot, "users of"));
	json_decref(snapshot);
	put_process(broken, 10, NULL); /* might be anybody's */
	snapshot = collect(broken->root, 0);
	assert_null(json_object_get(process_of(snapshot, 7), "user_threads"));
	assert_int_equal(json_integer_value(json_object_get(process_of(snapshot, 7), "threads")),
			 5);
	assert_true(has_gap(snapshot, "users of 1 processes"));
	json_decref(snapshot);
}

/* ---- what is not there ---- */

/* A child namespace of a host without nf_conntrack: the neighbour tables are a gap, conntrack is
 * none. */
static void what_does_not_exist_is_no_gap(void **state)
{
	const struct broken *broken = *state;
	json_t *snapshot;

	put_file(broken, "proc/sys/net/core/somaxconn", "4096\n", 5);
	put_file(broken, "proc/net/stat/rt_cache", "entries\n0\n", 10);
	snapshot = collect(broken->root, 0);
	assert_false(has_gap(snapshot, "connection tracking"));
	assert_false(has_gap(snapshot, "counters of /proc/net/stat/nf_conntrack"));
	assert_null(json_object_get(first_namespace(snapshot), "conntrack"));
	assert_true(has_gap(snapshot, "neighbour tables"));
	assert_false(has_gap(snapshot, "neighbours of"));
	json_decref(snapshot);
}

/* A host whose IPv6 is switched off, and whose kernel has nf_conntrack without its statistics. */
static void what_is_hidden_is_a_gap(void **state)
{
	const struct broken *broken = *state;
	json_t *snapshot, *table;

	put_file(broken, "proc/net/stat/arp_cache", "entries\n2\n", 10); /* before 4.3 */
	put_file(broken, "proc/sys/net/netfilter/nf_conntrack_count", "7\n", 2);
	snapshot = collect(broken->root, 0);
	table = json_object_get(first_namespace(snapshot), "conntrack");
	assert_int_equal(json_integer_value(json_object_get(table, "count")), 7);
	assert_null(json_object_get(table, "max"));
	assert_true(has_gap(snapshot, "/proc/sys/net/netfilter/nf_conntrack_max"));
	assert_true(has_gap(snapshot, "counters of /proc/net/stat/nf_conntrack"));
	assert_false(has_gap(snapshot, "neighbour"));
	table = json_object_get(json_object_get(snapshot, "host"), "neighbours");
	assert_int_equal(json_integer_value(json_object_get(table, "arp_entries")), 2);
	assert_null(json_object_get(table, "ndisc_entries"));
	json_decref(snapshot);
}

/* Of more interfaces than are shown, those with drops. */
static void the_interfaces_in_trouble_are_shown(void **state)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(1 << 20);
	const struct broken *broken = *state;
	const json_t *rows;
	json_t *snapshot;

	ta_buf_str(&text, DEV);
	for (int i = 0; i < 300; i++)
		ta_buf_printf(&text, "veth%d: 0 1 0 %d 0 0 0 0 0 1 0 0 0 0 0 0\n", i, i == 290);
	assert_true(ta_buf_ok(&text, NULL));
	put_file(broken, "proc/net/dev", text.data, text.len);
	snapshot = collect(broken->root, 0);
	rows = json_object_get(first_namespace(snapshot), "interfaces");
	assert_int_equal(json_array_size(rows), 256);
	assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 0), "name")),
			    "veth290");
	assert_true(has_gap(snapshot, "44 of 300 interfaces"));
	json_decref(snapshot);
}

static void cut_socket_rows_are_a_gap(void **state)
{
	static const char text[] =
		"  sl  local_address rem_address   st\n"
		"   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0"
		"        0 11 1 0000000000000000 100 0 0 10 0\n"
		"   1: 0100007F:1F91 00000000:0000 0A 00000000:0000";
	const struct broken *broken = *state;
	json_t *snapshot, *sockets;

	put_file(broken, "proc/net/tcp", text, sizeof(text) - 1);
	snapshot = collect(broken->root, 0);
	sockets = json_object_get(first_namespace(snapshot), "sockets");
	assert_int_equal(json_integer_value(json_object_get(sockets, "listen")), 1);
	assert_true(has_gap(snapshot, "1 socket rows"));
	assert_false(has_gap(snapshot, "TCP sockets")); /* no tcp6: a kernel without IPv6 */
	json_decref(snapshot);
}

/* ---- would asking sock_diag load a module? ---- */

#define RELEASE "6.1.0-test"
#define BUILTIN "lib/modules/" RELEASE "/modules.builtin"

static const struct {
	const char *what;
	const char *files[4][2]; /* path, content */
	bool settled;
} modules[] = {
	{ "a kernel without modules", { { NULL, NULL } }, true },
	{ "not loaded",
	  { { "proc/modules", "tcp_cubic 1 0 - Live 0x0\n" },
	    { "proc/sys/kernel/modprobe", "/sbin/modprobe\n" } },
	  false },
	{ "its name is a part of another's",
	  { { "proc/modules", "my_tcp_diag 1 0 - Live 0x0\n" },
	    { "proc/sys/kernel/modprobe", "/sbin/modprobe\n" } },
	  false },
	{ "loaded",
	  { { "proc/modules", "a 1 0 - Live 0x0\ntcp_diag 1 0 - Live 0x0\n" },
	    { "proc/sys/kernel/modprobe", "/sbin/modprobe\n" } },
	  true },
	{ "/proc/modules is kept from us, loaded",
	  { { "proc/sys/kernel/modprobe", "/sbin/modprobe\n" },
	    { "sys/module/tcp_diag/refcnt", "0\n" } },
	  true },
	{ "/proc/modules is kept from us",
	  { { "proc/sys/kernel/modprobe", "/sbin/modprobe\n" } },
	  false },
	{ "no helper",
	  { { "proc/modules", "a 1 0 - Live 0x0\n" }, { "proc/sys/kernel/modprobe", "\n" } },
	  true },
	{ "loading is disabled",
	  { { "proc/modules", "a 1 0 - Live 0x0\n" },
	    { "proc/sys/kernel/modules_disabled", "1\n" },
	    { "proc/sys/kernel/modprobe", "/sbin/modprobe\n" } },
	  true },
	{ "built in",
	  { { "proc/modules", "" },
	    { "proc/sys/kernel/modprobe", "/sbin/modprobe\n" },
	    { BUILTIN, "kernel/net/ipv4/tcp_diag.ko\n" } },
	  true },
	{ "other things are built in",
	  { { "proc/modules", "" },
	    { "proc/sys/kernel/modprobe", "/sbin/modprobe\n" },
	    { BUILTIN, "kernel/net/ipv4/tcp_cubic.ko\n" } },
	  false },
};

static void looking_loads_no_module(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++) {
		struct ta_root root = TA_ROOT_INIT;
		struct ta_error err = TA_ERROR_INIT;
		void *broken;

		assert_int_equal(make_broken(&broken), 0);
		for (size_t f = 0; f < 4 && modules[i].files[f][0]; f++)
			put_file(broken, modules[i].files[f][0], modules[i].files[f][1],
				 strlen(modules[i].files[f][1]));
		assert_true(ta_root_open(&root, ((struct broken *)broken)->root, &err));
		if (ta_diag_module_is_settled(&root, RELEASE) != modules[i].settled)
			fail_msg("%s", modules[i].what);
		ta_root_done(&root);
		assert_int_equal(remove_broken(&broken), 0);
	}
}

/* ---- other network namespaces ---- */

static void a_recorded_host_has_one_namespace(void **state)
{
	const struct broken *broken = *state;
	const struct ta_collect_options options = { .root = broken->root, .netns = "all" };
	struct ta_error err = TA_ERROR_INIT;
	json_t *snapshot = NULL;

	assert_false(ta_collect(&options, &snapshot, &err));
	assert_null(snapshot);
	assert_int_equal(err.code, TA_E_USAGE);
	assert_string_equal(err.text, "a recorded host has one network namespace, there is no "
				      "'all'");
}

static void *collect_all(void *ctx)
{
	const struct ta_collect_options options = { .netns = "all" };
	json_t *snapshot = NULL;

	if (ta_collect(&options, &snapshot, ctx))
		json_decref(snapshot);
	return NULL;
}

/* /proc/net is that of the main thread: another would mix the namespaces up. */
static void another_thread_is_refused(void **state)
{
	struct ta_error err = TA_ERROR_INIT;
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, collect_all, &err), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(err.code, TA_E_UNSUPPORTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_recorded_host_is_understood),
		cmocka_unit_test(two_samples_have_rates),
		cmocka_unit_test(out_of_memory_is_an_error),
		cmocka_unit_test(there_must_be_a_proc),
		cmocka_unit_test(looking_loads_no_module),
		cmocka_unit_test_setup_teardown(an_empty_proc_is_all_gaps, make_broken,
						remove_broken),
		cmocka_unit_test_setup_teardown(nonsense_is_survived, make_broken, remove_broken),
		cmocka_unit_test_setup_teardown(growth_between_two_samples_is_a_rate, make_broken,
						remove_broken),
		cmocka_unit_test_setup_teardown(a_processor_that_came_is_no_growth, make_broken,
						remove_broken),
		cmocka_unit_test_setup_teardown(the_limit_on_tasks_is_that_which_is_in_force,
						make_broken, remove_broken),
		cmocka_unit_test_setup_teardown(limits_that_cannot_be_read_are_a_gap, make_broken,
						remove_broken),
		cmocka_unit_test_setup_teardown(tasks_are_those_of_the_real_user, make_broken,
						remove_broken),
		cmocka_unit_test_setup_teardown(what_does_not_exist_is_no_gap, make_broken,
						remove_broken),
		cmocka_unit_test_setup_teardown(what_is_hidden_is_a_gap, make_broken,
						remove_broken),
		cmocka_unit_test_setup_teardown(the_interfaces_in_trouble_are_shown, make_broken,
						remove_broken),
		cmocka_unit_test_setup_teardown(cut_socket_rows_are_a_gap, make_broken,
						remove_broken),
		cmocka_unit_test_setup_teardown(a_recorded_host_has_one_namespace, make_broken,
						remove_broken),
		cmocka_unit_test(another_thread_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
