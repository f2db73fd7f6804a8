/* cmd_snapshot.c - tcpadvise snapshot: only collect, and print the document. */
#include "cli/collecting.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/output.h"

/* Of a saved snapshot what was understood of it: the document that an audit would judge. */
static bool get_snapshot(const struct ta_settings *settings, json_t **ret, struct ta_error *err)
{
	if (settings->input.count)
		return ta_input_read(settings, ret, err);
	return ta_collecting_run(settings, ret, err);
}

static int run(const struct ta_settings *settings, char *const *args, size_t count)
{
	struct ta_error err = TA_ERROR_INIT;
	json_t *snapshot = NULL;
	bool ok;

	(void)args;
	(void)count;
	ok = get_snapshot(settings, &snapshot, &err) && ta_output_json(settings, snapshot, &err);
	json_decref(snapshot);
	return ok ? TA_EXIT_OK : ta_complain(&err, TA_EXIT_FAILED);
}

const struct ta_command ta_cmd_snapshot = {
	.name = "snapshot",
	.arguments = "",
	.summary = "collect facts of this host and print them as JSON",
	.options = TA_OPTIONS_EVERYWHERE | TA_OPTIONS_COLLECT | TA_OPTION(TA_OPT_INPUT) |
		   TA_OPTION(TA_OPT_OUTPUT),
	.run = run,
};
