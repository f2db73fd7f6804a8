/* conntrack.h - the connection-tracking table of the namespace and what its statistics count.
 *
 * A host without nf_conntrack has neither, which is no gap: nothing there can be full. Reading the
 * files of /proc loads no module; they are there when it is. */
#ifndef COLLECT_CONNTRACK_H
#define COLLECT_CONNTRACK_H

#include "collect/root.h"
#include "snapshot/builder.h"

/* Member "conntrack" of the namespace. */
void ta_conntrack_build(const struct ta_root *root, struct ta_builder *builder, json_t *namespace_);

/* Member "conntrack" of the counters; a gap when gaps are wanted (not again for a second sample).
 */
void ta_conntrack_count(const struct ta_root *root, bool gaps, struct ta_builder *builder,
			json_t *counters);

#endif
