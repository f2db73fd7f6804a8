/* libarchive.c - see libarchive.h. */
#include "import/libarchive.h"

#include <stddef.h>

#include "base/library.h"

const struct ta_libarchive *ta_libarchive_get(struct ta_error *err)
{
	static const char *const names[] = { "libarchive.so.13", NULL };
	static struct ta_libarchive functions;
	static bool loaded;
	void *library = loaded ? NULL : ta_library_open(names);

	if (loaded)
		return &functions;
	if (!library) {
		ta_fail(err, TA_E_UNSUPPORTED, "it is an archive, and libarchive is not installed");
		return NULL;
	}
#define TA_LIBARCHIVE_FIND(name)                                                                   \
	if (!ta_library_find(library, #name, &functions.name)) {                                   \
		ta_fail(err, TA_E_UNSUPPORTED, "libarchive has no " #name);                        \
		return NULL;                                                                       \
	}
	TA_LIBARCHIVE_FUNCTIONS(TA_LIBARCHIVE_FIND)
#undef TA_LIBARCHIVE_FIND
	loaded = true;
	return &functions;
}
