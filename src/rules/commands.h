/* commands.h - which command prints a fact: x-command, x-key and x-commands of the snapshot schema.
 */
#ifndef RULES_COMMANDS_H
#define RULES_COMMANDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TA_COMMANDS_MAX = 64 }; /* a set of them is the bits of a uint64_t */

/* What stands for a key of sysctl and for the number of a process in the text of a command. */
#define TA_COMMAND_KEY "KEY"
#define TA_COMMAND_PID "PID"

struct ta_command_line {
	const char *text; /* "ss -ltn"; borrowed from the schema, as the next */
	json_t *why;      /* a string, "to see the accept queues and their limits" */
	uint64_t prints;  /* this one, and those of whose output it prints all */
};

struct ta_commands {
	const json_t *schema; /* borrowed */
	struct ta_command_line items[TA_COMMANDS_MAX];
	size_t count;
};

/* The command in a set of them. */
static inline uint64_t ta_command_bit(size_t place)
{
	return UINT64_C(1) << place;
}

/* The schema is borrowed. */
void ta_commands_init(struct ta_commands *commands, const json_t *schema);

/* Its place in items; count when there is none. */
size_t ta_commands_place(const struct ta_commands *commands, const char *text);

/* The command that prints the fact at this path; its place, or count when nobody knows one.
 * *ret_keys: the keys of sysctl that it needs, with blanks between, or NULL. */
size_t ta_commands_find(const struct ta_commands *commands, const char *path,
			const char **ret_keys);

#endif
