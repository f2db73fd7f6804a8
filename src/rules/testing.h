/* testing.h - the tests that a pack brings along: <pack>.test.json beside it.
 *
 * A case is a snapshot (a base and an RFC 7386 merge patch) and what one rule must say of it. */
#ifndef RULES_TESTING_H
#define RULES_TESTING_H

#include <jansson.h>
#include <stddef.h>

#include "rules/coverage.h"

struct ta_test_tally {
	size_t passed, failed;
	struct ta_buf text; /* a line for each failure */
	json_t *seen;       /* rule id -> how many cases showed an outcome: "fires", "passes" ... */
	struct ta_coverage coverage;
	struct ta_coverage_sum sum;
	struct ta_share rules; /* those that have all their cases */
	bool verbose; /* to tell the cases of each rule, and the fixes and texts that none reached
		       */
};

bool ta_test_tally_init(struct ta_test_tally *tally);
void ta_test_tally_done(struct ta_test_tally *tally);

/* The snapshot of a case: base with an RFC 7386 patch, or none (NULL). A new reference; NULL when
 * memory ran out. */
json_t *ta_test_snapshot(const json_t *base, const json_t *patch);

/* The parameters of a pack with those of a case; the same. */
json_t *ta_test_params(const json_t *params, const json_t *test);

/* Runs the cases of one test file against the finished book. What is wrong with the file itself is
 * a failure in the tally; false is memory. The book's parameters are as before afterwards. */
bool ta_rules_test(struct ta_rules *rules, const char *name, const char *text, size_t len,
		   struct ta_test_tally *tally, struct ta_error *err);

/* Adds up what the cases reached of the rules of the pack (NULL: of all). A rule that lacks a case
 * that fires, a near miss (one that the base became by a patch, and passes) or one with a missing
 * fact, or a severity that no case has, is a failure. */
bool ta_rules_test_coverage(const struct ta_rules *rules, const char *pack,
			    struct ta_test_tally *tally);

#endif
