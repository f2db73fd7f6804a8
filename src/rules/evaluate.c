/* evaluate.c - a snapshot held against the rules: findings, what is ruled out, what could not
 * be checked. Pure: no clock, no file, no network; the same input gives the same report. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"
#include "base/text.h"
#include "expr/json.h"
#include "expr/look.h"
#include "rules/coverage.h"
#include "rules/finding.h"
#include "rules/form.h"
#include "rules/next.h"
#include "rules/path.h"
#include "rules/reads.h"
#include "rules/partial.h"
#include "rules/provenance.h"
#include "rules/ruled_out.h"
#include "rules/words.h"

enum { MAX_PATH_TEXT = 512 };

/* ---- one run ----------------------------------------------------------------------- */

struct run {
	const struct ta_rules *rules;
	const json_t *snapshot;
	struct ta_eval *eval;
	struct ta_findings findings;
	json_t *passed, *not_checked;
	size_t not_applicable;
	json_t *nothing; /* {} */
	struct ta_value facts[TA_SLOT_PARAMS];
	struct ta_value *slots; /* of the rule at hand; room for let_room + TA_SLOT_ELEMENT + 1 */
	struct ta_error *let_errors; /* by let; those that failed */
	size_t let_room;
	struct ta_provenance provenance;
	struct ta_next next;
	struct ta_coverage *coverage; /* or NULL */
	struct ta_words words;        /* of rules that are in the book by their index only */
	struct ta_error *err;
};

/* What the looks at the objects of one rule in one namespace came to. */
struct tally {
	struct ta_judgement j;
	struct ta_error *let_errors; /* the run's */
	size_t let_depth;            /* of lets that need each other */
	size_t checked;              /* objects judged, whatever the outcome */
	size_t fired;
	size_t unchecked;
	json_t *missing;    /* array of paths */
	char why[600];      /* the first reason */
	const json_t *best; /* the element that passed with the highest rank */
	double best_rank;
	bool passed_once;
	bool no_memory; /* see ta_judgement */
	bool wordless;  /* it fired and has no words: to be done again with the whole rule */
};

static bool no_memory(struct run *run)
{
	return ta_fail(run->err, TA_E_NOMEM, "out of memory");
}

/* ---- missing facts ----------------------------------------------------------------- */

/* The path as the snapshot has it: "d.ports_used" -> "namespaces[].destinations[].ports_used". */
static void full_path(const struct ta_rule *rule, const char *path, char *buf, size_t size)
{
	char element[TA_READ_PATH_MAX];

	if (rule->element && ta_path_leads_to(rule->element, path) &&
	    ta_element_path(rule, element))
		snprintf(buf, size, "%s%s", element, path + strlen(rule->element));
	else if (ta_path_leads_to("ns", path))
		snprintf(buf, size, "namespaces[]%s", path + strlen("ns"));
	else
		snprintf(buf, size, "%s", path);
}

/* Whether a gap says something of this namespace, NULL for the host. */
static bool is_about(const json_t *gap, const json_t *ns)
{
	const json_t *names = json_object_get(gap, "namespaces");
	const char *name = json_string_value(json_object_get(ns, "name"));
	size_t i;
	json_t *one;

	if (!names || !name)
		return true;
	json_array_foreach (names, i, one)
		if (strcmp(json_string_value(one), name) == 0)
			return true;
	return false;
}

/* The gap that explains why a fact of a namespace is missing: of those with a path that leads to
 * the fact the one whose path is the longest, or else the first with a path that the fact leads to.
 */
static const char *gap_reason(const json_t *snapshot, const json_t *ns, const char *path)
{
	const char *best = NULL, *within = NULL;
	size_t i, k, best_len = 0;
	json_t *gap, *fact;

	json_array_foreach (json_object_get(snapshot, "gaps"), i, gap) {
		const char *why = json_string_value(json_object_get(gap, "why"));

		if (!is_about(gap, ns))
			continue;
		json_array_foreach (json_object_get(gap, "facts"), k, fact) {
			const char *to = json_string_value(fact);

			if (ta_path_leads_to(to, path) && strlen(to) > best_len) {
				best = why;
				best_len = strlen(to);
			}
			if (!within && ta_path_leads_to(path, to))
				within = why;
		}
	}
	return best ? best : within;
}

static void add_missing(struct run *run, struct tally *tally, const char *path)
{
	char full[MAX_PATH_TEXT + 16];
	const char *reason;
	size_t i;
	json_t *known;

	full_path(tally->j.rule, path, full, sizeof(full));
	json_array_foreach (tally->missing, i, known)
		if (strcmp(json_string_value(known), full) == 0)
			return;
	if (json_array_append_new(tally->missing, json_string(full)) < 0)
		no_memory(run);
	reason = gap_reason(run->snapshot, tally->j.ns, full);
	if (!tally->why[0])
		snprintf(tally->why, sizeof(tally->why), "%s",
			 reason ? reason : N_("the snapshot does not have it"));
}

/* Notes why an expression had no value. A let that failed stands for what it lacked itself. */
static void note_failure(struct run *run, struct tally *tally, const struct ta_error *err)
{
	const struct ta_rule *rule = tally->j.rule;

	if (err->code == TA_E_NOMEM) {
		no_memory(run);
		return;
	}
	for (size_t i = 0; i < rule->let_count && err->code == TA_E_MISSING; i++)
		if (tally->let_errors[i].code && ta_path_leads_to(rule->lets[i].name, err->text)) {
			note_failure(run, tally, &tally->let_errors[i]);
			return;
		}
	if (err->code == TA_E_MISSING)
		add_missing(run, tally, err->text);
	else if (!tally->why[0])
		snprintf(tally->why, sizeof(tally->why), _("the rule failed: %s"), err->text);
}

/* ---- conditions -------------------------------------------------------------------- */

enum verdict { NO, YES, UNKNOWN };

static enum verdict ask(struct run *run, struct tally *tally, const struct ta_expr *condition)
{
	struct ta_value value;
	struct ta_error err;

	if (!condition)
		return YES;
	ta_error_clear(&err);
	if (!ta_expr_eval(condition, tally->j.eval, tally->j.slots, &value, &err)) {
		note_failure(run, tally, &err);
		return UNKNOWN;
	}
	if (value.kind != TA_BOOL) {
		ta_fail(&err, TA_E_EVAL, "a condition gave no bool");
		note_failure(run, tally, &err);
		return UNKNOWN;
	}
	return value.as.boolean ? YES : NO;
}

/* The first level whose condition holds. One that can't be told does not hide the next. */
static enum verdict find_level(struct run *run, struct tally *tally, const char **ret_level)
{
	const struct ta_choices *levels = &tally->j.rule->severity;
	enum verdict verdict = NO;

	for (size_t i = 0; i < levels->count; i++) {
		enum verdict answer = ask(run, tally, levels->items[i].when);

		if (answer == YES) {
			ta_coverage_note(run->coverage, &levels->items[i], 0);
			*ret_level = levels->items[i].word;
			return YES;
		}
		if (answer == UNKNOWN)
			verdict = UNKNOWN;
	}
	return verdict;
}

static double rank_of(struct tally *tally)
{
	const struct ta_expr *rank = tally->j.rule->rank;
	struct ta_value value;
	struct ta_error err;

	ta_error_clear(&err);
	if (!rank || !ta_expr_eval(rank, tally->j.eval, tally->j.slots, &value, &err)) {
		tally->no_memory |= rank && err.code == TA_E_NOMEM;
		return 0;
	}
	switch (value.kind) {
	case TA_INT:
		return (double)value.as.i;
	case TA_UINT:
		return (double)value.as.u;
	case TA_DOUBLE:
		return isnan(value.as.d) ? 0 : value.as.d;
	default:
		return 0;
	}
}

/* ---- one object -------------------------------------------------------------------- */

enum { MAX_LET_DEPTH = 8 };

static size_t first_let(const struct ta_rule *rule)
{
	return TA_SLOT_ELEMENT + (rule->element != NULL);
}

static void evaluate_let(struct tally *tally, size_t i)
{
	struct ta_value *slot = &tally->j.slots[first_let(tally->j.rule) + i];

	if (slot->kind > TA_UNBOUND || tally->let_errors[i].code)
		return;
	ta_expr_eval(tally->j.rule->lets[i].value, tally->j.eval, tally->j.slots, slot,
		     &tally->let_errors[i]);
	tally->no_memory |= tally->let_errors[i].code == TA_E_NOMEM;
}

/* A let is evaluated when it is first read: most are for words that are not needed, or stand behind
 * a condition that does not hold. Where they need each other too deeply for the stack, those before
 * it come first: no let needs one that follows. */
static void supply_let(void *ctx, size_t slot)
{
	struct tally *tally = ctx;
	size_t let = slot - first_let(tally->j.rule);

	if (slot < first_let(tally->j.rule))
		return;
	tally->let_depth++;
	for (size_t i = tally->let_depth < MAX_LET_DEPTH ? let : 0; i <= let; i++)
		evaluate_let(tally, i);
	tally->let_depth--;
}

static void bind_element(struct tally *tally, const json_t *element)
{
	const struct ta_rule *rule = tally->j.rule;
	struct ta_value *lets = tally->j.slots + first_let(rule);

	ta_eval_reset(tally->j.eval);
	tally->j.element = element;
	if (rule->element)
		tally->j.slots[TA_SLOT_ELEMENT] = ta_value_from_json(element);
	for (size_t i = 0; i < rule->let_count; i++) {
		lets[i] = TA_VALUE_UNBOUND;
		ta_error_clear(&tally->let_errors[i]);
	}
}

static bool add_finding(struct run *run, struct tally *tally, const char *level)
{
	struct ta_finding *items;
	bool ok;

	tally->fired++;
	if (!tally->j.rule->title) {
		tally->wordless = true;
		return true;
	}
	items = realloc(run->findings.items, (run->findings.count + 1) * sizeof(*items));
	if (!items)
		return no_memory(run);
	run->findings.items = items;
	ok = ta_finding_make(&tally->j, level, rank_of(tally), &items[run->findings.count]);
	items[run->findings.count].order = run->findings.count;
	run->findings.count++;
	return ok || no_memory(run);
}

static void note_passed(struct tally *tally)
{
	double rank = rank_of(tally);

	if (tally->passed_once && rank <= tally->best_rank)
		return;
	tally->passed_once = true;
	tally->best_rank = rank;
	tally->best = tally->j.element;
}

static bool judge(struct run *run, struct tally *tally, const json_t *element)
{
	enum verdict verdict;
	const char *level = NULL;

	bind_element(tally, element);
	verdict = ask(run, tally, tally->j.rule->where);
	if (verdict == NO)
		return true;
	if (verdict == YES)
		verdict = find_level(run, tally, &level);
	if (verdict == UNKNOWN) {
		tally->unchecked++;
		return true;
	}
	tally->checked++;
	if (verdict == YES)
		return add_finding(run, tally, level);
	note_passed(tally);
	return true;
}

/* ---- one rule in one place --------------------------------------------------------- */

/* { rule, class, namespace }: what passed and not_checked have in common. */
static json_t *entry(const struct tally *tally)
{
	const struct ta_rule *rule = tally->j.rule;
	const json_t *name = json_object_get(tally->j.ns, "name");
	json_t *json = json_object();

	if (json_object_set(json, "rule", json_object_get(rule->json, "id")) < 0 ||
	    json_object_set(json, "class", json_object_get(rule->json, "class")) < 0 ||
	    (name && json_object_set(json, "namespace", (json_t *)name) < 0)) {
		json_decref(json);
		return NULL;
	}
	return json;
}

static json_t *passed_words(struct tally *tally)
{
	const struct ta_rule *rule = tally->j.rule;
	json_t *empty = json_object_get(rule->json, "passed_empty");
	json_t *zero = json_object_get(rule->json, "passed_zero");

	if (!tally->passed_once)
		return json_string(empty ? _(json_string_value(empty)) : _("nothing to look at"));
	if (zero && rule->rank && tally->best_rank == 0)
		return json_string(_(json_string_value(zero)));
	bind_element(tally, tally->best);
	return ta_form_fill(rule->passed, tally->j.eval, tally->j.slots, TA_FORM_SAY_UNKNOWN);
}

/* What could not be checked must not be ruled out by what could. */
static json_t *passed_text(struct tally *tally)
{
	json_t *words = passed_words(tally), *text;

	if (!words || !tally->unchecked)
		return words;
	text = json_sprintf(_("%s (%zu of %zu could not be checked.)"), json_string_value(words),
			    tally->unchecked, tally->unchecked + tally->checked);
	json_decref(words);
	return text;
}

static bool add_passed(struct run *run, struct tally *tally)
{
	json_t *json = entry(tally);
	bool ok = ta_json_set(json, "text", passed_text(tally)) &&
		  ta_json_set(json, "checked", json_integer((json_int_t)tally->checked));

	return (json_array_append_new(run->passed, json) == 0 && ok) || no_memory(run);
}

static bool add_not_checked(struct run *run, struct tally *tally)
{
	json_t *json = entry(tally);
	bool ok = json_object_set(json, "missing", tally->missing) == 0 &&
		  ta_json_set(json, "why", json_string(_(tally->why))) &&
		  ta_json_set(json, "objects", json_integer((json_int_t)tally->unchecked)) &&
		  ta_next_note(&run->next, &tally->j, tally->missing, json);

	return (json_array_append_new(run->not_checked, json) == 0 && ok) || no_memory(run);
}

/* The elements to look at, a new reference; NULL when the list could not be had. */
static json_t *elements_of(struct run *run, struct tally *tally)
{
	struct ta_error err = TA_ERROR_INIT;
	struct ta_value list;
	json_t *elements;

	if (!ta_expr_eval(tally->j.rule->for_each, tally->j.eval, tally->j.slots, &list, &err)) {
		note_failure(run, tally, &err);
		return NULL;
	}
	elements = ta_value_to_json(&list);
	if (!elements) {
		if (ta_value_is_writable(&list))
			ta_fail(&err, TA_E_NOMEM, "out of memory");
		else
			ta_fail(&err, TA_E_LIMIT, "a list that is too large");
		note_failure(run, tally, &err);
	}
	return elements;
}

/* ---- nothing found ----------------------------------------------------------------- */

struct parting {
	struct run *run;
	struct tally *tally;
};

static void note_part(void *ctx, const char *fact)
{
	struct parting *parting = ctx;

	add_missing(parting->run, parting->tally, fact);
	snprintf(parting->tally->why, sizeof(parting->tally->why), "%s",
		 N_("what was captured shows only a part of it"));
}

/* Whether the rule does not apply for want of what is known in part only. */
static bool applies_in_part(struct run *run, struct tally *tally)
{
	struct parting parting = { run, tally };

	ta_partial_look_at_applies(run->snapshot, tally->j.rule, note_part, &parting);
	return json_array_size(tally->missing) > 0;
}

/* The rule found nothing: it has passed, unless what it looked at is known in part only. */
static bool conclude(struct run *run, struct tally *tally)
{
	struct parting parting = { run, tally };
	size_t missing = json_array_size(tally->missing);

	ta_partial_look(run->snapshot, tally->j.rule, note_part, &parting);
	if (json_array_size(tally->missing) == missing)
		return add_passed(run, tally);
	tally->unchecked += tally->checked + !tally->checked;
	return true;
}

static bool judge_all(struct run *run, struct tally *tally)
{
	json_t *elements, *element;
	bool ok = true;
	size_t i;

	if (!tally->j.rule->for_each)
		return judge(run, tally, NULL);
	elements = elements_of(run, tally);
	if (!elements) {
		tally->unchecked++;
		return true;
	}
	json_array_foreach (elements, i, element)
		ok = ok && judge(run, tally, element);
	if (ok && tally->fired == 0 && (tally->checked || !tally->unchecked))
		ok = conclude(run, tally);
	json_decref(elements);
	return ok;
}

static void read_facts(struct run *run)
{
	/* no facts of the host but what is said about them: without it, nothing is said */
	static const enum ta_slot accounts[] = { TA_SLOT_COLLECTION, TA_SLOT_REPORTED };

	for (size_t i = 0; i < TA_SLOT_PARAMS; i++)
		run->facts[i] =
			ta_value_from_json(json_object_get(run->snapshot, ta_slot_members[i]));
	for (size_t i = 0; i < TA_ARRAY_SIZE(accounts); i++)
		if (run->facts[accounts[i]].kind == TA_UNBOUND)
			run->facts[accounts[i]] = ta_value_from_json(run->nothing);
}

static void bind_snapshot(const struct run *run, struct tally *tally)
{
	struct ta_value *slots = tally->j.slots;

	memcpy(slots, run->facts, sizeof(run->facts));
	slots[TA_SLOT_PARAMS] = ta_value_from_json(tally->j.rule->pack->params);
	slots[TA_SLOT_NS] = ta_value_from_json(tally->j.ns);
	slots[TA_SLOT_ELEMENT] = TA_VALUE_UNBOUND;
	bind_element(tally, NULL);
}

static bool run_in_place(struct run *run, struct tally *tally)
{
	enum verdict applies;
	bool ok = true;

	bind_snapshot(run, tally);
	applies = ask(run, tally, tally->j.rule->applies);
	if (applies == NO && !applies_in_part(run, tally)) {
		run->not_applicable++;
		return true;
	}
	if (applies != YES)
		tally->unchecked++;
	else
		ok = judge_all(run, tally);
	if (tally->wordless)
		return ok;
	if (ok && !tally->j.rule->for_each && tally->fired == 0 && !tally->unchecked)
		ok = conclude(run, tally);
	if (ok && tally->unchecked)
		ok = add_not_checked(run, tally);
	return ok;
}

/* Room for the variables of this rule. */
static bool make_room(struct run *run, const struct ta_rule *rule)
{
	size_t lets = rule->let_count;
	struct ta_value *slots;
	struct ta_error *errors;

	if (run->slots && run->let_errors && lets <= run->let_room)
		return true;
	slots = realloc(run->slots, (TA_SLOT_ELEMENT + 1 + lets) * sizeof(*slots));
	run->slots = slots ? slots : run->slots;
	errors = realloc(run->let_errors, (lets + 1) * sizeof(*errors));
	run->let_errors = errors ? errors : run->let_errors;
	run->let_room = slots && errors ? lets : 0;
	return (slots && errors) || no_memory(run);
}

static bool run_rule_at(struct run *run, const struct ta_rule *rule, const json_t *ns)
{
	struct tally tally = { .j = { .rule = rule,
				      .eval = run->eval,
				      .snapshot = run->snapshot,
				      .ns = ns,
				      .provenance = &run->provenance,
				      .coverage = run->coverage } };
	bool ok = make_room(run, rule);

	tally.j.no_memory = &tally.no_memory;
	tally.j.slots = run->slots;
	tally.let_errors = run->let_errors;
	tally.missing = json_array();
	ta_eval_supply(run->eval, supply_let, &tally);
	ok = ok && (tally.missing ? run_in_place(run, &tally) : no_memory(run));
	ta_eval_supply(run->eval, NULL, NULL);
	ta_eval_reset(run->eval);
	json_decref(tally.missing);
	if (ok && tally.no_memory)
		ok = no_memory(run);
	if (!ok || run->err->code)
		return false;
	if (!tally.wordless)
		return true;
	rule = ta_words_find(&run->words, run->rules, rule, run->err);
	return rule && run_rule_at(run, rule, ns);
}

static bool run_everywhere(struct run *run, const struct ta_rule *rule)
{
	size_t i;
	json_t *ns;

	if (!rule->per_namespace)
		return run_rule_at(run, rule, NULL);
	json_array_foreach (json_object_get(run->snapshot, "namespaces"), i, ns)
		if (!run_rule_at(run, rule, ns))
			return false;
	return true;
}

/* One of an index is compiled for this run, and its memory is used for the next. */
static bool run_rule(struct run *run, const struct ta_rule *rule)
{
	struct ta_rule *compiled;
	bool ok;

	if (rule->slots)
		return run_everywhere(run, rule);
	compiled = ta_words_compile(&run->words, run->rules, rule, run->err);
	ok = compiled && run_everywhere(run, compiled);
	ta_rule_free(compiled);
	return ok;
}

/* ---- which rules ------------------------------------------------------------------- */

static bool is_listed(const char *const *list, const char *id)
{
	for (; list && *list; list++)
		if (strcmp(*list, id) == 0)
			return true;
	return false;
}

static bool check_list(const struct ta_rules *rules, const char *const *list, struct ta_error *err)
{
	for (; list && *list; list++) {
		struct ta_nearest nearest;

		if (ta_rules_find(rules, *list))
			continue;
		ta_nearest_start(&nearest, *list, strlen(*list));
		for (size_t i = 0; i < rules->rule_count; i++)
			ta_nearest_offer(&nearest, rules->rules[i]->id);
		if (!ta_nearest_result(&nearest))
			return ta_fail(err, TA_E_USAGE, "no rule '%s'; see tcpadvise rules list",
				       *list);
		return ta_fail(err, TA_E_USAGE, "no rule '%s'; did you mean '%s'?", *list,
			       ta_nearest_result(&nearest));
	}
	return true;
}

static bool run_rules(struct run *run, const struct ta_evaluate_options *options)
{
	for (size_t i = 0; i < run->rules->rule_count; i++) {
		const struct ta_rule *rule = run->rules->rules[i];

		if (options->only && !is_listed(options->only, rule->id))
			continue;
		if (is_listed(options->skip, rule->id))
			continue;
		if (!run_rule(run, rule))
			return ta_wrap(run->err, "rule %s", rule->id);
	}
	return true;
}

/* ---- the report -------------------------------------------------------------------- */

static json_t *summary_of(const struct run *run)
{
	size_t counts[TA_LEVELS] = { 0 }, silenced = 0;
	json_t *summary = json_object();
	bool ok = summary != NULL;

	for (size_t i = 0; i < run->findings.count; i++) {
		if (json_object_get(run->findings.items[i].json, "silenced"))
			silenced++;
		else
			counts[run->findings.items[i].severity]++;
	}
	for (size_t i = TA_LEVEL_CRITICAL; ok && i > TA_LEVEL_NONE; i--)
		ok = ta_json_set(summary, ta_level_words[i], json_integer((json_int_t)counts[i]));
	ok = ok && ta_json_set(summary, "silenced", json_integer((json_int_t)silenced)) &&
	     ta_json_set(summary, "passed",
			 json_integer((json_int_t)json_array_size(run->passed))) &&
	     ta_json_set(summary, "not_checked",
			 json_integer((json_int_t)json_array_size(run->not_checked))) &&
	     ta_json_set(summary, "not_applicable", json_integer((json_int_t)run->not_applicable));
	if (ok)
		return summary;
	json_decref(summary);
	return NULL;
}

/* The counts of the eleven states; the schema's names are the keys of namespaces[].sockets. */
static json_t *states_of(const json_t *sockets)
{
	static const char *const names[] = { "established", "syn_sent",   "syn_recv",
					     "fin_wait1",   "fin_wait2",  "time_wait",
					     "close",       "close_wait", "last_ack",
					     "listen",      "closing",    "bound_inactive" };
	json_t *states = json_object();

	for (size_t i = 0; i < TA_ARRAY_SIZE(names); i++) {
		json_t *count = json_object_get(sockets, names[i]);

		if (count && json_object_set(states, names[i], count) < 0) {
			json_decref(states);
			return NULL;
		}
	}
	return states;
}

static bool add_count(json_t *row, const json_t *ns, const char *member)
{
	const json_t *list = json_object_get(ns, member);

	return !list || ta_json_set(row, member, json_integer((json_int_t)json_array_size(list)));
}

/* What the namespace is, as the snapshot has it. */
static bool add_description(json_t *row, const json_t *ns)
{
	static const char *const members[] = {
		"inode", "name",      "kind",      "pid",  "process",
		"unit",  "container", "processes", "path", "owners"
	};

	for (size_t i = 0; i < TA_ARRAY_SIZE(members); i++) {
		json_t *value = json_object_get(ns, members[i]);

		if (value && json_object_set(row, members[i], value) < 0)
			return false;
	}
	return true;
}

static json_t *namespace_of(const json_t *ns)
{
	json_t *sockets = json_object_get(ns, "sockets");
	json_t *row = json_object();

	if (add_description(row, ns) &&
	    (!sockets || ta_json_set(row, "states", states_of(sockets))) &&
	    add_count(row, ns, "listeners") && add_count(row, ns, "destinations"))
		return row;
	json_decref(row);
	return NULL;
}

static json_t *namespaces_of(const json_t *snapshot)
{
	json_t *list = json_array(), *ns;
	size_t i;

	json_array_foreach (json_object_get(snapshot, "namespaces"), i, ns)
		if (json_array_append_new(list, namespace_of(ns)) < 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

static json_t *host_of(const json_t *snapshot)
{
	json_t *host = ta_json_copy(json_object_get(snapshot, "host"));

	json_object_del(host, "sysctl");
	return host;
}

static json_t *findings_of(const struct run *run)
{
	json_t *list = json_array();

	for (size_t i = 0; i < run->findings.count; i++)
		if (json_array_append(list, run->findings.items[i].json) < 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

static bool make_report(struct run *run, json_t **ret)
{
	const json_t *snapshot = run->snapshot;
	json_t *collection = json_object_get(snapshot, "collection");
	json_t *taken_at = json_object_get(snapshot, "taken_at");
	json_t *evidence = json_object_get(snapshot, "evidence");
	json_t *report = json_object(), *findings = findings_of(run);
	bool ok = ta_json_set(report, "schema", json_string(TA_REPORT_SCHEMA)) &&
		  ta_json_set(report, "tool",
			      json_pack("{s:s, s:s}", "name", "tcpadvise", "version",
					TCPADVISE_VERSION)) &&
		  (!taken_at || json_object_set(report, "taken_at", taken_at) == 0) &&
		  (!run->rules->language ||
		   ta_json_set(report, "language",
			       json_string(ta_language_name(run->rules->language)))) &&
		  ta_json_set(report, "host", host_of(snapshot)) &&
		  (!collection || json_object_set(report, "collection", collection) == 0) &&
		  (!evidence || json_object_set(report, "evidence", evidence) == 0) &&
		  ta_json_set(report, "summary", summary_of(run)) &&
		  ta_json_set(report, "namespaces", namespaces_of(snapshot)) &&
		  json_object_set(report, "findings", findings) == 0 &&
		  ta_json_set(report, "ruled_out",
			      ta_ruled_out(findings, run->passed, run->not_checked)) &&
		  json_object_set(report, "passed", run->passed) == 0 &&
		  json_object_set(report, "not_checked", run->not_checked) == 0 &&
		  ta_json_set(report, "next", ta_next_ranked(&run->next, &run->findings)) &&
		  json_object_set(report, "gaps", json_object_get(snapshot, "gaps")) == 0;

	json_decref(findings);
	if (ok) {
		*ret = report;
		return true;
	}
	json_decref(report);
	return no_memory(run);
}

static void note_arm(void *ctx, const struct ta_arm *arm)
{
	ta_coverage_note(ctx, arm->choice, arm->index);
}

bool ta_rules_evaluate_covered(const struct ta_rules *rules, const json_t *snapshot,
			       const struct ta_evaluate_options *options,
			       struct ta_coverage *coverage, json_t **ret, struct ta_error *err)
{
	struct ta_error own = TA_ERROR_INIT;
	struct run run = { .rules = rules,
			   .snapshot = snapshot,
			   .eval = ta_eval_new(),
			   .passed = json_array(),
			   .not_checked = json_array(),
			   .nothing = json_object(),
			   .coverage = coverage,
			   .words = TA_WORDS_INIT,
			   .err = err ? err : &own };
	const struct ta_language *before = ta_language_use(rules->language);
	bool ok;

	ta_next_init(&run.next, &rules->vocabulary.commands, snapshot);
	if (run.eval && coverage)
		ta_eval_watch(run.eval, note_arm, coverage);
	ok = check_list(rules, options->only, run.err) &&
	     check_list(rules, options->skip, run.err) &&
	     ((run.eval && run.passed && run.not_checked && run.nothing &&
	       ta_provenance_init(&run.provenance, snapshot)) ||
	      no_memory(&run));
	read_facts(&run);
	ok = ok && run_rules(&run, options) &&
	     (ta_findings_settle(&run.findings, rules, options->now_ms) || no_memory(&run)) &&
	     make_report(&run, ret);

	ta_findings_done(&run.findings);
	ta_words_done(&run.words, rules);
	ta_provenance_done(&run.provenance);
	ta_next_done(&run.next);
	ta_eval_free(run.eval);
	free(run.slots);
	free(run.let_errors);
	json_decref(run.passed);
	json_decref(run.not_checked);
	json_decref(run.nothing);
	ta_language_use(before);
	return ok;
}

bool ta_rules_evaluate(const struct ta_rules *rules, const json_t *snapshot,
		       const struct ta_evaluate_options *options, json_t **ret,
		       struct ta_error *err)
{
	return ta_rules_evaluate_covered(rules, snapshot, options, NULL, ret, err);
}
