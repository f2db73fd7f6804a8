/* owners.h - who holds which TCP socket, told by the kernel itself: BPF iterators over tasks and
 * descriptors (owners.bpf.c), some hundred nanoseconds a descriptor where /proc takes some
 * microseconds.
 *
 * Needs a kernel from 5.11 on with BTF, CAP_BPF and CAP_PERFMON (or CAP_SYS_ADMIN), and libbpf,
 * which is loaded when it is wanted. Nothing stays behind: programs and links end with their
 * descriptors, nothing is pinned. */
#ifndef COLLECT_BPF_OWNERS_H
#define COLLECT_BPF_OWNERS_H

#include <stdbool.h>
#include <stdint.h>

#include "sockets/processes.h"
#include "sockets/socket.h"
#include "tcpadvise/error.h"

struct ta_bpf_owners;

/* Loads the programs; NULL, and why in *err, when that can't be. */
struct ta_bpf_owners *ta_bpf_owners_open(struct ta_error *err);
void ta_bpf_owners_done(struct ta_bpf_owners *owners);

/* Fills the table with all processes, kernel threads apart, but for their descriptors. */
bool ta_bpf_owners_processes(struct ta_bpf_owners *owners, struct ta_processes *ret,
			     struct ta_error *err);

/* The processes that the kernel told, kernel threads and zombies too: a map by uint32_t pid. A
 * security module may hide some. */
const struct ta_map *ta_bpf_owners_known(const struct ta_bpf_owners *owners);

/* A socket that a process of the table holds, once for each of its descriptors. */
struct ta_bpf_claim {
	struct ta_socket socket;
	uint32_t netns;   /* inode of the socket's network namespace */
	uint32_t process; /* in the table */
	bool sole;        /* no other process holds it, and this one has no second descriptor */
	bool of_thread;   /* of a thread with a table of its own: the claims of one process may
			     come apart from each other */
};

/* Takes one; false ends the stream. */
typedef bool (*ta_bpf_claim_sink)(void *ctx, const struct ta_bpf_claim *claim);

/* Looks at all descriptors: counts them in the rows of the table, hands the TCP sockets to the
 * sink. A process that came after the table was filled is left out. */
bool ta_bpf_owners_sockets(struct ta_bpf_owners *owners, struct ta_processes *processes,
			   ta_bpf_claim_sink sink, void *ctx, struct ta_error *err);

#endif
