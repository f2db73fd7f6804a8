/* proc_tcp_line.h - a line of /proc/net/tcp or tcp6 as a socket. */
#ifndef SOCKETS_PROC_TCP_LINE_H
#define SOCKETS_PROC_TCP_LINE_H

#include "sockets/socket.h"

/* Decodes one line without its newline; false when it is none of a socket (the header, a line cut
 * short). */
bool ta_proc_tcp_decode(const char *line, size_t len, struct ta_socket *ret);

#endif
