/* file.h - reading whole small files and writing one atomically.
 *
 * Paths below a root directory are given as a descriptor and a relative path: the seam that
 * lets tests and recorded hosts stand in for / (AT_FDCWD with an absolute path is the host). */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>
#include <unistd.h>

#include "base/buf.h"
#include "tcpadvise/error.h"

/* Replaces the buffer's content by the file's. Fails with TA_E_LIMIT when the file holds more
 * than the buffer's cap, and with errno kept in err->sys when it can't be opened or read. Works
 * for /proc files, whose size is not known before. */
bool ta_file_read(int dir_fd, const char *path, struct ta_buf *buf, struct ta_error *err);

/* The same from an open descriptor. */
bool ta_file_read_fd(int fd, const char *name, struct ta_buf *buf, struct ta_error *err);

/* The errno that a failed reading comes to: EFBIG when the file is larger than the buffer's cap. */
int ta_file_errno(const struct ta_error *err);

/* Writes a temporary file beside path, syncs it and renames it over path (mode 0666 less the
 * umask): a reader sees the old or the new content, never half. On failure nothing is left.
 * What is no plain file, such as /dev/null or a named pipe, is written to, not replaced. */
bool ta_file_write_atomic(const char *path, const void *data, size_t len, struct ta_error *err);

/* The same piece by piece: nothing is at path before the commit, and nothing is left when the
 * writing is done without one. */
struct ta_file_writing {
	const char *path;        /* borrowed */
	struct ta_buf temporary; /* its name; empty when path itself is written to */
	int fd;
};

bool ta_file_begin(struct ta_file_writing *writing, const char *path, struct ta_error *err);
bool ta_file_share(struct ta_file_writing *writing, struct ta_error *err); /* 0644, not less */
bool ta_file_write(struct ta_file_writing *writing, const void *data, size_t len,
		   struct ta_error *err);
bool ta_file_commit(struct ta_file_writing *writing, struct ta_error *err);
void ta_file_writing_done(struct ta_file_writing *writing);

/* Writes all of it to a descriptor, going on after EINTR and short writes. */
bool ta_file_write_fd(int fd, const char *name, const void *data, size_t len, struct ta_error *err);

static inline void ta_close_p(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#define ta_auto_close __attribute__((cleanup(ta_close_p)))

#endif
