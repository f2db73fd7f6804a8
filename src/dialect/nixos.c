/* nixos.c - a module of NixOS: an attribute set of options. */
#include <string.h>

#include "dialect/dialects.h"

static const char digits[] = "0123456789";

static bool has_domain(const struct ta_entry *entry)
{
	return ta_is_limits_domain(entry->item->user);
}

static bool has_unit(const struct ta_entry *entry)
{
	return ta_is_service_name(entry->item->unit);
}

bool ta_nixos_takes(const struct ta_entry *entry, const struct ta_dialect_options *options)
{
	if (ta_entry_is_sysctl(entry))
		return ta_sysctl_d_takes(entry, options);
	return has_domain(entry) || has_unit(entry);
}

/* The options net.core.rmem_max and wmem_max are numbers, of which the highest wins; a string is a
 * mistake there. Elsewhere both are taken. */
static bool is_number(const char *value)
{
	size_t len = strlen(value);

	return len && len <= 18 && strspn(value, digits) == len && (*value != '0' || len == 1);
}

static void print_sysctls(struct ta_writer *writer, const struct ta_entry *entries, size_t count)
{
	char name[TA_WRITER_QUOTED_MAX], value[TA_WRITER_QUOTED_MAX];
	bool begun = false;

	for (size_t i = 0; i < count; i++) {
		const struct ta_entry *entry = &entries[i];

		if (!ta_entry_is_sysctl(entry))
			continue;
		if (!begun)
			ta_write(writer, "  boot.kernel.sysctl = {");
		begun = true;
		ta_write_why(writer, "    ", &entries[i]);
		ta_write(writer, "    %s = %s;", ta_quote_nix(entry->key, name),
			 is_number(entry->value) ? entry->value
						 : ta_quote_nix(entry->value, value));
	}
	if (begun)
		ta_write(writer, "  };");
}

/* Options know units without their ending. */
static void print_units(struct ta_writer *writer, const struct ta_entry *entries, size_t count)
{
	char pair[TA_ENTRY_PAIR_MAX];

	writer->told = "";
	for (size_t i = 0; i < count; i++) {
		const struct ta_entry *entry = &entries[i];
		const char *unit = entry->item->unit;

		if (ta_entry_is_sysctl(entry) || !has_unit(entry))
			continue;
		ta_write_why(writer, "  ", &entries[i]);
		ta_write(writer, "  systemd.services.\"%.*s\".serviceConfig.%s = \"%s\";",
			 (int)(strlen(unit) - strlen(".service")), unit, entry->limit->directive,
			 ta_entry_pair(entry, "infinity", pair));
	}
}

static void print_login_limit(struct ta_writer *writer, const struct ta_entry *entry,
			      const char *type, uint64_t limit)
{
	char text[TA_ENTRY_PAIR_MAX];

	ta_write(writer, "    { domain = \"%s\"; type = \"%s\"; item = \"%s\"; value = \"%s\"; }",
		 entry->item->user, type, entry->limit->item,
		 ta_entry_limit(limit, "unlimited", text));
}

static void print_logins(struct ta_writer *writer, const struct ta_entry *entries, size_t count)
{
	bool begun = false;

	writer->told = "";
	for (size_t i = 0; i < count; i++) {
		if (ta_entry_is_sysctl(&entries[i]) || !has_domain(&entries[i]))
			continue;
		if (!begun)
			ta_write(writer, "  security.pam.loginLimits = [");
		begun = true;
		ta_write_why(writer, "    ", &entries[i]);
		print_login_limit(writer, &entries[i], "soft", entries[i].soft);
		print_login_limit(writer, &entries[i], "hard", entries[i].hard);
	}
	if (begun)
		ta_write(writer, "  ];");
}

void ta_nixos_print(struct ta_writer *writer, const struct ta_entry *entries, size_t count)
{
	ta_write(writer, "{");
	print_sysctls(writer, entries, count);
	print_units(writer, entries, count);
	print_logins(writer, entries, count);
	ta_write(writer, "}");
}
