/* finding.h - one finding as JSON, and what is done with all of them in the end. */
#ifndef RULES_FINDING_H
#define RULES_FINDING_H

#include <stdint.h>

#include "rules/level.h"
#include "rules/rule.h"

struct ta_provenance;

/* The rule, the values of its variables and where it is evaluated. */
struct ta_judgement {
	const struct ta_rule *rule;
	struct ta_eval *eval;
	struct ta_value *slots; /* rule->slots of them */
	const json_t *snapshot;
	const json_t *ns;      /* the namespace, or NULL */
	const json_t *element; /* of for_each, or NULL */
	const struct ta_provenance *provenance;
	struct ta_coverage *coverage; /* or NULL */
	bool *no_memory;              /* set when memory ran out where a finding hides that */
};

struct ta_finding {
	const struct ta_rule *rule;
	json_t *json;     /* owned */
	json_t *identity; /* string, owned */
	enum ta_level severity;
	double rank;
	size_t order;
};

struct ta_findings {
	struct ta_finding *items;
	size_t count;
};

/* The finding of a rule whose severity condition held; NULL json when memory ran out. */
bool ta_finding_make(const struct ta_judgement *judgement, const char *level, double rank,
		     struct ta_finding *ret);

/* Fingerprints, causes, silences and order: worst first, causes before consequences. */
bool ta_findings_settle(struct ta_findings *findings, const struct ta_rules *rules, int64_t now_ms);

/* Whether a silence until this date (YYYY-MM-DD, the last day counts) is past. */
bool ta_silence_is_over(const char *until, int64_t now_ms);

/* A member of its scope; "" when it has none. */
const char *ta_finding_scope(const struct ta_finding *finding, const char *member);

void ta_findings_done(struct ta_findings *findings);

#endif
