/* path.h - paths inside a directory or archive, as we show them and go by them. */
#ifndef IMPORT_PATH_H
#define IMPORT_PATH_H

#include <stdbool.h>

#include "base/buf.h"

enum {
	TA_PATH_MAX = 1024, /* bytes of a path, made safe */
	TA_PATH_DEPTH = 32, /* components */
};

/* Appends the path to *ret without "./" and empty components, odd bytes as "\x1b"; it is "" for the
 * top itself. Returns NULL, or why such a path is not taken: it leads out, or is too long. */
const char *ta_path_clean(const char *raw, struct ta_buf *ret);

/* Whether a report's tree begins at a folder of that name (len bytes): then it is no folder that
 * somebody packed all else in. */
bool ta_path_is_root(const char *name, size_t len);

#endif
