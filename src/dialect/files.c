/* files.c - dialects that are files of plain lines: sysctl.d, limits.d, units and profiles. */
#include <string.h>

#include "base/shell.h"
#include "dialect/dialects.h"
#include "snapshot/own_file.h"

/* ---- sysctl.d ------------------------------------------------------------------------ */

/* What is set in the host's namespace at boot: no other has it then. */
bool ta_sysctl_d_takes(const struct ta_entry *entry, const struct ta_dialect_options *options)
{
	(void)options;
	return ta_entry_is_sysctl(entry) && !*entry->item->enter && !*entry->item->unit;
}

/* To the end of the line all is value, quotes and "#" too. */
void ta_sysctl_d_print(struct ta_writer *writer, const struct ta_entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *blank = *entries[i].value ? " " : "";

		ta_write_why(writer, "", &entries[i]);
		ta_write(writer, "%s =%s%s", entries[i].key, blank, entries[i].value);
	}
}

/* ---- limits.conf --------------------------------------------------------------------- */

bool ta_limits_conf_takes(const struct ta_entry *entry, const struct ta_dialect_options *options)
{
	(void)options;
	return !ta_entry_is_sysctl(entry) && ta_is_limits_domain(entry->item->user);
}

void ta_limits_conf_print(struct ta_writer *writer, const struct ta_entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *user = entries[i].item->user, *limit = entries[i].limit->item;
		char soft[TA_ENTRY_PAIR_MAX], hard[TA_ENTRY_PAIR_MAX];

		ta_write_why(writer, "", &entries[i]);
		ta_write(writer, "%s soft %s %s", user, limit,
			 ta_entry_limit(entries[i].soft, "unlimited", soft));
		ta_write(writer, "%s hard %s %s", user, limit,
			 ta_entry_limit(entries[i].hard, "unlimited", hard));
	}
}

/* ---- systemd ------------------------------------------------------------------------- */

/* In a command line of a unit % and $ begin what is replaced, and \ and both quotes are for systemd
 * as well as for us. */
bool ta_systemd_takes(const struct ta_entry *entry, const struct ta_dialect_options *options)
{
	(void)options;
	if (!ta_is_service_name(entry->item->unit))
		return false;
	return !ta_entry_is_sysctl(entry) || !strpbrk(entry->value, "%$\\\"'");
}

/* '+': as root, and still in the namespace of the unit. */
static void print_directive(struct ta_writer *writer, const struct ta_entry *entry)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(TA_WRITER_QUOTED_MAX);
	char pair[TA_ENTRY_PAIR_MAX];

	if (ta_entry_is_sysctl(entry)) {
		ta_buf_str(&line, "ExecStartPre=+sysctl -w ");
		ta_add_assignment(&line, entry);
	} else {
		ta_buf_printf(&line, "%s=%s", entry->limit->directive,
			      ta_entry_pair(entry, "infinity", pair));
	}
	ta_write_buf(writer, &line);
}

static bool is_first_of_unit(const struct ta_entry *entries, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (strcmp(entries[i].item->unit, entries[at].item->unit) == 0)
			return false;
	return true;
}

static void print_unit(struct ta_writer *writer, const struct ta_entry *entries, size_t count,
		       const char *unit)
{
	ta_write(writer, "# " TA_OWN_UNIT_FILE, unit);
	ta_write(writer, "[Service]");
	writer->told = "";
	for (size_t i = 0; i < count; i++) {
		if (strcmp(entries[i].item->unit, unit) != 0)
			continue;
		ta_write_why(writer, "", &entries[i]);
		print_directive(writer, &entries[i]);
	}
}

void ta_systemd_print(struct ta_writer *writer, const struct ta_entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_first_of_unit(entries, i))
			print_unit(writer, entries, count, entries[i].item->unit);
}

/* ---- tuned --------------------------------------------------------------------------- */

/* It makes a path of a key by putting slashes for all dots, takes quotes away, has variables after
 * $ and functions after them, and takes < and > before a value for conditions. */
bool ta_tuned_takes(const struct ta_entry *entry, const struct ta_dialect_options *options)
{
	return ta_sysctl_d_takes(entry, options) && !entry->is_path && *entry->value &&
	       !strpbrk(entry->value, "\"'$<>=#;\\[]{}%");
}

static bool is_profile_name(const char *name)
{
	return name && ta_shell_is_plain(name) && !strpbrk(name, "/,:%=+@");
}

/* A profile that is activated takes the place of the one before, unless it includes that. */
void ta_tuned_print(struct ta_writer *writer, const struct ta_entry *entries, size_t count)
{
	const char *profile = writer->options->tuned_profile;

	ta_write(writer, "[main]");
	ta_write(writer, "summary=Settings that tcpadvise advises");
	if (is_profile_name(profile))
		ta_write(writer, "include=%s", profile);
	ta_write(writer, "[sysctl]");
	for (size_t i = 0; i < count; i++) {
		ta_write_why(writer, "", &entries[i]);
		ta_write(writer, "%s=%s", entries[i].key, entries[i].value);
	}
}
