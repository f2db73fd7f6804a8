/* finding.c - see finding.h. */
#include "rules/finding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "expr/json.h"
#include "rules/coverage.h"
#include "rules/form.h"
#include "rules/provenance.h"
#include "rules/runtimes.h"
#include "rules/site.h"
#include "rules/settings.h"

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

/* A process has no namespace in its scope: it is the same one, wherever it lives. */
static bool add_home(const struct ta_site *site, json_t *scope)
{
	const char *name = ta_json_string(site->ns, "name");

	return !site->elsewhere || json_object_get(scope, "namespace") || !name ||
	       ta_json_set(scope, "lives_in", json_string(name));
}

static bool add_scope(const struct ta_judgement *j, const struct ta_site *site,
		      struct ta_finding *finding)
{
	json_t *scope = json_object();
	json_t *object = object_of(j);
	bool ok = object && ta_json_set(scope, "kind", json_string(j->rule->kind));

	finding->identity = object ? identity_of(j, object) : NULL;
	if (ok && j->ns && ta_json_string(j->ns, "name"))
		ok = ta_json_set(scope, "namespace", json_string(ta_json_string(j->ns, "name")));
	ok = ta_json_set(scope, "object", object) && ok && finding->identity &&
	     add_home(site, scope);
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
		ok = ta_json_set(row, "label", json_string(_(evidence->label)));
		ok = ta_json_set(row, "value", value) && ok;
		limit = figure(j, evidence->limit);
		if (limit)
			ok = ta_json_set(row, "limit", limit) && ok;
		if (ok && evidence->unit)
			ok = ta_json_set(row, "unit", json_string(evidence->unit));
		ok = ok && ta_json_set(row, "source", ta_provenance_source(j, evidence));
		ok = json_array_append_new(rows, row) == 0 && ok;
	}
	return ok;
}

/* Whether all of it but its name are numbers. */
static bool is_limit(const json_t *limit)
{
	const char *member;
	json_t *value;

	json_object_foreach ((json_t *)limit, member, value) {
		const char *text = ta_json_text(limit, member);

		if (strcmp(member, "name") != 0 &&
		    (!*text || strspn(text, "0123456789") != strlen(text)))
			return false;
	}
	return json_is_object(limit);
}

/* The limit of a process that the fix changes; none when it needs a fact that is missing. */
static bool add_limit(const struct ta_judgement *j, const struct ta_form *form, json_t *fix)
{
	json_t *limit = form ? ta_form_fill(form, j->eval, j->slots, TA_FORM_REFUSE) : NULL;
	bool ok = limit || !form;

	if (is_limit(limit))
		return ta_json_set(fix, "limit", limit);
	json_decref(limit);
	return ok;
}

/* The program that it is about, or NULL. */
static const char *program_of(const struct ta_judgement *j)
{
	const char *process = ta_json_string(j->element, "process");

	if (strcmp(j->rule->kind, "process") == 0)
		return ta_json_string(j->element, "name");
	return process ? process : ta_json_string(j->element, "program"); /* of an error line */
}

/* What to look for in its code. */
static bool add_code(const struct ta_judgement *j, const json_t *code, json_t *fix)
{
	json_t *hints = ta_runtime_hints(code, program_of(j));

	if (json_object_size(hints))
		return ta_json_set(fix, "code", hints);
	json_decref(hints);
	return hints != NULL;
}

/* JSON null when a setting needs a fact that is missing: such a fix is not offered. */
static json_t *make_fix(const struct ta_judgement *j, const struct ta_site *site,
			const struct ta_fix *fix)
{
	const json_t *risk = json_object_get(fix->json, "risk");
	json_t *json = json_object();
	json_t *words = fill(j, fix->words);
	const json_t *settings;
	bool refused;
	bool ok = json && words &&
		  json_object_set(json, "kind", json_object_get(fix->json, "kind")) == 0 &&
		  json_object_update(json, words) == 0;

	json_decref(words);
	ok = ok && add_code(j, json_object_get(fix->json, "code"), json) &&
	     add_limit(j, fix->limit, json);
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
	ok = ok && (refused ||
		    (ta_site_fix(site, json) && ta_settings_commands(json, j->snapshot, site)));
	if (ok && !refused)
		return json;
	json_decref(json);
	return ok ? json_null() : NULL;
}

static bool add_fixes(const struct ta_judgement *j, const struct ta_site *site, json_t *finding)
{
	json_t *list = json_array();
	bool ok = true;

	for (size_t i = 0; list && i < j->rule->fix_count; i++) {
		const struct ta_fix *fix = &j->rule->fixes[i];
		json_t *json = holds(j, fix->when) ? make_fix(j, site, fix) : json_null();

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
		ok = ta_json_set(row, "setting", json_string(_(avoid->setting))) &&
		     ta_json_set(row, "why", fill(j, avoid->why));
		ta_coverage_sample(j->coverage, j->rule->fix_count + i, row);
		ok = json_array_append_new(list, row) == 0 && ok;
	}
	return ta_json_set(finding, "avoid", list) && ok;
}

bool ta_finding_make(const struct ta_judgement *j, const char *level, double rank,
		     struct ta_finding *ret)
{
	json_t *references = json_object_get(j->rule->json, "references");
	struct ta_finding finding = {
		.rule = j->rule, .severity = ta_level(level), .rank = rank, .json = json_object()
	};
	json_t *json = finding.json;
	struct ta_site site;
	bool ok;

	ta_site_find(j->snapshot, j->ns, j->element, &site);
	ok = json && ta_json_set(json, "rule", json_string(j->rule->id)) &&
	     ta_json_set(json, "class", json_string(j->rule->class_)) &&
	     ta_json_set(json, "severity", json_string(level)) &&
	     ta_json_set(json, "confidence", json_string(confidence_of(j))) &&
	     add_scope(j, &site, &finding) && ta_json_set(json, "fingerprint", json_string("")) &&
	     ta_json_set(json, "title", fill(j, j->rule->title)) &&
	     ta_json_set(json, "diagnosis", fill(j, j->rule->diagnosis)) && add_evidence(j, json) &&
	     ta_json_set(json, "caused_by", json_array()) && add_fixes(j, &site, json) &&
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

const char *ta_finding_scope(const struct ta_finding *finding, const char *member)
{
	return ta_json_text(json_object_get(finding->json, "scope"), member);
}
