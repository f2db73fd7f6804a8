/* text.h - the parts of the text report, a file each. */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

#include <jansson.h>
#include <stdbool.h>

#include "report/outline.h"
#include "report/page.h"
#include "tcpadvise/report.h"

/* The style and the word of a severity. */
enum ta_style ta_severity_style(enum ta_severity severity);
const char *ta_severity_word(enum ta_severity severity); /* "CRITICAL" ... */

/* The severity and the title on one line. */
void ta_text_overview(struct ta_page *page, const json_t *finding);

/* The line before the first consequence of a finding. */
void ta_text_consequences(struct ta_page *page, size_t depth);

/* One finding; a consequence (depth > 0) is told shorter, unless verbose. */
void ta_text_finding(struct ta_page *page, const struct ta_outline_entry *entry, bool verbose);

/* Sockets by state; namespaces beside each other, as many as fit. */
void ta_text_states(struct ta_page *page, const json_t *namespaces);

#endif
