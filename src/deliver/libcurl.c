/* libcurl.c - see libcurl.h. */
#include "deliver/libcurl.h"

#include <pthread.h>
#include <stdio.h>

#include "base/library.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct ta_libcurl functions; /* written once, by load() */
static char problem[256];           /* why it could not be loaded, or "" */

static void load(void)
{
	static const char *const names[] = { "libcurl.so.4", "libcurl-gnutls.so.4", NULL };
	void *library = ta_library_open(names);

	if (!library) {
		snprintf(problem, sizeof(problem), "libcurl can't be loaded: is it installed?");
		return;
	}
#define TA_LIBCURL_FIND(name)                                                                      \
	if (!ta_library_find(library, #name, &functions.name)) {                                   \
		snprintf(problem, sizeof(problem),                                                 \
			 "libcurl has no " #name ": 7.85 or later is needed");                     \
		return;                                                                            \
	}
	TA_LIBCURL_FUNCTIONS(TA_LIBCURL_FIND)
#undef TA_LIBCURL_FIND
}

const struct ta_libcurl *ta_libcurl_get(struct ta_error *err)
{
	pthread_once(&once, load);
	if (!problem[0])
		return &functions;
	ta_fail(err, TA_E_UNSUPPORTED, "%s", problem);
	return NULL;
}
