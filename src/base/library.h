/* library.h - shared libraries that are loaded when they are needed, not at every start. */
#ifndef BASE_LIBRARY_H
#define BASE_LIBRARY_H

#include <stdbool.h>

/* Opens the first that is there of names, ended by NULL; NULL when none is. It stays open. */
void *ta_library_open(const char *const *names);

/* The function of that name: *ret_function is a pointer to a function pointer. */
bool ta_library_find(void *library, const char *name, void *ret_function);

#endif
