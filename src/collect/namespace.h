/* namespace.h - what is told of one network namespace, from its first sample to its rows.
 *
 * Each step is a call of its own, so that collect.c can take it of all namespaces before the next:
 * they share one wait, one look at the processes, and rows that are built when all sockets of all
 * of them are known. What reads (all but the last step) reads the namespace that the thread is in.
 */
#ifndef COLLECT_NAMESPACE_H
#define COLLECT_NAMESPACE_H

#include "base/clock.h"
#include "sockets/fold.h"
#include "collect/host.h"
#include "collect/interfaces.h"
#include "collect/naming.h"
#include "collect/netns.h"
#include "collect/owners.h"
#include "collect/series.h"
#include "sockets/ports.h"
#include "collect/sockets.h"
#include "tcpadvise/snapshot.h"

/* What all namespaces have in common. */
struct ta_survey {
	const struct ta_collect_options *options;
	const struct ta_clock *clock;
	struct ta_root root;
	struct ta_kernel kernel;
	struct ta_builder builder;
	json_t *namespaces; /* the array of the document, borrowed */
	struct ta_netns_set netns;
	struct ta_owners owners;
	struct ta_cgroup_tree tree;
	struct ta_live_naming naming; /* open while rows are built */
	struct ta_seen seen;          /* connections of the first sample */
};

/* It must not be moved while it is open: its parts know each other by their addresses. */
struct ta_namespace {
	struct ta_netns *netns;
	json_t *object; /* borrowed from the document */
	struct ta_ports ports;
	struct ta_sockets sockets;
	struct ta_fold earlier, fold; /* of samples 1 and 2 */
	bool earlier_known;           /* sample 1 saw all sockets */
	json_t *counters_before;      /* sample 1 */
	struct ta_interfaces interfaces_before;
	struct ta_series series; /* of the time between them */
	uint64_t counted_us,
		drained_us; /* when sample 1 of the counters, of the sockets was taken */
	double window_s;    /* to the counters of sample 2; 0: one sample */
	double drain_s;     /* to the sockets of sample 2 */
};

/* Its row with its name, its ephemeral ports, the source of its sockets; and when two samples are
 * wanted the first: sockets and counters, to be compared with those after the wait. Fails for want
 * of memory. */
bool ta_namespace_open(struct ta_namespace *space, struct ta_survey *survey, struct ta_error *err);
void ta_namespace_done(struct ta_namespace *space);

/* A look at the cheap counters while waiting: a point of the series. */
bool ta_namespace_watch(struct ta_namespace *space, struct ta_survey *survey, struct ta_error *err);

/* Counters, their growth since the first sample, tunables. Fails for want of memory. */
bool ta_namespace_count(struct ta_namespace *space, struct ta_survey *survey, struct ta_error *err);

/* All its sockets, into the fold, and the age of those in CLOSE_WAIT; the processes that are known
 * to hold them are credited. May be done again. Fails for want of memory. */
bool ta_namespace_drain(struct ta_namespace *space, struct ta_survey *survey, struct ta_error *err);

/* The rows of the document that the fold makes, and what its source could not tell. The folds are
 * given back: a snapshot may be of a thousand namespaces. */
void ta_namespace_build(struct ta_namespace *space, struct ta_survey *survey);

#endif
