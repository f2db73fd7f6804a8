/* store.h - the records of what was changed: /var/lib/tcpadvise/NNNN.json. */
#ifndef APPLY_STORE_H
#define APPLY_STORE_H

#include <jansson.h>
#include <stdbool.h>

#include "tcpadvise/error.h"

struct ta_store {
	char folder[4096];
	int lock; /* held from open to done: one change at a time */
};

/* Opens the store below a root, "" being the host's. for_writing makes it where there is none, and
 * waits for nobody: TA_E_SYSTEM when another one holds it. */
bool ta_store_open(struct ta_store *store, const char *root, bool for_writing,
		   struct ta_error *err);
void ta_store_done(struct ta_store *store);

/* Whether there is one below the root. */
bool ta_store_is_there(const char *root);

/* All records, the oldest first: *ret is a new reference. What can't be read is an error. */
bool ta_store_list(const struct ta_store *store, json_t **ret, struct ta_error *err);

/* Writes a record whole, and to the disk; one without "id" gets the next. */
bool ta_store_write(const struct ta_store *store, json_t *record, struct ta_error *err);

#endif
