/* settle.h - what is done with all findings in the end, by part. */
#ifndef RULES_SETTLE_H
#define RULES_SETTLE_H

#include "rules/finding.h"

/* Notes in the findings' "caused_by" which others explain them; they have their fingerprints.
 * Linear in the findings and in what is noted. */
bool ta_findings_find_causes(struct ta_findings *findings);

/* Sees that no two findings advise different values for one setting: a fix that must give way
 * names the value that stands. Causes are known. Linear in the fixes. */
bool ta_findings_agree(struct ta_findings *findings);

#endif
