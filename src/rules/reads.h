/* reads.h - which facts of a snapshot an expression of a rule reads, without evaluating it.
 *
 * A fact is named as not_checked and gaps[] name it: host.sysctl["kernel.pid_max"],
 * namespaces[].listeners[].backlog. The element of for_each and variables of loops stand for
 * elements of their list; a key that is computed leaves the path of its map. */
#ifndef RULES_READS_H
#define RULES_READS_H

#include "rules/rule.h"

enum { TA_READ_PATH_MAX = 512 }; /* a longer path is none */

struct ta_read {
	const char *path;
	bool of_element; /* of the one that for_each is at, not of any in its list */
	bool is_asked;   /* by has(): the expression can do without it */
};

typedef void ta_read_visit(void *ctx, const struct ta_read *read);

/* Calls visit() for each fact, in the order of the text; one that is read twice is told twice. A
 * let that is a path is told as that; what another reads is told once, where the first names it. */
void ta_expr_reads(const struct ta_rule *rule, const struct ta_expr *expr, ta_read_visit *visit,
		   void *ctx);

/* The path of the elements of for_each in ret, TA_READ_PATH_MAX bytes; false when the list is made
 * of no fact. */
bool ta_element_path(const struct ta_rule *rule, char *ret);

#endif
