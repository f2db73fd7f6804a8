/* needs.h - the facts that a rule can't do without to decide, and the commands that print them.
 *
 * What a condition reads and does not ask for with has(), which one of them is missed first or
 * not: who has to ask for more evidence should ask once. */
#ifndef RULES_NEEDS_H
#define RULES_NEEDS_H

#include "rules/commands.h"

struct ta_rule;

struct ta_need {
	char *path;
	size_t command;   /* place in ta_commands; its count: none */
	const char *keys; /* of sysctl, as ta_commands_find() gives them */
	bool is_asked;    /* by has(): not needed, nor what is below it */
};

/* By path: the order of a rule's lets is that of its pack or of its index. */
struct ta_needs {
	struct ta_need *items;
	size_t count, room;
	bool made;
};

/* false when memory ran out. */
bool ta_needs_make(struct ta_needs *needs, const struct ta_rule *rule,
		   const struct ta_commands *commands);
void ta_needs_done(struct ta_needs *needs);

#endif
