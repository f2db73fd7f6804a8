/* cmd_audit.c - tcpadvise [audit]: collect or read a snapshot, hold it against the rules, report,
 * and post the report when asked to. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/macros.h"
#include "cli/collecting.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/rulebook.h"
#include "tcpadvise/deliver.h"
#include "tcpadvise/report.h"

TA_DEFINE_AUTO(json_t, json_decref)

static bool get_snapshot(const struct ta_settings *settings, json_t **ret, struct ta_error *err)
{
	if (settings->input.count)
		return ta_input_read(settings, ret, err);
	return ta_collecting_run(settings, ret, err);
}

static bool evaluate(const struct ta_settings *settings, const struct ta_rules *rules,
		     const json_t *snapshot, json_t **ret, struct ta_error *err)
{
	const struct ta_clock *clock = ta_clock_system();
	struct ta_evaluate_options options = { .only = settings->only.items,
					       .skip = settings->skip.items,
					       .now_ms = clock->realtime_ms(clock->ctx) };

	return ta_rules_evaluate(rules, snapshot, &options, ret, err);
}

static bool print_report(const struct ta_settings *settings, const json_t *report,
			 struct ta_error *err)
{
	struct ta_render_options options = {
		.width = settings->output ? 0 : ta_output_columns(),
		.color = !settings->output && ta_use_color(settings, STDOUT_FILENO),
		.verbose = settings->verbose,
		.min_severity = settings->min_severity,
	};
	ta_auto_free char *text = NULL;
	size_t len;

	return ta_report_render(report, settings->format ? settings->format : "text", &options,
				&text, &len, err) &&
	       ta_output(settings, text, len, err);
}

static const char *webhook_of(const struct ta_settings *settings)
{
	const char *secret = getenv("TCPADVISE_WEBHOOK");

	if (settings->webhook)
		return settings->webhook;
	return secret && *secret ? secret : NULL;
}

static bool post_report(const struct ta_settings *settings, const json_t *report,
			struct ta_error *err)
{
	struct ta_deliver_options options = { .url = webhook_of(settings),
					      .format = settings->webhook_format,
					      .ca_file = settings->webhook_ca };

	if (!options.url)
		return true;
	return ta_deliver(report, &options, err);
}

/* The status that --fail-on asks for. */
static int verdict_status(const struct ta_settings *settings, const json_t *report)
{
	enum ta_severity worst = ta_report_worst(report);

	if (!settings->fail_on || worst < ta_severity_parse(settings->fail_on))
		return TA_EXIT_OK;
	return worst == TA_SEVERITY_CRITICAL ? TA_EXIT_CRITICAL : TA_EXIT_WARNING;
}

static int fail(const struct ta_error *err)
{
	return ta_complain(err, err->code == TA_E_USAGE ? TA_EXIT_USAGE : TA_EXIT_FAILED);
}

/* The report is printed before it is posted: a receiver that fails must not keep it back. */
static int run(const struct ta_settings *settings, char *const *args, size_t count)
{
	int status = TA_EXIT_OK;
	struct ta_error err = TA_ERROR_INIT;
	struct ta_rules *rules = ta_rulebook_load(settings, TA_RULEBOOK_INDEX, &status);
	ta_auto(json_decref_p) json_t *snapshot = NULL;
	ta_auto(json_decref_p) json_t *report = NULL;

	(void)args;
	(void)count;
	if (!rules)
		return status;
	if (!get_snapshot(settings, &snapshot, &err) ||
	    !evaluate(settings, rules, snapshot, &report, &err) ||
	    !print_report(settings, report, &err) || !post_report(settings, report, &err))
		return fail(&err);
	return verdict_status(settings, report);
}

const struct ta_command ta_cmd_audit = {
	.name = "audit",
	.arguments = "",
	.summary = "say which TCP limit is hit, by whom, what fixes it (the default)",
	.details = "Exit status: 0 the audit ran, whatever it found; 1 and 2 with --fail-on; 3 it "
		   "could not be\ndone or posted; 64 wrong usage.\n",
	.options = TA_OPTIONS_EVERYWHERE | TA_OPTIONS_COLLECT | TA_OPTIONS_RULES |
		   TA_OPTION(TA_OPT_INPUT) | TA_OPTION(TA_OPT_COLOR) | TA_OPTION(TA_OPT_FORMAT) |
		   TA_OPTION(TA_OPT_OUTPUT) | TA_OPTION(TA_OPT_MIN_SEVERITY) |
		   TA_OPTION(TA_OPT_FAIL_ON) | TA_OPTION(TA_OPT_WEBHOOK) |
		   TA_OPTION(TA_OPT_WEBHOOK_FORMAT) | TA_OPTION(TA_OPT_WEBHOOK_CA),
	.run = run,
};
