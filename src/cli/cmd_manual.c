/* cmd_manual.c - tcpadvise manual [rules]: the manual, so that a lone binary brings it along. */
#include <string.h>

#include "base/macros.h"
#include "cli/manual.h"
#include "cli/options.h"
#include "cli/output.h"

enum { MAX_PAGE = 1024 * 1024 };

static int run(const struct ta_settings *settings, char *const *args, size_t count)
{
	ta_auto(ta_buf_done) struct ta_buf page = TA_BUF_INIT(MAX_PAGE);
	struct ta_error err = TA_ERROR_INIT;

	if (count && strcmp(args[0], "rules") != 0) {
		ta_fail(&err, TA_E_USAGE,
			"no page '%s'; there is the one without a name, and rules", args[0]);
		return ta_complain(&err, TA_EXIT_USAGE);
	}
	if (!count)
		ta_manual_program(&page);
	else if (!ta_manual_rules(&page, &err))
		return ta_complain(&err, TA_EXIT_FAILED);
	return ta_print(settings, &page);
}

const struct ta_command ta_cmd_manual = {
	.name = "manual",
	.arguments = "[rules]",
	.summary = "print tcpadvise(1), or tcpadvise-rules(5), for man",
	.details = "  tcpadvise manual | man -l -",
	.max_args = 1,
	.options = TA_OPTIONS_EVERYWHERE | TA_OPTION(TA_OPT_OUTPUT),
	.operands = { { 1, NULL, "rules", TA_VALUES_ANY } },
	.exits = {
		{ TA_EXIT_OK, "it was printed" },
		{ TA_EXIT_FAILED, "it could not be" },
		{ TA_EXIT_USAGE, "wrong usage" },
	},
	.examples = {
		{ "tcpadvise manual rules | man -l -",
		  "Read how rule packs are written, on a host without the installed pages." },
	},
	.run = run,
};
