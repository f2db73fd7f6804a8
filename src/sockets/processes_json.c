/* processes_json.c - the rows of processes.c as JSON, and which of them are worth a row. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sockets/close_wait.h"
#include "sockets/processes.h"
#include "sockets/state_counts.h"

enum { ROWS_SHOWN = 200 };

/* ---- which ones ---- */

struct candidate {
	const struct ta_process *process;
	double use;   /* descriptors, as a part of the limit */
	double worth; /* what earns it a row, when there are too many */
};

static double part(double of, double whole)
{
	return whole > 0 ? of / whole : 0;
}

static int compare_double(double a, double b)
{
	return (a < b) - (a > b); /* the larger one first */
}

static int by_worth(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int order = compare_double(x->worth, y->worth);

	return order ? order : (int)x->process->pid - (int)y->process->pid;
}

static int by_use(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int order = compare_double(x->use, y->use);

	return order ? order : (int)x->process->pid - (int)y->process->pid;
}

/* Where there are more processes than rows, one near its limit of descriptors earns a row, and so
 * does one with much of the host's TCP sockets, of those in CLOSE_WAIT, or of the tasks that its
 * user may have: the largest of the parts counts. */
static void weigh(struct candidate *candidate, double all_tcp, double all_close_wait)
{
	const struct ta_process *process = candidate->process;
	double tcp, close_wait;

	if ((process->present & TA_PROCESS_FDS) && (process->present & TA_PROCESS_SOFT))
		candidate->use = part(process->fds, (double)process->nofile_soft);
	candidate->worth = candidate->use;
	if ((process->present & TA_PROCESS_THREADS) && (process->present & TA_PROCESS_NPROC) &&
	    part(process->threads, (double)process->nproc_soft) > candidate->worth)
		candidate->worth = part(process->threads, (double)process->nproc_soft);
	if (!process->tcp)
		return;
	tcp = part(process->tcp->total, all_tcp);
	close_wait = part(process->tcp->close_wait.total, all_close_wait);
	if (tcp > candidate->worth)
		candidate->worth = tcp;
	if (close_wait > candidate->worth)
		candidate->worth = close_wait;
}

/* One without descriptors holds nothing and is near no limit of them. */
static bool is_idle(const struct ta_process *process)
{
	return (process->present & TA_PROCESS_FDS) && !process->fds;
}

/* All processes but the idle ones, at the front the rows to show, in their order. NULL when memory
 * ran out. */
static struct candidate *choose(const struct ta_processes *processes, size_t *ret_count)
{
	struct candidate *all = calloc(processes->count + 1, sizeof(*all));
	double tcp = 0, close_wait = 0;
	size_t count = 0;

	if (!all)
		return NULL;
	for (size_t i = 0; i < processes->count; i++) {
		const struct ta_process *process = &processes->rows[i];

		if (is_idle(process))
			continue;
		all[count++].process = process;
		if (process->tcp) {
			tcp += process->tcp->total;
			close_wait += process->tcp->close_wait.total;
		}
	}
	for (size_t i = 0; i < count; i++)
		weigh(&all[i], tcp, close_wait);
	qsort(all, count, sizeof(*all), by_worth);
	qsort(all, count < ROWS_SHOWN ? count : ROWS_SHOWN, sizeof(*all), by_use);
	*ret_count = count;
	return all;
}

/* ---- one row ---- */

static void build_limits(struct ta_builder *builder, const struct ta_process *process, json_t *row)
{
	if (process->present & TA_PROCESS_FDS)
		ta_build_uint(builder, row, "fds", process->fds);
	if (process->present & TA_PROCESS_SOFT)
		ta_build_uint(builder, row, "nofile_soft", process->nofile_soft);
	if (process->present & TA_PROCESS_HARD)
		ta_build_uint(builder, row, "nofile_hard", process->nofile_hard);
	if (process->present & TA_PROCESS_LINKS)
		ta_build_uint(builder, row, "socket_fds", process->socket_fds);
}

static void build_tasks(struct ta_builder *builder, const struct ta_processes *processes,
			const struct ta_process *process, json_t *row)
{
	uint64_t user_threads;

	if (process->present & TA_PROCESS_THREADS)
		ta_build_uint(builder, row, "threads", process->threads);
	if (process->present & TA_PROCESS_NPROC)
		ta_build_uint(builder, row, "nproc_soft", process->nproc_soft);
	if (ta_processes_user_threads(processes, process, &user_threads))
		ta_build_uint(builder, row, "user_threads", user_threads);
}

static void build_growth(struct ta_builder *builder, const struct ta_processes *processes,
			 const struct ta_process *process, json_t *row)
{
	double growth = (double)process->fds - process->fds_before;

	if ((process->present & TA_PROCESS_BEFORE) && (process->present & TA_PROCESS_FDS))
		ta_build_real(builder, row, "fds_per_s", growth / processes->window_s);
}

static void build_tcp(struct ta_builder *builder, const struct ta_process *process,
		      const struct ta_told *told, bool two_samples, json_t *row)
{
	static const struct ta_process_tcp nothing;
	const struct ta_process_tcp *tcp = process->tcp;
	char text[TA_ENDPOINT_TEXT];
	const struct ta_heavy_slot *top;
	struct ta_endpoint remote;
	json_t *object;

	if (!tcp)
		tcp = &nothing; /* counted, and there were none */
	if (ta_told_full(told, TA_ALL_STATES))
		ta_build_uint(builder, row, "tcp_sockets", tcp->total);
	if (ta_told_full(told, TA_NOT_LISTEN) &&
	    ta_told_has(told, TA_NOT_LISTEN, TA_SOCKET_QUEUES)) {
		ta_build_uint(builder, row, "recv_queue_bytes", tcp->recv_queue_bytes);
		ta_build_uint(builder, row, "send_queue_bytes", tcp->send_queue_bytes);
	}
	if (two_samples)
		ta_build_real(builder, row, "opened_per_s", tcp->opened_per_s);
	object = ta_build_object(builder, row, "states");
	ta_state_counts_build(tcp->states, told->seen, builder, object);
	if (!(told->seen >> TA_TCP_CLOSE_WAIT & 1))
		return;
	object = ta_build_object(builder, row, "close_wait");
	ta_close_wait_build(&tcp->close_wait, told, builder, object);
	ta_build_uint(builder, object, "shared", tcp->close_wait.shared);
	top = ta_heavy_top(&tcp->remotes);
	if (!top->count)
		return;
	memcpy(&remote, top->key, sizeof(remote));
	if (remote.port)
		ta_endpoint_format(&remote, text, sizeof(text));
	else
		ta_address_format(remote.address, text, sizeof(text));
	ta_build_text(builder, object, "top_remote", text);
	ta_build_uint(builder, object, "top_remote_count", top->count - top->error);
}

/* What the rows have in common. */
struct rows {
	const struct ta_processes *processes;
	const struct ta_naming *naming;
	const struct ta_told *told;
	struct ta_builder *builder;
};

static void build_row(const struct rows *rows, const struct ta_process *process, json_t *row)
{
	struct ta_builder *builder = rows->builder;

	ta_build_uint(builder, row, "pid", process->pid);
	ta_build_text(builder, row, "name", process->name);
	if (process->present & TA_PROCESS_USER)
		ta_build_uint(builder, row, "uid", process->uid);
	if (process->present & TA_PROCESS_START)
		ta_build_uint(builder, row, "start_ticks", process->start_ticks);
	build_limits(builder, process, row);
	build_growth(builder, rows->processes, process, row);
	build_tasks(builder, rows->processes, process, row);
	if (rows->told && (process->tcp || (process->present & TA_PROCESS_LINKS)))
		build_tcp(builder, process, rows->told, rows->processes->window_s > 0, row);
	if (rows->naming->process)
		rows->naming->process(rows->naming->ctx, process->pid, builder, row);
}

void ta_processes_build(const struct ta_processes *processes, const struct ta_naming *naming,
			const struct ta_told *told, struct ta_builder *builder)
{
	const struct rows rows = {
		.processes = processes,
		.naming = naming,
		.told = told,
		.builder = builder,
	};
	size_t count = 0;
	ta_auto_free struct candidate *chosen = choose(processes, &count);
	json_t *array;

	if (!processes->seen)
		return; /* a gap says so; an empty list would say that there are none */
	array = ta_build_array(builder, builder->root, "processes");
	if (!chosen) {
		builder->failed = true;
		return;
	}
	for (size_t i = 0; i < count && i < ROWS_SHOWN; i++)
		build_row(&rows, chosen[i].process, ta_build_row(builder, array));
	ta_build_uint(builder, builder->root, "processes_left_out",
		      count > ROWS_SHOWN ? count - ROWS_SHOWN : 0);
}
