/* yaml.c - dialects that are YAML: Docker Compose, Kubernetes, Ansible. Values are quoted always:
 * to YAML 1 is a number, "yes" true and 0x10 sixteen. */
#include <string.h>
#include <strings.h>

#include "base/macros.h"
#include "base/shell.h"
#include "dialect/dialects.h"
#include "dialect/namespaced.h"
#include "snapshot/own_file.h"

static size_t count_kind(const struct ta_entry *entries, size_t count, enum ta_dialect_kind kind)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		found += entries[i].item->kind == kind;
	return found;
}

/* ---- compose ------------------------------------------------------------------------- */

bool ta_compose_takes(const struct ta_entry *entry, const struct ta_dialect_options *options)
{
	return ta_docker_takes(entry, options);
}

static void print_compose_sysctls(struct ta_writer *writer, const struct ta_entry *entries,
				  size_t count)
{
	char quoted[TA_WRITER_QUOTED_MAX];

	ta_write(writer, "    sysctls:");
	for (size_t i = 0; i < count; i++) {
		if (!ta_entry_is_sysctl(&entries[i]))
			continue;
		ta_write_why(writer, "      ", &entries[i]);
		ta_write(writer, "      %s: %s", entries[i].key,
			 ta_quote_compose(entries[i].value, quoted));
	}
}

static void print_compose_ulimits(struct ta_writer *writer, const struct ta_entry *entries,
				  size_t count)
{
	char text[TA_ENTRY_PAIR_MAX];

	ta_write(writer, "    ulimits:");
	writer->told = "";
	for (size_t i = 0; i < count; i++) {
		if (ta_entry_is_sysctl(&entries[i]))
			continue;
		ta_write_why(writer, "      ", &entries[i]);
		ta_write(writer, "      %s:", entries[i].limit->item);
		ta_write(writer, "        soft: %s", ta_entry_limit(entries[i].soft, "-1", text));
		ta_write(writer, "        hard: %s", ta_entry_limit(entries[i].hard, "-1", text));
	}
}

void ta_compose_print(struct ta_writer *writer, const struct ta_entry *entries, size_t count)
{
	const char *service = writer->options->service;
	char quoted[TA_WRITER_QUOTED_MAX];

	ta_write(writer, "services:");
	if (service && ta_shell_is_plain(service) && strlen(service) < 256)
		ta_write(writer, "  %s:", ta_quote_yaml(service, quoted));
	else
		ta_write(writer, "  SERVICE:");
	if (count_kind(entries, count, TA_DIALECT_SYSCTL))
		print_compose_sysctls(writer, entries, count);
	if (count_kind(entries, count, TA_DIALECT_LIMIT))
		print_compose_ulimits(writer, entries, count);
}

/* ---- kubernetes ---------------------------------------------------------------------- */

/* A pod has no limits of resources of this kind. */
bool ta_kubernetes_takes(const struct ta_entry *entry, const struct ta_dialect_options *options)
{
	return ta_entry_is_sysctl(entry) && *entry->value && ta_is_container_sysctl(entry, options);
}

/* The kubelet refuses a pod with what it does not count as safe. */
static void print_pod_sysctl(struct ta_writer *writer, const struct ta_entry *entry)
{
	unsigned since = ta_kubernetes_safe_since(entry->key), here = writer->options->kubernetes;
	char quoted[TA_WRITER_QUOTED_MAX];

	if (!since || (here && here < since))
		ta_write(writer, "      # unsafe: kubelet --allowed-unsafe-sysctls=%s", entry->key);
	else if (!here)
		ta_write(writer, "      # safe since Kubernetes 1.%u", since);
	ta_write(writer, "      - name: %s", entry->key);
	ta_write(writer, "        value: %s", ta_quote_yaml(entry->value, quoted));
}

void ta_kubernetes_print(struct ta_writer *writer, const struct ta_entry *entries, size_t count)
{
	ta_write(writer, "spec:");
	ta_write(writer, "  securityContext:");
	ta_write(writer, "    sysctls:");
	for (size_t i = 0; i < count; i++) {
		ta_write_why(writer, "      ", &entries[i]);
		print_pod_sysctl(writer, &entries[i]);
	}
}

/* ---- ansible ------------------------------------------------------------------------- */

/* The module makes 1 and 0 of these words. */
static bool is_truth(const char *value)
{
	static const char *const words[] = { "yes", "no", "true", "false", "on", "off" };

	for (size_t i = 0; i < TA_ARRAY_SIZE(words); i++)
		if (strcasecmp(words[i], value) == 0)
			return true;
	return false;
}

/* A brace may begin an expression of Jinja. */
bool ta_ansible_takes(const struct ta_entry *entry, const struct ta_dialect_options *options)
{
	if (!ta_entry_is_sysctl(entry))
		return ta_limits_conf_takes(entry, options);
	return ta_sysctl_d_takes(entry, options) && *entry->value && !strchr(entry->value, '{') &&
	       !is_truth(entry->value);
}

/* By default the module writes /etc/sysctl.conf, which systemd-sysctl does not read. */
static void print_sysctl_task(struct ta_writer *writer, const struct ta_entry *entry)
{
	char quoted[TA_WRITER_QUOTED_MAX];

	ta_write(writer, "- name: Set %s", entry->key);
	ta_write(writer, "  ansible.posix.sysctl:");
	ta_write(writer, "    name: %s", entry->key);
	ta_write(writer, "    value: %s", ta_quote_yaml(entry->value, quoted));
	ta_write(writer, "    sysctl_file: " TA_OWN_SYSCTL_FILE);
	ta_write(writer, "    sysctl_set: true");
	ta_write(writer, "    state: present");
	ta_write(writer, "    reload: true");
}

static void print_limit_task(struct ta_writer *writer, const struct ta_entry *entry,
			     const char *type, uint64_t limit)
{
	char domain[TA_WRITER_QUOTED_MAX], text[TA_ENTRY_PAIR_MAX];
	const char *user = ta_quote_yaml(entry->item->user, domain);

	ta_write(writer, "- name: \"Set the %s limit %s of %.*s", type, entry->limit->item,
		 (int)strlen(user) - 1, user + 1);
	ta_write(writer, "  community.general.pam_limits:");
	ta_write(writer, "    domain: %s", user);
	ta_write(writer, "    limit_type: %s", type);
	ta_write(writer, "    limit_item: %s", entry->limit->item);
	ta_write(writer, "    value: \"%s\"", ta_entry_limit(limit, "unlimited", text));
	ta_write(writer, "    dest: " TA_OWN_LIMITS_FILE);
}

void ta_ansible_print(struct ta_writer *writer, const struct ta_entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		ta_write_why(writer, "", &entries[i]);
		if (ta_entry_is_sysctl(&entries[i])) {
			print_sysctl_task(writer, &entries[i]);
			continue;
		}
		print_limit_task(writer, &entries[i], "soft", entries[i].soft);
		print_limit_task(writer, &entries[i], "hard", entries[i].hard);
	}
}
