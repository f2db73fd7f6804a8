/* sockets.h - all TCP sockets of the namespace, from the best source that there is, into a fold. */
#ifndef COLLECT_SOCKETS_H
#define COLLECT_SOCKETS_H

#include "sockets/fold.h"
#include "collect/host.h"
#include "collect/netlink.h"
#include "collect/root.h"
#include "tcpadvise/snapshot.h"

/* Whether merely bound sockets were seen, and if not, why. */
enum ta_bound {
	TA_BOUND_NOT_TOLD, /* the source does not tell them */
	TA_BOUND_NOT_ASKED,
	TA_BOUND_KNOWN,
};

struct ta_sockets {
	const struct ta_collect_options *options;
	const struct ta_root *root;
	const struct ta_netlink_bytes *bytes; /* instead of a netlink socket; NULL: a real one */
	struct ta_netlink netlink;
	bool by_family; /* the kernel refuses to dump both families in one walk */
	bool use_proc;
	char reason[512];  /* why it is not sock_diag */
	unsigned restarts; /* of whole dumps */
	bool interrupted;  /* the last one was, too */
	size_t malformed;  /* answers or lines that made no sense */
	enum ta_bound bound;
	int failed_v4, failed_v6; /* errno of /proc/net/tcp{,6} */
	struct ta_kernel kernel;
};

/* Chooses the source. */
void ta_sockets_open(struct ta_sockets *sockets, const struct ta_root *root,
		     const struct ta_kernel *kernel, const struct ta_collect_options *options,
		     const struct ta_netlink_bytes *bytes);
void ta_sockets_done(struct ta_sockets *sockets);

/* Folds all sockets. When the source turns out to be unusable it is changed for /proc/net/tcp.
 * Fails for want of memory. */
bool ta_sockets_fold(struct ta_sockets *sockets, struct ta_fold *fold, struct ta_error *err);

/* Asks the kernel, one by one, how long the peers of the CLOSE_WAIT sockets that the fold kept have
 * been silent. What it does not tell stays unknown. */
void ta_sockets_ask_silence(struct ta_sockets *sockets, struct ta_fold *fold);

/* Whether the last reading saw all sockets: nothing is said of them otherwise. */
bool ta_sockets_known(const struct ta_sockets *sockets);

/* Says what the source could not tell. */
void ta_sockets_build_gaps(const struct ta_sockets *sockets, struct ta_builder *builder);

#endif
