/* log_head.h - what stands before the message in a line of a log: stamps, host, tag, level. */
#ifndef IMPORT_READERS_LOG_HEAD_H
#define IMPORT_READERS_LOG_HEAD_H

#include <stdbool.h>

#include "base/slice.h"

enum ta_log_speaker {
	TA_LOG_ANYONE, /* nothing tells: a bare message, or one with a stamp alone */
	TA_LOG_KERNEL,
	TA_LOG_PROGRAM,
};

struct ta_log_head {
	struct ta_slice message;
	struct ta_slice program; /* by its tag, or by marks that only this one sets; else empty */
	enum ta_log_speaker speaker;
	bool stamped; /* with a time: a line of some log */
};

/* Slices of the text. What is no head is the message. */
struct ta_log_head ta_log_head(struct ta_slice text);

#endif
