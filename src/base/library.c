/* library.c - see library.h. */
#include "base/library.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

void *ta_library_open(const char *const *names)
{
	void *library = NULL;

	for (; *names && !library; names++)
		library = dlopen(*names, RTLD_NOW | RTLD_LOCAL);
	return library;
}

/* POSIX lets an object pointer from dlsym() hold a function; ISO C wants it said with memcpy(). */
bool ta_library_find(void *library, const char *name, void *ret_function)
{
	void *symbol = dlsym(library, name);

	memcpy(ret_function, &symbol, sizeof(symbol));
	return symbol != NULL;
}
