/* archive_kind.c - archives are told from text here, not by libarchive: what is no archive never
 * gets there, and a build without it still knows what it is given. */
#include <string.h>

#include "base/macros.h"
#include "import/archive.h"

enum ta_archive_kind ta_archive_recognise(const char *head, size_t len)
{
	static const struct {
		enum ta_archive_kind kind;
		size_t at, len;
		const char *magic;
	} kinds[] = {
		{ TA_ARCHIVE_TAR, 257, 5, "ustar" },
		{ TA_ARCHIVE_ZIP, 0, 4, "PK\x03\x04" },
		{ TA_ARCHIVE_GZIP, 0, 3, "\x1f\x8b\x08" },
		{ TA_ARCHIVE_BZIP2, 4, 6, "1AY&SY" },
		{ TA_ARCHIVE_XZ, 0, 6,
		  "\xfd"
		  "7zXZ" },
		{ TA_ARCHIVE_ZSTD, 0, 4, "\x28\xb5\x2f\xfd" },
	};

	for (size_t i = 0; i < TA_ARRAY_SIZE(kinds); i++)
		if (len >= kinds[i].at + kinds[i].len &&
		    memcmp(head + kinds[i].at, kinds[i].magic, kinds[i].len) == 0)
			return kinds[i].kind;
	return TA_ARCHIVE_NONE;
}
