/* headroom.h - how much room there is, now and under assumptions. */
#ifndef ADVICE_HEADROOM_H
#define ADVICE_HEADROOM_H

#include <jansson.h>

/* A new reference: the rows of "headroom" (what_if of report.schema.json), one for each limit that
 * is not the same in both snapshots, the fullest first. NULL when memory ran out. */
json_t *ta_headroom(const json_t *now, const json_t *then);

#endif
