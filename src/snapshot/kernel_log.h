/* kernel_log.h - what the kernel log says of the limits of the stack: lines in, rows of
 * "kernel_log" out.
 *
 * A line is the text of one message, without what dmesg or a journal put before it. It counts when
 * all of it has a form that some kernel prints: a log also holds words that users chose, such as
 * the name of a program that crashed. That it came from the kernel is for the caller to know. */
#ifndef SNAPSHOT_KERNEL_LOG_H
#define SNAPSHOT_KERNEL_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot/builder.h"

enum ta_kernel_event {
	TA_KERNEL_SYN_FLOOD_COOKIES,
	TA_KERNEL_SYN_FLOOD_DROP,
	TA_KERNEL_TW_BUCKET_OVERFLOW,
	TA_KERNEL_TOO_MANY_ORPHANS,
	TA_KERNEL_TCP_OUT_OF_MEMORY,
	TA_KERNEL_OUT_OF_SOCKET_MEMORY, /* up to 3.1, for orphans and for memory alike */
	TA_KERNEL_CONNTRACK_FULL,
	TA_KERNEL_CONNTRACK_EXPECT_FULL,
	TA_KERNEL_FILE_MAX,
	TA_KERNEL_NEIGHBOUR_OVERFLOW,
	TA_KERNEL_PAGE_ALLOCATION,
	TA_KERNEL_NETDEV_WATCHDOG,
	TA_KERNEL_ROUTE_CACHE_FULL,
	TA_KERNEL_PORT_RANGE_PARITY,
	TA_KERNEL_EVENTS,
};

/* What one line says. */
struct ta_kernel_line {
	enum ta_kernel_event event;
	bool has_port, has_limit, has_netns;
	uint16_t port;
	uint64_t limit, netns;
	char table[32]; /* "": names none */
};

/* false: the line is of no event. */
bool ta_kernel_line_parse(const char *text, size_t len, struct ta_kernel_line *ret);

enum {
	TA_KERNEL_ROWS = 32,  /* of one event; then the row whose last line is oldest gives way */
	TA_KERNEL_TEXT = 240, /* bytes of a text that are kept */
};

#define TA_KERNEL_NO_TIME INT64_MIN

struct ta_kernel_log {
	struct ta_kernel_row *rows;
	size_t count, size;
	uint64_t lines;   /* fed so far */
	uint64_t dropped; /* lines that rows which gave way stood for */
};

void ta_kernel_log_done(struct ta_kernel_log *log);

/* Takes a line into account, oldest first; time_us on any clock, or TA_KERNEL_NO_TIME. false when
 * memory ran out. */
bool ta_kernel_log_add(struct ta_kernel_log *log, const char *text, size_t len, int64_t time_us);

/* The line that was added last, if it told an event, was seen so many times more. */
void ta_kernel_log_repeat(struct ta_kernel_log *log, uint64_t times);

/* Appends the rows to an array, those with the latest line first; now_us is on the same clock, or
 * TA_KERNEL_NO_TIME. */
void ta_kernel_log_build(struct ta_kernel_log *log, int64_t now_us, struct ta_builder *builder,
			 json_t *array);

#endif
