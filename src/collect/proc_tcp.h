/* proc_tcp.h - sockets from /proc/net/tcp and tcp6: what there is without netlink.
 *
 * Tells all that sock_diag does but for the backlog and drops of listeners and the merely bound
 * sockets. */
#ifndef COLLECT_PROC_TCP_H
#define COLLECT_PROC_TCP_H

#include <stddef.h>

#include "collect/root.h"
#include "sockets/socket.h"

struct ta_proc_tcp_stats {
	size_t malformed; /* lines that were no socket, the header apart */
};

/* Streams the sockets of a file below proc ("net/tcp6") into the sink until the end of the file or
 * until the sink is done. Returns 0 or an errno. */
int ta_proc_tcp_read(const struct ta_root *root, const char *path, ta_socket_sink sink, void *ctx,
		     struct ta_proc_tcp_stats *stats);

#endif
