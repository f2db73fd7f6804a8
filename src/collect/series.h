/* series.h - how counters grow while the collector waits for its second sample.
 *
 * It has to wait in any case: meanwhile it reads the cheap files now and then. Of few namespaces,
 * few times, and of a live host only: a recorded one stands still. */
#ifndef COLLECT_SERIES_H
#define COLLECT_SERIES_H

#include <jansson.h>
#include <stdint.h>

#include "collect/root.h"
#include "snapshot/builder.h"

enum {
	TA_SERIES_SPACES_MAX = 8,
	TA_SERIES_POINTS_MAX = 20,
	TA_SERIES_STEP_MS = 100,     /* no shorter interval */
	TA_SERIES_WINDOW_MIN = 1000, /* nor a shorter wait */
};

/* How often to read while waiting for so long; 0: not at all. */
unsigned ta_series_points(uint64_t wait_ms);

/* Of one namespace. All is jansson's: {"Tcp.InSegs": [5.0, ...]}. */
struct ta_series {
	json_t *at_s, *counters, *gauges;
	json_t *before; /* counters of the reading before */
	uint64_t started_us, read_us;
	size_t points;
};

/* Reads the files of the namespace that the thread is in: a point, but for the first time, which a
 * point needs before it. */
void ta_series_read(struct ta_series *series, const struct ta_root *root,
		    struct ta_builder *builder, uint64_t now_us);

/* Member "series" of the namespace: what moved, and is known at each point. Nothing without two
 * points. */
void ta_series_build(struct ta_series *series, struct ta_builder *builder, json_t *namespace_);
void ta_series_done(struct ta_series *series);

#endif
