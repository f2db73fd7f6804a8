/* rules.h - packs of rules, and a snapshot held against them.
 *
 * Packs are JSON (rules/schema/rule-pack.schema.json), conditions are CEL (expr.h) checked at
 * load against the snapshot schema. ta_rules_evaluate() is pure: the same rules and snapshot
 * give the same verdict for ever, but for "now", which only silences that expire look at. */
#ifndef TCPADVISE_RULES_H
#define TCPADVISE_RULES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcpadvise/error.h"
#include "tcpadvise/snapshot.h" /* TA_REPORT_SCHEMA */

struct ta_rules; /* a rule book: packs, their parameters, compiled conditions */

/* All mistakes of all files, as text for a person: "file:line:column: error: ..." with the
 * source line and a caret below. free() the text; "" when there are none. */
struct ta_rule_mistakes {
	char *text;
	size_t count;
};

TA_API void ta_rule_mistakes_done(struct ta_rule_mistakes *mistakes);

TA_API struct ta_rules *ta_rules_new(void);
TA_API struct ta_rules *ta_rules_free(struct ta_rules *rules);

/* How much of the packs that were compiled in is read. Both give the same report. */
enum ta_builtin {
	TA_BUILTIN_WHOLE,
	/* Without the words of findings, which are four fifths of the text; those of a rule that
	 * fires are read then. Rules are compiled by each evaluation: for a program that makes one.
	 * For ta_rules_evaluate(), not for ta_rules_describe(). */
	TA_BUILTIN_INDEX,
};

/* Packs can be added until ta_rules_finish(). Each returns false only for what keeps the pack
 * from being looked at (I/O, memory); what is wrong in it is a mistake. */
TA_API bool ta_rules_add_builtin(struct ta_rules *rules, enum ta_builtin how_much,
				 struct ta_error *err);
/* name is for messages, e.g. the file's. */
TA_API bool ta_rules_add_text(struct ta_rules *rules, const char *name, const char *text,
			      size_t len, struct ta_error *err);
/* "pack.name=value" or "name=value" where the name is unique; wins over every file. */
TA_API bool ta_rules_set_param(struct ta_rules *rules, const char *assignment,
			       struct ta_error *err);
/* Resolves overrides, compiles and checks. false with mistakes (or, for memory, err). */
TA_API bool ta_rules_finish(struct ta_rules *rules, struct ta_rule_mistakes *mistakes,
			    struct ta_error *err);

struct ta_evaluate_options {
	const char *const *only; /* rule ids, NULL-terminated; NULL: all. TA_E_USAGE if unknown */
	const char *const *skip; /* the same; NULL: none */
	int64_t now_ms;          /* since the epoch: for silences that expire */
};

/* *ret is a new reference: the report document, rules/schema/report.schema.json. */
TA_API bool ta_rules_evaluate(const struct ta_rules *rules, const json_t *snapshot,
			      const struct ta_evaluate_options *options, json_t **ret,
			      struct ta_error *err);

/* The parameters in force, pack -> { name: value }: what a report shows as thresholds ("params"). A
 * new reference; NULL when memory ran out. */
TA_API json_t *ta_rules_params(const struct ta_rules *rules);

/* The rules as they are in force, a JSON array in book order, for rules list|show and explain:
 * each the pack's own object plus "pack", "origin" (its file), "scope", "silences" and "params":
 * those that it reads, each with "value", "from" (file, "--param") and, if overridden, "default".
 */
TA_API json_t *ta_rules_describe(const struct ta_rules *rules);

#endif
