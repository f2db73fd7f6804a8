/* command_text.h - commands as they are run on the host of a snapshot: with numbers of processes
 * and keys of sysctl where the schema has PID and KEY. */
#ifndef RULES_COMMAND_TEXT_H
#define RULES_COMMAND_TEXT_H

#include "rules/commands.h"

bool ta_command_is_sysctl(const struct ta_command_line *command);

/* Whether its text has to be filled in, and its output is about what it was filled in with. */
bool ta_command_is_template(const struct ta_command_line *command);

/* A command but sysctl, to be asked for the fact at this path: that of the first processes which
 * lack it. A new reference; NULL when memory ran out. */
json_t *ta_command_text(const struct ta_command_line *command, const json_t *snapshot,
			const char *path);

/* "sysctl net.core.somaxconn ..." of these keys, which are members; of all when they are many. A
 * new reference; NULL when memory ran out. */
json_t *ta_command_sysctl(json_t *keys, bool all);

#endif
