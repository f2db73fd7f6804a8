/* cmd_plan.c - tcpadvise plan: what to change because of the findings, in which order, and how it
 * is said to other tools. */
#include "cli/options.h"
#include "cli/plan_job.h"

static bool plan(struct ta_plan_job *job, struct ta_error *err)
{
	const char *format = job->settings->format;

	return ta_plan_job_look(job, err) && ta_plan_job_print(job, format ? format : "text", err);
}

static int run(const struct ta_settings *settings, char *const *args, size_t count)
{
	(void)args;
	(void)count;
	return ta_plan_job_run(settings, plan);
}

const struct ta_command ta_cmd_plan = {
	.name = "plan",
	.arguments = "",
	.summary = "turn findings into changes: what, in which order, how to take it back",
	.details = "Acts on warnings and critical findings; on notes, too, with "
		"--min-severity info.\n\nDialects: sysctl.d, shell (sysctl -w, "
		"prlimit), systemd (drop-ins), limits.conf, prlimit, docker, podman, "
		"compose, kubernetes, ansible, nixos, tuned. What a dialect cannot "
		"say is named in a comment. Changes that are refused (their risk is "
		"high, or another program or file owns the setting) are in none, "
		"unless --force names them.",
	.options = TA_OPTIONS_EVERYWHERE | TA_OPTIONS_COLLECT | TA_OPTIONS_RULES |
		   TA_OPTION(TA_OPT_INPUT) | TA_OPTION(TA_OPT_REDACT) | TA_OPTION(TA_OPT_COLOR) |
		   TA_OPTION(TA_OPT_PLAN_FORMAT) | TA_OPTION(TA_OPT_KUBERNETES) |
		   TA_OPTION(TA_OPT_OUTPUT) | TA_OPTION(TA_OPT_MIN_SEVERITY) |
		   TA_OPTION(TA_OPT_FORCE),
	.exits = {
		{ TA_EXIT_OK, "there is a plan, be it empty" },
		{ TA_EXIT_FAILED, "there is none" },
		{ TA_EXIT_USAGE, "wrong usage" },
	},
	.examples = {
		{ "tcpadvise plan --format sysctl.d --output 90-tcp.conf",
		  "What the findings ask for, as a file for /etc/sysctl.d." },
	},
	.run = run,
};
