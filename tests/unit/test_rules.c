/* Unit tests of src/rules: packs of a few lines against snapshots of a few facts. */
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
#include "base/resource.h"
#include "rules/words.h"
#include "snapshot/document.h"
#include "tcpadvise/rules.h"

/* JSON with ' for ", so that it can be read. Freed by the caller. */
static char *quoted(const char *text)
{
	char *copy = strdup(text);

	assert_non_null(copy);
	for (char *p = copy; *p; p++)
		if (*p == '\'')
			*p = '"';
	return copy;
}

static struct ta_rules *book_of(const char *const *packs, char *ret_mistakes, size_t size)
{
	struct ta_rules *rules = ta_rules_new();
	struct ta_rule_mistakes mistakes = { 0 };
	struct ta_error err = TA_ERROR_INIT;
	char name[32];
	bool ok;

	for (size_t i = 0; packs[i]; i++) {
		char *text = quoted(packs[i]);

		snprintf(name, sizeof(name), "%c.json", (char)('a' + i));
		assert_true(ta_rules_add_text(rules, name, text, strlen(text), &err));
		free(text);
	}
	ok = ta_rules_finish(rules, &mistakes, &err);
	if (ret_mistakes)
		snprintf(ret_mistakes, size, "%s", mistakes.text ? mistakes.text : "");
	else if (!ok)
		fail_msg("%s%s", mistakes.text ? mistakes.text : "", err.text);
	ta_rule_mistakes_done(&mistakes);
	return ok ? rules : ta_rules_free(rules);
}

static json_t *judge(struct ta_rules *rules, const char *host, const char *namespaces)
{
	struct ta_evaluate_options options = { .now_ms = INT64_C(1760000000000) };
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(1 << 20);
	struct ta_error err = TA_ERROR_INIT;
	json_t *snapshot, *report = NULL;
	char *json;

	ta_buf_printf(&text,
		      "{'schema':'tcpadvise.snapshot/1','taken_at':'2026-01-01T00:00:00Z',"
		      "'host':{%s},'namespaces':[%s],'gaps':["
		      "{'what':'x','why':'too general','facts':['namespaces']},"
		      "{'what':'x','why':'elsewhere','facts':['namespaces[].rates.TcpExt'],"
		      "'namespaces':['blue']},"
		      "{'what':'rates','why':'one sample only','facts':['namespaces[].rates']}]}",
		      host, namespaces);
	json = quoted(ta_buf_cstr(&text));
	snapshot = json_loads(json, 0, NULL);
	assert_non_null(snapshot);
	if (!ta_rules_evaluate(rules, snapshot, &options, &report, &err))
		fail_msg("%s", err.text);
	json_decref(snapshot);
	free(json);
	return report;
}

static const char *text_at(const json_t *json, const char *list, size_t i, const char *name)
{
	const json_t *row = json_array_get(json_object_get(json, list), i);
	const char *text = json_string_value(json_object_get(row, name));

	return text ? text : "";
}

static size_t count_of(const json_t *report, const char *list)
{
	return json_array_size(json_object_get(report, list));
}

#define RULE(id, more, when)                                                                       \
	"{'id':'" id "','class':'no_problem'," more "'severity':[{'level':'warning','when':'" when \
	"'}],'title':'t','diagnosis':'d','evidence':[],'passed':'p','fixes':[],'references':[]}"

static const char listen_pack[] =
	"{'pack':'a','params':{'most':{'value':10,'basis':'test'}},'rules':[{'id':'queue',"
	"'class':'accept_queue_overflow','for_each':{'l':'ns.listeners'},'where':'l.port != 22',"
	"'let':{'pct':'used * 100 / l.backlog','used':'l.queue'},"
	"'severity':[{'level':'critical','when':'pct > 100'},"
	"{'level':'warning','when':'pct > params.most'}],'rank':'pct',"
	"'title':'{{l.local}} is at {{pct}} %','diagnosis':'{{used}} of {{l.backlog}}; {{l.unit}}',"
	"'evidence':[{'label':'queue','value':'used','limit':'l.backlog','unit':'connections',"
	"'source':'sock_diag'},{'label':'unit','value':'l.unit','source':'x'}],"
	"'passed':'the fullest is {{l.local}} with {{used}}','passed_empty':'no listener',"
	"'fixes':[{'kind':'sysctl','title':'raise','set':{'net.core.somaxconn':'{{l.backlog * "
	"2}}'}},"
	"{'kind':'limit','title':'never','set':{'x':'{{l.unit}}'}},"
	"{'kind':'service','title':'restart','commands':{'shell':['restart {{l.unit}}','ss "
	"-ltn']}}],"
	"'avoid':[{'setting':'x','why':'{{l.port}}'}],'references':[]}]}";

#define NS(sysctl, listeners)                                                                      \
	"{'inode':1,'name':'current','sysctl':{" sysctl "},'listeners':[" listeners "]}"
#define LISTENER(local, port, queue)                                                               \
	"{'local':'" local "','address':'x','port':" port                                          \
	",'family':'inet','sockets':1,'queue':" queue ",'backlog':20}"

static void a_finding_has_its_figures(void **state)
{
	const char *packs[] = { listen_pack, NULL };
	struct ta_rules *rules = book_of(packs, NULL, 0);
	json_t *report = judge(rules, "'name':'web'",
			       NS("'net.core.somaxconn':128",
				  LISTENER("*:80", "80", "4") "," LISTENER(
					  "*:81", "81", "30") "," LISTENER("*:22", "22", "99")));
	json_t *finding = json_array_get(json_object_get(report, "findings"), 0);
	json_t *fixes = json_object_get(finding, "fixes");

	(void)state;
	assert_int_equal(count_of(report, "findings"), 2);
	assert_string_equal(text_at(report, "findings", 0, "severity"), "critical");
	assert_string_equal(text_at(report, "findings", 0, "title"), "*:81 is at 150 %");
	assert_string_equal(text_at(report, "findings", 0, "diagnosis"), "30 of 20; (unknown)");
	assert_string_equal(text_at(report, "findings", 1, "title"), "*:80 is at 20 %");
	assert_int_equal(count_of(finding, "evidence"), 1); /* a missing fact is no row */
	assert_int_equal(json_array_size(fixes), 2);        /* nor a setting */
	assert_string_equal(text_at(json_array_get(fixes, 0), "x", 0, "x"), "");
	assert_string_equal(json_string_value(json_object_get(
				    json_object_get(json_array_get(fixes, 0), "settings"),
				    "net.core.somaxconn")),
			    "40");
	assert_string_equal(
		json_string_value(json_array_get(
			json_object_get(json_object_get(json_array_get(fixes, 0), "commands"),
					"shell"),
			0)),
		"sysctl -w net.core.somaxconn=40");
	assert_string_equal(json_string_value(json_object_get(json_array_get(fixes, 0), "revert")),
			    "sysctl -w net.core.somaxconn=128");
	/* a command with a missing fact is left out, its neighbour is not */
	assert_int_equal(json_array_size(json_object_get(
				 json_object_get(json_array_get(fixes, 1), "commands"), "shell")),
			 1);
	json_decref(report);
	ta_rules_free(rules);
}

static size_t commands_for_unit(const char *unit)
{
	const char *packs[] = { listen_pack, NULL };
	struct ta_rules *rules = book_of(packs, NULL, 0);
	char ns[512];
	json_t *report, *fix;
	size_t count;

	snprintf(ns, sizeof(ns),
		 "{'inode':1,'name':'current','listeners':[{'local':'*:80','address':'x',"
		 "'port':80,'family':'inet','sockets':1,'queue':30,'backlog':20,'unit':'%s'}]}",
		 unit);
	report = judge(rules, "", ns);
	fix = json_array_get(
		json_object_get(json_array_get(json_object_get(report, "findings"), 0), "fixes"),
		2);
	count = json_array_size(json_object_get(json_object_get(fix, "commands"), "shell"));
	json_decref(report);
	ta_rules_free(rules);
	return count;
}

static void a_command_takes_only_plain_words_from_the_host(void **state)
{
	(void)state;
	assert_int_equal(commands_for_unit("nginx.service"), 2);
	assert_int_equal(commands_for_unit("\\u0027x;y\\u0027"), 2); /* one quoted word */
	assert_int_equal(commands_for_unit("\\u0027x\\u0027;\\u0027y\\u0027"), 1);
	assert_int_equal(commands_for_unit("x;reboot"), 1);
	assert_int_equal(commands_for_unit("x$(reboot)"), 1);
	assert_int_equal(commands_for_unit("x`reboot`"), 1);
	assert_int_equal(commands_for_unit("x\\nreboot"), 1);
	assert_int_equal(commands_for_unit("x|y>z&"), 1);
}

static void what_passed_has_its_figures(void **state)
{
	const char *packs[] = { listen_pack, NULL };
	struct ta_rules *rules = book_of(packs, NULL, 0);
	json_t *report = judge(rules, "",
			       NS("", LISTENER("*:80", "80", "0") "," LISTENER("*:81", "81", "1")));

	(void)state;
	assert_int_equal(count_of(report, "findings"), 0);
	assert_string_equal(text_at(report, "passed", 0, "text"), "the fullest is *:81 with 1");
	json_decref(report);
	report = judge(rules, "", NS("", ""));
	assert_string_equal(text_at(report, "passed", 0, "text"), "no listener");
	json_decref(report);
	ta_rules_free(rules);
}

/* Nothing bounds a name but the input that it stands in. */
static void a_namespace_of_any_name_is_ruled_out(void **state)
{
	const char *packs[] = { listen_pack, NULL };
	struct ta_rules *rules = book_of(packs, NULL, 0);
	ta_auto(ta_buf_done) struct ta_buf namespace = TA_BUF_INIT(1 << 20);
	json_t *report;

	(void)state;
	ta_buf_str(&namespace, "{'inode':1,'name':'");
	ta_buf_fill(&namespace, 'n', 100000);
	ta_buf_str(&namespace, "','sysctl':{},'listeners':[]}");
	report = judge(rules, "'name':'web'", ta_buf_cstr(&namespace));
	assert_int_equal(count_of(report, "ruled_out"), 1);
	assert_int_equal(strlen(text_at(report, "ruled_out", 0, "namespace")), 100000);
	json_decref(report);
	ta_rules_free(rules);
}

static void a_missing_fact_is_not_passed(void **state)
{
	static const char listener[] =
		"{'local':'*:80','address':'x','port':80,'family':'inet','sockets':1,'queue':1}";
	const char *packs[] = { listen_pack, NULL };
	struct ta_rules *rules = book_of(packs, NULL, 0);
	char ns[512];
	json_t *report;

	(void)state;
	snprintf(ns, sizeof(ns), "{'inode':1,'name':'current','listeners':[%s]}", listener);
	report = judge(rules, "", ns);
	assert_int_equal(count_of(report, "passed"), 0);
	assert_int_equal(count_of(report, "not_checked"), 1);
	assert_string_equal(
		json_string_value(json_array_get(
			json_object_get(json_array_get(json_object_get(report, "not_checked"), 0),
					"missing"),
			0)),
		"namespaces[].listeners[].backlog");
	json_decref(report);
	report = judge(rules, "", "{'inode':1,'name':'current'}");
	assert_int_equal(count_of(report, "not_checked"), 1);
	json_decref(report);
	ta_rules_free(rules);
}

static void a_gap_says_why(void **state)
{
	const char *packs[] = { "{'pack':'a','rules':[" RULE(
					"r", "", "ns.rates.TcpExt.ListenDrops > 0.0") "]}",
				NULL };
	struct ta_rules *rules = book_of(packs, NULL, 0);
	json_t *report = judge(rules, "", NS("", ""));

	(void)state;
	assert_string_equal(text_at(report, "not_checked", 0, "why"), "one sample only");
	assert_string_equal(text_at(report, "not_checked", 0, "namespace"), "current");
	json_decref(report);
	ta_rules_free(rules);
}

static void a_cause_stands_above_what_it_explains(void **state)
{
	const char *packs[] = {
		"{'pack':'a','rules':[" RULE("effect", "", "host.cpus > 1") "," RULE(
			"cause", "'explains':['effect'],", "host.cpus > 1") "]}",
		NULL
	};
	struct ta_rules *rules = book_of(packs, NULL, 0);
	json_t *report = judge(rules, "'cpus':2,'name':'web'", "");
	json_t *effect = json_array_get(json_object_get(report, "findings"), 1);

	(void)state;
	assert_string_equal(text_at(report, "findings", 0, "rule"), "cause");
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(effect, "caused_by"), 0)),
		text_at(report, "findings", 0, "fingerprint"));
	json_decref(report);
	ta_rules_free(rules);
}

static void a_slight_cause_hides_nothing_grave(void **state)
{
	const char *packs[] = { "{'pack':'a','rules':[" RULE(
					"cause", "'explains':['effect'],",
					"host.cpus > 1") ","
							 "{'id':'effect','class':'no_problem','"
							 "severity':[{'level':'critical',"
							 "'when':'host.cpus > "
							 "2'},{'level':'warning','when':'host.cpus "
							 "> 1'}],'title':'t',"
							 "'diagnosis':'d','evidence':[],'passed':'"
							 "p','fixes':[],'references':[]}]}",
				NULL };
	struct ta_rules *rules = book_of(packs, NULL, 0);
	const char *hosts[] = { "'cpus':2", "'cpus':3" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		json_t *report = judge(rules, hosts[i], "");
		size_t at, caused = 0;
		json_t *finding;

		json_array_foreach (json_object_get(report, "findings"), at, finding)
			caused += json_array_size(json_object_get(finding, "caused_by"));
		assert_int_equal(caused, i == 0);
		assert_string_equal(text_at(report, "findings", 0, "rule"),
				    i == 0 ? "cause" : "effect");
		json_decref(report);
	}
	ta_rules_free(rules);
}

static void a_rule_that_does_not_apply_is_left_out(void **state)
{
	const char *packs[] = {
		"{'pack':'a','rules':[" RULE("r", "'applies':'host.cpus > 8',", "true") "]}", NULL
	};
	struct ta_rules *rules = book_of(packs, NULL, 0);
	json_t *report = judge(rules, "'cpus':2", "");

	(void)state;
	assert_int_equal(count_of(report, "findings") + count_of(report, "passed") +
				 count_of(report, "not_checked"),
			 0);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(report, "summary"),
							    "not_applicable")),
			 1);
	json_decref(report);
	ta_rules_free(rules);
}

static void a_local_pack_overrides_and_silences(void **state)
{
	const char *packs[] = {
		listen_pack,
		"{'pack':'local','override':{'params':{'a.most':90},'silence':["
		"{'rule':'queue','object':'*:81','reason':'known','until':'2025-12-31'},"
		"{'rule':'queue','object':'*:82','reason':'over','until':'2025-01-01'}]}}",
		NULL
	};
	struct ta_rules *rules = book_of(packs, NULL, 0);
	json_t *report =
		judge(rules, "",
		      NS("", LISTENER("*:80", "80", "4") "," LISTENER(
				     "*:81", "81", "30") "," LISTENER("*:82", "82", "30")));
	json_t *summary = json_object_get(report, "summary");

	(void)state;
	assert_int_equal(count_of(report, "findings"), 2);
	assert_int_equal(json_integer_value(json_object_get(summary, "silenced")), 1);
	assert_int_equal(json_integer_value(json_object_get(summary, "critical")), 1);
	json_decref(report);
	ta_rules_free(rules);
}

#define LINK(from, to) RULE(from, "'explains':['" to "'],", "true")

/* clang-format makes a staircase of this. */
/* clang-format off */
static const char long_circle[] =
	"{'pack':'a','rules':["
	LINK("a", "b") "," LINK("b", "c") "," LINK("c", "d") "," LINK("d", "e") ","
	LINK("e", "f") "," LINK("f", "g") "," LINK("g", "h") "," LINK("h", "i") ","
	LINK("i", "j") "," LINK("j", "k") "," LINK("k", "a")
	"]}";
/* clang-format on */

static void every_mistake_of_a_pack_is_shown(void **state)
{
	static const struct {
		const char *pack, *mistake;
	} cases[] = {
		{ "{'pack':'a','rules':[" RULE("r", "", "host.cpsu > 1") "]}", "host.cpsu > 1" },
		{ "{'pack':'a','rules':[" RULE("r", "", "host.cpus") "]}",
		  "expected a condition (bool), the expression gives int" },
		{ "{'pack':'a','rules':[" RULE("r", "'let':{'x':'y + 1','y':'x + 1'},",
					       "x > 1") "]}",
		  "needs itself, directly or by others" },
		{ "{'pack':'a','rules':[" RULE("r", "", "true") "," RULE("r", "", "true") "]}",
		  "there is a rule 'r' already, in a.json" },
		{ "{'pack':'a','rules':[" RULE("r", "'explains':['q'],", "true") "]}",
		  "no rule 'q'" },
		{ long_circle, "the rule explains itself" }, /* a long way round */
		{ "{'pack':'a','rules':[" RULE("r", "'explains':['r'],", "true") "]}",
		  "the rule explains itself" },
		{ "{'pack':'a','rules':[" RULE("r", "'for_each':{'c':'host.cpus'},", "true") "]}",
		  "expected a list, the expression gives int" },
		{ "{'pack':'a','rules':[" RULE("r", "'object':'{{host.name',", "true") "]}",
		  "'{{' without '}}'" },
		{ "{'pack':'a','ruels':[]}", "did you mean 'rules'?" },
		{ "{'pack':'a','params':{'p':{'value':1}}}", "'basis' is missing" },
		{ "{'pack':'a','override':{'params':{'a.b':1}}}", "no parameter 'a.b'" },
		{ "{'pack':'a','params':{'p':{'value':1,'basis':'x'}},"
		  "'override':{'params':{'a.p':'x'}}}",
		  "parameter 'a.p' is a whole number" },
		{ "{'pack':'a',", "not JSON" },
	};
	char mistakes[4096];

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(cases); i++) {
		const char *packs[] = { cases[i].pack, NULL };

		assert_null(book_of(packs, mistakes, sizeof(mistakes)));
		if (!strstr(mistakes, cases[i].mistake) || !strstr(mistakes, "a.json:1:"))
			fail_msg("expected '%s' in:\n%s", cases[i].mistake, mistakes);
	}
}

/* Lets from the first to the last, each of which needs the next. */
static void add_chain(struct ta_buf *text, unsigned first, unsigned last)
{
	for (unsigned i = first; i <= last; i++)
		ta_buf_printf(text, "'l%u':'l%u',", i, i + 1);
}

/* Lets of the rule that need those of the pack; the last one needs none. */
static void make_chain(struct ta_buf *text, unsigned in_rule, unsigned in_pack)
{
	static const char end[] =
		"'severity':[{'level':'warning','when':'l0 == 1'}],'title':'t','diagnosis':'d',"
		"'evidence':[],'passed':'p','fixes':[],'references':[]}]}";

	ta_buf_str(text, "{'pack':'a','let':{");
	add_chain(text, in_rule, in_rule + in_pack - 2);
	ta_buf_printf(text, "'l%u':'1'},", in_rule + in_pack - 1);
	ta_buf_str(text, "'rules':[{'id':'r','class':'no_problem','let':{");
	add_chain(text, 0, in_rule - 1);
	text->data[text->len - 1] = '}';
	ta_buf_printf(text, ",%s", end);
}

/* Who compiles them by recursion has to stop somewhere. */
static void a_chain_of_lets_has_an_end(void **state)
{
	static const struct {
		unsigned in_rule, in_pack;
		const char *mistake;
	} cases[] = {
		{ 20, 40, "" },
		{ 40, 40, "is needed by a chain of more than 64" },
		{ 40000, 40, "too few or too many members" },
	};
	char mistakes[4096];

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(cases); i++) {
		struct ta_buf text = TA_BUF_INIT(1 << 22);
		const char *packs[2] = { NULL };

		make_chain(&text, cases[i].in_rule, cases[i].in_pack);
		packs[0] = ta_buf_cstr(&text);
		ta_rules_free(book_of(packs, mistakes, sizeof(mistakes)));
		if (!*mistakes != !*cases[i].mistake || !strstr(mistakes, cases[i].mistake))
			fail_msg("expected '%s' in:\n%s", cases[i].mistake, mistakes);
		ta_buf_done(&text);
	}
}

static void a_caret_points_at_the_word(void **state)
{
	const char *packs[] = { "{'pack':'a','rules':[\n" RULE("r", "", "host.cpsu > 1") "]}",
				NULL };
	char mistakes[4096];
	const char *line, *caret;

	(void)state;
	assert_null(book_of(packs, mistakes, sizeof(mistakes)));
	line = strstr(mistakes, "host.cpsu");
	assert_non_null(strstr(mistakes, "did you mean 'cpus'?"));
	caret = strchr(mistakes, '^');
	assert_non_null(line);
	assert_non_null(caret);
	assert_non_null(strstr(mistakes, "a.json:2:"));
}

static void a_name_that_is_no_rule_is_wrong_usage(void **state)
{
	const char *packs[] = { listen_pack, NULL };
	const char *only[] = { "quue", NULL };
	struct ta_evaluate_options options = { .only = only };
	struct ta_rules *rules = book_of(packs, NULL, 0);
	struct ta_error err = TA_ERROR_INIT;
	json_t *snapshot = json_object(), *report = NULL;

	(void)state;
	assert_false(ta_rules_evaluate(rules, snapshot, &options, &report, &err));
	assert_int_equal(err.code, TA_E_USAGE);
	assert_string_equal(err.text, "no rule 'quue'; did you mean 'queue'?");
	json_decref(snapshot);
	ta_rules_free(rules);
}

static void a_parameter_is_set_from_the_command_line(void **state)
{
	struct ta_rules *rules = ta_rules_new();
	struct ta_rule_mistakes mistakes = { 0 };
	struct ta_error err = TA_ERROR_INIT;
	char *text = quoted(listen_pack);

	(void)state;
	assert_true(ta_rules_add_text(rules, "a", text, strlen(text), &err));
	assert_true(ta_rules_set_param(rules, "most=x", &err));
	assert_false(ta_rules_finish(rules, &mistakes, &err));
	assert_int_equal(err.code, TA_E_USAGE);
	assert_string_equal(err.text, "--param: parameter 'most' is a whole number");
	ta_rule_mistakes_done(&mistakes);
	ta_rules_free(rules);
	free(text);
}

/* Packs that were compiled in are trusted; a file can't pass for one by its name. */
static void a_file_is_checked_whatever_its_name(void **state)
{
	static const char *const texts[] = { "{\"pack\":\"p\",\"rules\":5}", "{\"pack\":", "[\"" };

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(texts); i++) {
		struct ta_rules *rules = ta_rules_new();
		struct ta_rule_mistakes mistakes = { 0 };
		struct ta_error err = TA_ERROR_INIT;

		assert_true(ta_rules_add_text(rules, "built-in:p.json", texts[i], strlen(texts[i]),
					      &err));
		assert_false(ta_rules_finish(rules, &mistakes, &err));
		assert_true(mistakes.count > 0);
		ta_rule_mistakes_done(&mistakes);
		ta_rules_free(rules);
	}
}

static struct ta_rules *builtin_book(enum ta_builtin how_much)
{
	struct ta_rules *rules = ta_rules_new();
	struct ta_rule_mistakes mistakes = { 0 };
	struct ta_error err = TA_ERROR_INIT;

	assert_true(ta_rules_add_builtin(rules, how_much, &err));
	assert_true(ta_rules_finish(rules, &mistakes, &err));
	ta_rule_mistakes_done(&mistakes);
	return rules;
}

/* Returns the number of findings, which is the same with both. */
static size_t compare_books(const struct ta_rules *index, const struct ta_rules *whole,
			    const json_t *snapshot)
{
	struct ta_evaluate_options options = { 0 };
	json_t *short_report = NULL, *report = NULL;
	size_t findings;

	assert_true(ta_rules_evaluate(index, snapshot, &options, &short_report, NULL));
	assert_true(ta_rules_evaluate(whole, snapshot, &options, &report, NULL));
	assert_true(json_equal(short_report, report));
	findings = count_of(report, "findings");
	json_decref(short_report);
	json_decref(report);
	return findings;
}

static void the_index_judges_as_the_whole_book(void **state)
{
	struct ta_rules *index = builtin_book(TA_BUILTIN_INDEX);
	struct ta_rules *whole = builtin_book(TA_BUILTIN_WHOLE);
	size_t healthy = 0, faulty = 0;

	(void)state;
	for (size_t i = 0; i < ta_resource_count; i++) {
		json_t *test, *base;

		if (!strstr(ta_resources[i].name, ".test.json"))
			continue;
		test = json_loadb(ta_resources[i].data, ta_resources[i].size, 0, NULL);
		base = json_object_get(test, "base");
		assert_true(ta_snapshot_check(base, NULL));
		*(compare_books(index, whole, base) ? &faulty : &healthy) += 1;
		json_object_set_new(json_array_get(json_object_get(base, "namespaces"), 0),
				    "close_wait", json_pack("{s:i}", "total", 100000));
		*(compare_books(index, whole, base) ? &faulty : &healthy) += 1;
		json_decref(test);
	}
	assert_true(healthy > 0);
	assert_true(faulty > 0);
	ta_rules_free(index);
	ta_rules_free(whole);
}

static void the_words_of_each_rule_are_found(void **state)
{
	struct ta_rules *index = builtin_book(TA_BUILTIN_INDEX);
	struct ta_rules *whole = builtin_book(TA_BUILTIN_WHOLE);
	struct ta_words words = TA_WORDS_INIT;

	(void)state;
	assert_int_equal(index->rule_count, whole->rule_count);
	for (size_t i = 0; i < index->rule_count; i++) {
		const struct ta_rule *rule = ta_words_find(&words, index, index->rules[i], NULL);

		assert_non_null(rule);
		assert_true(json_equal(rule->json, whole->rules[i]->json));
		assert_ptr_equal(ta_words_find(&words, index, index->rules[i], NULL), rule);
	}
	ta_words_done(&words, index);
	ta_rules_free(index);
	ta_rules_free(whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_finding_has_its_figures),
		cmocka_unit_test(a_command_takes_only_plain_words_from_the_host),
		cmocka_unit_test(a_file_is_checked_whatever_its_name),
		cmocka_unit_test(what_passed_has_its_figures),
		cmocka_unit_test(a_namespace_of_any_name_is_ruled_out),
		cmocka_unit_test(a_missing_fact_is_not_passed),
		cmocka_unit_test(a_gap_says_why),
		cmocka_unit_test(a_cause_stands_above_what_it_explains),
		cmocka_unit_test(a_slight_cause_hides_nothing_grave),
		cmocka_unit_test(a_rule_that_does_not_apply_is_left_out),
		cmocka_unit_test(a_local_pack_overrides_and_silences),
		cmocka_unit_test(every_mistake_of_a_pack_is_shown),
		cmocka_unit_test(a_chain_of_lets_has_an_end),
		cmocka_unit_test(a_caret_points_at_the_word),
		cmocka_unit_test(a_name_that_is_no_rule_is_wrong_usage),
		cmocka_unit_test(a_parameter_is_set_from_the_command_line),
		cmocka_unit_test(the_index_judges_as_the_whole_book),
		cmocka_unit_test(the_words_of_each_rule_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
