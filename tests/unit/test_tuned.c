/* Unit tests of src/collect/tuned.c and tuned_profile.c: which tunables TuneD sets, of made-up
 * profiles. The lines that they should be are what TuneD 2.20 makes of the same files. */
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
#include "collect/tuned.h"
#include "fake_root.h"

#define ETC "etc/tuned/"
#define LIB "usr/lib/tuned/"

struct host {
	const char *what;
	const char *files[8][2];
	/* "key=value@file:line", with + or - before the value of one that only raises or lowers,
	 * "?" for one that is not known */
	const char *rows[6];
	const char *sets; /* sets_sysctl: "yes", "no"; NULL: absent */
	size_t gaps;
};

static const struct host hosts[] = {
	{ "one profile",
	  { { ETC "active_profile", "a\n" },
	    { ETC "a/tuned.conf", "[main]\nsummary=x\n[sysctl]\n# c\nnet.core.somaxconn = 5 # c\n"
				  "vm.swappiness=1\nnet/ipv4/tcp_mem=\"1 2 3\"\n" } },
	  { "net.core.somaxconn=5@/etc/tuned/a/tuned.conf:5",
	    "net.ipv4.tcp_mem=1 2 3@/etc/tuned/a/tuned.conf:7" },
	  "yes",
	  0 },
	{ "a profile without a section of sysctl",
	  { { ETC "active_profile", "a" }, { LIB "a/tuned.conf", "[cpu]\ngovernor=x\n" } },
	  { NULL },
	  "no",
	  0 },
	{ "what is included comes first, and loses",
	  { { ETC "active_profile", "b" },
	    { LIB "b/tuned.conf", "[main]\ninclude=a;c , -none\n[sysctl]\nnet.x=2\n" },
	    { LIB "a/tuned.conf", "[sysctl]\nnet.x=1\nnet.y=1\n" },
	    { LIB "c/tuned.conf", "[sysctl]\nnet.y = 3\n" } },
	  { "net.x=2@/usr/lib/tuned/b/tuned.conf:4", "net.y=3@/usr/lib/tuned/c/tuned.conf:2" },
	  "yes",
	  0 },
	{ "several profiles, and the one that is loaded last",
	  { { ETC "active_profile", "a  b\n" },
	    { ETC "post_loaded_profile", "c\n" },
	    { LIB "a/tuned.conf", "[sysctl]\nnet.x=1\nnet.y=1\nnet.z=1\n" },
	    { LIB "profiles/b/tuned.conf", "[sysctl]\nnet.y=2\nnet.z=2\n" },
	    { ETC "profiles/c/tuned.conf", "[sysctl]\nnet.z=3\n" } },
	  { "net.x=1@/usr/lib/tuned/a/tuned.conf:2",
	    "net.y=2@/usr/lib/tuned/profiles/b/tuned.conf:2",
	    "net.z=3@/etc/tuned/profiles/c/tuned.conf:2" },
	  "yes",
	  0 },
	{ "a profile that includes its namesake, and one that includes itself in a circle",
	  { { ETC "active_profile", "a" },
	    { ETC "a/tuned.conf", "[main]\ninclude=a\n[sysctl]\nnet.x=2\n" },
	    { LIB "a/tuned.conf", "[main]\ninclude=a,b\n[sysctl]\nnet.x=1\nnet.y=1\n" },
	    { LIB "b/tuned.conf", "[main]\ninclude=a\n[sysctl]\nnet.z=1\n" } },
	  { "net.z=1@/usr/lib/tuned/b/tuned.conf:4", "net.x=2@/etc/tuned/a/tuned.conf:4",
	    "net.y=1@/usr/lib/tuned/a/tuned.conf:5" },
	  "yes",
	  0 },
	{ "only raise, only lower",
	  { { ETC "active_profile", "a" },
	    { ETC "a/tuned.conf", "[sysctl]\nnet.x=>2048\nnet.y => 3\nnet.z=<4\nnet.w=>\n" } },
	  { "net.x=+2048@/etc/tuned/a/tuned.conf:2", "net.y=+3@/etc/tuned/a/tuned.conf:3",
	    "net.z=-4@/etc/tuned/a/tuned.conf:4", "net.w=>@/etc/tuned/a/tuned.conf:5" },
	  "yes",
	  0 },
	{ "variables",
	  { { ETC "active_profile", "a" },
	    { ETC "a/tuned.conf", "[variables]\nn=7\nm=${n} ${n}\ninclude=${i:PROFILE_DIR}/v\n"
				  "[sysctl]\nnet.x=${m} 8\nnet.y=${of_file}\nnet.z=${none}\n"
				  "net.w=${f:exec:id}\nnet.v=\\${n}\n" },
	    { ETC "a/v", "of_file = ${n}0\n" } },
	  { "net.x=7 7 8@/etc/tuned/a/tuned.conf:6", "net.y=70@/etc/tuned/a/tuned.conf:7",
	    "net.z=?@/etc/tuned/a/tuned.conf:8", "net.w=?@/etc/tuned/a/tuned.conf:9",
	    "net.v=?@/etc/tuned/a/tuned.conf:10" },
	  "yes",
	  1 },
	{ "units of other names, disabled ones, options that are dropped, and a unit anew",
	  { { ETC "active_profile", "a b" },
	    { LIB "a/tuned.conf", "[sysctl]\nnet.x=1\nnet.y=1\n[more]\ntype=sysctl\nnet.z=1\n"
				  "[off]\ntype=sysctl\nenabled=false\nnet.w=1\n"
				  "[anew]\ntype=sysctl\nnet.u=1\n" },
	    { LIB "b/tuned.conf", "[sysctl]\ndrop=net.x, net.none\n"
				  "[anew]\ntype=sysctl\nreplace=1\nnet.v=2\n" } },
	  { "net.y=1@/usr/lib/tuned/a/tuned.conf:3", "net.z=1@/usr/lib/tuned/a/tuned.conf:6",
	    "net.v=2@/usr/lib/tuned/b/tuned.conf:6" },
	  "yes",
	  0 },
	{ "a unit for some processors only",
	  { { ETC "active_profile", "a" },
	    { LIB "a/tuned.conf", "[sysctl.arm]\ntype=sysctl\nuname_regex=aarch64\nnet.x=1\n" } },
	  { "net.x=?@/usr/lib/tuned/a/tuned.conf:4" },
	  "no",
	  1 },
	{ "an option that goes on, comments within, and odd lines",
	  { { ETC "active_profile", "a" },
	    { ETC "a/tuned.conf", "stray=1\n[sysctl]\nnet.x = 1\n# c\n  2\nnet.y=1\n]\n[]\n"
				  "net.lost=1\n[sysctl]\n=\nnet.*.z=1\n-net.v=1\nnet.w=a=b\n" } },
	  { "net.x=?@/etc/tuned/a/tuned.conf:3", "net.y=1@/etc/tuned/a/tuned.conf:6",
	    "net.w=a=b@/etc/tuned/a/tuned.conf:14" },
	  "yes",
	  1 },
	{ "folders of profiles that are configured: the later comes first",
	  { { ETC "active_profile", "a" },
	    { ETC "tuned-main.conf", "profile_dirs = /srv/one;/srv/two\n" },
	    { "srv/one/a/tuned.conf", "[sysctl]\nnet.x=1\n" },
	    { "srv/two/a/tuned.conf", "[sysctl]\nnet.x=2\n" },
	    { ETC "a/tuned.conf", "[sysctl]\nnet.x=3\n" } },
	  { "net.x=2@/srv/two/a/tuned.conf:2" },
	  "yes",
	  0 },
	{ "a profile that is not there, and names that are none",
	  { { ETC "active_profile", "a ../b" }, { ETC "b/tuned.conf", "[sysctl]\nnet.x=3\n" } },
	  { NULL },
	  NULL,
	  2 },
	{ "what is included is a matter of a function",
	  { { ETC "active_profile", "a" },
	    { LIB "a/tuned.conf", "[main]\ninclude=${f:virt_check:b:c}\n[cpu]\nx=1\n" } },
	  { NULL },
	  NULL,
	  1 },
	{ "secrets are not told",
	  { { ETC "active_profile", "a" },
	    { LIB "a/tuned.conf", "[sysctl]\nnet.ipv4.tcp_fastopen_key=00\n" } },
	  { "net.ipv4.tcp_fastopen_key=?@/usr/lib/tuned/a/tuned.conf:2" },
	  "yes",
	  0 },
};

static json_t *build(const struct broken *broken, struct ta_builder *builder)
{
	struct ta_root root = TA_ROOT_INIT;
	struct ta_error err = TA_ERROR_INIT;
	json_t *host;

	ta_builder_init(builder);
	host = ta_build_object(builder, builder->root, "host");
	assert_true(ta_root_open(&root, broken->root, &err));
	ta_tuned_build(&root, builder, host);
	assert_false(builder->failed);
	ta_root_done(&root);
	return json_object_get(host, "tuned");
}

static void check_row(const struct host *host, const char *expected, const json_t *row)
{
	const char *only = ta_json_text(row, "only"), *value = ta_json_string(row, "value");
	char text[512];

	snprintf(text, sizeof(text), "%s=%s%s@%s:%d", ta_json_text(row, "key"),
		 strcmp(only, "raise") == 0   ? "+"
		 : strcmp(only, "lower") == 0 ? "-"
					      : "",
		 value ? value : "?", ta_json_text(row, "file"),
		 (int)json_integer_value(json_object_get(row, "line")));
	if (!expected || strcmp(text, expected) != 0)
		fail_msg("%s: %s, not %s", host->what, text, expected ? expected : "there");
}

static void check_host(const struct host *host, const struct broken *broken)
{
	ta_auto(ta_builder_done) struct ta_builder builder;
	json_t *tuned = build(broken, &builder), *row;
	const json_t *sets = json_object_get(tuned, "sets_sysctl");
	size_t i;

	if (!tuned)
		fail_msg("%s: it does not run", host->what);
	json_array_foreach (json_object_get(tuned, "sysctl"), i, row)
		check_row(host, i < TA_ARRAY_SIZE(host->rows) ? host->rows[i] : NULL, row);
	if (i < TA_ARRAY_SIZE(host->rows) && host->rows[i])
		fail_msg("%s: %s is not there", host->what, host->rows[i]);
	if (host->sets ? !sets || json_is_true(sets) != (strcmp(host->sets, "yes") == 0)
		       : sets != NULL)
		fail_msg("%s: sets_sysctl", host->what);
	if (json_array_size(builder.gaps) != host->gaps)
		fail_msg("%s: %zu gaps", host->what, json_array_size(builder.gaps));
}

static void profiles_are_read_as_tuned_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(hosts); i++) {
		void *broken = NULL;

		assert_int_equal(make_broken(&broken), 0);
		put_file(broken, "run/tuned/tuned.pid", "5\n", 2);
		for (size_t f = 0; f < 8 && hosts[i].files[f][0]; f++)
			put_file(broken, hosts[i].files[f][0], hosts[i].files[f][1],
				 strlen(hosts[i].files[f][1]));
		check_host(&hosts[i], broken);
		assert_int_equal(remove_broken(&broken), 0);
	}
}

static void it_is_told_while_it_runs(void **state)
{
	static const struct {
		const char *config;
		bool reapplies;
	} cases[] = {
		{ "", true },
		{ "reapply_sysctl = 1\n", true },
		{ "# reapply_sysctl = 0\nreapply_sysctl=0\n", false },
		{ "reapply_sysctl = False # why\n", false },
		{ "reapply_sysctl=off\n", false },
		{ "reapply_sysctl_not = 0\n", true },
	};
	const struct broken *broken = *state;
	ta_auto(ta_builder_done) struct ta_builder without;
	char path[128];

	put_file(broken, "etc/tuned/active_profile", "throughput\n", 11);
	put_file(broken, "run/tuned/tuned.pid", "5\n", 2);
	for (size_t i = 0; i < TA_ARRAY_SIZE(cases); i++) {
		ta_auto(ta_builder_done) struct ta_builder builder;
		json_t *tuned;

		put_file(broken, "etc/tuned/tuned-main.conf", cases[i].config,
			 strlen(cases[i].config));
		tuned = build(broken, &builder);
		assert_string_equal(ta_json_text(tuned, "profile"), "throughput");
		if (json_is_true(json_object_get(tuned, "reapplies_sysctl")) != cases[i].reapplies)
			fail_msg("%s", cases[i].config);
	}
	snprintf(path, sizeof(path), "%s/run/tuned/tuned.pid", broken->root);
	assert_int_equal(unlink(path), 0);
	assert_null(build(broken, &without));
}

/* Whatever is in the files, it is bounded and does no harm. */
static void odd_files_do_no_harm(void **state)
{
	static const char bytes[] = "\xff\xfe[\xff]\n[sysctl]\nnet.\xff=1\n\0x";
	const struct broken *broken = *state;
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(1 << 20);
	ta_auto(ta_builder_done) struct ta_builder builder;
	json_t *tuned;
	char path[128];

	put_file(broken, "run/tuned/tuned.pid", "5\n", 2);
	put_file(broken, ETC "active_profile", "a b c d", 7);
	ta_buf_str(&text, "[main]\ninclude=");
	for (int i = 0; i < 50; i++) {
		snprintf(path, sizeof(path), LIB "p%d/tuned.conf", i);
		put_file(broken, path, "[sysctl]\nnet.x=1\n", 17);
		ta_buf_printf(&text, "p%d,", i);
	}
	ta_buf_str(&text, "\n[sysctl]\n");
	for (int i = 0; i < 600; i++)
		ta_buf_printf(&text, "net.y%d=1\n", i);
	put_file(broken, ETC "a/tuned.conf", text.data, text.len);
	put_file(broken, ETC "b/tuned.conf", bytes, sizeof(bytes) - 1);
	ta_buf_fill(&text, '#', 65536);
	put_file(broken, ETC "c/tuned.conf", text.data, text.len);
	put_file(broken, ETC "d/x", "", 0);
	snprintf(path, sizeof(path), "%s/" ETC "d/tuned.conf", broken->root);
	assert_int_equal(mkfifo(path, 0600), 0);
	tuned = build(broken, &builder);
	assert_int_equal(json_array_size(json_object_get(tuned, "sysctl")), 500);
	assert_int_not_equal(json_array_size(builder.gaps), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(profiles_are_read_as_tuned_does),
		cmocka_unit_test_setup_teardown(it_is_told_while_it_runs, make_broken,
						remove_broken),
		cmocka_unit_test_setup_teardown(odd_files_do_no_harm, make_broken, remove_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
