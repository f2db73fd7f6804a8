/* compile.h - from a pack's JSON to rules that can be evaluated. */
#ifndef RULES_COMPILE_H
#define RULES_COMPILE_H

#include "rules/rule.h"
#include "rules/source.h"
#include "rules/vocabulary.h"

/* What the compilation of the rules of one pack needs and where their mistakes go. */
struct ta_compilation {
	const struct ta_vocabulary *vocabulary;
	struct ta_types *types; /* takes those that the compilation makes */
	const struct ta_source *source;
	struct ta_mistakes *mistakes;
	struct ta_env *env; /* of the rule at hand; what all have in common stays */
	bool failed;        /* memory ran out */
};

void ta_compilation_done(struct ta_compilation *compilation);

/* Compiles the string at this pointer, or its part of len bytes from offset. A result type other
 * than wanted (TA_DYN: any) is a mistake. NULL after a mistake. */
struct ta_expr *ta_compile_expr(struct ta_compilation *compilation, const char *pointer,
				const char *text, size_t offset, size_t len, enum ta_kind wanted);

/* A rule that is not compiled: where it is and what it is called. NULL when memory ran out. */
struct ta_rule *ta_rule_outline(const struct ta_pack *pack, const char *pointer,
				const json_t *json);

/* Compiles a rule that its schema has accepted; pointer is its place in the pack. NULL when
 * memory ran out; mistakes leave a rule that must not be evaluated. */
struct ta_rule *ta_rule_new(struct ta_compilation *compilation, const struct ta_pack *pack,
			    const char *pointer, const json_t *json);
struct ta_rule *ta_rule_free(struct ta_rule *rule);

#endif
