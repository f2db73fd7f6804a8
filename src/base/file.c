/* file.c - see file.h. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool ta_file_read_fd(int fd, const char *name, struct ta_buf *buf, struct ta_error *err)
{
	char chunk[16384];

	ta_buf_clear(buf);
	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ta_fail_errno(err, errno, "can't read %s", name);
		if (n == 0)
			break;
		ta_buf_add(buf, chunk, (size_t)n);
		if (!ta_buf_ok(buf, err))
			return ta_wrap(err, "can't read %s", name);
	}
	return ta_buf_ok(buf, err);
}

bool ta_file_read(int dir_fd, const char *path, struct ta_buf *buf, struct ta_error *err)
{
	ta_auto_close int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return ta_fail_errno(err, errno, "can't open %s", path);
	return ta_file_read_fd(fd, path, buf, err);
}

bool ta_file_write_fd(int fd, const char *name, const void *data, size_t len, struct ta_error *err)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ta_fail_errno(err, errno, "can't write %s", name);
		p += n;
		len -= (size_t)n;
	}
	return true;
}

/* What mkstemp would be for a file that others may read: 0666 less the umask. */
static int open_temporary(const char *path, struct ta_buf *ret_name, struct ta_error *err)
{
	int fd;

	for (int attempt = 0; attempt < 100; attempt++) {
		ta_buf_clear(ret_name);
		ta_buf_printf(ret_name, "%s.%ld.%d.tmp", path, (long)getpid(), attempt);
		if (!ta_buf_ok(ret_name, err))
			return -1;
		fd = open(ret_name->data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
			  0666);
		if (fd >= 0 || errno != EEXIST)
			break;
	}
	if (fd < 0)
		ta_fail_errno(err, errno, "can't create %s", path);
	return fd;
}

/* A device, pipe or terminal: renaming over it would put a plain file in its place. */
static bool is_special(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

bool ta_file_begin(struct ta_file_writing *writing, const char *path, struct ta_error *err)
{
	*writing =
		(struct ta_file_writing){ .path = path, .fd = -1, .temporary = TA_BUF_INIT(4096) };
	if (!is_special(path)) {
		writing->fd = open_temporary(path, &writing->temporary, err);
		return writing->fd >= 0;
	}
	writing->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	return writing->fd >= 0 || ta_fail_errno(err, errno, "can't open %s", path);
}

/* What is written to: path itself when it is no plain file. */
static const char *target(const struct ta_file_writing *writing)
{
	return writing->temporary.len ? writing->temporary.data : writing->path;
}

bool ta_file_share(struct ta_file_writing *writing, struct ta_error *err)
{
	if (writing->temporary.len && fchmod(writing->fd, 0644) < 0)
		return ta_fail_errno(err, errno, "can't share %s", writing->path);
	return true;
}

bool ta_file_write(struct ta_file_writing *writing, const void *data, size_t len,
		   struct ta_error *err)
{
	return ta_file_write_fd(writing->fd, target(writing), data, len, err);
}

static bool put_in_place(const struct ta_file_writing *writing, struct ta_error *err)
{
	if (rename(writing->temporary.data, writing->path) < 0)
		return ta_fail_errno(err, errno, "can't rename to %s", writing->path);
	return true;
}

bool ta_file_commit(struct ta_file_writing *writing, struct ta_error *err)
{
	bool is_temporary = writing->temporary.len;
	bool ok = true;

	if (is_temporary && fsync(writing->fd) < 0)
		ok = ta_fail_errno(err, errno, "can't sync %s", target(writing));
	if (close(writing->fd) < 0 && ok)
		ok = ta_fail_errno(err, errno, "can't write %s", target(writing));
	writing->fd = -1;
	if (ok && is_temporary)
		ok = put_in_place(writing, err);
	if (ok)
		ta_buf_clear(&writing->temporary);
	return ok;
}

void ta_file_writing_done(struct ta_file_writing *writing)
{
	ta_close_p(&writing->fd);
	if (writing->temporary.len)
		unlink(writing->temporary.data);
	ta_buf_done(&writing->temporary);
}

bool ta_file_write_atomic(const char *path, const void *data, size_t len, struct ta_error *err)
{
	ta_auto(ta_file_writing_done) struct ta_file_writing writing = { .fd = -1 };

	return ta_file_begin(&writing, path, err) && ta_file_write(&writing, data, len, err) &&
	       ta_file_commit(&writing, err);
}

int ta_file_errno(const struct ta_error *err)
{
	if (err->sys)
		return err->sys;
	return err->code == TA_E_LIMIT ? EFBIG : ENOMEM;
}
