/* archive.h - an archive, or a compressed file, as a source. */
#ifndef IMPORT_ARCHIVE_H
#define IMPORT_ARCHIVE_H

#include <stddef.h>

#include "import/walk.h"

enum { TA_ARCHIVE_HEAD = 512 }; /* bytes that tell what it is */

enum ta_archive_kind {
	TA_ARCHIVE_NONE, /* no archive */
	TA_ARCHIVE_TAR,
	TA_ARCHIVE_ZIP,
	TA_ARCHIVE_GZIP, /* from here on: a tar or one file, compressed */
	TA_ARCHIVE_BZIP2,
	TA_ARCHIVE_XZ,
	TA_ARCHIVE_ZSTD,
};

enum ta_archive_kind ta_archive_recognise(const char *head, size_t len);

/* Offers the plain files that are in it, in their order; a compressed file has the place's name. */
bool ta_archive_read(struct ta_walk *walk, const struct ta_place *place, enum ta_archive_kind kind,
		     struct ta_bytes bytes);

#endif
