/* entry.h - an item whose key and value were checked, in the form that all dialects begin with. */
#ifndef DIALECT_ENTRY_H
#define DIALECT_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dialect/dialect.h"
#include "snapshot/sysctl_key.h"

enum { TA_ENTRY_VALUE_MAX = 2048, TA_ENTRY_PAIR_MAX = 48 };

/* A resource limit by its names. */
struct ta_limit_name {
	const char *item;      /* in limits.conf, for prlimit and for containers */
	const char *directive; /* of systemd */
	bool may_be_unlimited;
};

struct ta_entry {
	const struct ta_dialect_item *item;
	/* Of a sysctl. */
	char key[TA_SYSCTL_PATH_MAX]; /* with dots; a path when a part of it has a dot itself, which
				       * both readers of sysctl.d take. Letters, digits, "_-./" */
	bool is_path;
	char value[TA_ENTRY_VALUE_MAX]; /* printable ASCII, one blank between words;
					 * "" clears a list */
	/* Of a limit. */
	const struct ta_limit_name *limit;
	uint64_t soft, hard; /* UINT64_MAX: unlimited */
	bool keeps_hard;     /* the hard one is let be */
};

/* false when there is no safe way to say it anywhere. */
bool ta_entry_make(const struct ta_dialect_item *item, struct ta_entry *ret);

static inline bool ta_entry_is_sysctl(const struct ta_entry *entry)
{
	return entry->item->kind == TA_DIALECT_SYSCTL;
}

/* A limit as a number, or as the word that the dialect has for none. */
const char *ta_entry_limit(uint64_t limit, const char *unlimited, char ret[TA_ENTRY_PAIR_MAX]);

/* "SOFT:HARD". */
const char *ta_entry_pair(const struct ta_entry *entry, const char *unlimited,
			  char ret[TA_ENTRY_PAIR_MAX]);

/* Whether both are about the same thing where these parts (enum ta_dialect_part) tell things apart.
 */
bool ta_entry_is_same(const struct ta_entry *a, const struct ta_entry *b, unsigned parts);

/* Whether it is one line of ASCII. */
bool ta_is_printable(const char *text);

/* Names that need no quotes anywhere. */
bool ta_is_service_name(const char *unit);    /* "db@1.service" */
bool ta_is_limits_domain(const char *domain); /* "www", "@web", "%web", "*", "1000:1999" */

#endif
