/* error_message.h - the error that the message of a program tells. */
#ifndef IMPORT_READERS_ERROR_MESSAGE_H
#define IMPORT_READERS_ERROR_MESSAGE_H

#include "import/readers/error_forms.h"

struct ta_error_message {
	struct ta_slice text; /* without its head: log_head.h */
	bool whole; /* a line of a log, or all of the line: more than a piece of a sentence */
};

enum ta_error_verdict {
	TA_ERROR_NONE,
	TA_ERROR_TOLD,
	TA_ERROR_CONTRADICTS, /* number and text are of different errors */
};

/* program: who speaks, where the head told; else it is looked for in the message. */
enum ta_error_verdict ta_error_message_read(const struct ta_error_message *message,
					    struct ta_slice program, struct ta_error_told *ret);

#endif
