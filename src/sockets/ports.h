/* ports.h - the ephemeral range, and sets of ports as bit maps. */
#ifndef SOCKETS_PORTS_H
#define SOCKETS_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot/builder.h"

struct ta_port_set {
	uint8_t bits[65536 / 8];
};

static inline void ta_port_set_add(struct ta_port_set *set, uint16_t port)
{
	set->bits[port / 8] |= (uint8_t)(1 << port % 8);
}

static inline bool ta_port_set_has(const struct ta_port_set *set, uint16_t port)
{
	return set->bits[port / 8] >> port % 8 & 1;
}

struct ta_ports {
	bool range_known, reserved_known;
	uint16_t low, high;
	struct ta_port_set reserved;
};

static inline bool ta_ports_in_range(const struct ta_ports *ports, uint16_t port)
{
	return ports->range_known && port >= ports->low && port <= ports->high;
}

/* "8080,9148-9150", as the kernel prints it; false when it is no such list. */
bool ta_ports_parse_list(const char *text, size_t len, struct ta_port_set *ret);

/* "32768	60999", as the kernel prints it; false when it is no such range. */
bool ta_ports_parse_range(const char *text, size_t len, uint16_t *ret_low, uint16_t *ret_high);

/* The object "ports" of a namespace. held are the ports of sockets that listen or are merely
 * bound (NULL: not known), listening those that listen. What one destination can use; -1 when that
 * is not known. */
int64_t ta_ports_build(const struct ta_ports *ports, const struct ta_port_set *held,
		       const struct ta_port_set *listening, struct ta_builder *builder,
		       json_t *namespace_);

#endif
