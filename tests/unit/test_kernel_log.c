/* Unit tests of the recognition of kernel log lines: snapshot/kernel_log.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "base/text.h"
#include "snapshot/kernel_log.h"

#define PARITY "ip_local_port_range: prefer different parity for start/end values."
#define ROUTES "Route cache is full: consider increasing sysctl net."

/* The texts of all kernels; -1: has no such number. */
static const struct {
	const char *text;
	enum ta_kernel_event event;
	int64_t port, limit, netns;
	const char *table;
} lines[] = {
	/* 2.6.32 */
	{ "possible SYN flooding on port 80. Sending cookies.", TA_KERNEL_SYN_FLOOD_COOKIES, 80, -1,
	  -1, "" },
	{ "TCP: time wait bucket table overflow", TA_KERNEL_TW_BUCKET_OVERFLOW, -1, -1, -1, "" },
	{ "TCP: time wait bucket table overflow (CT249043)", TA_KERNEL_TW_BUCKET_OVERFLOW, -1, -1,
	  -1, "" },
	{ "TCP: too many of orphaned sockets", TA_KERNEL_TOO_MANY_ORPHANS, -1, -1, -1, "" },
	{ "TCP: too many of orphaned sockets (1024 in CT101)", TA_KERNEL_TOO_MANY_ORPHANS, -1, -1,
	  -1, "" },
	{ "Out of socket memory", TA_KERNEL_OUT_OF_SOCKET_MEMORY, -1, -1, -1, "" },
	{ "nf_conntrack: table full, dropping packet.", TA_KERNEL_CONNTRACK_FULL, -1, -1, -1, "" },
	{ "Neighbour table overflow.", TA_KERNEL_NEIGHBOUR_OVERFLOW, -1, -1, -1, "" },
	{ "swapper: page allocation failure. order:5, mode:0x4020", TA_KERNEL_PAGE_ALLOCATION, -1,
	  -1, -1, "" },
	{ "NETDEV WATCHDOG: eth0 (e1000e): transmit queue 0 timed out", TA_KERNEL_NETDEV_WATCHDOG,
	  -1, -1, -1, "" },
	/* 3.1 */
	{ "TCP: Possible SYN flooding on port 443. Sending cookies.  Check SNMP counters.",
	  TA_KERNEL_SYN_FLOOD_COOKIES, 443, -1, -1, "" },
	{ "TCP: Possible SYN flooding on port 443. Dropping request.  Check SNMP counters.",
	  TA_KERNEL_SYN_FLOOD_DROP, 443, -1, -1, "" },
	{ "ipv4: Neighbour table overflow.", TA_KERNEL_NEIGHBOUR_OVERFLOW, -1, -1, -1,
	  "arp_cache" },
	{ "ipv6: Neighbour table overflow.", TA_KERNEL_NEIGHBOUR_OVERFLOW, -1, -1, -1,
	  "ndisc_cache" },
	{ "java: page allocation failure: order:0, mode:0x20", TA_KERNEL_PAGE_ALLOCATION, -1, -1,
	  -1, "" },
	/* 3.4, 3.8 */
	{ "TCP: TCP: Possible SYN flooding on port 8080. Sending cookies.  Check SNMP counters.",
	  TA_KERNEL_SYN_FLOOD_COOKIES, 8080, -1, -1, "" },
	{ "TCP: too many orphaned sockets", TA_KERNEL_TOO_MANY_ORPHANS, -1, -1, -1, "" },
	{ "TCP: out of memory -- consider tuning tcp_mem", TA_KERNEL_TCP_OUT_OF_MEMORY, -1, -1, -1,
	  "" },
	{ "nf_conntrack: table full, dropping packet", TA_KERNEL_CONNTRACK_FULL, -1, -1, -1, "" },
	{ "nf_conntrack: expectation table full", TA_KERNEL_CONNTRACK_EXPECT_FULL, -1, -1, -1, "" },
	{ "nf_conntrack: nf_conntrack: expectation table full", TA_KERNEL_CONNTRACK_EXPECT_FULL, -1,
	  -1, -1, "" },
	/* 3.18 to 6.1 */
	{ "TCP: request_sock_TCP: Possible SYN flooding on port 80. Sending cookies.  Check SNMP "
	  "counters.",
	  TA_KERNEL_SYN_FLOOD_COOKIES, 80, -1, -1, "" },
	{ "TCP: request_sock_TCPv6: Possible SYN flooding on port 80. Dropping request.  Check "
	  "SNMP "
	  "counters.",
	  TA_KERNEL_SYN_FLOOD_DROP, 80, -1, -1, "" },
	{ PARITY, TA_KERNEL_PORT_RANGE_PARITY, -1, -1, -1, "" },
	{ "neighbour: arp_cache: neighbor table overflow!", TA_KERNEL_NEIGHBOUR_OVERFLOW, -1, -1,
	  -1, "arp_cache" },
	{ "neighbour: ndisc_cache: neighbor table overflow!", TA_KERNEL_NEIGHBOUR_OVERFLOW, -1, -1,
	  -1, "ndisc_cache" },
	{ "nf_conntrack: nf_conntrack: table full, dropping packet", TA_KERNEL_CONNTRACK_FULL, -1,
	  -1, -1, "" },
	{ "kworker/u16:2: page allocation failure: order:4, "
	  "mode:0x40cc0(GFP_KERNEL|__GFP_COMP),nodemask=(null),cpuset=/,mems_allowed=0",
	  TA_KERNEL_PAGE_ALLOCATION, -1, -1, -1, "" },
	{ ROUTES "ipv6.route.max_size.", TA_KERNEL_ROUTE_CACHE_FULL, -1, -1, -1, "" },
	{ ROUTES "ipv[4|6].route.max_size.", TA_KERNEL_ROUTE_CACHE_FULL, -1, -1, -1, "" },
	/* 6.2 and later */
	{ "TCP: request_sock_TCP: Possible SYN flooding on port 10.7.0.1:20001. Sending cookies.",
	  TA_KERNEL_SYN_FLOOD_COOKIES, 20001, -1, -1, "" },
	{ "TCP: request_sock_TCPv6: Possible SYN flooding on port [::]:443. Dropping request.",
	  TA_KERNEL_SYN_FLOOD_DROP, 443, -1, -1, "" },
	{ "TCP: request_sock_TCPv6: Possible SYN flooding on port [fd00::a:1]:65535. Sending "
	  "cookies.",
	  TA_KERNEL_SYN_FLOOD_COOKIES, 65535, -1, -1, "" },
	{ "TCP: request_sock_subflow_v4: Possible SYN flooding on port [::]:20002. Sending "
	  "cookies.",
	  TA_KERNEL_SYN_FLOOD_COOKIES, 20002, -1, -1, "" }, /* MPTCP */
	{ "NETDEV WATCHDOG: enp0s31f6 (e1000e): transmit queue 3 timed out 5023 ms",
	  TA_KERNEL_NETDEV_WATCHDOG, -1, -1, -1, "" },
	{ "virtio_net virtio3 eth0: NETDEV WATCHDOG: CPU: 1: transmit queue 0 timed out 5120 ms",
	  TA_KERNEL_NETDEV_WATCHDOG, -1, -1, -1, "" },
	{ "e1000e 0000:00:1f.6 eth0 (unregistering): NETDEV WATCHDOG: CPU: 1: transmit queue 0 "
	  "timed out 5120 ms",
	  TA_KERNEL_NETDEV_WATCHDOG, -1, -1, -1, "" },
	{ "nf_conntrack: nf_conntrack: table full in netns 4026532177, dropping packet",
	  TA_KERNEL_CONNTRACK_FULL, -1, -1, INT64_C(4026532177), "" },
	/* all */
	{ "VFS: file-max limit 65536 reached", TA_KERNEL_FILE_MAX, -1, 65536, -1, "" },
	{ "VFS: file-max limit 65536 reached\n", TA_KERNEL_FILE_MAX, -1, 65536, -1, "" },
};

static void lines_of_all_kernels(void **state)
{
	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(lines); i++) {
		struct ta_kernel_line line;

		if (!ta_kernel_line_parse(lines[i].text, strlen(lines[i].text), &line))
			fail_msg("not recognised: %s", lines[i].text);
		if (line.event != lines[i].event || line.has_port != (lines[i].port >= 0) ||
		    line.has_limit != (lines[i].limit >= 0) ||
		    line.has_netns != (lines[i].netns >= 0) ||
		    (line.has_port && line.port != lines[i].port) ||
		    (line.has_limit && line.limit != (uint64_t)lines[i].limit) ||
		    (line.has_netns && line.netns != (uint64_t)lines[i].netns) ||
		    strcmp(line.table, lines[i].table) != 0)
			fail_msg("misread: %s", lines[i].text);
	}
}

/* Other messages, and what a user can make the kernel print. */
static const char *const strangers[] = {
	"", " ",
	"TCP: ", "TCP: TCP: TCP: ", "nf_conntrack: ", "DCCP: time wait bucket table overflow",
	"net_ratelimit: 12 callbacks suppressed",
	"TCP: Peer 10.0.0.1:80/5000 unexpectedly shrunk window 1:2 (repaired)",
	"table full, dropping packet", /* whose? */
	"xt_recent: table full, dropping packet",
	"TCP: Possible SYN flooding on port . Sending cookies.",
	"TCP: Possible SYN flooding on port 65536. Sending cookies.",
	"TCP: Possible SYN flooding on port 99999999999999999999. Sending cookies.",
	"TCP: Possible SYN flooding on port -1. Sending cookies.",
	"TCP: Possible SYN flooding on port 10.0.0.1:. Sending cookies.",
	"TCP: Possible SYN flooding on port ...: Sending cookies.",
	"TCP: Possible SYN flooding on port 80. Ordering cookies.",
	"nf_conntrack: table full in netns , dropping packet",
	"nf_conntrack: table full in netns 99999999999999999999, dropping packet",
	"VFS: file-max limit reached", "VFS: file-max limit -1 reached",
	/* a program's name */
	"TCP: too many o[4711]: segfault at 0 ip 0 sp 0 error 4",
	"Out of socket m[4711]: segfault at 0 ip 0 sp 0 error 4",
	"NETDEV WATCHDOG[4711]: segfault at 0 ip 0 sp 0 error 4",
	"a: page allocat[4711]: segfault at 0 ip 0 sp 0 error 4",
	"a-name-that-is-too-long: page allocation failure: order:0, mode:0x20",
	/* file names and mount options, one with a line break */
	"overlayfs: failed to resolve 'TCP: too many orphaned sockets': -2",
	"overlayfs: failed to resolve 'x\nTCP: too many orphaned sockets\n': -2",
	"overlayfs: failed to resolve 'x\nTCP: too many orphaned sockets",
	"TCP: too many orphaned sockets\nand more", "TCP: too many orphaned sockets\x1b[2J",
	"TCP: too many orphaned socketsX",
	"tmpfs: Unknown parameter 'x: NETDEV WATCHDOG: CPU: 1: transmit queue 0 timed out 5 ms'",
	"x 'y: NETDEV WATCHDOG: CPU: 1: transmit queue 0 timed out 5 ms",
	"x\ny: NETDEV WATCHDOG: CPU: 1: transmit queue 0 timed out 5 ms",
	"NETDEV WATCHDOG: eth0: transmit queue 0 timed out",
	"NETDEV WATCHDOG: eth\n0 (x): transmit queue 0 timed out",
	"NETDEV WATCHDOG: eth0 (x): transmit queue 0 timed out 5 s",
	"[  12.345678] TCP: too many orphaned sockets", /* the caller takes that off */
};

static void other_lines_are_no_event(void **state)
{
	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(strangers); i++) {
		struct ta_kernel_line line;

		if (ta_kernel_line_parse(strangers[i], strlen(strangers[i]), &line))
			fail_msg("taken for an event: %s", strangers[i]);
	}
}

/* Each text cut at each length, and with each byte changed: no reading past its end (the sanitizer
 * looks), and no long line is one. */
static void damaged_lines_are_survived(void **state)
{
	struct ta_kernel_line line;
	char *copy;

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(lines); i++) {
		size_t len = strlen(lines[i].text);

		for (size_t cut = 0; cut <= len; cut++) {
			copy = malloc(cut + 1);
			assert_non_null(copy);
			memcpy(copy, lines[i].text, cut);
			copy = realloc(copy, cut ? cut : 1);
			assert_non_null(copy);
			ta_kernel_line_parse(copy, cut, &line);
			if (cut)
				copy[cut - 1] = '\0';
			ta_kernel_line_parse(copy, cut, &line);
			if (cut)
				copy[cut - 1] = (char)0xff;
			ta_kernel_line_parse(copy, cut, &line);
			free(copy);
		}
	}
	copy = malloc(100000);
	assert_non_null(copy);
	memset(copy, 'x', 100000);
	memcpy(copy, "TCP: too many orphaned sockets ", 31);
	assert_false(ta_kernel_line_parse(copy, 100000, &line));
	assert_false(ta_kernel_line_parse(copy, 200, &line));
	assert_true(ta_kernel_line_parse(copy, 60, &line));
	for (size_t at = 0; at + 5 <= 100000; at += 5)
		memcpy(copy + at, "TCP: ", 5);
	assert_false(ta_kernel_line_parse(copy, 100000, &line));
	assert_false(ta_kernel_line_parse(copy, 1000, &line));
	free(copy);
}

/* ---- rows ---- */

static void feed(struct ta_kernel_log *log, const char *text, int64_t time_us)
{
	assert_true(ta_kernel_log_add(log, text, strlen(text), time_us));
}

/* The rows, to be released; the log is emptied. */
static json_t *rows_of(struct ta_kernel_log *log, int64_t now_us)
{
	struct ta_builder builder;
	json_t *document = NULL, *array;

	ta_builder_init(&builder);
	ta_kernel_log_build(log, now_us, &builder,
			    ta_build_array(&builder, builder.root, "kernel_log"));
	assert_true(ta_builder_finish(&builder, &document, NULL));
	ta_builder_done(&builder);
	ta_kernel_log_done(log);
	array = json_incref(json_object_get(document, "kernel_log"));
	json_decref(document);
	return array;
}

static void expect_rows(struct ta_kernel_log *log, int64_t now_us, const char *text)
{
	json_t *rows = rows_of(log, now_us), *expected = json_loads(text, 0, NULL);
	char *found = json_dumps(rows, JSON_COMPACT);

	assert_non_null(expected);
	assert_non_null(found);
	if (!json_equal(rows, expected))
		fail_msg("expected %s, found %s", text, found);
	free(found);
	json_decref(expected);
	json_decref(rows);
}

static void lines_that_say_the_same_are_one_row(void **state)
{
	struct ta_kernel_log log = { .rows = NULL };

	(void)state;
	feed(&log, "VFS: file-max limit 100 reached", 1000000);
	feed(&log, "VFS: file-max limit 200 reached\n", 2500000);
	feed(&log, "TCP: Possible SYN flooding on port 80. Sending cookies.", 3000000);
	feed(&log, "systemd[1]: nothing of ours", 3500000);
	feed(&log, "TCP: Possible SYN flooding on port 443. Sending cookies.", 4000000);
	feed(&log, "TCP: Possible SYN flooding on port [::]:80. Sending cookies.", 5000000);
	feed(&log, "neighbour: arp_cache: neighbor table overflow!", 5500000);
	feed(&log, "neighbour: ndisc_cache: neighbor table overflow!", 20000000);
	expect_rows(&log, 10000000,
		    "[{\"event\":\"neighbour_overflow\",\"count\":1,\"age_s\":0.0,"
		    "\"text\":\"neighbour: ndisc_cache: neighbor table overflow!\","
		    "\"table\":\"ndisc_cache\"},"
		    "{\"event\":\"neighbour_overflow\",\"count\":1,\"age_s\":4.5,"
		    "\"text\":\"neighbour: arp_cache: neighbor table overflow!\","
		    "\"table\":\"arp_cache\"},"
		    "{\"event\":\"syn_flood_cookies\",\"count\":2,\"age_s\":5.0,\"port\":80,"
		    "\"text\":\"TCP: Possible SYN flooding on port [::]:80. Sending cookies.\"},"
		    "{\"event\":\"syn_flood_cookies\",\"count\":1,\"age_s\":6.0,\"port\":443,"
		    "\"text\":\"TCP: Possible SYN flooding on port 443. Sending cookies.\"},"
		    "{\"event\":\"file_max\",\"count\":2,\"age_s\":7.5,\"limit\":200,"
		    "\"text\":\"VFS: file-max limit 200 reached\"}]");
}

static void without_times_there_is_no_age(void **state)
{
	struct ta_kernel_log log = { .rows = NULL };

	(void)state;
	feed(&log, "TCP: too many orphaned sockets", 5);
	expect_rows(&log, TA_KERNEL_NO_TIME,
		    "[{\"event\":\"too_many_orphans\",\"count\":1,"
		    "\"text\":\"TCP: too many orphaned sockets\"}]");
	feed(&log, "TCP: too many orphaned sockets", TA_KERNEL_NO_TIME);
	expect_rows(&log, 5,
		    "[{\"event\":\"too_many_orphans\",\"count\":1,"
		    "\"text\":\"TCP: too many orphaned sockets\"}]");
	expect_rows(&log, 5, "[]");
}

static void texts_are_clean_and_short(void **state)
{
	static const char allocation[] =
		"a\x1b[2J\nb\xff\xe2\x80\xae: page allocation failure: order:0, mode:0x1(";
	struct ta_kernel_log log = { .rows = NULL };
	char text[900];
	const char *kept;
	json_t *rows;

	(void)state;
	memset(text, 'F', sizeof(text));
	memcpy(text, allocation, sizeof(allocation) - 1);
	assert_true(ta_kernel_log_add(&log, text, sizeof(text), 0));
	rows = rows_of(&log, 0);
	kept = json_string_value(json_object_get(json_array_get(rows, 0), "text"));
	assert_non_null(kept);
	assert_int_equal(strncmp(kept, "a\\x1b[2J\\x0ab\\xff\\u{202e}: page", 31), 0);
	assert_in_range(strlen(kept), TA_KERNEL_TEXT, TA_KERNEL_TEXT + 32);
	assert_true(ta_utf8_valid(kept, strlen(kept)));
	json_decref(rows);
}

/* Ports of a user's choice push out older ones of theirs, and nothing else. */
static void many_ports_take_no_other_events_place(void **state)
{
	enum { PORTS = 1000 };
	struct ta_kernel_log log = { .rows = NULL };
	char text[128];
	json_t *rows, *last;

	(void)state;
	feed(&log, "TCP: too many orphaned sockets", 0);
	for (int port = 1; port <= PORTS; port++) {
		snprintf(text, sizeof(text),
			 "TCP: Possible SYN flooding on port %d. Sending cookies.", port);
		feed(&log, text, port);
	}
	assert_int_equal(log.dropped, PORTS - TA_KERNEL_ROWS);
	rows = rows_of(&log, PORTS);
	assert_int_equal(json_array_size(rows), TA_KERNEL_ROWS + 1);
	for (int i = 0; i < TA_KERNEL_ROWS; i++)
		assert_int_equal(json_integer_value(
					 json_object_get(json_array_get(rows, (size_t)i), "port")),
				 PORTS - i);
	last = json_array_get(rows, TA_KERNEL_ROWS);
	assert_string_equal(json_string_value(json_object_get(last, "event")), "too_many_orphans");
	json_decref(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_all_kernels),
		cmocka_unit_test(other_lines_are_no_event),
		cmocka_unit_test(damaged_lines_are_survived),
		cmocka_unit_test(lines_that_say_the_same_are_one_row),
		cmocka_unit_test(without_times_there_is_no_age),
		cmocka_unit_test(texts_are_clean_and_short),
		cmocka_unit_test(many_ports_take_no_other_events_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
