/* advice.h - what would be if a setting were another, and a plan of what to change.
 *
 * Pure, as the evaluation is: both are documents made of documents. Who carries a plan out is
 * apply.h. */
#ifndef TCPADVISE_ADVICE_H
#define TCPADVISE_ADVICE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "tcpadvise/error.h"
#include "tcpadvise/report.h"
#include "tcpadvise/rules.h"

#define TA_PLAN_SCHEMA "tcpadvise.plan/1"

/* What is assumed: "net.ipv4.tcp_tw_reuse=1"; "net.core.somaxconn@blue=4096", in the namespace blue
 * only; "nofile=65536" or "nofile@nginx=8192:65536", the soft and the hard limit of all processes
 * or of those with this name or number; nproc and pids_max (the tasks of a control group) in the
 * same way. *ret is a new reference: { key, value, at }. TA_E_USAGE when it is none of that. */
TA_API bool ta_assumption_parse(const char *text, json_t **ret, struct ta_error *err);

/* *ret is a new reference: a copy of the snapshot in which this array of assumptions holds, and
 * what the collector derives of them: the ports that a destination can use, the tables' limits, the
 * backlog of listeners that the old net.core.somaxconn cut. What was measured stays as it was. An
 * assumption gets "was", the value that it replaces, where that is known. TA_E_USAGE when there is
 * no such place, or the kernel would not take the value. */
TA_API bool ta_assume(const json_t *snapshot, json_t *assumptions, json_t **ret,
		      struct ta_error *err);

/* *ret is a new reference: what the assumptions make of a report, the member "what_if" of
 * rules/schema/report.schema.json. before and after are what the same rules say of the snapshot and
 * of the one that ta_assume() made of it. */
TA_API bool ta_outlook(const json_t *snapshot, const json_t *before, const json_t *assumed,
		       const json_t *after, const json_t *assumptions, json_t **ret,
		       struct ta_error *err);

struct ta_plan_options {
	enum ta_severity least;   /* findings below are not acted on */
	const char *const *force; /* keys to change all the same, NULL-terminated, or NULL */
	struct ta_evaluate_options evaluate; /* which rules */
};

/* *ret is a new reference: the document of rules/schema/plan.schema.json. */
TA_API bool ta_plan(const struct ta_rules *rules, const json_t *snapshot,
		    const struct ta_plan_options *options, json_t **ret, struct ta_error *err);

/* The names of the formats of a plan, NULL-terminated: "text", "json", "markdown", then the
 * dialects. */
TA_API const char *const *ta_plan_formats(void);

/* *ret_text is to be freed. kubernetes: the version whose rules are asked for, or NULL. TA_E_USAGE
 * for another format. */
TA_API bool ta_plan_render(const json_t *plan, const char *format,
			   const struct ta_render_options *options, const char *kubernetes,
			   char **ret_text, size_t *ret_len, struct ta_error *err);

#endif
