/* partial.h - facts of which captured text shows a part: what it does not show is not ruled out.
 *
 * A live host tells all or leaves a gap. Of text somebody chose the lines: a log without a line, or
 * a list without a row, says nothing of what is not there. */
#ifndef RULES_PARTIAL_H
#define RULES_PARTIAL_H

#include <jansson.h>

#include "rules/rule.h"

typedef void ta_partial_note(void *ctx, const char *fact);

/* Calls note() with each fact that the rule's "nothing found" rests on, and that the snapshot's
 * evidence has in part, or by which the rule chose what to look at and which nobody told. */
void ta_partial_look(const json_t *snapshot, const struct ta_rule *rule, ta_partial_note *note,
		     void *ctx);

/* The same of its "does not apply": with the facts that the evidence has in part. */
void ta_partial_look_at_applies(const json_t *snapshot, const struct ta_rule *rule,
				ta_partial_note *note, void *ctx);

#endif
