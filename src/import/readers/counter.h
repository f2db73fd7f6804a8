/* counter.h - a counter of the kernel, from whichever format named it. */
#ifndef IMPORT_READERS_COUNTER_H
#define IMPORT_READERS_COUNTER_H

#include "import/reader.h"

/* Notes a counter of namespaces[].counters by its group ("TcpExt") and its name there. One that no
 * rule can ask for is left out: TA_EMPTY. TA_WRONG when the value is no number that fits. */
enum ta_take ta_note_counter(struct ta_reading *reading, const struct ta_line *line,
			     const char *group, struct ta_slice name, struct ta_slice value);

/* TA_WRONG, and why: a constant. */
static inline enum ta_take ta_wrong(struct ta_reading *reading, const char *why)
{
	reading->wrong = why;
	return TA_WRONG;
}

#endif
