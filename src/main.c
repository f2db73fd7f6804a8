/* main.c - from the command line to the command, and its exit status. */
#include <stdio.h>

#include "cli/command.h"
#include "cli/options.h"

/* The first is what "tcpadvise" alone does. */
static const struct ta_command *const commands[] = {
	&ta_cmd_audit, &ta_cmd_snapshot, &ta_cmd_rules, &ta_cmd_explain,
	&ta_cmd_eval,  &ta_cmd_schema,   NULL,
};

static int run(const struct ta_command *command, const struct ta_settings *settings, int argc,
	       char **args, size_t count)
{
	if (settings->version) {
		printf("tcpadvise " TCPADVISE_VERSION "\n");
		return TA_EXIT_OK;
	}
	if (settings->help) {
		if (command == commands[0] && argc == 2)
			ta_help_program(stdout, commands);
		else
			ta_help_command(stdout, command);
		return TA_EXIT_OK;
	}
	return command->run(settings, args, count);
}

int main(int argc, char **argv)
{
	struct ta_settings settings = { .sample_ms = 1000, .color = "auto" };
	struct ta_error err = TA_ERROR_INIT;
	const struct ta_command *command = NULL;
	char **args = NULL;
	size_t count = 0;
	int status = TA_EXIT_USAGE;

	if (ta_options_parse(argc, argv, commands, &settings, &command, &args, &count, &err))
		status = run(command, &settings, argc, args, count);
	else
		fprintf(stderr, "tcpadvise: %s\n", err.text);
	ta_settings_done(&settings, args);
	return status;
}
