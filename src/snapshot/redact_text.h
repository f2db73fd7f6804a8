/* redact_text.h - names and addresses in free text.
 *
 * Every name that the document has elsewhere is replaced where it stands as a word, and so is each
 * address, UUID and path. What a foreign program wrote has names that stand nowhere else: host
 * names are known by their form and by the words before them, users and ids likewise. */
#ifndef SNAPSHOT_REDACT_TEXT_H
#define SNAPSHOT_REDACT_TEXT_H

#include "snapshot/redact_name.h"

ta_redact_part ta_redact_remark; /* our own words: what is a name there is known */
ta_redact_part ta_redact_text;   /* a foreign program's: what looks like a name is taken for one */

/* Says what addresses and lookalikes of pseudonyms a string has, before the first is replaced. */
void ta_redact_avoid(struct ta_redaction *redaction, struct ta_slice text);

#endif
