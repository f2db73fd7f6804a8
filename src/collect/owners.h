/* owners.h - who holds the sockets: from the best source that there is.
 *
 * The kernel's own BPF iterators tell it of a million descriptors in half a second; /proc takes
 * seconds, but needs no privilege, nor 50 ms to load a program. */
#ifndef COLLECT_OWNERS_H
#define COLLECT_OWNERS_H

#include "base/clock.h"
#include "sockets/fold.h"
#include "collect/host.h"
#include "sockets/processes.h"
#include "collect/root.h"
#include "tcpadvise/snapshot.h"

struct ta_owners {
	const struct ta_collect_options *options;
	const struct ta_root *root;
	const struct ta_clock *clock;
	struct ta_bpf_owners *bpf; /* NULL: /proc */
	char reason[512];          /* why this one */
	struct ta_processes processes;
	struct ta_map fds_before; /* descriptors at the first sample: uint32_t by uint32_t pid */
	uint64_t started_us;      /* when that was */
	uint64_t started_ticks;   /* since boot; 0: there was no first sample */
};

/* Chooses the source. */
void ta_owners_open(struct ta_owners *owners, const struct ta_root *root,
		    const struct ta_kernel *kernel, const struct ta_clock *clock,
		    const struct ta_collect_options *options);
void ta_owners_done(struct ta_owners *owners);

/* The first sample: how many descriptors each process has. One that can't be counted has no
 * growth. */
void ta_owners_start(struct ta_owners *owners);

/* Fills the table of processes, before the sockets are folded; what could not be looked at becomes
 * a gap. Fails for want of memory only. */
bool ta_owners_scan(struct ta_owners *owners, struct ta_builder *builder, struct ta_error *err);

/* Before a fold takes its first socket: lets it know the table. */
void ta_owners_introduce(struct ta_owners *owners, struct ta_fold *fold);

/* The fold of a namespace, NULL when its sockets are nobody's business. */
typedef struct ta_fold *(*ta_owners_fold_of)(void *ctx, uint32_t netns);

/* Credits the sockets of all folds to their processes, after the last was folded, and settles the
 * folds. *ret_again: the source failed, another was chosen, and scan, sockets and this are to be
 * done once more. Fails for want of memory. */
bool ta_owners_credit(struct ta_owners *owners, ta_owners_fold_of fold_of, void *ctx,
		      bool *ret_again, struct ta_error *err);

/* "owners_from", "owners_from_reason", "processes_seen", "processes_unreadable" of the collection.
 */
void ta_owners_build_account(const struct ta_owners *owners, struct ta_builder *builder,
			     json_t *about);

#endif
