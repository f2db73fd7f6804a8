/* Unit tests of src/collect/limits.c and its helpers: which limit a unit or a session would get. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "collect/limits.h"
#include "collect/limits_conf.h"
#include "collect/users.h"
#include "fake_root.h"

/* ---- limits of units ---- */

static void limits_are_parsed(void **state)
{
	static const struct {
		const char *text;
		uint64_t soft, hard; /* hard 0: refused */
	} cases[] = {
		{ "1024:524288", 1024, 524288 },
		{ "65536", 65536, 65536 },
		{ "infinity", UINT64_MAX, UINT64_MAX },
		{ " 5 : infinity ", 5, UINT64_MAX },
		{ "6:5", 0, 0 },
		{ "infinity:5", 0, 0 },
		{ "", 0, 0 },
		{ ":", 0, 0 },
		{ "5:", 0, 0 },
		{ "5:6:7", 0, 0 },
		{ "64K", 0, 0 },
		{ "-1", 0, 0 },
		{ "18446744073709551615", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(cases); i++) {
		struct ta_limit limit = { 0, 0 };
		bool ok = ta_limit_parse(cases[i].text, strlen(cases[i].text), &limit);

		if (ok != (cases[i].hard != 0) || limit.soft != cases[i].soft ||
		    limit.hard != cases[i].hard)
			fail_msg("'%s'", cases[i].text);
	}
}

static void unit_files_are_read(void **state)
{
	static const struct {
		const char *text;
		unsigned soft, line; /* line 0: it has none */
	} cases[] = {
		{ "[Service]\nLimitNOFILE=5\n", 5, 2 },
		{ "[Service]\r\n LimitNOFILE = 5 \r\n", 5, 2 },
		{ "[Service]\nLimitNOFILE=5\nLimitNOFILE=6\n", 6, 3 },
		{ "[Service]\nLimitNOFILE=5\nLimitNOFILE=lots\n", 5, 2 },
		{ "[Service]\nLimitNOFILE=\\\n# comment\n5:\\\n6\n", 5, 2 },
		{ "[Service]\nExecStart=/x \\\nLimitNOFILE=5\n", 0, 0 },
		{ "[Service]\n#LimitNOFILE=5\n;LimitNOFILE=5\n", 0, 0 },
		{ "[Unit]\nLimitNOFILE=5\n", 0, 0 },
		{ "[Service]\n[Install]\nLimitNOFILE=5\n", 0, 0 },
		{ "LimitNOFILE=5\n", 0, 0 },
		{ "[Service]\nLimitNOFILESoft=5\nXLimitNOFILE=5\nLimitNOFILE\n", 0, 0 },
		{ "[Service]\nLimitNOFILE=5\\", 5, 2 },
		{ "", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(cases); i++) {
		ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(4096);
		struct ta_limit limit = { 0, 0 };
		unsigned line = 0;

		ta_buf_str(&text, cases[i].text);
		if (ta_unit_find_limit(&text, "Service", "LimitNOFILE", &limit, &line) !=
			    (cases[i].line > 0) ||
		    limit.soft != cases[i].soft || line != cases[i].line)
			fail_msg("'%s': line %u", cases[i].text, line);
	}
}

/* ---- limits.conf ---- */

static void lines_of_limits_conf_are_parsed(void **state)
{
	static const struct {
		const char *text, *domain; /* domain NULL: no line */
		bool soft, hard;
		enum ta_pam_item item;
		uint64_t value;
	} cases[] = {
		{ "* soft nofile 5", "*", true, false, TA_PAM_NOFILE, 5 },
		{ "\t@web\tHARD\tNoFile\t5 # x", "@web", false, true, TA_PAM_NOFILE, 5 },
		{ "a - nproc -1", "a", true, true, TA_PAM_NPROC, UINT64_MAX },
		{ "a - nofile unlimited", "a", true, true, TA_PAM_NOFILE, UINT64_MAX },
		{ "a -", "a", true, true, TA_PAM_NO_LIMITS, 0 },
		{ "a soft", NULL, false, false, TA_PAM_NOFILE, 0 },
		{ "a soft nofile", NULL, false, false, TA_PAM_NOFILE, 0 },
		{ "a soft core 5", NULL, false, false, TA_PAM_NOFILE, 0 },
		{ "a firm nofile 5", NULL, false, false, TA_PAM_NOFILE, 0 },
		{ "a soft nofile many", NULL, false, false, TA_PAM_NOFILE, 0 },
		{ "# a soft nofile 5", NULL, false, false, TA_PAM_NOFILE, 0 },
		{ "", NULL, false, false, TA_PAM_NOFILE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(cases); i++) {
		struct ta_pam_line line;
		bool ok = ta_pam_parse_line(cases[i].text, strlen(cases[i].text), &line);

		if (ok != (cases[i].domain != NULL))
			fail_msg("'%s'", cases[i].text);
		if (ok && (strcmp(line.domain, cases[i].domain) != 0 ||
			   line.soft != cases[i].soft || line.hard != cases[i].hard ||
			   line.item != cases[i].item || line.value != cases[i].value))
			fail_msg("'%s'", cases[i].text);
	}
}

static void domains_are_matched(void **state)
{
	static const struct ta_pam_user user = { 1000, "ann", "\nann\nweb\n" };
	static const struct ta_pam_user root = { 0, "root", "\nroot\n" };
	static const struct ta_pam_user unknown = { 1000, NULL, NULL };
	static const struct {
		const char *domain;
		const struct ta_pam_user *user;
		enum ta_pam_match match;
	} cases[] = {
		{ "ann", &user, TA_PAM_USER },      { "bob", &user, TA_PAM_NO },
		{ "ann", &unknown, TA_PAM_UNSURE }, { "@web", &user, TA_PAM_GROUP },
		{ "@we", &user, TA_PAM_NO },        { "@eb", &user, TA_PAM_NO },
		{ "@", &user, TA_PAM_NO },          { "@web", &unknown, TA_PAM_UNSURE },
		{ "@1000:", &user, TA_PAM_UNSURE }, { "*", &user, TA_PAM_DEFAULT },
		{ "*", &unknown, TA_PAM_DEFAULT },  { "*", &root, TA_PAM_UNSURE },
		{ "@root", &root, TA_PAM_UNSURE },  { "root", &root, TA_PAM_USER },
		{ "%web", &user, TA_PAM_NO },       { "1000:1000", &user, TA_PAM_USER },
		{ "1001:", &user, TA_PAM_NO },      { "500:", &user, TA_PAM_USER },
		{ ":1000", &user, TA_PAM_USER },    { ":1001", &user, TA_PAM_NO },
		{ ":", &user, TA_PAM_NO },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(cases); i++) {
		struct ta_pam_line line = { .soft = true };

		strcpy(line.domain, cases[i].domain);
		if (ta_pam_matches(&line, cases[i].user) != cases[i].match)
			fail_msg("%zu: %s", i, cases[i].domain);
	}
}

static void users_are_found(void **state)
{
	ta_auto(ta_buf_done) struct ta_buf passwd = TA_BUF_INIT(4096), group = TA_BUF_INIT(4096);
	ta_auto(ta_buf_done) struct ta_buf name = TA_BUF_INIT(4096), groups = TA_BUF_INIT(4096);
	uint32_t gid = 0;

	(void)state;
	ta_buf_str(&passwd, "root:x:0:0:::\nodd:x\n:::\nbob:x:7:x::\nann:x:1000:100:Ann:/:/bin/sh");
	ta_buf_str(&group, "root:x:0:\nusers:x:100:\nweb:x:9:bob,ann\nadm:x:8:joann\nodd:x:100");
	assert_true(ta_users_find(&passwd, 1000, &name, &gid));
	assert_string_equal(ta_buf_cstr(&name), "ann");
	assert_int_equal(gid, 100);
	assert_false(ta_users_find(&passwd, 7, &name, &gid));
	assert_false(ta_users_find(&passwd, 5, &name, &gid));
	ta_users_find_groups(&group, "ann", 100, &groups);
	assert_string_equal(ta_buf_cstr(&groups), "\nusers\nweb\nodd\n");
	ta_buf_done(&name);
	ta_buf_done(&group);
}

/* ---- whole hosts ---- */

#define E        "etc/systemd/system/"
#define U        "usr/lib/systemd/system/"
#define N(limit) "[Service]\nLimitNOFILE=" limit "\n"

static const struct host {
	const char *what, *kind, *unit;
	int uid; /* -1: not known */
	const char *files[8][2];
	int soft, hard; /* -1: not told */
	const char *via, *file;
	int pam_soft;
} hosts[] = {
	{ "a unit",
	  "service",
	  "a.service",
	  7,
	  { { U "a.service", N("5:6") } },
	  5,
	  6,
	  "unit",
	  "/" U "a.service",
	  -1 },
	{ "the administrator's file replaces the vendor's",
	  "service",
	  "a.service",
	  7,
	  { { U "a.service", N("5") }, { E "a.service", N("7") } },
	  7,
	  7,
	  "unit",
	  "/" E "a.service",
	  -1 },
	{ "a drop-in, the last by name of all folders",
	  "service",
	  "a.service",
	  7,
	  { { U "a.service", N("5") },
	    { U "a.service.d/20.conf", N("8") },
	    { E "a.service.d/10.conf", N("9") } },
	  8,
	  8,
	  "drop-in",
	  "/" U "a.service.d/20.conf",
	  -1 },
	{ "a drop-in that masks another",
	  "service",
	  "a.service",
	  7,
	  { { U "a.service", N("5") },
	    { U "a.service.d/20.conf", N("8") },
	    { E "a.service.d/20.conf", "" } },
	  5,
	  5,
	  "unit",
	  "/" U "a.service",
	  -1 },
	{ "a drop-in for all services, masked by the unit's own of that name",
	  "service",
	  "a.service",
	  7,
	  { { U "a.service", "" },
	    { E "service.d/10.conf", N("8") },
	    { E "service.d/20.conf", N("9") },
	    { U "a.service.d/20.conf", "" } },
	  8,
	  8,
	  "drop-in",
	  "/" E "service.d/10.conf",
	  -1 },
	{ "an instance, by template, and its drop-ins",
	  "service",
	  "a-b@x-1.service",
	  7,
	  { { U "a-b@.service", N("5") }, { E "a-b@.service.d/1.conf", N("6") } },
	  6,
	  6,
	  "drop-in",
	  "/" E "a-b@.service.d/1.conf",
	  -1 },
	{ "a drop-in for names that begin alike",
	  "service",
	  "a-b-c.service",
	  7,
	  { { U "a-b-c.service", "" }, { E "a-.service.d/1.conf", N("6") } },
	  6,
	  6,
	  "drop-in",
	  "/" E "a-.service.d/1.conf",
	  -1 },
	{ "the manager's default",
	  "service",
	  "a.service",
	  7,
	  { { U "a.service", "[Service]\n" },
	    { "etc/systemd/system.conf", "[Manager]\nDefaultLimitNOFILE=1\n" },
	    { "etc/systemd/system.conf.d/x.conf", "[Manager]\nDefaultLimitNOFILE=2:3\n" } },
	  2,
	  3,
	  "systemd default",
	  "/etc/systemd/system.conf.d/x.conf",
	  -1 },
	{ "infinity is what the kernel allows",
	  "service",
	  "a.service",
	  7,
	  { { U "a.service", N("5:infinity") }, { "proc/sys/fs/nr_open", "100\n" } },
	  5,
	  100,
	  "unit",
	  "/" U "a.service",
	  -1 },
	{ "a unit without a file was made by something else",
	  "service",
	  "a.service",
	  7,
	  { { "etc/systemd/system.conf", "[Manager]\nDefaultLimitNOFILE=1\n" } },
	  -1,
	  -1,
	  NULL,
	  NULL,
	  -1 },
	{ "limits.conf does not reach a service",
	  "service",
	  "a.service",
	  7,
	  { { U "a.service", "" }, { "etc/security/limits.conf", "* - nofile 50\n" } },
	  -1,
	  -1,
	  NULL,
	  NULL,
	  50 },
	{ "but a session",
	  "session",
	  "session-1.scope",
	  7,
	  { { "etc/passwd", "ann:x:7:7:::\n" },
	    { "etc/group", "web:x:9:ann\n" },
	    { "etc/security/limits.conf",
	      "ann soft nofile 60\n@web - nofile 55\n* hard nofile 50\n" } },
	  50,
	  50,
	  "limits.conf",
	  "/etc/security/limits.conf",
	  50 },
	{ "a line for both sets both, or neither",
	  "session",
	  "session-1.scope",
	  7,
	  { { "etc/passwd", "ann:x:7:7:::\n" },
	    { "etc/group", "web:x:9:ann\n" },
	    { "etc/security/limits.conf",
	      "ann soft nofile 60\n@web - nofile 55\n7: hard nofile 70\n* - nofile 50\n" } },
	  60,
	  70,
	  "limits.conf",
	  "/etc/security/limits.conf",
	  60 },
	{ "the last of equals, over all files",
	  "session",
	  "session-1.scope",
	  7,
	  { { "etc/security/limits.conf", "* soft nofile 60\n" },
	    { "etc/security/limits.d/20.conf", "* soft nofile 61\n" },
	    { "etc/security/limits.d/10.conf", "* soft nofile 62\n" } },
	  61,
	  -1,
	  "limits.conf",
	  "/etc/security/limits.d/20.conf",
	  61 },
	{ "a user whose groups are not known",
	  "session",
	  "session-1.scope",
	  7,
	  { { "etc/security/limits.conf", "* soft nofile 60\n@web soft nofile 61\n" } },
	  -1,
	  -1,
	  NULL,
	  NULL,
	  -1 },
	{ "one to whom nothing is set",
	  "session",
	  "session-1.scope",
	  7,
	  { { "etc/passwd", "ann:x:7:7:::\n" },
	    { "etc/security/limits.conf", "* soft nofile 60\nann -\n" } },
	  -1,
	  -1,
	  NULL,
	  NULL,
	  -1 },
	{ "root is not everybody",
	  "session",
	  "session-1.scope",
	  0,
	  { { "etc/passwd", "root:x:0:0:::\n" },
	    { "etc/security/limits.conf", "* soft nofile 60\n" } },
	  -1,
	  -1,
	  NULL,
	  NULL,
	  -1 },
	{ "a unit of the user's own manager",
	  "session",
	  "a.service",
	  7,
	  { { E "a.service", N("5") }, { "etc/security/limits.conf", "* soft nofile 60\n" } },
	  -1,
	  -1,
	  NULL,
	  NULL,
	  60 },
	{ "a container has what its engine gives",
	  "container",
	  "a.service",
	  7,
	  { { E "a.service", N("5") }, { "etc/security/limits.conf", "* soft nofile 60\n" } },
	  -1,
	  -1,
	  NULL,
	  NULL,
	  -1 },
};

static int integer_of(const json_t *row, const char *name)
{
	const json_t *value = json_object_get(row, name);

	return value ? (int)json_integer_value(value) : -1;
}

static bool has_text(const json_t *row, const char *name, const char *text)
{
	const char *found = json_string_value(json_object_get(row, name));

	return found ? text && strcmp(found, text) == 0 : !text;
}

static void configured_limits_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(hosts); i++) {
		const struct host *host = &hosts[i];
		ta_auto(ta_builder_done) struct ta_builder builder;
		struct ta_root root = TA_ROOT_INIT;
		struct ta_error err = TA_ERROR_INIT;
		const json_t *configured;
		void *broken = NULL;
		json_t *row;

		assert_int_equal(make_broken(&broken), 0);
		put_file(broken, "etc/x", "", 0);
		for (size_t f = 0; f < 8 && host->files[f][0]; f++)
			put_file(broken, host->files[f][0], host->files[f][1],
				 strlen(host->files[f][1]));
		assert_true(ta_root_open(&root, ((struct broken *)broken)->root, &err));
		ta_builder_init(&builder);
		row = ta_build_row(&builder, ta_build_array(&builder, builder.root, "processes"));
		ta_build_text(&builder, row, "kind", host->kind);
		ta_build_text(&builder, row, "unit", host->unit);
		if (host->uid >= 0)
			ta_build_int(&builder, row, "uid", host->uid);
		ta_limits_build(&root, &builder);
		configured = json_object_get(row, "configured_nofile");
		if (integer_of(configured, "soft") != host->soft ||
		    integer_of(configured, "hard") != host->hard ||
		    !has_text(configured, "via", host->via) ||
		    !has_text(configured, "file", host->file) ||
		    integer_of(json_object_get(row, "limits_conf_nofile"), "soft") !=
			    host->pam_soft ||
		    json_array_size(builder.gaps) != 0)
			fail_msg("%s: %s", host->what, json_dumps(row, 0));
		ta_root_done(&root);
		assert_int_equal(remove_broken(&broken), 0);
	}
}

static void what_is_too_much_is_told(void **state)
{
	const struct broken *broken = *state;
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(1 << 20);
	ta_auto(ta_builder_done) struct ta_builder builder;
	struct ta_root root = TA_ROOT_INIT;
	struct ta_error err = TA_ERROR_INIT;

	for (int i = 0; i < 1500; i++)
		ta_buf_str(&text, "* soft nofile 60\n");
	put_file(broken, "etc/security/limits.conf", text.data, text.len);
	ta_buf_fill(&text, '#', 65536);
	put_file(broken, "etc/systemd/system.conf", text.data, text.len);
	assert_true(ta_root_open(&root, broken->root, &err));
	ta_builder_init(&builder);
	ta_limits_build(&root, &builder);
	assert_int_equal(
		json_array_size(json_object_get(json_object_get(builder.root, "limits"), "pam")),
		1000);
	assert_int_equal(json_array_size(builder.gaps), 2);
	ta_root_done(&root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_are_parsed),
		cmocka_unit_test(unit_files_are_read),
		cmocka_unit_test(lines_of_limits_conf_are_parsed),
		cmocka_unit_test(domains_are_matched),
		cmocka_unit_test(users_are_found),
		cmocka_unit_test(configured_limits_are_found),
		cmocka_unit_test_setup_teardown(what_is_too_much_is_told, make_broken,
						remove_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
