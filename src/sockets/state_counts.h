/* state_counts.h - sockets by state, as members of an object named as in the schema. */
#ifndef SOCKETS_STATE_COUNTS_H
#define SOCKETS_STATE_COUNTS_H

#include "sockets/socket.h"
#include "snapshot/builder.h"

/* states has TA_TCP_STATES counts; which are told, a bit each. */
static inline void ta_state_counts_build(const uint32_t *states, uint32_t which,
					 struct ta_builder *builder, json_t *object)
{
	for (unsigned state = 0; state < TA_TCP_STATES; state++) {
		const char *name = ta_tcp_state_name(state);

		if (name && (which >> state & 1))
			ta_build_uint(builder, object, name, states[state]);
	}
}

#endif
