/* book.c - the rule book: packs are gathered, overridden, compiled and checked as a whole. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"
#include "base/resource.h"
#include "base/schema.h"
#include "base/text.h"
#include "rules/agreement.h"
#include "rules/compile.h"
#include "rules/rule.h"

enum { MAX_MISTAKES = 1024 * 1024, MAX_POINTER = 512 };

TA_DEFINE_AUTO(json_t, json_decref)

/* ---- life -------------------------------------------------------------------------- */

struct ta_rules *ta_rules_new(void)
{
	struct ta_rules *rules = calloc(1, sizeof(*rules));

	if (!rules)
		return NULL;
	rules->mistakes.text = TA_BUF_INIT(MAX_MISTAKES);
	rules->language = ta_language_current();
	rules->assignments = json_object();
	rules->by_id = json_object();
	return rules->assignments && rules->by_id ? rules : ta_rules_free(rules);
}

static void pack_done(struct ta_pack *pack)
{
	json_decref(pack->params);
	json_decref(pack->params_from);
}

struct ta_rules *ta_rules_free(struct ta_rules *rules)
{
	if (!rules)
		return NULL;
	for (size_t i = 0; i < rules->rule_count; i++)
		ta_rule_free(rules->rules[i]);
	for (size_t i = 0; i < rules->pack_count; i++)
		pack_done(&rules->packs[i]);
	for (size_t i = 0; i < rules->source_count; i++)
		ta_source_free(rules->sources[i]);
	free(rules->rules);
	free(rules->packs);
	free(rules->sources);
	free(rules->silences);
	json_decref(rules->assignments);
	json_decref(rules->by_id);
	ta_buf_done(&rules->mistakes.text);
	ta_vocabulary_done(&rules->vocabulary);
	free(rules);
	return NULL;
}

void ta_rule_mistakes_done(struct ta_rule_mistakes *mistakes)
{
	free(mistakes->text);
	*mistakes = (struct ta_rule_mistakes){ 0 };
}

size_t ta_rules_place(const struct ta_rules *rules, const char *id)
{
	const json_t *place = json_object_get(rules->by_id, id);

	return place ? (size_t)json_integer_value(place) : rules->rule_count;
}

const struct ta_rule *ta_rules_find(const struct ta_rules *rules, const char *id)
{
	size_t place = ta_rules_place(rules, id);

	return place < rules->rule_count ? rules->rules[place] : NULL;
}

/* Makes room for one more element of the array whose pointer is at items; counts are small, so
 * it grows by one. */
static bool grow(void *items, size_t count, size_t size)
{
	void *old, *bigger;

	memcpy(&old, items, sizeof(old));
	bigger = realloc(old, (count + 1) * size);
	if (bigger)
		memcpy(items, &bigger, sizeof(bigger));
	return bigger != NULL;
}

/* ---- gathering --------------------------------------------------------------------- */

/* Takes the source; NULL: memory ran out. */
static bool add_source(struct ta_rules *rules, struct ta_source *source, struct ta_error *err)
{
	if (!source || !grow(&rules->sources, rules->source_count, sizeof(*rules->sources))) {
		ta_source_free(source);
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	}
	rules->sources[rules->source_count++] = source;
	return true;
}

bool ta_rules_add_text(struct ta_rules *rules, const char *name, const char *text, size_t len,
		       struct ta_error *err)
{
	return add_source(rules, ta_source_new(name, text, len, &rules->mistakes), err);
}

bool ta_rules_is_pack_name(const char *name)
{
	static const char *const catalogues[] = { "tunables.json", "states.json", "topics.json",
						  "public.json" };

	for (size_t i = 0; i < TA_ARRAY_SIZE(catalogues); i++)
		if (strcmp(name, catalogues[i]) == 0)
			return false;
	return !strchr(name, '/') && ta_text_ends_with(name, ".json") &&
	       !ta_text_ends_with(name, ".test.json");
}

/* The pack's resource, or the index that cmake/pack_index.cmake made of it. */
static const struct ta_resource *builtin_pack(const char *name, enum ta_builtin how_much)
{
	char index[128];

	if (how_much == TA_BUILTIN_WHOLE)
		return ta_resource_find(name);
	snprintf(index, sizeof(index), "index/%s", name);
	return ta_resource_find(index);
}

bool ta_rules_add_builtin(struct ta_rules *rules, enum ta_builtin how_much, struct ta_error *err)
{
	for (size_t i = 0; i < ta_resource_count; i++) {
		const char *name = ta_resources[i].name;
		const struct ta_resource *pack;

		if (!ta_rules_is_pack_name(name))
			continue;
		pack = builtin_pack(name, how_much);
		if (!pack)
			return ta_fail(err, TA_E_INPUT, "%s was not compiled in", name);
		if (!add_source(rules, ta_source_builtin(name, pack), err))
			return false;
	}
	return true;
}

bool ta_rules_set_param(struct ta_rules *rules, const char *assignment, struct ta_error *err)
{
	size_t len = strcspn(assignment, "=");

	if (len == 0 || !assignment[len])
		return ta_fail(err, TA_E_USAGE, "--param: '%s' is not NAME=VALUE", assignment);
	if (json_object_setn_new(rules->assignments, assignment, len,
				 json_string(assignment + len + 1)) < 0)
		return ta_fail(err, TA_E_USAGE, "--param: '%s' is no text", assignment);
	return true;
}

/* ---- shape ------------------------------------------------------------------------- */

struct shape_check {
	struct ta_rules *rules;
	const struct ta_source *source;
	json_t *misshapen;
};

static void report_shape(void *ctx, const char *pointer, bool on_key, const char *text,
			 const char *hint)
{
	struct shape_check *check = ctx;
	struct ta_place place = { .pointer = pointer, .on_key = on_key };

	ta_mistake(&check->rules->mistakes, check->source, &place, text, hint);
	json_object_set_new(check->misshapen, pointer, json_true());
}

/* What is of the right shape is looked at further all the same, so that all mistakes of a file are
 * reported in one go: nothing behind this may rely on a member being there or being what it should.
 */
static bool check_shapes(struct ta_rules *rules, struct ta_error *err)
{
	const struct ta_resource *text = ta_resource_find("schema/rule-pack.schema.json");
	ta_auto(json_decref_p) json_t *schema = NULL;

	for (size_t i = 0; i < rules->source_count; i++) {
		struct ta_source *source = rules->sources[i];
		struct shape_check check = { rules, source, NULL };

		if (ta_source_is_builtin(source) && !rules->thorough)
			continue;
		if (!schema && text)
			schema = json_loadb(text->data, text->size, 0, NULL);
		if (!schema)
			return ta_fail(err, TA_E_NOMEM, "can't load the schema of packs");
		if (!source->json)
			continue;
		check.misshapen = json_object();
		if (!check.misshapen)
			return ta_fail(err, TA_E_NOMEM, "out of memory");
		ta_schema_check(schema, source->json, TA_SCHEMA_CLOSED, report_shape, &check);
		source->misshapen = check.misshapen;
		if (!json_is_object(source->json)) {
			json_decref(source->json);
			source->json = NULL;
		}
	}
	return true;
}

/* ---- parameters -------------------------------------------------------------------- */

static struct ta_pack *find_pack(struct ta_rules *rules, const char *name, size_t len)
{
	for (size_t i = 0; i < rules->pack_count; i++)
		if (strlen(rules->packs[i].name) == len &&
		    memcmp(rules->packs[i].name, name, len) == 0)
			return &rules->packs[i];
	return NULL;
}

static void mistake_at(struct ta_rules *rules, const struct ta_source *source, const char *pointer,
		       const char *text, const char *hint)
{
	struct ta_place place = { .pointer = pointer };

	ta_mistake(&rules->mistakes, source, &place, text, hint);
}

static json_t *params_of(const json_t *pack)
{
	json_t *params = json_object(), *param;
	const char *name;

	json_object_foreach (json_object_get(pack, "params"), name, param) {
		json_t *value = json_object_get(param, "value");

		if (json_object_set_new(params, name, value ? json_incref(value) : json_null())) {
			json_decref(params);
			return NULL;
		}
	}
	return params;
}

/* A file's pack takes the place of the one compiled in under that name: so a pack can be worked
 * on without a build. Two files with the same pack are a mistake. */
static bool add_pack(struct ta_rules *rules, struct ta_pack *pack)
{
	struct ta_pack *known = find_pack(rules, pack->name, strlen(pack->name));
	char text[200];

	if (known && ta_source_is_builtin(known->source) && !ta_source_is_builtin(pack->source)) {
		pack_done(known);
		*known = *pack;
		return true;
	}
	if (known) {
		snprintf(text, sizeof(text), "there is a pack '%.100s' already", pack->name);
		mistake_at(rules, pack->source, "/pack", text, "");
		pack_done(pack);
		return true;
	}
	if (!grow(&rules->packs, rules->pack_count, sizeof(*pack)))
		return false;
	rules->packs[rules->pack_count++] = *pack;
	return true;
}

static bool make_packs(struct ta_rules *rules, struct ta_error *err)
{
	for (size_t i = 0; i < rules->source_count; i++) {
		struct ta_pack pack = { .source = rules->sources[i] };

		if (!pack.source->json)
			continue;
		pack.name = json_string_value(json_object_get(pack.source->json, "pack"));
		if (!pack.name)
			pack.name = pack.source->name;
		pack.params = params_of(pack.source->json);
		pack.params_from = json_object();
		if (!pack.params || !pack.params_from || !add_pack(rules, &pack)) {
			pack_done(&pack);
			return ta_fail(err, TA_E_NOMEM, "out of memory");
		}
	}
	return true;
}

/* The pack and parameter that "pack.name" or a unique "name" means; NULL with *err. */
static struct ta_pack *find_param(struct ta_rules *rules, const char *name, const char **ret_param,
				  struct ta_error *err)
{
	const char *dot = strchr(name, '.');
	struct ta_pack *pack = dot ? find_pack(rules, name, (size_t)(dot - name)) : NULL;
	struct ta_nearest nearest;
	const char *known;
	json_t *unused;
	size_t found = 0;

	*ret_param = dot ? dot + 1 : name;
	ta_nearest_start(&nearest, *ret_param, strlen(*ret_param));
	for (size_t i = 0; i < rules->pack_count; i++) {
		if (dot && pack != &rules->packs[i])
			continue;
		json_object_foreach (rules->packs[i].params, known, unused)
			ta_nearest_offer(&nearest, known);
		if (json_object_get(rules->packs[i].params, *ret_param)) {
			pack = &rules->packs[i];
			found++;
		}
	}
	if (found == 1)
		return pack;
	if (found > 1)
		ta_fail(err, TA_E_INPUT, "parameter '%s' is in several packs; say pack.%s", name,
			name);
	else if (dot && !pack)
		ta_fail(err, TA_E_INPUT, "no pack '%.*s'", (int)(dot - name), name);
	else if (ta_nearest_result(&nearest))
		ta_fail(err, TA_E_INPUT, "no parameter '%s'; did you mean '%s'?", name,
			ta_nearest_result(&nearest));
	else
		ta_fail(err, TA_E_INPUT, "no parameter '%s'", name);
	return NULL;
}

/* A parameter keeps its type; an integer will do where a real is meant. */
static bool set_param(struct ta_rules *rules, const char *name, json_t *value, const char *from,
		      struct ta_error *err)
{
	const char *param;
	struct ta_pack *pack = find_param(rules, name, &param, err);
	const json_t *old = pack ? json_object_get(pack->params, param) : NULL;
	int failed;

	if (!pack)
		return false;
	if (json_is_real(old) && json_is_number(value))
		failed = json_object_set_new(pack->params, param,
					     json_real(json_number_value(value)));
	else if (json_typeof(old) == json_typeof(value) ||
		 (json_is_boolean(old) && json_is_boolean(value)))
		failed = json_object_set(pack->params, param, value);
	else
		return ta_fail(err, TA_E_INPUT, "parameter '%s' is %s", name,
			       json_is_integer(old)   ? "a whole number"
			       : json_is_real(old)    ? "a number"
			       : json_is_boolean(old) ? "true or false"
						      : "a string");
	failed |= json_object_set_new(pack->params_from, param, json_string(from));
	return !failed || ta_fail(err, TA_E_NOMEM, "out of memory");
}

static bool override_params(struct ta_rules *rules, const struct ta_source *source,
			    struct ta_error *err)
{
	json_t *params = json_object_get(json_object_get(source->json, "override"), "params");
	struct ta_error own = TA_ERROR_INIT;
	char pointer[MAX_POINTER];
	const char *name;
	json_t *value;

	json_object_foreach (params, name, value) {
		snprintf(pointer, sizeof(pointer), "/override/params/%s", name);
		if (!set_param(rules, name, value, source->name, &own)) {
			if (own.code == TA_E_NOMEM)
				return ta_fail(err, TA_E_NOMEM, "out of memory");
			mistake_at(rules, source, pointer, own.text, "");
		}
		ta_error_clear(&own);
	}
	return true;
}

/* "60" is a number, "true" a boolean, all else a string. */
static json_t *assigned_value(const char *text)
{
	json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

	if (json_is_number(value) || json_is_boolean(value))
		return value;
	json_decref(value);
	return json_string(text);
}

static bool apply_assignments(struct ta_rules *rules, struct ta_error *err)
{
	const char *name;
	json_t *text;

	json_object_foreach (rules->assignments, name, text) {
		ta_auto(json_decref_p) json_t *value = assigned_value(json_string_value(text));

		if (!value)
			return ta_fail(err, TA_E_NOMEM, "out of memory");
		if (!set_param(rules, name, value, "--param", err)) {
			if (err)
				err->code = TA_E_USAGE;
			return ta_wrap(err, "--param");
		}
	}
	return true;
}

/* ---- rules ------------------------------------------------------------------------- */

/* Those of an index are compiled when their turn comes (words.h). */
static struct ta_rule *make_rule(struct ta_compilation *compilation, const struct ta_pack *pack,
				 const char *pointer, const json_t *json)
{
	return pack->source->is_index ? ta_rule_outline(pack, pointer, json)
				      : ta_rule_new(compilation, pack, pointer, json);
}

static bool add_rule(struct ta_rules *rules, struct ta_compilation *compilation,
		     const struct ta_pack *pack, const char *pointer, const json_t *json)
{
	const char *id = ta_json_text(json, "id");
	const struct ta_rule *known = *id ? ta_rules_find(rules, id) : NULL;
	char at[MAX_POINTER], text[300];
	struct ta_rule *rule;

	if (known) {
		snprintf(at, sizeof(at), "%s/id", pointer);
		snprintf(text, sizeof(text), "there is a rule '%.100s' already, in %.150s", id,
			 known->pack->source->name);
		mistake_at(rules, pack->source, at, text, "");
		return true;
	}
	rule = make_rule(compilation, pack, pointer, json);
	if (!rule || !grow(&rules->rules, rules->rule_count, sizeof(rule))) {
		ta_rule_free(rule);
		return false;
	}
	rules->rules[rules->rule_count] = rule;
	if (*id && json_object_set_new(rules->by_id, id,
				       json_integer((json_int_t)rules->rule_count)) < 0) {
		ta_rule_free(rule);
		return false;
	}
	rules->rule_count++;
	return true;
}

static bool compile_pack(struct ta_rules *rules, const struct ta_pack *pack)
{
	struct ta_compilation compilation = { .vocabulary = &rules->vocabulary,
					      .types = rules->vocabulary.types,
					      .source = pack->source,
					      .mistakes = &rules->mistakes };
	char pointer[64];
	bool ok = true;
	size_t i;
	json_t *json;

	json_array_foreach (json_object_get(pack->source->json, "rules"), i, json) {
		snprintf(pointer, sizeof(pointer), "/rules/%zu", i);
		if (ok && json_is_object(json))
			ok = add_rule(rules, &compilation, pack, pointer, json);
	}
	ta_compilation_done(&compilation);
	return ok;
}

static bool compile_rules(struct ta_rules *rules, struct ta_error *err)
{
	for (size_t i = 0; i < rules->pack_count; i++)
		if (!compile_pack(rules, &rules->packs[i]))
			return ta_fail(err, TA_E_NOMEM, "out of memory");
	return true;
}

static void unknown_rule(struct ta_rules *rules, const struct ta_source *source,
			 const char *pointer, const char *id)
{
	struct ta_nearest nearest;
	char text[200], hint[200] = "";

	ta_nearest_start(&nearest, id, strlen(id));
	for (size_t i = 0; i < rules->rule_count; i++)
		ta_nearest_offer(&nearest, rules->rules[i]->id);
	snprintf(text, sizeof(text), "no rule '%.150s'", id);
	if (ta_nearest_result(&nearest))
		snprintf(hint, sizeof(hint), "did you mean '%s'?", ta_nearest_result(&nearest));
	mistake_at(rules, source, pointer, text, hint);
}

/* A walk from a rule over what it explains, each rule once. */
struct walk {
	size_t *seen; /* by rule: the walk that saw it, counted from 1 */
	size_t *todo; /* rules whose "explains" is still to be followed */
	size_t todo_count;
};

static void follow(const struct ta_rules *rules, struct walk *walk, size_t number, size_t from)
{
	size_t i;
	json_t *id;

	json_array_foreach (json_object_get(rules->rules[from]->json, "explains"), i, id) {
		size_t to = json_is_string(id) ? ta_rules_place(rules, json_string_value(id))
					       : rules->rule_count;

		if (to == rules->rule_count || walk->seen[to] == number)
			continue;
		walk->seen[to] = number;
		walk->todo[walk->todo_count++] = to;
	}
}

static bool explains_itself(const struct ta_rules *rules, struct walk *walk, size_t rule)
{
	walk->todo_count = 0;
	follow(rules, walk, rule + 1, rule);
	while (walk->todo_count && walk->seen[rule] != rule + 1)
		follow(rules, walk, rule + 1, walk->todo[--walk->todo_count]);
	return walk->seen[rule] == rule + 1;
}

/* The ids in a member of the rule. */
static void check_ids(struct ta_rules *rules, const struct ta_rule *rule, const char *member)
{
	char pointer[MAX_POINTER];
	size_t i;
	json_t *id;

	json_array_foreach (json_object_get(rule->json, member), i, id) {
		snprintf(pointer, sizeof(pointer), "%s/%s/%zu", rule->pointer, member, i);
		if (json_is_string(id) && !ta_rules_find(rules, json_string_value(id)))
			unknown_rule(rules, rule->pack->source, pointer, json_string_value(id));
	}
}

static bool is_let_used(const struct ta_rules *rules, const struct ta_pack *pack, const char *name)
{
	for (size_t i = 0; i < rules->rule_count; i++)
		if (rules->rules[i]->pack == pack &&
		    json_object_get(rules->rules[i]->all_lets, name) &&
		    !json_object_get(json_object_get(rules->rules[i]->json, "let"), name))
			return true;
	return false;
}

/* A let of a pack that nobody needs is not even compiled. */
static void check_shared_lets(struct ta_rules *rules)
{
	for (size_t i = 0; i < rules->pack_count; i++) {
		const struct ta_pack *pack = &rules->packs[i];
		char pointer[MAX_POINTER];
		const char *name;
		json_t *unused;

		json_object_foreach (json_object_get(pack->source->json, "let"), name, unused) {
			if (is_let_used(rules, pack, name))
				continue;
			snprintf(pointer, sizeof(pointer), "/let/%s", name);
			mistake_at(rules, pack->source, pointer, "no rule of the pack needs it",
				   "");
		}
	}
}

static bool check_references(struct ta_rules *rules)
{
	size_t count = rules->rule_count + 1;
	ta_auto_free size_t *seen = calloc(count, sizeof(*seen));
	ta_auto_free size_t *todo = calloc(count, sizeof(*todo));
	struct walk walk = { seen, todo, 0 };

	if (!seen || !todo)
		return false;
	for (size_t i = 0; i < rules->rule_count; i++) {
		const struct ta_rule *rule = rules->rules[i];
		char pointer[MAX_POINTER];

		check_ids(rules, rule, "explains");
		check_ids(rules, rule, "yields_to");
		snprintf(pointer, sizeof(pointer), "%s/explains", rule->pointer);
		if (explains_itself(rules, &walk, i))
			mistake_at(rules, rule->pack->source, pointer,
				   "the rule explains itself, directly or by others", "");
	}
	return true;
}

static bool gather_silences(struct ta_rules *rules, const struct ta_source *source,
			    struct ta_error *err)
{
	json_t *list = json_object_get(json_object_get(source->json, "override"), "silence");
	size_t i;
	json_t *row;

	json_array_foreach (list, i, row) {
		struct ta_silence silence = {
			.rule = json_string_value(json_object_get(row, "rule")),
			.object = json_string_value(json_object_get(row, "object")),
			.reason = json_string_value(json_object_get(row, "reason")),
			.until = json_string_value(json_object_get(row, "until")),
			.source = source,
		};
		char pointer[64];

		snprintf(pointer, sizeof(pointer), "/override/silence/%zu/rule", i);
		if (silence.rule && !ta_rules_find(rules, silence.rule))
			unknown_rule(rules, source, pointer, silence.rule);
		if (!grow(&rules->silences, rules->silence_count, sizeof(silence)))
			return ta_fail(err, TA_E_NOMEM, "out of memory");
		rules->silences[rules->silence_count++] = silence;
	}
	return true;
}

static bool apply_overrides(struct ta_rules *rules, struct ta_error *err)
{
	for (size_t i = 0; i < rules->source_count; i++)
		if (rules->sources[i]->json && !override_params(rules, rules->sources[i], err))
			return false;
	return apply_assignments(rules, err);
}

static bool gather_all_silences(struct ta_rules *rules, struct ta_error *err)
{
	for (size_t i = 0; i < rules->source_count; i++)
		if (rules->sources[i]->json && !gather_silences(rules, rules->sources[i], err))
			return false;
	return true;
}

bool ta_rules_finish(struct ta_rules *rules, struct ta_rule_mistakes *mistakes,
		     struct ta_error *err)
{
	if (!ta_vocabulary_init(&rules->vocabulary, err) || !check_shapes(rules, err) ||
	    !make_packs(rules, err) || !apply_overrides(rules, err) || !compile_rules(rules, err) ||
	    !gather_all_silences(rules, err))
		return false;
	if (!check_references(rules))
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	if (rules->thorough)
		check_shared_lets(rules);
	if (rules->thorough && rules->mistakes.count == 0 &&
	    !ta_rules_check_agreement(rules, &rules->mistakes))
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	rules->finished = rules->mistakes.count == 0;
	mistakes->count = rules->mistakes.count;
	return ta_buf_finish(&rules->mistakes.text, &mistakes->text, err) && rules->finished;
}

/* ---- description ------------------------------------------------------------------- */

/* Whether a text of the rule says params.NAME. */
static bool reads_param(const json_t *rule, const char *name)
{
	char param[MAX_POINTER];

	snprintf(param, sizeof(param), "params.%s", name);
	return ta_json_any_string(rule, ta_text_names, param);
}

/* {value, from, default, unit, basis}: the last two as the pack says, "default" where overridden.
 */
static json_t *describe_param(const struct ta_pack *pack, const char *name, const json_t *said)
{
	json_t *json = ta_json_copy(said);
	json_t *value = json_object_get(pack->params, name);
	json_t *from = json_object_get(pack->params_from, name);
	bool ok =
		(!from || json_object_set(json, "default", json_object_get(said, "value")) == 0) &&
		json_object_set(json, "value", value) == 0 &&
		ta_json_set(json, "from",
			    from ? json_incref(from) : json_string(pack->source->name));

	if (ok)
		return json;
	json_decref(json);
	return NULL;
}

json_t *ta_pack_params(const struct ta_pack *pack, const json_t *rule)
{
	json_t *params = json_object(), *said;
	const char *name;
	bool ok = params != NULL;

	json_object_foreach (json_object_get(pack->source->json, "params"), name, said)
		if (ok && (!rule || reads_param(rule, name)))
			ok = ta_json_set(params, name, describe_param(pack, name, said));
	if (ok)
		return params;
	json_decref(params);
	return NULL;
}

/* The silences that the rule's findings meet. */
static json_t *describe_silences(const struct ta_rules *rules, const struct ta_rule *rule)
{
	json_t *list = json_array();

	for (size_t i = 0; i < rules->silence_count; i++) {
		const struct ta_silence *silence = &rules->silences[i];
		json_t *row;

		if (strcmp(silence->rule, rule->id) != 0)
			continue;
		row = json_pack("{s:s, s:s, s:s*, s:s*}", "reason", silence->reason, "by",
				silence->source->name, "object", silence->object, "until",
				silence->until);
		if (json_array_append_new(list, row) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *describe(const struct ta_rules *rules, const struct ta_rule *rule)
{
	json_t *json = ta_json_copy(rule->json);

	if (json_object_set(json, "let", rule->all_lets) == 0 &&
	    ta_json_set(json, "pack", json_string(rule->pack->name)) &&
	    ta_json_set(json, "origin", json_string(rule->pack->source->name)) &&
	    ta_json_set(json, "scope", json_string(rule->kind)) &&
	    ta_json_set(json, "params", ta_pack_params(rule->pack, json)) &&
	    ta_json_set(json, "silences", describe_silences(rules, rule)))
		return json;
	json_decref(json);
	return NULL;
}

json_t *ta_rules_params(const struct ta_rules *rules)
{
	json_t *params = json_object();
	bool ok = params;

	for (size_t i = 0; ok && i < rules->pack_count; i++)
		ok = json_object_set(params, rules->packs[i].name, rules->packs[i].params) == 0;
	if (ok)
		return params;
	json_decref(params);
	return NULL;
}

json_t *ta_rules_describe(const struct ta_rules *rules)
{
	json_t *list = json_array();

	for (size_t i = 0; i < rules->rule_count; i++)
		if (json_array_append_new(list, describe(rules, rules->rules[i])) < 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}
