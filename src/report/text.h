/* text.h - the parts of the text report, a file each. */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

#include <jansson.h>
#include <stdbool.h>

#include "report/outline.h"
#include "report/page.h"
#include "tcpadvise/report.h"

/* The style of a severity. */
enum ta_style ta_severity_style(enum ta_severity severity);

/* Columns of the widest word for a severity. */
size_t ta_severity_width(void);

/* "listener 0.0.0.0:80, namespace host" of what has a scope. */
void ta_text_add_who(struct ta_buf *out, const json_t *finding);

/* "listener 0.0.0.0:80, namespace host [rule-id]" of what has a rule and a scope. */
void ta_text_who(struct ta_page *page, size_t left, const json_t *finding);

/* What could not be checked, by reason, with the facts that lack and the rules that lack them;
 * nothing, without the heading, when there are no rows. */
bool ta_text_unchecked(struct ta_page *page, const char *heading, const json_t *rows,
		       struct ta_error *err);

/* Whether what is said of one namespace has to name it. */
bool ta_text_has_many_namespaces(const json_t *report);

/* How many network namespaces there are, and which. Nothing when there is one. */
void ta_text_namespaces(struct ta_page *page, const json_t *report);

/* The severity and the title on one line; behind the name of its namespace when it is to be named,
 * and with the number of further namespaces where it is so. */
void ta_text_overview(struct ta_page *page, const json_t *finding, bool name_namespace,
		      size_t more);

/* The first screen for who has ten seconds: the worst finding with whom it concerns, the figure
 * that tells most as a bar against its limit, and one thing to do. */
void ta_text_headline(struct ta_page *page, const json_t *finding);

/* That of a host where no problem was found: what was looked at, and what was found in order. */
void ta_text_reassurance(struct ta_page *page, const json_t *report);

/* A line for each finding of an outline, not folded. */
void ta_text_brief(struct ta_page *page, const struct ta_outline *outline);

/* What the class of a finding and the states that it names mean. */
void ta_text_meaning(struct ta_page *page, size_t left, const json_t *finding);

/* The line before the first consequence of a finding. */
void ta_text_consequences(struct ta_page *page, size_t depth);

/* One finding. One that is not told in full is without the details of its fixes and what to avoid;
 * a consequence then is without its reason, too. */
void ta_text_finding(struct ta_page *page, const struct ta_outline_entry *entry, bool in_full,
		     bool verbose);

/* What to look for in the code, by runtime: the first few unless everything is asked for. A program
 * whose name tells its own has one. */
void ta_text_code(struct ta_page *page, size_t left, const json_t *code, bool verbose);

/* Sockets by state; namespaces beside each other, the busiest when not all fit. */
void ta_text_states(struct ta_page *page, const json_t *namespaces);

/* Sockets by who holds them, in the same way. Nothing when nobody looked. */
void ta_text_owners(struct ta_page *page, const json_t *report);

/* Where sockets and owners were read, and what that cost. Nothing when nobody knows. */
void ta_text_account(struct ta_page *page, const json_t *collection);

/* What to run next to settle what is open, of captured text; nothing of a live host. */
void ta_text_next(struct ta_page *page, const json_t *report);

/* Of captured text: what was read from which lines, and what contradicts itself; verbose: which
 * lines were used and which were not understood. Nothing of a live host. false: memory ran out. */
bool ta_text_evidence(struct ta_page *page, const json_t *report, bool verbose,
		      struct ta_error *err);

/* What a scope is about beside the place of the reader: the name of the namespace, or "". */
const char *ta_text_place(const json_t *scope);

/* What becomes of the findings under assumptions, and how much room there is then: "what_if". */
void ta_text_outlook(struct ta_page *page, const json_t *outlook, bool verbose);

/* A row of its "headroom", not made safe for a terminal. */
void ta_print_room(struct ta_buf *out, const json_t *row);

/* The same as a section of a report; nothing when nothing is assumed. */
void ta_text_what_if(struct ta_page *page, const json_t *report, bool verbose);

/* What is ruled out: a line for each class of problems, or (verbose) for each rule that passed. */
void ta_text_ruled_out(struct ta_page *page, const json_t *report, bool verbose);

#endif
