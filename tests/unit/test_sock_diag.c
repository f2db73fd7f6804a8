/* Unit tests of the netlink side of src/collect: decoding (sock_diag.c), the dump loop (netlink.c),
 * and what is done about an interrupted one (sockets.c). All bytes are made up here. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "collect/netlink.h"
#include "collect/sock_diag.h"
#include "collect/sockets.h"

/* ---- made-up answers ---- */

static struct inet_diag_msg make_message(uint8_t state, uint16_t local, uint16_t remote)
{
	struct inet_diag_msg message = { .idiag_family = AF_INET,
					 .idiag_state = state,
					 .idiag_rqueue = 5,
					 .idiag_wqueue = 4,
					 .idiag_uid = 1000,
					 .idiag_inode = 77 };

	message.id.idiag_sport = htons(local);
	message.id.idiag_dport = htons(remote);
	message.id.idiag_src[0] = htonl(0x7f000001);
	message.id.idiag_dst[0] = htonl(0x0a000005);
	return message;
}

/* A listener's answer with the memory words, the last of which are its drops. */
static size_t make_listener(char *buf, uint32_t words, uint32_t drops)
{
	struct inet_diag_msg message = make_message(TA_TCP_LISTEN, 80, 0);
	uint32_t memory[SK_MEMINFO_VARS] = { [SK_MEMINFO_DROPS] = drops };
	struct nlattr other = { .nla_len = 5, .nla_type = INET_DIAG_SHUTDOWN };
	struct nlattr attribute = { .nla_len = (uint16_t)(sizeof(attribute) + words * 4),
				    .nla_type = INET_DIAG_SKMEMINFO };
	size_t len = 0;

	memcpy(buf, &message, sizeof(message));
	len += sizeof(message);
	memset(buf + len, 0, 8); /* an attribute of one byte and its padding */
	memcpy(buf + len, &other, sizeof(other));
	len += 8;
	memcpy(buf + len, &attribute, sizeof(attribute));
	len += sizeof(attribute);
	memcpy(buf + len, memory, words * 4);
	return len + words * 4;
}

enum { CGROUP_ID = 21 }; /* INET_DIAG_CGROUP_ID; headers before 5.8 lack it */

/* Adds an attribute of len bytes and its padding; returns the new end. */
static size_t add_attribute(char *buf, size_t end, uint16_t type, const void *data, uint16_t len)
{
	struct nlattr attribute = { .nla_len = (uint16_t)(sizeof(attribute) + len),
				    .nla_type = type };

	memcpy(buf + end, &attribute, sizeof(attribute));
	memset(buf + end + sizeof(attribute), 0, (size_t)NLA_ALIGN(len));
	memcpy(buf + end + sizeof(attribute), data, len);
	return end + sizeof(attribute) + (size_t)NLA_ALIGN(len);
}

/* An answer as a kernel since 5.8 gives it, to root: shutdown, mark, pad, group, socket options. */
static size_t make_grouped(char *buf, uint8_t state, uint64_t group, uint16_t group_len)
{
	struct inet_diag_msg message = make_message(state, 80, 5000);
	const uint64_t zeros = 0;
	size_t end = sizeof(message);

	memcpy(buf, &message, sizeof(message));
	end = add_attribute(buf, end, INET_DIAG_SHUTDOWN, &zeros, 1);
	end = add_attribute(buf, end, INET_DIAG_MARK, &zeros, 4);
	end = add_attribute(buf, end, INET_DIAG_PAD, &zeros, 0);
	end = add_attribute(buf, end, CGROUP_ID, &group, group_len);
	return add_attribute(buf, end, CGROUP_ID + 1, &zeros, 2);
}

static void add_message(struct ta_buf *out, uint16_t type, uint16_t flags, uint32_t seq,
			const void *payload, size_t len)
{
	struct nlmsghdr header = { .nlmsg_len = (uint32_t)(sizeof(header) + len),
				   .nlmsg_type = type,
				   .nlmsg_flags = flags,
				   .nlmsg_seq = seq };

	ta_buf_add(out, &header, sizeof(header));
	ta_buf_add(out, payload, len);
	ta_buf_fill(out, '\0', NLMSG_ALIGN(len) - len);
}

static void add_done(struct ta_buf *out, uint32_t seq, int error)
{
	add_message(out, NLMSG_DONE, NLM_F_MULTI, seq, &error, sizeof(error));
}

/* ---- decoding ---- */

static void fields_are_decoded(void **state)
{
	struct inet_diag_msg message = make_message(TA_TCP_CLOSE_WAIT, 40000, 5432);
	struct ta_socket socket;
	char text[TA_ENDPOINT_TEXT];

	(void)state;
	message.idiag_timer = TA_TIMER_RETRANS;
	message.idiag_retrans = 3;
	assert_true(ta_sock_diag_decode(&message, sizeof(message), &socket));
	assert_int_equal(socket.state, TA_TCP_CLOSE_WAIT);
	assert_int_equal(socket.family, AF_INET);
	assert_int_equal(socket.rqueue, 5);
	assert_int_equal(socket.wqueue, 4);
	assert_int_equal(socket.uid, 1000);
	assert_int_equal(socket.inode, 77);
	assert_int_equal(socket.timer, TA_TIMER_RETRANS);
	assert_int_equal(socket.retrans, 3);
	assert_int_equal(socket.present, 0);
	ta_endpoint_format(&socket.local, text, sizeof(text));
	assert_string_equal(text, "127.0.0.1:40000");
	ta_endpoint_format(&socket.remote, text, sizeof(text));
	assert_string_equal(text, "10.0.0.5:5432");
}

static void mapped_addresses_are_ipv4(void **state)
{
	struct inet_diag_msg message = make_message(TA_TCP_ESTABLISHED, 80, 5000), plain = message;
	struct ta_socket mapped, v4;

	(void)state;
	message.idiag_family = AF_INET6;
	memset(message.id.idiag_src, 0, sizeof(message.id.idiag_src));
	memset(message.id.idiag_dst, 0, sizeof(message.id.idiag_dst));
	message.id.idiag_src[2] = message.id.idiag_dst[2] = htonl(0xffff);
	message.id.idiag_src[3] = plain.id.idiag_src[0];
	message.id.idiag_dst[3] = plain.id.idiag_dst[0];
	assert_true(ta_sock_diag_decode(&message, sizeof(message), &mapped));
	assert_true(ta_sock_diag_decode(&plain, sizeof(plain), &v4));
	assert_memory_equal(&mapped.local, &v4.local, sizeof(v4.local));
	assert_memory_equal(&mapped.remote, &v4.remote, sizeof(v4.remote));
	assert_int_equal(mapped.family, AF_INET6);
}

static void new_syn_recv_is_syn_recv(void **state)
{
	struct inet_diag_msg message = make_message(TA_TCP_NEW_SYN_RECV, 80, 5000);
	struct ta_socket socket;

	(void)state;
	assert_true(ta_sock_diag_decode(&message, sizeof(message), &socket));
	assert_int_equal(socket.state, TA_TCP_SYN_RECV);
}

static void drops_are_known_when_the_kernel_has_them(void **state)
{
	struct ta_socket socket;
	char buf[256];
	size_t len = make_listener(buf, SK_MEMINFO_VARS, 41);

	(void)state;
	assert_true(ta_sock_diag_decode(buf, len, &socket));
	assert_int_equal(socket.present, TA_SOCKET_BACKLOG | TA_SOCKET_DROPS);
	assert_int_equal(socket.drops, 41);
	len = make_listener(buf, SK_MEMINFO_DROPS, 41); /* before 4.8: one word less */
	assert_true(ta_sock_diag_decode(buf, len, &socket));
	assert_int_equal(socket.present, TA_SOCKET_BACKLOG);
	assert_int_equal(socket.drops, 0);
}

static void the_control_group_is_known_when_the_kernel_tells_it(void **state)
{
	const uint64_t group = UINT64_C(0x0000000100002a4b);
	struct ta_socket socket;
	char buf[256];
	size_t len = make_grouped(buf, TA_TCP_ESTABLISHED, group, sizeof(group));

	(void)state;
	assert_true(ta_sock_diag_decode(buf, len, &socket));
	assert_int_equal(socket.present, TA_SOCKET_CGROUP);
	assert_true(socket.cgroup == group);
	len = make_grouped(buf, TA_TCP_ESTABLISHED, group, 4); /* cut short */
	assert_true(ta_sock_diag_decode(buf, len, &socket));
	assert_int_equal(socket.present, 0);
	assert_int_equal(socket.cgroup, 0);
	len = make_grouped(buf, TA_TCP_ESTABLISHED, 0, sizeof(group));
	assert_true(ta_sock_diag_decode(buf, len, &socket));
	assert_int_equal(socket.present, 0);
	/* a listener's memory comes behind it */
	len = make_grouped(buf, TA_TCP_LISTEN, group, sizeof(group));
	len = add_attribute(buf, len, INET_DIAG_SKMEMINFO,
			    (uint32_t[SK_MEMINFO_VARS]){ [SK_MEMINFO_DROPS] = 41 },
			    SK_MEMINFO_VARS * sizeof(uint32_t));
	assert_true(ta_sock_diag_decode(buf, len, &socket));
	assert_int_equal(socket.present, TA_SOCKET_BACKLOG | TA_SOCKET_DROPS | TA_SOCKET_CGROUP);
	assert_int_equal(socket.drops, 41);
	assert_true(socket.cgroup == group);
	/* the next answer, of a mini-socket without attributes, does not inherit it */
	len = make_grouped(buf, TA_TCP_TIME_WAIT, group, sizeof(group));
	assert_true(ta_sock_diag_decode(buf, sizeof(struct inet_diag_msg), &socket));
	assert_int_equal(socket.present, 0);
	assert_int_equal(socket.cgroup, 0);
}

static void nonsense_is_refused(void **state)
{
	struct inet_diag_msg message = make_message(TA_TCP_ESTABLISHED, 1, 2);
	struct ta_socket socket;

	(void)state;
	message.idiag_state = 0;
	assert_false(ta_sock_diag_decode(&message, sizeof(message), &socket));
	message.idiag_state = TA_TCP_BOUND_INACTIVE; /* never on the wire */
	assert_false(ta_sock_diag_decode(&message, sizeof(message), &socket));
	message.idiag_state = 255;
	assert_false(ta_sock_diag_decode(&message, sizeof(message), &socket));
	message = make_message(TA_TCP_ESTABLISHED, 1, 2);
	message.idiag_family = AF_UNIX;
	assert_false(ta_sock_diag_decode(&message, sizeof(message), &socket));
}

/* Every prefix, and every value of every byte behind the fixed part, in a block of exactly its
 * size: the sanitizer sees a read past the end. */
static void harm(const char *whole, size_t len)
{
	struct ta_socket socket;

	for (size_t cut = 0; cut <= len; cut++) {
		char *copy = malloc(cut ? cut : 1);

		assert_non_null(copy);
		memcpy(copy, whole, cut);
		assert_int_equal(ta_sock_diag_decode(copy, cut, &socket),
				 cut >= sizeof(struct inet_diag_msg));
		free(copy);
	}
	for (size_t at = sizeof(struct inet_diag_msg); at < len; at++)
		for (int value = 0; value < 256; value++) {
			char *copy = malloc(len);

			assert_non_null(copy);
			memcpy(copy, whole, len);
			copy[at] = (char)value;
			assert_true(ta_sock_diag_decode(copy, len, &socket));
			free(copy);
		}
}

static void hostile_bytes_do_no_harm(void **state)
{
	char whole[256];

	(void)state;
	harm(whole, make_listener(whole, SK_MEMINFO_VARS, 9));
	harm(whole, make_grouped(whole, TA_TCP_CLOSE_WAIT, 77, 8));
}

static void request_asks_for_what_is_wanted(void **state)
{
	_Alignas(8) char buf[TA_SOCK_DIAG_REQUEST_MAX];
	size_t len = ta_sock_diag_request(buf, 9, AF_INET6, 1 << TA_TCP_LISTEN, true);
	const struct nlmsghdr *header = (const struct nlmsghdr *)buf;
	const struct inet_diag_req_v2 *request = NLMSG_DATA(header);

	(void)state;
	assert_int_equal(len, NLMSG_LENGTH(sizeof(*request)));
	assert_int_equal(header->nlmsg_type, SOCK_DIAG_BY_FAMILY);
	assert_int_equal(header->nlmsg_flags, NLM_F_REQUEST | NLM_F_DUMP);
	assert_int_equal(header->nlmsg_seq, 9);
	assert_int_equal(request->sdiag_family, AF_INET6);
	assert_int_equal(request->sdiag_protocol, IPPROTO_TCP);
	assert_int_equal(request->idiag_states, 1 << TA_TCP_LISTEN);
	assert_int_equal(request->idiag_ext, 1 << (INET_DIAG_SKMEMINFO - 1));
	ta_sock_diag_request(buf, 9, AF_INET, 2, false);
	assert_int_equal(request->idiag_ext, 0);
}

static void one_request_asks_for_both_families(void **state)
{
	_Alignas(8) char buf[TA_SOCK_DIAG_REQUEST_MAX];
	size_t len = ta_sock_diag_request(buf, 9, AF_UNSPEC, 1 << TA_TCP_LISTEN, true);
	const struct nlmsghdr *header = (const struct nlmsghdr *)buf;
	const struct inet_diag_req *request = NLMSG_DATA(header);

	(void)state;
	assert_int_equal(len, NLMSG_LENGTH(sizeof(*request)));
	assert_int_equal(header->nlmsg_type, TCPDIAG_GETSOCK);
	assert_int_equal(request->idiag_states, 1 << TA_TCP_LISTEN);
	assert_int_equal(request->idiag_ext, 1 << (INET_DIAG_SKMEMINFO - 1));
}

/* ---- the dump loop ---- */

/* Datagrams one after the other; after the last recv() fails with error. */
struct replay {
	struct ta_buf datagrams[4];
	size_t count, next;
	int error, interruptions;
};

static ssize_t replay_send(void *ctx, const void *data, size_t len)
{
	(void)ctx;
	(void)data;
	return (ssize_t)len;
}

static ssize_t replay_recv(void *ctx, void *buf, size_t size)
{
	struct replay *replay = ctx;
	const struct ta_buf *datagram;

	if (replay->interruptions-- > 0) {
		errno = EINTR;
		return -1;
	}
	if (replay->next == replay->count) {
		errno = replay->error;
		return -1;
	}
	datagram = &replay->datagrams[replay->next++];
	assert_true(datagram->len <= size);
	memcpy(buf, datagram->data, datagram->len);
	return (ssize_t)datagram->len;
}

static bool count_sink(void *ctx, const void *payload, size_t len)
{
	(void)payload;
	(void)len;
	++*(int *)ctx;
	return true;
}

/* Replays the datagrams to one dump, frees them, and gives what came out. */
static bool run_dump(struct replay *replay, int *ret_count, bool *ret_interrupted,
		     struct ta_error *err)
{
	const struct ta_netlink_bytes bytes = { replay_send, replay_recv, replay };
	ta_auto(ta_netlink_done) struct ta_netlink netlink = TA_NETLINK_INIT;
	bool ok;

	*ret_count = 0;
	*err = TA_ERROR_INIT;
	assert_true(ta_netlink_open_bytes(&netlink, &bytes, err));
	ok = ta_netlink_dump(&netlink, "", 0, count_sink, ret_count, ret_interrupted, err);
	for (size_t i = 0; i < replay->count; i++)
		ta_buf_done(&replay->datagrams[i]);
	return ok;
}

static void dump_takes_all_datagrams(void **state)
{
	struct replay replay = { .count = 2, .interruptions = 2 };
	struct ta_error err;
	bool interrupted;
	int count;

	(void)state;
	for (int i = 0; i < 2; i++) {
		replay.datagrams[i] = TA_BUF_INIT(4096);
		add_message(&replay.datagrams[i], SOCK_DIAG_BY_FAMILY, NLM_F_MULTI, 1, "abc", 3);
		add_message(&replay.datagrams[i], SOCK_DIAG_BY_FAMILY, NLM_F_MULTI, 7, "old", 3);
		add_message(&replay.datagrams[i], NLMSG_NOOP, 0, 1, "", 0);
	}
	add_done(&replay.datagrams[1], 1, 0);
	assert_true(run_dump(&replay, &count, &interrupted, &err));
	assert_int_equal(count, 2);
	assert_false(interrupted);
}

static void dump_says_when_it_was_interrupted(void **state)
{
	struct replay replay = { .count = 1, .datagrams = { TA_BUF_INIT(4096) } };
	struct ta_error err;
	bool interrupted;
	int count;

	(void)state;
	add_message(&replay.datagrams[0], SOCK_DIAG_BY_FAMILY, NLM_F_MULTI, 1, "a", 1);
	add_message(&replay.datagrams[0], SOCK_DIAG_BY_FAMILY, NLM_F_MULTI | NLM_F_DUMP_INTR, 1,
		    "b", 1);
	add_done(&replay.datagrams[0], 1, 0);
	assert_true(run_dump(&replay, &count, &interrupted, &err));
	assert_int_equal(count, 2);
	assert_true(interrupted);
}

static void dump_fails_with_the_kernels_error(void **state)
{
	const int refused = -EPERM, absent = -ENOENT;
	struct replay replay = { .count = 1, .datagrams = { TA_BUF_INIT(4096) } };
	struct ta_error err;
	bool interrupted;
	int count;

	(void)state;
	add_message(&replay.datagrams[0], NLMSG_ERROR, 0, 1, &refused, sizeof(refused));
	assert_false(run_dump(&replay, &count, &interrupted, &err));
	assert_int_equal(err.sys, EPERM);

	replay = (struct replay){ .count = 1, .datagrams = { TA_BUF_INIT(4096) } };
	add_done(&replay.datagrams[0], 1, absent);
	assert_false(run_dump(&replay, &count, &interrupted, &err));
	assert_int_equal(err.sys, ENOENT);

	replay = (struct replay){ .error = ENOBUFS };
	assert_false(run_dump(&replay, &count, &interrupted, &err));
	assert_int_equal(err.sys, ENOBUFS);

	replay = (struct replay){ .count = 1, .error = EAGAIN, .datagrams = { TA_BUF_INIT(4096) } };
	ta_buf_str(&replay.datagrams[0], "no netlink header at all");
	assert_false(run_dump(&replay, &count, &interrupted, &err));
	assert_int_equal(err.sys, EAGAIN);
	assert_int_equal(count, 0);
}

/* ---- sockets.c: a kernel made of bytes ---- */

/* Answers each request by one socket of each state asked for (IPv4 only) and DONE. */
struct fake_kernel {
	uint16_t type;
	uint32_t states;
	bool has_v4; /* asked for IPv4, alone or with IPv6 */
	uint32_t seq;
	bool one_family_only;  /* does not know the request for both */
	int interrupted_dumps; /* so many dumps say that they were interrupted */
	int refuse_after;      /* requests until EPERM; -1: never */
};

static ssize_t fake_send(void *ctx, const void *data, size_t len)
{
	struct fake_kernel *kernel = ctx;
	struct nlmsghdr header;

	memcpy(&header, data, sizeof(header));
	kernel->type = header.nlmsg_type;
	kernel->seq = header.nlmsg_seq;
	if (kernel->type == TCPDIAG_GETSOCK) {
		const struct inet_diag_req *request = NLMSG_DATA(data);

		kernel->states = request->idiag_states;
		kernel->has_v4 = true;
	} else {
		const struct inet_diag_req_v2 *request = NLMSG_DATA(data);

		kernel->states = request->idiag_states;
		kernel->has_v4 = request->sdiag_family == AF_INET;
	}
	return (ssize_t)len;
}

static ssize_t fake_recv(void *ctx, void *buf, size_t size)
{
	struct fake_kernel *kernel = ctx;
	ta_auto(ta_buf_done) struct ta_buf out = TA_BUF_INIT(4096);
	uint16_t flags = NLM_F_MULTI;

	if (kernel->refuse_after == 0 ||
	    (kernel->one_family_only && kernel->type == TCPDIAG_GETSOCK)) {
		const int refused = kernel->refuse_after == 0 ? -EPERM : -EINVAL;

		add_message(&out, NLMSG_ERROR, 0, kernel->seq, &refused, sizeof(refused));
	} else {
		kernel->refuse_after--;
		if (kernel->interrupted_dumps > 0 && kernel->has_v4) {
			kernel->interrupted_dumps--;
			flags |= NLM_F_DUMP_INTR;
		}
		for (uint8_t s = 1; s <= TA_TCP_CLOSING && kernel->has_v4; s++) {
			struct inet_diag_msg message = make_message(s, s == 10 ? 80 : 81, 5000);

			if (kernel->states & UINT32_C(1) << s)
				add_message(&out, kernel->type, flags, kernel->seq, &message,
					    sizeof(message));
		}
		add_message(&out, kernel->type, flags, kernel->seq, "short", 5);
		add_done(&out, kernel->seq, 0);
	}
	assert_true(out.len <= size);
	memcpy(buf, out.data, out.len);
	return (ssize_t)out.len;
}

struct run {
	struct fake_kernel kernel;
	struct ta_root root;
	struct ta_ports ports;
	struct ta_sockets sockets;
	struct ta_fold fold;
};

static void run_sockets(struct run *run, struct ta_error *err)
{
	static const struct ta_collect_options options;
	const struct ta_kernel kernel = { .major = 6, .minor = 18, .known = true };
	const struct ta_netlink_bytes bytes = { fake_send, fake_recv, &run->kernel };

	*err = TA_ERROR_INIT;
	run->root = TA_ROOT_INIT;
	memset(&run->ports, 0, sizeof(run->ports));
	ta_fold_init(&run->fold, &run->ports);
	ta_sockets_open(&run->sockets, &run->root, &kernel, &options, &bytes);
	assert_true(ta_sockets_fold(&run->sockets, &run->fold, err));
}

static void end_run(struct run *run)
{
	ta_sockets_done(&run->sockets);
	ta_fold_done(&run->fold);
}

static void all_states_are_asked_for_once(void **state)
{
	struct run run = { .kernel = { .refuse_after = -1 } };
	struct ta_error err;

	(void)state;
	run_sockets(&run, &err);
	for (unsigned s = 1; s <= TA_TCP_CLOSING; s++)
		assert_int_equal(run.fold.states[s], 1);
	assert_false(run.sockets.use_proc);
	assert_int_equal(run.sockets.bound, TA_BOUND_KNOWN);
	assert_int_equal(run.sockets.malformed, 3); /* one a dump: three kinds */
	end_run(&run);
}

static void a_kernel_that_knows_one_family_at_a_time_is_asked_for_each(void **state)
{
	struct run run = { .kernel = { .refuse_after = -1, .one_family_only = true } };
	struct ta_error err;

	(void)state;
	run_sockets(&run, &err);
	for (unsigned s = 1; s <= TA_TCP_CLOSING; s++)
		assert_int_equal(run.fold.states[s], 1);
	assert_false(run.sockets.use_proc);
	assert_int_equal(run.sockets.malformed, 6); /* three kinds, two families */
	end_run(&run);
}

static void interrupted_dumps_begin_again(void **state)
{
	struct run run = { .kernel = { .refuse_after = -1, .interrupted_dumps = 2 } };
	struct ta_error err;

	(void)state;
	run_sockets(&run, &err);
	assert_int_equal(run.sockets.restarts, 1); /* both in the first reading */
	assert_false(run.sockets.interrupted);
	assert_int_equal(run.fold.states[TA_TCP_ESTABLISHED], 1); /* not counted twice */
	end_run(&run);
}

static void interruptions_without_end_are_given_up(void **state)
{
	struct run run = { .kernel = { .refuse_after = -1, .interrupted_dumps = 1000 } };
	struct ta_error err;

	(void)state;
	run_sockets(&run, &err);
	assert_int_equal(run.sockets.restarts, 3);
	assert_true(run.sockets.interrupted);
	assert_int_equal(run.fold.states[TA_TCP_ESTABLISHED], 1);
	end_run(&run);
}

static void refusal_in_the_middle_changes_the_source(void **state)
{
	struct run run = { .kernel = { .refuse_after = 2 } };
	struct ta_error err;

	(void)state;
	run_sockets(&run, &err);
	assert_true(run.sockets.use_proc);
	assert_non_null(strstr(run.sockets.reason, strerror(EPERM)));
	assert_int_equal(run.fold.rows, 0); /* nothing is left of the dump; this root has no proc */
	assert_int_not_equal(run.sockets.failed_v4, 0);
	end_run(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_decoded),
		cmocka_unit_test(mapped_addresses_are_ipv4),
		cmocka_unit_test(new_syn_recv_is_syn_recv),
		cmocka_unit_test(drops_are_known_when_the_kernel_has_them),
		cmocka_unit_test(the_control_group_is_known_when_the_kernel_tells_it),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(hostile_bytes_do_no_harm),
		cmocka_unit_test(request_asks_for_what_is_wanted),
		cmocka_unit_test(one_request_asks_for_both_families),
		cmocka_unit_test(dump_takes_all_datagrams),
		cmocka_unit_test(dump_says_when_it_was_interrupted),
		cmocka_unit_test(dump_fails_with_the_kernels_error),
		cmocka_unit_test(all_states_are_asked_for_once),
		cmocka_unit_test(a_kernel_that_knows_one_family_at_a_time_is_asked_for_each),
		cmocka_unit_test(interrupted_dumps_begin_again),
		cmocka_unit_test(interruptions_without_end_are_given_up),
		cmocka_unit_test(refusal_in_the_middle_changes_the_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
