/* softnet.h - /proc/net/softnet_stat: packets between device and stack, one line a processor. */
#ifndef COLLECT_SOFTNET_H
#define COLLECT_SOFTNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collect/root.h"
#include "snapshot/builder.h"

struct ta_softnet {
	uint64_t processed, dropped, time_squeeze, flow_limit; /* all processors together */
	bool flow_limit_known;
	uint32_t *by_cpu; /* processed, line by line: the processors that are online */
	size_t cpus;
};

/* Returns 0 or an errno; EINVAL: not the form that the kernel prints. */
int ta_softnet_parse(const char *text, size_t len, struct ta_softnet *ret);
int ta_softnet_read(const struct ta_root *root, struct ta_softnet *ret);
void ta_softnet_done(struct ta_softnet *softnet);

/* Member "softnet" of the host's counters. */
void ta_softnet_build(const struct ta_softnet *softnet, struct ta_builder *builder,
		      json_t *counters);

/* Whether both have the same processors. One that came between them would look like growth. */
bool ta_softnet_comparable(const struct ta_softnet *before, const struct ta_softnet *after);

/* What the processor took that took most between the two; false when that can't be told. */
bool ta_softnet_busiest(const struct ta_softnet *before, const struct ta_softnet *after,
			uint64_t *ret);

#endif
