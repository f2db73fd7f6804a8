/* cmd_apply.c - tcpadvise apply: shows the plan, asks, carries out what the kernel and the limits
 * have to do with, and looks whether it helped. */
#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "advice/planning.h"
#include "base/clock.h"
#include "base/json.h"
#include "cli/change_text.h"
#include "cli/collecting.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/plan_job.h"
#include "cli/verdict.h"
#include "tcpadvise/apply.h"
#include "tcpadvise/diff.h"

enum { TEXT_MAX = 16 << 20, SETTLE_MS = 2000 };

static bool wants_json(const struct ta_settings *settings)
{
	return settings->format && strcmp(settings->format, "json") == 0;
}

/* ---- what is to be done -------------------------------------------------------------- */

static bool show(const struct ta_settings *settings, struct ta_buf *text, struct ta_error *err)
{
	return ta_buf_ok(text, err) && ta_output(settings, ta_buf_cstr(text), text->len, err);
}

static bool show_actions(const struct ta_settings *settings, const json_t *record,
			 struct ta_error *err)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(TEXT_MAX);

	if (wants_json(settings))
		return true;
	ta_buf_str(&text, "\nTo be set\n");
	ta_change_print_actions(&text, record);
	return show(settings, &text, err);
}

/* Whoever is asked says yes in so many words; an end of input is a no. */
static bool is_agreed(size_t count)
{
	char answer[16] = "";

	fprintf(stderr, "Make %s %zu change%s? [y/N] ", count == 1 ? "this" : "these", count,
		count == 1 ? "" : "s");
	fflush(stderr);
	return fgets(answer, sizeof(answer), stdin) && tolower((unsigned char)*answer) == 'y';
}

static bool ask(const struct ta_settings *settings, const json_t *record, struct ta_error *err)
{
	if (settings->yes)
		return true;
	if (!isatty(STDIN_FILENO))
		return ta_fail(
			err, TA_E_USAGE,
			"nobody can be asked, for standard input is no terminal: --yes makes "
			"the changes, --dry-run only shows them");
	return is_agreed(json_array_size(json_object_get(record, "actions"))) ||
	       ta_fail(err, TA_E_SYSTEM, "not agreed: nothing was changed");
}

/* ---- what it did --------------------------------------------------------------------- */

static bool is_meant(const json_t *record, const json_t *row)
{
	const json_t *action;
	size_t i;

	json_array_foreach (json_object_get(record, "actions"), i, action)
		if (ta_row_cites(action, row))
			return true;
	return false;
}

/* Of a comparison the findings that the changes rest on: a new reference. */
static json_t *effects_of(const json_t *record, const json_t *diff)
{
	json_t *effects = json_array(), *row;
	size_t i;

	json_array_foreach (json_object_get(diff, "findings"), i, row)
		if (is_meant(record, row) && json_array_append(effects, row) < 0) {
			json_decref(effects);
			return NULL;
		}
	return effects;
}

/* Looks again in the same way, and compares. */
static bool look_again(const struct ta_plan_job *job, json_t *record, struct ta_error *err)
{
	const struct ta_clock *clock = ta_clock_system();
	const struct ta_settings *settings = job->settings;
	ta_auto(json_decref_p) json_t *after = NULL, *before_report = NULL, *after_report = NULL;
	ta_auto(json_decref_p) json_t *renamed = NULL, *diff = NULL;
	struct ta_diff_side before = { "before", job->snapshot, NULL };
	struct ta_diff_side now = { "after", NULL, NULL };

	clock->sleep_ms(clock->ctx, settings->settle_given ? settings->settle_ms : SETTLE_MS);
	if (!ta_collecting_run(settings, &after, err) ||
	    !ta_diff_align(job->snapshot, after, &renamed, err) ||
	    !ta_verdict_reach(settings, job->rules, job->snapshot, &before_report, err) ||
	    !ta_verdict_reach(settings, job->rules, after, &after_report, err))
		return false;
	before.report = before_report;
	now.snapshot = after;
	now.report = after_report;
	return ta_diff(&before, &now, renamed, &diff, err) &&
	       (ta_json_set(record, "effects", effects_of(record, diff)) ||
		ta_fail(err, TA_E_NOMEM, "out of memory"));
}

static bool show_result(const struct ta_settings *settings, const json_t *record,
			struct ta_error *err)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(TEXT_MAX);

	if (wants_json(settings))
		return ta_output_json(settings, record, err);
	ta_buf_str(&text, "\nSet, and read back: ");
	ta_change_print_line(&text, record);
	if (json_object_get(record, "effects")) {
		ta_buf_str(&text, "\nWhat became of the findings\n");
		ta_change_print_effects(&text, json_object_get(record, "effects"));
	}
	ta_buf_printf(&text, "\nTo take it back: tcpadvise revert %" JSON_INTEGER_FORMAT "\n",
		      json_integer_value(json_object_get(record, "id")));
	return show(settings, &text, err);
}

/* ---- the command --------------------------------------------------------------------- */

/* The number of a change that was broken off, which may be why nothing is left to set; 0: none. */
static json_int_t broken_off(const struct ta_apply_options *options)
{
	ta_auto(json_decref_p) json_t *records = NULL;
	struct ta_error ignored = TA_ERROR_INIT;
	const json_t *record;
	size_t i;

	if (!ta_records(options, &records, &ignored))
		return 0;
	json_array_foreach (records, i, record) {
		const char *state = ta_json_text(record, "state");

		if (strcmp(state, "begun") == 0 || strcmp(state, "reverting") == 0)
			return json_integer_value(json_object_get(record, "id"));
	}
	return 0;
}

static bool nothing_to_do(const struct ta_settings *settings,
			  const struct ta_apply_options *options, const json_t *record,
			  struct ta_error *err)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(TEXT_MAX);
	json_int_t broken = broken_off(options);

	if (wants_json(settings))
		return ta_output_json(settings, record, err);
	ta_buf_str(&text, "\nThere is nothing that apply could set.\n");
	if (broken)
		ta_buf_printf(&text,
			      "Change %" JSON_INTEGER_FORMAT
			      " was broken off: tcpadvise revert takes it back.\n",
			      broken);
	return show(settings, &text, err);
}

/* What is asked to end waits the moment that it takes: half a change is worse than a late end. */
static bool set_all(const struct ta_settings *settings, json_t *record, struct ta_error *err)
{
	const struct ta_apply_options options = { .runtime_only = settings->runtime_only };
	sigset_t ends, before;
	bool ok;

	sigemptyset(&ends);
	sigaddset(&ends, SIGHUP);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigprocmask(SIG_BLOCK, &ends, &before);
	ok = ta_apply(record, &options, err);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return ok;
}

/* What was set is told even if it can't be looked at. */
static bool carry_out(const struct ta_plan_job *job, json_t *record, struct ta_error *err)
{
	const struct ta_settings *settings = job->settings;
	bool ok;

	if (settings->dry_run)
		return !wants_json(settings) || ta_output_json(settings, record, err);
	if (!ask(settings, record, err) || !set_all(settings, record, err))
		return false;
	ok = look_again(job, record, err) || ta_wrap(err, "all was set, but not looked at again");
	return show_result(settings, record, err) && ok;
}

static bool apply(struct ta_plan_job *job, struct ta_error *err)
{
	const struct ta_settings *settings = job->settings;
	const struct ta_apply_options options = { .runtime_only = settings->runtime_only };
	ta_auto(json_decref_p) json_t *record = NULL;

	if (!ta_plan_job_look(job, err) ||
	    (!wants_json(settings) && !ta_plan_job_print(job, "text", err)) ||
	    !ta_apply_prepare(job->plan, &options, &record, err))
		return false;
	if (!json_array_size(json_object_get(record, "actions")))
		return nothing_to_do(settings, &options, record, err);
	return show_actions(settings, record, err) && carry_out(job, record, err);
}

static int run(const struct ta_settings *settings, char *const *args, size_t count)
{
	(void)args;
	(void)count;
	return ta_plan_job_run(settings, apply);
}

const struct ta_command ta_cmd_apply = {
	.name = "apply",
	.arguments = "",
	.summary = "carry out the plan: settings and limits, verified, all or nothing",
	.details = "Shows the plan, asks, notes down what is there "
		"(/var/lib/tcpadvise), writes /etc/sysctl.d/90-tcpadvise.conf, sets "
		"the values, reads each back, and looks again whether it helped. "
		"When one fails all are taken back. In another network namespace "
		"(--netns) values last as long as the namespace. What it does not do "
		"is in the plan: the applications, and what is left to do by hand.",
	.options = TA_OPTIONS_EVERYWHERE | TA_OPTIONS_COLLECT | TA_OPTIONS_RULES |
		   TA_OPTION(TA_OPT_COLOR) | TA_OPTION(TA_OPT_FORMAT) |
		   TA_OPTION(TA_OPT_MIN_SEVERITY) | TA_OPTION(TA_OPT_FORCE) |
		   TA_OPTION(TA_OPT_DRY_RUN) | TA_OPTION(TA_OPT_YES) |
		   TA_OPTION(TA_OPT_RUNTIME_ONLY) | TA_OPTION(TA_OPT_SETTLE),
	.exits = {
		{ TA_EXIT_OK, "it was done, or there was nothing to do" },
		{ TA_EXIT_FAILED, "it was not" },
		{ TA_EXIT_USAGE, "wrong usage" },
	},
	.examples = {
		{ "tcpadvise apply --dry-run",
		  "What would be written and set, and nothing else." },
	},
	.run = run,
};
