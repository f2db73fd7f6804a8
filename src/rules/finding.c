/* finding.c - see finding.h. */
#include "rules/finding.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/macros.h"
#include "expr/json.h"
#include "rules/agreement.h"
#include "rules/coverage.h"
#include "rules/form.h"
#include "rules/settings.h"
#include "snapshot/tunables.h"

/* false when it has no value. */
static bool evaluate(const struct ta_judgement *j, const struct ta_expr *expr, struct ta_value *ret)
{
	struct ta_error err;

	ta_error_clear(&err);
	if (ta_expr_eval(expr, j->eval, j->slots, ret, &err))
		return true;
	*j->no_memory |= err.code == TA_E_NOMEM;
	return false;
}

static bool holds(const struct ta_judgement *j, const struct ta_expr *condition)
{
	struct ta_value value;

	if (!condition)
		return true;
	return evaluate(j, condition, &value) && value.kind == TA_BOOL && value.as.boolean;
}

static json_t *fill(const struct ta_judgement *j, const struct ta_form *form)
{
	return ta_form_fill(form, j->eval, j->slots, TA_FORM_SAY_UNKNOWN);
}

/* ---- what it is about -------------------------------------------------------------- */

static json_t *natural_name(const struct ta_judgement *j)
{
	const char *kind = j->rule->kind;
	const json_t *host = json_object_get(j->snapshot, "host");
	const char *name = NULL;

	if (strcmp(kind, "process") == 0)
		return json_sprintf("%s (pid %" JSON_INTEGER_FORMAT ")",
				    ta_json_string(j->element, "name")
					    ? ta_json_string(j->element, "name")
					    : "?",
				    json_integer_value(json_object_get(j->element, "pid")));
	if (strcmp(kind, "listener") == 0)
		name = ta_json_string(j->element, "local");
	else if (strcmp(kind, "destination") == 0)
		name = ta_json_string(j->element, "remote");
	else if (strcmp(kind, "namespace") == 0)
		name = ta_json_string(j->ns, "name");
	else
		name = ta_json_string(host, "name");
	return json_string(name ? name : kind);
}

/* scope.object: the rule's own words, or the natural name of what it is about. */
static json_t *object_of(const struct ta_judgement *j)
{
	return j->rule->object ? fill(j, j->rule->object) : natural_name(j);
}

/* What it is called next time, too: a process by its name, not its pid. */
static json_t *identity_of(const struct ta_judgement *j, const json_t *object)
{
	const char *name = ta_json_string(j->element, "name");

	if (j->rule->identity)
		return fill(j, j->rule->identity);
	if (strcmp(j->rule->kind, "process") == 0 && name)
		return json_string(name);
	return json_string(json_string_value(object));
}

static bool add_scope(const struct ta_judgement *j, struct ta_finding *finding)
{
	json_t *scope = json_object();
	json_t *object = object_of(j);
	bool ok = object && ta_json_set(scope, "kind", json_string(j->rule->kind));

	finding->identity = object ? identity_of(j, object) : NULL;
	if (ok && j->ns && ta_json_string(j->ns, "name"))
		ok = ta_json_set(scope, "namespace", json_string(ta_json_string(j->ns, "name")));
	ok = ta_json_set(scope, "object", object) && ok && finding->identity;
	return ta_json_set(finding->json, "scope", scope) && ok;
}

/* ---- its parts --------------------------------------------------------------------- */

static const char *confidence_of(const struct ta_judgement *j)
{
	const struct ta_choices *choices = &j->rule->confidence;

	if (choices->count == 0)
		return "high";
	for (size_t i = 0; i < choices->count; i++)
		if (holds(j, choices->items[i].when))
			return choices->items[i].word;
	return "low";
}

/* Numbers, strings and booleans stay what they are; all else becomes text. NULL when it has no
 * value. */
static json_t *figure(const struct ta_judgement *j, const struct ta_expr *expr)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(4096);
	struct ta_value value;
	json_t *json;

	if (!expr || !evaluate(j, expr, &value))
		return NULL;
	if (value.kind == TA_LIST || value.kind == TA_MAP || value.kind == TA_NULL) {
		ta_value_print(&text, &value);
		json = text.failed == TA_E_NOMEM ? NULL : json_string(ta_buf_cstr(&text));
	} else {
		json = ta_value_to_json(&value);
	}
	*j->no_memory |= !json && ta_value_is_writable(&value);
	return json;
}

static bool add_evidence(const struct ta_judgement *j, json_t *finding)
{
	json_t *rows = json_array();
	bool ok = ta_json_set(finding, "evidence", rows);

	for (size_t i = 0; ok && i < j->rule->evidence_count; i++) {
		const struct ta_evidence *evidence = &j->rule->evidence[i];
		json_t *value = holds(j, evidence->when) ? figure(j, evidence->value) : NULL;
		json_t *limit, *row;

		if (!value)
			continue;
		row = json_object();
		ok = ta_json_set(row, "label", json_string(evidence->label));
		ok = ta_json_set(row, "value", value) && ok;
		limit = figure(j, evidence->limit);
		if (limit)
			ok = ta_json_set(row, "limit", limit) && ok;
		if (ok && evidence->unit)
			ok = ta_json_set(row, "unit", json_string(evidence->unit));
		ok = ok && ta_json_set(row, "source", json_string(evidence->source));
		ok = json_array_append_new(rows, row) == 0 && ok;
	}
	return ok;
}

/* JSON null when a setting needs a fact that is missing: such a fix is not offered. */
static json_t *make_fix(const struct ta_judgement *j, const struct ta_fix *fix)
{
	const json_t *host = json_object_get(j->snapshot, "host");
	const json_t *risk = json_object_get(fix->json, "risk");
	json_t *json = json_object();
	json_t *words = fill(j, fix->words);
	const json_t *settings;
	bool refused;
	bool ok = json && words &&
		  json_object_set(json, "kind", json_object_get(fix->json, "kind")) == 0 &&
		  json_object_update(json, words) == 0;

	json_decref(words);
	if (ok && fix->settings)
		ok = ta_json_set(json, "settings",
				 ta_form_fill(fix->settings, j->eval, j->slots, TA_FORM_REFUSE));
	settings = json_object_get(json, "settings");
	refused = json_is_null(settings) || !ta_settings_are_tellable(settings);
	if (ok && fix->commands && !refused)
		ok = ta_json_set(json, "commands",
				 ta_form_fill(fix->commands, j->eval, j->slots, TA_FORM_DROP));
	if (ok && risk)
		ok = json_object_set(json, "risk", (json_t *)risk) == 0;
	ok = ok && (refused || ta_settings_commands(json, host, j->ns));
	if (ok && !refused)
		return json;
	json_decref(json);
	return ok ? json_null() : NULL;
}

static bool add_fixes(const struct ta_judgement *j, json_t *finding)
{
	json_t *list = json_array();
	bool ok = true;

	for (size_t i = 0; list && i < j->rule->fix_count; i++) {
		const struct ta_fix *fix = &j->rule->fixes[i];
		json_t *json = holds(j, fix->when) ? make_fix(j, fix) : json_null();

		if (json_is_null(json))
			continue;
		ta_coverage_note(j->coverage, fix, 0);
		ta_coverage_sample(j->coverage, i, json);
		ok = json_array_append_new(list, json) == 0 && ok;
	}
	return ta_json_set(finding, "fixes", list) && ok;
}

static bool add_avoid(const struct ta_judgement *j, json_t *finding)
{
	json_t *list = json_array();
	bool ok = list != NULL;

	for (size_t i = 0; ok && i < j->rule->avoid_count; i++) {
		const struct ta_avoid *avoid = &j->rule->avoid[i];
		json_t *row;

		if (!holds(j, avoid->when))
			continue;
		row = json_object();
		ok = ta_json_set(row, "setting", json_string(avoid->setting)) &&
		     ta_json_set(row, "why", fill(j, avoid->why));
		ta_coverage_sample(j->coverage, j->rule->fix_count + i, row);
		ok = json_array_append_new(list, row) == 0 && ok;
	}
	return ta_json_set(finding, "avoid", list) && ok;
}

bool ta_finding_make(const struct ta_judgement *j, const char *level, double rank,
		     struct ta_finding *ret)
{
	static const char *const levels[] = { "", "info", "warning", "critical" };
	json_t *references = json_object_get(j->rule->json, "references");
	struct ta_finding finding = { .rule = j->rule, .rank = rank, .json = json_object() };
	json_t *json = finding.json;
	bool ok;

	while (finding.severity < 3 && strcmp(levels[finding.severity], level) != 0)
		finding.severity++;
	ok = json && ta_json_set(json, "rule", json_string(j->rule->id)) &&
	     ta_json_set(json, "class", json_string(j->rule->class_)) &&
	     ta_json_set(json, "severity", json_string(level)) &&
	     ta_json_set(json, "confidence", json_string(confidence_of(j))) &&
	     add_scope(j, &finding) && ta_json_set(json, "fingerprint", json_string("")) &&
	     ta_json_set(json, "title", fill(j, j->rule->title)) &&
	     ta_json_set(json, "diagnosis", fill(j, j->rule->diagnosis)) && add_evidence(j, json) &&
	     ta_json_set(json, "caused_by", json_array()) && add_fixes(j, json) &&
	     add_avoid(j, json) && json_object_set(json, "references", references) == 0;
	*ret = finding;
	return ok && !*j->no_memory;
}

void ta_findings_done(struct ta_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		json_decref(findings->items[i].json);
		json_decref(findings->items[i].identity);
	}
	free(findings->items);
	*findings = (struct ta_findings){ 0 };
}

/* ---- all of them together ---------------------------------------------------------- */

static const char *scope_text(const struct ta_finding *finding, const char *member)
{
	const char *text = ta_json_string(json_object_get(finding->json, "scope"), member);

	return text ? text : "";
}

static uint64_t fnv1a(uint64_t hash, const char *text)
{
	for (;; text++) {
		hash = (hash ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
		if (!*text)
			return hash;
	}
}

static bool set_fingerprint(struct ta_finding *finding, uint64_t hash)
{
	char text[24];

	snprintf(text, sizeof(text), "%016" PRIx64, hash);
	return ta_json_set(finding->json, "fingerprint", json_string(text));
}

/* FNV-1a of rule, namespace, identity; the n-th with the same three also has its number. twins
 * counts those so far by their fingerprint. */
static bool add_fingerprint(struct ta_finding *finding, json_t *twins)
{
	uint64_t hash = fnv1a(UINT64_C(0xcbf29ce484222325), finding->rule->id);
	const char *first;
	char number[24];
	json_int_t count;

	hash = fnv1a(hash, scope_text(finding, "namespace"));
	hash = fnv1a(hash, json_string_value(finding->identity));
	if (!set_fingerprint(finding, hash))
		return false;
	first = ta_json_text(finding->json, "fingerprint");
	count = json_integer_value(json_object_get(twins, first));
	if (!ta_json_set(twins, first, json_integer(count + 1)))
		return false;
	snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, count);
	return count == 0 || set_fingerprint(finding, fnv1a(hash, number));
}

/* A host, or a namespace of it, is one; of the others there are many beside each other. */
static bool has_many_objects(const char *kind)
{
	return strcmp(kind, "host") != 0 && strcmp(kind, "namespace") != 0;
}

/* Whether two findings can be about the same trouble. A process and the whole host have no
 * namespace of their own in the report and go with any. */
static bool same_place(const struct ta_finding *cause, const struct ta_finding *effect)
{
	const char *a = scope_text(cause, "namespace"), *b = scope_text(effect, "namespace");

	if (*a && *b && strcmp(a, b) != 0)
		return false;
	if (strcmp(cause->rule->kind, effect->rule->kind) != 0 ||
	    !has_many_objects(cause->rule->kind))
		return true;
	return strcmp(scope_text(cause, "object"), scope_text(effect, "object")) == 0;
}

/* Whether the rule of cause names that of effect, about the same place. What is graver than its
 * cause stands for itself: it would be hidden below a lesser heading, and a cause that is slight
 * when its effect is not is seldom all of it. */
static bool explains(const struct ta_finding *cause, const struct ta_finding *effect)
{
	size_t i;
	json_t *id;

	if (cause->severity < effect->severity)
		return false;
	json_array_foreach (json_object_get(cause->rule->json, "explains"), i, id)
		if (strcmp(json_string_value(id), effect->rule->id) == 0)
			return same_place(cause, effect);
	return false;
}

static bool add_causes(struct ta_findings *findings)
{
	bool ok = true;

	for (size_t j = 0; j < findings->count; j++) {
		const struct ta_finding *cause = &findings->items[j];
		json_t *mark = json_object_get(cause->json, "fingerprint");

		if (!json_object_get(cause->rule->json, "explains"))
			continue;
		for (size_t i = 0; i < findings->count; i++) {
			json_t *effect = findings->items[i].json;

			if (explains(cause, &findings->items[i]))
				ok = json_array_append(json_object_get(effect, "caused_by"),
						       mark) == 0 &&
				     ok;
		}
	}
	return ok;
}

/* ---- one value for one setting ------------------------------------------------------ */

/* A setting that two findings advise: which of them has the word. */
struct holder {
	const struct ta_finding *finding;
	const char *value;
};

/* Whether a's value stands where b advises another. */
static bool has_the_word(const struct ta_finding *a, const struct ta_finding *b)
{
	bool a_effect = json_array_size(json_object_get(a->json, "caused_by")) > 0;
	bool b_effect = json_array_size(json_object_get(b->json, "caused_by")) > 0;

	if (ta_rule_yields(a->rule, b->rule) != ta_rule_yields(b->rule, a->rule))
		return ta_rule_yields(b->rule, a->rule);
	if (a_effect != b_effect)
		return b_effect;
	if (a->severity != b->severity)
		return a->severity > b->severity;
	return a->order < b->order;
}

/* Whether what two findings set under this key is one setting of the kernel. */
static bool is_one_setting(const struct ta_finding *a, const struct ta_finding *b, const char *key)
{
	const struct ta_tunable *tunable = ta_tunable_find(key);

	return !tunable || tunable->scope != TA_TUNABLE_NETNS ||
	       strcmp(scope_text(a, "namespace"), scope_text(b, "namespace")) == 0;
}

/* Who else advises another value for the key and has the word; finding NULL: nobody. */
static struct holder other_holder(const struct ta_findings *findings,
				  const struct ta_finding *finding, const char *key,
				  const char *value)
{
	struct holder holder = { NULL, NULL };
	size_t i, k;
	json_t *fix;

	for (i = 0; i < findings->count; i++) {
		const struct ta_finding *other = &findings->items[i];

		json_array_foreach (json_object_get(other->json, "fixes"), k, fix) {
			const char *own = ta_json_string(json_object_get(fix, "settings"), key);

			if (!own || strcmp(own, value) == 0 || other == finding ||
			    !is_one_setting(finding, other, key) || !has_the_word(other, finding) ||
			    (holder.finding && !has_the_word(other, holder.finding)))
				continue;
			holder = (struct holder){ other, own };
		}
	}
	return holder;
}

/* What stands in place of a fix whose value gives way. */
static json_t *deferring_fix(const char *key, const struct holder *holder)
{
	return json_pack("{s:s, s:o, s:o}", "kind", "none", "title",
			 json_sprintf("One value for %s: %s", key, holder->value), "text",
			 json_sprintf("It is advised under \"%s\"; a setting can have only one "
				      "value.",
				      ta_json_text(holder->finding->json, "title")));
}

static bool settle_fix(const struct ta_findings *findings, const struct ta_finding *finding,
		       size_t index)
{
	json_t *fixes = json_object_get(finding->json, "fixes");
	const char *key;
	json_t *value;

	json_object_foreach (json_object_get(json_array_get(fixes, index), "settings"), key,
			     value) {
		struct holder holder =
			other_holder(findings, finding, key, json_string_value(value));

		if (holder.finding)
			return json_array_set_new(fixes, index, deferring_fix(key, &holder)) == 0;
	}
	return true;
}

/* Two findings never advise different values for one setting. */
static bool settle_settings(struct ta_findings *findings)
{
	bool ok = true;
	size_t i, k;
	json_t *fix;

	for (i = 0; i < findings->count; i++)
		json_array_foreach (json_object_get(findings->items[i].json, "fixes"), k, fix)
			ok = settle_fix(findings, &findings->items[i], k) && ok;
	return ok;
}

/* ---- silences ----------------------------------------------------------------------- */

bool ta_silence_is_over(const char *until, int64_t now_ms)
{
	char now[32];

	if (!until)
		return false;
	ta_clock_rfc3339(now_ms, now);
	now[10] = '\0'; /* the date */
	return strcmp(now, until) > 0;
}

static bool silence(struct ta_finding *finding, const struct ta_silence *silence)
{
	json_t *json =
		json_pack("{s:s, s:s}", "reason", silence->reason, "by", silence->source->name);

	if (json && silence->until && !ta_json_set(json, "until", json_string(silence->until))) {
		json_decref(json);
		json = NULL;
	}
	return ta_json_set(finding->json, "silenced", json);
}

static bool add_silences(struct ta_findings *findings, const struct ta_rules *rules, int64_t now_ms)
{
	bool ok = true;

	for (size_t i = 0; i < findings->count; i++)
		for (size_t j = 0; j < rules->silence_count; j++) {
			const struct ta_silence *row = &rules->silences[j];

			if (strcmp(row->rule, findings->items[i].rule->id) != 0 ||
			    ta_silence_is_over(row->until, now_ms))
				continue;
			if (!row->object ||
			    strcmp(row->object, scope_text(&findings->items[i], "object")) == 0)
				ok = silence(&findings->items[i], row) && ok;
		}
	return ok;
}

static size_t cause_count(const struct ta_finding *finding)
{
	return json_array_size(json_object_get(finding->json, "caused_by"));
}

static int compare(const void *left, const void *right)
{
	const struct ta_finding *a = left, *b = right;
	bool a_effect = cause_count(a) > 0, b_effect = cause_count(b) > 0;

	if (a->severity != b->severity)
		return b->severity - a->severity;
	if (a_effect != b_effect)
		return a_effect ? 1 : -1;
	if (a->rank != b->rank)
		return a->rank < b->rank ? 1 : -1;
	return a->order < b->order ? -1 : 1;
}

bool ta_findings_settle(struct ta_findings *findings, const struct ta_rules *rules, int64_t now_ms)
{
	json_t *twins = json_object();
	bool ok = twins != NULL;

	for (size_t i = 0; ok && i < findings->count; i++)
		ok = add_fingerprint(&findings->items[i], twins);
	json_decref(twins);
	ok = ok && add_causes(findings) && settle_settings(findings) &&
	     add_silences(findings, rules, now_ms);
	if (findings->count)
		qsort(findings->items, findings->count, sizeof(*findings->items), compare);
	return ok;
}
