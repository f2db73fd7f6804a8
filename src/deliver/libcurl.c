/* libcurl.c - see libcurl.h. */
#include "deliver/libcurl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/macros.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct ta_libcurl functions; /* written once, by load() */
static char problem[256];           /* why it could not be loaded, or "" */

/* POSIX lets an object pointer from dlsym() hold a function; ISO C wants it said with memcpy(). */
static bool find(void *library, const char *name, void *ret_function)
{
	void *symbol = dlsym(library, name);

	memcpy(ret_function, &symbol, sizeof(symbol));
	if (!symbol)
		snprintf(problem, sizeof(problem), "libcurl has no %s: 7.85 or later is needed",
			 name);
	return symbol != NULL;
}

static void load(void)
{
	static const char *const names[] = { "libcurl.so.4", "libcurl-gnutls.so.4" };
	void *library = NULL;

	for (size_t i = 0; i < TA_ARRAY_SIZE(names) && !library; i++)
		library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		snprintf(problem, sizeof(problem), "libcurl can't be loaded: is it installed?");
		return;
	}
#define TA_LIBCURL_FIND(name)                                                                      \
	if (!find(library, #name, &functions.name))                                                \
		return;
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
