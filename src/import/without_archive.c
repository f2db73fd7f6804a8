/* without_archive.c - archive.h of a build without libarchive. */
#include "import/archive.h"

bool ta_archive_read(struct ta_walk *reading, const struct ta_place *place,
		     enum ta_archive_kind kind, struct ta_bytes bytes)
{
	(void)kind;
	(void)bytes;
	return ta_walk_refuse(reading, place, TA_E_UNSUPPORTED,
			      "it is an archive, and this program was built without libarchive");
}
