/* Unit tests of src/collect/settings.c and its helpers: lines, values, which line wins, and what is
 * told of it. That the rules are those of the real readers is held by
 * tests/collect/test_settings.py. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/macros.h"
#include "collect/setting.h"
#include "collect/settings.h"
#include "collect/sysctl_conf.h"
#include "fake_root.h"
#include "snapshot/release.h"

/* ---- lines ---- */

#define LONG_KEY "net.ipv4.0123456789012345678901234567890123456789012345678901234567890123456789"

static const struct {
	const char *line, *path; /* path NULL: no line */
	const char *value;       /* NULL: it excludes */
	bool glob;
} lines[] = {
	{ "net.core.somaxconn = 1", "net/core/somaxconn", "1", false },
	{ "\tnet.core.somaxconn=1 2\t3 \r", "net/core/somaxconn", "1 2\t3", false },
	{ "net/core/somaxconn=1", "net/core/somaxconn", "1", false },
	{ "/net/core/somaxconn=1", "net/core/somaxconn", "1", false },
	{ "net..core.somaxconn=1", "net/core/somaxconn", "1", false },
	{ "net.ipv4.conf.eth0/100.x=1", "net/ipv4/conf/eth0.100/x", "1", false },
	{ "net/ipv4/conf/eth0.100/x=1", "net/ipv4/conf/eth0.100/x", "1", false },
	{ "-net.x = 1", "net/x", "1", false },
	{ "- net.x = 1", "net/x", "1", false },
	{ "net.x = 1 # one", "net/x", "1 # one", false },
	{ "net.x = a=b", "net/x", "a=b", false },
	{ "net.x =", "net/x", "", false },
	{ "-net.x", "net/x", NULL, false },
	{ "net.*.x = 1", "net/*/x", "1", true },
	{ "net.conf[12].x = 1", "net/conf[12]/x", "1", true },
	{ "# net.x = 1", NULL, NULL, false },
	{ "  ; net.x = 1", NULL, NULL, false },
	{ "net.x 1", NULL, NULL, false },
	{ "= 1", NULL, NULL, false },
	{ "-", NULL, NULL, false },
	{ "-=", NULL, NULL, false },
	{ "", NULL, NULL, false },
	{ "///=1", NULL, NULL, false },
	/* out of /proc/sys */
	{ "net/../../../etc/shadow = 1", NULL, NULL, false },
	{ "net.//.//.etc.shadow = 1", NULL, NULL, false },
	{ "net/./x = 1", NULL, NULL, false },
	{ LONG_KEY LONG_KEY LONG_KEY LONG_KEY "=1", NULL, NULL, false },
};

static void lines_are_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(lines); i++) {
		struct ta_sysctl_line line;
		const char *value = lines[i].value;

		ta_sysctl_parse_line(lines[i].line, strlen(lines[i].line), &line);
		if ((line.kind == TA_SYSCTL_NOTHING) != !lines[i].path)
			fail_msg("'%s'", lines[i].line);
		if (!lines[i].path)
			continue;
		if (strcmp(line.path, lines[i].path) != 0 || line.glob != lines[i].glob ||
		    line.kind != (value ? TA_SYSCTL_SET : TA_SYSCTL_EXCLUDE))
			fail_msg("'%s': %s", lines[i].line, line.path);
		if (value && (line.value_len != strlen(value) ||
			      memcmp(line.value, value, line.value_len) != 0))
			fail_msg("'%s': '%.*s'", lines[i].line, (int)line.value_len, line.value);
	}
}

static void a_byte_of_zero_ends_a_line(void **state)
{
	static const char text[] = "net.x = 1\0 2";
	struct ta_sysctl_line line;

	(void)state;
	ta_sysctl_parse_line(text, sizeof(text) - 1, &line);
	assert_int_equal(line.value_len, 1);
}

/* ---- values ---- */

#define S TA_SYSCTL_SAME
#define L TA_SYSCTL_LOWER
#define H TA_SYSCTL_HIGHER
#define O TA_SYSCTL_OTHER
#define U TA_SYSCTL_UNKNOWN

static const struct {
	const char *path, *value, *runtime;
	enum ta_sysctl_order order;
} values[] = {
	{ "net/core/somaxconn", "128", "128\n", S },
	{ "net/core/somaxconn", "0x80", "128\n", S },
	{ "net/core/somaxconn", "0200", "128\n", S },
	{ "net/core/somaxconn", "127", "128\n", L },
	{ "net/core/somaxconn", "129", "128\n", H },
	{ "net/core/somaxconn", "128 # x", "128\n", O },
	{ "net/core/somaxconn", "", "128\n", O },
	{ "net/core/somaxconn", "128k", "128\n", O },
	{ "net/x", "-1", "-1\n", S },
	{ "net/x", "-2", "-1\n", L },
	{ "net/x", "-1", "1\n", L },
	{ "fs/file-max", "9223372036854775807", "9223372036854775807\n", S },
	{ "fs/file-max", "18446744073709551616", "18446744073709551615\n", O },
	{ "net/ipv4/tcp_rmem", "4096 131072\t6291456", "4096\t131072\t6291456\n", S },
	{ "net/ipv4/tcp_rmem", "4096 87380 16777216", "4096\t131072\t6291456\n", H },
	{ "net/ipv4/tcp_rmem", "8192 131072 6291456", "4096\t131072\t6291456\n", O },
	{ "net/ipv4/tcp_rmem", "4096 131072", "4096\t131072\t6291456\n", S },
	{ "net/ipv4/tcp_rmem", "4096 131073", "4096\t131072\t6291456\n", O },
	{ "net/ipv4/tcp_rmem", "4096 131072 6291456 1", "4096\t131072\t6291456\n", O },
	{ "net/ipv4/ip_local_port_range", "1024 65535", "32768\t60999\n", H },
	{ "net/ipv4/ip_local_port_range", "50000 60999", "32768\t60999\n", L },
	{ "net/ipv4/ip_local_port_range", "32769 61000", "32768\t60999\n", O },
	{ "net/ipv4/ip_local_reserved_ports", "8081,8080", "8080-8081\n", S },
	{ "net/ipv4/ip_local_reserved_ports", "8080", "8080-8081\n", O },
	{ "net/ipv4/ip_local_reserved_ports", "", "\n", S },
	{ "net/ipv4/ip_local_reserved_ports", "http", "\n", U },
	{ "net/ipv4/tcp_congestion_control", "bbr", "cubic\n", O },
	{ "net/ipv4/tcp_congestion_control", "cubic", "cubic\n", S },
	{ "net/ipv4/tcp_allowed_congestion_control", "cubic reno", "reno cubic\n", U },
	{ "net/netfilter/nf_conntrack_buckets", "100000", "100352\n", S },
	{ "net/netfilter/nf_conntrack_buckets", "100000", "65536\n", H },
	{ "net/x", "1 2 3 4 5 6 7 8 9", "1 2 3 4 5 6 7 8 9\n", S },
};

#undef S
#undef L
#undef H
#undef O
#undef U

static void values_are_compared_as_the_kernel_takes_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(values); i++)
		if (ta_sysctl_compare(values[i].path, values[i].value, strlen(values[i].value),
				      values[i].runtime,
				      strlen(values[i].runtime)) != values[i].order)
			fail_msg("%s: '%s' and '%s'", values[i].path, values[i].value,
				 values[i].runtime);
}

/* ---- whole hosts ---- */

#define SYS "proc/sys/"
#define D   "etc/sysctl.d/"

/* What a row says: members that are not asked for are NULL. */
struct expected {
	const char *key, *loses, *runtime, *differs, *dead, *missing;
};

static const struct host {
	const char *what, *reader;
	const char *runtime, *release;
	const char *files[12][2]; /* path, content; NULL: a folder */
	const char *own, *first;  /* links of the network namespaces of this process and of init */
	struct expected rows[6];
	size_t gaps;
} hosts[] = {
	{ .what = "dead, of a module, of an interface, of a folder that others fill",
	  .reader = "systemd",
	  .files = { { SYS "net/ipv4/tcp_mem", "1 2 3\n" },
		     { "run/systemd/system/x", "" },
		     { D "a.conf",
		       "net.ipv4.tcp_tw_recycle=1\nnet.ipv4.tcp_no=1\nnet.bridge.x=1\n"
		       "net.nf_conntrack_max=1\nnet.ipv4.conf.eth9.rp_filter=1\nnet.sctp.x=1\n" } },
	  .rows = { { .key = "net.ipv4.tcp_tw_recycle", .dead = "yes" },
		    { .key = "net.ipv4.tcp_no", .dead = "yes" },
		    { .key = "net.bridge.x", .missing = "module" },
		    { .key = "net.nf_conntrack_max", .missing = "module" },
		    { .key = "net.ipv4.conf.eth9.rp_filter", .missing = "interface" },
		    { .key = "net.sctp.x", .missing = "module" } } },
	{ .what = "keys of another kernel are dead whatever can be seen",
	  .gaps = 1,
	  .reader = "systemd",
	  .release = "4.11.0",
	  .files = { { "proc/1/comm", "systemd\n" },
		     { SYS "net/ipv4/x", "" },
		     { D "a.conf", "net.ipv4.tcp_tw_recycle=1\nnet.ipv4.tcp_rto_max_ms=1\n"
				   "net.ipv4.netfilter.ip_conntrack_tcp_timeout_close=1\n"
				   "net.ipv4.tcp_no=1\n" } },
	  .rows = { { .key = "net.ipv4.tcp_tw_recycle" },
		    { .key = "net.ipv4.tcp_rto_max_ms", .dead = "yes" },
		    { .key = "net.ipv4.netfilter.ip_conntrack_tcp_timeout_close", .dead = "yes" },
		    { .key = "net.ipv4.tcp_no" } } },
	{ .what = "a network namespace that the files do not reach",
	  .gaps = 1,
	  .reader = "systemd",
	  .own = "net:[4026532000]",
	  .first = "net:[4026531840]",
	  .files = { { SYS "net/ipv4/tcp_tw_reuse", "2\n" },
		     { SYS "fs/nr_open", "5\n" },
		     { "run/systemd/system/x", "" },
		     { D "a.conf", "net.ipv4.tcp_tw_reuse=1\nfs.nr_open=6\nnet.ipv4.conf.*.x=1\n"
				   "net.ipv4.tcp_tw_recycle=1\n" } },
	  .rows = { { .key = "net.ipv4.tcp_tw_reuse" },
		    { .key = "fs.nr_open", .runtime = "5", .differs = "yes", .dead = "no" },
		    { .key = "net.ipv4.conf.*.x" },
		    { .key = "net.ipv4.tcp_tw_recycle", .dead = "yes" } } },
	{ .what = "a container with a systemd of its own sets what is the namespace's",
	  .gaps = 1,
	  .reader = "systemd",
	  .runtime = "container",
	  .own = "net:[4026532000]",
	  .first = "net:[4026532000]",
	  .files = { { SYS "net/ipv4/tcp_tw_reuse", "2\n" },
		     { SYS "net/core/rmem_max", "5\n" },
		     { SYS "fs/nr_open", "5\n" },
		     { "proc/1/comm", "systemd\n" },
		     { "run/systemd/system/x", "" },
		     { D "a.conf", "net.ipv4.tcp_tw_reuse=1\nfs.nr_open=6\nnet.core.rmem_max=6\n"
				   "net.ipv4.tcp_retries1=1\n" } },
	  .rows = { { .key = "net.ipv4.tcp_tw_reuse",
		      .runtime = "2",
		      .differs = "yes",
		      .dead = "no" },
		    { .key = "fs.nr_open" },
		    { .key = "net.core.rmem_max" },
		    { .key = "net.ipv4.tcp_retries1", .missing = "namespace" } } },
	{ .what = "a container without one: nobody reads the files of its image",
	  .reader = "none",
	  .runtime = "container",
	  .files = { { SYS "net/ipv4/tcp_mem", "1 2 3\n" },
		     { "proc/1/comm", "nginx\n" },
		     { D "a.conf", "net.ipv4.tcp_mem=1 2 4\n" } },
	  .rows = { { .key = "net.ipv4.tcp_mem", .loses = "nobody" } } },
	{ .what = "it shares the host's processes",
	  .reader = "none",
	  .runtime = "container",
	  .files = { { "proc/1/comm", "systemd\n" }, { D "a.conf", "net.core.x=1\n" } },
	  .rows = { { .key = "net.core.x", .loses = "nobody" } } },
	{ .what = "a first process that is no init",
	  .reader = "none",
	  .files = { { "proc/1/comm", "agent\n" }, { D "a.conf", "net.core.x=1\n" } },
	  .rows = { { .key = "net.core.x", .loses = "nobody" } } },
	{ .what = "no /proc/sys",
	  .gaps = 1,
	  .reader = "procps",
	  .files = { { "proc/1/comm", "init\n" }, { D "a.conf", "net.core.x=1\nfs.nr_open=1\n" } },
	  .rows = { { .key = "net.core.x" }, { .key = "fs.nr_open" } } },
	{ .what = "two names of one tunable",
	  .gaps = 1,
	  .reader = "procps",
	  .files = { { "proc/1/comm", "openrc-init\n" },
		     { D "a.conf", "net.netfilter.nf_conntrack_max=1\nnet.nf_conntrack_max=2\n" } },
	  .rows = { { .key = "net.netfilter.nf_conntrack_max", .loses = "overridden" },
		    { .key = "net.nf_conntrack_max" } } },
	{ .what = "what does not bear on us is left out; secrets are not told",
	  .reader = "procps",
	  .files = { { SYS "net/ipv4/tcp_mem", "1 2 3\n" },
		     { SYS "net/ipv4/tcp_fastopen_key", "5-5-5-5\n" },
		     { D "a.conf", "kernel.sysrq=1\nvm.swappiness=1\nkernel.*=1\nkernel.p*=1\n"
				   "net.ipv4.tcp_fastopen_key=4-4-4-4\n"
				   "net.ipv6.conf.all.stable_secret=::1\n" } },
	  .rows = { { .key = "kernel.*" },
		    { .key = "kernel.p*" },
		    { .key = "net.ipv4.tcp_fastopen_key", .dead = "no" },
		    { .key = "net.ipv6.conf.all.stable_secret", .missing = "module" } } },
	{ .what = "a folder in the place of a file, and of a tunable",
	  .reader = "procps",
	  .files = { { SYS "net/ipv4/tcp_mem", "1 2 3\n" },
		     { D "a.conf/x", "" },
		     { D "b.conf", "net.ipv4=1\n" } },
	  .rows = { { .key = "net.ipv4", .dead = "no" } },
	  .gaps = 1 },
};

static void expect_word(const struct host *host, const char *key, const char *name,
			const json_t *value, const char *expected)
{
	const char *found = json_is_true(value)    ? "yes"
			    : json_is_false(value) ? "no"
						   : json_string_value(value);

	if (found ? !expected || strcmp(found, expected) != 0 : expected != NULL)
		fail_msg("%s: %s has %s %s", host->what, key, name, found ? found : "(none)");
}

static void check_row(const struct host *host, const struct expected *expected, const json_t *row)
{
	const char *key = json_string_value(json_object_get(row, "key"));
	const char *loses = json_object_get(row, "wins")
				    ? json_string_value(json_object_get(row, "loses"))
				    : "nobody";

	if (!expected->key || strcmp(key, expected->key) != 0)
		fail_msg("%s: %s is there", host->what, key);
	if (loses ? !expected->loses || strcmp(loses, expected->loses) != 0
		  : expected->loses != NULL)
		fail_msg("%s: %s loses: %s", host->what, key, loses ? loses : "no");
	expect_word(host, key, "runtime", json_object_get(row, "runtime"), expected->runtime);
	expect_word(host, key, "differs", json_object_get(row, "differs"), expected->differs);
	expect_word(host, key, "dead", json_object_get(row, "dead"), expected->dead);
	expect_word(host, key, "missing", json_object_get(row, "missing"), expected->missing);
	if (strstr(key, "fastopen_key") || strstr(key, "secret"))
		assert_null(json_object_get(row, "value"));
}

/* The document that is built of a root. */
static void build_root(const char *path, const char *runtime, const char *release,
		       struct ta_builder *builder, json_t *host)
{
	struct ta_root root = TA_ROOT_INIT;
	struct ta_error err = TA_ERROR_INIT;
	struct ta_kernel kernel = { .known = true };

	snprintf(kernel.release, sizeof(kernel.release), "%s", release ? release : "6.1.0");
	assert_true(ta_kernel_parse(kernel.release, &kernel.major, &kernel.minor));
	assert_true(ta_root_open(&root, path, &err));
	if (runtime)
		ta_build_text(builder, host, "runtime", runtime);
	ta_settings_build(&root, &kernel, builder, host);
	assert_false(builder->failed);
	ta_root_done(&root);
}

static void put_link(const struct broken *broken, const char *name, const char *target)
{
	char path[128];

	if (!target)
		return;
	snprintf(path, sizeof(path), "%s/proc/%s/ns", broken->root, name);
	put_file(broken, path + strlen(broken->root) + 1, "", 0); /* makes the folder above */
	assert_int_equal(remove(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	strcat(path, "/net");
	assert_int_equal(symlink(target, path), 0);
}

static void hosts_are_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(hosts); i++) {
		const struct host *host = &hosts[i];
		ta_auto(ta_builder_done) struct ta_builder builder;
		void *broken = NULL;
		json_t *object, *rows, *row;
		size_t r;

		assert_int_equal(make_broken(&broken), 0);
		for (size_t f = 0; f < 12 && host->files[f][0]; f++)
			put_file(broken, host->files[f][0], host->files[f][1],
				 strlen(host->files[f][1]));
		put_link(broken, "self", host->own);
		put_link(broken, "1", host->first);
		ta_builder_init(&builder);
		object = ta_build_object(&builder, builder.root, "host");
		build_root(((struct broken *)broken)->root, host->runtime, host->release, &builder,
			   object);
		expect_word(host, "host", "sysctl_reader", json_object_get(object, "sysctl_reader"),
			    host->reader);
		rows = json_object_get(builder.root, "settings");
		json_array_foreach (rows, r, row)
			check_row(host, &host->rows[r], row);
		if (r < TA_ARRAY_SIZE(host->rows) && host->rows[r].key)
			fail_msg("%s: %s is not there", host->what, host->rows[r].key);
		if (json_array_size(builder.gaps) != host->gaps)
			fail_msg("%s: %zu gaps", host->what, json_array_size(builder.gaps));
		assert_int_equal(remove_broken(&broken), 0);
	}
}

/* ---- owners ---- */

static void owners_are_known(void **state)
{
	static const struct {
		const char *name, *text, *owner;
	} files[] = {
		{ "a.conf", "# Ansible managed\nnet.x=1\n", "Ansible" },
		{ "a.conf", "\n#\n; THIS FILE IS MANAGED BY PUPPET.", "Puppet" },
		{ "99-salt.conf", "", "Salt" },
		{ "99-chef-net.core.somaxconn.conf", "", "Chef" },
		{ "a.conf", "net.x = ansible managed\n", NULL },
		{ "a.conf", "\n\n\n\n\n\n\n\n\n\n\n\n# Ansible managed\n", NULL },
		{ "a.conf", "#", NULL },
		{ "a.conf", "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(files); i++) {
		const char *owner =
			ta_setting_owner(files[i].name, files[i].text, strlen(files[i].text));

		if (owner ? !files[i].owner || strcmp(owner, files[i].owner) != 0
			  : files[i].owner != NULL)
			fail_msg("%zu: %s", i, owner ? owner : "nobody");
	}
}

/* ---- what is too much ---- */

static size_t count_of(const struct ta_builder *builder, const char *name)
{
	return json_array_size(json_object_get(builder->root, name));
}

static bool has_gap(const struct ta_builder *builder, const char *why)
{
	size_t i;
	json_t *gap;

	json_array_foreach (builder->gaps, i, gap)
		if (strcmp(json_string_value(json_object_get(gap, "why")), why) == 0)
			return true;
	return false;
}

static void bounds_are_told(void **state)
{
	const struct broken *broken = *state;
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(1 << 20);
	ta_auto(ta_builder_done) struct ta_builder builder;
	char name[64];

	for (int i = 0; i < 3000; i++)
		ta_buf_printf(&text, "net.x%d = 1\n", i);
	put_file(broken, "etc/sysctl.d/10.conf", text.data, text.len);
	put_file(broken, "etc/sysctl.d/11.conf", text.data, text.len);
	ta_buf_fill(&text, '#', 65536);
	put_file(broken, "etc/sysctl.d/12.conf", text.data, text.len);
	ta_buf_clear(&text);
	ta_buf_str(&text, "net.long = ");
	ta_buf_fill(&text, '1', TA_SYSCTL_VALUE_MAX + 1);
	put_file(broken, "etc/sysctl.d/09.conf", text.data, text.len);
	for (int i = 0; i < 320; i++) {
		snprintf(name, sizeof(name), "usr/lib/sysctl.d/5%d.conf", i);
		put_file(broken, name, "", 0);
	}
	ta_builder_init(&builder);
	build_root(broken->root, NULL, NULL, &builder,
		   ta_build_object(&builder, builder.root, "host"));
	assert_int_equal(count_of(&builder, "settings"), 4000);
	assert_true(has_gap(&builder, "there are more than 300"));
	assert_true(has_gap(&builder, "there are more than 4000"));
	assert_true(has_gap(&builder, "it is larger than 64 KiB"));
	assert_true(has_gap(&builder, "their values are longer than 4096 bytes"));
}

/* A pipe must not keep us, and a link of a recorded host does not lead to ours. */
static void odd_files_do_no_harm(void **state)
{
	const struct broken *broken = *state;
	ta_auto(ta_builder_done) struct ta_builder builder;
	char path[128];

	put_file(broken, SYS "net/ipv4/tcp_mem", "1 2 3\n", 6);
	put_file(broken, "etc/sysctl.d/10.conf", "net.a = 1\n", 10);
	put_file(broken, "etc/other", "net.b = 1\n", 10);
	snprintf(path, sizeof(path), "%s/etc/sysctl.d/20.conf", broken->root);
	assert_int_equal(mkfifo(path, 0600), 0);
	snprintf(path, sizeof(path), "%s/etc/sysctl.d/30.conf", broken->root);
	assert_int_equal(symlink("/etc/other", path), 0);
	snprintf(path, sizeof(path), "%s/etc/sysctl.d/40.conf", broken->root);
	assert_int_equal(symlink("40.conf", path), 0);
	ta_builder_init(&builder);
	build_root(broken->root, NULL, NULL, &builder,
		   ta_build_object(&builder, builder.root, "host"));
	assert_int_equal(count_of(&builder, "settings"), 2);
	assert_int_equal(json_array_size(builder.gaps), 1); /* the link to itself */
}

static void without_etc_nothing_is_known(void **state)
{
	const struct broken *broken = *state;
	ta_auto(ta_builder_done) struct ta_builder builder;

	ta_builder_init(&builder);
	build_root(broken->root, NULL, NULL, &builder,
		   ta_build_object(&builder, builder.root, "host"));
	assert_null(json_object_get(builder.root, "settings"));
	assert_int_equal(json_array_size(builder.gaps), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_understood),
		cmocka_unit_test(a_byte_of_zero_ends_a_line),
		cmocka_unit_test(values_are_compared_as_the_kernel_takes_them),
		cmocka_unit_test(hosts_are_understood),
		cmocka_unit_test(owners_are_known),
		cmocka_unit_test_setup_teardown(bounds_are_told, make_broken, remove_broken),
		cmocka_unit_test_setup_teardown(odd_files_do_no_harm, make_broken, remove_broken),
		cmocka_unit_test_setup_teardown(without_etc_nothing_is_known, make_broken,
						remove_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
