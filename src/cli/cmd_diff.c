/* cmd_diff.c - tcpadvise diff BEFORE AFTER: two inputs under the same rules, and what changed. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/macros.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/rulebook.h"
#include "cli/verdict.h"
#include "tcpadvise/diff.h"

TA_DEFINE_AUTO(json_t, json_decref)

enum side { BEFORE, AFTER, SIDES };

struct inputs {
	json_t *snapshots[SIDES];
	json_t *reports[SIDES];
	json_t *renamed;
};

static void inputs_done(struct inputs *inputs)
{
	for (size_t i = 0; i < SIDES; i++) {
		json_decref(inputs->snapshots[i]);
		json_decref(inputs->reports[i]);
	}
	json_decref(inputs->renamed);
}

static bool read_inputs(struct inputs *inputs, char *const *paths, struct ta_error *err)
{
	if (strcmp(paths[BEFORE], "-") == 0 && strcmp(paths[AFTER], "-") == 0)
		return ta_fail(err, TA_E_USAGE, "only one of the two can be standard input");
	for (size_t i = 0; i < SIDES; i++)
		if (!ta_input_read_path(paths[i], &inputs->snapshots[i], err))
			return false;
	return true;
}

static bool judge(struct inputs *inputs, const struct ta_settings *settings,
		  const struct ta_rules *rules, struct ta_error *err)
{
	if (!ta_diff_align(inputs->snapshots[BEFORE], inputs->snapshots[AFTER], &inputs->renamed,
			   err))
		return false;
	for (size_t i = 0; i < SIDES; i++)
		if (!ta_verdict_reach(settings, rules, inputs->snapshots[i], &inputs->reports[i],
				      err))
			return false;
	return true;
}

static bool compare(const struct inputs *inputs, char *const *paths, json_t **ret,
		    struct ta_error *err)
{
	struct ta_diff_side sides[SIDES];

	for (size_t i = 0; i < SIDES; i++)
		sides[i] = (struct ta_diff_side){
			.name = strcmp(paths[i], "-") == 0 ? "standard input" : paths[i],
			.snapshot = inputs->snapshots[i],
			.report = inputs->reports[i],
		};
	return ta_diff(&sides[BEFORE], &sides[AFTER], inputs->renamed, ret, err);
}

static bool print(const struct ta_settings *settings, const json_t *diff, struct ta_error *err)
{
	struct ta_render_options options = ta_output_options(settings);
	ta_auto_free char *text = NULL;
	size_t len;

	if (settings->format && strcmp(settings->format, "json") == 0)
		return ta_output_json(settings, diff, err);
	return ta_diff_render(diff, &options, &text, &len, err) &&
	       ta_output(settings, text, len, err);
}

static int run(const struct ta_settings *settings, char *const *args, size_t count)
{
	int status = TA_EXIT_OK;
	struct ta_error err = TA_ERROR_INIT;
	struct ta_rules *rules = ta_rulebook_load(settings, TA_RULEBOOK_INDEX, &status);
	ta_auto(inputs_done) struct inputs inputs = { .renamed = NULL };
	ta_auto(json_decref_p) json_t *diff = NULL;

	(void)count;
	if (!rules)
		return status;
	if (!read_inputs(&inputs, args, &err) || !judge(&inputs, settings, rules, &err) ||
	    !compare(&inputs, args, &diff, &err) || !print(settings, diff, &err))
		return ta_complain(&err, err.code == TA_E_USAGE ? TA_EXIT_USAGE : TA_EXIT_FAILED);
	return ta_verdict_status(settings, ta_diff_worst(diff));
}

const struct ta_command ta_cmd_diff = {
	.name = "diff",
	.arguments = "BEFORE AFTER",
	.summary = "hold two inputs against each other: what appeared, cleared, changed",
	.details = "BEFORE and AFTER are what audit --input reads; one of them may be "
		"-, standard input. Both are judged by the same rules. What only one "
		"of them knows is not known of the other: it has neither appeared "
		"nor cleared.",
	.min_args = 2,
	.max_args = 2,
	.options = TA_OPTIONS_EVERYWHERE | TA_OPTIONS_RULES | TA_OPTION(TA_OPT_COLOR) |
		   TA_OPTION(TA_OPT_FORMAT) | TA_OPTION(TA_OPT_OUTPUT) | TA_OPTION(TA_OPT_FAIL_ON) |
		   TA_OPTION(TA_OPT_VERBOSE),
	.operands = {
		{ 1, NULL, NULL, TA_VALUES_FILES },
		{ 2, NULL, NULL, TA_VALUES_FILES },
	},
	.exits = {
		{ TA_EXIT_OK, "they were compared, whatever changed" },
		{ TA_EXIT_WARNING, "a warning appeared, with --fail-on warning" },
		{ TA_EXIT_CRITICAL, "a critical finding appeared, or one got worse to that, with "
			"--fail-on" },
		{ TA_EXIT_FAILED, "they could not be compared" },
		{ TA_EXIT_USAGE, "wrong usage" },
	},
	.examples = {
		{ "tcpadvise diff yesterday.json today.json",
		  "What appeared, cleared or changed between two snapshots." },
	},
	.run = run,
};
