/* socket.h - one TCP socket as the kernel described it, whatever the source.
 *
 * A plain value that lives for one call while a dump streams by. IPv4 addresses are kept as
 * v4-mapped IPv6 ones, so that a connection has the same key whether it came in through an IPv4 or
 * a dual-stack socket; family still says which of them it was. Ports are in host order. */
#ifndef SOCKETS_SOCKET_H
#define SOCKETS_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* include/net/tcp_states.h. Part of the kernel's ABI since 2.4. */
enum ta_tcp_state {
	TA_TCP_ESTABLISHED = 1,
	TA_TCP_SYN_SENT,
	TA_TCP_SYN_RECV,
	TA_TCP_FIN_WAIT1,
	TA_TCP_FIN_WAIT2,
	TA_TCP_TIME_WAIT,
	TA_TCP_CLOSE,
	TA_TCP_CLOSE_WAIT,
	TA_TCP_LAST_ACK,
	TA_TCP_LISTEN,
	TA_TCP_CLOSING,
	TA_TCP_NEW_SYN_RECV,   /* inside the kernel; shown as SYN_RECV */
	TA_TCP_BOUND_INACTIVE, /* of sock_diag only, 6.8 */
	TA_TCP_STATES,
};

/* Field tr of /proc/net/tcp and idiag_timer. */
enum ta_tcp_timer {
	TA_TIMER_NONE,
	TA_TIMER_RETRANS, /* retransmission, tail loss probe, reordering */
	TA_TIMER_KEEPALIVE,
	TA_TIMER_TIMEWAIT, /* a mini-socket: TIME_WAIT or an orphan FIN_WAIT_2 */
	TA_TIMER_PROBE0,   /* the peer's window is closed */
};

/* A bit each, 1u << TA_TCP_LISTEN: all of them, of which a connection has but LISTEN. */
#define TA_ALL_STATES (((1u << TA_TCP_CLOSING) << 1) - 2)
#define TA_NOT_LISTEN (TA_ALL_STATES & ~(1u << TA_TCP_LISTEN))

struct ta_endpoint {
	uint8_t address[16];
	uint16_t port;
	uint16_t zero; /* keys of ta_map are compared as bytes */
};

/* What the source told. Addresses, ports and state are always there. */
enum {
	TA_SOCKET_BACKLOG = 1 << 0, /* wqueue of a listener is its backlog */
	TA_SOCKET_DROPS = 1 << 1,
	TA_SOCKET_CGROUP = 1 << 2,
	TA_SOCKET_QUEUES = 1 << 3, /* rqueue, and wqueue but for listeners */
	TA_SOCKET_TIMER = 1 << 4,  /* timer and retrans */
	TA_SOCKET_INODE = 1 << 5,  /* 0 means something, too */
	TA_SOCKET_UID = 1 << 6,
	TA_SOCKET_NO_SIDE = 1 << 7, /* nobody can say which side opened the connection */
	/* what the kernel tells of every socket, by netlink and in /proc/net/tcp */
	TA_SOCKET_KERNEL = TA_SOCKET_QUEUES | TA_SOCKET_TIMER | TA_SOCKET_INODE | TA_SOCKET_UID,
};

struct ta_socket {
	struct ta_endpoint local, remote;
	uint32_t rqueue; /* listener: accept queue; else bytes not read, a FIN counts 1 */
	uint32_t wqueue; /* listener: backlog; else bytes not acknowledged */
	uint32_t uid;
	uint32_t inode; /* 0 has four meanings; see fold.c */
	uint32_t drops;
	uint32_t interface;  /* index of the one that it is bound to, or 0 */
	uint32_t silence_ms; /* how long the peer has been silent; where silence_told */
	uint64_t cgroup;     /* id of the v2 control group that made it, or its listener */
	uint8_t family;      /* AF_INET, AF_INET6: of the socket, not of the address */
	uint8_t state;
	uint8_t timer;
	uint8_t retrans; /* time-outs in a row (timer 1), unanswered probes (2, 4) */
	uint8_t present;
	bool silence_told; /* by ss -i; the kernel tells it when it is asked for one socket */
};

/* Takes one socket of a stream; false ends the stream. */
typedef bool (*ta_socket_sink)(void *ctx, const struct ta_socket *socket);

/* The schema's name of a state, such as "fin_wait2"; NULL when it is no state of the schema. */
const char *ta_tcp_state_name(unsigned state);

static inline void ta_address_set_v4(uint8_t address[16], const void *v4)
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	__builtin_memcpy(address, prefix, sizeof(prefix));
	__builtin_memcpy(address + 12, v4, 4);
}

bool ta_address_is_v4(const uint8_t address[16]);
bool ta_address_is_loopback(const uint8_t address[16]); /* 127.0.0.0/8, ::1 */

/* Reads "10.0.0.5", "fe80::1" or "::ffff:10.0.0.5"; *ret_v4 says that it is written as one of IPv4.
 * False when it is none of them. */
bool ta_address_parse(const char *text, size_t len, uint8_t address[16], bool *ret_v4);

void ta_address_set_any(uint8_t address[16], bool v4);

uint8_t ta_socket_family(bool v4);

enum { TA_ENDPOINT_TEXT = 64 };

/* "10.0.0.5" or "fe80::1". size is at least TA_ENDPOINT_TEXT for both. */
void ta_address_format(const uint8_t address[16], char *buf, size_t size);

/* "10.0.0.5:80" or "[fe80::1]:80". */
void ta_endpoint_format(const struct ta_endpoint *endpoint, char *buf, size_t size);

#endif
