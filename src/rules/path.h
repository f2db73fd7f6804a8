/* path.h - facts by their names, as not_checked and gaps[] have them:
 * host.sysctl["kernel.pid_max"], namespaces[].listeners[].backlog. */
#ifndef RULES_PATH_H
#define RULES_PATH_H

#include <jansson.h>
#include <stdbool.h>

#include "base/slice.h"

/* Whether one path leads to the other: "a.b" to "a.b", "a.b.c" and "a.b[].c", not to "a.bc". */
bool ta_path_leads_to(const char *path, const char *to);

/* The length of what leads to the last part of a path of len bytes: "a.b[].c" to "a.b[]", "a.b",
 * "a" and "" (0). */
size_t ta_path_parent(const char *path, size_t len);

struct ta_path_step {
	enum { TA_PATH_MEMBER, TA_PATH_KEY, TA_PATH_ELEMENTS } kind;
	struct ta_slice name; /* of a member or key */
};

/* Cuts the first step off the path; false behind the last, and for what is no path. */
bool ta_path_next(const char **path, struct ta_path_step *ret);

/* Whether a document has nothing at this path. Of a list that is so if none of its first elements
 * has it; an empty one lacks nothing. */
bool ta_path_is_absent(const json_t *document, const char *path);

#endif
