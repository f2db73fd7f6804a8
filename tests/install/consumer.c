/* What a program that uses the installed library looks like: evaluates one expression and reads
 * one snapshot. */
#include <stdio.h>
#include <string.h>
#include <tcpadvise/expr.h>
#include <tcpadvise/rules.h>
#include <tcpadvise/snapshot.h>

int main(void)
{
	static const char text[] =
		"{\"schema\":\"tcpadvise.snapshot/1\",\"taken_at\":\"2026-01-01T00:00:00Z\","
		"\"host\":{},\"namespaces\":[],\"gaps\":[]}";
	struct ta_error err = TA_ERROR_INIT;
	struct ta_rule_mistakes mistakes = { 0 };
	struct ta_evaluate_options options = { 0 };
	struct ta_rules *rules = ta_rules_new();
	json_t *snapshot = NULL, *report = NULL;
	bool ok = rules && ta_rules_add_builtin(rules, TA_BUILTIN_WHOLE, &err) &&
		  ta_rules_finish(rules, &mistakes, &err) &&
		  ta_snapshot_parse(text, strlen(text), "text", &snapshot, &err) &&
		  ta_rules_evaluate(rules, snapshot, &options, &report, &err);

	if (ok)
		printf("%s\n", json_string_value(json_object_get(report, "schema")));
	else
		fprintf(stderr, "%s\n", err.text);
	json_decref(report);
	json_decref(snapshot);
	ta_rule_mistakes_done(&mistakes);
	ta_rules_free(rules);
	return !ok;
}
