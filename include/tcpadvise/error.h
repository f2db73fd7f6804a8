/* error.h - how a stage says that it failed, and where.
 *
 * The caller owns the struct; nothing is allocated, so that "out of memory" can be
 * reported too. The first cause wins: a second ta_fail() on a set error is ignored.
 * Callers on the way up add what they were doing with ta_wrap(). Both return false:
 * raising and forwarding are one line each. An expected outcome, such as a fact that the
 * kernel does not offer, is not an error; it is a gap in the snapshot.
 */
#ifndef TCPADVISE_ERROR_H
#define TCPADVISE_ERROR_H

#include <stdbool.h>

#if defined(__GNUC__)
#define TA_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define TA_API               __attribute__((visibility("default")))
#else
#define TA_PRINTF(fmt, args)
#define TA_API
#endif

/* What callers may branch on. */
enum ta_code {
	TA_OK = 0,
	TA_E_NOMEM,       /* an allocation failed */
	TA_E_SYSTEM,      /* a system call failed; sys holds errno */
	TA_E_ACCESS,      /* the kernel refused: privilege is missing */
	TA_E_UNSUPPORTED, /* this kernel or build has no such thing */
	TA_E_INPUT,       /* malformed text, document, rule or expression */
	TA_E_LIMIT,       /* one of our own bounds was reached */
	TA_E_MISSING,     /* evaluation needed a fact that the snapshot lacks; text is its path */
	TA_E_EVAL,        /* any other evaluation error: overflow, no such overload ... */
	TA_E_NETWORK,     /* delivery failed */
	TA_E_USAGE,       /* wrong command line */
};

/* A place in a text; line 0 means that there is none. Columns count bytes, from 1. */
struct ta_pos {
	char name[128]; /* a copy: the source may be gone by the time it is printed */
	int line;
	int column;
};

struct ta_error {
	enum ta_code code;
	int sys; /* errno of the failing call, or 0 */
	struct ta_pos pos;
	char text[512]; /* truncated with "..." when longer */
};

#define TA_ERROR_INIT ((struct ta_error){ .code = TA_OK })

/* Sets *err unless it is set or NULL; always returns false. */
TA_API bool ta_fail(struct ta_error *err, enum ta_code code, const char *fmt, ...) TA_PRINTF(3, 4);

/* The same for a failed system call: appends strerror(errno_value), keeps the number, and
 * chooses TA_E_ACCESS for EACCES and EPERM, TA_E_NOMEM for ENOMEM, else TA_E_SYSTEM. */
TA_API bool ta_fail_errno(struct ta_error *err, int errno_value, const char *fmt, ...)
	TA_PRINTF(3, 4);

/* Puts "context: " before the text of a set error; always returns false. */
TA_API bool ta_wrap(struct ta_error *err, const char *fmt, ...) TA_PRINTF(2, 3);

/* Gives the error a place unless it has one; returns false. */
TA_API bool ta_fail_at(struct ta_error *err, const char *name, int line, int column);

/* Forgets the error so that the struct can be used again. */
TA_API void ta_error_clear(struct ta_error *err);

#endif
