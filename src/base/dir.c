/* dir.c - see dir.h. */
#include "base/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

DIR *ta_dir_open(int dir_fd, const char *path)
{
	int fd = openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir && fd >= 0) {
		close(fd);
		errno = ENOMEM;
	}
	return dir;
}
