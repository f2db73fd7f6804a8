/* ruled_out.h - the classes of problems that are ruled out, each told once: what is so in several
 * namespaces is told of the first one, with the number of the others. */
#ifndef REPORT_RULED_OUT_H
#define REPORT_RULED_OUT_H

#include <jansson.h>

/* Of the report's "ruled_out": a new array of { "row": the row, "more": further namespaces }. A
 * sentence that several classes share ("No outgoing destination.") is told once. NULL when memory
 * ran out. */
json_t *ta_ruled_out_groups(const json_t *rows);

#endif
