/* state_counts.h - sockets by state, as members of an object named as in the schema. */
#ifndef SOCKETS_STATE_COUNTS_H
#define SOCKETS_STATE_COUNTS_H

#include <string.h>

#include "sockets/socket.h"
#include "snapshot/builder.h"

/* states has TA_TCP_STATES counts; without names the states that are left out, or is NULL. */
static inline void ta_state_counts_build(const uint32_t *states, const char *without,
					 struct ta_builder *builder, json_t *object)
{
	for (unsigned state = 0; state < TA_TCP_STATES; state++) {
		const char *name = ta_tcp_state_name(state);

		if (name && (!without || !strstr(without, name)))
			ta_build_uint(builder, object, name, states[state]);
	}
}

#endif
