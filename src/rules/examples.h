/* examples.h - how the findings of a rule read: taken from the cases of the packs that were
 * compiled in, since a text with its holes filled says more than one with holes. */
#ifndef RULES_EXAMPLES_H
#define RULES_EXAMPLES_H

#include "rules/rule.h"

/* What a rule says, as JSON: "finding", that of its first case that fires, and "fixes" and "avoid",
 * each of its fixes and warnings as the first case got it that was given it (null: none was).
 * Without a finding for a rule without cases, such as one of a local pack. The book's parameters
 * are as before afterwards. A new reference; NULL with *err when memory ran out. */
json_t *ta_rule_example(struct ta_rules *rules, const struct ta_rule *rule, struct ta_error *err);

#endif
