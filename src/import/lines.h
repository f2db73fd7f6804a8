/* lines.h - captured bytes as lines, freed of what terminals, mails and tickets put around them. */
#ifndef IMPORT_LINES_H
#define IMPORT_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "import/bytes.h"
#include "import/line.h"

struct ta_lines {
	struct ta_bytes bytes;
	uint64_t number;
	size_t at, end; /* of data: what is read and not yet given out */
	bool ended;
	bool pass_over; /* the line that was given out last goes on */
	int failed; /* errno that ended the bytes; a line that they break off in is not given out */
	char data[2 * TA_LINE_MAX];
};

void ta_lines_start(struct ta_lines *lines, struct ta_bytes bytes);

/* The next line, good until the next call; false at the end. Of a line that is longer than
 * TA_LINE_MAX the rest is passed over. */
bool ta_lines_next(struct ta_lines *lines, struct ta_line *ret);

#endif
