/* sock_diag.h - the wire format of inet_diag: a request out, sockets in. Bytes only, no I/O. */
#ifndef COLLECT_SOCK_DIAG_H
#define COLLECT_SOCK_DIAG_H

#include <stddef.h>

#include "sockets/socket.h"

enum { TA_SOCK_DIAG_REQUEST_MAX = 128 };

/* Writes the request for a dump of the TCP sockets in the states of the mask (1 << enum
 * ta_tcp_state), with the drop counters of listeners when wanted; returns its length. family is
 * AF_INET or AF_INET6, or AF_UNSPEC for both in one walk of the kernel's tables: that is the older
 * form of the request (TCPDIAG_GETSOCK), for SOCK_DIAG_BY_FAMILY refuses it. Answers are the same.
 * buf is aligned for struct nlmsghdr and TA_SOCK_DIAG_REQUEST_MAX long. */
size_t ta_sock_diag_request(void *buf, uint32_t seq, uint8_t family, uint32_t states, bool drops);

/* Whether a message of this type is an answer to either form. */
bool ta_sock_diag_is_answer(uint16_t nlmsg_type);

/* Decodes one answer: an inet_diag_msg and its attributes. false when it is too short or describes
 * no TCP socket. */
bool ta_sock_diag_decode(const void *payload, size_t len, struct ta_socket *ret);

/* Writes the request for what TCP itself tells of one connection. */
size_t ta_sock_diag_request_info(void *buf, uint32_t seq, const struct ta_socket *socket);

/* Takes from its answer how long ago the peer was last heard of, in milliseconds; false when the
 * answer does not tell. */
bool ta_sock_diag_decode_silence(const void *payload, size_t len, uint32_t *ret_ms);

#endif
