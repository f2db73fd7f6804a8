/* main.c - from the command line to the command, and its exit status. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/help.h"
#include "cli/locale.h"
#include "cli/options.h"
#include "cli/output.h"

static int run(const struct ta_command *command, const struct ta_settings *settings, int argc,
	       char **args, size_t count)
{
	if (settings->version) {
		printf("tcpadvise " TCPADVISE_VERSION "\n");
		return TA_EXIT_OK;
	}
	if (settings->help)
		return ta_help_print(command == ta_commands[0] && argc == 2 ? NULL : command);
	ta_locale_choose_language(settings->language);
	return command->run(settings, args, count);
}

/* jansson's copies lack members, and say nothing, when memory runs out in their middle: rather no
 * report than one that lacks something. */
static void *allocate(size_t size)
{
	void *memory = malloc(size);

	if (!memory) {
		fputs("tcpadvise: out of memory\n", stderr);
		_exit(TA_EXIT_FAILED);
	}
	return memory;
}

int main(int argc, char **argv)
{
	struct ta_settings settings = { .sample_ms = 1000, .scan_ms = 10000, .color = "auto" };
	struct ta_error err = TA_ERROR_INIT;
	const struct ta_command *command = NULL;
	char **args = NULL;
	size_t count = 0;
	int status = TA_EXIT_USAGE;

	json_set_alloc_funcs(allocate, free);
	if (ta_options_ask_for_plugin(argc, argv))
		ta_complain_as_plugin();
	if (ta_options_parse(argc, argv, &settings, &command, &args, &count, &err))
		status = run(command, &settings, argc, args, count);
	else
		status = ta_complain(&err, err.code == TA_E_USAGE ? TA_EXIT_USAGE : TA_EXIT_FAILED);
	ta_settings_done(&settings, args);
	return status;
}
