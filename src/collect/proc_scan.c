/* proc_scan.c - see proc_scan.h.
 *
 * A process may end at any point between two reads; that is no gap. One that can't be looked into
 * is: its sockets have no name in the report. */
#include "collect/proc_scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/language.h"
#include "base/number.h"
#include "collect/sysctl.h"

enum {
	FILE_CAP = 65536,
	PROGRESS_PROCESSES = 100,
	FDS_MANY = 100000,       /* worth to make room for at once */
	FDS_BETWEEN = 1024,      /* two looks at the clock: some milliseconds */
	PF_KTHREAD = 0x00200000, /* linux/sched.h; field 9 of /proc/PID/stat */
};

struct scan {
	struct ta_processes *processes;
	const struct ta_root *root;
	const struct ta_map *known;
	const struct ta_scan_bounds *bounds;
	size_t there_are; /* processes, roughly; for the progress */
	uint64_t begun_us;
	struct ta_buf buf;
	bool out_of_memory;
};

enum verdict {
	LOOKED, /* its row was filled */
	GONE,   /* it ended, or was a zombie */
	KERNEL, /* a kernel thread */
	UNREADABLE,
	OUT_OF_MEMORY,
};

/* ---- the files of one process ---- */

/* The fields from the state, field 3, on are words behind the last parenthesis. */
bool ta_proc_stat_field(const struct ta_buf *stat, int number, uint64_t *ret)
{
	const char *text = ta_buf_cstr(stat), *close = memrchr(text, ')', stat->len), *word;
	size_t len = close ? stat->len - (size_t)(close + 1 - text) : 0, word_len;

	if (!close)
		return false;
	close++;
	for (int i = 3; ta_next_word(&close, &len, &word, &word_len); i++)
		if (i == number)
			return ta_parse_u64(word, word_len, 10, ret);
	return false;
}

/* "PID (comm) S ..."; the name may hold any byte, so its end is the last parenthesis. */
static void parse_stat(const struct ta_buf *buf, struct ta_process *row, bool *ret_kernel)
{
	const char *text = ta_buf_cstr(buf), *open = strchr(text, '(');
	const char *close = memrchr(text, ')', buf->len);
	uint64_t flags = 0;
	size_t len;

	if (!open || !close || close < open)
		return;
	len = (size_t)(close - open) - 1;
	if (len >= sizeof(row->name))
		len = sizeof(row->name) - 1;
	memcpy(row->name, open + 1, len);
	row->name[len] = '\0';
	*ret_kernel = ta_proc_stat_field(buf, 9, &flags) && (flags & PF_KTHREAD);
	if (ta_proc_stat_field(buf, 22, &row->start_ticks))
		row->present |= TA_PROCESS_START;
}

/* "Max open files            1024                 524288               files": the soft (0) or the
 * hard (1) limit; false where it is "unlimited". */
static bool parse_limit(const struct ta_buf *buf, const char *label, int n, uint64_t *ret)
{
	return ta_number_after(ta_buf_cstr(buf), buf->len, label, n, 10, ret);
}

static void parse_limits(const struct ta_buf *buf, bool nproc_in_force, struct ta_process *row)
{
	if (parse_limit(buf, "Max open files", 0, &row->nofile_soft))
		row->present |= TA_PROCESS_SOFT;
	if (parse_limit(buf, "Max open files", 1, &row->nofile_hard))
		row->present |= TA_PROCESS_HARD;
	if (nproc_in_force && parse_limit(buf, "Max processes", 0, &row->nproc_soft))
		row->present |= TA_PROCESS_NPROC;
}

/* ---- the user ---- */

/* A number of /proc/PID/status. The name in its first line holds no newline: the kernel writes it
 * as \n. */
static bool status_number(const struct ta_buf *status, const char *label, int n, unsigned base,
			  uint64_t *ret)
{
	return ta_number_after(ta_buf_cstr(status), status->len, label, n, base, ret);
}

static bool is_nproc_in_force(const struct ta_buf *status, const struct ta_process *row)
{
	uint64_t capabilities;

	return (row->present & TA_PROCESS_USER) &&
	       status_number(status, "\nCapEff:", 0, 16, &capabilities) &&
	       ta_process_is_nproc_held(row->real_uid, capabilities);
}

static void parse_status(const struct ta_buf *status, struct ta_process *row)
{
	uint64_t real_uid, uid, threads;

	if (status_number(status, "\nUid:", 0, 10, &real_uid) &&
	    status_number(status, "\nUid:", 1, 10, &uid) && real_uid <= UINT32_MAX &&
	    uid <= UINT32_MAX) {
		row->real_uid = (uint32_t)real_uid;
		row->uid = (uint32_t)uid;
		row->present |= TA_PROCESS_USER;
	}
	if (status_number(status, "\nThreads:", 0, 10, &threads) && threads <= UINT32_MAX) {
		row->threads = (uint32_t)threads;
		row->present |= TA_PROCESS_THREADS;
	}
}

/* One that ended meanwhile is nobody's. */
static enum verdict look_at_user(struct scan *scan, struct ta_process *row,
				 bool *ret_nproc_in_force)
{
	int failed = ta_root_read_process(scan->root, row->pid, "status", &scan->buf);

	*ret_nproc_in_force = false;
	if (failed == ESRCH || (failed == ENOENT && scan->root->live))
		return GONE;
	if (!failed) {
		parse_status(&scan->buf, row);
		*ret_nproc_in_force = is_nproc_in_force(&scan->buf, row);
	}
	return ta_processes_add_user(scan->processes, row) ? LOOKED : OUT_OF_MEMORY;
}

/* ---- descriptors ---- */

/* The time is up, or whoever waits has had enough: the rest is not looked into. */
static bool is_stopped(struct scan *scan)
{
	const struct ta_scan_bounds *bounds = scan->bounds;
	const struct ta_clock *clock = bounds->clock;

	if (scan->processes->stopped)
		return true;
	if (bounds->enough && bounds->enough(bounds->enough_ctx))
		scan->processes->stopped = "interrupted";
	else if (bounds->ms &&
		 clock->monotonic_us(clock->ctx) - scan->begun_us >= bounds->ms * 1000)
		scan->processes->stopped = "the time for looking at descriptors was up";
	return scan->processes->stopped;
}

static bool is_refusal(int failed)
{
	return failed == EACCES || failed == EPERM;
}

/* One entry of /proc/PID/fd. A descriptor that was closed meanwhile is none. */
static enum verdict look_at_descriptor(struct scan *scan, int dir_fd, const char *name,
				       struct ta_process *row)
{
	char target[64];
	uint64_t inode;
	ssize_t n = readlinkat(dir_fd, name, target, sizeof(target));

	if (n < 0 && !is_refusal(errno))
		return LOOKED;
	row->fds++;
	if (n < 0)
		return UNREADABLE;
	if (!ta_bracket_number(target, (size_t)n, "socket", &inode))
		return LOOKED;
	row->socket_fds++;
	return ta_holders_add(&scan->processes->holders, (uint32_t)inode,
			      (uint32_t)scan->processes->count)
		       ? LOOKED
		       : OUT_OF_MEMORY;
}

/* Some security modules let root list the descriptors of a process but not follow them: then they
 * are counted, and no more is known. */
static enum verdict look_at_entries(struct scan *scan, DIR *dir, struct ta_process *row)
{
	enum verdict worst = LOOKED;
	const struct dirent *entry;

	while (errno = 0, (entry = readdir(dir))) {
		enum verdict verdict;

		if (entry->d_name[0] == '.')
			continue;
		verdict = look_at_descriptor(scan, dirfd(dir), entry->d_name, row);
		if (verdict == OUT_OF_MEMORY)
			return verdict;
		if (verdict == UNREADABLE)
			worst = verdict;
		if (row->fds % FDS_BETWEEN == 0 && is_stopped(scan)) {
			row->fds = 0; /* nobody knows how many there are */
			return UNREADABLE;
		}
	}
	if (errno)
		return is_refusal(errno) ? UNREADABLE : GONE;
	return worst;
}

static enum verdict look_at_descriptors(struct scan *scan, struct ta_process *row)
{
	enum verdict verdict;
	char path[32];
	DIR *dir;
	int fd;

	if (is_stopped(scan))
		return UNREADABLE;
	snprintf(path, sizeof(path), "%u/fd", row->pid);
	fd = openat(scan->root->proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && !is_refusal(errno))
		return GONE;
	if (fd < 0) {
		if (ta_proc_count_fds(scan->root, row->pid, &row->fds))
			row->present |= TA_PROCESS_FDS;
		return UNREADABLE;
	}
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return OUT_OF_MEMORY;
	}
	verdict = look_at_entries(scan, dir, row);
	closedir(dir);
	if (verdict == LOOKED)
		row->present |= TA_PROCESS_LINKS;
	if (verdict == LOOKED || row->fds)
		row->present |= TA_PROCESS_FDS;
	return verdict;
}

/* ---- the scan ---- */

static enum verdict look_at(struct scan *scan, struct ta_process *row)
{
	bool kernel = false, nproc_in_force;
	int failed = ta_root_read_process(scan->root, row->pid, "stat", &scan->buf);
	enum verdict verdict;

	if (failed == ENOENT || failed == ESRCH)
		return GONE;
	if (!failed)
		parse_stat(&scan->buf, row, &kernel);
	if (kernel)
		return KERNEL;
	verdict = look_at_user(scan, row, &nproc_in_force);
	if (verdict != LOOKED)
		return verdict;
	verdict = look_at_descriptors(scan, row);
	if (verdict != UNREADABLE && !row->fds)
		return verdict;
	failed = ta_root_read_process(scan->root, row->pid, "limits", &scan->buf);
	if (!failed)
		parse_limits(&scan->buf, nproc_in_force, row);
	else if (failed != ENOENT && failed != ESRCH)
		scan->processes->limits_unread++;
	return verdict;
}

static void report_progress(const struct scan *scan)
{
	const struct ta_scan_bounds *bounds = scan->bounds;
	char text[64];

	if (!bounds->progress || scan->processes->seen % PROGRESS_PROCESSES)
		return;
	snprintf(text, sizeof(text), "reading processes: %zu of %zu", (size_t)scan->processes->seen,
		 scan->there_are);
	bounds->progress(bounds->progress_ctx, text);
}

/* false when memory ran out */
static bool scan_one(void *ctx, uint32_t pid)
{
	struct scan *scan = ctx;
	struct ta_processes *processes = scan->processes;
	struct ta_process *row;
	enum verdict verdict = OUT_OF_MEMORY;

	if ((scan->known && ta_map_get(scan->known, &pid)) || ta_processes_is_full(processes))
		return true;
	row = ta_processes_next_row(processes);
	if (row) {
		row->pid = pid;
		verdict = look_at(scan, row);
	}
	if (verdict == LOOKED || verdict == UNREADABLE) {
		processes->seen++;
		processes->unreadable += verdict == UNREADABLE;
		report_progress(scan);
		/* one without descriptors is nobody; one that hides them must not pass for that */
		processes->count += verdict == UNREADABLE || row->fds > 0;
	}
	scan->out_of_memory = verdict == OUT_OF_MEMORY;
	return !scan->out_of_memory;
}

/* As many sockets as open files at most. */
static bool make_room(struct scan *scan)
{
	int64_t files = scan->known ? -1 : ta_files_allocated(scan->root);

	return files < FDS_MANY || ta_holders_reserve(&scan->processes->holders, (size_t)files);
}

static bool count_one(void *ctx, uint32_t pid)
{
	size_t *count = ctx;

	(void)pid;
	(*count)++;
	return true;
}

static bool scan_all(struct scan *scan, struct ta_error *err)
{
	int failed;

	if (scan->bounds->progress)
		ta_root_each_process(scan->root, count_one, &scan->there_are);
	if (!make_room(scan))
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	failed = ta_root_each_process(scan->root, scan_one, scan);

	if (failed)
		return ta_fail_errno(err, failed, "can't read proc");
	return scan->out_of_memory ? ta_fail(err, TA_E_NOMEM, "out of memory") : true;
}

/* Option hidepid of the proc mount is in the last field of its line in /proc/self/mountinfo. Of
 * several mounts on /proc the last is on top. */
bool ta_proc_hides_others(const struct ta_root *root)
{
	ta_auto(ta_buf_done) struct ta_buf mounts = TA_BUF_INIT(FILE_CAP);
	bool hidden = false;

	if (!root->live || geteuid() == 0 || ta_root_read(root, "self/mountinfo", &mounts) != 0)
		return false;
	for (const char *line = ta_buf_cstr(&mounts); (line = strstr(line, " /proc "));) {
		const char *end = line + strcspn(line, "\n");
		const char *option = memmem(line, (size_t)(end - line), "hidepid=", 8);

		hidden = option && strncmp(option, "hidepid=0", 9) != 0 &&
			 strncmp(option, "hidepid=off", 11) != 0;
		line = end;
	}
	return hidden;
}

bool ta_proc_scan(struct ta_processes *processes, const struct ta_root *root,
		  const struct ta_map *known, const struct ta_scan_bounds *bounds,
		  struct ta_builder *builder, struct ta_error *err)
{
	const struct ta_clock *clock = bounds->clock;
	struct scan scan = { .processes = processes,
			     .root = root,
			     .known = known,
			     .bounds = bounds,
			     .begun_us = clock->monotonic_us(clock->ctx),
			     .buf = TA_BUF_INIT(FILE_CAP) };
	struct ta_error failed = TA_ERROR_INIT;
	bool ok = scan_all(&scan, &failed);

	if (ok)
		ta_processes_build_gaps(processes, builder);
	else if (failed.code != TA_E_NOMEM)
		ta_build_gap(builder, N_("processes"), failed.text, "processes", NULL);
	if (ok && ta_proc_hides_others(root))
		ta_build_gap(builder, N_("processes of other users"),
			     N_("/proc is mounted with hidepid: needs root"), "processes", NULL);
	ta_buf_done(&scan.buf);
	if (failed.code == TA_E_NOMEM)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	return true;
}

static bool count_entries(const struct ta_root *root, const char *path, uint32_t *ret)
{
	DIR *dir = ta_dir_open(root->proc_fd, path);
	const struct dirent *entry;

	if (!dir)
		return false;
	*ret = 0;
	while ((entry = readdir(dir)))
		*ret += entry->d_name[0] != '.';
	closedir(dir);
	return true;
}

/* proc_fd_getattr() in fs/proc/fd.c; the size is 0 before. */
bool ta_proc_count_fds(const struct ta_root *root, uint32_t pid, uint32_t *ret)
{
	struct stat status;
	char path[32];

	snprintf(path, sizeof(path), "%u/fd", pid);
	if (fstatat(root->proc_fd, path, &status, 0) < 0)
		return false;
	if (status.st_size <= 0 || status.st_size > UINT32_MAX)
		return count_entries(root, path, ret);
	*ret = (uint32_t)status.st_size;
	return true;
}
