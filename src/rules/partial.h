/* partial.h - facts of which captured text shows a part: what it does not show is not ruled out.
 *
 * A live host tells all or leaves a gap. Of text somebody chose the lines: a log without a line, or
 * a list without a row, says nothing of what is not there. */
#ifndef RULES_PARTIAL_H
#define RULES_PARTIAL_H

#include <jansson.h>

#include "rules/rule.h"

/* Calls note() with each fact that the rule's "nothing found" rests on, and that the snapshot's
 * evidence has in part, or by which the rule chose what to look at and which nobody told. */
void ta_partial_look(const json_t *snapshot, const struct ta_rule *rule,
		     void (*note)(void *ctx, const char *fact), void *ctx);

#endif
