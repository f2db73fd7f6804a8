/* plan_job.c - see plan_job.h. */
#include "cli/plan_job.h"

#include <unistd.h>

#include "cli/collecting.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/redacting.h"
#include "cli/rulebook.h"
#include "cli/verdict.h"

bool ta_plan_job_look(struct ta_plan_job *job, struct ta_error *err)
{
	const struct ta_settings *settings = job->settings;
	const struct ta_plan_options options = {
		.least = settings->min_severity ? ta_severity_parse(settings->min_severity)
						: TA_SEVERITY_WARNING,
		.force = settings->force.items,
		.evaluate = ta_verdict_options(settings),
	};

	return (settings->input.count ? ta_input_read(settings, &job->snapshot, err)
				      : ta_collecting_run(settings, &job->snapshot, err)) &&
	       ta_redacting_run(settings, job->snapshot, err) &&
	       ta_plan(job->rules, job->snapshot, &options, &job->plan, err);
}

bool ta_plan_job_print(const struct ta_plan_job *job, const char *format, struct ta_error *err)
{
	const struct ta_settings *settings = job->settings;
	struct ta_render_options options = ta_output_options(settings);
	ta_auto_free char *text = NULL;
	size_t len;

	return ta_plan_render(job->plan, format, &options, settings->kubernetes, &text, &len,
			      err) &&
	       ta_output(settings, text, len, err);
}

static void job_done(struct ta_plan_job *job)
{
	json_decref(job->snapshot);
	json_decref(job->plan);
}

int ta_plan_job_run(const struct ta_settings *settings,
		    bool (*work)(struct ta_plan_job *job, struct ta_error *err))
{
	struct ta_error err = TA_ERROR_INIT;
	ta_auto(job_done) struct ta_plan_job job = { .settings = settings };
	int status;

	job.rules = ta_rulebook_load(settings, TA_RULEBOOK_WHOLE, &status);
	if (!job.rules)
		return status;
	if (!work(&job, &err))
		return ta_complain(&err, err.code == TA_E_USAGE ? TA_EXIT_USAGE : TA_EXIT_FAILED);
	return TA_EXIT_OK;
}
