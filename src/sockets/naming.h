/* naming.h - who is behind a process or a control group: a live host tells, captured text does not.
 *
 * The rows of the document are made of what the sockets say; whoever knows more of their owners
 * adds it here. */
#ifndef SOCKETS_NAMING_H
#define SOCKETS_NAMING_H

#include <stdint.h>

#include "snapshot/builder.h"

/* A call that is NULL adds nothing. */
struct ta_naming {
	void *ctx;
	/* Unit, container and pod of the process, or of the control group, that is behind a
	 * listener or a destination. */
	void (*owner)(void *ctx, uint32_t pid, struct ta_builder *builder, json_t *row);
	void (*group)(void *ctx, uint64_t id, struct ta_builder *builder, json_t *row);
	/* What else is known of a row of "processes". */
	void (*process)(void *ctx, uint32_t pid, struct ta_builder *builder, json_t *row);
};

#endif
