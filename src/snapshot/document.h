/* document.h - the snapshot's schema, and documents held against it. */
#ifndef SNAPSHOT_DOCUMENT_H
#define SNAPSHOT_DOCUMENT_H

#include <jansson.h>
#include <stdbool.h>

#include "tcpadvise/snapshot.h"

/* The schema, rules/schema/snapshot.schema.json, without its descriptions, units and sources: the
 * resource that cmake/schema_index.cmake makes. */
#define TA_SNAPSHOT_SCHEMA_INDEX "index/snapshot.schema.json"

/* The same, parsed at first use and kept to the end. NULL with *err set. */
const json_t *ta_snapshot_schema(struct ta_error *err);

/* Holds a document against the schema; unknown members are passed over, integers where the
 * schema has numbers become reals (CEL's double). Fails with TA_E_INPUT at the first mistake and
 * its JSON pointer; err->pos is for the caller to set. */
bool ta_snapshot_check(json_t *document, struct ta_error *err);

#endif
