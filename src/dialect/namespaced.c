/* namespaced.c - see namespaced.h. */
#include "dialect/namespaced.h"

#include <string.h>

#include "base/macros.h"
#include "snapshot/release.h"
#include "snapshot/tunables.h"

/* ---- containers ---------------------------------------------------------------------- */

/* What the catalogue of tunables has not: the rest of what docker/cli lets pass (opts/opts.go), of
 * "net." what is known to be each namespace's. One that ends with a dot stands for all below it. */
static const char *const namespaced[] = {
	"fs.mqueue.",
	"kernel.msgmax",
	"kernel.msgmnb",
	"kernel.msgmni",
	"kernel.sem",
	"kernel.shm_rmid_forced",
	"kernel.shmall",
	"kernel.shmmax",
	"kernel.shmmni",
	"net.ipv4.conf.",
	"net.ipv4.ping_group_range",
	"net.ipv6.conf.",
};

static bool is_below(const char *key, const char *listed)
{
	size_t len = strlen(listed);

	return listed[len - 1] == '.' ? strncmp(key, listed, len) == 0 : strcmp(key, listed) == 0;
}

static bool is_listed(const char *key)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(namespaced); i++)
		if (is_below(key, namespaced[i]))
			return true;
	return false;
}

bool ta_is_container_sysctl(const struct ta_entry *entry, const struct ta_dialect_options *options)
{
	const struct ta_tunable *tunable = ta_tunable_find(entry->key);

	if (entry->is_path || (options->host_network && strncmp(entry->key, "net.", 4) == 0))
		return false;
	if (!tunable)
		return is_listed(entry->key);
	return tunable->per_netns &&
	       ta_release_reached(options->kernel, tunable->netns_since) != TA_REACHED_NO;
}

/* ---- Kubernetes ---------------------------------------------------------------------- */

/* pkg/kubelet/sysctl/safe_sysctls.go. Since 1.12 pods have the field. Where it asks for a kernel,
 * it is the one since which the key is each namespace's, and without that no pod can have it. */
static const struct {
	const char *key;
	unsigned since;
} safe[] = {
	{ "kernel.shm_rmid_forced", 12 },
	{ "net.ipv4.ip_local_port_range", 12 },
	{ "net.ipv4.tcp_syncookies", 12 },
	{ "net.ipv4.ping_group_range", 18 },
	{ "net.ipv4.ip_unprivileged_port_start", 22 },
	{ "net.ipv4.ip_local_reserved_ports", 27 },
	{ "net.ipv4.tcp_keepalive_time", 29 },
	{ "net.ipv4.tcp_keepalive_intvl", 29 },
	{ "net.ipv4.tcp_keepalive_probes", 29 },
	{ "net.ipv4.tcp_fin_timeout", 29 },
	{ "net.ipv4.tcp_rmem", 32 },
	{ "net.ipv4.tcp_wmem", 32 },
	{ "net.ipv4.tcp_slow_start_after_idle", 37 },
	{ "net.ipv4.tcp_notsent_lowat", 37 },
};

unsigned ta_kubernetes_safe_since(const char *key)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(safe); i++)
		if (strcmp(safe[i].key, key) == 0)
			return safe[i].since;
	return 0;
}
