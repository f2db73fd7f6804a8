/* agreement.c - see agreement.h.
 *
 * Of each fix that sets something all that must be so when it is offered is gathered: the claims
 * (expr/look.h) of the rule's "applies", "where" and only severity and of the fix's own "when",
 * lets taken apart. Two fixes exclude each other when a claim of one contradicts one of the
 * other. Claims about the element of for_each prove nothing: two findings of one rule are about
 * two elements. */
#include "rules/agreement.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/text.h"
#include "expr/arena.h"
#include "expr/look.h"
#include "expr/value.h"
#include "rules/form.h"
#include "snapshot/release.h"
#include "snapshot/tunables.h"

enum { MAX_BYTES = 64 * 1024 * 1024, MAX_LET_DEPTH = 8, MAX_POINTER = 512, MAX_EXPANDED = 65536 };
enum { MAX_FACTS = 1000 }; /* of one fix; a rule of ours has some twenty */

/* A claim with its texts made comparable. */
struct fact {
	struct fact *next;
	const char *left, *right; /* right: "" when the value is known */
	enum ta_op op;
	struct ta_value value; /* or TA_UNBOUND */
};

/* One setting of one fix. */
struct advice {
	struct advice *next;
	const struct ta_rule *rule;
	size_t fix;
	const char *key, *value; /* value: as the pack writes it, {{ }} included */
	const bool *local;       /* by let of the rule: whether it speaks of the element */
	struct fact *facts;
	size_t fact_count;
};

struct agreement {
	const struct ta_rules *rules;
	struct ta_mistakes *mistakes;
	struct ta_arena arena;
	struct advice *all, **end;
	bool failed; /* memory ran out */
};

/* ---- texts that can be compared ---------------------------------------------------- */

/* A copy without blanks outside of quotes and with one kind of quotes. */
static const char *plain_text(struct agreement *a, const char *text, size_t len)
{
	char *copy = ta_arena_alloc(&a->arena, len + 1);
	size_t n = 0;
	char quote = '\0';

	if (!copy) {
		a->failed = true;
		return "";
	}
	for (size_t i = 0; i < len; i++) {
		bool is_quote = text[i] == '\'' || text[i] == '"';

		if (!quote && (text[i] == ' ' || text[i] == '\n'))
			continue;
		if (is_quote && (!quote || quote == text[i]))
			quote = quote ? '\0' : text[i];
		copy[n++] = (char)(is_quote ? '\'' : text[i]);
	}
	copy[n] = '\0';
	return copy;
}

/* Whether a name stands in the text as a word that is no field of something. */
static bool names(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = strstr(text, name); at; at = strstr(at + 1, name))
		if ((at == text || (!ta_text_is_word_byte(at[-1]) && at[-1] != '.')) &&
		    !ta_text_is_word_byte(at[len]))
			return true;
	return false;
}

static const struct ta_let *let_of(const struct ta_rule *rule, const char *name)
{
	for (size_t i = 0; i < rule->let_count; i++)
		if (strcmp(rule->lets[i].name, name) == 0)
			return &rule->lets[i];
	return NULL;
}

static bool speaks_of_element(const struct ta_rule *rule, const char *text, const bool *local,
			      size_t lets)
{
	if (rule->element && names(text, rule->element))
		return true;
	for (size_t i = 0; i < lets; i++)
		if (local[i] && names(text, rule->lets[i].name))
			return true;
	return false;
}

/* Which of the rule's lets speak of the element of for_each, themselves or by those before them;
 * NULL when memory ran out. */
static const bool *local_lets(struct agreement *a, const struct ta_rule *rule)
{
	bool *local = ta_arena_zero(&a->arena, rule->let_count * sizeof(*local));

	for (size_t i = 0; local && i < rule->let_count; i++)
		local[i] = rule->lets[i].value &&
			   speaks_of_element(rule, ta_expr_source(rule->lets[i].value), local, i);
	return local;
}

/* Whether a text speaks of the element, itself or by a let. */
static bool is_local(const struct advice *advice, const char *text)
{
	return speaks_of_element(advice->rule, text, advice->local, advice->rule->let_count);
}

/* ---- facts ------------------------------------------------------------------------- */

struct gathering {
	struct agreement *a;
	struct advice *advice;
	size_t depth;  /* lets that may still be taken apart, one in another */
	size_t claims; /* lets that were; with too many the others prove nothing */
};

/* "params.x" has a value of its own. */
static struct ta_value value_of_param(const struct ta_rule *rule, const char *text)
{
	static const char prefix[] = "params.";
	const json_t *value = NULL;

	if (strncmp(text, prefix, strlen(prefix)) == 0)
		value = json_object_get(rule->pack->params, text + strlen(prefix));
	return value ? ta_value_from_json(value) : TA_VALUE_UNBOUND;
}

static void add_fact(struct gathering *g, const char *left, enum ta_op op, const char *right,
		     struct ta_value value)
{
	const struct ta_rule *rule = g->advice->rule;
	struct fact *fact;

	if (g->advice->fact_count == MAX_FACTS || is_local(g->advice, left) ||
	    is_local(g->advice, right))
		return;
	fact = ta_arena_alloc(&g->a->arena, sizeof(*fact));
	if (!fact) {
		g->a->failed = true;
		return;
	}
	if (value.kind == TA_UNBOUND)
		value = value_of_param(rule, right);
	*fact = (struct fact){ g->advice->facts, left, right, op, value };
	g->advice->facts = fact;
	g->advice->fact_count++;
}

static void gather(struct gathering *g, const struct ta_expr *expr, bool is);

static void note_claim(void *ctx, const struct ta_claim *claim)
{
	struct gathering *g = ctx;
	const char *left = plain_text(g->a, claim->left, claim->left_len);
	const char *right = plain_text(g->a, claim->right, claim->right_len);
	const struct ta_let *let = let_of(g->advice->rule, left);

	add_fact(g, left, claim->op, right, claim->value);
	if (!let || !let->value || !g->depth || g->claims++ >= MAX_FACTS)
		return;
	g->depth--;
	if (!claim->right_len)
		gather(g, let->value, claim->value.as.boolean);
	else
		add_fact(g,
			 plain_text(g->a, ta_expr_source(let->value),
				    strlen(ta_expr_source(let->value))),
			 claim->op, right, claim->value);
	g->depth++;
}

static void gather(struct gathering *g, const struct ta_expr *expr, bool is)
{
	if (expr)
		ta_expr_claims(expr, is, note_claim, g);
}

static void add_advice(struct agreement *a, const struct ta_rule *rule, const bool *local,
		       size_t fix, const char *key, const char *value)
{
	struct advice *advice = ta_arena_zero(&a->arena, sizeof(*advice));
	struct gathering g = { a, advice, MAX_LET_DEPTH, 0 };

	if (!advice) {
		a->failed = true;
		return;
	}
	*advice = (struct advice){ NULL, rule, fix, key, value, local, NULL, 0 };
	gather(&g, rule->applies, true);
	gather(&g, rule->where, true);
	if (rule->severity.count == 1)
		gather(&g, rule->severity.items[0].when, true);
	gather(&g, rule->fixes[fix].when, true);
	*a->end = advice;
	a->end = &advice->next;
}

static void gather_all(struct agreement *a)
{
	for (size_t i = 0; i < a->rules->rule_count; i++) {
		const struct ta_rule *rule = a->rules->rules[i];
		const bool *local = local_lets(a, rule);

		for (size_t fix = 0; local && fix < rule->fix_count; fix++) {
			const char *key;
			json_t *value;

			json_object_foreach (json_object_get(rule->fixes[fix].json, "set"), key,
					     value)
				add_advice(a, rule, local, fix, key, json_string_value(value));
		}
		a->failed |= !local;
	}
}

/* ---- contradictions ---------------------------------------------------------------- */

static bool number_of(const struct ta_value *value, double *ret)
{
	switch (value->kind) {
	case TA_INT:
		*ret = (double)value->as.i;
		return true;
	case TA_UINT:
		*ret = (double)value->as.u;
		return true;
	case TA_DOUBLE:
		*ret = value->as.d;
		return true;
	default:
		return false;
	}
}

/* Whether "x op value" and "x op_b value_b" can't both hold. */
static bool exclude_numbers(enum ta_op op, double value, enum ta_op op_b, double value_b)
{
	bool below = op == TA_OP_LT || op == TA_OP_LE, above = op == TA_OP_GT || op == TA_OP_GE;

	if (op_b == TA_OP_EQ && op != TA_OP_EQ)
		return exclude_numbers(op_b, value_b, op, value);
	switch (op) {
	case TA_OP_EQ:
		return (op_b == TA_OP_EQ && value != value_b) ||
		       (op_b == TA_OP_NE && value == value_b) ||
		       (op_b == TA_OP_LT && value >= value_b) ||
		       (op_b == TA_OP_LE && value > value_b) ||
		       (op_b == TA_OP_GT && value <= value_b) ||
		       (op_b == TA_OP_GE && value < value_b);
	default:
		break;
	}
	if (below && (op_b == TA_OP_GT || op_b == TA_OP_GE))
		return value < value_b ||
		       (value == value_b && !(op == TA_OP_LE && op_b == TA_OP_GE));
	if (above && (op_b == TA_OP_LT || op_b == TA_OP_LE))
		return exclude_numbers(op_b, value_b, op, value);
	return false;
}

/* Whether "x op y" and "x op_b y" can't both hold, whatever x and y are. */
static bool exclude_each_other(enum ta_op op, enum ta_op op_b)
{
	static const bool table[TA_OP_GE + 1][TA_OP_GE + 1] = {
		[TA_OP_EQ] = { [TA_OP_NE] = true, [TA_OP_LT] = true, [TA_OP_GT] = true },
		[TA_OP_NE] = { [TA_OP_EQ] = true },
		[TA_OP_LT] = { [TA_OP_EQ] = true, [TA_OP_GT] = true, [TA_OP_GE] = true },
		[TA_OP_LE] = { [TA_OP_GT] = true },
		[TA_OP_GT] = { [TA_OP_EQ] = true, [TA_OP_LT] = true, [TA_OP_LE] = true },
		[TA_OP_GE] = { [TA_OP_LT] = true },
	};

	return table[op][op_b];
}

static bool exclude_values(const struct fact *a, const struct fact *b)
{
	uint64_t steps = UINT64_MAX;
	bool same;
	double x, y;

	if (number_of(&a->value, &x) && number_of(&b->value, &y))
		return exclude_numbers(a->op, x, b->op, y);
	if (a->value.kind != b->value.kind ||
	    (a->value.kind != TA_BOOL && a->value.kind != TA_STRING))
		return false;
	same = ta_value_equal(&a->value, &b->value, &steps);
	if (a->op == TA_OP_EQ && b->op == TA_OP_EQ)
		return !same;
	return same && exclude_each_other(a->op, b->op);
}

static bool exclude_facts(const struct fact *a, const struct fact *b)
{
	if (strcmp(a->left, b->left) != 0)
		return false;
	if (a->value.kind != TA_UNBOUND && b->value.kind != TA_UNBOUND)
		return exclude_values(a, b);
	return *a->right && strcmp(a->right, b->right) == 0 && exclude_each_other(a->op, b->op);
}

static bool exclude(const struct advice *a, const struct advice *b)
{
	for (const struct fact *x = a->facts; x; x = x->next)
		for (const struct fact *y = b->facts; y; y = y->next)
			if (exclude_facts(x, y))
				return true;
	return false;
}

/* Of the word at the beginning, or one byte. */
static size_t word_length(const char *text)
{
	size_t len = 0;

	while (ta_text_is_word_byte(text[len]))
		len++;
	return len ? len : 1;
}

/* Writes the text with each let put in as what it stands for. */
static void expand(const struct ta_rule *rule, const char *text, size_t depth, struct ta_buf *out)
{
	bool is_field = false; /* a word here would be one of something */

	while (*text && !out->failed) {
		size_t len = word_length(text);
		char word[64];
		const struct ta_let *let;

		snprintf(word, sizeof(word), "%.*s", (int)len, text);
		let = !is_field && len < sizeof(word) ? let_of(rule, word) : NULL;
		if (let && let->value && depth) {
			ta_buf_char(out, '(');
			expand(rule, ta_expr_source(let->value), depth - 1, out);
			ta_buf_char(out, ')');
		} else {
			ta_buf_add(out, text, len);
		}
		is_field = *text == '.';
		text += len;
	}
}

/* A value with holes is the same where the holes mean the same: what they come to is, and is
 * nothing of an element, and no parameter, which another pack may have under the same name. */
static bool same_value(const struct advice *a, const struct advice *b)
{
	ta_auto(ta_buf_done) struct ta_buf one = TA_BUF_INIT(MAX_EXPANDED);
	ta_auto(ta_buf_done) struct ta_buf other = TA_BUF_INIT(MAX_EXPANDED);

	if (a->rule == b->rule || !strstr(a->value, "{{"))
		return strcmp(a->value, b->value) == 0;
	if (is_local(a, a->value) || is_local(b, b->value))
		return false;
	expand(a->rule, a->value, MAX_LET_DEPTH, &one);
	expand(b->rule, b->value, MAX_LET_DEPTH, &other);
	if (!ta_buf_ok(&one, NULL) || !ta_buf_ok(&other, NULL))
		return false;
	return strcmp(ta_buf_cstr(&one), ta_buf_cstr(&other)) == 0 &&
	       (a->rule->pack == b->rule->pack || !strstr(ta_buf_cstr(&one), "params."));
}

bool ta_rule_yields(const struct ta_rule *rule, const struct ta_rule *to)
{
	size_t i;
	json_t *id;

	json_array_foreach (json_object_get(rule->json, "yields_to"), i, id)
		if (strcmp(json_string_value(id), to->id) == 0)
			return true;
	return false;
}

static void mistake_in(const struct agreement *a, const struct advice *advice, const char *text,
		       const char *hint)
{
	char pointer[MAX_POINTER];
	struct ta_place place = { .pointer = pointer };

	snprintf(pointer, sizeof(pointer), "%s/fixes/%zu/set/%s", advice->rule->pointer,
		 advice->fix, advice->key);
	ta_mistake(a->mistakes, advice->rule->pack->source, &place, text, hint);
}

static void check_pair(const struct agreement *a, const struct advice *one,
		       const struct advice *other)
{
	char text[400];

	if (strcmp(one->key, other->key) != 0 || same_value(one, other) || exclude(one, other) ||
	    ta_rule_yields(one->rule, other->rule) || ta_rule_yields(other->rule, one->rule))
		return;
	snprintf(text, sizeof(text), "'%.60s' may advise %.80s for %.60s at the same time",
		 one->rule->id, one->value, one->key);
	mistake_in(a, other, text,
		   "let the conditions exclude each other, or say who gives way: \"yields_to\"");
}

/* ---- kernels ----------------------------------------------------------------------- */

/* Whether a fact allows this kernel, as host.kernel.number has it: 3.10 is 310. */
static bool allows_kernel(const struct fact *fact, int number)
{
	double value;

	return strcmp(fact->left, "host.kernel.number") != 0 || !number_of(&fact->value, &value) ||
	       !exclude_numbers(TA_OP_EQ, number, fact->op, value);
}

static bool is_offered_on(const struct advice *advice, int number)
{
	for (const struct fact *fact = advice->facts; fact; fact = fact->next)
		if (!allows_kernel(fact, number))
			return false;
	return true;
}

static bool has_tunable(const json_t *facts, int number)
{
	const char *added = ta_json_string(facts, "added_in");
	const char *removed = ta_json_string(facts, "removed_in");
	char text[16];
	uint32_t release;

	snprintf(text, sizeof(text), "%d.%d", number / 100, number % 100);
	return ta_release_parse(text, &release) &&
	       (!added || ta_release_reached(release, added) != TA_REACHED_NO) &&
	       (!removed || ta_release_reached(release, removed) != TA_REACHED_YES);
}

/* Whether the fix is only offered where the snapshot has the key: a fact, a let that the value
 * needs, or the value reads it. */
static bool reads_key(const struct advice *advice)
{
	char quoted[200];

	snprintf(quoted, sizeof(quoted), "'%.190s'", advice->key);
	for (const struct fact *fact = advice->facts; fact; fact = fact->next)
		if (strstr(fact->left, quoted))
			return true;
	if (strstr(advice->value, quoted))
		return true;
	for (size_t i = 0; i < advice->rule->let_count; i++) {
		const struct ta_let *let = &advice->rule->lets[i];

		if (let->value && names(advice->value, let->name) &&
		    strstr(ta_expr_source(let->value), quoted))
			return true;
	}
	return false;
}

static void unknown_key(const struct agreement *a, const struct advice *advice)
{
	struct ta_nearest nearest;
	size_t count = 0;
	const struct ta_tunable *tunables = ta_tunables(&count, NULL);
	char hint[200] = "";

	ta_nearest_start(&nearest, advice->key, strlen(advice->key));
	for (size_t i = 0; i < count; i++)
		if (tunables[i].scope != TA_TUNABLE_NONE)
			ta_nearest_offer(&nearest, tunables[i].key);
	if (ta_nearest_result(&nearest))
		snprintf(hint, sizeof(hint), "did you mean '%s'?", ta_nearest_result(&nearest));
	mistake_in(a, advice, "the catalogue of tunables has no such sysctl", hint);
}

static void check_key(const struct agreement *a, const struct advice *advice)
{
	/* the last minor release of each major one; of 6 the newest that we know */
	static const int last[] = { 319, 420, 519, 618 }, first[] = { 310, 400, 500, 600 };
	const struct ta_tunable *tunable = ta_tunable_find(advice->key);
	const json_t *facts = tunable ? ta_tunable_facts(tunable, NULL) : NULL;
	char text[200];

	if (!facts || tunable->scope == TA_TUNABLE_NONE) {
		unknown_key(a, advice);
		return;
	}
	if (reads_key(advice))
		return;
	for (size_t i = 0; i < TA_ARRAY_SIZE(last); i++)
		for (int number = first[i]; number <= last[i]; number++)
			if (is_offered_on(advice, number) && !has_tunable(facts, number)) {
				snprintf(text, sizeof(text), "Linux %d.%d has no %.100s",
					 number / 100, number % 100, advice->key);
				mistake_in(a, advice, text,
					   "let \"when\" ask host.kernel.number, or for the key");
				return;
			}
}

bool ta_rules_check_agreement(const struct ta_rules *rules, struct ta_mistakes *mistakes)
{
	struct agreement a = { .rules = rules,
			       .mistakes = mistakes,
			       .arena = TA_ARENA_INIT(MAX_BYTES) };

	a.end = &a.all;
	gather_all(&a);
	for (const struct advice *one = a.all;
	     one && !a.failed && mistakes->count < TA_MISTAKES_TOLD; one = one->next) {
		check_key(&a, one);
		for (const struct advice *other = one->next; other; other = other->next)
			check_pair(&a, one, other);
	}
	ta_arena_done(&a.arena);
	return !a.failed;
}
