/* commands.c - the commands of the program, in the order in which --help and the manual tell them.
 */
#include <string.h>

#include "base/text.h"
#include "cli/command.h"

const struct ta_command *const ta_commands[] = {
	&ta_cmd_audit, &ta_cmd_plan,   &ta_cmd_apply,      &ta_cmd_revert, &ta_cmd_snapshot,
	&ta_cmd_diff,  &ta_cmd_rules,  &ta_cmd_explain,    &ta_cmd_eval,   &ta_cmd_schema,
	&ta_cmd_help,  &ta_cmd_manual, &ta_cmd_completion, NULL,
};

static const struct ta_command *find(const char *name)
{
	for (size_t i = 0; ta_commands[i]; i++)
		if (strcmp(ta_commands[i]->name, name) == 0)
			return ta_commands[i];
	return NULL;
}

static void complain_unknown(const char *name, struct ta_error *err)
{
	struct ta_nearest nearest;

	ta_nearest_start(&nearest, name, strlen(name));
	for (size_t i = 0; ta_commands[i]; i++)
		ta_nearest_offer(&nearest, ta_commands[i]->name);
	if (ta_nearest_result(&nearest))
		ta_fail(err, TA_E_USAGE, "unknown command '%s'; did you mean '%s'?", name,
			ta_nearest_result(&nearest));
	else
		ta_fail(err, TA_E_USAGE, "unknown command '%s'; see tcpadvise --help", name);
}

const struct ta_command *ta_command_get(const char *name, struct ta_error *err)
{
	const struct ta_command *command = find(name);

	if (!command)
		complain_unknown(name, err);
	return command;
}
