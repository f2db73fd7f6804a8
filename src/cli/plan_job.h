/* plan_job.h - from this host, or from --input, to a plan. */
#ifndef CLI_PLAN_JOB_H
#define CLI_PLAN_JOB_H

#include <jansson.h>

#include "base/macros.h"
#include "cli/command.h"
#include "tcpadvise/advice.h"

/* What is asked for, and what has come of it so far. */
struct ta_plan_job {
	const struct ta_settings *settings;
	const struct ta_rules *rules;
	json_t *snapshot, *plan; /* owned */
};

/* Looks at the host and makes the plan. */
bool ta_plan_job_look(struct ta_plan_job *job, struct ta_error *err);

/* Prints the plan where the command line wants it. */
bool ta_plan_job_print(const struct ta_plan_job *job, const char *format, struct ta_error *err);

/* What a command does with the rule book: its exit status; what failed was said. */
int ta_plan_job_run(const struct ta_settings *settings,
		    bool (*work)(struct ta_plan_job *job, struct ta_error *err));

#endif
