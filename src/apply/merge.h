/* merge.h - lines of ours put into a file that has others. */
#ifndef APPLY_MERGE_H
#define APPLY_MERGE_H

#include <jansson.h>

/* The file's new content, a new reference: the old lines (NULL: there is no file) but those that
 * set what the new ones set, and then the new ones. NULL when memory ran out. dialect: "sysctl.d",
 * "limits.conf", or "systemd". */
json_t *ta_merge(const char *dialect, const char *old, const json_t *lines);

#endif
