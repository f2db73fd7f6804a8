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

static bool write_special(const char *path, const void *data, size_t len, struct ta_error *err)
{
	ta_auto_close int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return ta_fail_errno(err, errno, "can't open %s", path);
	return ta_file_write_fd(fd, path, data, len, err);
}

bool ta_file_write_atomic(const char *path, const void *data, size_t len, struct ta_error *err)
{
	ta_auto(ta_buf_done) struct ta_buf temporary = TA_BUF_INIT(4096);
	bool ok;
	int fd;

	if (is_special(path))
		return write_special(path, data, len, err);
	fd = open_temporary(path, &temporary, err);
	if (fd < 0)
		return false;
	ok = ta_file_write_fd(fd, temporary.data, data, len, err);
	if (ok && fsync(fd) < 0)
		ok = ta_fail_errno(err, errno, "can't sync %s", temporary.data);
	if (close(fd) < 0 && ok)
		ok = ta_fail_errno(err, errno, "can't write %s", temporary.data);
	if (ok && rename(temporary.data, path) < 0)
		ok = ta_fail_errno(err, errno, "can't rename to %s", path);
	if (!ok)
		unlink(temporary.data);
	return ok;
}

int ta_file_errno(const struct ta_error *err)
{
	if (err->sys)
		return err->sys;
	return err->code == TA_E_LIMIT ? EFBIG : ENOMEM;
}
