/* command_text.c - see command_text.h. */
#include "rules/command_text.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "rules/path.h"

enum {
	KEYS_MAX = 24, /* more than these are told by sysctl -a */
	PIDS_MAX = 3,
	TEXT_MAX = 4096,
};

#define SYSCTL     "sysctl"
#define SYSCTL_ALL "sysctl -a"

bool ta_command_is_sysctl(const struct ta_command_line *command)
{
	return strncmp(command->text, SYSCTL " ", strlen(SYSCTL " ")) == 0;
}

bool ta_command_is_template(const struct ta_command_line *command)
{
	return ta_command_is_sysctl(command) || strstr(command->text, TA_COMMAND_PID);
}

/* Adds the text with the number in the place of PID; without one PID stays. */
static void add_for_process(struct ta_buf *out, const char *text, const char *pid)
{
	const char *at = strstr(text, TA_COMMAND_PID);

	ta_buf_str(out, out->len ? "; " : "");
	ta_buf_add(out, text, (size_t)(at - text));
	ta_buf_str(out, pid);
	ta_buf_str(out, at + strlen(TA_COMMAND_PID));
}

/* For the first processes that lack the fact, which are those with the most descriptors. */
static json_t *text_for_processes(const json_t *snapshot, const char *text, const char *path)
{
	static const char of_process[] = "processes[]";
	ta_auto(ta_buf_done) struct ta_buf out = TA_BUF_INIT(TEXT_MAX);
	size_t i, named = 0;
	json_t *process;
	char pid[24];

	if (!ta_path_leads_to(of_process, path))
		path = of_process;
	json_array_foreach (json_object_get(snapshot, "processes"), i, process) {
		const json_t *number = json_object_get(process, "pid");

		if (named == PIDS_MAX)
			break;
		if (!number || !ta_path_is_absent(process, path + strlen(of_process)))
			continue;
		snprintf(pid, sizeof(pid), "%" JSON_INTEGER_FORMAT, json_integer_value(number));
		add_for_process(&out, text, pid);
		named++;
	}
	if (!named)
		add_for_process(&out, text, TA_COMMAND_PID);
	return out.failed ? NULL : json_string(ta_buf_cstr(&out));
}

json_t *ta_command_text(const struct ta_command_line *command, const json_t *snapshot,
			const char *path)
{
	return strstr(command->text, TA_COMMAND_PID)
		       ? text_for_processes(snapshot, command->text, path)
		       : json_string(command->text);
}

json_t *ta_command_sysctl(json_t *keys, bool all)
{
	ta_auto(ta_buf_done) struct ta_buf out = TA_BUF_INIT((size_t)16 * TEXT_MAX);
	const char *key;
	json_t *unused;

	if (all || json_object_size(keys) > KEYS_MAX)
		return json_string(SYSCTL_ALL);
	ta_buf_str(&out, SYSCTL);
	json_object_foreach (keys, key, unused) {
		ta_buf_char(&out, ' ');
		ta_buf_str(&out, key);
	}
	return out.failed ? NULL : json_string(ta_buf_cstr(&out));
}
