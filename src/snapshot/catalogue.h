/* catalogue.h - JSON files that were compiled in, parsed at first use and kept to the end.
 *
 * What is published never changes, so readers need no lock. It is not freed: it lives as long
 * as the program, like the text that it was parsed from. */
#ifndef SNAPSHOT_CATALOGUE_H
#define SNAPSHOT_CATALOGUE_H

#include <jansson.h>

#include "tcpadvise/error.h"

/* The document of a resource ("tunables.json"); a new reference. NULL with *err set. */
json_t *ta_catalogue_parse(const char *name, struct ta_error *err);

/* What the slot holds; the first time what load() makes. Threads that race load one each, all
 * but the first drop() theirs; a failure (NULL with *err set) may be tried again. */
typedef void *ta_catalogue_load(struct ta_error *err);
typedef void ta_catalogue_drop(void *loaded);

const void *ta_catalogue_get(_Atomic(void *) *slot, ta_catalogue_load *load,
			     ta_catalogue_drop *drop, struct ta_error *err);

#endif
