/* directory.h - a directory as a source. */
#ifndef IMPORT_DIRECTORY_H
#define IMPORT_DIRECTORY_H

#include "import/walk.h"

/* Offers the plain files below an open directory, sorted by name. Links are not followed. */
void ta_directory_read(struct ta_walk *reading, const char *name, int fd);

#endif
