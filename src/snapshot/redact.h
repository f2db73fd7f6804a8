/* redact.h - a snapshot without the names of its host: for tickets that leave the house.
 *
 * Addresses, hosts, users, processes, units, containers, namespaces, files and what of them stands
 * in texts become pseudonyms; one name has one pseudonym, the kind of an address stays, and no
 * number is touched, so that the verdict is the same. The schema says of each string what it is
 * (x-redact). What the schema does not know is left out, and a gap says so. */
#ifndef SNAPSHOT_REDACT_H
#define SNAPSHOT_REDACT_H

#include <jansson.h>
#include <stdbool.h>

#include "tcpadvise/error.h"

/* Holds the pseudonyms: those of one redactor are the same in all documents that it is given. */
struct ta_redactor;

/* NULL with *err set. */
struct ta_redactor *ta_redactor_new(struct ta_error *err);
void ta_redactor_free(struct ta_redactor *redactor);

/* Redacts a checked snapshot in place and sets collection.redacted; one that has it is left alone.
 * On failure (memory, TA_E_LIMIT) the document is not to be shown. */
bool ta_redact(struct ta_redactor *redactor, json_t *document, struct ta_error *err);

#endif
