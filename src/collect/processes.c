/* processes.c - see processes.h.
 *
 * A process may end at any point between two reads; that is no gap. One that can't be looked into
 * is: its sockets have no name in the report. */
#include "collect/processes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/number.h"

enum {
	FILE_CAP = 65536,
	PF_KTHREAD = 0x00200000, /* linux/sched.h; field 9 of /proc/PID/stat */
};

struct scan {
	struct ta_processes *processes;
	const struct ta_root *root;
	struct ta_buf buf;
};

enum verdict {
	LOOKED, /* its row was filled */
	GONE,   /* it ended, or was a zombie */
	KERNEL, /* a kernel thread */
	UNREADABLE,
	OUT_OF_MEMORY,
};

/* ---- the files of one process ---- */

static int read_file(struct scan *scan, uint32_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "%u/%s", pid, name);
	return ta_root_read(scan->root, path, &scan->buf);
}

/* Field number (from 1, the pid) of /proc/PID/stat at or after the state, field 3: words behind the
 * last parenthesis. */
static bool stat_field(const char *after_name, size_t len, int number, uint64_t *ret)
{
	const char *word;
	size_t word_len;

	for (int i = 3; ta_next_word(&after_name, &len, &word, &word_len); i++)
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
	size_t len, left;

	if (!open || !close || close < open)
		return;
	len = (size_t)(close - open) - 1;
	if (len >= sizeof(row->name))
		len = sizeof(row->name) - 1;
	memcpy(row->name, open + 1, len);
	row->name[len] = '\0';
	left = buf->len - (size_t)(close + 1 - text);
	*ret_kernel = stat_field(close + 1, left, 9, &flags) && (flags & PF_KTHREAD);
	if (stat_field(close + 1, left, 22, &row->start_ticks))
		row->present |= TA_PROCESS_START;
}

/* "Max open files            1024                 524288               files": the soft and the
 * hard limit; false where it is "unlimited". */
static void parse_limit(const struct ta_buf *buf, const char *label, uint64_t *ret_soft,
			bool *ret_soft_set, uint64_t *ret_hard, bool *ret_hard_set)
{
	const char *at = memmem(ta_buf_cstr(buf), buf->len, label, strlen(label)), *word;
	size_t left, len;

	*ret_soft_set = *ret_hard_set = false;
	if (!at)
		return;
	at += strlen(label);
	left = buf->len - (size_t)(at - buf->data);
	if (ta_next_word(&at, &left, &word, &len))
		*ret_soft_set = ta_parse_u64(word, len, 10, ret_soft);
	if (ta_next_word(&at, &left, &word, &len))
		*ret_hard_set = ta_parse_u64(word, len, 10, ret_hard);
}

static void parse_limits(const struct ta_buf *buf, bool nproc_in_force, struct ta_process *row)
{
	uint64_t nproc_hard;
	bool soft, hard;

	parse_limit(buf, "Max open files", &row->nofile_soft, &soft, &row->nofile_hard, &hard);
	row->present |= (soft ? TA_PROCESS_SOFT : 0) | (hard ? TA_PROCESS_HARD : 0);
	parse_limit(buf, "Max processes", &row->nproc_soft, &soft, &nproc_hard, &hard);
	row->present |= soft && nproc_in_force ? TA_PROCESS_NPROC : 0;
}

/* ---- the user ---- */

/* The n-th number (from 0) behind a label of /proc/PID/status, which begins a line. The name in its
 * first line holds no newline: the kernel writes it as \n. */
static bool status_number(const struct ta_buf *status, const char *label, int n, unsigned base,
			  uint64_t *ret)
{
	const char *at = memmem(ta_buf_cstr(status), status->len, label, strlen(label)), *word;
	size_t left, len;

	if (!at)
		return false;
	at += strlen(label);
	left = status->len - (size_t)(at - status->data);
	for (int i = 0; ta_next_word(&at, &left, &word, &len); i++)
		if (i == n)
			return ta_parse_u64(word, len, base, ret);
	return false;
}

/* copy_process() in kernel/fork.c does not hold the limit against the initial root user, nor
 * against one who has either capability. */
static bool is_nproc_in_force(const struct ta_buf *status, const struct ta_process *row)
{
	const uint64_t exempt = UINT64_C(1) << CAP_SYS_RESOURCE | UINT64_C(1) << CAP_SYS_ADMIN;
	uint64_t capabilities;

	if (!(row->present & TA_PROCESS_USER) || row->real_uid == 0)
		return false;
	return status_number(status, "\nCapEff:", 0, 16, &capabilities) && !(capabilities & exempt);
}

/* What the limit counts: the tasks of the real user, those of zombies included. */
static bool count_threads(struct ta_processes *processes, const struct ta_process *row)
{
	uint64_t *threads;

	if (!(row->present & TA_PROCESS_USER) || !(row->present & TA_PROCESS_THREADS)) {
		processes->unattributed++;
		return true;
	}
	threads = ta_map_put(&processes->users, &row->real_uid, NULL);
	if (!threads)
		return false;
	*threads += row->threads;
	return true;
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
	int failed = read_file(scan, row->pid, "status");

	*ret_nproc_in_force = false;
	if (failed == ESRCH || (failed == ENOENT && scan->root->live))
		return GONE;
	if (!failed) {
		parse_status(&scan->buf, row);
		*ret_nproc_in_force = is_nproc_in_force(&scan->buf, row);
	}
	return count_threads(scan->processes, row) ? LOOKED : OUT_OF_MEMORY;
}

/* ---- descriptors ---- */

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

	snprintf(path, sizeof(path), "%u/fd", row->pid);
	fd = openat(scan->root->proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return is_refusal(errno) ? UNREADABLE : GONE;
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
	int failed = read_file(scan, row->pid, "stat");
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
	failed = read_file(scan, row->pid, "limits");
	if (!failed)
		parse_limits(&scan->buf, nproc_in_force, row);
	else if (failed != ENOENT && failed != ESRCH)
		scan->processes->limits_unread++;
	return verdict;
}

static struct ta_process *next_row(struct ta_processes *processes)
{
	if (processes->count == TA_HOLDERS_PROCESS_MAX)
		return NULL;
	if (processes->count == processes->size) {
		size_t size = processes->size ? processes->size * 2 : 128;
		struct ta_process *rows = reallocarray(processes->rows, size, sizeof(*rows));

		if (!rows)
			return NULL;
		processes->rows = rows;
		processes->size = size;
	}
	memset(&processes->rows[processes->count], 0, sizeof(*processes->rows));
	return &processes->rows[processes->count];
}

static bool scan_one(struct scan *scan, uint32_t pid)
{
	struct ta_processes *processes = scan->processes;
	struct ta_process *row = next_row(processes);
	enum verdict verdict;

	if (!row)
		return false;
	row->pid = pid;
	verdict = look_at(scan, row);
	if (verdict == LOOKED || verdict == UNREADABLE) {
		processes->seen++;
		processes->unreadable += verdict == UNREADABLE;
		/* one without descriptors is nobody; one that hides them must not pass for that */
		processes->count += verdict == UNREADABLE || row->fds > 0;
	}
	return verdict != OUT_OF_MEMORY;
}

/* Names of /proc that are numbers. */
static bool parse_pid(const char *name, uint32_t *ret)
{
	uint64_t number;

	if (*name < '1' || *name > '9')
		return false;
	if (!ta_parse_u64(name, strlen(name), 10, &number) || number > INT32_MAX)
		return false;
	*ret = (uint32_t)number;
	return true;
}

static bool scan_all(struct scan *scan, struct ta_error *err)
{
	int fd = openat(scan->root->proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	uint32_t pid;
	bool ok = true;

	if (!dir) {
		int failed = errno;

		if (fd >= 0)
			close(fd);
		return ta_fail_errno(err, failed, "can't read proc");
	}
	while (ok && (entry = readdir(dir)))
		if (parse_pid(entry->d_name, &pid))
			ok = scan_one(scan, pid);
	closedir(dir);
	return ok ? true : ta_fail(err, TA_E_NOMEM, "out of memory");
}

/* Whether other users' processes are kept from us: option hidepid of the proc mount, in the last
 * field of its line in /proc/self/mountinfo. Of several mounts on /proc the last is on top. */
static bool is_hidepid(struct scan *scan)
{
	bool hidden = false;

	if (ta_root_read(scan->root, "self/mountinfo", &scan->buf) != 0)
		return false;
	for (const char *line = ta_buf_cstr(&scan->buf); (line = strstr(line, " /proc "));) {
		const char *end = line + strcspn(line, "\n");
		const char *option = memmem(line, (size_t)(end - line), "hidepid=", 8);

		hidden = option && strncmp(option, "hidepid=0", 9) != 0 &&
			 strncmp(option, "hidepid=off", 11) != 0;
		line = end;
	}
	return hidden;
}

static void report_gaps(struct scan *scan, struct ta_builder *builder)
{
	const struct ta_processes *processes = scan->processes;
	char what[96];

	if (!processes->seen) /* not even ourselves */
		ta_build_gap(builder, "processes", "/proc shows none", "processes", NULL);

	if (processes->unreadable) {
		snprintf(what, sizeof(what), "descriptors of %zu of %zu processes",
			 processes->unreadable, processes->seen);
		ta_build_gap(builder, what,
			     geteuid() == 0 ? "refused even to root, by a container's limits or a "
					      "security module"
					    : "needs root or CAP_SYS_PTRACE",
			     "processes", NULL);
	}
	if (processes->limits_unread) {
		snprintf(what, sizeof(what), "limits of %zu processes", processes->limits_unread);
		ta_build_gap(builder, what, "can't read their limits", "processes[].nofile_soft",
			     "processes[].nofile_hard", "processes[].nproc_soft", NULL);
	}
	if (processes->unattributed) {
		snprintf(what, sizeof(what), "users of %zu processes", processes->unattributed);
		ta_build_gap(builder, what, "can't read their status", "processes[].user_threads",
			     NULL);
	}
	if (scan->root->live && geteuid() != 0 && is_hidepid(scan))
		ta_build_gap(builder, "processes of other users",
			     "/proc is mounted with hidepid: needs root", "processes", NULL);
}

bool ta_processes_scan(struct ta_processes *processes, const struct ta_root *root,
		       struct ta_builder *builder, struct ta_error *err)
{
	struct scan scan = { processes, root, TA_BUF_INIT(FILE_CAP) };
	struct ta_error failed = TA_ERROR_INIT;
	bool ok;

	ta_map_init(&processes->users, sizeof(uint32_t), sizeof(uint64_t), TA_HOLDERS_PROCESS_MAX);
	ok = scan_all(&scan, &failed);
	if (ok)
		report_gaps(&scan, builder);
	else if (failed.code != TA_E_NOMEM)
		ta_build_gap(builder, "processes", failed.text, "processes", NULL);
	ta_buf_done(&scan.buf);
	if (failed.code == TA_E_NOMEM)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	return true;
}

void ta_processes_reset_tcp(struct ta_processes *processes)
{
	for (size_t i = 0; i < processes->count; i++) {
		free(processes->rows[i].tcp);
		processes->rows[i].tcp = NULL;
	}
}

void ta_processes_done(struct ta_processes *processes)
{
	ta_processes_reset_tcp(processes);
	free(processes->rows);
	ta_holders_done(&processes->holders);
	ta_map_done(&processes->users);
	*processes = (struct ta_processes){ .rows = NULL };
}

struct ta_process_tcp *ta_process_tcp(struct ta_processes *processes, uint32_t process)
{
	struct ta_process *row = &processes->rows[process];

	if (!row->tcp)
		row->tcp = calloc(1, sizeof(*row->tcp));
	return row->tcp;
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

const struct ta_process *ta_processes_first_holder(const struct ta_processes *processes,
						   uint32_t inode)
{
	struct ta_holder_iter iter = ta_holders_find(&processes->holders, inode);
	const struct ta_process *first = NULL;

	for (uint32_t process; ta_holder_next(&processes->holders, &iter, &process);)
		if (!first || processes->rows[process].pid < first->pid)
			first = &processes->rows[process];
	return first;
}
