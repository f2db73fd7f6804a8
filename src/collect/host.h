/* host.h - facts of the whole host, and what kind of place the tool runs in. */
#ifndef COLLECT_HOST_H
#define COLLECT_HOST_H

#include "collect/root.h"
#include "snapshot/builder.h"

struct ta_kernel {
	unsigned major, minor;
	bool known;
	char release[128];
};

/* Members of the object "host" but for sysctl and tcp; what can't be read becomes a gap. */
void ta_host_build(const struct ta_root *root, struct ta_builder *builder, json_t *object,
		   struct ta_kernel *ret_kernel);

/* Whether the network namespace is the initial one for sure; of a kernel before 4.15 that is never
 * said. */
bool ta_netns_is_first(const struct ta_root *root, const struct ta_kernel *kernel);

#endif
