/* rulebook.h - the rules in force as a book for people, by classes of problems. */
#ifndef REPORT_RULEBOOK_H
#define REPORT_RULEBOOK_H

#include "base/buf.h"
#include "rules/rule.h"

/* Appends the book as Markdown: the myths, then each class with its rules: how a finding reads,
 * when it is made, fixes, folklore, sources. */
bool ta_rulebook_markdown(struct ta_rules *rules, struct ta_buf *out, struct ta_error *err);

#endif
