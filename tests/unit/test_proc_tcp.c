/* Unit tests of src/sockets/proc_tcp_line.c and src/collect/proc_tcp.c. The lines have the form
 * that 6.18 prints. */
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
#include "collect/proc_tcp.h"
#include "sockets/proc_tcp_line.h"

/* An address as this host's kernel prints it: words in our own byte order. */
static void print_address(const uint8_t *bytes, size_t words, char *buf)
{
	for (size_t i = 0; i < words; i++) {
		uint32_t word;

		memcpy(&word, bytes + i * 4, sizeof(word));
		snprintf(buf + i * 8, 9, "%08X", word);
	}
}

static void make_line(char *buf, size_t size, const char *local, const char *remote,
		      const char *rest)
{
	uint8_t bytes[16];
	int family = strchr(local, ':') ? AF_INET6 : AF_INET;
	char from[33], to[33];

	assert_int_equal(inet_pton(family, local, bytes), 1);
	print_address(bytes, family == AF_INET6 ? 4 : 1, from);
	assert_int_equal(inet_pton(family, remote, bytes), 1);
	print_address(bytes, family == AF_INET6 ? 4 : 1, to);
	snprintf(buf, size, "   7: %s:1F90 %s:C350 %s", from, to, rest);
}

#define TAIL " 2 0000000000000000 20 4 30 10 -1"

static void fields_are_decoded(void **state)
{
	char line[512], text[TA_ENDPOINT_TEXT];
	struct ta_socket socket;

	(void)state;
	make_line(line, sizeof(line), "10.1.2.3", "192.0.2.7",
		  "08 0000000A:0000000B 01:00000014 00000003  1000        0 123456" TAIL);
	assert_true(ta_proc_tcp_decode(line, strlen(line), &socket));
	ta_endpoint_format(&socket.local, text, sizeof(text));
	assert_string_equal(text, "10.1.2.3:8080");
	ta_endpoint_format(&socket.remote, text, sizeof(text));
	assert_string_equal(text, "192.0.2.7:50000");
	assert_int_equal(socket.family, AF_INET);
	assert_int_equal(socket.state, TA_TCP_CLOSE_WAIT);
	assert_int_equal(socket.wqueue, 10);
	assert_int_equal(socket.rqueue, 11);
	assert_int_equal(socket.timer, TA_TIMER_RETRANS);
	assert_int_equal(socket.retrans, 3);
	assert_int_equal(socket.uid, 1000);
	assert_int_equal(socket.inode, 123456);
	assert_int_equal(socket.present, 0);
}

static void six_and_mapped_addresses(void **state)
{
	char line[512], text[TA_ENDPOINT_TEXT];
	struct ta_socket socket;

	(void)state;
	make_line(line, sizeof(line), "2001:db8::1", "fe80::2",
		  "01 00000000:00000000 00:00000000 00000000     0        0 5" TAIL);
	assert_true(ta_proc_tcp_decode(line, strlen(line), &socket));
	ta_endpoint_format(&socket.local, text, sizeof(text));
	assert_string_equal(text, "[2001:db8::1]:8080");
	assert_int_equal(socket.family, AF_INET6);
	make_line(line, sizeof(line), "::ffff:127.0.0.1", "::ffff:127.0.0.2",
		  "01 00000000:00000000 00:00000000 00000000     0        0 5" TAIL);
	assert_true(ta_proc_tcp_decode(line, strlen(line), &socket));
	ta_endpoint_format(&socket.remote, text, sizeof(text));
	assert_string_equal(text, "127.0.0.2:50000");
	assert_true(ta_address_is_loopback(socket.local.address));
}

/* TIME_WAIT rows end at the pointer. */
static void short_rows_are_whole(void **state)
{
	char line[512];
	struct ta_socket socket;

	(void)state;
	make_line(line, sizeof(line), "10.1.2.3", "192.0.2.7",
		  "06 00000000:00000000 03:00001770 00000000     0        0 0 3 0000000000000000");
	assert_true(ta_proc_tcp_decode(line, strlen(line), &socket));
	assert_int_equal(socket.state, TA_TCP_TIME_WAIT);
	assert_int_equal(socket.timer, TA_TIMER_TIMEWAIT);
	assert_int_equal(socket.inode, 0);
}

static void nonsense_is_refused(void **state)
{
	static const char *const lines[] = {
		"",
		"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt",
		"   0: 0100007F:1F90",
		"   0: 0100007:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 1 "
		"1",
		"   0: 0100007F01:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 "
		"1 1",
		"   0: 0100007F:1F90 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 1 1",
		"   0: 0100007F:1F90 00000000:0000 00 00000000:00000000 00:00000000 00000000 0 0 1 "
		"1",
		"   0: 0100007F:1F90 00000000:0000 0D 00000000:00000000 00:00000000 00000000 0 0 1 "
		"1",
		"   0: 0100007F:1F90 00000000:0000 FF 00000000:00000000 00:00000000 00000000 0 0 1 "
		"1",
		"   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 "
		"-1 1",
		"   0: 0100007F:1F90 00000000:0000 0A 00000000 00000000 00:00000000 00000000 0 0 1 "
		"1",
	};
	struct ta_socket socket;

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(lines); i++)
		if (ta_proc_tcp_decode(lines[i], strlen(lines[i]), &socket))
			fail_msg("taken for a socket: %s", lines[i]);
}

static void cut_lines_are_refused(void **state)
{
	char line[512];
	struct ta_socket socket;
	size_t whole;

	(void)state;
	make_line(line, sizeof(line), "10.1.2.3", "192.0.2.7",
		  "08 0000000A:0000000B 01:00000014 00000003  1000        0 123456 1 0");
	whole = strlen(line) - strlen(" 1 0"); /* up to the inode */
	for (size_t len = 0; len < strlen(line); len++) {
		char *copy = malloc(len ? len : 1);

		assert_non_null(copy);
		memcpy(copy, line, len);
		assert_int_equal(ta_proc_tcp_decode(copy, len, &socket), len > whole);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_decoded),    cmocka_unit_test(six_and_mapped_addresses),
		cmocka_unit_test(short_rows_are_whole),  cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(cut_lines_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
