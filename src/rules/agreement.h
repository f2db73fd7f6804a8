/* agreement.h - whether the fixes of a book agree with each other and with the kernels that they
 * are meant for. What a condition can't prove is settled when findings stand side by side
 * (finding.h); here an author hears of it before. */
#ifndef RULES_AGREEMENT_H
#define RULES_AGREEMENT_H

#include "rules/rule.h"

/* Whether the values that a rule advises give way to those of the other: "yields_to". */
bool ta_rule_yields(const struct ta_rule *rule, const struct ta_rule *to);

/* Adds a mistake for each setting that a fix may advise
 * - whose key the catalogue does not know, or a kernel that the rule allows does not have;
 * - while another fix may advise a different value for the same key: neither do their conditions
 *   exclude each other nor does one rule yield to the other ("yields_to").
 * false: memory ran out. */
bool ta_rules_check_agreement(const struct ta_rules *rules, struct ta_mistakes *mistakes);

#endif
