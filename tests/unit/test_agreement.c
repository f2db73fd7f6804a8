/* Unit tests of src/rules/agreement.c: which fixes of a book may stand beside each other; and of
 * what is done when two findings advise two values after all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "rules/rule.h"

enum { MAX_TEXT = 8192 };

/* A rule in force when its condition holds, with one fix. */
struct sketch {
	const char *severity, *extra, *when, *key, *value;
};

static void write_pack(const struct sketch *rules, size_t count, char *buf)
{
	size_t len = (size_t)snprintf(buf, MAX_TEXT,
				      "{\"pack\": \"p\", \"params\": {\"most\": "
				      "{\"value\": 10, \"basis\": \"b\"}}, "
				      "\"rules\": [");

	for (size_t i = 0; i < count; i++)
		len += (size_t)snprintf(
			buf + len, MAX_TEXT - len,
			"%s{\"id\": \"r%zu\", \"class\": \"harmful_setting\", %s"
			"\"severity\": [{\"level\": \"warning\", \"when\": \"%s\"}], "
			"\"title\": \"finding %zu\", \"diagnosis\": \"d\", \"passed\": \"p\", "
			"\"evidence\": [], \"references\": [], "
			"\"fixes\": [{\"kind\": \"sysctl\", \"title\": \"t\", \"text\": \"x\", "
			"\"risk\": \"low\", \"effect\": \"e\", \"verify\": \"v\", "
			"\"when\": \"%s\", \"set\": {\"%s\": \"%s\"}}]}",
			i ? ", " : "", i, rules[i].extra ? rules[i].extra : "", rules[i].severity,
			i, rules[i].when ? rules[i].when : "true", rules[i].key, rules[i].value);
	snprintf(buf + len, MAX_TEXT - len, "]}");
}

/* The book of these rules; mistakes of a thorough look at it are in *ret. */
static struct ta_rules *book_of(const struct sketch *sketches, size_t count,
				struct ta_rule_mistakes *ret)
{
	struct ta_rules *rules = ta_rules_new();
	struct ta_error err = TA_ERROR_INIT;
	char text[MAX_TEXT];

	write_pack(sketches, count, text);
	assert_non_null(rules);
	assert_true(ta_rules_add_text(rules, "p.json", text, strlen(text), &err));
	rules->thorough = ret->count != 1;
	*ret = (struct ta_rule_mistakes){ 0 };
	ta_rules_finish(rules, ret, &err);
	return rules;
}

/* Whether a thorough check of two rules finds a mistake with these words; NULL: it finds none. */
static void assert_check(const struct sketch *a, const struct sketch *b, const char *words)
{
	struct sketch both[] = { *a, *b };
	struct ta_rule_mistakes mistakes = { 0 };
	struct ta_rules *rules = book_of(both, 2, &mistakes);

	if (!words && mistakes.count)
		fail_msg("%s", mistakes.text);
	if (words && (mistakes.count != 1 || !strstr(mistakes.text, words)))
		fail_msg("%zu mistakes, not '%s': %s", mistakes.count, words, mistakes.text);
	ta_rule_mistakes_done(&mistakes);
	ta_rules_free(rules);
}

#define FIN              "net.ipv4.tcp_fin_timeout"
#define CPUS             "host.cpus > 1"
#define CONFLICT         "'r0' may advise 30 for " FIN

#define LET(name, value) "\"let\": {\"" name "\": \"" value "\"}, "
#define EACH             "\"for_each\": {\"p\": \"processes\"}, " LET("n", "p.fds")

static const struct sketch base = { CPUS, NULL, NULL, FIN, "30" };

static void two_values_at_the_same_time_are_a_mistake(void **state)
{
	(void)state;
	assert_check(&base, &(struct sketch){ CPUS, NULL, NULL, FIN, "30" }, NULL);
	assert_check(&base, &(struct sketch){ CPUS, NULL, NULL, FIN, "60" }, CONFLICT);
	assert_check(&base, &(struct sketch){ CPUS, NULL, NULL, "net.ipv4.tcp_sack", "1" }, NULL);
	/* holes must come to the same */
	assert_check(&(struct sketch){ CPUS, NULL, NULL, FIN, "{{host.cpus}}" },
		     &(struct sketch){ CPUS, NULL, NULL, FIN, "{{host.cpus}}" }, NULL);
	assert_check(&(struct sketch){ CPUS, LET("n", "host.cpus"), NULL, FIN, "{{n}}" },
		     &(struct sketch){ CPUS, LET("n", "host.cpus"), NULL, FIN, "{{n}}" }, NULL);
	assert_check(&(struct sketch){ CPUS, LET("n", "host.cpus"), NULL, FIN, "{{n}}" },
		     &(struct sketch){ CPUS, LET("n", "host.page_bytes"), NULL, FIN, "{{n}}" },
		     "{{n}}");
	assert_check(&(struct sketch){ CPUS, EACH, NULL, FIN, "{{n}}" },
		     &(struct sketch){ CPUS, EACH, NULL, FIN, "{{n}}" }, "{{n}}");
}

static void conditions_that_exclude_each_other_are_none(void **state)
{
	static const struct {
		const char *one, *other;
		bool apart;
	} cases[] = {
		{ "host.cpus < 4", "host.cpus >= 4", true },
		{ "host.cpus < 4", "host.cpus > 3", false },
		{ "host.cpus <= 4", "host.cpus >= 4", false },
		{ "host.cpus <= 4", "host.cpus > 4", true },
		{ "host.cpus == 4", "host.cpus == 5", true },
		{ "host.cpus == 4", "host.cpus != 4", true },
		{ "host.cpus == 4", "host.cpus > 4", true },
		{ "host.cpus != 4", "host.cpus != 5", false },
		{ "4 > host.cpus", "host.cpus >= 4", true },
		{ "host.cpus < params.most", "host.cpus >= 10", true },
		{ "host.cpus < params.most", "host.cpus >= 9", false },
		{ "host.cpus < host.page_bytes", "host.cpus >= host.page_bytes", true },
		{ "host.name == 'a'", "host.name == 'b'", true },
		{ "host.name == 'a'", "host.name == 'a'", false },
		{ "host.uptime_s > 1.0 && host.cpus < 4", "host.cpus >= 4 && host.name == ''",
		  true },
		{ "host.uptime_s > 1.0 || host.cpus < 4", "host.cpus >= 4", false },
		{ "!(host.cpus < 4)", "host.cpus < 4", true },
		{ "!(host.uptime_s > 1.0 || host.cpus < 4)", "host.cpus < 4", true },
		{ "has(host.cpus)", "!has(host.cpus)", true },
		{ "'a' in ['a']", "!('a' in ['a'])", true },
		{ "host.name == 'a'", "host.name == 'b'", true },
		{ "host.name == 'a'", "host.name == '\\\\x61'", false }, /* the same text */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sketch one = { CPUS, NULL, cases[i].one, FIN, "30" };
		struct sketch other = { CPUS, NULL, cases[i].other, FIN, "60" };

		assert_check(&one, &other, cases[i].apart ? NULL : CONFLICT);
		one.when = other.when = NULL; /* the same in the rule's own condition */
		one.severity = cases[i].one;
		other.severity = cases[i].other;
		assert_check(&one, &other, cases[i].apart ? NULL : CONFLICT);
	}
}

static void lets_are_taken_apart(void **state)
{
	struct sketch one = { CPUS, "\"let\": {\"few\": \"n < 4\", \"n\": \"host.cpus\"}, ", "few",
			      FIN, "30" };
	struct sketch other = { CPUS, "\"let\": {\"much\": \"host.cpus >= 4\"}, ", "much", FIN,
				"60" };

	(void)state;
	assert_check(&one, &other, NULL);
	other.when = "!much";
	assert_check(&one, &other, CONFLICT);
}

/* Lets that need each other twice: 2^40 ways, which nobody may go. */
static void lets_are_taken_apart_in_bounds(void **state)
{
	char lets[4096] = "\"let\": {";
	struct sketch one = { CPUS, lets, "a0 > 1", FIN, "{{a0}}" };
	struct sketch other = { CPUS, lets, "a0 > 1", FIN, "{{a0 + 1}}" };

	(void)state;
	for (int i = 0; i < 40; i++)
		snprintf(lets + strlen(lets), sizeof(lets) - strlen(lets),
			 "\"a%d\": \"a%d + a%d%s\", ", i, i + 1, i + 1,
			 i < 38 ? " + a39 + a39 + a39 + a39 + a39 + a39 + a39" : "");
	snprintf(lets + strlen(lets), sizeof(lets) - strlen(lets), "\"a40\": \"1\"}, ");
	assert_check(&one, &other, "may advise {{a0}}");
}

/* Two findings of one rule are about two elements: what is so for one says nothing of the other. */
static void the_element_proves_nothing(void **state)
{
	struct sketch one = { CPUS, EACH, "p.fds > 4", FIN, "30" };
	struct sketch other = { CPUS, EACH, "p.fds <= 4", FIN, "60" };

	(void)state;
	assert_check(&one, &other, CONFLICT);
	one.when = "n > 4";
	other.when = "n <= 4";
	assert_check(&one, &other, CONFLICT);
}

static void a_rule_may_yield(void **state)
{
	struct sketch other = { CPUS, "\"yields_to\": [\"r0\"], ", NULL, FIN, "60" };

	(void)state;
	assert_check(&base, &other, NULL);
	other.extra = "\"yields_to\": [\"r9\"], ";
	assert_check(&base, &other, "no rule 'r9'");
}

static void a_key_must_exist(void **state)
{
	static const struct {
		const char *when, *key, *words;
	} cases[] = {
		{ "true", "net.ipv4.tcp_finn_timeout", "the catalogue of tunables has no such" },
		{ "true", "SO_KEEPALIVE", "the catalogue of tunables has no such" },
		{ "true", "net.ipv4.tcp_tw_recycle", "Linux 4.12 has no net.ipv4.tcp_tw_recycle" },
		{ "host.kernel.number < 412", "net.ipv4.tcp_tw_recycle", NULL },
		{ "host.kernel.number <= 412", "net.ipv4.tcp_tw_recycle", "Linux 4.12 has no" },
		{ "true", "net.ipv4.tcp_tw_reuse_delay", "Linux 3.10 has no" },
		{ "host.kernel.number >= 613", "net.ipv4.tcp_tw_reuse_delay", "Linux 6.13 has no" },
		{ "host.kernel.number >= 614", "net.ipv4.tcp_tw_reuse_delay", NULL },
		{ "'net.ipv4.tcp_tw_reuse_delay' in ns.sysctl", "net.ipv4.tcp_tw_reuse_delay",
		  NULL },
		{ "ns.sysctl['net.ipv4.tcp_tw_reuse_delay'] > 1", "net.ipv4.tcp_tw_reuse_delay",
		  NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_check(&base,
			     &(struct sketch){ CPUS, NULL, cases[i].when, cases[i].key, "1" },
			     cases[i].words);
}

/* ---- what is done when it comes to it ---------------------------------------------- */

static json_t *report_of(const struct sketch *sketches, size_t count)
{
	static const char snapshot_text[] =
		"{\"schema\": \"tcpadvise.snapshot/1\", \"taken_at\": \"2026-01-01T00:00:00Z\", "
		"\"host\": {\"cpus\": 2}, \"namespaces\": ["
		"{\"inode\": 1, \"name\": \"one\", \"sysctl\": {\"net.ipv4.tcp_sack\": 1}}, "
		"{\"inode\": 2, \"name\": \"two\", \"sysctl\": {\"net.ipv4.tcp_sack\": 0}}], "
		"\"gaps\": []}";
	struct ta_rule_mistakes mistakes = { .count = 1 }; /* not thorough: as in an audit */
	struct ta_rules *rules = book_of(sketches, count, &mistakes);
	struct ta_evaluate_options options = { .now_ms = 0 };
	json_t *snapshot = json_loads(snapshot_text, 0, NULL), *report = NULL;
	struct ta_error err = TA_ERROR_INIT;

	if (!ta_rules_evaluate(rules, snapshot, &options, &report, &err))
		fail_msg("%s%s", err.text, mistakes.text);
	json_decref(snapshot);
	ta_rule_mistakes_done(&mistakes);
	ta_rules_free(rules);
	return report;
}

/* The only fix of the finding of a rule. */
static const json_t *fix_of(const json_t *report, const char *rule)
{
	size_t i;
	json_t *finding;

	json_array_foreach (json_object_get(report, "findings"), i, finding)
		if (strcmp(ta_json_text(finding, "rule"), rule) == 0)
			return json_array_get(json_object_get(finding, "fixes"), 0);
	fail_msg("no finding of %s", rule);
	return NULL;
}

static void assert_sets(const json_t *report, const char *rule, const char *value)
{
	const json_t *fix = fix_of(report, rule);
	const char *own = ta_json_string(json_object_get(fix, "settings"), FIN);

	if (value) {
		assert_non_null(own);
		assert_string_equal(own, value);
		return;
	}
	assert_null(own);
	assert_null(json_object_get(fix, "commands"));
	assert_string_equal(ta_json_text(fix, "kind"), "none");
	assert_string_equal(ta_json_text(fix, "title"), "One value for " FIN ": 30");
	assert_non_null(strstr(ta_json_text(fix, "text"), "\"finding 0\""));
}

static void one_setting_gets_one_value(void **state)
{
	struct sketch rules[] = { base, { CPUS, NULL, NULL, FIN, "60" } };
	json_t *report;

	(void)state;
	report = report_of(rules, 2); /* the first of the book */
	assert_sets(report, "r0", "30");
	assert_sets(report, "r1", NULL);
	json_decref(report);
	rules[0].value = "60"; /* the one that does not yield */
	rules[1].value = "30";
	rules[0].extra = "\"yields_to\": [\"r1\"], ";
	report = report_of(rules, 2);
	assert_sets(report, "r1", "30");
	assert_string_equal(ta_json_text(fix_of(report, "r0"), "kind"), "none");
	json_decref(report);
}

/* The second gives way to the first, and that to the third. */
static void what_gave_way_names_the_value_that_stands(void **state)
{
	struct sketch rules[] = {
		{ CPUS, "\"yields_to\": [\"r2\"], ", NULL, FIN, "60" },
		{ CPUS, "\"yields_to\": [\"r0\"], ", NULL, FIN, "90" },
		{ CPUS, NULL, NULL, FIN, "30" },
		{ CPUS, NULL, NULL, FIN, "30" },
	};
	json_t *report = report_of(rules, 4);

	(void)state;
	assert_sets(report, "r2", "30");
	assert_sets(report, "r3", "30");
	for (size_t i = 0; i < 2; i++) {
		const json_t *fix = fix_of(report, i ? "r1" : "r0");

		assert_string_equal(ta_json_text(fix, "title"), "One value for " FIN ": 30");
		assert_non_null(strstr(ta_json_text(fix, "text"), "\"finding 2\""));
	}
	json_decref(report);
}

static void another_namespace_is_another_setting(void **state)
{
	struct sketch rules[] = {
		{ "ns.sysctl['net.ipv4.tcp_sack'] == 1", NULL, NULL, FIN, "30" },
		{ "ns.sysctl['net.ipv4.tcp_sack'] == 0", NULL, NULL, FIN, "60" },
	};
	json_t *report;

	(void)state;
	report = report_of(rules, 2);
	assert_sets(report, "r0", "30");
	assert_sets(report, "r1", "60");
	json_decref(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_values_at_the_same_time_are_a_mistake),
		cmocka_unit_test(conditions_that_exclude_each_other_are_none),
		cmocka_unit_test(lets_are_taken_apart),
		cmocka_unit_test(lets_are_taken_apart_in_bounds),
		cmocka_unit_test(the_element_proves_nothing),
		cmocka_unit_test(a_rule_may_yield),
		cmocka_unit_test(a_key_must_exist),
		cmocka_unit_test(one_setting_gets_one_value),
		cmocka_unit_test(what_gave_way_names_the_value_that_stands),
		cmocka_unit_test(another_namespace_is_another_setting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
