/* root.c - see root.h. */
#include "collect/root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/number.h"

static int open_folder(int dir_fd, const char *path)
{
	return openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

bool ta_root_open(struct ta_root *root, const char *path, struct ta_error *err)
{
	root->live = !path || !*path;
	if (root->live)
		path = "/";
	root->fd = open_folder(AT_FDCWD, path);
	if (root->fd < 0)
		return ta_fail_errno(err, errno, "can't open %s", path);
	root->proc_fd = open_folder(root->fd, "proc");
	if (root->proc_fd < 0)
		return ta_fail_errno(err, errno, "can't open proc of %s", path);
	return true;
}

void ta_root_done(struct ta_root *root)
{
	ta_close_p(&root->proc_fd);
	ta_close_p(&root->fd);
	*root = TA_ROOT_INIT;
}

int ta_root_read_at(int dir_fd, const char *path, struct ta_buf *ret)
{
	struct ta_error err = TA_ERROR_INIT;
	ta_auto_close int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return errno;
	return ta_file_read_fd(fd, path, ret, &err) ? 0 : ta_file_errno(&err);
}

int ta_root_read(const struct ta_root *root, const char *path, struct ta_buf *ret)
{
	return ta_root_read_at(root->proc_fd, path, ret);
}

int ta_root_read_process(const struct ta_root *root, uint32_t pid, const char *name,
			 struct ta_buf *ret)
{
	char path[64];

	snprintf(path, sizeof(path), "%u/%s", pid, name);
	return ta_root_read(root, path, ret);
}

int ta_root_read_any(const struct ta_root *root, const char *path, struct ta_buf *ret)
{
	return ta_root_read_at(root->fd, path, ret);
}

int ta_root_read_number(const struct ta_root *root, const char *path, int n, struct ta_buf *buf,
			int64_t *ret)
{
	int failed = ta_root_read(root, path, buf);
	const char *at = ta_buf_cstr(buf), *word;
	size_t left = buf->len, len;

	if (failed)
		return failed;
	for (int i = 0; ta_next_word(&at, &left, &word, &len); i++)
		if (i == n)
			return ta_parse_i64(word, len, ret) && *ret >= 0 ? 0 : EINVAL;
	return EINVAL;
}

bool ta_root_exists(const struct ta_root *root, const char *path)
{
	return faccessat(root->fd, path, F_OK, 0) == 0;
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

int ta_root_each_process(const struct ta_root *root, bool (*fn)(void *ctx, uint32_t pid), void *ctx)
{
	DIR *dir = ta_dir_open(root->proc_fd, ".");
	const struct dirent *entry;
	uint32_t pid;

	if (!dir)
		return errno;
	while ((entry = readdir(dir)))
		if (parse_pid(entry->d_name, &pid) && !fn(ctx, pid))
			break;
	closedir(dir);
	return 0;
}

bool ta_bracket_number(const char *text, size_t len, const char *prefix, uint64_t *ret)
{
	size_t skip = strlen(prefix);

	if (len < skip + 3 || memcmp(text, prefix, skip) != 0)
		return false;
	if (text[skip] != ':' || text[skip + 1] != '[' || text[len - 1] != ']')
		return false;
	return ta_parse_u64(text + skip + 2, len - skip - 3, 10, ret);
}

bool ta_root_link_number(const struct ta_root *root, const char *path, uint64_t *ret)
{
	const char *name = strrchr(path, '/');
	char target[64];
	ssize_t n = readlinkat(root->proc_fd, path, target, sizeof(target));

	if (n < 0)
		return false;
	errno = EINVAL;
	return ta_bracket_number(target, (size_t)n, name ? name + 1 : path, ret);
}
