/* dir.h - opening a directory below a descriptor. Apart from file.h: <dirent.h> brings names such
 * as MAX_INPUT, which are others' too. */
#ifndef BASE_DIR_H
#define BASE_DIR_H

#include <dirent.h>

/* Opens a directory for readdir(); NULL and errno when that can't be. */
DIR *ta_dir_open(int dir_fd, const char *path);

#endif
