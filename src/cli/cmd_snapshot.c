/* cmd_snapshot.c - tcpadvise snapshot: only collect, and print the document. */
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "cli/collecting.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/output.h"

static bool print(const struct ta_settings *settings, const json_t *snapshot, struct ta_error *err)
{
	ta_auto_free char *text = json_dumps(snapshot, JSON_INDENT(2));
	size_t len;

	if (!text)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	len = strlen(text);
	text[len++] = '\n'; /* in place of the NUL */
	return ta_output(settings, text, len, err);
}

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
	ok = get_snapshot(settings, &snapshot, &err) && print(settings, snapshot, &err);
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
