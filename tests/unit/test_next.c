/* Unit tests of src/rules/path.c, commands.c, needs.c and next.c: the commands that print a fact,
 * what a rule needs, and what to run next to settle what is open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/macros.h"
#include "small_book.h"
#include "rules/commands.h"
#include "rules/path.h"
#include "rules/reads.h"
#include "snapshot/document.h"
#include "tcpadvise/rules.h"

TA_DEFINE_AUTO(json_t, json_decref)

/* ---- paths --------------------------------------------------------------------------- */

static void a_path_has_parents(void **state)
{
	static const char *const want[] = { "namespaces[].sysctl[\"net.a[\"]",
					    "namespaces[].sysctl", "namespaces[]", "namespaces",
					    "" };
	size_t len = strlen(want[0]);

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(want); i++) {
		assert_int_equal(len, strlen(want[i]));
		assert_memory_equal(want[0], want[i], len);
		len = ta_path_parent(want[0], len);
	}
	/* what no path looks like has an end, too */
	for (len = 5; len > 0; len = ta_path_parent("a\"]\"]", len))
		;
}

static void a_path_leads_on(void **state)
{
	(void)state;
	assert_true(ta_path_leads_to("a.b", "a.b"));
	assert_true(ta_path_leads_to("a.b", "a.b.c"));
	assert_true(ta_path_leads_to("a.b", "a.b[].c"));
	assert_false(ta_path_leads_to("a.b", "a.bc"));
	assert_false(ta_path_leads_to("a.b.c", "a.b"));
}

static void a_document_lacks_a_path(void **state)
{
	static const struct {
		const char *path;
		bool absent;
	} rows[] = {
		{ "host", false },
		{ "host.cpus", false },
		{ "host.load_1", true },
		{ "host.cpus.more", true },
		{ "files", true },
		{ "files.max", true },
		{ "host.sysctl[\"kernel.pid_max\"]", false },
		{ "host.sysctl[\"kernel.pid_min\"]", true },
		{ "host.sysctl[\"kernel.pid_max", false }, /* no path: what leads there is there */
		{ "list[].a", false },                     /* one has it */
		{ "list[].b", true },
		{ "empty[].b", false },
		{ "none[].b", true },
		{ "host[].b", false }, /* no list has no elements */
		{ "", false },
		{ ".", false },
	};
	json_auto_t *document =
		json_loads("{\"host\":{\"cpus\":1,\"sysctl\":{\"kernel.pid_max\":5}},"
			   "\"list\":[{\"c\":1},{\"a\":1}],\"empty\":[]}",
			   0, NULL);

	(void)state;
	assert_non_null(document);
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++)
		if (ta_path_is_absent(document, rows[i].path) != rows[i].absent)
			fail_msg("%s", rows[i].path);
}

/* ---- commands ------------------------------------------------------------------------ */

static void load_commands(struct ta_commands *commands)
{
	struct ta_error err = TA_ERROR_INIT;
	const json_t *schema = ta_snapshot_schema(&err);

	assert_non_null(schema);
	ta_commands_init(commands, schema);
}

static void a_fact_has_its_command(void **state)
{
	static const struct {
		const char *path, *command, *keys;
	} rows[] = {
		{ "namespaces[].listeners", "ss -ltn", NULL },
		{ "namespaces[].listeners[].backlog", "ss -ltn", NULL },
		{ "namespaces[].listeners[].process", "ss -ltnp", NULL },
		{ "namespaces[].destinations[].ports_used", "ss -tan", NULL },
		{ "namespaces[].destinations[].ports_usable", "sysctl KEY",
		  "net.ipv4.ip_local_port_range net.ipv4.ip_local_reserved_ports" },
		{ "namespaces[].sysctl[\"net.core.somaxconn\"]", "sysctl KEY", NULL },
		{ "host.sysctl", "sysctl KEY", NULL },
		{ "namespaces[].counters.TcpExt.ListenDrops", "nstat -az", NULL },
		{ "namespaces[].counters.TcpExt.OneThatIsNew", "nstat -az", NULL },
		{ "namespaces[].counters.conntrack.drop", "conntrack -S", NULL },
		{ "namespaces[].rates.TcpExt.ListenDrops", "nstat -az; sleep 10; nstat -az", NULL },
		{ "processes[].close_wait.total", "ss -tanp", NULL },
		{ "processes[].close_wait.oldest_s", "ss -tani", NULL },
		{ "processes[].fds", "ls /proc/PID/fd | wc -l", NULL },
		{ "kernel_log", "dmesg -T", NULL },
		{ "host.kernel.number", "uname -a", NULL },
		{ "files.max", "cat /proc/sys/fs/file-nr", NULL },
		{ "gaps", NULL, NULL },
		{ "nothing.of.the.kind", NULL, NULL },
		{ "", NULL, NULL },
	};
	struct ta_commands commands;
	const char *keys;

	(void)state;
	load_commands(&commands);
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		size_t place = ta_commands_find(&commands, rows[i].path, &keys);

		if (!rows[i].command) {
			assert_int_equal(place, commands.count);
			continue;
		}
		assert_true(place < commands.count);
		assert_string_equal(commands.items[place].text, rows[i].command);
		assert_string_equal(keys ? keys : "", rows[i].keys ? rows[i].keys : "");
	}
}

/* Notes each x-command below a node of the schema in used. */
static void gather_commands(const json_t *node, json_t *used)
{
	const char *name;
	json_t *child;
	size_t i;

	if (ta_json_string(node, "x-command"))
		assert_true(ta_json_set(used, ta_json_string(node, "x-command"), json_true()));
	json_object_foreach ((json_t *)(uintptr_t)node, name, child)
		gather_commands(child, used);
	json_array_foreach (node, i, child)
		gather_commands(child, used);
}

static void commands_have_rows_and_rows_are_used(void **state)
{
	json_auto_t *used = json_object();
	struct ta_commands commands;
	const char *text;
	json_t *other;
	size_t i;

	(void)state;
	load_commands(&commands);
	gather_commands(commands.schema, used);
	json_object_foreach (used, text, other)
		if (ta_commands_place(&commands, text) == commands.count)
			fail_msg("x-commands has no '%s'", text);
	assert_int_equal(commands.count,
			 json_object_size(json_object_get(commands.schema, "x-commands")));
	for (size_t place = 0; place < commands.count; place++) {
		const json_t *row = json_object_get(json_object_get(commands.schema, "x-commands"),
						    commands.items[place].text);

		if (!json_object_get(used, commands.items[place].text))
			fail_msg("no fact has '%s'", commands.items[place].text);
		assert_true(json_string_length(commands.items[place].why) > strlen("to see "));
		json_array_foreach (json_object_get(row, "covers"), i, other)
			if (ta_commands_place(&commands, json_string_value(other)) ==
			    commands.count)
				fail_msg("no '%s'", json_string_value(other));
	}
}

/* ---- needs --------------------------------------------------------------------------- */

struct all_reads {
	const struct ta_commands *commands;
	const struct ta_rule *rule;
	size_t count;
};

static void has_a_command(void *ctx, const struct ta_read *read)
{
	struct all_reads *all = ctx;
	const char *keys;

	all->count++;
	if (ta_commands_find(all->commands, read->path, &keys) == all->commands->count)
		fail_msg("%s reads %s, which no command prints", all->rule->id, read->path);
}

/* Whatever a rule of ours can miss, the report can say how to come by it. */
static void each_fact_of_a_rule_has_a_command(void **state)
{
	struct ta_rules *rules = ta_rules_new();
	struct all_reads all = { .commands = &rules->vocabulary.commands };
	struct ta_rule_mistakes mistakes = { 0 };
	struct ta_error err = TA_ERROR_INIT;

	(void)state;
	assert_true(ta_rules_add_builtin(rules, TA_BUILTIN_WHOLE, &err));
	assert_true(ta_rules_finish(rules, &mistakes, &err));
	ta_rule_mistakes_done(&mistakes);
	for (size_t i = 0; i < rules->rule_count; i++) {
		const struct ta_rule *rule = all.rule = rules->rules[i];
		const struct ta_expr *conditions[] = { rule->applies, rule->for_each, rule->where };

		for (size_t k = 0; k < TA_ARRAY_SIZE(conditions); k++)
			if (conditions[k])
				ta_expr_reads(rule, conditions[k], has_a_command, &all);
		for (size_t k = 0; k < rule->severity.count; k++)
			if (rule->severity.items[k].when)
				ta_expr_reads(rule, rule->severity.items[k].when, has_a_command,
					      &all);
	}
	assert_true(all.count > 500);
	ta_rules_free(rules);
}

static void a_rule_needs_what_it_does_not_ask_for(void **state)
{
	static const struct {
		const char *members, *when, *want;
	} rows[] = {
		{ "", "host.cpus > 1", "host.cpus" },
		{ "", "host.cpus > 1 && host.cpus < 9", "host.cpus" },
		{ "", "has(host.load_1) && host.load_1 > 1.0", "" },
		{ "'let':{'known':'has(host.load_1)'},", "known && host.load_1 > 1.0", "" },
		{ "'where':'has(ns.counters.Tcp)',", "ns.counters.Tcp.InSegs > ns.sockets.total",
		  "namespaces[].sockets.total" },
		{ "'let':{'a':'host.cpus','b':'host.load_1'},", "a > 1", "host.cpus" },
		{ "'for_each':{'l':'ns.listeners'},", "l.queue > l.backlog",
		  "namespaces[].listeners namespaces[].listeners[].backlog "
		  "namespaces[].listeners[].queue" },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		ta_auto(ta_buf_done) struct ta_buf got = TA_BUF_INIT(4096);
		struct ta_rules *rules = one_rule(rows[i].members, rows[i].when, "1");
		const struct ta_needs *needs = &ta_rules_find(rules, "r")->needs;

		for (size_t k = 0; k < needs->count; k++)
			ta_buf_printf(&got, "%s%s", k ? " " : "", needs->items[k].path);
		assert_string_equal(ta_buf_cstr(&got), rows[i].want);
		ta_rules_free(rules);
	}
}

/* ---- what comes next ----------------------------------------------------------------- */

static void add_texts(struct ta_buf *out, const json_t *list)
{
	json_t *text;
	size_t i;

	json_array_foreach (list, i, text)
		ta_buf_printf(out, "%s%s", i ? " + " : "", json_string_value(text));
}

/* What the entry of the only rule that could not be checked asks for. */
static void next_is(const char *members, const char *when, const char *snapshot, const char *want)
{
	ta_auto(ta_buf_done) struct ta_buf got = TA_BUF_INIT(4096);
	struct ta_rules *rules = one_rule(members, when, "1");
	ta_auto(json_decref_p) json_t *report = report_of(rules, snapshot);
	const json_t *open = json_object_get(report, "not_checked");

	assert_int_equal(json_array_size(open), 1);
	add_texts(&got, json_object_get(json_array_get(open, 0), "next"));
	assert_string_equal(ta_buf_cstr(&got), want);
	ta_rules_free(rules);
}

#define BARE           "'host':{},'namespaces':[{'name':'current'}]"
#define READ_AS(as)    ",'evidence':{'sources':[{'fact':'x','from':'a','line':1,'as':'" as "'}]}"
#define PROCESSES(row) "'host':{},'namespaces':[],'processes':[" row "]"

static void what_is_open_tells_what_to_run(void **state)
{
	static const char each_process[] = "'for_each':{'p':'processes'},";
	static const struct {
		const char *members, *when, *snapshot, *want;
	} rows[] = {
		{ "", "host.cpus > 1", BARE, "nproc" },
		/* what it would miss next, too, but not what is there */
		{ "", "ns.sockets.total > ns.counters.Tcp.InSegs", BARE, "ss -tan + nstat -az" },
		{ "", "ns.sockets.total > ns.counters.Tcp.InSegs",
		  "'host':{},'namespaces':[{'counters':{'Tcp':{'InSegs':1}}}]", "ss -tan" },
		/* keys of what is missing as a whole, of lists, and of what is made of settings */
		{ "",
		  "ns.sysctl[`net.core.somaxconn`] > 1 && ns.sysctl[`net.ipv4.tcp_rmem`][2] > 1",
		  BARE, "sysctl net.core.somaxconn net.ipv4.tcp_rmem" },
		{ "", "ns.ports.usable > 1", BARE,
		  "sysctl net.ipv4.ip_local_port_range net.ipv4.ip_local_reserved_ports" },
		{ "", "ns.ports.usable > 1",
		  "'host':{},'namespaces':[{'sysctl':{'net.ipv4.ip_local_port_range':[1,2]}}]",
		  "sysctl net.ipv4.ip_local_reserved_ports" },
		{ "", "ns.ports.usable > 1",
		  "'host':{},'namespaces':[{'sysctl':{'net.ipv4.ip_local_port_range':[1,2],"
		  "'net.ipv4.ip_local_reserved_ports':''}}]",
		  "" },
		{ "", "ns.sysctl.exists(k, k == `x`)", BARE, "sysctl -a" },
		/* processes by their numbers, those that lack it */
		{ each_process, "p.nofile_soft > 1",
		  PROCESSES("{'pid':7},{'pid':8,'nofile_soft':1}"), "cat /proc/7/limits" },
		{ each_process, "p.nofile_soft > 1",
		  PROCESSES("{'pid':7},{'pid':8},{'pid':9},{'pid':10}"),
		  "cat /proc/7/limits; cat /proc/8/limits; cat /proc/9/limits" },
		{ "", "processes.exists(p, p.fds > 1)", BARE,
		  "ss -tanp + ls /proc/PID/fd | wc -l" },
		/* the same again would tell the same again */
		{ "", "ns.sockets.total > 1", BARE READ_AS("ss -tan"), "" },
		{ "", "ns.sockets.total > 1", BARE READ_AS("ss -tanp"), "" },
		{ "", "ns.sockets.total > 1", BARE READ_AS("ss -ltn"), "ss -tan" },
		{ "", "ns.sockets.total > 1",
		  BARE ",'collection':{'excerpt':true}" READ_AS("ss -tan"), "ss -tan" },
		{ "", "ns.sockets.total > ns.close_wait.total",
		  BARE ",'evidence':{'partial':['namespaces[].sockets'],"
		       "'sources':[{'fact':'x','from':'a','line':1,'as':'ss -tan'}]}",
		  "ss -tan" },
		{ "", "ns.close_wait.total > 1",
		  BARE ",'evidence':{'partial':['namespaces[].sockets'],"
		       "'sources':[{'fact':'x','from':'a','line':1,'as':'ss -tan'}]}",
		  "" },
		/* a rule that fails lacks nothing */
		{ "", "1 / 0 > 1 && host.cpus > 1", BARE, "nproc" },
		{ "", "1 / 0 > 1", BARE, "" },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++)
		next_is(rows[i].members, rows[i].when, rows[i].snapshot, rows[i].want);
}

#define RULE(id, class, level, when)                                                               \
	"{'id':'" id "','class':'" class "','severity':[{'level':'" level "','when':'" when        \
					 "'}],'title':'t','diagnosis':'d','evidence':[],'passed':" \
					 "'p','fixes':[],'references':[]}"

/* The rules, and one that fires. */
#define RULES(class, level)                                                                                                                                                                           \
	RULE("queue", "accept_queue_overflow", "critical", "ns.listeners.exists(l, l.queue > 1)")                                                                                                     \
	"," RULE("states", "close_wait_leak", "warning", "ns.sockets.total > 1") "," RULE("drops", "syn_flood", "info", "ns.counters.TcpExt.ListenDrops > ns.sysctl[`net.core.somaxconn`]") "," RULE( \
		"reuse", "no_problem", "critical",                                                                                                                                                    \
		"ns.sysctl[`net.ipv4.tcp_tw_reuse`] > 1") "," RULE("log", "no_problem", "warning",                                                                                                    \
								   "kernel_log.exists(k, "                                                                                                            \
								   "k.count > 1)") "," RULE("foun"                                                                                                    \
											    "d",                                                                                                      \
											    class,                                                                                                    \
											    level,                                                                                                    \
											    "tru"                                                                                                     \
											    "e")

/* The commands with what they would decide, "command: rules, alone, up to". */
static void ranking_is(const char *rules_text, const char *snapshot, const char *want)
{
	ta_auto(ta_buf_done) struct ta_buf got = TA_BUF_INIT(4096);
	struct ta_rules *rules = book(rules_text);
	ta_auto(json_decref_p) json_t *report = report_of(rules, snapshot);
	json_t *row;
	size_t i;

	json_array_foreach (json_object_get(report, "next"), i, row) {
		ta_buf_printf(&got, "%s%s: ", i ? "; " : "", ta_json_text(row, "command"));
		add_texts(&got, json_object_get(row, "would_decide"));
		ta_buf_printf(&got, ", %d, %s",
			      (int)json_integer_value(json_object_get(row, "alone")),
			      ta_json_text(row, "up_to"));
	}
	assert_string_equal(ta_buf_cstr(&got), want);
	ta_rules_free(rules);
}

static void the_most_useful_command_is_first(void **state)
{
	(void)state;
	/* of two that print the listeners the one that prints more; one sysctl for all */
	ranking_is(RULES("mtu_black_hole", "critical"), BARE,
		   "ss -tan: queue + states, 2, critical; "
		   "sysctl net.core.somaxconn net.ipv4.tcp_tw_reuse: drops + reuse, 1, critical; "
		   "dmesg -T: log, 1, warning; nstat -az: drops, 0, info");
	/* what belongs to a problem that was found counts twice, an info is none */
	ranking_is(RULES("no_problem", "warning"), BARE,
		   "sysctl net.core.somaxconn net.ipv4.tcp_tw_reuse: drops + reuse, 1, critical; "
		   "ss -tan: queue + states, 2, critical; "
		   "dmesg -T: log, 1, warning; nstat -az: drops, 0, info");
	ranking_is(RULES("no_problem", "info"), BARE,
		   "ss -tan: queue + states, 2, critical; "
		   "sysctl net.core.somaxconn net.ipv4.tcp_tw_reuse: drops + reuse, 1, critical; "
		   "dmesg -T: log, 1, warning; nstat -az: drops, 0, info");
	/* a rule is counted once, in however many namespaces it is open */
	ranking_is(RULE("states", "close_wait_leak", "warning", "ns.sockets.total > 1"),
		   "'host':{},'namespaces':[{'name':'a'},{'name':'b'}]",
		   "ss -tan: states, 1, warning");
	ranking_is(RULE("cpus", "no_problem", "info", "host.cpus > 1"),
		   "'host':{'cpus':1},'namespaces':[]", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_has_parents),
		cmocka_unit_test(a_path_leads_on),
		cmocka_unit_test(a_document_lacks_a_path),
		cmocka_unit_test(a_fact_has_its_command),
		cmocka_unit_test(commands_have_rows_and_rows_are_used),
		cmocka_unit_test(each_fact_of_a_rule_has_a_command),
		cmocka_unit_test(a_rule_needs_what_it_does_not_ask_for),
		cmocka_unit_test(what_is_open_tells_what_to_run),
		cmocka_unit_test(the_most_useful_command_is_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
