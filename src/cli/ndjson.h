/* ndjson.h - JSON documents one a line, from a file or pipe that may never end: in memory are the
 * line at hand and what one reading brings. */
#ifndef CLI_NDJSON_H
#define CLI_NDJSON_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/slice.h"

struct ta_ndjson {
	int fd;             /* borrowed */
	const char *name;   /* for messages; borrowed */
	size_t line_max;    /* bytes */
	struct ta_buf text; /* read and not yet passed by */
	size_t given;       /* bytes of text that are the caller's: the last line, or read */
	int line;           /* its number, from 1 */
	bool ended,
		passing; /* no more to read; the rest of a line that was too long is in the way */
};

void ta_ndjson_init(struct ta_ndjson *reader, int fd, const char *name, size_t line_max);
void ta_ndjson_done(struct ta_ndjson *reader);

/* What it begins with, blanks apart: empty when there is nothing else. Takes nothing. */
bool ta_ndjson_peek(struct ta_ndjson *reader, struct ta_slice *ret, struct ta_error *err);

/* Whether there is a document a line: the first line is a whole one, or where the second one
 * begins, the first can't go on. Looks ahead, takes nothing. */
bool ta_ndjson_detect(struct ta_ndjson *reader, bool *ret_is, struct ta_error *err);

/* The next line that is not blank, valid until the next call; without data at the end. False for
 * one that is too long (TA_E_LIMIT), behind which it goes on, and when reading failed: the end. */
bool ta_ndjson_next(struct ta_ndjson *reader, struct ta_slice *ret, struct ta_error *err);

/* Its bytes as they come, of a reader that has given no line: as read(2) does. */
ssize_t ta_ndjson_read(struct ta_ndjson *reader, void *buf, size_t size);

/* All that is left, as one text. */
bool ta_ndjson_rest(struct ta_ndjson *reader, struct ta_slice *ret, struct ta_error *err);

#endif
