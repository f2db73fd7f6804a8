/* summary.h - the sentences at the head of a report, for every format that people read. Facts of
 * the host are appended as they are: the caller makes the sentence safe for where it goes. */
#ifndef REPORT_SUMMARY_H
#define REPORT_SUMMARY_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "report/outline.h"
#include "tcpadvise/report.h"

/* What the audit came to, from good to bad. */
enum ta_verdict {
	TA_VERDICT_GOOD,
	TA_VERDICT_OPEN, /* nothing could be checked */
	TA_VERDICT_WARNING,
	TA_VERDICT_CRITICAL,
};

/* "CRITICAL", "WARNING", "NOTE": what a finding is introduced by. */
const char *ta_severity_word(enum ta_severity severity);

/* "3 problems on web-1: 1 critical, 2 warning, 4 notes", or that there is none. */
enum ta_verdict ta_summary_verdict(struct ta_buf *out, const json_t *report,
				   const struct ta_outline *outline);

/* "1 critical, 2 warning": what there is of the severities from "least" on, by severity. Nothing
 * where there is none. */
void ta_summary_counts(struct ta_buf *out, const size_t *counts, enum ta_severity least);

/* "Linux 6.1.0-26-amd64, 8 CPUs, 15.6 GiB, docker container, up 12 days": what is known. */
void ta_summary_host(struct ta_buf *out, const json_t *host);

/* "Taken 2026-11-23T20:49:15Z, rates over 1 s". */
void ta_summary_collection(struct ta_buf *out, const json_t *report);

/* "warning: title (reason; until 2027-01-31; by /etc/...json)", of a finding that is silenced. */
void ta_summary_silenced(struct ta_buf *out, const json_t *finding);

/* What could not be checked, by reason: a new object, reason -> { "facts": { path: true },
 * "rules": { id: true } }. What lacks the same for the same reason is said once, and a rule that
 * is there for several namespaces is named once. NULL when memory ran out. */
json_t *ta_summary_unchecked(const json_t *rows);

/* The members of a set as "a, b, c". */
void ta_summary_set(struct ta_buf *out, const json_t *set);

#endif
