/* provenance.h - where the facts behind a figure were read: "ticket.txt:7-9 (ss -ltn)".
 *
 * From the member "evidence" of a snapshot that was made of captured text; one of a live host has
 * none, and nothing is looked up. */
#ifndef RULES_PROVENANCE_H
#define RULES_PROVENANCE_H

#include "rules/finding.h"

struct ta_provenance {
	json_t *places; /* fact, namespace, row -> places in the text; NULL: nobody knows */
};

/* false when memory ran out. */
bool ta_provenance_init(struct ta_provenance *provenance, const json_t *snapshot);
void ta_provenance_done(struct ta_provenance *provenance);

/* Where the value and the limit of a row of evidence were read: a new reference to a string, that
 * of the rule's own source where it is not known. NULL when memory ran out. */
json_t *ta_provenance_source(const struct ta_judgement *judgement,
			     const struct ta_evidence *evidence);

#endif
