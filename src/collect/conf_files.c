/* conf_files.c - see conf_files.h. */
#include "collect/conf_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/text.h"

/* ---- paths below the root ---- */

/* Where a path of a recorded host leads: the last component may be a link, and one to "/etc/x"
 * means the host's own. ret has PATH_MAX bytes. */
static const char *below_root(const struct ta_root *root, const char *path, char *ret)
{
	ssize_t len = root->live ? -1 : readlinkat(root->fd, path, ret, PATH_MAX - 1);

	if (len < 2 || *ret != '/')
		return path;
	ret[len] = '\0';
	return strcmp(ret, "/dev/null") == 0 ? ret : ret + 1;
}

static int read_plain(int fd, const char *path, struct ta_buf *ret)
{
	struct ta_error err = TA_ERROR_INIT;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? EISDIR : 0;
	return ta_file_read_fd(fd, path, ret, &err) ? 0 : ta_file_errno(&err);
}

int ta_conf_read(const struct ta_root *root, const char *path, struct ta_buf *ret)
{
	char target[PATH_MAX];
	/* without O_NONBLOCK a pipe would keep us until somebody writes to it */
	int fd = openat(root->fd, below_root(root, path, target),
			O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int failed;

	ta_buf_clear(ret);
	if (fd < 0)
		return errno;
	failed = read_plain(fd, path, ret);
	close(fd);
	return failed;
}

bool ta_conf_is_same(const struct ta_root *root, const char *path, const char *other)
{
	char target[PATH_MAX];
	struct stat a, b;

	if (fstatat(root->fd, below_root(root, path, target), &a, 0) < 0)
		return false;
	if (fstatat(root->fd, below_root(root, other, target), &b, 0) < 0)
		return false;
	return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

void ta_conf_build_path(struct ta_builder *builder, json_t *object, const char *name,
			const char *path)
{
	char text[520];

	snprintf(text, sizeof(text), "/%s", path);
	ta_build_text(builder, object, name, text);
}

/* ---- the list ---- */

static bool is_conf(const struct ta_conf_files *files, const char *name)
{
	return (files->with_hidden || *name != '.') && ta_text_ends_with(name, ".conf");
}

static void add_file(struct ta_conf_files *files, const char *folder, const char *name)
{
	struct ta_conf_file *file;

	if (files->count == TA_CONF_FILES_MAX) {
		files->cut = true;
		return;
	}
	if (!files->items)
		files->items = calloc(TA_CONF_FILES_MAX, sizeof(*files->items));
	file = files->items ? &files->items[files->count] : NULL;
	if (!file || asprintf(&file->path, "%s/%s", folder, name) < 0) {
		files->no_memory = true;
		return;
	}
	file->name = file->path + strlen(folder) + 1;
	file->order = files->folder_count;
	files->count++;
}

/* Whether the folder is another than those before, which it is noted for. */
static bool is_new(struct ta_conf_files *files, int fd)
{
	const size_t max = sizeof(files->folders) / sizeof(files->folders[0]);
	struct stat st;

	if (fstat(fd, &st) < 0)
		return false;
	for (size_t i = 0; i < files->folder_count; i++)
		if (files->folders[i].device == st.st_dev && files->folders[i].inode == st.st_ino)
			return false;
	if (files->folder_count == max) {
		files->cut = true;
		return false;
	}
	files->folders[files->folder_count].device = st.st_dev;
	files->folders[files->folder_count++].inode = st.st_ino;
	return true;
}

static int add_entries(struct ta_conf_files *files, DIR *dir, const char *folder)
{
	const struct dirent *entry;

	while (errno = 0, (entry = readdir(dir)))
		if (is_conf(files, entry->d_name))
			add_file(files, folder, entry->d_name);
	return errno;
}

int ta_conf_files_add(struct ta_conf_files *files, const struct ta_root *root, const char *folder)
{
	DIR *dir = ta_dir_open(root->fd, folder);
	int failed = 0;

	if (!dir)
		return errno == ENOENT || errno == ENOTDIR ? 0 : errno;
	if (is_new(files, dirfd(dir)))
		failed = add_entries(files, dir, folder);
	closedir(dir);
	return failed;
}

static int by_name(const void *a, const void *b)
{
	const struct ta_conf_file *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->order > y->order) - (x->order < y->order);
}

void ta_conf_files_sort(struct ta_conf_files *files)
{
	const struct ta_conf_file *first = files->items;

	if (!files->count)
		return;
	qsort(files->items, files->count, sizeof(*files->items), by_name);
	for (size_t i = 1; i < files->count; i++)
		if (strcmp(files->items[i].name, first->name) == 0)
			files->items[i].masked_by = first;
		else
			first = &files->items[i];
}

void ta_conf_files_done(struct ta_conf_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		free(files->items[i].path);
	free(files->items);
	*files = (struct ta_conf_files){ .items = NULL };
}
