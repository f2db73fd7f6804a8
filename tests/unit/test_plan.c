/* Unit tests of the stages of a plan: what findings become, which changes are refused, and their
 * order. In the texts ' stands for " and ` for '. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "advice/planning.h"
#include "small_book.h"

static json_t *parse(const char *text)
{
	ta_auto(ta_buf_done) struct ta_buf json = TA_BUF_INIT(1 << 16);
	json_t *parsed;

	ta_buf_str(&json, text);
	put_quotes(&json);
	parsed = json_loadb(json.data, json.len, 0, NULL);
	if (!parsed)
		fail_msg("%s is no JSON", json.data);
	return parsed;
}

/* ---- the order ----------------------------------------------------------------------- */

#define IN_BLUE "{'kind':'named','namespace':'blue'}"

/* Orders two changes and tells the key that comes first; *ret_needs: the later one names it. */
static void order(const json_t *first, const json_t *second, char ret_first[128], bool *ret_needs)
{
	json_auto_t *changes = json_pack("[O, O]", first, second), *plan = json_object();
	struct ta_planning planning = { .plan = plan, .changes = changes };
	struct ta_error err = TA_ERROR_INIT;
	const json_t *ordered, *needs;

	assert_true(ta_planning_order(&planning, &err));
	ordered = json_object_get(plan, "changes");
	assert_int_equal(json_array_size(ordered), 2);
	snprintf(ret_first, 128, "%s", ta_json_text(json_array_get(ordered, 0), "key"));
	needs = json_object_get(json_array_get(ordered, 1), "needs");
	*ret_needs = json_integer_value(json_array_get(needs, 0)) == 1;
	assert_null(json_object_get(json_array_get(ordered, 0), "needs"));
}

static json_t *change_of(const char *key, const char *place)
{
	bool is_limit = !strchr(key, '.');

	return json_pack("{s:s, s:s, s:o}", "kind", is_limit ? "limit" : "sysctl", "key", key,
			 "place", parse(place));
}

#define HOST "{'kind':'host'}"

static void what_others_need_comes_first(void **state)
{
	static const struct {
		const char *first, *first_place, *then, *then_place;
		bool needs; /* else the first comes first for it was found first */
	} rows[] = {
		{ "net.ipv4.tcp_timestamps", IN_BLUE, "net.ipv4.tcp_tw_reuse", IN_BLUE, true },
		{ "net.ipv4.tcp_tw_recycle", IN_BLUE, "net.ipv4.tcp_timestamps", IN_BLUE, true },
		{ "net.ipv4.ip_local_reserved_ports", IN_BLUE, "net.ipv4.ip_local_port_range",
		  IN_BLUE, true },
		{ "fs.nr_open", HOST, "nofile", "{'kind':'service','pid':7}", true },
		{ "kernel.pid_max", HOST, "kernel.threads-max", HOST, true },
		{ "kernel.threads-max", HOST, "nproc", "{'pid':7}", true },
		{ "net.netfilter.nf_conntrack_buckets", HOST, "net.netfilter.nf_conntrack_max",
		  HOST, true },
		{ "net.ipv4.neigh.default.gc_thresh3", HOST, "net.ipv4.neigh.default.gc_thresh2",
		  HOST, true },
		{ "net.ipv4.neigh.default.gc_thresh2", HOST, "net.ipv4.neigh.default.gc_thresh1",
		  HOST, true },
		{ "net.ipv6.neigh.default.gc_thresh3", HOST, "net.ipv6.neigh.default.gc_thresh2",
		  HOST, true },
		{ "net.ipv6.neigh.default.gc_thresh2", HOST, "net.ipv6.neigh.default.gc_thresh1",
		  HOST, true },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		json_auto_t *first = change_of(rows[i].first, rows[i].first_place);
		json_auto_t *then = change_of(rows[i].then, rows[i].then_place);
		char key[128];
		bool needs;

		order(first, then, key, &needs);
		assert_string_equal(key, rows[i].first);
		assert_true(needs);
		order(then, first, key, &needs);
		assert_string_equal(key, rows[i].first);
		assert_true(needs);
	}
}

static void what_nobody_needs_stays_in_its_place(void **state)
{
	static const struct {
		const char *first, *first_place, *then, *then_place;
	} rows[] = {
		{ "net.ipv4.tcp_tw_reuse", IN_BLUE, "net.ipv4.tcp_timestamps",
		  "{'kind':'named','namespace':'red'}" },
		{ "net.ipv4.tcp_tw_reuse", IN_BLUE, "net.ipv4.tcp_timestamps",
		  "{'kind':'host','namespace':'host'}" },
		{ "net.core.somaxconn", IN_BLUE, "net.ipv4.tcp_syncookies", IN_BLUE },
		{ "net.ipv4.tcp_syncookies", IN_BLUE, "net.core.somaxconn", IN_BLUE },
		{ "net.core.somaxconn", IN_BLUE, "nofile", "{'pid':7}" },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		json_auto_t *first = change_of(rows[i].first, rows[i].first_place);
		json_auto_t *then = change_of(rows[i].then, rows[i].then_place);
		char key[128];
		bool needs;

		order(first, then, key, &needs);
		assert_string_equal(key, rows[i].first);
		assert_false(needs);
	}
}

static void limits_follow_settings(void **state)
{
	json_auto_t *limit = change_of("nofile", "{'pid':7}");
	json_auto_t *setting = change_of("net.core.somaxconn", IN_BLUE);
	char key[128];
	bool needs;

	(void)state;
	order(limit, setting, key, &needs);
	assert_string_equal(key, "net.core.somaxconn");
	assert_false(needs);
}

/* ---- what is refused ----------------------------------------------------------------- */

#define CHANGE(key, new, more) "{'kind':'sysctl','key':'" key "','new':'" new "'," more "}"
#define AT_HOME                "'place':{'kind':'host','namespace':'current'},"
#define ELSEWHERE(enter)       "'place':{'kind':'named','elsewhere':true,'enter':" enter "},"
#define OURS                   "'at_boot':{'by':'plan'},"
#define LATER                  "'at_boot':{'by':'file','value':'128','text':'a later file sets it'},"
#define SYSCTLS                                                                                    \
	"{'namespaces':[{'name':'current','sysctl':{'net.ipv4.ip_unprivileged_port_start':"        \
	"1024}}]}"

static const struct {
	const char *what, *changes;
	const char *forced; /* or NULL */
	const char *by;     /* of each change, "-" for one that is let be */
} refusals[] = {
	{ "nothing is in the way",
	  CHANGE("net.ipv4.tcp_tw_reuse", "1", AT_HOME OURS "'fixes':[1],'risk':'low'"), NULL,
	  "-" },
	{ "a value that the kernel would not take",
	  CHANGE("net.ipv4.tcp_tw_reuse", "3", AT_HOME OURS "'fixes':[1],'risk':'low'"), NULL,
	  "kernel" },
	{ "it is not to be forced upon it",
	  CHANGE("net.ipv4.tcp_tw_reuse", "3", AT_HOME OURS "'fixes':[1],'risk':'high'"),
	  "net.ipv4.tcp_tw_reuse", "kernel" },
	{ "another setting that forbids it",
	  CHANGE("net.ipv4.ip_local_port_range", "1000 60999", AT_HOME OURS "'fixes':[1]"), NULL,
	  "kernel" },
	{ "what is the host's, from a namespace",
	  CHANGE("net.ipv4.tcp_max_orphans", "9999",
		 "'place':{'kind':'named','elsewhere':true},'fixes':[1]"),
	  NULL, "place" },
	{ "a namespace's own",
	  CHANGE("net.ipv4.tcp_tw_reuse", "1", ELSEWHERE("'ip netns exec b '") "'fixes':[1]"), NULL,
	  "-" },
	{ "no way in", CHANGE("net.ipv4.tcp_tw_reuse", "1", ELSEWHERE("''") "'fixes':[1]"), NULL,
	  "place" },
	{ "a high risk", CHANGE("net.ipv4.tcp_tw_reuse", "1", AT_HOME "'fixes':[1],'risk':'high'"),
	  NULL, "risk" },
	{ "a high risk that is named",
	  CHANGE("net.ipv4.tcp_tw_reuse", "1", AT_HOME "'fixes':[1],'risk':'high'"),
	  "net.ipv4.tcp_tw_reuse", "-" },
	{ "another name", CHANGE("net.ipv4.tcp_tw_reuse", "1", AT_HOME "'fixes':[1],'risk':'high'"),
	  "net.ipv4.tcp_tw", "risk" },
	{ "a medium risk",
	  CHANGE("net.ipv4.tcp_tw_reuse", "1", AT_HOME "'fixes':[1],'risk':'medium'"), NULL, "-" },
	{ "a limit of high risk",
	  "{'kind':'limit','key':'nofile','new':'1:1','fixes':[1],"
	  "'risk':'high','place':{'pid':7}}",
	  NULL, "risk" },
	{ "a later file", CHANGE("net.core.somaxconn", "4096", AT_HOME LATER "'fixes':[1]"), NULL,
	  "owner" },
	{ "a later file that says the same",
	  CHANGE("net.core.somaxconn", "128", AT_HOME LATER "'fixes':[1]"), NULL, "-" },
	{ "a later file, and it is named",
	  CHANGE("net.core.somaxconn", "4096", AT_HOME LATER "'fixes':[1]"), "net.core.somaxconn",
	  "-" },
	{ "a later drop-in that gives the same for good",
	  "{'kind':'limit','key':'nofile','new':'1:1','for_good':'128','place':{'pid':7}," LATER
	  "'fixes':[1]}",
	  NULL, "-" },
	{ "where no file counts",
	  CHANGE("net.core.somaxconn", "4096", AT_HOME "'at_boot':{'by':'nobody'},'fixes':[1]"),
	  NULL, "-" },
	{ "the other half of a fix",
	  CHANGE("net.ipv4.tcp_tw_reuse", "1", AT_HOME OURS "'fixes':[1]") "," CHANGE(
		  "net.core.somaxconn", "4096", AT_HOME LATER "'fixes':[1]"),
	  NULL, "fix owner" },
	{ "of another fix",
	  CHANGE("net.ipv4.tcp_tw_reuse", "1", AT_HOME OURS "'fixes':[2]") "," CHANGE(
		  "net.core.somaxconn", "4096", AT_HOME LATER "'fixes':[1]"),
	  NULL, "- owner" },
	{ "a fix of three",
	  CHANGE("net.core.somaxconn", "4096", AT_HOME LATER "'fixes':[1]") "," CHANGE(
		  "net.ipv4.tcp_tw_reuse", "1",
		  AT_HOME OURS "'fixes':[1]") "," CHANGE("net.ipv4."
							 "tcp_"
							 "timestamps",
							 "1", AT_HOME OURS "'fixes':[1]"),
	  NULL, "owner fix fix" },
};

static void what_must_not_be_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(refusals); i++) {
		ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(4096), by = TA_BUF_INIT(256);
		const char *force[] = { refusals[i].forced, NULL };
		const struct ta_plan_options options = { .force = force };
		json_auto_t *snapshot = parse(SYSCTLS), *document = NULL;
		struct ta_planning planning = { .options = &options, .snapshot = snapshot };
		struct ta_error err = TA_ERROR_INIT;
		json_t *change;
		size_t at;

		ta_buf_printf(&text, "{'changes':[%s]}", refusals[i].changes);
		document = parse(ta_buf_cstr(&text));
		planning.changes = json_object_get(document, "changes");
		assert_true(ta_planning_refuse(&planning, &err));
		json_array_foreach (planning.changes, at, change) {
			const json_t *refused = json_object_get(change, "refused");

			ta_buf_printf(&by, "%s%s", at ? " " : "",
				      refused ? ta_json_text(refused, "by") : "-");
			assert_true(!refused || *ta_json_text(refused, "why"));
		}
		if (strcmp(ta_buf_cstr(&by), refusals[i].by) != 0)
			fail_msg("%s: %s, not %s", refusals[i].what, ta_buf_cstr(&by),
				 refusals[i].by);
	}
}

/* ---- from findings to changes -------------------------------------------------------- */

#define RULE_OF(more, id, level, fixes)                                                            \
	"{'id':'" id "','class':'no_problem'," more "'severity':[{'level':'" level                 \
	"','when':'true'}],'title':'t','diagnosis':'d','evidence':[{'label':'l','value':'1',"      \
	"'source':'s'}],'passed':'p','fixes':[" fixes "],'references':[]}"
#define RULE(id, level, fixes) RULE_OF("", id, level, fixes)
/* Of the namespace, and of each process. */
#define NS_RULE(id, level, fixes)                                                                  \
	RULE_OF("'for_each':{'x':'[ns]'},'passed_empty':'p',", id, level, fixes)
#define FOR_EACH(id, level, fixes)                                                                 \
	RULE_OF("'for_each':{'x':'processes'},'object':'{{x.name}}','passed_empty':'p',", id,      \
		level, fixes)
#define FIX(kind, more)                                                                            \
	"{'kind':'" kind "','title':'" kind "','text':'x','risk':'low','effect':'e',"              \
	"'verify':'v'," more "}"
#define SET(key, value) FIX("sysctl", "'set':{'" key "':'" value "'}")
#define NOW(n)          "'limit':{'name':'nofile','soft':'" n "','hard':'" n "','pid':'{{x.pid}}'}"
#define SNAPSHOT                                                                                   \
	"'host':{'cpus':1,'runtime':'host','sysctl_reader':'systemd'},'namespaces':[{'inode':1,"   \
	"'name':'current','kind':'host','sysctl':{'net.core.somaxconn':128,"                       \
	"'net.ipv4.tcp_tw_reuse':2}}],'processes':[{'pid':7,'name':'nginx','kind':'service',"      \
	"'unit':'nginx.service','nofile_soft':1024,'nofile_hard':4096}]"

static const struct {
	const char *what, *rules;
	enum ta_severity least;
	const char *changes;  /* "key=new key=new" in order */
	const char *left_out; /* the reasons begin so, or "" */
	size_t first, by_hand;
} plans[] = {
	{ "one", RULE("a", "warning", SET("net.core.somaxconn", "4096")), TA_SEVERITY_WARNING,
	  "net.core.somaxconn=4096", "", 0, 0 },
	{ "two findings, one setting",
	  RULE("a", "warning", SET("net.core.somaxconn", "4096")) "," RULE(
		  "b", "warning", SET("net.core.somaxconn", "4096")),
	  TA_SEVERITY_WARNING, "net.core.somaxconn=4096", "", 0, 0 },
	{ "another value of the same",
	  RULE("a", "critical", SET("net.core.somaxconn", "4096")) "," RULE(
		  "b", "warning", SET("net.core.somaxconn", "512")),
	  TA_SEVERITY_WARNING, "net.core.somaxconn=4096", "", 0, 0 },
	{ "the worst finding goes first",
	  RULE("a", "warning", SET("net.core.somaxconn", "512")) "," RULE(
		  "b", "critical", SET("net.core.somaxconn", "4096")),
	  TA_SEVERITY_WARNING, "net.core.somaxconn=4096", "", 0, 0 },
	{ "another value of the same limit",
	  FOR_EACH("a", "critical", FIX("limit", NOW("4096"))) "," FOR_EACH(
		  "b", "warning", FIX("limit", NOW("2048"))),
	  TA_SEVERITY_WARNING, "nofile=4096:4096", "another fix", 0, 0 },
	{ "a note", RULE("a", "info", SET("net.core.somaxconn", "4096")), TA_SEVERITY_WARNING, "",
	  "its finding is a note", 0, 0 },
	{ "a note that is asked for", RULE("a", "info", SET("net.core.somaxconn", "4096")),
	  TA_SEVERITY_INFO, "net.core.somaxconn=4096", "", 0, 0 },
	{ "a warning when only the worst counts",
	  RULE("a", "warning", SET("net.core.somaxconn", "4096")), TA_SEVERITY_CRITICAL, "", "its",
	  0, 0 },
	{ "what the program does goes first",
	  RULE("a", "warning",
	       FIX("application", "'restart':'x'") "," FIX("network", "'restart':'x'")),
	  TA_SEVERITY_WARNING, "", "", 1, 1 },
	{ "steps of a note", RULE("a", "info", FIX("application", "'restart':'x'")),
	  TA_SEVERITY_WARNING, "", "", 0, 0 },
	{ "a step of two findings is told once",
	  RULE("a", "warning", FIX("application", "'restart':'x'")) "," RULE(
		  "b", "warning", FIX("application", "'restart':'x'")),
	  TA_SEVERITY_WARNING, "", "", 1, 0 },
	{ "nothing to do", RULE("a", "warning", FIX("none", "'restart':'x'")), TA_SEVERITY_WARNING,
	  "", "", 0, 0 },
	{ "a limit, now",
	  FOR_EACH("a", "warning",
		   FIX("limit", "'limit':{'name':'nofile','soft':'4096','hard':'4096',"
				"'pid':'{{x.pid}}'}")),
	  TA_SEVERITY_WARNING, "nofile=4096:4096", "", 0, 0 },
	{ "a limit for good, alone",
	  FOR_EACH("a", "warning",
		   FIX("service", "'limit':{'name':'nofile','soft':'8192','hard':'65536'},"
				  "'commands':{'systemd':['x']}")),
	  TA_SEVERITY_WARNING, "", "", 0, 1 },
	{ "a limit now, and for good",
	  FOR_EACH("a", "warning",
		   FIX("limit",
		       "'limit':{'name':'nofile','soft':'4096','hard':'4096',"
		       "'pid':'{{x.pid}}'}") "," FIX("service", "'limit':{'name':'nofile','soft':'"
								"8192','hard':'65536'},"
								"'commands':{'systemd':['x']}")),
	  TA_SEVERITY_WARNING, "nofile=4096:4096+8192:65536", "", 0, 0 },
};

static void print_changes(struct ta_buf *out, const json_t *changes)
{
	const json_t *change;
	size_t i;

	json_array_foreach (changes, i, change) {
		const char *for_good = ta_json_text(change, "for_good");

		ta_buf_printf(out, "%s%s=%s%s%s", i ? " " : "", ta_json_text(change, "key"),
			      ta_json_text(change, "new"), *for_good ? "+" : "", for_good);
	}
}

/* The plan of these rules, for this snapshot: a new reference. */
static json_t *plan_of(const char *rules_text, const char *members, enum ta_severity least)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(16384);
	const struct ta_plan_options options = { .least = least };
	struct ta_rules *rules = book(rules_text);
	json_auto_t *snapshot = NULL;
	struct ta_error err = TA_ERROR_INIT;
	json_t *plan = NULL;

	ta_buf_printf(&text,
		      "{'schema':'tcpadvise.snapshot/1','taken_at':'2026-01-01T00:00:00Z',%s,"
		      "'gaps':[]}",
		      members);
	snapshot = parse(ta_buf_cstr(&text));
	if (!ta_plan(rules, snapshot, &options, &plan, &err))
		fail_msg("%s", err.text);
	ta_rules_free(rules);
	return plan;
}

static void findings_become_changes(void **state)
{
	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(plans); i++) {
		ta_auto(ta_buf_done) struct ta_buf changes = TA_BUF_INIT(1024);
		json_auto_t *plan = plan_of(plans[i].rules, SNAPSHOT, plans[i].least);
		const json_t *left_out = json_object_get(plan, "left_out");
		const char *reason = ta_json_text(json_array_get(left_out, 0), "reason");

		print_changes(&changes, json_object_get(plan, "changes"));
		if (strcmp(ta_buf_cstr(&changes), plans[i].changes) != 0)
			fail_msg("%s: %s", plans[i].what, ta_buf_cstr(&changes));
		if (strncmp(reason, plans[i].left_out, strlen(plans[i].left_out)) != 0 ||
		    json_array_size(left_out) != (*plans[i].left_out ? 1 : 0))
			fail_msg("%s: left out: %s", plans[i].what, reason);
		if (json_array_size(json_object_get(plan, "first")) != plans[i].first ||
		    json_array_size(json_object_get(plan, "by_hand")) != plans[i].by_hand)
			fail_msg("%s: steps", plans[i].what);
	}
}

/* A setting that two findings ask for is told with both. */
static void a_change_cites_all_its_findings(void **state)
{
	json_auto_t *plan =
		plan_of(NS_RULE("a", "warning", SET("net.core.somaxconn", "4096")) "," NS_RULE(
				"b", "critical", SET("net.core.somaxconn", "4096")),
			SNAPSHOT, TA_SEVERITY_WARNING);
	const json_t *change = json_array_get(json_object_get(plan, "changes"), 0);
	const json_t *why = json_object_get(change, "why");

	(void)state;
	assert_int_equal(json_array_size(why), 2);
	assert_string_equal(ta_json_text(json_array_get(why, 0), "rule"), "b");
	assert_string_equal(ta_json_text(json_array_get(why, 1), "rule"), "a");
	assert_string_equal(ta_json_text(change, "current"), "128");
	assert_string_equal(ta_json_text(json_object_get(change, "at_boot"), "by"), "plan");
	assert_string_equal(ta_json_text(change, "dialect"), "sysctl.d");
	assert_null(json_object_get(change, "fix"));
}

/* ---- where it is kept ---------------------------------------------------------------- */

static void the_place_has_its_dialect(void **state)
{
	static const struct {
		const char *host, *namespace_, *dialect, *boot;
	} rows[] = {
		{ "'runtime':'host','sysctl_reader':'systemd'", "'kind':'host'", "sysctl.d",
		  "plan" },
		{ "'runtime':'host','sysctl_reader':'none'", "'kind':'host'", "shell", "nobody" },
		{ "'runtime':'container','container_engine':'docker'", "'kind':'current'", "docker",
		  "nobody" },
		{ "'runtime':'container','container_engine':'podman'", "'kind':'current'", "podman",
		  "nobody" },
		{ "'runtime':'pod'", "'kind':'current'", "kubernetes", "nobody" },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(1024);
		json_auto_t *plan = NULL;
		const json_t *change;

		ta_buf_printf(&text,
			      "'host':{'cpus':1,%s},'namespaces':[{'inode':1,'name':'current',%s,"
			      "'sysctl':{'net.ipv4.tcp_tw_reuse':2}}]",
			      rows[i].host, rows[i].namespace_);
		plan = plan_of(NS_RULE("a", "warning", SET("net.ipv4.tcp_tw_reuse", "1")),
			       ta_buf_cstr(&text), TA_SEVERITY_WARNING);
		change = json_array_get(json_object_get(plan, "changes"), 0);
		if (strcmp(ta_json_text(change, "dialect"), rows[i].dialect) != 0 ||
		    strcmp(ta_json_text(json_object_get(change, "at_boot"), "by"), rows[i].boot) !=
			    0)
			fail_msg("%s: %s, %s at boot", rows[i].host,
				 ta_json_text(change, "dialect"),
				 ta_json_text(json_object_get(change, "at_boot"), "by"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_others_need_comes_first),
		cmocka_unit_test(what_nobody_needs_stays_in_its_place),
		cmocka_unit_test(limits_follow_settings),
		cmocka_unit_test(what_must_not_be_is_refused),
		cmocka_unit_test(findings_become_changes),
		cmocka_unit_test(a_change_cites_all_its_findings),
		cmocka_unit_test(the_place_has_its_dialect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
