/* folder.h - the folder that a file stands in. */
#ifndef APPLY_FOLDER_H
#define APPLY_FOLDER_H

#include <stdbool.h>

#include "tcpadvise/error.h"

/* Makes the folders of a file, as far as there are none. */
bool ta_folder_make(const char *file, struct ta_error *err);

/* Writes to the disk what its folder lists: a renamed or removed file stays so after a crash. */
bool ta_folder_sync(const char *file, struct ta_error *err);

/* Removes what ta_file_write_atomic() left there when the program was killed: FILE.*.tmp. The name
 * of the file, not its folder, may have wildcards: then of all these files. */
void ta_folder_sweep(const char *file);

#endif
