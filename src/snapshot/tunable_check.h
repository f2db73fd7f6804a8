/* tunable_check.h - whether a kernel would take a value, before it is asked. */
#ifndef SNAPSHOT_TUNABLE_CHECK_H
#define SNAPSHOT_TUNABLE_CHECK_H

#include "snapshot/tunables.h"

/* Holds a value, as it would be written to /proc/sys, against the catalogue's shape and bounds and
 * against what else is set (a "sysctl" object of a snapshot; NULL: nothing is known). Fails with
 * TA_E_INPUT and what was expected; the kernel has the last word all the same. */
bool ta_tunable_check(const struct ta_tunable *tunable, const char *value, const json_t *others,
		      struct ta_error *err);

/* A value of a snapshot as the kernel takes it: "60", "32768 60999". */
void ta_tunable_print(struct ta_buf *out, const json_t *value);

/* The member of a snapshot that holds the value of a tunable in this namespace, or of the host: its
 * "sysctl". NULL when there is none. */
json_t *ta_tunable_values(const struct ta_tunable *tunable, const json_t *snapshot,
			  const json_t *namespace_);

#endif
