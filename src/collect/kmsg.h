/* kmsg.h - the kernel's own log, from the start of its buffer to its end.
 *
 * Nothing is taken out of it: each opening of /dev/kmsg reads the whole again. A recorded host has
 * what was read there in a file "kmsg" beside its proc. */
#ifndef COLLECT_KMSG_H
#define COLLECT_KMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "collect/root.h"
#include "snapshot/builder.h"

/* One record. Programs may write to /dev/kmsg, too, but never as the kernel. */
struct ta_kmsg_record {
	bool of_kernel;
	bool whole;      /* no fragment of a message */
	int64_t time_us; /* since boot, on the kernel's clock for its log */
	size_t len;
	char text[1024]; /* may hold any byte; "" when it is longer or no message of the kernel's */
};

/* "6,339,5140900,-;text": its first line, without the line break; the next ones, which begin with a
 * blank, are no part of the text. false: it has not that form. */
bool ta_kmsg_decode(const char *line, size_t len, struct ta_kmsg_record *ret);

/* Member "kernel_log" of the document, or a gap. now_us is the instant that ages are counted to, on
 * the clock of the records; TA_KERNEL_NO_TIME when it is not known. */
void ta_kmsg_build(const struct ta_root *root, const struct ta_clock *clock, int64_t now_us,
		   struct ta_builder *builder);

#endif
