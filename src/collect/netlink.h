/* netlink.h - one netlink dump: send the request, take the answers until it is done.
 *
 * The bytes come through two functions, so that a test replays recorded or made-up ones. */
#ifndef COLLECT_NETLINK_H
#define COLLECT_NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tcpadvise/error.h"

/* As send() and recv() of a datagram socket; a datagram that does not fit fails with ENOSPC. */
struct ta_netlink_bytes {
	ssize_t (*send)(void *ctx, const void *data, size_t len);
	ssize_t (*recv)(void *ctx, void *buf, size_t size);
	void *ctx;
};

struct ta_netlink {
	struct ta_netlink_bytes bytes;
	int family;
	void *socket; /* struct mnl_socket, when it is ours */
	char *buf;
	size_t size;
	uint32_t seq, port;
};

#define TA_NETLINK_INIT ((struct ta_netlink){ .socket = NULL })

/* Opens a socket in the namespace of the caller: NETLINK_SOCK_DIAG, or NETLINK_ROUTE for queueing
 * disciplines. */
bool ta_netlink_open(struct ta_netlink *netlink, int family, struct ta_error *err);

/* The same from given bytes of NETLINK_SOCK_DIAG. */
bool ta_netlink_open_bytes(struct ta_netlink *netlink, const struct ta_netlink_bytes *bytes,
			   struct ta_error *err);

void ta_netlink_done(struct ta_netlink *netlink);

/* Gets the payload of each message of the dump; false ends the dump with a failure. */
typedef bool (*ta_netlink_sink)(void *ctx, const void *payload, size_t len);

/* Sends the request (whose sequence number is netlink->seq) and hands all answers to the sink.
 * *ret_interrupted: the kernel says that its tables changed on the way, so that answers may be
 * missing or doubled. err->sys is the errno that the kernel answered. */
bool ta_netlink_dump(struct ta_netlink *netlink, const void *request, size_t len,
		     ta_netlink_sink sink, void *ctx, bool *ret_interrupted, struct ta_error *err);

/* Sends the request and hands its one answer to the sink. *ret_refused is the errno that the kernel
 * answered instead, such as ENOENT, else 0: that is no failure. */
bool ta_netlink_ask(struct ta_netlink *netlink, const void *request, size_t len,
		    ta_netlink_sink sink, void *ctx, int *ret_refused, struct ta_error *err);

#endif
