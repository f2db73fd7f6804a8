/* folder.c - see folder.h. */
#include "apply/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum { PATH_SIZE = 4096 };

/* "/a/b" of "/a/b/c". */
static void folder_of(const char *file, char *ret)
{
	const char *slash = strrchr(file, '/');

	snprintf(ret, PATH_SIZE, "%.*s", slash && slash != file ? (int)(slash - file) : 1,
		 slash ? file : ".");
}

bool ta_folder_make(const char *file, struct ta_error *err)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s", file);
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0755) != 0 && errno != EEXIST)
			return ta_fail_errno(err, errno, "can't make the folder %s", path);
		*slash = '/';
	}
	return true;
}

bool ta_folder_sync(const char *file, struct ta_error *err)
{
	char path[PATH_SIZE];
	ta_auto_close int fd = -1;

	folder_of(file, path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return true;
	if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
		return ta_fail_errno(err, errno, "can't sync the folder %s", path);
	return true;
}

void ta_folder_sweep(const char *file)
{
	const char *slash = strrchr(file, '/');
	char path[PATH_SIZE], pattern[PATH_SIZE];
	struct dirent *entry;
	DIR *dir;

	folder_of(file, path);
	snprintf(pattern, sizeof(pattern), "%s.*.tmp", slash ? slash + 1 : file);
	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (fnmatch(pattern, entry->d_name, 0) == 0)
			unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
}
