/* calls.h - what a program was doing when it met an error: "call" of a row of "reported.errors". */
#ifndef IMPORT_READERS_CALLS_H
#define IMPORT_READERS_CALLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

enum ta_call {
	TA_CALL_NONE, /* the line does not tell */
	TA_CALL_CONNECT,
	TA_CALL_BIND,
	TA_CALL_LISTEN,
	TA_CALL_ACCEPT,
	TA_CALL_SOCKET,
	TA_CALL_OPEN,
	TA_CALL_READ,
	TA_CALL_WRITE,
	TA_CALL_FORK,
	TA_CALL_RESOLVE,
	TA_CALL_HANDSHAKE,
	TA_CALL_SETRLIMIT,
	TA_CALL_EPOLL_CTL,
	TA_CALL_SYSCTL,
	TA_CALL_OTHER, /* told, and without a name in the document: inotify_init, pipe */
	TA_CALLS,
};

/* A set of them. */
#define TA_CALL_BIT(call) (1u << (call))

/* As in the document; NULL for those that it has no name for. */
const char *ta_call_name(enum ta_call call);

/* The call of a system call or library function: "accept4". TA_CALL_NONE when it is none. */
enum ta_call ta_call_of_function(struct ta_slice name);

/* The call that the words around an error name, of a set. The error is the bytes from error_at to
 * error_end of the message. */
enum ta_call ta_call_find(struct ta_slice message, size_t error_at, size_t error_end,
			  unsigned among);

/* Whether the words before the error name one as a verb or function, not only as a thing. */
bool ta_call_is_named(struct ta_slice message, size_t error_at, unsigned among);

#endif
