/* interfaces.h - the interfaces of the namespace: /proc/net/dev, and what only the live kernel
 * tells.
 */
#ifndef COLLECT_INTERFACES_H
#define COLLECT_INTERFACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collect/qdisc.h"
#include "collect/root.h"
#include "snapshot/builder.h"
#include "snapshot/proc_net.h"

/* One sample. */
struct ta_interfaces {
	struct ta_interface *rows;
	size_t count;
	size_t odd;      /* lines that were not understood */
	size_t left_out; /* lines above the cap */
	struct ta_qdiscs qdiscs;
	int qdiscs_failed; /* errno: they are not known */
};

/* Returns 0 or an errno. */
int ta_interfaces_parse(const char *text, size_t len, struct ta_interfaces *ret);
int ta_interfaces_read(const struct ta_root *root, struct ta_interfaces *ret);
void ta_interfaces_done(struct ta_interfaces *interfaces);

/* Member "interfaces" of the namespace; growth per second when window_s is above 0. */
void ta_interfaces_build(const struct ta_root *root, const struct ta_interfaces *before,
			 double window_s, struct ta_builder *builder, json_t *namespace_);

#endif
