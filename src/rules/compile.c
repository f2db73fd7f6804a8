/* compile.c - see compile.h. The schema has checked the pack's shape before: here only what it
 * can't say is checked, the expressions above all. A member that is missing or of another type was
 * reported there, and is passed over. */
#include "rules/compile.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"
#include "expr/env.h"
#include "rules/form.h"
#include "rules/lets.h"

enum { MAX_POINTER = 512 };

/* ---- places and mistakes ----------------------------------------------------------- */

static void path(char *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void path(char *buf, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(buf, MAX_POINTER, fmt, args);
	va_end(args);
}

/* path(buf, "%s/%s", pointer, member), which is needed for each expression of each start. */
static void join(char *buf, const char *pointer, const char *member)
{
	size_t len = strnlen(pointer, MAX_POINTER - 2);
	size_t more = strnlen(member, MAX_POINTER - 2 - len);

	memcpy(buf, pointer, len);
	buf[len] = '/';
	memcpy(buf + len + 1, member, more);
	buf[len + 1 + more] = '\0';
}

static void mistake_at(struct ta_compilation *c, const char *pointer, const char *text)
{
	struct ta_place place = { .pointer = pointer };

	ta_mistake(c->mistakes, c->source, &place, text, "");
}

static void *allocate(struct ta_compilation *c, size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size);

	if (!memory)
		c->failed = true;
	return memory;
}

/* ---- expressions ------------------------------------------------------------------- */

static bool kind_fits(enum ta_kind found, enum ta_kind wanted)
{
	if (wanted == TA_DYN || found == TA_DYN || found == wanted)
		return true;
	/* a number is wanted */
	return wanted == TA_DOUBLE && (found == TA_INT || found == TA_UINT);
}

static void check_result(struct ta_compilation *c, const struct ta_place *place,
			 const struct ta_expr *expr, enum ta_kind wanted)
{
	static const char *const words[] = {
		[TA_BOOL] = "a condition (bool)", [TA_LIST] = "a list", [TA_DOUBLE] = "a number"
	};
	char type[128], text[256];

	if (kind_fits(ta_type_kind(ta_expr_type(expr)), wanted))
		return;
	ta_type_name(ta_expr_type(expr), type, sizeof(type));
	snprintf(text, sizeof(text), "expected %s, the expression gives %s", words[wanted], type);
	ta_mistake(c->mistakes, c->source, place, text, "");
}

struct ta_expr *ta_compile_expr(struct ta_compilation *c, const char *pointer, const char *text,
				size_t offset, size_t len, enum ta_kind wanted)
{
	struct ta_diags diags = { 0 };
	struct ta_place place = {
		.pointer = pointer, .in_string = true, .offset = offset, .length = len
	};
	struct ta_expr *expr = ta_expr_compile(c->env, TA_CHECK_STRICT, text + offset, len, &diags);

	for (size_t i = 0; i < diags.count && !diags.no_memory; i++) {
		struct ta_place part = place;

		part.offset = offset + diags.items[i].offset;
		part.length = diags.items[i].length;
		ta_mistake(c->mistakes, c->source, &part, diags.items[i].text, diags.items[i].hint);
	}
	c->failed |= diags.no_memory;
	if (expr)
		check_result(c, &place, expr, wanted);
	ta_diags_done(&diags);
	return expr;
}

/* The expression in a member of an object, or NULL when there is no such member or no text. */
static struct ta_expr *member_expr(struct ta_compilation *c, const char *pointer,
				   const json_t *object, const char *name, enum ta_kind wanted)
{
	const json_t *value = json_object_get(object, name);
	char at[MAX_POINTER];

	if (!json_is_string(value))
		return NULL;
	join(at, pointer, name);
	return ta_compile_expr(c, at, json_string_value(value), 0, json_string_length(value),
			       wanted);
}

static struct ta_form *member_form(struct ta_compilation *c, const char *pointer,
				   const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);
	char at[MAX_POINTER];

	if (!value)
		return NULL;
	join(at, pointer, name);
	return ta_form_new(c, at, value);
}

/* ---- variables --------------------------------------------------------------------- */

static const struct ta_type *params_type(struct ta_compilation *c, const struct ta_pack *pack)
{
	struct ta_type *object = ta_type_object(c->types, "params");
	const char *name;
	json_t *value;

	json_object_foreach (pack->params, name, value)
		if (!object || !ta_type_field(c->types, object, name, ta_vocabulary_type_of(value)))
			c->failed = true;
	return object;
}

static void declare(struct ta_compilation *c, const char *pointer, const char *name,
		    const struct ta_type *type)
{
	struct ta_error err = TA_ERROR_INIT;

	if (!type || (!ta_env_declare(c->env, name, type, &err) && err.code == TA_E_NOMEM))
		c->failed = true;
	else if (err.code)
		mistake_at(c, pointer, err.text);
}

const char *const ta_slot_members[TA_SLOT_PARAMS] = {
	[TA_SLOT_HOST] = "host",
	[TA_SLOT_FILES] = "files",
	[TA_SLOT_PROCESSES] = "processes",
	[TA_SLOT_NAMESPACES] = "namespaces",
	[TA_SLOT_COLLECTION] = "collection",
	[TA_SLOT_KERNEL_LOG] = "kernel_log",
	[TA_SLOT_SETTINGS] = "settings",
	[TA_SLOT_LIMITS] = "limits",
	[TA_SLOT_REPORTED] = "reported",
};

/* The variables that all rules of the pack have; those of one rule come behind them. */
static void declare_snapshot(struct ta_compilation *c, const struct ta_pack *pack,
			     const char *pointer)
{
	if (c->env)
		return;
	c->env = ta_env_new();
	if (!c->env) {
		c->failed = true;
		return;
	}
	for (size_t i = 0; i < TA_SLOT_PARAMS; i++)
		declare(c, pointer, ta_slot_members[i],
			ta_type_get(c->vocabulary->snapshot, ta_slot_members[i]));
	declare(c, pointer, "params", params_type(c, pack));
	declare(c, pointer, "ns", c->vocabulary->namespace_);
}

static void compile_for_each(struct ta_compilation *c, struct ta_rule *rule, const char *pointer)
{
	const json_t *for_each = json_object_get(rule->json, "for_each");
	const struct ta_type *element = ta_type_scalar(TA_DYN);
	const char *name;
	json_t *list;
	char at[MAX_POINTER];

	if (!for_each)
		return;
	join(at, pointer, "for_each");
	json_object_foreach ((json_t *)for_each, name, list) {
		rule->element = name;
		rule->for_each = member_expr(c, at, for_each, name, TA_LIST);
		break;
	}
	if (!rule->element)
		return;
	if (rule->for_each && ta_type_kind(ta_expr_type(rule->for_each)) == TA_LIST)
		element = ta_type_element(ta_expr_type(rule->for_each));
	declare(c, at, rule->element, element);
}

/* ---- let --------------------------------------------------------------------------- */

enum { LETS_DEEP = 64 }; /* the schema allows no more in a rule, nor in a pack */

/* A let that is waiting for those that it names. */
struct open_let {
	const char *name;
	const struct open_let *outer;
	unsigned depth;
};

struct let_order {
	struct ta_compilation *c;
	struct ta_rule *rule;
	const json_t *own;   /* the rule's, as the pack has it */
	const char *pointer; /* of the rule's; those of the pack are at "/let" */
	const struct open_let *open;
	bool cyclic; /* or too deep; said, and what follows from it is not */
};

static bool is_open(const struct let_order *order, const char *name)
{
	for (const struct open_let *let = order->open; let; let = let->outer)
		if (strcmp(let->name, name) == 0)
			return true;
	return false;
}

static bool is_compiled(const struct ta_rule *rule, const char *name)
{
	for (size_t i = 0; i < rule->let_count; i++)
		if (strcmp(rule->lets[i].name, name) == 0)
			return true;
	return false;
}

static void visit_let(struct let_order *order, const char *name);

/* Compiles the lets that the expression names. */
static void visit_named(void *ctx, const char *expression, size_t len)
{
	struct let_order *order = ctx;
	struct ta_slice variable;
	size_t at = 0;

	while (ta_next_variable(expression, len, &at, &variable)) {
		const char *name = ta_let_find(order->rule->all_lets, variable);

		if (name)
			visit_let(order, name);
	}
}

static void visit_let(struct let_order *order, const char *name)
{
	const char *pointer = json_object_get(order->own, name) ? order->pointer : "/let";
	struct ta_rule *rule = order->rule;
	const char *text = ta_json_text(rule->all_lets, name);
	struct open_let open = { name, order->open, order->open ? order->open->depth + 1 : 1 };
	char at[MAX_POINTER], mistake[200];
	struct ta_expr *value;

	if (is_compiled(rule, name) || order->c->failed)
		return;
	join(at, pointer, name);
	if (is_open(order, name))
		snprintf(mistake, sizeof(mistake), "let '%s' needs itself, directly or by others",
			 name);
	else if (open.depth > LETS_DEEP)
		snprintf(mistake, sizeof(mistake), "let '%s' is needed by a chain of more than %d",
			 name, LETS_DEEP);
	else
		*mistake = '\0';
	if (*mistake) {
		if (!order->cyclic)
			mistake_at(order->c, at, mistake);
		order->cyclic = true;
		return;
	}
	order->open = &open;
	visit_named(order, text, strlen(text));
	order->open = open.outer;
	value = order->cyclic ? NULL : ta_compile_expr(order->c, at, text, 0, strlen(text), TA_DYN);
	declare(order->c, at, name, value ? ta_expr_type(value) : ta_type_scalar(TA_DYN));
	rule->lets[rule->let_count++] = (struct ta_let){ name, value };
}

/* A rule without its words: of its lets only those that its conditions, and what it says when it
 * passes, need are worth compiling. */
static bool is_index(const struct ta_rule *rule)
{
	return !json_object_get(rule->json, "title");
}

static void visit_all(struct let_order *order)
{
	const char *name;
	json_t *unused;

	json_object_foreach (order->rule->all_lets, name, unused)
		visit_let(order, name);
}

static void compile_lets(struct ta_compilation *c, struct ta_rule *rule, const char *pointer)
{
	char at[MAX_POINTER];
	struct let_order order = {
		.c = c, .rule = rule, .own = json_object_get(rule->json, "let"), .pointer = at
	};

	join(at, pointer, "let");
	rule->all_lets = ta_lets_of(rule->pack->source->json, rule->json);
	rule->lets = allocate(c, 2 * json_object_size(rule->all_lets), sizeof(*rule->lets));
	if (!rule->all_lets || !rule->lets)
		c->failed = true;
	else if (json_object_size(rule->all_lets) > 2 * LETS_DEEP)
		return; /* the schema has said so */
	else if (is_index(rule))
		ta_each_expression_but_lets(rule->json, visit_named, &order);
	else
		visit_all(&order);
}

/* Whether the expression names one of the lets from this one on. */
static bool names_one_from(const struct ta_rule *rule, size_t first, const char *expression)
{
	for (size_t i = first; i < rule->let_count; i++)
		if (ta_names_variable(expression, rule->lets[i].name))
			return true;
	return false;
}

/* For texts in another language: the lets whose strings are words, and those that are made of them,
 * once more. What was compiled before, conditions and identities, keeps to the English ones: what
 * is found must not depend on who reads it. */
static void speak_lets(struct ta_compilation *c, struct ta_rule *rule, const char *pointer)
{
	size_t english = rule->let_count;
	char at[MAX_POINTER];

	for (size_t i = 0; i < english; i++) {
		const char *name = rule->lets[i].name;
		const char *text = ta_json_text(rule->all_lets, name), *said = _(text);
		struct ta_expr *value;

		if (said == text && !names_one_from(rule, english, text))
			continue;
		path(at, "%s/let/%s", pointer, name);
		ta_env_hide(c->env, name);
		value = ta_compile_expr(c, at, said, 0, strlen(said), TA_DYN);
		declare(c, at, name, value ? ta_expr_type(value) : ta_type_scalar(TA_DYN));
		rule->lets[rule->let_count++] = (struct ta_let){ name, value };
	}
}

/* ---- the parts of a rule ----------------------------------------------------------- */

static struct ta_choices compile_choices(struct ta_compilation *c, const struct ta_rule *rule,
					 const char *pointer, const char *member)
{
	const json_t *list = json_object_get(rule->json, member);
	struct ta_choices choices = { 0 };
	char at[MAX_POINTER];
	size_t i;
	json_t *choice;

	choices.items = allocate(c, json_is_array(list) ? json_array_size(list) : 1,
				 sizeof(*choices.items));
	if (!choices.items)
		return choices;
	if (json_is_string(list))
		choices.items[choices.count++].word = json_string_value(list);
	json_array_foreach (list, i, choice) {
		path(at, "%s/%s/%zu", pointer, member, i);
		choices.items[choices.count++] = (struct ta_choice){
			.word = json_string_value(json_object_get(choice, "level")),
			.when = member_expr(c, at, choice, "when", TA_BOOL),
		};
	}
	return choices;
}

static void compile_evidence(struct ta_compilation *c, struct ta_rule *rule, const char *pointer)
{
	const json_t *list = json_object_get(rule->json, "evidence");
	char at[MAX_POINTER];
	size_t i;
	json_t *row;

	rule->evidence = allocate(c, json_array_size(list), sizeof(*rule->evidence));
	if (!rule->evidence)
		return;
	json_array_foreach (list, i, row) {
		path(at, "%s/evidence/%zu", pointer, i);
		rule->evidence[rule->evidence_count++] = (struct ta_evidence){
			.label = json_string_value(json_object_get(row, "label")),
			.unit = json_string_value(json_object_get(row, "unit")),
			.source = json_string_value(json_object_get(row, "source")),
			.value = member_expr(c, at, row, "value", TA_DYN),
			.limit = member_expr(c, at, row, "limit", TA_DYN),
			.when = member_expr(c, at, row, "when", TA_BOOL),
		};
	}
}

/* A fix without the members that have a meaning of their own: what is left are words. */
static json_t *words_of(const json_t *fix)
{
	static const char *const own[] = { "kind", "when",     "set", "limit",
					   "code", "commands", "risk" };
	json_t *words = ta_json_copy(fix);

	for (size_t i = 0; words && i < TA_ARRAY_SIZE(own); i++)
		json_object_del(words, own[i]);
	return words;
}

static void compile_fixes(struct ta_compilation *c, struct ta_rule *rule, const char *pointer)
{
	const json_t *list = json_object_get(rule->json, "fixes");
	char at[MAX_POINTER];
	size_t i;
	json_t *fix;

	rule->fixes = allocate(c, json_array_size(list), sizeof(*rule->fixes));
	if (!rule->fixes)
		return;
	json_array_foreach (list, i, fix) {
		struct ta_fix *compiled = &rule->fixes[rule->fix_count++];

		path(at, "%s/fixes/%zu", pointer, i);
		compiled->json = fix;
		compiled->words_json = words_of(fix);
		if (!compiled->words_json)
			c->failed = true;
		compiled->when = member_expr(c, at, fix, "when", TA_BOOL);
		compiled->settings = member_form(c, at, fix, "set");
		compiled->limit = member_form(c, at, fix, "limit");
		compiled->commands = member_form(c, at, fix, "commands");
		compiled->words = ta_form_new(c, at, compiled->words_json);
	}
}

static void compile_avoid(struct ta_compilation *c, struct ta_rule *rule, const char *pointer)
{
	const json_t *list = json_object_get(rule->json, "avoid");
	char at[MAX_POINTER];
	size_t i;
	json_t *row;

	rule->avoid = allocate(c, json_array_size(list), sizeof(*rule->avoid));
	if (!rule->avoid)
		return;
	json_array_foreach (list, i, row) {
		path(at, "%s/avoid/%zu", pointer, i);
		rule->avoid[rule->avoid_count++] = (struct ta_avoid){
			.setting = json_string_value(json_object_get(row, "setting")),
			.why = member_form(c, at, row, "why"),
			.when = member_expr(c, at, row, "when", TA_BOOL),
		};
	}
}

/* ---- scope ------------------------------------------------------------------------- */

/* Each expression that decides, and every let: whether one of them reads ns makes the rule one of
 * namespaces. */
static bool reads_namespace(const struct ta_rule *rule)
{
	const struct ta_expr *deciding[] = { rule->applies, rule->for_each, rule->where,
					     rule->rank };
	const char *name;
	json_t *let;

	for (size_t i = 0; i < TA_ARRAY_SIZE(deciding); i++)
		if (deciding[i] && ta_expr_uses(deciding[i], TA_SLOT_NS))
			return true;
	json_object_foreach (rule->all_lets, name, let)
		if (json_is_string(let) && ta_names_variable(json_string_value(let), "ns"))
			return true;
	for (size_t i = 0; i < rule->severity.count; i++)
		if (rule->severity.items[i].when &&
		    ta_expr_uses(rule->severity.items[i].when, TA_SLOT_NS))
			return true;
	return false;
}

static const char *scope_kind(const struct ta_rule *rule)
{
	static const char *const kinds[] = { "process", "listener", "destination" };
	const struct ta_type *list = rule->for_each ? ta_expr_type(rule->for_each) : NULL;
	char name[64] = "";

	if (list && ta_type_kind(list) == TA_LIST)
		ta_type_name(ta_type_element(list), name, sizeof(name));
	for (size_t i = 0; i < TA_ARRAY_SIZE(kinds); i++)
		if (strcmp(name, kinds[i]) == 0)
			return kinds[i];
	return rule->per_namespace ? "namespace" : "host";
}

/* ---- the rule ---------------------------------------------------------------------- */

struct ta_rule *ta_rule_free(struct ta_rule *rule)
{
	if (!rule)
		return NULL;
	for (size_t i = 0; i < rule->let_count; i++)
		ta_expr_free(rule->lets[i].value);
	for (size_t i = 0; i < rule->severity.count; i++)
		ta_expr_free(rule->severity.items[i].when);
	for (size_t i = 0; i < rule->confidence.count; i++)
		ta_expr_free(rule->confidence.items[i].when);
	for (size_t i = 0; i < rule->evidence_count; i++) {
		ta_expr_free(rule->evidence[i].value);
		ta_expr_free(rule->evidence[i].limit);
		ta_expr_free(rule->evidence[i].when);
	}
	for (size_t i = 0; i < rule->fix_count; i++) {
		ta_expr_free(rule->fixes[i].when);
		ta_form_free(rule->fixes[i].settings);
		ta_form_free(rule->fixes[i].limit);
		ta_form_free(rule->fixes[i].commands);
		ta_form_free(rule->fixes[i].words);
		json_decref(rule->fixes[i].words_json);
	}
	for (size_t i = 0; i < rule->avoid_count; i++) {
		ta_form_free(rule->avoid[i].why);
		ta_expr_free(rule->avoid[i].when);
	}
	ta_expr_free(rule->applies);
	ta_expr_free(rule->for_each);
	ta_expr_free(rule->where);
	ta_expr_free(rule->rank);
	ta_form_free(rule->object);
	ta_form_free(rule->identity);
	ta_form_free(rule->title);
	ta_form_free(rule->diagnosis);
	ta_form_free(rule->passed);
	json_decref(rule->all_lets);
	free(rule->lets);
	free(rule->severity.items);
	free(rule->confidence.items);
	free(rule->evidence);
	free(rule->fixes);
	free(rule->avoid);
	free(rule->pointer);
	ta_needs_done(&rule->needs);
	free(rule);
	return NULL;
}

struct ta_rule *ta_rule_outline(const struct ta_pack *pack, const char *pointer, const json_t *json)
{
	struct ta_rule *rule = calloc(1, sizeof(*rule));

	if (!rule || !(rule->pointer = strdup(pointer)))
		return ta_rule_free(rule);
	rule->pack = pack;
	rule->json = json;
	rule->id = ta_json_text(json, "id");
	rule->class_ = json_string_value(json_object_get(json, "class"));
	return rule;
}

/* What a finding is known by, to silences and to whoever compares reports, is English to all. */
static void compile_names(struct ta_compilation *c, struct ta_rule *rule, const char *pointer)
{
	const struct ta_language *reader = ta_language_use(NULL);

	rule->object = member_form(c, pointer, rule->json, "object");
	rule->identity = member_form(c, pointer, rule->json, "identity");
	ta_language_use(reader);
}

struct ta_rule *ta_rule_new(struct ta_compilation *c, const struct ta_pack *pack,
			    const char *pointer, const json_t *json)
{
	struct ta_rule *rule = ta_rule_outline(pack, pointer, json);

	declare_snapshot(c, pack, pointer);
	if (!rule || c->failed) {
		c->failed = true;
		return ta_rule_free(rule);
	}
	rule->applies = member_expr(c, pointer, json, "applies", TA_BOOL);
	compile_for_each(c, rule, pointer);
	compile_lets(c, rule, pointer);
	rule->where = member_expr(c, pointer, json, "where", TA_BOOL);
	rule->severity = compile_choices(c, rule, pointer, "severity");
	rule->confidence = compile_choices(c, rule, pointer, "confidence");
	rule->rank = member_expr(c, pointer, json, "rank", TA_DOUBLE);
	compile_names(c, rule, pointer);
	speak_lets(c, rule, pointer);
	rule->title = member_form(c, pointer, json, "title");
	rule->diagnosis = member_form(c, pointer, json, "diagnosis");
	rule->passed = member_form(c, pointer, json, "passed");
	compile_evidence(c, rule, pointer);
	compile_fixes(c, rule, pointer);
	compile_avoid(c, rule, pointer);
	rule->slots = ta_env_size(c->env);
	rule->per_namespace = reads_namespace(rule);
	rule->kind = scope_kind(rule);
	if (!is_index(rule) && !ta_needs_make(&rule->needs, rule, &c->vocabulary->commands))
		c->failed = true;
	ta_env_cut(c->env, TA_SLOT_ELEMENT);
	if (c->failed)
		return ta_rule_free(rule);
	return rule;
}

void ta_compilation_done(struct ta_compilation *c)
{
	c->env = ta_env_free(c->env);
}
