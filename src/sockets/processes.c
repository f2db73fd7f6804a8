/* processes.c - see processes.h. */
#include "sockets/processes.h"

#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"

void ta_processes_init(struct ta_processes *processes)
{
	*processes = (struct ta_processes){ .rows = NULL };
	ta_map_init(&processes->users, sizeof(uint32_t), sizeof(uint64_t), TA_PROCESSES_MAX);
}

void ta_processes_done(struct ta_processes *processes)
{
	for (size_t i = 0; i < processes->count; i++)
		free(processes->rows[i].tcp);
	free(processes->rows);
	ta_holders_done(&processes->holders);
	ta_map_done(&processes->users);
	*processes = (struct ta_processes){ .rows = NULL };
}

bool ta_processes_is_full(struct ta_processes *processes)
{
	if (processes->count < TA_PROCESSES_MAX)
		return false;
	processes->seen++;
	processes->unreadable++;
	processes->beyond++;
	return true;
}

bool ta_processes_are_hidden(const struct ta_processes *processes)
{
	return processes->unreadable || processes->holders.beyond;
}

struct ta_process *ta_processes_next_row(struct ta_processes *processes)
{
	if (!ta_array_room(&processes->rows, processes->count, &processes->size,
			   sizeof(*processes->rows)))
		return NULL;
	memset(&processes->rows[processes->count], 0, sizeof(*processes->rows));
	return &processes->rows[processes->count];
}

/* ---- TCP sockets ---- */

static void add_tcp(struct ta_process_tcp *to, const struct ta_process_tcp *from)
{
	to->total += from->total;
	for (unsigned state = 0; state < TA_TCP_STATES; state++)
		to->states[state] += from->states[state];
	to->recv_queue_bytes += from->recv_queue_bytes;
	to->send_queue_bytes += from->send_queue_bytes;
	to->opened_per_s += from->opened_per_s;
	ta_close_wait_add(&to->close_wait, &from->close_wait);
	ta_heavy_merge(&to->remotes, &from->remotes);
}

void ta_processes_add_tcp(struct ta_processes *processes, uint32_t process,
			  struct ta_process_tcp *counts)
{
	struct ta_process *row = &processes->rows[process];

	if (!row->tcp) {
		row->tcp = counts;
		return;
	}
	add_tcp(row->tcp, counts);
	free(counts);
}

/* ---- users ---- */

/* copy_process() in kernel/fork.c lets the initial root user, and who has either capability, go
 * beyond it. */
bool ta_process_is_nproc_held(uint32_t real_uid, uint64_t capabilities)
{
	const uint64_t exempt = UINT64_C(1) << CAP_SYS_RESOURCE | UINT64_C(1) << CAP_SYS_ADMIN;

	return real_uid != 0 && !(capabilities & exempt);
}

/* What RLIMIT_NPROC counts: the tasks of the real user, those of zombies included. */
bool ta_processes_add_user(struct ta_processes *processes, const struct ta_process *process)
{
	uint64_t *threads;

	if (!(process->present & TA_PROCESS_USER) || !(process->present & TA_PROCESS_THREADS)) {
		processes->unattributed++;
		return true;
	}
	threads = ta_map_put(&processes->users, &process->real_uid, NULL);
	if (threads)
		*threads += process->threads;
	else if (processes->users.count == processes->users.limit)
		processes->unattributed++;
	else
		return false;
	return true;
}

bool ta_processes_user_threads(const struct ta_processes *processes,
			       const struct ta_process *process, uint64_t *ret)
{
	const uint64_t *threads = NULL;

	if (!processes->unattributed && (process->present & TA_PROCESS_USER))
		threads = ta_map_get(&processes->users, &process->real_uid);
	if (threads)
		*ret = *threads;
	return threads;
}
