/* Unit tests of src/collect/managers.c: which programs set which tunables, by their names, command
 * lines and configurations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/macros.h"
#include "collect/managers.h"
#include "fake_root.h"

#define MAX   "net.netfilter.nf_conntrack_max net.netfilter.nf_conntrack_buckets "
#define EST   "net.netfilter.nf_conntrack_tcp_timeout_established "
#define CLOSE "net.netfilter.nf_conntrack_tcp_timeout_close_wait "
#define LIB   "net.netfilter.nf_conntrack_tcp_be_liberal "

#define K3S   "net.netfilter.nf_conntrack_max " EST CLOSE
#define RAISE "net.core.netdev_max_backlog net.core.somaxconn net.ipv4.tcp_max_syn_backlog "
#define BAND  RAISE "net.core.default_qdisc net.ipv4.tcp_congestion_control "
#define CONF  "proc/5/root/conf"

static const struct {
	const char *comm;
	const char *arguments; /* separated by blanks */
	const char *file, *text;
	const char *keys;   /* each with a blank behind; NULL: it is no manager */
	const char *raises; /* the same */
	size_t gaps;
} cases[] = {
	{ "kube-proxy", "kube-proxy", NULL, NULL, MAX EST CLOSE, MAX EST CLOSE, 0 },
	{ "kube-proxy", "kube-proxy --conntrack-max-per-core=0", NULL, NULL, EST CLOSE, EST CLOSE,
	  0 },
	{ "kube-proxy",
	  "kube-proxy --conntrack-max-per-core 0 --conntrack-tcp-timeout-established=0s "
	  "--conntrack-tcp-timeout-close-wait=0h0m",
	  NULL, NULL, NULL, NULL, 0 },
	{ "kube-proxy", "kube-proxy --conntrack-tcp-be-liberal", NULL, NULL, MAX EST CLOSE LIB,
	  MAX EST CLOSE LIB, 0 },
	{ "kube-proxy", "kube-proxy --config=/conf", CONF,
	  "conntrack:\n  maxPerCore: 0\n  min: null\n  tcpEstablishedTimeout: 10s\n"
	  "  tcpCloseWaitTimeout: null\n",
	  EST CLOSE, EST CLOSE, 0 },
	{ "kube-proxy", "kube-proxy --config /conf", CONF, "conntrack:\n  tcpBeLiberal: true\n",
	  MAX EST CLOSE LIB, MAX EST CLOSE LIB, 0 },
	/* the configuration can't be read: what it sets by default, and a gap */
	{ "kube-proxy", "kube-proxy --config=/none", NULL, NULL, MAX EST CLOSE, MAX EST CLOSE, 1 },
	{ "kube-proxy2", "kube-proxy", NULL, NULL, NULL, NULL, 0 },
	{ "bash", "bash kube-proxy", NULL, NULL, NULL, NULL, 0 },
	{ "k3s-agent", "/usr/local/bin/k3s agent", NULL, NULL, K3S, "", 0 },
	{ "cilium-agent", "cilium-agent", NULL, NULL, NULL, NULL, 0 },
	{ "cilium-agent", "cilium-agent --enable-bandwidth-manager=true", NULL, NULL, BAND, RAISE,
	  0 },
	{ "cilium-agent", "cilium-agent --config-dir=/conf", CONF "/enable-bandwidth-manager",
	  "true", BAND, RAISE, 0 },
	{ "cilium-agent", "cilium-agent --config-dir=/conf", CONF "/enable-bandwidth-manager",
	  "false", NULL, NULL, 0 },
	{ "cilium-agent", "cilium-agent --config-dir=/none", NULL, NULL, NULL, NULL, 1 },
	{ "bpftune", "bpftune", NULL, NULL,
	  "net.ipv4.tcp_rmem net.ipv4.tcp_wmem net.ipv4.tcp_mem net.core.rmem_max "
	  "net.core.rmem_default net.core.netdev_max_backlog net.core.flow_limit_cpu_bitmap "
	  "net.ipv4.neigh.default.gc_thresh3 net.ipv6.neigh.default.gc_thresh3 ",
	  "net.ipv4.neigh.default.gc_thresh3 net.ipv6.neigh.default.gc_thresh3 ", 0 },
};

static json_t *build(const struct broken *broken, const char *runtime, struct ta_builder *builder)
{
	struct ta_root root = TA_ROOT_INIT;
	struct ta_error err = TA_ERROR_INIT;
	json_t *host;

	ta_builder_init(builder);
	host = ta_build_object(builder, builder->root, "host");
	if (runtime)
		ta_build_text(builder, host, "runtime", runtime);
	assert_true(ta_root_open(&root, broken->root, &err));
	ta_managers_build(&root, builder, host);
	assert_false(builder->failed);
	ta_root_done(&root);
	return json_object_get(host, "managers");
}

static void put_process(const struct broken *broken, const char *comm, const char *arguments)
{
	char text[512];
	size_t len = strlen(arguments);

	snprintf(text, sizeof(text), "%s\n", comm);
	put_file(broken, "proc/5/comm", text, strlen(text));
	for (size_t i = 0; i <= len; i++)
		text[i] = arguments[i] == ' ' ? '\0' : arguments[i];
	put_file(broken, "proc/5/cmdline", text, len + 1);
}

static void expect_keys(size_t n, const json_t *row, const char *name, const char *expected)
{
	char text[1024] = "";
	size_t i;
	json_t *key;

	json_array_foreach (json_object_get(row, name), i, key) {
		strcat(text, json_string_value(key));
		strcat(text, " ");
	}
	if (strcmp(text, expected) != 0)
		fail_msg("case %zu: %s: %s", n, name, text);
}

static void programs_are_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(cases); i++) {
		ta_auto(ta_builder_done) struct ta_builder builder;
		void *broken = NULL;
		json_t *managers, *row;

		assert_int_equal(make_broken(&broken), 0);
		put_process(broken, cases[i].comm, cases[i].arguments);
		if (cases[i].file)
			put_file(broken, cases[i].file, cases[i].text, strlen(cases[i].text));
		managers = build(broken, NULL, &builder);
		assert_non_null(managers);
		row = json_array_get(managers, 0);
		if (!row != !cases[i].keys)
			fail_msg("case %zu: %s", i, row ? "there is one" : "there is none");
		if (row) {
			assert_int_equal(json_integer_value(json_object_get(row, "pid")), 5);
			assert_string_equal(ta_json_text(row, "name"), cases[i].comm);
			expect_keys(i, row, "keys", cases[i].keys);
			expect_keys(i, row, "raises", cases[i].raises);
		}
		if (json_array_size(builder.gaps) != cases[i].gaps)
			fail_msg("case %zu: %zu gaps", i, json_array_size(builder.gaps));
		assert_int_equal(remove_broken(&broken), 0);
	}
}

static void put_netns(const struct broken *broken, const char *pid, const char *target)
{
	char name[64], path[160];

	snprintf(name, sizeof(name), "proc/%s/ns/x", pid);
	put_file(broken, name, "", 0);
	snprintf(path, sizeof(path), "%s/proc/%s/ns/net", broken->root, pid);
	unlink(path);
	assert_int_equal(symlink(target, path), 0);
}

/* A cluster of containers has a kube-proxy in each, which sets what is the container's. */
static void one_in_another_namespace_is_none(void **state)
{
	const struct broken *broken = *state;
	ta_auto(ta_builder_done) struct ta_builder other, same;

	put_process(broken, "kube-proxy", "kube-proxy");
	put_netns(broken, "1", "net:[10]");
	put_netns(broken, "5", "net:[11]");
	assert_int_equal(json_array_size(build(broken, NULL, &other)), 0);
	put_netns(broken, "5", "net:[10]");
	assert_int_equal(json_array_size(build(broken, NULL, &same)), 1);
}

static void what_is_not_seen_is_a_gap(void **state)
{
	const struct broken *broken = *state;
	ta_auto(ta_builder_done) struct ta_builder none, contained;

	assert_null(build(broken, NULL, &none)); /* no process at all */
	assert_int_equal(json_array_size(none.gaps), 1);
	put_process(broken, "sh", "sh");
	assert_int_equal(json_array_size(build(broken, "pod", &contained)), 0);
	assert_int_equal(json_array_size(contained.gaps), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_are_known),
		cmocka_unit_test_setup_teardown(one_in_another_namespace_is_none, make_broken,
						remove_broken),
		cmocka_unit_test_setup_teardown(what_is_not_seen_is_a_gap, make_broken,
						remove_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
