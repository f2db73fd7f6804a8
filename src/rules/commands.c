/* commands.c - see commands.h. */
#include "rules/commands.h"

#include <string.h>

#include "base/json.h"
#include "base/schema.h"
#include "rules/path.h"

#define ROWS "x-commands"

size_t ta_commands_place(const struct ta_commands *commands, const char *text)
{
	size_t i = 0;

	while (i < commands->count && strcmp(commands->items[i].text, text) != 0)
		i++;
	return i;
}

static uint64_t prints(const struct ta_commands *commands, size_t place)
{
	const json_t *row = json_object_get(json_object_get(commands->schema, ROWS),
					    commands->items[place].text);
	uint64_t set = ta_command_bit(place);
	json_t *other;
	size_t i;

	json_array_foreach (json_object_get(row, "covers"), i, other) {
		size_t covered = ta_commands_place(commands, json_string_value(other));

		if (covered < commands->count)
			set |= ta_command_bit(covered);
	}
	return set;
}

void ta_commands_init(struct ta_commands *commands, const json_t *schema)
{
	const char *text;
	json_t *row;

	*commands = (struct ta_commands){ .schema = schema };
	json_object_foreach (json_object_get(schema, ROWS), text, row)
		if (commands->count < TA_COMMANDS_MAX)
			commands->items[commands->count++] =
				(struct ta_command_line){ .text = text,
							  .why = json_object_get(row, "why") };
	for (size_t i = 0; i < commands->count; i++)
		commands->items[i].prints = prints(commands, i);
}

/* What a node says itself counts for all below it, until one of those says otherwise. */
static void note(const json_t *node, const char **command, const char **keys)
{
	const char *own = ta_json_string(node, "x-command");

	if (!own)
		return;
	*command = own;
	*keys = ta_json_string(node, "x-key");
}

static const json_t *step_down(const json_t *node, const struct ta_path_step *step)
{
	if (step->kind == TA_PATH_ELEMENTS)
		return json_object_get(node, "items");
	return json_object_getn(json_object_get(node, "properties"), step->name.data,
				step->name.len);
}

size_t ta_commands_find(const struct ta_commands *commands, const char *path, const char **ret_keys)
{
	const json_t *node = commands->schema;
	const char *command = NULL;
	struct ta_path_step step;

	*ret_keys = NULL;
	while (node && ta_path_next(&path, &step)) {
		node = step_down(node, &step);
		note(node, &command, ret_keys);
		node = ta_schema_deref(commands->schema, node);
		note(node, &command, ret_keys);
	}
	return command ? ta_commands_place(commands, command) : commands->count;
}
