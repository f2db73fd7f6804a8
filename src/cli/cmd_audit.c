/* cmd_audit.c - tcpadvise [audit]: collect or read a snapshot, hold it against the rules, report,
 * and post the report when asked to; of a stream of snapshots one after the other. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/macros.h"
#include "cli/collecting.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/redacting.h"
#include "cli/rulebook.h"
#include "cli/stream.h"
#include "cli/verdict.h"
#include "tcpadvise/deliver.h"
#include "tcpadvise/report.h"

TA_DEFINE_AUTO(json_t, json_decref)

/* What is asked for and what has come of it so far. */
struct audit {
	const struct ta_settings *settings;
	const struct ta_rules *rules;
	struct ta_outlet *outlet; /* of a stream, or NULL */
	size_t printed;           /* reports of the stream */
	enum ta_severity worst;
	enum ta_plugin_state state; /* with the format nagios */
};

static bool wants(const struct ta_settings *settings, const char *format)
{
	return settings->format && strcmp(settings->format, format) == 0;
}

static bool wants_text(const struct ta_settings *settings)
{
	return !settings->format || wants(settings, "text");
}

/* What a monitoring system reads is about one host as it is now. */
static bool is_monitored(const struct ta_settings *settings)
{
	return wants(settings, "nagios") || wants(settings, "prometheus");
}

/* Two pages don't make one, either. */
static bool is_of_one(const struct ta_settings *settings)
{
	return is_monitored(settings) || wants(settings, "html");
}

static bool is_shown(const struct ta_settings *settings)
{
	return settings->format && ta_report_shows_snapshot(settings->format);
}

/* ---- one report -------------------------------------------------------------------- */

static bool evaluate(const struct audit *audit, json_t *snapshot, json_t **ret,
		     struct ta_error *err)
{
	if (!ta_verdict_reach(audit->settings, audit->rules, snapshot, ret, err))
		return false;
	if ((is_shown(audit->settings) || audit->settings->with_snapshot) &&
	    json_object_set(*ret, "snapshot", snapshot) < 0)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	if (is_shown(audit->settings) &&
	    !ta_json_set(*ret, "params", ta_rules_params(audit->rules)))
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	return true;
}

static bool render(const struct audit *audit, const json_t *report, char **ret, size_t *ret_len,
		   struct ta_error *err)
{
	const struct ta_settings *settings = audit->settings;
	struct ta_render_options options = ta_output_options(settings);

	options.compact = audit->outlet;
	options.min_severity = settings->min_severity;
	options.verbose |= settings->explain;
	options.brief = settings->brief;
	options.only_problems = settings->only_problems;
	options.flavour = settings->flavour;
	options.fail_on = settings->fail_on;
	return ta_report_render(report, settings->format ? settings->format : "text", &options, ret,
				ret_len, err);
}

/* Between two reports for people. */
static bool put_separator(const struct audit *audit, struct ta_error *err)
{
	static const char rule[] = "\n========================================\n\n";
	static const char markdown_rule[] = "\n---\n\n";
	const char *line = wants(audit->settings, "markdown") ? markdown_rule : rule;

	if (audit->printed == 0 || wants(audit->settings, "json"))
		return true;
	return ta_outlet_put(audit->outlet, line, strlen(line), err);
}

static bool print_report(struct audit *audit, const char *text, size_t len, struct ta_error *err)
{
	if (!audit->outlet && wants(audit->settings, "prometheus"))
		return ta_output_shared(audit->settings, text, len, err);
	if (!audit->outlet)
		return ta_output(audit->settings, text, len, err);
	if (!put_separator(audit, err) || !ta_outlet_put(audit->outlet, text, len, err))
		return false;
	audit->printed++;
	return true;
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

static bool keep_worst(struct audit *audit, const json_t *report, struct ta_error *err)
{
	enum ta_severity worst = ta_report_worst(report);

	if (worst > audit->worst)
		audit->worst = worst;
	return ta_report_plugin_state(report, audit->settings->fail_on, &audit->state, err);
}

static int status_of(const struct audit *audit)
{
	if (wants(audit->settings, "nagios"))
		return (int)audit->state;
	return ta_verdict_status(audit->settings, audit->worst);
}

static int fail(const struct ta_error *err)
{
	return ta_complain(err, err->code == TA_E_USAGE ? TA_EXIT_USAGE : TA_EXIT_FAILED);
}

/* The report is printed before it is posted: a receiver that fails must not keep it back. */
static bool report_on(struct audit *audit, json_t *snapshot, struct ta_error *err)
{
	ta_auto(json_decref_p) json_t *report = NULL;
	ta_auto_free char *text = NULL;
	size_t len;

	if (!ta_redacting_run(audit->settings, snapshot, err) ||
	    !evaluate(audit, snapshot, &report, err) || !render(audit, report, &text, &len, err) ||
	    !print_report(audit, text, len, err) || !keep_worst(audit, report, err))
		return false;
	if (!audit->settings->with_snapshot) { /* was for the page */
		json_object_del(report, "snapshot");
		json_object_del(report, "params");
	}
	return post_report(audit->settings, report, err);
}

/* ---- one or many ------------------------------------------------------------------- */

static bool load_rules(struct audit *audit, enum ta_rulebook wanted, int *ret_status)
{
	audit->rules = ta_rulebook_load(audit->settings, wanted, ret_status);
	return audit->rules;
}

static int audit_one(struct audit *audit, struct ta_input *input)
{
	struct ta_error err = TA_ERROR_INIT;
	ta_auto(json_decref_p) json_t *snapshot = NULL;
	int status;

	if (!load_rules(audit, TA_RULEBOOK_INDEX, &status))
		return status;
	if (!(input ? ta_input_only(input, &snapshot, &err)
		    : ta_collecting_run(audit->settings, &snapshot, &err)) ||
	    !report_on(audit, snapshot, &err))
		return fail(&err);
	return status_of(audit);
}

static bool visit(void *ctx, json_t *snapshot, struct ta_outlet *outlet, struct ta_error *err)
{
	struct audit *audit = ctx;

	audit->outlet = outlet;
	return report_on(audit, snapshot, err);
}

static int audit_stream(struct audit *audit, struct ta_input *input)
{
	int status;

	if (!load_rules(audit, TA_RULEBOOK_WHOLE, &status))
		return status;
	status = ta_stream_run(audit->settings, input, visit, audit);
	return status == TA_EXIT_OK ? status_of(audit) : status;
}

static int audit_input(struct audit *audit)
{
	ta_auto(ta_input_done) struct ta_input input;
	struct ta_error err = TA_ERROR_INIT;

	if (!ta_input_open(&input, audit->settings->input.items, audit->settings->input.count,
			   &err))
		return fail(&err);
	input.shows_progress = ta_progress_is_shown(audit->settings);
	return input.kind == TA_INPUT_STREAM && !is_of_one(audit->settings)
		       ? audit_stream(audit, &input)
		       : audit_one(audit, &input);
}

/* How much of the report is told is a matter of the terminal's. */
static bool check_extent(const struct ta_settings *settings, struct ta_error *err)
{
	const struct {
		bool is_given;
		const char *name;
	} extents[] = {
		{ settings->brief, "--brief" },
		{ settings->only_problems, "--only-problems" },
		{ settings->explain, "--explain" },
	};

	for (size_t i = 0; i < TA_ARRAY_SIZE(extents); i++)
		if (extents[i].is_given && !wants_text(settings))
			return ta_fail(err, TA_E_USAGE, "%s goes with --format text",
				       extents[i].name);
	return true;
}

static bool check_contradictions(const struct ta_settings *settings, struct ta_error *err)
{
	const char *least = settings->min_severity;
	const struct {
		bool are_given;
		const char *names;
	} pairs[] = {
		{ settings->brief && settings->explain, "--brief and --explain" },
		{ settings->brief && settings->verbose, "--brief and --verbose" },
		{ settings->only_problems && settings->explain, "--only-problems and --explain" },
		{ settings->only_problems && settings->verbose, "--only-problems and --verbose" },
		{ settings->only_problems && least && strcmp(least, "info") == 0,
		  "--only-problems and --min-severity info" },
	};

	for (size_t i = 0; i < TA_ARRAY_SIZE(pairs); i++)
		if (pairs[i].are_given)
			return ta_fail(err, TA_E_USAGE, "%s contradict each other", pairs[i].names);
	return true;
}

/* What is assumed is no alert: whoever is woken by it looks for what is not there. */
static bool check_options(const struct ta_settings *settings, struct ta_error *err)
{
	if (settings->with_snapshot && !wants(settings, "json"))
		return ta_fail(err, TA_E_USAGE, "--with-snapshot goes with --format json");
	if (settings->flavour && !wants(settings, "markdown"))
		return ta_fail(err, TA_E_USAGE, "--flavour goes with --format markdown");
	if (settings->assume.count && webhook_of(settings))
		return ta_fail(err, TA_E_USAGE,
			       "what --assume makes of this host is not posted: leave out the "
			       "webhook");
	if (settings->assume.count && is_monitored(settings))
		return ta_fail(err, TA_E_USAGE,
			       "--format %s tells what is, --assume what would be: leave out one",
			       settings->format);
	return check_extent(settings, err) && check_contradictions(settings, err);
}

static int run(const struct ta_settings *settings, char *const *args, size_t count)
{
	struct audit audit = { .settings = settings };
	struct ta_error err = TA_ERROR_INIT;

	(void)args;
	(void)count;
	if (!check_options(settings, &err))
		return fail(&err);
	return settings->input.count ? audit_input(&audit) : audit_one(&audit, NULL);
}

const struct ta_command ta_cmd_audit = {
	.name = "audit",
	.arguments = "",
	.summary = "say which TCP limit is hit, by whom, what fixes it (the default)",
	.details = "An input with a snapshot a line gives a report a line with --format "
		"json, in constant memory and in the same order. On all "
		"processors:\n\n  parallel --pipe --block 10M -k tcpadvise audit "
		"--input - --format json <FILE\n\n"
		"With --format nagios the exit status is that of a plug-in: 0 OK, 1 "
		"WARNING, 2 CRITICAL, 3 UNKNOWN; with --fail-on critical a warning is OK.",
	.options = TA_OPTIONS_EVERYWHERE | TA_OPTIONS_COLLECT | TA_OPTIONS_RULES |
		   TA_OPTION(TA_OPT_INPUT) | TA_OPTION(TA_OPT_ASSUME) | TA_OPTION(TA_OPT_REDACT) |
		   TA_OPTION(TA_OPT_COLOR) | TA_OPTION(TA_OPT_REPORT_FORMAT) |
		   TA_OPTION(TA_OPT_FLAVOUR) | TA_OPTION(TA_OPT_WITH_SNAPSHOT) |
		   TA_OPTION(TA_OPT_OUTPUT) | TA_OPTION(TA_OPT_MIN_SEVERITY) |
		   TA_OPTION(TA_OPT_BRIEF) | TA_OPTION(TA_OPT_ONLY_PROBLEMS) |
		   TA_OPTION(TA_OPT_EXPLAIN) | TA_OPTION(TA_OPT_FAIL_ON) | TA_OPTION(TA_OPT_WEBHOOK) |
		   TA_OPTION(TA_OPT_WEBHOOK_FORMAT) | TA_OPTION(TA_OPT_WEBHOOK_CA),
	.exits = {
		{ TA_EXIT_OK, "the audit ran, whatever it found" },
		{ TA_EXIT_WARNING, "a warning was found, with --fail-on warning" },
		{ TA_EXIT_CRITICAL, "a critical finding, with --fail-on" },
		{ TA_EXIT_FAILED, "it could not be done, or not posted" },
		{ TA_EXIT_USAGE, "wrong usage" },
	},
	.examples = {
		{ "tcpadvise",
		  "Look at this host; as root, so that programs are named." },
		{ "tcpadvise audit --netns all --fail-on critical --quiet",
		  "From a timer: all network namespaces, and an exit status of "
			"2 when something is broken." },
		{ "tcpadvise audit --input ticket/ --format json",
		  "Judge what somebody else has collected." },
		{ "tcpadvise audit --assume net.ipv4.tcp_tw_reuse=1",
		  "What would that setting change?" },
	},
	.run = run,
};
