/* proc_scan.h - every process and every descriptor, read from /proc: some microseconds each, as
 * each descriptor is a link to be read. */
#ifndef COLLECT_PROC_SCAN_H
#define COLLECT_PROC_SCAN_H

#include "base/clock.h"
#include "collect/root.h"
#include "sockets/processes.h"

/* When to leave the rest of the descriptors alone. */
struct ta_scan_bounds {
	const struct ta_clock *clock;
	uint64_t ms; /* 0: no bound */
	bool (*enough)(void *ctx);
	void *enough_ctx;                              /* both may be NULL */
	void (*progress)(void *ctx, const char *what); /* now and then; may be NULL */
	void *progress_ctx;
};

/* Fills the table and the holders of its sockets, but for the processes whose number (uint32_t) is
 * in the map known, which may be NULL. Fails for want of memory only: what else goes wrong is a
 * gap. */
bool ta_proc_scan(struct ta_processes *processes, const struct ta_root *root,
		  const struct ta_map *known, const struct ta_scan_bounds *bounds,
		  struct ta_builder *builder, struct ta_error *err);

/* How many descriptors a process has, without a look at them: since 6.2 that is the size of its
 * /proc/PID/fd, for everybody to see; before, its entries are counted. false when that can't be
 * told. */
bool ta_proc_count_fds(const struct ta_root *root, uint32_t pid, uint32_t *ret);

/* A number of /proc/PID/stat, proc(5): its field from 4 on, counted from 1. */
bool ta_proc_stat_field(const struct ta_buf *stat, int number, uint64_t *ret);

/* Whether other users' processes are kept from us. */
bool ta_proc_hides_others(const struct ta_root *root);

/* Says what could not be looked at. */
void ta_processes_build_gaps(const struct ta_processes *processes, struct ta_builder *builder);

#endif
