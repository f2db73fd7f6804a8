/* netlink.c - see netlink.h.
 *
 * The loop of a dump knows every way in which a dump ends: NLMSG_DONE (whose payload may be an
 * error), NLMSG_ERROR, an error of recv(). After an error the socket is of no more use, as the
 * kernel may still be in the dump. libmnl frames the messages; its mnl_cb_run() would lose the
 * error of DONE.
 */
#include "collect/netlink.h"

#include <errno.h>
#include <limits.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <libmnl/libmnl.h>

#include "collect/sock_diag.h"

/* The kernel fills at most 32 KiB a datagram (netlink_dump() in net/netlink/af_netlink.c), and only
 * when it has seen a receive buffer of that size; larger ones gain nothing. */
enum { BUFFER_BYTES = 65536 };

/* A dump that stands still that long will not go on. */
enum { RECEIVE_TIMEOUT_S = 10 };

static ssize_t socket_send(void *ctx, const void *data, size_t len)
{
	return mnl_socket_sendto(ctx, data, len);
}

static ssize_t socket_recv(void *ctx, void *buf, size_t size)
{
	return mnl_socket_recvfrom(ctx, buf, size);
}

bool ta_netlink_open_bytes(struct ta_netlink *netlink, const struct ta_netlink_bytes *bytes,
			   struct ta_error *err)
{
	netlink->family = NETLINK_SOCK_DIAG;
	netlink->bytes = *bytes;
	netlink->size = BUFFER_BYTES;
	netlink->buf = malloc(netlink->size);
	netlink->seq = 1;
	return netlink->buf ? true : ta_fail(err, TA_E_NOMEM, "out of memory");
}

bool ta_netlink_open(struct ta_netlink *netlink, int family, struct ta_error *err)
{
	const struct timeval timeout = { .tv_sec = RECEIVE_TIMEOUT_S };
	struct mnl_socket *socket = mnl_socket_open2(family, SOCK_CLOEXEC);
	struct ta_netlink_bytes bytes = { socket_send, socket_recv, socket };

	if (!socket)
		return ta_fail_errno(err, errno, "can't open a netlink socket");
	netlink->socket = socket;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return ta_fail_errno(err, errno, "can't bind a netlink socket");
	if (setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVTIMEO, &timeout,
		       sizeof(timeout)) < 0)
		return ta_fail_errno(err, errno, "can't limit the wait for netlink");
	netlink->port = mnl_socket_get_portid(socket);
	if (!ta_netlink_open_bytes(netlink, &bytes, err))
		return false;
	netlink->family = family;
	return true;
}

void ta_netlink_done(struct ta_netlink *netlink)
{
	if (netlink->socket)
		mnl_socket_close(netlink->socket);
	free(netlink->buf);
	*netlink = TA_NETLINK_INIT;
}

static bool receive(struct ta_netlink *netlink, size_t *ret_len, struct ta_error *err)
{
	for (;;) {
		ssize_t n = netlink->bytes.recv(netlink->bytes.ctx, netlink->buf, netlink->size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ta_fail_errno(err, errno, "netlink");
		if (n == 0)
			return ta_fail(err, TA_E_SYSTEM, "netlink: the dump ended early");
		*ret_len = (size_t)n;
		return true;
	}
}

/* The error number, negative, that DONE and ERROR begin with; 0 when there is none. */
static int error_in(const struct nlmsghdr *message)
{
	int number = 0;

	if (mnl_nlmsg_get_payload_len(message) >= sizeof(number))
		memcpy(&number, mnl_nlmsg_get_payload(message), sizeof(number));
	return number < 0 && number > INT_MIN ? -number : 0;
}

static const char *name_of(const struct ta_netlink *netlink)
{
	return netlink->family == NETLINK_ROUTE ? "rtnetlink" : "sock_diag";
}

static bool is_answer(const struct ta_netlink *netlink, uint16_t type)
{
	return netlink->family == NETLINK_ROUTE ? type == RTM_NEWQDISC
						: ta_sock_diag_is_answer(type);
}

/* One datagram. *ret_done at its DONE. */
static bool take_messages(const struct ta_netlink *netlink, size_t len, ta_netlink_sink sink,
			  void *ctx, bool *ret_done, bool *ret_interrupted, struct ta_error *err)
{
	const struct nlmsghdr *message = (const struct nlmsghdr *)netlink->buf;
	int left = (int)len;

	for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
		if (message->nlmsg_seq != netlink->seq ||
		    !mnl_nlmsg_portid_ok(message, netlink->port))
			continue; /* of an earlier request */
		if (message->nlmsg_flags & NLM_F_DUMP_INTR)
			*ret_interrupted = true;
		if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR) {
			int number = error_in(message);

			if (number)
				return ta_fail_errno(err, number, "%s", name_of(netlink));
			*ret_done = true;
			return true;
		}
		if (!is_answer(netlink, message->nlmsg_type))
			continue;
		if (!sink(ctx, mnl_nlmsg_get_payload(message), mnl_nlmsg_get_payload_len(message)))
			return ta_fail(err, TA_E_NOMEM, "out of memory");
	}
	return true;
}

bool ta_netlink_dump(struct ta_netlink *netlink, const void *request, size_t len,
		     ta_netlink_sink sink, void *ctx, bool *ret_interrupted, struct ta_error *err)
{
	bool done = false;
	size_t received = 0;

	*ret_interrupted = false;
	if (netlink->bytes.send(netlink->bytes.ctx, request, len) < 0)
		return ta_fail_errno(err, errno, "can't send to netlink");
	while (!done) {
		if (!receive(netlink, &received, err))
			return false;
		if (!take_messages(netlink, received, sink, ctx, &done, ret_interrupted, err))
			return false;
	}
	netlink->seq++;
	return true;
}

/* Whether a message of the datagram answers the request. */
static bool take_answer(const struct ta_netlink *netlink, size_t len, ta_netlink_sink sink,
			void *ctx, int *ret_refused, bool *ret_ok)
{
	const struct nlmsghdr *message = (const struct nlmsghdr *)netlink->buf;
	int left = (int)len;

	for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
		if (message->nlmsg_seq != netlink->seq ||
		    !mnl_nlmsg_portid_ok(message, netlink->port))
			continue;
		if (message->nlmsg_type == NLMSG_ERROR)
			*ret_refused = error_in(message);
		else
			*ret_ok = sink(ctx, mnl_nlmsg_get_payload(message),
				       mnl_nlmsg_get_payload_len(message));
		return true;
	}
	return false;
}

bool ta_netlink_ask(struct ta_netlink *netlink, const void *request, size_t len,
		    ta_netlink_sink sink, void *ctx, int *ret_refused, struct ta_error *err)
{
	size_t received = 0;
	bool ok = true;

	*ret_refused = 0;
	if (netlink->bytes.send(netlink->bytes.ctx, request, len) < 0)
		return ta_fail_errno(err, errno, "can't send to netlink");
	do {
		if (!receive(netlink, &received, err))
			return false;
	} while (!take_answer(netlink, received, sink, ctx, ret_refused, &ok));
	netlink->seq++;
	return ok ? true : ta_fail(err, TA_E_NOMEM, "out of memory");
}
