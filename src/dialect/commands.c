/* commands.c - dialects that are typed: a shell's own lines, and the options of container engines.
 */
#include <inttypes.h>
#include <string.h>

#include "dialect/dialects.h"
#include "dialect/namespaced.h"

enum { COMMAND_MAX = 1 << 20 };

/* ---- shell, prlimit ------------------------------------------------------------------ */

bool ta_prlimit_takes(const struct ta_entry *entry, const struct ta_dialect_options *options)
{
	(void)options;
	return !ta_entry_is_sysctl(entry) && entry->item->pid > 0;
}

/* Without a way to the namespace of a unit it would set our own. */
bool ta_shell_takes(const struct ta_entry *entry, const struct ta_dialect_options *options)
{
	if (!ta_entry_is_sysctl(entry))
		return ta_prlimit_takes(entry, options);
	return *entry->item->enter || !*entry->item->unit;
}

static void add_command(struct ta_buf *line, const struct ta_entry *entry)
{
	char pair[TA_ENTRY_PAIR_MAX];

	if (ta_entry_is_sysctl(entry)) {
		ta_buf_printf(line, "%ssysctl -w ", entry->item->enter);
		ta_add_assignment(line, entry);
	} else {
		ta_buf_printf(line, "prlimit --pid %" PRId64 " --%s=%s", entry->item->pid,
			      entry->limit->item, ta_entry_pair(entry, "unlimited", pair));
	}
}

void ta_shell_print(struct ta_writer *writer, const struct ta_entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(COMMAND_MAX);

		ta_write_why(writer, "", &entries[i]);
		add_command(&line, &entries[i]);
		ta_write_buf(writer, &line);
	}
}

/* ---- docker, podman ------------------------------------------------------------------ */

bool ta_docker_takes(const struct ta_entry *entry, const struct ta_dialect_options *options)
{
	return !ta_entry_is_sysctl(entry) ||
	       (*entry->value && ta_is_container_sysctl(entry, options));
}

/* It cuts the value of --sysctl at commas like a line of CSV, which has quotes of its own. */
bool ta_podman_takes(const struct ta_entry *entry, const struct ta_dialect_options *options)
{
	return ta_docker_takes(entry, options) &&
	       (!ta_entry_is_sysctl(entry) || !strpbrk(entry->value, ",\""));
}

/* One command, for each setting by itself would be a container without the others. "...": its other
 * options, the image and the command. */
static void print_run(struct ta_writer *writer, const char *engine, const struct ta_entry *entries,
		      size_t count)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(COMMAND_MAX);
	char pair[TA_ENTRY_PAIR_MAX];

	ta_buf_printf(&line, "%s run", engine);
	for (size_t i = 0; i < count; i++) {
		ta_write_why(writer, "", &entries[i]);
		if (ta_entry_is_sysctl(&entries[i])) {
			ta_buf_str(&line, " --sysctl ");
			ta_add_assignment(&line, &entries[i]);
		} else {
			ta_buf_printf(&line, " --ulimit %s=%s", entries[i].limit->item,
				      ta_entry_pair(&entries[i], "-1", pair));
		}
	}
	ta_buf_str(&line, " ...");
	ta_write_buf(writer, &line);
}

void ta_docker_print(struct ta_writer *writer, const struct ta_entry *entries, size_t count)
{
	print_run(writer, "docker", entries, count);
}

void ta_podman_print(struct ta_writer *writer, const struct ta_entry *entries, size_t count)
{
	print_run(writer, "podman", entries, count);
}
