/* cmd_help.c - tcpadvise help [COMMAND]: what --help prints. */
#include "cli/help.h"
#include "cli/options.h"
#include "cli/output.h"

static int run(const struct ta_settings *settings, char *const *args, size_t count)
{
	const struct ta_command *command;
	struct ta_error err = TA_ERROR_INIT;

	(void)settings;
	if (!count)
		return ta_help_print(NULL);
	command = ta_command_get(args[0], &err);
	return command ? ta_help_print(command) : ta_complain(&err, TA_EXIT_USAGE);
}

const struct ta_command ta_cmd_help = {
	.name = "help",
	.arguments = "[COMMAND]",
	.summary = "what --help says of the program, or of a command",
	.max_args = 1,
	.options = TA_OPTIONS_EVERYWHERE,
	.operands = { { 1, NULL, NULL, TA_VALUES_COMMANDS } },
	.exits = { { TA_EXIT_OK, "it was printed" }, { TA_EXIT_USAGE, "wrong usage" } },
	.run = run,
};
