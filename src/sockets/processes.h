/* processes.h - the table of processes: who holds which socket, and how near its descriptor limit
 * it is.
 *
 * Filled from /proc (proc_scan.h) before the sockets are read, so that each socket is credited to
 * its holders as it streams by, or by the kernel (bpf/owners.h) after them; described in the end,
 * and then only the rows that are worth it. */
#ifndef SOCKETS_PROCESSES_H
#define SOCKETS_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "sockets/close_wait.h"
#include "sockets/heavy.h"
#include "sockets/holders.h"
#include "sockets/naming.h"
#include "sockets/socket.h"
#include "sockets/told.h"
#include "snapshot/builder.h"

enum {
	TA_PROCESSES_MAX = 65536, /* rows; what is above is counted */
	TA_TICKS_PER_S = 100, /* USER_HZ, in which the kernel tells times, on all that we run on */
};

/* What a fold credits to a process. */
struct ta_process_tcp {
	uint32_t states[TA_TCP_STATES], total;
	uint64_t recv_queue_bytes, send_queue_bytes;
	uint32_t opened;     /* since the first sample, at least; of one fold */
	double opened_per_s; /* of all */
	struct ta_close_wait close_wait;
	struct ta_heavy remotes; /* struct ta_endpoint of the CLOSE_WAIT ones */
};

enum {
	TA_PROCESS_SOFT = 1 << 0, /* the limit is known and not "unlimited" */
	TA_PROCESS_HARD = 1 << 1,
	TA_PROCESS_START = 1 << 2,
	TA_PROCESS_FDS = 1 << 3,   /* the descriptors could be counted */
	TA_PROCESS_LINKS = 1 << 4, /* and looked at */
	TA_PROCESS_USER = 1 << 5,  /* uid and real_uid are known */
	TA_PROCESS_THREADS = 1 << 6,
	TA_PROCESS_NPROC = 1 << 7,  /* the limit is known, not "unlimited", and in force */
	TA_PROCESS_BEFORE = 1 << 8, /* fds_before is known */
};

struct ta_process {
	uint64_t nofile_soft, nofile_hard, nproc_soft, start_ticks;
	uint32_t pid, fds, socket_fds;
	uint32_t fds_before; /* at the first sample */
	uint32_t uid, real_uid, threads;
	uint16_t present;
	char name[16];              /* TASK_COMM_LEN */
	struct ta_process_tcp *tcp; /* NULL: no TCP socket was credited */
};

struct ta_processes {
	struct ta_process *rows;
	size_t count, size;
	struct ta_holders holders;
	size_t seen, unreadable; /* kernel threads apart */
	size_t limits_unread; /* processes that hold descriptors, of which the limits could not be
				 read */
	struct ta_map users;  /* threads of all processes, by real user */
	size_t unattributed;  /* processes whose user or threads could not be read */
	double window_s;      /* since the first sample; 0: there was none */
	size_t beyond;        /* processes that found no row; they count as unreadable */
	const char *stopped;  /* why not all descriptors were looked at; NULL: they were */
};

void ta_processes_init(struct ta_processes *processes);
void ta_processes_done(struct ta_processes *processes);

/* Whether the table is full. If so the process is counted as one that was not looked into. */
bool ta_processes_is_full(struct ta_processes *processes);

/* A new row, empty, behind the last: it counts once the caller has raised processes->count. NULL
 * when memory ran out. */
struct ta_process *ta_processes_next_row(struct ta_processes *processes);

/* Whether some process or descriptor could not be looked into, so that a socket without a holder
 * may have one. */
bool ta_processes_are_hidden(const struct ta_processes *processes);

/* Whether RLIMIT_NPROC is held against a process with this set of effective capabilities. */
bool ta_process_is_nproc_held(uint32_t real_uid, uint64_t capabilities);

/* Adds the threads of a process to those of its user; false when memory ran out. */
bool ta_processes_add_user(struct ta_processes *processes, const struct ta_process *process);

/* Adds to the counts of a process, and takes what is added (from malloc()) over. */
void ta_processes_add_tcp(struct ta_processes *processes, uint32_t process,
			  struct ta_process_tcp *counts);

/* Threads of the process' user over all processes that were seen; false when one of them could not
 * be counted: it might be his. */
bool ta_processes_user_threads(const struct ta_processes *processes,
			       const struct ta_process *process, uint64_t *ret);

/* Members "processes" and "processes_left_out" of the document; told is what is known of their TCP
 * sockets, NULL: nothing. */
void ta_processes_build(const struct ta_processes *processes, const struct ta_naming *naming,
			const struct ta_told *told, struct ta_builder *builder);

#endif
