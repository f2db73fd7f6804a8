/* budget.h - what there is of a thing that has a limit, and the limit: the local ports of each
 * destination, the accept queue of each listener, the descriptors of each process ... Facts of the
 * snapshot that a report embeds, for the formats that a machine watches. */
#ifndef REPORT_BUDGET_H
#define REPORT_BUDGET_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "tcpadvise/error.h"

enum { TA_BUDGET_LABELS = 4 };

/* A kind of budget: where the snapshot has it, and how it is called. */
struct ta_budget_kind {
	const char *name;         /* stable: metrics and labels of perfdata are named so */
	const char *scope;        /* "namespaces", "processes", or NULL: the host */
	const char *list;         /* in each element of the scope; NULL: the element itself */
	const char *used, *limit; /* paths, members with a '/' between them */
	size_t of_limit;          /* which of several numbers the limit is */
	bool in_pages;            /* both are pages of memory; told in bytes */
	struct {
		const char *name, *member;
	} labels[TA_BUDGET_LABELS - 1]; /* of an element; that of a namespace is its own */
	const char *left_out; /* elements that the snapshot has no room for, a member beside the
			       * list; or NULL */
	const char *pack, *warning, *critical; /* parameters of the rules: percent of the limit */
};

extern const struct ta_budget_kind ta_budget_kinds[];
extern const size_t ta_budget_kind_count;

struct ta_budget {
	const char *labels[TA_BUDGET_LABELS]; /* the namespace, then those of the kind; or NULL */
	json_int_t used, limit;
	bool has_limit;
};

struct ta_budgets {
	struct ta_budget *rows; /* no two with the same labels; fullest first, then those
				 * without a limit */
	size_t count, room;
	size_t left_out; /* that the snapshot does not list */
	bool known;      /* the snapshot has what would list them */
};

/* Strings are borrowed from the snapshot. */
bool ta_budgets_init(struct ta_budgets *ret, const json_t *snapshot,
		     const struct ta_budget_kind *kind, struct ta_error *err);
void ta_budgets_done(struct ta_budgets *budgets);

#endif
