/* exposition.h - metrics in the text exposition format 0.0.4 of Prometheus, as node_exporter's
 * textfile collector takes them: HELP and TYPE once a family, its samples together, sorted, no
 * two with the same labels, no timestamps. A family without a sample is not there at all. */
#ifndef REPORT_EXPOSITION_H
#define REPORT_EXPOSITION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct ta_exposition {
	struct ta_buf *out;
	const char *name, *help; /* of the family that is being written */
	struct ta_sample *samples;
	size_t count, room;
	struct ta_buf labels; /* of the next sample */
	bool failed;          /* memory ran out */
};

void ta_exposition_init(struct ta_exposition *exposition, struct ta_buf *out);
void ta_exposition_done(struct ta_exposition *exposition);

/* Begins a family of gauges. The name is without "tcpadvise_"; both texts are ours. HELP is never
 * translated: node_exporter drops a family that has two of them. */
void ta_exposition_begin(struct ta_exposition *exposition, const char *name, const char *help);

/* A label of the next sample. The value is foreign: it is made one line of UTF-8, escaped, and cut
 * when it is long. NULL or "": no label. */
void ta_exposition_label(struct ta_exposition *exposition, const char *name, const char *value);

/* Of samples with the same labels the first counts. */
void ta_exposition_sample(struct ta_exposition *exposition, double value);

/* Writes the family. */
void ta_exposition_end(struct ta_exposition *exposition);

#endif
