/* outline.h - the findings of a report in the order in which they are told: worst first, as in
 * the document, but each followed by its consequences (caused_by), which are one deeper.
 *
 * Silenced findings and those below a severity are left out and counted. A finding with several
 * causes stands under the first one that is told; one whose causes are all left out, or that
 * would be its own cause, stands for itself. */
#ifndef REPORT_OUTLINE_H
#define REPORT_OUTLINE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/macros.h"
#include "tcpadvise/error.h"
#include "tcpadvise/report.h"

struct ta_outline_entry {
	const json_t *finding; /* borrowed from the report */
	size_t depth;          /* 0: not a consequence of another */
};

struct ta_outline {
	struct ta_outline_entry *entries;
	size_t count;
	size_t total[TA_SEVERITY_CRITICAL + 1];  /* by severity, silenced ones apart */
	size_t hidden[TA_SEVERITY_CRITICAL + 1]; /* of them below the least severity */
	size_t silenced;
};

/* The severity of a finding; an unknown word counts as info, so that nothing is lost. */
enum ta_severity ta_finding_severity(const json_t *finding);

bool ta_outline_init(struct ta_outline *ret, const json_t *report, enum ta_severity least,
		     struct ta_error *err);
void ta_outline_done(struct ta_outline *outline);

#endif
