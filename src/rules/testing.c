/* testing.c - see testing.h. */
#include "rules/testing.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/resource.h"
#include "base/schema.h"
#include "snapshot/document.h"

enum { MAX_TEXT = 1024 * 1024 };

TA_DEFINE_AUTO(json_t, json_decref)

/* One test file on its way through. */
struct testing {
	struct ta_rules *rules;
	const char *file;
	struct ta_test_tally *tally;
	const json_t *file_json;
	const json_t *test; /* the case at hand */
};

bool ta_test_tally_init(struct ta_test_tally *tally)
{
	*tally = (struct ta_test_tally){ .text = TA_BUF_INIT(MAX_TEXT), .seen = json_object() };
	ta_coverage_init(&tally->coverage);
	return tally->seen != NULL;
}

void ta_test_tally_done(struct ta_test_tally *tally)
{
	ta_buf_done(&tally->text);
	json_decref(tally->seen);
	ta_coverage_done(&tally->coverage);
}

/* "file: case 'x' (rule y): " and what is wrong; always false. */
static bool failure(struct testing *t, const char *fmt, ...) TA_PRINTF(2, 3);

static bool failure(struct testing *t, const char *fmt, ...)
{
	va_list args;

	ta_buf_printf(&t->tally->text, "%s: ", t->file);
	if (t->test)
		ta_buf_printf(&t->tally->text, "%s, \"%s\": ", ta_json_text(t->test, "rule"),
			      ta_json_text(t->test, "name"));
	va_start(args, fmt);
	ta_buf_vprintf(&t->tally->text, fmt, args);
	va_end(args);
	ta_buf_char(&t->tally->text, '\n');
	return false;
}

/* ---- the snapshot of a case -------------------------------------------------------- */

/* RFC 7386; target is ours. NULL when memory ran out. */
static json_t *merge(json_t *target, const json_t *patch)
{
	const char *name;
	json_t *member;
	bool ok = true;

	if (!json_is_object(patch)) {
		json_decref(target);
		return json_deep_copy(patch);
	}
	if (!json_is_object(target)) {
		json_decref(target);
		target = json_object();
	}
	json_object_foreach ((json_t *)patch, name, member) {
		json_t *old = json_object_get(target, name);

		if (json_is_null(member))
			json_object_del(target, name);
		else
			ok = ok && ta_json_set(target, name, merge(json_incref(old), member));
	}
	if (ok)
		return target;
	json_decref(target);
	return NULL;
}

json_t *ta_test_snapshot(const json_t *base, const json_t *patch)
{
	json_t *snapshot = json_deep_copy(base);

	return patch && snapshot ? merge(snapshot, patch) : snapshot;
}

json_t *ta_test_params(const json_t *params, const json_t *test)
{
	json_t *own = ta_json_copy(params);
	json_t *given = json_object_get(test, "params");

	if (!given || json_object_update(own, given) == 0)
		return own;
	json_decref(own);
	return NULL;
}

/* NULL: memory ran out, with *ret_err, or the snapshot is wrong, which was told. */
static json_t *snapshot_of(struct testing *t, struct ta_error *ret_err)
{
	json_t *snapshot = ta_test_snapshot(json_object_get(t->file_json, "base"),
					    json_object_get(t->test, "patch"));
	struct ta_error err = TA_ERROR_INIT;

	if (snapshot && ta_snapshot_check(snapshot, &err))
		return snapshot;
	if (!snapshot || err.code == TA_E_NOMEM)
		ta_fail(ret_err, TA_E_NOMEM, "out of memory");
	else
		failure(t, "the snapshot: %s", err.text);
	json_decref(snapshot);
	return NULL;
}

/* ---- what is expected -------------------------------------------------------------- */

static const json_t *entry_of(const json_t *report, const char *list, const char *rule)
{
	size_t i;
	json_t *entry;

	json_array_foreach (json_object_get(report, list), i, entry)
		if (strcmp(ta_json_text(entry, "rule"), rule) == 0)
			return entry;
	return NULL;
}

static bool same_figure(const json_t *found, const json_t *expected)
{
	if (json_is_number(found) && json_is_number(expected))
		return json_number_value(found) == json_number_value(expected);
	return json_equal(found, expected);
}

static bool check_evidence(struct testing *t, const json_t *finding, const json_t *expected)
{
	const char *label;
	json_t *value, *row;
	size_t i;

	json_object_foreach ((json_t *)expected, label, value) {
		const json_t *found = NULL;

		json_array_foreach (json_object_get(finding, "evidence"), i, row)
			if (strcmp(ta_json_text(row, "label"), label) == 0)
				found = json_object_get(row, "value");
		if (!found)
			return failure(t, "no evidence '%s'", label);
		if (!same_figure(found, value)) {
			ta_auto_free char *text = json_dumps(found, JSON_ENCODE_ANY);

			return failure(t, "evidence '%s' is %s", label, text ? text : "?");
		}
	}
	return true;
}

static bool check_fixes(struct testing *t, const json_t *finding, const json_t *expected)
{
	const json_t *fixes = json_object_get(finding, "fixes");
	bool same = json_array_size(fixes) == json_array_size(expected);
	ta_auto(ta_buf_done) struct ta_buf found = TA_BUF_INIT(1024);
	size_t i;
	json_t *fix;

	json_array_foreach (fixes, i, fix) {
		const char *wanted = json_string_value(json_array_get(expected, i));

		ta_buf_printf(&found, " %s", ta_json_text(fix, "kind"));
		same = same && wanted && strcmp(wanted, ta_json_text(fix, "kind")) == 0;
	}
	return same || failure(t, "the fixes are:%s", ta_buf_cstr(&found));
}

static bool check_settings(struct testing *t, const json_t *finding, const json_t *expected)
{
	ta_auto(json_decref_p) json_t *all = json_object();
	ta_auto_free char *text = NULL;
	size_t i;
	json_t *fix;

	json_array_foreach (json_object_get(finding, "fixes"), i, fix)
		json_object_update(all, json_object_get(fix, "settings"));
	if (json_equal(all, expected))
		return true;
	text = json_dumps(all, JSON_COMPACT);
	return failure(t, "the settings are %s", text ? text : "?");
}

static bool has_command(const json_t *finding, const char *wanted)
{
	size_t i, k;
	json_t *fix, *lines, *line;
	const char *dialect;

	json_array_foreach (json_object_get(finding, "fixes"), i, fix)
		json_object_foreach (json_object_get(fix, "commands"), dialect, lines)
			json_array_foreach (lines, k, line)
				if (strcmp(json_string_value(line), wanted) == 0)
					return true;
	return false;
}

static bool check_commands(struct testing *t, const json_t *finding, const json_t *expected)
{
	size_t i;
	json_t *line;

	json_array_foreach (expected, i, line)
		if (!has_command(finding, json_string_value(line)))
			return failure(t, "no command '%s'", json_string_value(line));
	return true;
}

/* The named member of each fix that has one. */
static json_t *of_fixes(const json_t *finding, const char *member)
{
	json_t *list = json_array();
	size_t i;
	json_t *fix;

	json_array_foreach (json_object_get(finding, "fixes"), i, fix)
		if (json_object_get(fix, member))
			json_array_append(list, json_object_get(fix, member));
	return list;
}

static bool check_limits(struct testing *t, const json_t *finding, const json_t *expected)
{
	ta_auto(json_decref_p) json_t *limits = of_fixes(finding, "limit");
	ta_auto_free char *text = NULL;

	if (json_equal(limits, expected))
		return true;
	text = json_dumps(limits, JSON_COMPACT);
	return failure(t, "the limits are %s", text ? text : "?");
}

static bool check_code(struct testing *t, const json_t *finding, const json_t *expected)
{
	ta_auto(json_decref_p) json_t *hints = of_fixes(finding, "code");
	ta_auto(json_decref_p) json_t *runtimes = json_array();
	ta_auto_free char *text = NULL;
	const char *runtime;
	json_t *code, *hint;
	size_t i;

	json_array_foreach (hints, i, code)
		json_object_foreach (code, runtime, hint)
			json_array_append_new(runtimes, json_string(runtime));
	if (json_equal(runtimes, expected))
		return true;
	text = json_dumps(runtimes, JSON_COMPACT);
	return failure(t, "it looks into code of %s", text ? text : "?");
}

static bool check_word(struct testing *t, const json_t *holder, const char *name,
		       const json_t *expected)
{
	const char *wanted = json_string_value(json_object_get(expected, name));

	if (!wanted || strcmp(ta_json_text(holder, name), wanted) == 0)
		return true;
	return failure(t, "%s is '%s', expected '%s'", name, ta_json_text(holder, name), wanted);
}

static bool check_contains(struct testing *t, const json_t *finding, const char *name,
			   const json_t *expected)
{
	const char *wanted = json_string_value(json_object_get(expected, name));

	if (!wanted || strstr(ta_json_text(finding, name), wanted))
		return true;
	return failure(t, "%s is '%s', which lacks '%s'", name, ta_json_text(finding, name),
		       wanted);
}

static bool check_finding(struct testing *t, const json_t *finding, const json_t *expected)
{
	const json_t *evidence = json_object_get(expected, "evidence");
	const json_t *fixes = json_object_get(expected, "fixes");
	const json_t *settings = json_object_get(expected, "settings");
	const json_t *limits = json_object_get(expected, "limits");
	const json_t *code = json_object_get(expected, "code");

	return check_word(t, finding, "severity", expected) &&
	       check_word(t, finding, "confidence", expected) &&
	       check_word(t, json_object_get(finding, "scope"), "object", expected) &&
	       check_contains(t, finding, "title", expected) &&
	       check_contains(t, finding, "diagnosis", expected) &&
	       check_evidence(t, finding, evidence) && (!fixes || check_fixes(t, finding, fixes)) &&
	       (!settings || check_settings(t, finding, settings)) &&
	       (!limits || check_limits(t, finding, limits)) &&
	       (!code || check_code(t, finding, code)) &&
	       check_commands(t, finding, json_object_get(expected, "commands"));
}

static bool check_findings(struct testing *t, const json_t *report, const json_t *expected)
{
	const json_t *findings = json_object_get(report, "findings");
	size_t i;
	json_t *finding;

	if (json_array_size(findings) != json_array_size(expected))
		return failure(t, "%zu findings, expected %zu", json_array_size(findings),
			       json_array_size(expected));
	json_array_foreach (findings, i, finding)
		if (!check_finding(t, finding, json_array_get(expected, i)))
			return false;
	return true;
}

static bool check_not_checked(struct testing *t, const json_t *report, const json_t *paths)
{
	const json_t *entry = entry_of(report, "not_checked", ta_json_text(t->test, "rule"));
	ta_auto_free char *found = NULL;
	size_t i, k;
	json_t *wanted, *missing;

	if (!entry)
		return failure(t, "it was checked");
	json_array_foreach (paths, i, wanted)
		json_array_foreach (json_object_get(entry, "missing"), k, missing)
			if (json_equal(wanted, missing))
				return true;
	found = json_dumps(json_object_get(entry, "missing"), JSON_COMPACT);
	return failure(t, "missing is %s, because: %s", found ? found : "?",
		       ta_json_text(entry, "why"));
}

/* What the report says of the rule, in a word; for failures and coverage. */
static const char *outcome_of(const json_t *report, const char *rule)
{
	if (entry_of(report, "findings", rule))
		return "fires";
	if (entry_of(report, "not_checked", rule))
		return "not checked";
	if (entry_of(report, "passed", rule))
		return "passes";
	return "does not apply";
}

static bool check_outcome(struct testing *t, const json_t *report, const char *wanted)
{
	const char *found = outcome_of(report, ta_json_text(t->test, "rule"));
	const json_t *entry = entry_of(report, "not_checked", ta_json_text(t->test, "rule"));
	const json_t *finding = entry_of(report, "findings", ta_json_text(t->test, "rule"));

	if (strcmp(found, wanted) == 0)
		return true;
	return failure(t, "expected that it %s; it is: %s%s%s%s%s", wanted, found,
		       entry ? ", because " : "", entry ? ta_json_text(entry, "why") : "",
		       finding ? ", with " : "", finding ? ta_json_text(finding, "title") : "");
}

static bool check_report(struct testing *t, const json_t *report)
{
	const json_t *expect = json_object_get(t->test, "expect");
	const json_t *findings = json_object_get(expect, "findings");
	const json_t *paths = json_object_get(expect, "not_checked");

	if (findings)
		return check_outcome(t, report, "fires") && check_findings(t, report, findings);
	if (paths)
		return check_outcome(t, report, "not checked") &&
		       check_not_checked(t, report, paths);
	if (strcmp(json_string_value(expect), "passed") == 0)
		return check_outcome(t, report, "passes");
	return check_outcome(t, report, "does not apply");
}

/* ---- running ----------------------------------------------------------------------- */

/* That the base is silent shows little; that what was made of it is, much. */
static bool is_near_miss(const struct testing *t, const json_t *report)
{
	return strcmp(outcome_of(report, ta_json_text(t->test, "rule")), "passes") == 0 &&
	       (json_object_size(json_object_get(t->test, "patch")) ||
		json_object_size(json_object_get(t->test, "params")));
}

static bool count_up(json_t *seen, const char *outcome)
{
	json_int_t count = json_integer_value(json_object_get(seen, outcome));

	return json_object_set_new(seen, outcome, json_integer(count + 1)) == 0;
}

static bool note_outcome(struct testing *t, const json_t *report)
{
	const char *rule = ta_json_text(t->test, "rule");
	json_t *seen = json_object_get(t->tally->seen, rule);

	if (!seen && json_object_set_new(t->tally->seen, rule, seen = json_object()) < 0)
		return false;
	if (is_near_miss(t, report) && !count_up(seen, "near miss"))
		return false;
	return count_up(seen, outcome_of(report, rule));
}

static bool run_case(struct testing *t, struct ta_error *err)
{
	const char *rule = ta_json_text(t->test, "rule");
	const char *only[] = { rule, NULL };
	struct ta_evaluate_options options = { .only = only };
	struct ta_error own = TA_ERROR_INIT;
	ta_auto(json_decref_p) json_t *snapshot = snapshot_of(t, &own);
	ta_auto(json_decref_p) json_t *report = NULL;
	bool ok = false;

	if (snapshot)
		ta_rules_evaluate_covered(t->rules, snapshot, &options, &t->tally->coverage,
					  &report, &own);
	if (own.code == TA_E_NOMEM)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	if (own.code)
		failure(t, "%s", own.text);
	if (report) {
		ok = check_report(t, report);
		if (!note_outcome(t, report))
			return ta_fail(err, TA_E_NOMEM, "out of memory");
	}
	t->tally->passed += ok;
	t->tally->failed += !ok;
	return true;
}

static struct ta_pack *pack_of(struct testing *t)
{
	for (size_t i = 0; i < t->rules->pack_count; i++)
		if (strcmp(t->rules->packs[i].name, ta_json_text(t->file_json, "pack")) == 0)
			return &t->rules->packs[i];
	failure(t, "there is no pack '%s'", ta_json_text(t->file_json, "pack"));
	t->tally->failed++;
	return NULL;
}

/* The parameters of a case hold for that case only. */
static bool run_cases(struct testing *t, struct ta_error *err)
{
	struct ta_pack *pack = pack_of(t);
	json_t *cases = json_object_get(t->file_json, "cases");
	bool ok = true;
	size_t i;
	json_t *test;

	json_array_foreach (cases, i, test) {
		json_t *before = pack ? pack->params : NULL;

		if (!pack || !ok)
			break;
		t->test = test;
		pack->params = ta_test_params(before, test);
		ok = pack->params ? run_case(t, err) : ta_fail(err, TA_E_NOMEM, "out of memory");
		json_decref(pack->params);
		pack->params = before;
	}
	t->test = NULL;
	return ok;
}

static void report_shape(void *ctx, const char *pointer, bool on_key, const char *text,
			 const char *hint)
{
	(void)on_key;
	failure(ctx, "%s: %s %s", pointer, text, hint);
}

bool ta_rules_test(struct ta_rules *rules, const char *name, const char *text, size_t len,
		   struct ta_test_tally *tally, struct ta_error *err)
{
	const struct ta_resource *schema_text = ta_resource_find("schema/rule-test.schema.json");
	ta_auto(json_decref_p) json_t *schema =
		schema_text ? json_loadb(schema_text->data, schema_text->size, 0, NULL) : NULL;
	json_error_t syntax;
	ta_auto(json_decref_p) json_t *json =
		json_loadb(text, len, JSON_REJECT_DUPLICATES, &syntax);
	struct testing t = { .rules = rules, .file = name, .tally = tally, .file_json = json };

	if (!schema)
		return ta_fail(err, TA_E_NOMEM, "can't load the schema of rule tests");
	if (!json)
		failure(&t, "%d:%d: not JSON: %s", syntax.line, syntax.column, syntax.text);
	if (!json || ta_schema_check(schema, json, TA_SCHEMA_CLOSED, report_shape, &t)) {
		tally->failed++;
		return true;
	}
	return run_cases(&t, err);
}

/* ---- coverage ---------------------------------------------------------------------- */

/* Whether the rule has the cases that every rule needs; a failure for each that it lacks. */
static bool check_seen(const struct ta_rule *rule, struct ta_test_tally *tally)
{
	static const struct {
		const char *outcome, *words;
	} needs[] = {
		{ "fires", "that fires" },
		{ "near miss", "of a near miss (a patch that it passes)" },
		{ "not checked", "with a missing fact" },
	};
	const json_t *seen = json_object_get(tally->seen, rule->id);
	size_t failed = tally->failed;

	for (size_t i = 0; i < TA_ARRAY_SIZE(needs); i++) {
		if (json_object_get(seen, needs[i].outcome))
			continue;
		ta_buf_printf(&tally->text, "%s: no case %s\n", rule->id, needs[i].words);
		tally->failed++;
	}
	return tally->failed == failed;
}

static int count_of(const json_t *seen, const char *outcome)
{
	return (int)json_integer_value(json_object_get(seen, outcome));
}

/* "time-wait-normal: fires in 5, near miss in 4, lacks a fact in 2, does not apply in 1". */
static void tell_cases(const struct ta_rule *rule, struct ta_test_tally *tally)
{
	const json_t *seen = json_object_get(tally->seen, rule->id);
	int elsewhere = count_of(seen, "does not apply");

	ta_buf_printf(&tally->text, "%s: fires in %d, near miss in %d, lacks a fact in %d",
		      rule->id, count_of(seen, "fires"), count_of(seen, "near miss"),
		      count_of(seen, "not checked"));
	if (elsewhere)
		ta_buf_printf(&tally->text, ", does not apply in %d", elsewhere);
	ta_buf_char(&tally->text, '\n');
}

static void add_rule(const struct ta_rule *rule, struct ta_test_tally *tally)
{
	struct ta_buf unread = TA_BUF_INIT(MAX_TEXT);
	struct ta_share severities = tally->sum.severities;

	if (tally->verbose)
		tell_cases(rule, tally);
	tally->rules.all++;
	tally->rules.reached += check_seen(rule, tally);
	ta_coverage_sum(&tally->coverage, rule, &tally->sum, &tally->text,
			tally->verbose ? &tally->text : &unread);
	tally->failed += tally->sum.severities.all - severities.all -
			 (tally->sum.severities.reached - severities.reached);
	ta_buf_done(&unread);
}

bool ta_rules_test_coverage(const struct ta_rules *rules, const char *pack,
			    struct ta_test_tally *tally)
{
	for (size_t i = 0; i < rules->rule_count; i++)
		if (!pack || strcmp(rules->rules[i]->pack->name, pack) == 0)
			add_rule(rules->rules[i], tally);
	return ta_buf_ok(&tally->text, NULL) && !tally->coverage.failed;
}
