/* port_range.h - the ephemeral range of the namespace and what is reserved of it. */
#ifndef COLLECT_PORT_RANGE_H
#define COLLECT_PORT_RANGE_H

#include "collect/root.h"
#include "sockets/ports.h"

/* Reads both; what is not to be had becomes a gap. */
void ta_ports_read(const struct ta_root *root, struct ta_ports *ret, struct ta_builder *builder);

#endif
