/* coverage.h - how much of the rules the cases of their tests reach. */
#ifndef RULES_COVERAGE_H
#define RULES_COVERAGE_H

#include "base/map.h"
#include "rules/rule.h"

/* What evaluations went through: severities that held, fixes that were offered, arms of ?: that
 * were taken; each as a part of something that lives as long as the book. */
struct ta_coverage {
	struct ta_map seen;
	json_t *samples; /* array, for ta_coverage_sample(); NULL: none wanted. Borrowed */
	bool failed;     /* memory ran out */
};

void ta_coverage_init(struct ta_coverage *coverage);
void ta_coverage_done(struct ta_coverage *coverage);

/* coverage may be NULL: nobody wants to know. */
void ta_coverage_note(struct ta_coverage *coverage, const void *thing, size_t part);

/* Puts a part of a finding as it was filled at this place of the samples, unless one is there:
 * first the rule's fixes, then what is to be avoided. */
void ta_coverage_sample(struct ta_coverage *coverage, size_t place, json_t *part);

/* As ta_rules_evaluate(), and notes what it went through. */
bool ta_rules_evaluate_covered(const struct ta_rules *rules, const json_t *snapshot,
			       const struct ta_evaluate_options *options,
			       struct ta_coverage *coverage, json_t **ret, struct ta_error *err);

/* Of one kind of part: how many there are, and how many were reached. */
struct ta_share {
	size_t reached, all;
};

struct ta_coverage_sum {
	struct ta_share severities, fixes;
	struct ta_share arms; /* of the ?: in texts, settings, limits and commands */
};

/* Adds a rule's shares to sum, and a line for each severity and for each fix
 * and arm that no case reached. */
void ta_coverage_sum(const struct ta_coverage *coverage, const struct ta_rule *rule,
		     struct ta_coverage_sum *sum, struct ta_buf *severities_lack,
		     struct ta_buf *others_lack);

#endif
