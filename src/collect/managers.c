/* managers.c - see managers.h. The tables say what was read in the sources of the programs:
 *
 * kube-proxy   setupConntrack() in cmd/kube-proxy/app/server_linux.go, conntrack.go: it only raises
 * k3s          kernelSysctls() in pkg/agent/syssetup/setup.go: like kube-proxy, but sets any value
 * cilium-agent setBaselineSysctls() in pkg/datapath/linux/bandwidth/bandwidth.go
 * bpftune      tcp_buffer_tuner.c, net_buffer_tuner.c, udp_buffer_tuner.c, neigh_table_tuner.c
 *
 * The agents of Calico, Docker, the kubelet and systemd-networkd write forwarding, rp_filter and
 * the like: nothing of the catalogue. */
#include "collect/managers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/language.h"
#include "base/macros.h"
#include "base/number.h"
#include "base/slice.h"
#include "base/text.h"
#include "collect/conf_files.h"
#include "collect/proc_scan.h"

enum { PROCESSES_MAX = 65536, ROWS_MAX = 64, PATH_SIZE = 512, VALUE_SIZE = 64 };

/* What decides whether a key is set: 0, or false, is off. */
struct option {
	const char *flag;   /* of the command line: --flag=value */
	const char *member; /* of the configuration */
	bool on;            /* by default */
};

struct key {
	const char *key;
	const struct option *option; /* NULL: it is set in any case */
	bool raises;                 /* and only raised */
};

/* Where the configuration is, below the root that the process has. */
enum config {
	CONFIG_NONE,
	CONFIG_FILE,   /* one file, of lines "member: value" */
	CONFIG_FOLDER, /* one file for each member, which is the value (a mounted ConfigMap) */
};

struct program {
	const char *name;
	enum config config;
	const char *config_flag; /* that says where */
	const struct key *keys;
};

/* ---- the tables ---- */

static const struct option max_per_core = { "conntrack-max-per-core", "maxPerCore", true };
static const struct option established = { "conntrack-tcp-timeout-established",
					   "tcpEstablishedTimeout", true };
static const struct option close_wait = { "conntrack-tcp-timeout-close-wait", "tcpCloseWaitTimeout",
					  true };
static const struct option be_liberal = { "conntrack-tcp-be-liberal", "tcpBeLiberal", false };
static const struct option bandwidth = { "enable-bandwidth-manager", "enable-bandwidth-manager",
					 false };
static const struct option bbr = { "enable-bbr", "enable-bbr", false };

static const struct key of_kube_proxy[] = {
	{ "net.netfilter.nf_conntrack_max", &max_per_core, true },
	{ "net.netfilter.nf_conntrack_buckets", &max_per_core, true },
	{ "net.netfilter.nf_conntrack_tcp_timeout_established", &established, true },
	{ "net.netfilter.nf_conntrack_tcp_timeout_close_wait", &close_wait, true },
	{ "net.netfilter.nf_conntrack_tcp_be_liberal", &be_liberal, true },
	{ NULL, NULL, false },
};

static const struct key of_k3s[] = {
	{ "net.netfilter.nf_conntrack_max", NULL, false },
	{ "net.netfilter.nf_conntrack_tcp_timeout_established", NULL, false },
	{ "net.netfilter.nf_conntrack_tcp_timeout_close_wait", NULL, false },
	{ NULL, NULL, false },
};

static const struct key of_cilium[] = {
	{ "net.core.netdev_max_backlog", &bandwidth, true },
	{ "net.core.somaxconn", &bandwidth, true },
	{ "net.ipv4.tcp_max_syn_backlog", &bandwidth, true },
	{ "net.core.default_qdisc", &bandwidth, false },
	{ "net.ipv4.tcp_congestion_control", &bandwidth, false },
	{ "net.ipv4.tcp_slow_start_after_idle", &bbr, false },
	{ NULL, NULL, false },
};

static const struct key of_bpftune[] = {
	{ "net.ipv4.tcp_rmem", NULL, false },
	{ "net.ipv4.tcp_wmem", NULL, false },
	{ "net.ipv4.tcp_mem", NULL, false },
	{ "net.core.rmem_max", NULL, false },
	{ "net.core.rmem_default", NULL, false },
	{ "net.core.netdev_max_backlog", NULL, false },
	{ "net.core.flow_limit_cpu_bitmap", NULL, false },
	{ "net.ipv4.neigh.default.gc_thresh3", NULL, true },
	{ "net.ipv6.neigh.default.gc_thresh3", NULL, true },
	{ NULL, NULL, false },
};

static const struct program programs[] = {
	{ "kube-proxy", CONFIG_FILE, "config", of_kube_proxy },
	{ "k3s-server", CONFIG_NONE, NULL, of_k3s },
	{ "k3s-agent", CONFIG_NONE, NULL, of_k3s },
	{ "cilium-agent", CONFIG_FOLDER, "config-dir", of_cilium },
	{ "bpftune", CONFIG_NONE, NULL, of_bpftune },
};

/* ---- how a program is configured ---- */

struct managers {
	const struct ta_root *root;
	struct ta_builder *builder;
	json_t *rows;
	struct ta_buf name, arguments, config;
	uint64_t netns; /* of the first process; 0: not known */
	size_t processes;
	bool cut;
};

/* A program with a configuration that may be read. */
struct manager {
	struct managers *all;
	const struct program *program;
	uint32_t pid;
	char config[PATH_SIZE]; /* below the root; "" when there is none */
	int failed;             /* of reading it */
};

/* The value behind "--flag=", or behind "--flag" in the next argument; of a lone flag "true". */
static bool find_flag(const struct ta_buf *arguments, const char *flag, struct ta_slice *ret)
{
	const char *at = ta_buf_cstr(arguments), *end = at + arguments->len;
	size_t flag_len = strlen(flag);
	bool found = false;

	for (; at < end; at += strlen(at) + 1) {
		const char *name = at + strspn(at, "-"), *next = at + strlen(at) + 1;

		if (name == at || strncmp(name, flag, flag_len) != 0)
			continue;
		found |= name[flag_len] == '=' || !name[flag_len];
		if (name[flag_len] == '=')
			*ret = ta_slice(name + flag_len + 1, strlen(name + flag_len + 1));
		else if (!name[flag_len] && next < end && *next != '-')
			*ret = ta_slice(next, strlen(next));
		else if (!name[flag_len])
			*ret = ta_slice("true", 4);
	}
	return found;
}

/* The value of a line "member: value", whatever it is within. */
static bool find_member(const struct ta_buf *config, const char *member, struct ta_slice *ret)
{
	const char *at = ta_buf_cstr(config), *line, *word;
	size_t left = config->len, len, word_len, member_len = strlen(member);

	while (ta_next_line(&at, &left, &line, &len))
		if (ta_next_word(&line, &len, &word, &word_len) && word_len == member_len + 1 &&
		    memcmp(word, member, member_len) == 0 && word[member_len] == ':' &&
		    ta_next_word(&line, &len, &ret->data, &ret->len))
			return true;
	return false;
}

static bool find_configured(struct manager *manager, const char *member, struct ta_slice *ret)
{
	struct managers *all = manager->all;
	char path[PATH_SIZE + 64];
	const char *at;
	size_t left;

	if (!*manager->config || manager->failed)
		return false;
	if (manager->program->config == CONFIG_FILE)
		return find_member(&all->config, member, ret);
	snprintf(path, sizeof(path), "%s/%s", manager->config, member);
	if (ta_conf_read(all->root, path, &all->config) != 0)
		return false;
	at = ta_buf_cstr(&all->config);
	left = all->config.len;
	return ta_next_word(&at, &left, &ret->data, &ret->len);
}

/* "0", "0s", "0h0m0s" and "false" are off. */
static bool is_off(struct ta_slice value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.data[i] >= '1' && value.data[i] <= '9')
			return false;
	return !ta_slice_equals(value, "true") && !ta_slice_equals(value, "\"true\"");
}

static bool is_on(struct manager *manager, const struct option *option)
{
	struct ta_slice value;

	if (!option)
		return true;
	if (!find_flag(&manager->all->arguments, option->flag, &value) &&
	    !find_configured(manager, option->member, &value))
		return option->on;
	return ta_slice_equals(value, "null") ? option->on : !is_off(value);
}

/* A process in a container has a root of its own. What is there is not trusted: it is read as any
 * file is, and no more is taken from it than whether something is off. */
static void find_config(struct manager *manager)
{
	const struct program *program = manager->program;
	struct managers *all = manager->all;
	struct ta_slice path;

	if (program->config == CONFIG_NONE ||
	    !find_flag(&all->arguments, program->config_flag, &path) || !path.len ||
	    *path.data != '/' || path.len >= PATH_SIZE - VALUE_SIZE)
		return;
	snprintf(manager->config, sizeof(manager->config), "proc/%u/root%.*s", manager->pid,
		 (int)path.len, path.data);
	manager->failed = ta_conf_read(all->root, manager->config, &all->config);
	if (program->config == CONFIG_FOLDER && manager->failed == EISDIR)
		manager->failed = 0;
}

/* ---- rows ---- */

static void build_gap_of_config(const struct manager *manager)
{
	char what[96];

	snprintf(what, sizeof(what), "configuration of %s (process %u)", manager->program->name,
		 manager->pid);
	ta_build_gap(manager->all->builder, what,
		     manager->failed == EACCES || manager->failed == EPERM
			     ? N_("needs root or CAP_SYS_PTRACE")
			     : strerror(manager->failed),
		     "host.managers", NULL);
}

/* One that sets nothing, as it is configured, is no manager. */
static void build_keys(struct manager *manager)
{
	struct ta_builder *builder = manager->all->builder;
	json_t *keys = json_array(), *raises = json_array(), *row;

	for (const struct key *key = manager->program->keys; key->key; key++) {
		if (!is_on(manager, key->option))
			continue;
		json_array_append_new(keys, json_string(key->key));
		if (key->raises)
			json_array_append_new(raises, json_string(key->key));
	}
	if (json_array_size(keys)) {
		row = ta_build_row(builder, manager->all->rows);
		ta_build_text(builder, row, "name", manager->program->name);
		ta_build_uint(builder, row, "pid", manager->pid);
		ta_build_value(builder, row, "keys", json_incref(keys));
		ta_build_value(builder, row, "raises", json_incref(raises));
	}
	json_decref(keys);
	json_decref(raises);
}

static void look_into(struct managers *all, const struct program *program, uint32_t pid)
{
	struct manager manager = { .all = all, .program = program, .pid = pid };

	if (ta_root_read_process(all->root, pid, "cmdline", &all->arguments) != 0)
		ta_buf_clear(&all->arguments);
	find_config(&manager);
	build_keys(&manager);
	if (manager.failed)
		build_gap_of_config(&manager);
}

/* ---- who runs ---- */

/* One in the network namespace of a container sets what is the container's: that is a cluster of
 * containers on a developer's machine. What can't be told counts as here. */
static bool is_here(const struct managers *all, uint32_t pid)
{
	char path[32];
	uint64_t netns;

	snprintf(path, sizeof(path), "%u/ns/net", pid);
	return !all->netns || !ta_root_link_number(all->root, path, &netns) || netns == all->netns;
}

static bool look_at(void *ctx, uint32_t pid)
{
	struct managers *all = ctx;
	struct ta_slice name;

	all->cut = ++all->processes > PROCESSES_MAX || json_array_size(all->rows) == ROWS_MAX;
	if (all->cut)
		return false;
	if (ta_root_read_process(all->root, pid, "comm", &all->name) != 0)
		return true;
	name = ta_slice(all->name.data, strcspn(ta_buf_cstr(&all->name), "\n"));
	for (size_t i = 0; i < TA_ARRAY_SIZE(programs); i++)
		if (ta_slice_equals(name, programs[i].name) && is_here(all, pid))
			look_into(all, &programs[i], pid);
	return true;
}

static void build_gaps(const struct managers *all, int failed, const json_t *host)
{
	const char *runtime = json_string_value(json_object_get(host, "runtime"));

	if (failed || !all->processes)
		ta_build_gap(all->builder, N_("programs that set tunables"),
			     failed ? strerror(failed) : N_("/proc shows no processes"),
			     "host.managers", NULL);
	else if (all->cut)
		ta_build_gap(all->builder, N_("some programs that set tunables"),
			     N_("there are too many processes"), "host.managers", NULL);
	if (ta_proc_hides_others(all->root))
		ta_build_gap(all->builder, N_("programs of other users that set tunables"),
			     N_("/proc is mounted with hidepid: needs root"), "host.managers",
			     NULL);
	if (runtime && (strcmp(runtime, "container") == 0 || strcmp(runtime, "pod") == 0))
		ta_build_gap(all->builder, N_("programs of the host that set tunables"),
			     N_("a container may show its own processes only"), "host.managers",
			     NULL);
}

void ta_managers_build(const struct ta_root *root, struct ta_builder *builder, json_t *host)
{
	struct managers all = {
		.root = root,
		.builder = builder,
		.rows = json_array(),
		.name = TA_BUF_INIT(256),
		.arguments = TA_BUF_INIT(TA_CONF_FILE_CAP),
		.config = TA_BUF_INIT(TA_CONF_FILE_CAP),
	};
	int failed;

	if (!ta_root_link_number(root, "1/ns/net", &all.netns))
		all.netns = 0;
	failed = ta_root_each_process(root, look_at, &all);
	if (!failed && all.processes)
		ta_build_value(builder, host, "managers", json_incref(all.rows));
	build_gaps(&all, failed, host);
	json_decref(all.rows);
	ta_buf_done(&all.name);
	ta_buf_done(&all.arguments);
	ta_buf_done(&all.config);
}
