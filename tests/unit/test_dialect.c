/* Unit tests of src/dialect/: what each dialect takes, and the shape of its text. Whether the tools
 * understand it is asked of them in tests/dialect/. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "base/shell.h"
#include "dialect/dialect.h"
#include "snapshot/tunables.h"

#define SYSCTL(k, v)                                                                               \
	{                                                                                          \
		TA_DIALECT_SYSCTL, k, v, "", "", "", "", 0                                         \
	}
#define LIMIT(k, v)                                                                                \
	{                                                                                          \
		TA_DIALECT_LIMIT, k, v, "", "", "web.service", "www", 42                           \
	}

static const struct ta_dialect_options nothing_known;

static const struct ta_dialect *dialect(const char *name)
{
	const struct ta_dialect *found = ta_dialect_find(name);

	if (!found)
		fail_msg("there is no dialect %s", name);
	return found;
}

/* "a | b" of the lines. */
static char *text_of(const char *name, const struct ta_dialect_item *items, size_t count,
		     const struct ta_dialect_options *options)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(1 << 24);
	json_auto_t *lines = json_array();
	char *ret = NULL;
	json_t *line;
	size_t i;

	assert_true(ta_dialect_print(dialect(name), items, count, options, lines));
	json_array_foreach (lines, i, line)
		ta_buf_printf(&text, "%s%s", i ? " | " : "", json_string_value(line));
	assert_true(ta_buf_finish(&text, &ret, NULL));
	return ret;
}

static void assert_text(const char *name, const struct ta_dialect_item *items, size_t count,
			const char *want)
{
	ta_auto_free char *text = text_of(name, items, count, &nothing_known);

	if (strcmp(text ? text : "", want) != 0)
		fail_msg("%s: '%s', not '%s'", name, text, want);
}

static void all_are_found_by_name(void **state)
{
	static const char *const names[] = { "shell",       "prlimit", "sysctl.d", "systemd",
					     "limits.conf", "docker",  "podman",   "compose",
					     "kubernetes",  "ansible", "nixos",    "tuned" };

	(void)state;
	assert_int_equal(ta_dialect_count, TA_ARRAY_SIZE(names));
	for (size_t i = 0; i < TA_ARRAY_SIZE(names); i++) {
		assert_string_equal(dialect(names[i])->name, names[i]);
		assert_true(strlen(dialect(names[i])->summary) > 5);
	}
	assert_null(ta_dialect_find("sysctl"));
	assert_null(ta_dialect_find(""));
}

/* One letter a dialect, in the order of the table; '.': it does not take the item. */
static void each_takes_what_it_can_say(void **state)
{
	static const struct {
		struct ta_dialect_item item;
		const char *taken;
	} rows[] = {
		{ SYSCTL("net.core.somaxconn", "4096"), "s.f..dpckant" },
		{ SYSCTL("net/core/somaxconn", "4096"), "s.f..dpckant" },
		{ SYSCTL("fs.nr_open", "4096"), "s.f......ant" },
		{ SYSCTL("net.ipv4.conf.eth0/7.rp_filter", "1"), "s.f......an." },
		{ SYSCTL("net/ipv4/conf/eth0.7/rp_filter", "1"), "s.f......an." },
		{ SYSCTL("net.ipv4.conf.eth0.rp_filter", "1"), "s.f..dpckant" },
		{ SYSCTL("net.netfilter.nf_conntrack_max", "1"), "s.f......ant" },
		{ SYSCTL("net.netfilter.nf_conntrack_count", "1"), "s.f......ant" },
		{ SYSCTL("kernel.sem", "1 2 3 4"), "s.f..dpckant" },
		{ SYSCTL("net.ipv4.ip_local_reserved_ports", "1,2"), "s.f..d.ckant" },
		{ SYSCTL("net.ipv4.ip_local_reserved_ports", ""), "s.f.......n." },
		{ SYSCTL("net.core.somaxconn", "yes"), "s.f..dpck.nt" },
		{ SYSCTL("net.core.somaxconn", "${x}"), "s.f..dpck.n." },
		{ SYSCTL("net.core.somaxconn", "1\n2"), "............" },
		{ SYSCTL("net.core.somaxconn", "\xc3\xa9"), "............" },
		{ SYSCTL("somaxconn", "1"), "............" },
		{ SYSCTL("net.core.*", "1"), "............" },
		{ SYSCTL("net/../kernel/x", "1"), "............" },
		{ { TA_DIALECT_SYSCTL, "net.core.somaxconn", "1", "", "", "web.service", "", 0 },
		  "...u.dpck..." },
		{ { TA_DIALECT_SYSCTL, "net.core.somaxconn", "1", "", "nsenter -t 5 -n ", "", "",
		    0 },
		  "s....dpck..." },
		{ LIMIT("nofile", "10:20"), "sr.uldpc.an." },
		{ LIMIT("nproc", "unlimited"), "sr.uldpc.an." },
		{ LIMIT("nofile", "unlimited"), "............" },
		{ LIMIT("nofile", "20:10"), "............" },
		{ LIMIT("nofile", "9223372036854775808"), "............" },
		{ LIMIT("core", "1"), "............" },
		{ { TA_DIALECT_LIMIT, "nofile", "1", "", "", "a b", "a b", 0 }, ".....dpc...." },
	};
	static const char letters[] = "srfuldpckant";

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		char taken[sizeof(letters)] = "";

		for (size_t k = 0; k < ta_dialect_count; k++)
			taken[k] = ta_dialect_takes(&ta_dialects[k], &rows[i].item, &nothing_known)
					   ? letters[k]
					   : '.';
		if (strcmp(taken, rows[i].taken) != 0)
			fail_msg("%s = %s: %s, not %s", rows[i].item.key, rows[i].item.value, taken,
				 rows[i].taken);
	}
}

/* What a dialect does not take is not in its text either. */
static void a_text_has_what_is_taken(void **state)
{
	const struct ta_dialect_item item = SYSCTL("net.core.somaxconn", "1\n2");
	const struct ta_dialect_item both[] = { item, LIMIT("nofile", "10:20") };

	(void)state;
	for (size_t i = 0; i < ta_dialect_count; i++) {
		assert_text(ta_dialects[i].name, &item, 1, "");
		assert_text(ta_dialects[i].name, &item, 0, "");
	}
	assert_text("shell", both, 2, "prlimit --pid 42 --nofile=10:20");
	assert_text("limits.conf", both, 2,
		    "# /etc/security/limits.d/90-tcpadvise.conf | www soft nofile 10 | "
		    "www hard nofile 20");
	assert_text("docker", both, 2, "docker run --ulimit nofile=10:20 ...");
}

static void a_reason_is_told_once(void **state)
{
	struct ta_dialect_item items[] = { SYSCTL("a.b", "1"), SYSCTL("a.c", "2"),
					   SYSCTL("a.d", "3"), SYSCTL("a.e", "4") };

	(void)state;
	items[0].why = items[1].why = "one-rule, other-rule";
	items[2].why = "no\nrule";
	assert_text("shell", items, 4,
		    "# for one-rule, other-rule | sysctl -w a.b=1 | sysctl -w a.c=2 | "
		    "sysctl -w a.d=3 | sysctl -w a.e=4");
}

/* Where the dialect can tell them apart both are said. */
static void the_later_of_two_counts(void **state)
{
	struct ta_dialect_item items[] = { LIMIT("nofile", "1"), LIMIT("nofile", "2") };
	struct ta_dialect_item keys[] = { SYSCTL("a.b", "1"), SYSCTL("a/b", "2"),
					  SYSCTL("a.c", "3") };

	(void)state;
	items[1].pid = 43;
	assert_text("prlimit", items, 2,
		    "prlimit --pid 42 --nofile=1:1 | prlimit --pid 43 --nofile=2:2");
	assert_text("docker", items, 2, "docker run --ulimit nofile=2:2 ...");
	assert_text("shell", keys, 3, "sysctl -w a.b=2 | sysctl -w a.c=3");
	keys[1].enter = "x ";
	assert_text("shell", keys, 3, "sysctl -w a.b=1 | x sysctl -w a.b=2 | sysctl -w a.c=3");
}

static void what_is_namespaced_depends_on_the_kernel(void **state)
{
	const struct ta_dialect_item item = SYSCTL("net.ipv4.tcp_rmem", "1 2 3");
	struct ta_dialect_options options = { .kernel = 4014000 };

	(void)state;
	assert_false(ta_dialect_takes(dialect("docker"), &item, &options));
	assert_true(ta_dialect_takes(dialect("sysctl.d"), &item, &options));
	options.kernel = 4015000;
	assert_true(ta_dialect_takes(dialect("docker"), &item, &options));
	options.host_network = true;
	assert_false(ta_dialect_takes(dialect("docker"), &item, &options));
	assert_false(ta_dialect_takes(dialect("kubernetes"), &item, &options));
	assert_true(ta_tunable_find("net.ipv4.tcp_rmem")->per_netns);
	assert_false(ta_tunable_find("net.netfilter.nf_conntrack_count")->per_netns);
	assert_false(ta_tunable_find("fs.nr_open")->per_netns);
}

/* Values of the greatest length, all of which has to be escaped. */
static void long_values_are_whole(void **state)
{
	static const char key[] = "net.ipv4.conf.all.x";
	char value[2048];
	struct ta_dialect_item item = SYSCTL(key, value);

	(void)state;
	memset(value, '\\', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	for (size_t i = 0; i < ta_dialect_count; i++) {
		ta_auto_free char *text = text_of(ta_dialects[i].name, &item, 1, &nothing_known);
		bool taken = ta_dialect_takes(&ta_dialects[i], &item, &nothing_known);
		size_t count = 0;

		for (const char *c = text ? text : ""; *c; c++)
			count += *c == '\\';
		assert_true(count == (taken ? 2047 : 0) || (taken && count == 4094));
	}
	assert_true(ta_dialect_takes(dialect("shell"), &item, &nothing_known));
	item.value = memset(malloc(2049), 'x', 2048);
	((char *)item.value)[2048] = '\0';
	assert_false(ta_dialect_takes(dialect("shell"), &item, &nothing_known));
	free((char *)item.value);
}

static void words_of_a_shell(void **state)
{
	static const struct {
		const char *word, *quoted;
	} rows[] = {
		{ "a=1,2", "a=1,2" }, { "", "''" },         { "-x", "'-x'" },
		{ "a b", "'a b'" },   { "$x", "'$x'" },     { "it's", "'it'\\''s'" },
		{ "~", "'~'" },       { "a\"b", "'a\"b'" },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(64);

		ta_shell_word(&text, rows[i].word);
		assert_string_equal(ta_buf_cstr(&text), rows[i].quoted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_are_found_by_name),
		cmocka_unit_test(each_takes_what_it_can_say),
		cmocka_unit_test(a_text_has_what_is_taken),
		cmocka_unit_test(a_reason_is_told_once),
		cmocka_unit_test(the_later_of_two_counts),
		cmocka_unit_test(what_is_namespaced_depends_on_the_kernel),
		cmocka_unit_test(long_values_are_whole),
		cmocka_unit_test(words_of_a_shell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
