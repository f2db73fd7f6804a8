/* Unit tests of src/diff: what may be called a change, and what is not known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tcpadvise/diff.h"

/* JSON with ' for ". */
static json_t *parse(const char *text)
{
	char *copy = strdup(text);
	json_t *json;

	assert_non_null(copy);
	for (char *p = copy; *p; p++)
		*p = *p == '\'' ? '"' : *p;
	json = json_loads(copy, 0, NULL);
	if (!json)
		fail_msg("no JSON: %s", text);
	free(copy);
	return json;
}

static void assert_json(const json_t *json, const char *expected_text)
{
	json_t *expected = parse(expected_text);

	if (!json_equal(json, expected))
		fail_msg("%s", json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY));
	json_decref(expected);
}

/* ---- namespaces --------------------------------------------------------------------- */

static void assert_aligned(const char *before_text, const char *after_text, const char *renamed,
			   const char *before_then)
{
	json_t *before = parse(before_text), *after = parse(after_text), *ret = NULL;

	assert_true(ta_diff_align(before, after, &ret, NULL));
	assert_json(ret, renamed);
	assert_json(json_object_get(before, "namespaces"), before_then);
	json_decref(ret);
	json_decref(before);
	json_decref(after);
}

#define BOOT "'host':{'boot_id':'b'},"

static void a_namespace_is_found_by_its_inode(void **state)
{
	(void)state;
	assert_aligned("{" BOOT "'namespaces':[{'name':'host','inode':1},"
		       "{'name':'web[12]','kind':'process','inode':2}],"
		       "'gaps':[{'namespaces':['host','web[12]']}]}",
		       "{" BOOT "'namespaces':[{'name':'host','inode':1},"
		       "{'name':'blue','kind':'named','inode':2}]}",
		       "{'blue':{'was':'web[12]','by':'inode'}}",
		       "[{'name':'host','inode':1},{'name':'blue','kind':'process','inode':2}]");
}

static void gaps_follow_the_new_name(void **state)
{
	json_t *before = parse("{" BOOT "'namespaces':[{'name':'current','inode':2}],"
			       "'gaps':[{'namespaces':['x','current']},{}]}");
	json_t *after = parse("{" BOOT "'namespaces':[{'name':'blue','inode':2}]}");
	json_t *renamed = NULL;

	(void)state;
	assert_true(ta_diff_align(before, after, &renamed, NULL));
	assert_json(json_object_get(before, "gaps"), "[{'namespaces':['x','blue']},{}]");
	json_decref(renamed);
	json_decref(before);
	json_decref(after);
}

/* The kernel gives the number of a namespace that is gone to another. */
static void two_given_names_are_two_namespaces(void **state)
{
	(void)state;
	assert_aligned("{" BOOT "'namespaces':[{'name':'docker:a','kind':'container','inode':2}]}",
		       "{" BOOT "'namespaces':[{'name':'docker:b','kind':'container','inode':2}]}",
		       "{}", "[{'name':'docker:a','kind':'container','inode':2}]");
}

static void an_inode_means_nothing_after_a_boot(void **state)
{
	(void)state;
	assert_aligned("{'host':{'boot_id':'a'},'namespaces':[{'name':'x','inode':2},"
		       "{'name':'y','inode':3}]}",
		       "{" BOOT "'namespaces':[{'name':'z','inode':2}]}", "{}",
		       "[{'name':'x','inode':2},{'name':'y','inode':3}]");
}

static void the_only_one_of_each_side_is_the_same(void **state)
{
	(void)state;
	assert_aligned("{'namespaces':[{'name':'captured'}]}",
		       "{" BOOT "'namespaces':[{'name':'host','kind':'host','inode':1}]}",
		       "{'host':{'was':'captured','by':'alone'}}", "[{'name':'host'}]");
	assert_aligned("{" BOOT "'namespaces':[{'name':'a','inode':1}]}",
		       "{" BOOT "'namespaces':[{'name':'b','inode':2}]}", "{}",
		       "[{'name':'a','inode':1}]");
}

/* ---- a comparison ------------------------------------------------------------------- */

struct compared {
	json_t *documents[4];
	json_t *diff;
};

static void compare(struct compared *ret, const char *before, const char *before_report,
		    const char *after, const char *after_report)
{
	struct ta_diff_side sides[2];
	json_t **documents = ret->documents;

	documents[0] = parse(before);
	documents[1] = parse(before_report);
	documents[2] = parse(after);
	documents[3] = parse(after_report);
	sides[0] = (struct ta_diff_side){ "b", documents[0], documents[1] };
	sides[1] = (struct ta_diff_side){ "a", documents[2], documents[3] };
	assert_true(ta_diff(&sides[0], &sides[1], NULL, &ret->diff, NULL));
}

static void compared_done(struct compared *compared)
{
	for (size_t i = 0; i < 4; i++)
		json_decref(compared->documents[i]);
	json_decref(compared->diff);
}

#define ONE_NAMESPACE "{'namespaces':[{'name':'n'}]}"
#define NO_NAMESPACE  "{'namespaces':[]}"
#define FINDING(severity)                                                                          \
	"{'rule':'r','class':'c','severity':'" severity "','fingerprint':'f',"                     \
	"'scope':{'kind':'listener','namespace':'n','object':'o'},'title':'t','evidence':[]}"
#define FOUND(severity) "{'findings':[" FINDING(severity) "]}"
#define PASSED          "{'passed':[{'rule':'r','namespace':'n','text':'fine'}]}"
#define UNCHECKED(count)                                                                           \
	"{'rule':'r','namespace':'n','missing':['x'],'why':'hidden','objects':" count "}"

/* What became of the one finding, and why. */
static void assert_change(const char *before, const char *before_report, const char *after,
			  const char *after_report, const char *change, const char *member,
			  const char *text)
{
	struct compared compared;
	const json_t *findings, *finding;

	compare(&compared, before, before_report, after, after_report);
	findings = json_object_get(compared.diff, "findings");
	finding = json_array_get(findings, 0);
	assert_int_equal(json_array_size(findings), 1);
	assert_string_equal(json_string_value(json_object_get(finding, "change")), change);
	if (member)
		assert_string_equal(json_string_value(json_object_get(finding, member)), text);
	compared_done(&compared);
}

static void what_both_have_is_compared_by_severity(void **state)
{
	(void)state;
	assert_change(ONE_NAMESPACE, FOUND("info"), ONE_NAMESPACE, FOUND("warning"), "worsened",
		      "severity_before", "info");
	assert_change(ONE_NAMESPACE, FOUND("critical"), ONE_NAMESPACE, FOUND("info"), "eased",
		      "severity_after", "info");
	assert_change(ONE_NAMESPACE, FOUND("info"), ONE_NAMESPACE, FOUND("info"), "still_there",
		      NULL, NULL);
}

static void it_cleared_if_the_rule_was_asked(void **state)
{
	(void)state;
	assert_change(ONE_NAMESPACE, FOUND("info"), ONE_NAMESPACE, PASSED, "cleared", "passed",
		      "fine");
	assert_change(ONE_NAMESPACE, PASSED, ONE_NAMESPACE, FOUND("info"), "appeared", "passed",
		      "fine");
	/* the rule does not apply any more */
	assert_change(ONE_NAMESPACE, FOUND("info"), ONE_NAMESPACE, "{}", "cleared", NULL, NULL);
}

static void without_the_fact_nothing_is_known(void **state)
{
	(void)state;
	assert_change(ONE_NAMESPACE, FOUND("info"), ONE_NAMESPACE,
		      "{'not_checked':[" UNCHECKED("1") "]}", "not_known_after", "why", "hidden");
	assert_change(ONE_NAMESPACE, "{'not_checked':[" UNCHECKED("1") "]}", ONE_NAMESPACE,
		      FOUND("info"), "not_known_before", "why", "hidden");
}

/* Processes of other users can't be looked into, today as yesterday. */
static void what_never_can_be_looked_at_hides_nothing(void **state)
{
	static const char some[] =
		"{'findings':[" FINDING("info") "],"
						"'not_checked':[" UNCHECKED("3") "]}";
	static const char as_many[] = "{'passed':[{'rule':'r','namespace':'n','text':'fine'}],"
				      "'not_checked':[" UNCHECKED("3") "]}";
	static const char more[] = "{'passed':[{'rule':'r','namespace':'n','text':'fine'}],"
				   "'not_checked':[" UNCHECKED("4") "]}";
	static const char none[] = "{'not_checked':[" UNCHECKED("3") "]}";

	(void)state;
	assert_change(ONE_NAMESPACE, some, ONE_NAMESPACE, as_many, "cleared", "passed", "fine");
	assert_change(ONE_NAMESPACE, some, ONE_NAMESPACE, more, "not_known_after", NULL, NULL);
	assert_change(ONE_NAMESPACE, some, ONE_NAMESPACE, none, "not_known_after", NULL, NULL);
}

static void a_namespace_is_gone_if_all_were_looked_into(void **state)
{
	static const char all[] = "{'namespaces':[],'collection':{'netns':'all',"
				  "'namespaces_seen':3,'namespaces_entered':3}}";
	static const char most[] = "{'namespaces':[],'collection':{'netns':'all',"
				   "'namespaces_seen':3,'namespaces_entered':2}}";

	(void)state;
	assert_change(ONE_NAMESPACE, FOUND("info"), NO_NAMESPACE, "{}", "not_known_after", "why",
		      "the namespace was not looked into");
	assert_change(ONE_NAMESPACE, FOUND("info"), most, "{}", "not_known_after", NULL, NULL);
	assert_change(ONE_NAMESPACE, FOUND("info"), all, "{}", "cleared", "why",
		      "there is no such namespace");
}

static void two_hosts_have_the_same_host_wide_finding(void **state)
{
	static const char one[] = "{'findings':[{'rule':'r','severity':'info','fingerprint':'1',"
				  "'scope':{'kind':'host','object':'a'}}]}";
	static const char other[] = "{'findings':[{'rule':'r','severity':'info','fingerprint':'2',"
				    "'scope':{'kind':'host','object':'b'}}]}";

	(void)state;
	assert_change("{'host':{'name':'a'}}", one, "{'host':{'name':'b'}}", other, "still_there",
		      NULL, NULL);
}

static void evidence_is_joined_by_its_label(void **state)
{
	static const char before[] = "{'findings':[{'rule':'r','severity':'info','fingerprint':'1',"
				     "'evidence':[{'label':'a','value':1,'limit':9,'unit':'u',"
				     "'source':'old.txt:7'},{'label':'b','value':2}]}]}";
	static const char after[] = "{'findings':[{'rule':'r','severity':'info','fingerprint':'1',"
				    "'evidence':[{'label':'c','value':0},"
				    "{'label':'a','value':3,'limit':9,'unit':'u',"
				    "'source':'new.txt:9'}]}]}";
	struct compared compared;

	(void)state;
	compare(&compared, "{}", before, "{}", after);
	assert_json(json_object_get(json_array_get(json_object_get(compared.diff, "findings"), 0),
				    "evidence"),
		    "[{'label':'c','after':{'value':0}},"
		    "{'label':'a','unit':'u','source':'new.txt:9','source_before':'old.txt:7',"
		    "'before':{'value':1,'limit':9},"
		    "'after':{'value':3,'limit':9}},{'label':'b','before':{'value':2}}]");
	compared_done(&compared);
}

static void only_news_closes_the_gate(void **state)
{
	struct compared compared;

	(void)state;
	compare(&compared, ONE_NAMESPACE, PASSED, ONE_NAMESPACE, FOUND("warning"));
	assert_int_equal(ta_diff_worst(compared.diff), TA_SEVERITY_WARNING);
	compared_done(&compared);
	compare(&compared, ONE_NAMESPACE, FOUND("warning"), ONE_NAMESPACE, FOUND("warning"));
	assert_int_equal(ta_diff_worst(compared.diff), TA_SEVERITY_NONE);
	compared_done(&compared);
	compare(&compared, ONE_NAMESPACE, PASSED, ONE_NAMESPACE,
		"{'findings':[{'rule':'r','severity':'warning','fingerprint':'f','silenced':{},"
		"'scope':{'namespace':'n'}}]}");
	assert_int_equal(ta_diff_worst(compared.diff), TA_SEVERITY_NONE);
	compared_done(&compared);
}

/* ---- facts -------------------------------------------------------------------------- */

static void assert_member(const char *before, const char *after, const char *member,
			  const char *expected)
{
	struct compared compared;

	compare(&compared, before, "{}", after, "{}");
	assert_json(json_object_get(compared.diff, member), expected);
	compared_done(&compared);
}

static void a_setting_of_one_side_is_no_change(void **state)
{
	(void)state;
	assert_member("{'host':{'sysctl':{'fs.file-max':1,'fs.file-nr':[1,0,1],'a':1}}}",
		      "{'host':{'sysctl':{'fs.file-max':2,'fs.file-nr':[2,0,2],'b':0}}}",
		      "settings",
		      "[{'key':'fs.file-max','before':1,'after':2},{'key':'b','after':0},"
		      "{'key':'a','before':1}]");
}

static void a_figure_of_one_side_is_no_zero(void **state)
{
	(void)state;
	assert_member("{'namespaces':[{'name':'n','sockets':{'time_wait':5,'close_wait':1}}]}",
		      "{'namespaces':[{'name':'n','sockets':{'time_wait':5,'listen':0}}]}",
		      "figures",
		      "[{'namespace':'n','fact':'namespaces[].sockets.listen','label':'in LISTEN',"
		      "'unit':'sockets','after':{'value':0}},"
		      "{'namespace':'n','fact':'namespaces[].sockets.close_wait',"
		      "'label':'in CLOSE-WAIT','unit':'sockets','before':{'value':1}}]");
}

static void a_listener_is_the_same_by_its_address(void **state)
{
	(void)state;
	assert_member("{'namespaces':[{'name':'n','listeners':[{'local':'*:80','queue':9,"
		      "'backlog':8},{'local':'*:81','queue':0}]}]}",
		      "{'namespaces':[{'name':'n','listeners':[{'local':'*:81','queue':0},"
		      "{'local':'*:80','queue':0,'backlog':8}]}]}",
		      "figures",
		      "[{'namespace':'n','object':{'kind':'listener','name':'*:80'},"
		      "'fact':'namespaces[].listeners[].queue','label':'accept queue',"
		      "'unit':'connections','before':{'value':9,'limit':8},"
		      "'after':{'value':0,'limit':8}}]");
}

static void processes_of_one_name_are_not_compared(void **state)
{
	(void)state;
	assert_member("{'processes':[{'name':'w','fds':1},{'name':'w','fds':2}]}",
		      "{'processes':[{'name':'w','fds':9},{'name':'x','fds':3}]}", "figures",
		      "[{'object':{'kind':'process','name':'x'},'listed':'after',"
		      "'fact':'processes[].fds','label':'descriptors','unit':'descriptors',"
		      "'after':{'value':3}}]");
}

static void lists_are_cut_at_what_changed_most(void **state)
{
	json_t *before = json_array(), *after = json_array();
	json_t *sides[2] = {
		json_pack("{s:[{s:s,s:o}]}", "namespaces", "name", "n", "listeners", before),
		json_pack("{s:[{s:s,s:o}]}", "namespaces", "name", "n", "listeners", after)
	};
	json_t *report = json_object(), *diff = NULL;
	const json_t *rows;
	char local[16];

	(void)state;
	for (int i = 0; i < 500; i++) {
		snprintf(local, sizeof(local), "*:%d", i);
		json_array_append_new(before, json_pack("{s:s,s:i}", "local", local, "queue", 0));
		json_array_append_new(after, json_pack("{s:s,s:i}", "local", local, "queue", i));
	}
	assert_true(ta_diff(&(struct ta_diff_side){ "b", sides[0], report },
			    &(struct ta_diff_side){ "a", sides[1], report }, NULL, &diff, NULL));
	rows = json_object_get(diff, "figures");
	assert_int_equal(json_array_size(rows), 100);
	assert_json(json_object_get(json_array_get(rows, 0), "after"), "{'value':499}");
	assert_json(json_object_get(json_array_get(rows, 99), "after"), "{'value':400}");
	json_decref(diff);
	json_decref(report);
	json_decref(sides[0]);
	json_decref(sides[1]);
}

static void an_excerpt_is_not_counted(void **state)
{
	(void)state;
	assert_member("{'collection':{'excerpt':true},'namespaces':[{'name':'n',"
		      "'sockets':{'total':1}}]}",
		      "{'namespaces':[{'name':'n','sockets':{'total':100}}]}", "figures", "[]");
}

/* ---- counters ----------------------------------------------------------------------- */

#define TAKEN(boot, uptime, inode, counters)                                                       \
	"{'taken_at':'2026-11-23T10:00:00Z','host':{'boot_id':'" boot "','uptime_s':" uptime       \
	"},'namespaces':[{'name':'n','inode':" inode ",'counters':{'TcpExt':" counters "}}]}"

static void counters_of_one_boot_grow(void **state)
{
	(void)state;
	assert_member(TAKEN("b", "100.0", "7", "{'A':1,'B':5,'C':3,'D':1}"),
		      TAKEN("b", "110.0", "7", "{'A':21,'B':5,'C':2,'E':9}"), "counters",
		      "[{'namespace':'n','counter':'TcpExt.A','growth':20,'per_s':2.0}]");
}

static void gauges_do_not_grow(void **state)
{
	(void)state;
	assert_member("{'host':{'boot_id':'b','uptime_s':1,'counters':{'softnet':"
		      "{'busiest_processed':1,'dropped':1}}}}",
		      "{'host':{'boot_id':'b','uptime_s':3,'counters':{'softnet':"
		      "{'busiest_processed':5,'dropped':5}}}}",
		      "counters", "[{'counter':'softnet.dropped','growth':4,'per_s':2.0}]");
}

static void assert_not_compared(const char *before, const char *after, const char *expected)
{
	assert_member(before, after, "counters", "[]");
	assert_member(before, after, "counters_not_compared", expected);
}

static void counters_of_two_boots_are_not_compared(void **state)
{
	(void)state;
	assert_not_compared(TAKEN("a", "100.0", "7", "{'A':1}"),
			    TAKEN("b", "110.0", "7", "{'A':21}"),
			    "[{'why':'the host was booted between the two'}]");
	assert_not_compared(TAKEN("b", "110.0", "7", "{'A':1}"),
			    TAKEN("b", "100.0", "7", "{'A':21}"),
			    "[{'why':'the second was not taken after the first, as far as their "
			    "times tell'}]");
	assert_not_compared(TAKEN("b", "100.0", "7", "{'A':1}"),
			    TAKEN("b", "110.0", "8", "{'A':21}"),
			    "[{'namespace':'n','why':'it is another namespace of the same name'}]");
	assert_not_compared("{'host':{'name':'x'}}", "{'host':{'name':'x'}}",
			    "[{'why':'whether both are of one boot is not known'}]");
}

static void rates_are_of_any_two(void **state)
{
	(void)state;
	assert_member("{'namespaces':[{'name':'n','rates':{'Tcp':{'X':1.5,'Y':0.0}}}]}",
		      "{'namespaces':[{'name':'n','rates':{'Tcp':{'X':0.0,'Y':0.0}}}]}", "counters",
		      "[{'namespace':'n','counter':'Tcp.X','rate_before':1.5,'rate_after':0.0}]");
}

/* ---- text --------------------------------------------------------------------------- */

static void text_keeps_escapes_in(void **state)
{
	struct ta_render_options options = { .width = 80 };
	struct compared compared;
	char *text = NULL;
	size_t len = 0;

	(void)state;
	compare(&compared,
		"{'host':{'name':'\\u001b[2J'},'namespaces':[{'name':'\\u001b[1m','sysctl':"
		"{'k\\u001b':'v\\u001b'}}]}",
		"{'findings':[{'rule':'r','severity':'info','fingerprint':'1','title':'\\u001bt',"
		"'scope':{'object':'\\u001bo'},"
		"'evidence':[{'label':'\\u001bl','value':'\\u001bx'}]}]}",
		"{'namespaces':[{'name':'\\u001b[1m','sysctl':{'k\\u001b':'w\\u001b'}},"
		"{'name':'\\u001b[2m'}]}",
		"{}");
	assert_true(ta_diff_render(compared.diff, &options, &text, &len, NULL));
	assert_int_equal(strlen(text), len);
	assert_null(strchr(text, '\033'));
	assert_non_null(strstr(text, "v\\x1b -> w\\x1b"));
	free(text);
	compared_done(&compared);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_namespace_is_found_by_its_inode),
		cmocka_unit_test(gaps_follow_the_new_name),
		cmocka_unit_test(two_given_names_are_two_namespaces),
		cmocka_unit_test(an_inode_means_nothing_after_a_boot),
		cmocka_unit_test(the_only_one_of_each_side_is_the_same),
		cmocka_unit_test(what_both_have_is_compared_by_severity),
		cmocka_unit_test(it_cleared_if_the_rule_was_asked),
		cmocka_unit_test(without_the_fact_nothing_is_known),
		cmocka_unit_test(what_never_can_be_looked_at_hides_nothing),
		cmocka_unit_test(a_namespace_is_gone_if_all_were_looked_into),
		cmocka_unit_test(two_hosts_have_the_same_host_wide_finding),
		cmocka_unit_test(evidence_is_joined_by_its_label),
		cmocka_unit_test(only_news_closes_the_gate),
		cmocka_unit_test(a_setting_of_one_side_is_no_change),
		cmocka_unit_test(a_figure_of_one_side_is_no_zero),
		cmocka_unit_test(a_listener_is_the_same_by_its_address),
		cmocka_unit_test(processes_of_one_name_are_not_compared),
		cmocka_unit_test(lists_are_cut_at_what_changed_most),
		cmocka_unit_test(an_excerpt_is_not_counted),
		cmocka_unit_test(counters_of_one_boot_grow),
		cmocka_unit_test(gauges_do_not_grow),
		cmocka_unit_test(counters_of_two_boots_are_not_compared),
		cmocka_unit_test(rates_are_of_any_two),
		cmocka_unit_test(text_keeps_escapes_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
