/* pseudonym.h - what stands for a name in a redacted document: "process-3" for "billingd".
 *
 * One table of all names, so that one name has one pseudonym wherever it stands. They are numbered
 * as they come: no key exists that could turn them back. A word that the document has itself is
 * never used as a pseudonym. A failure (memory) sticks and is reported once. */
#ifndef SNAPSHOT_PSEUDONYM_H
#define SNAPSHOT_PSEUDONYM_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "snapshot/public.h"
#include "tcpadvise/error.h"

enum { TA_PSEUDONYM_LENGTHS = 256 };

struct ta_pseudonyms {
	const struct ta_public *public;
	json_t *names;   /* name -> pseudonym */
	json_t *numbers; /* "process" -> how many there are of it */
	json_t *taken;   /* words of the document that look like a pseudonym */
	/* of the names that are looked for in texts, by their length */
	bool lengths[TA_PSEUDONYM_LENGTHS];
	bool failed;
};

bool ta_pseudonyms_init(struct ta_pseudonyms *table, struct ta_error *err);
void ta_pseudonyms_done(struct ta_pseudonyms *table);

/* Looks for words in a text that no pseudonym must be. To be done with all that the document says
 * before the first pseudonym is made. */
void ta_pseudonyms_avoid(struct ta_pseudonyms *table, struct ta_slice text);

/* Whether there is something to hide: a letter, unlike in "*", "-", a number, a range of them. */
bool ta_pseudonym_is_due(struct ta_slice text);

/* The pseudonym of a name: the one that it has, or "BASE-7" and the ending. Borrowed. */
const char *ta_pseudonym(struct ta_pseudonyms *table, struct ta_slice name, const char *base,
			 struct ta_slice ending);

/* The same for a UUID: a UUID of zeroes and a number. */
const char *ta_pseudonym_uuid(struct ta_pseudonyms *table, struct ta_slice uuid);

/* Gives a second spelling of a name the same pseudonym, unless it has one. */
void ta_pseudonym_alias(struct ta_pseudonyms *table, struct ta_slice name, const char *pseudonym);

/* The pseudonym that a name has, or NULL. */
const char *ta_pseudonym_find(const struct ta_pseudonyms *table, struct ta_slice name);

/* The longest name that the text begins with and that ends there as a word does; its length, and 0
 * when there is none. Names of one letter, of no letter, and of more than 255 bytes (the kernel
 * and systemd know none) are not looked for. */
size_t ta_pseudonym_match(const struct ta_pseudonyms *table, struct ta_slice text,
			  const char **ret_pseudonym);

#endif
