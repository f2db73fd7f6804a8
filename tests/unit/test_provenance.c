/* Unit tests of src/rules/reads.c and provenance.c: the facts that a figure is made of, and where
 * they stand in captured text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/macros.h"
#include "rules/reads.h"
#include "small_book.h"
#include "tcpadvise/rules.h"

TA_DEFINE_AUTO(json_t, json_decref)

/* ---- reads --------------------------------------------------------------------------- */

static void note(void *ctx, const struct ta_read *read)
{
	struct ta_buf *out = ctx;

	ta_buf_printf(out, "%s%s%s%s", out->len ? " " : "", read->is_asked ? "?" : "",
		      read->of_element ? "@" : "", read->path);
}

static void reads_are(const char *members, const char *value, const char *want)
{
	ta_auto(ta_buf_done) struct ta_buf got = TA_BUF_INIT(8192);
	struct ta_rules *rules = one_rule(members, "true", value);
	const struct ta_rule *rule = ta_rules_find(rules, "r");

	ta_expr_reads(rule, rule->evidence[0].value, note, &got);
	assert_string_equal(ta_buf_cstr(&got), want);
	ta_rules_free(rules);
}

static void an_expression_tells_what_it_reads(void **state)
{
	static const struct {
		const char *members, *value, *want;
	} rows[] = {
		{ "", "1 + 1", "" },
		{ "", "host.cpus", "host.cpus" },
		{ "", "ns.sockets.established * 100 / ns.sockets.total",
		  "namespaces[].sockets.established namespaces[].sockets.total" },
		{ "", "ns.sysctl[`net.core.somaxconn`]",
		  "namespaces[].sysctl[\"net.core.somaxconn\"]" },
		{ "", "ns.listeners[0].backlog", "namespaces[].listeners[].backlog" },
		{ "", "ns.sysctl[host.name]", "namespaces[].sysctl host.name" },
		{ "", "has(ns.counters.Tcp) ? ns.counters.Tcp.InSegs : 0",
		  "?namespaces[].counters.Tcp namespaces[].counters.Tcp.InSegs" },
		{ "", "ns.listeners.exists(l, l.port == 22 && host.cpus > 1)",
		  "namespaces[].listeners namespaces[].listeners[].port host.cpus" },
		{ "", "ns.listeners.filter(l, l.port > 1)[0].queue",
		  "namespaces[].listeners[].queue namespaces[].listeners[].port" },
		{ "", "ns.listeners.map(l, l.queue).size()",
		  "namespaces[].listeners namespaces[].listeners[].queue" },
		{ "", "processes.all(p, ns.listeners.all(l, l.pid == p.pid))",
		  "processes namespaces[].listeners namespaces[].listeners[].pid processes[].pid" },
		{ "'for_each':{'d':'ns.destinations'},", "d.ports_used",
		  "@namespaces[].destinations[].ports_used" },
		{ "'for_each':{'e':'kernel_log.filter(k, k.event == `x`)'},", "e.count",
		  "@kernel_log[].count" },
		{ "'for_each':{'d':'ns.destinations'},'let':{'s':'d.sockets','t':'s + host.cpus'},",
		  "t * t", "@namespaces[].destinations[].sockets host.cpus" },
		{ "'let':{'c':'ns.close_wait','n':'c.total + host.cpus'},", "n + n + c.total",
		  "namespaces[].close_wait.total host.cpus namespaces[].close_wait.total" },
		{ "'let':{'known':'has(host.cpus)'},", "known ? host.cpus : 0",
		  "?host.cpus host.cpus" },
		{ "'let':{'busy':'ns.listeners.filter(l, l.queue > 1)'},",
		  "busy.exists(b, b.port == 1)",
		  "namespaces[].listeners namespaces[].listeners[].port" },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++)
		reads_are(rows[i].members, rows[i].value, rows[i].want);
}

/* ---- provenance ---------------------------------------------------------------------- */

#define LISTENERS                                                                                  \
	"'listeners':[{'local':'*:80','port':80,'queue':5,'backlog':4},"                           \
	"{'local':'*:81','port':81,'queue':6,'backlog':4}]"
#define SOURCE(fact, more, from, line)                                                             \
	"{'fact':'" fact "'," more "'from':'" from "','line':" line "}"
#define IN(name)    "'namespace':'" name "',"
#define KEY(key)    "'key':'" key "',"
#define AS(command) "'as':'" command "',"
#define TO(line)    "'last_line':" line ","

static json_t *judge(const struct ta_rules *rules, const char *evidence)
{
	ta_auto(ta_buf_done) struct ta_buf members = TA_BUF_INIT(16384);

	ta_buf_printf(
		&members,
		"'host':{'cpus':2},'namespaces':[{'name':'current','sockets':{'total':9},%s}],"
		"'processes':[{'pid':7,'name':'a','fds':3},{'pid':8,'name':'b','fds':4}]%s",
		LISTENERS, evidence);
	return report_of(rules, ta_buf_cstr(&members));
}

/* The sources of the findings, "; " between them. */
static void sources_are(const char *members, const char *value, const char *sources,
			const char *want)
{
	ta_auto(ta_buf_done) struct ta_buf evidence = TA_BUF_INIT(8192);
	ta_auto(ta_buf_done) struct ta_buf got = TA_BUF_INIT(8192);
	struct ta_rules *rules = one_rule(members, "true", value);
	ta_auto(json_decref_p) json_t *report = NULL;
	json_t *finding, *row;
	size_t i;

	if (sources)
		ta_buf_printf(&evidence, ",'evidence':{'sources':[%s]}", sources);
	report = judge(rules, ta_buf_cstr(&evidence));
	json_array_foreach (json_object_get(report, "findings"), i, finding) {
		row = json_array_get(json_object_get(finding, "evidence"), 0);
		ta_buf_printf(&got, "%s%s", got.len ? "; " : "",
			      json_string_value(json_object_get(row, "source")));
	}
	assert_string_equal(ta_buf_cstr(&got), want);
	ta_rules_free(rules);
}

static void a_figure_tells_where_it_was_read(void **state)
{
	static const char each_listener[] = "'for_each':{'l':'ns.listeners'},";
	static const char in_namespace[] = "'applies':'ns.name != ``',";
	static const char each_process[] = "'for_each':{'p':'processes'},";
	static const struct {
		const char *members, *value, *sources, *want;
	} rows[] = {
		{ "", "host.cpus", NULL, "its own" },
		{ "", "host.cpus", "", "its own" },
		{ "", "host.cpus", SOURCE("host.cpu", "", "a", "1"), "its own" },
		{ "", "host.cpus", SOURCE("host", "", "a", "1"), "a:1" },
		{ "", "host.cpus",
		  SOURCE("host", "", "a", "1") "," SOURCE("host.cpus", AS("nproc") TO("4"), "b",
							  "3"),
		  "b:3-4 (nproc)" },
		/* one range for what one file says in one way, four places at most */
		{ in_namespace, "ns.sockets.total",
		  SOURCE("namespaces[].sockets", TO("9"), "a",
			 "8") "," SOURCE("namespaces[].sockets", TO("3"), "a", "2"),
		  "a:2-9" },
		{ "", "host.cpus",
		  SOURCE("host", "", "a", "1") "," SOURCE("host", "", "b", "1") "," SOURCE(
			  "host", "", "c", "1") "," SOURCE("host", "", "d",
							   "1") "," SOURCE("host", "", "e", "1"),
		  "a:1, b:1, c:1, d:1" },
		{ in_namespace, "host.cpus + ns.sockets.total",
		  SOURCE("namespaces[].sockets", "", "a", "2") "," SOURCE("host", "", "b", "1"),
		  "b:1, a:2" },
		/* the namespace */
		{ in_namespace, "ns.sockets.total",
		  SOURCE("namespaces[].sockets.total", IN("blue"), "a",
			 "2") "," SOURCE("namespaces[].sockets", IN("current"), "a", "5"),
		  "a:5" },
		/* the row */
		{ each_listener, "l.queue",
		  SOURCE("namespaces[].listeners", IN("current") TO("8"), "a", "2") "," SOURCE(
			  "namespaces[].listeners[]", IN("current") KEY("*:81"), "a", "7"),
		  "a:2-8; a:7" },
		{ each_listener, "l.backlog",
		  SOURCE("namespaces[].listeners", "", "a",
			 "2") "," SOURCE("namespaces[].listeners[].backlog", KEY("81"), "a", "7"),
		  "a:2; a:7" },
		{ each_process, "p.fds",
		  SOURCE("processes[].fds", KEY("8"), "a", "2") "," SOURCE("processes[].fds",
									   KEY("7"), "a", "3"),
		  "a:3; a:2" },
		/* of all rows together */
		{ in_namespace, "ns.listeners.map(l, l.queue)",
		  SOURCE("namespaces[].listeners[]", IN("current") KEY("*:80"), "a",
			 "6") "," SOURCE("namespaces[].listeners[]", IN("current") KEY("*:81"), "a",
					 "7"),
		  "a:6-7" },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++)
		sources_are(rows[i].members, rows[i].value, rows[i].sources, rows[i].want);
}

static void a_report_says_what_was_read(void **state)
{
	struct ta_rules *rules = one_rule("", "true", "host.cpus");
	ta_auto(json_decref_p) json_t *without = judge(rules, "");
	ta_auto(json_decref_p) json_t *with = judge(
		rules, ",'evidence':{'inputs':[{'name':'a','lines':3}],'skipped_left_out':2}");
	const json_t *evidence = json_object_get(with, "evidence");

	(void)state;
	assert_null(json_object_get(without, "evidence"));
	assert_int_equal(json_integer_value(json_object_get(evidence, "skipped_left_out")), 2);
	assert_int_equal(json_array_size(json_object_get(evidence, "inputs")), 1);
	ta_rules_free(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_expression_tells_what_it_reads),
		cmocka_unit_test(a_figure_tells_where_it_was_read),
		cmocka_unit_test(a_report_says_what_was_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
