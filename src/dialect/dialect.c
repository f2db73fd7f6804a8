/* dialect.c - see dialect.h: the table of dialects, and what is the same for all of them. */
#include "dialect/dialect.h"

#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "dialect/dialects.h"
#include "snapshot/own_file.h"

const struct ta_dialect ta_dialects[] = {
	{ "shell", NULL, "lines for a shell, in force until the next start",
	  TA_DIALECT_ENTER | TA_DIALECT_PID, ta_shell_takes, ta_shell_print },
	{ "prlimit", NULL, "limits of processes that run now", TA_DIALECT_PID, ta_prlimit_takes,
	  ta_shell_print },
	{ "sysctl.d", TA_OWN_SYSCTL_FILE, "sysctls of the host at each boot", 0, ta_sysctl_d_takes,
	  ta_sysctl_d_print },
	{ "systemd", NULL, "a drop-in for each unit", TA_DIALECT_UNIT, ta_systemd_takes,
	  ta_systemd_print },
	{ "limits.conf", TA_OWN_LIMITS_FILE, "limits of login sessions", TA_DIALECT_USER,
	  ta_limits_conf_takes, ta_limits_conf_print },
	{ "docker", NULL, "options of docker run", 0, ta_docker_takes, ta_docker_print },
	{ "podman", NULL, "options of podman run", 0, ta_podman_takes, ta_podman_print },
	{ "compose", NULL, "a service of Docker Compose", 0, ta_compose_takes, ta_compose_print },
	{ "kubernetes", NULL, "the sysctls of a pod", 0, ta_kubernetes_takes, ta_kubernetes_print },
	{ "ansible", NULL, "tasks of a playbook", TA_DIALECT_USER, ta_ansible_takes,
	  ta_ansible_print },
	{ "nixos", "/etc/nixos/tcpadvise.nix", "a module of NixOS, to be imported",
	  TA_DIALECT_UNIT | TA_DIALECT_USER, ta_nixos_takes, ta_nixos_print },
	{ "tuned", "/etc/tuned/tcpadvise/tuned.conf", "a profile of TuneD", 0, ta_tuned_takes,
	  ta_tuned_print },
};

const size_t ta_dialect_count = TA_ARRAY_SIZE(ta_dialects);

const struct ta_dialect *ta_dialect_find(const char *name)
{
	for (size_t i = 0; i < ta_dialect_count; i++)
		if (strcmp(ta_dialects[i].name, name) == 0)
			return &ta_dialects[i];
	return NULL;
}

static bool takes(const struct ta_dialect *dialect, const struct ta_dialect_item *item,
		  const struct ta_dialect_options *options, struct ta_entry *ret)
{
	/* What is made anew has no hard limit yet that could be let be. */
	return ta_entry_make(item, ret) &&
	       (!ret->keeps_hard || (dialect->parts & TA_DIALECT_PID)) &&
	       dialect->takes(ret, options);
}

bool ta_dialect_takes(const struct ta_dialect *dialect, const struct ta_dialect_item *item,
		      const struct ta_dialect_options *options)
{
	struct ta_entry entry;

	return takes(dialect, item, options, &entry);
}

/* Forgets the entry that is about the same as the newest, which is not counted yet. */
static size_t drop_same(struct ta_entry *entries, size_t count, unsigned parts)
{
	for (size_t i = 0; i < count; i++) {
		if (!ta_entry_is_same(&entries[i], &entries[count], parts))
			continue;
		memmove(&entries[i], &entries[i + 1], (count - i) * sizeof(*entries));
		return count - 1;
	}
	return count;
}

bool ta_dialect_print(const struct ta_dialect *dialect, const struct ta_dialect_item *items,
		      size_t count, const struct ta_dialect_options *options, json_t *lines)
{
	struct ta_writer writer = { .lines = lines, .options = options, .told = "" };
	ta_auto_free struct ta_entry *entries = calloc(count + 1, sizeof(*entries));
	size_t taken = 0;

	if (!entries)
		return false;
	for (size_t i = 0; i < count; i++)
		if (takes(dialect, &items[i], options, &entries[taken]))
			taken = drop_same(entries, taken, dialect->parts) + 1;
	if (!taken)
		return true;
	if (dialect->file)
		ta_write(&writer, "# %s", dialect->file);
	dialect->print(&writer, entries, taken);
	return !writer.failed;
}
