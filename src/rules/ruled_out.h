/* ruled_out.h - "not the cause": classes of problems of which every check that could be made found
 * nothing. */
#ifndef RULES_RULED_OUT_H
#define RULES_RULED_OUT_H

#include <jansson.h>

/* From the lists of a report: [{class, namespace, text, checked, not_checked}], in the order of
 * passed. A class is there, for each namespace (none: the host), when a rule of it passed and none
 * found anything of severity warning or critical there. text is the first rule's, with its figures;
 * checked and not_checked count the rules. What is no problem by itself (harmful_setting,
 * no_problem) is left out. A new reference; NULL when memory ran out. */
json_t *ta_ruled_out(const json_t *findings, const json_t *passed, const json_t *not_checked);

#endif
