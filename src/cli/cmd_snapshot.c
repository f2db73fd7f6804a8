/* cmd_snapshot.c - tcpadvise snapshot: only collect (or read), and print the document. */
#include "base/json.h"
#include "base/macros.h"
#include "cli/collecting.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/redacting.h"
#include "cli/stream.h"

TA_DEFINE_AUTO(json_t, json_decref)

static int finish(bool ok, const struct ta_error *err)
{
	return ok ? TA_EXIT_OK : ta_complain(err, TA_EXIT_FAILED);
}

static int print_collected(const struct ta_settings *settings)
{
	ta_auto(json_decref_p) json_t *snapshot = NULL;
	struct ta_error err = TA_ERROR_INIT;

	return finish(ta_collecting_run(settings, &snapshot, &err) &&
			      ta_redacting_run(settings, snapshot, &err) &&
			      ta_output_json(settings, snapshot, &err),
		      &err);
}

/* What is asked of each line of a stream. */
struct lines {
	const struct ta_settings *settings;
};

static bool print_line(void *ctx, json_t *snapshot, struct ta_outlet *outlet, struct ta_error *err)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(TA_OUTPUT_MAX);
	const struct lines *lines = ctx;

	return ta_redacting_run(lines->settings, snapshot, err) &&
	       ta_json_print(&text, snapshot, TA_JSON_LINE, err) &&
	       ta_outlet_put(outlet, ta_buf_cstr(&text), text.len, err);
}

/* Of what was saved the document that was understood, which an audit would judge. */
static int print_input(const struct ta_settings *settings)
{
	ta_auto(ta_input_done) struct ta_input input;
	ta_auto(json_decref_p) json_t *snapshot = NULL;
	struct ta_error err = TA_ERROR_INIT;
	struct lines lines = { .settings = settings };

	if (!ta_input_open(&input, settings->input.items, settings->input.count, &err))
		return finish(false, &err);
	input.shows_progress = ta_progress_is_shown(settings);
	if (input.kind == TA_INPUT_STREAM)
		return ta_stream_run(settings, &input, print_line, &lines);
	return finish(ta_input_next(&input, &snapshot, &err) &&
			      ta_redacting_run(settings, snapshot, &err) &&
			      ta_output_json(settings, snapshot, &err),
		      &err);
}

static int run(const struct ta_settings *settings, char *const *args, size_t count)
{
	(void)args;
	(void)count;
	return settings->input.count ? print_input(settings) : print_collected(settings);
}

const struct ta_command ta_cmd_snapshot = {
	.name = "snapshot",
	.arguments = "",
	.summary = "collect facts of this host and print them as JSON",
	.options = TA_OPTIONS_EVERYWHERE | TA_OPTIONS_COLLECT | TA_OPTION(TA_OPT_INPUT) |
		   TA_OPTION(TA_OPT_REDACT) | TA_OPTION(TA_OPT_OUTPUT),
	.exits = {
		{ TA_EXIT_OK, "it was printed, with what could not be read listed in it" },
		{ TA_EXIT_FAILED, "it was not" },
		{ TA_EXIT_USAGE, "wrong usage" },
	},
	.examples = {
		{ "tcpadvise snapshot --redact --output host.json",
		  "Facts for a ticket that leaves the house; tcpadvise audit "
			"--input host.json judges them elsewhere." },
	},
	.run = run,
};
