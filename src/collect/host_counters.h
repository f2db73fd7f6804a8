/* host_counters.h - what the kernel counts once for the whole host: packets between device and
 * stack, and overflows of the neighbour tables. */
#ifndef COLLECT_HOST_COUNTERS_H
#define COLLECT_HOST_COUNTERS_H

#include "collect/root.h"
#include "collect/softnet.h"
#include "snapshot/builder.h"

/* One sample. */
struct ta_host_counters {
	json_t *groups; /* softnet, arp, ndisc: as in the schema */
	struct ta_softnet softnet;
};

/* Sample 1: nothing but the figures. False for want of memory. */
bool ta_host_counters_start(const struct ta_root *root, struct ta_builder *builder,
			    struct ta_host_counters *ret);
void ta_host_counters_done(struct ta_host_counters *counters);

/* Members "neighbours", "counters" and, after a sample 1, "rates" of the host. first_netns: we are
 * in the initial network namespace for sure, so that what it lacks is not hidden from us. */
void ta_host_counters_build(const struct ta_root *root, const struct ta_host_counters *before,
			    double window_s, bool first_netns, struct ta_builder *builder,
			    json_t *host);

#endif
