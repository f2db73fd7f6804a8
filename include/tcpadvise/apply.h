/* apply.h - carrying a plan out, and taking it back.
 *
 * Everything that will be touched is written down before anything is: a record under
 * /var/lib/tcpadvise (rules/schema/change.schema.json), whole and on the disk, with what was there
 * and what is to be there. So whatever ends the program leaves each value as it was or as it was to
 * be, and a record by which ta_revert() can tell which. */
#ifndef TCPADVISE_APPLY_H
#define TCPADVISE_APPLY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "tcpadvise/error.h"

#define TA_CHANGE_SCHEMA "tcpadvise.change/1"

struct ta_apply_options {
	const char *root;  /* stands for "/": its etc, proc/sys and var/lib; NULL or "": the host */
	bool runtime_only; /* no file is written */
};

/* What carrying this plan out would do, without doing it: *ret is a new reference, the record as it
 * would be written. Its "actions" are empty when there is nothing to do. */
TA_API bool ta_apply_prepare(const json_t *plan, const struct ta_apply_options *options,
			     json_t **ret, struct ta_error *err);

/* Carries out what ta_apply_prepare() told: writes the record, then the files, then sets each value
 * and reads it back. When one fails all are taken back, and it fails; the record then says so
 * ("state": "taken_back"). The record gets its "id". */
TA_API bool ta_apply(json_t *record, const struct ta_apply_options *options, struct ta_error *err);

/* All records, the oldest first: *ret is a new reference. One that can't be read is an error. */
TA_API bool ta_records(const struct ta_apply_options *options, json_t **ret, struct ta_error *err);

/* Takes the change with this id back, 0 being the newest that is not: what is still as it was left
 * gets its old value; what somebody else has changed since is let alone. *ret is a new reference,
 * the record with "outcome" in each action; it is there, too, when one action failed, and the same
 * can be tried again. Fails with TA_E_MISSING when there is nothing to take back, and with
 * TA_E_SYSTEM when another change that is in force was made on top of it. */
TA_API bool ta_revert(const struct ta_apply_options *options, json_int_t id, json_t **ret,
		      struct ta_error *err);

#endif
