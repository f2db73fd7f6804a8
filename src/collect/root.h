/* root.h - the root below which /proc and /sys are read: the host's, or a recorded one. */
#ifndef COLLECT_ROOT_H
#define COLLECT_ROOT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "tcpadvise/error.h"

struct ta_root {
	int fd, proc_fd; /* the root itself and its proc */
	bool live;       /* it is the host's: netlink and system calls tell of it too */
};

#define TA_ROOT_INIT ((struct ta_root){ .fd = -1, .proc_fd = -1 })

/* path NULL or "": the host. Fails when there is no readable proc at all. */
bool ta_root_open(struct ta_root *root, const char *path, struct ta_error *err);
void ta_root_done(struct ta_root *root);

/* Reads a file below proc into the buffer; returns 0 or the errno. Nothing is waited for: a named
 * pipe that somebody put in the place of a file is empty. */
int ta_root_read(const struct ta_root *root, const char *path, struct ta_buf *ret);

/* The same of a file of a process ("status"). */
int ta_root_read_process(const struct ta_root *root, uint32_t pid, const char *name,
			 struct ta_buf *ret);

/* The same of a file anywhere below the root ("sys/fs/cgroup/pids.max"). */
int ta_root_read_any(const struct ta_root *root, const char *path, struct ta_buf *ret);

/* The same of a file in an open folder, or below it. */
int ta_root_read_at(int dir_fd, const char *path, struct ta_buf *ret);

/* The n-th number (from 0), not negative, of a file below proc, which is read into the buffer;
 * returns 0 or the errno, EINVAL when there is no such number. */
int ta_root_read_number(const struct ta_root *root, const char *path, int n, struct ta_buf *buf,
			int64_t *ret);

/* Whether a path below the root exists ("sys/module/tcp_diag"). */
bool ta_root_exists(const struct ta_root *root, const char *path);

/* The number in a link such as "net:[4026531840]", path below proc. Of a failure errno says more:
 * EINVAL for a link of another form. */
bool ta_root_link_number(const struct ta_root *root, const char *path, uint64_t *ret);

/* Calls fn for each process that proc shows, until it says false; returns 0 or the errno of reading
 * proc. */
int ta_root_each_process(const struct ta_root *root, bool (*fn)(void *ctx, uint32_t pid),
			 void *ctx);

/* The number between the brackets of "prefix:[N]"; false when text is not that. */
bool ta_bracket_number(const char *text, size_t len, const char *prefix, uint64_t *ret);

#endif
