/* qdisc.h - the root queueing discipline of each interface, as rtnetlink lists them. */
#ifndef COLLECT_QDISC_H
#define COLLECT_QDISC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot/proc_net.h"

enum { TA_QDISC_KIND = 16 }; /* IFNAMSIZ, as the kernel bounds it */

struct ta_qdisc {
	uint32_t ifindex;
	char kind[TA_QDISC_KIND]; /* of letters, digits and '_' */
	bool counted;             /* the figures are known */
	uint64_t figures[TA_QDISC_FIGURES];
};

/* One sample. */
struct ta_qdiscs {
	struct ta_qdisc *rows;
	size_t count, size;
};

/* Those of the namespace of the caller; 0 or an errno. */
int ta_qdiscs_read(struct ta_qdiscs *ret);
void ta_qdiscs_done(struct ta_qdiscs *qdiscs);

/* NULL: the kernel lists none. */
const struct ta_qdisc *ta_qdiscs_find(const struct ta_qdiscs *qdiscs, uint32_t ifindex);

/* The payload of one answer; false when it is no root, or not to be understood. */
bool ta_qdisc_decode(const void *payload, size_t len, struct ta_qdisc *ret);

#endif
