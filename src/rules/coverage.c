/* coverage.c - see coverage.h. */
#include "rules/coverage.h"

#include "expr/look.h"
#include "rules/form.h"

enum { MAX_PARTS = 1000000 };

struct part {
	const void *of;
	size_t number;
};

void ta_coverage_init(struct ta_coverage *coverage)
{
	coverage->samples = NULL;
	coverage->failed = false;
	ta_map_init(&coverage->seen, sizeof(struct part), 1, MAX_PARTS);
}

void ta_coverage_done(struct ta_coverage *coverage)
{
	ta_map_done(&coverage->seen);
}

void ta_coverage_note(struct ta_coverage *coverage, const void *thing, size_t part)
{
	struct part key = { thing, part };

	if (coverage && !ta_map_put(&coverage->seen, &key, NULL))
		coverage->failed = true;
}

void ta_coverage_sample(struct ta_coverage *coverage, size_t place, json_t *part)
{
	if (!coverage || !coverage->samples)
		return;
	while (json_array_size(coverage->samples) <= place)
		if (json_array_append_new(coverage->samples, json_null()) < 0) {
			coverage->failed = true;
			return;
		}
	if (json_is_null(json_array_get(coverage->samples, place)) &&
	    json_array_set(coverage->samples, place, part) < 0)
		coverage->failed = true;
}

static bool is_seen(const struct ta_coverage *coverage, const void *thing, size_t part)
{
	struct part key = { thing, part };

	return ta_map_get(&coverage->seen, &key) != NULL;
}

/* ---- the sum of a rule ------------------------------------------------------------- */

struct summing {
	const struct ta_coverage *coverage;
	const struct ta_rule *rule;
	struct ta_coverage_sum *sum;
	struct ta_buf *lacks;
	const char *where; /* the member that is looked at */
	const struct ta_expr *expr;
};

static bool count(struct ta_share *share, bool reached)
{
	share->all++;
	share->reached += reached;
	return reached;
}

static void sum_arm(void *ctx, const struct ta_arm *arm)
{
	const struct summing *s = ctx;
	const struct ta_span *span = &arm->choice->args[arm->index]->span;

	if (count(&s->sum->arms, is_seen(s->coverage, arm->choice, arm->index)))
		return;
	ta_buf_printf(s->lacks, "%s: no case says %.*s in its %s\n", s->rule->id,
		      (int)(span->length < 60 ? span->length : 60),
		      ta_expr_source(s->expr) + span->offset, s->where);
}

static void sum_expression(void *ctx, const struct ta_expr *expr)
{
	struct summing *s = ctx;

	s->expr = expr;
	ta_expr_arms(expr, sum_arm, s);
}

static void sum_form(struct summing *s, const char *where, const struct ta_form *form)
{
	s->where = where;
	ta_form_expressions(form, sum_expression, s);
}

static void sum_fixes(struct summing *s)
{
	for (size_t i = 0; i < s->rule->fix_count; i++) {
		const struct ta_fix *fix = &s->rule->fixes[i];

		if (!count(&s->sum->fixes, is_seen(s->coverage, fix, 0)))
			ta_buf_printf(s->lacks, "%s: no case is offered \"%s\"\n", s->rule->id,
				      json_string_value(json_object_get(fix->json, "title")));
		sum_form(s, "settings", fix->settings);
		sum_form(s, "limit", fix->limit);
		sum_form(s, "commands", fix->commands);
		sum_form(s, "fixes", fix->words);
	}
}

void ta_coverage_sum(const struct ta_coverage *coverage, const struct ta_rule *rule,
		     struct ta_coverage_sum *sum, struct ta_buf *severities_lack,
		     struct ta_buf *others_lack)
{
	struct summing s = { .coverage = coverage, .rule = rule, .sum = sum, .lacks = others_lack };

	for (size_t i = 0; i < rule->severity.count; i++)
		if (!count(&sum->severities, is_seen(coverage, &rule->severity.items[i], 0)))
			ta_buf_printf(severities_lack, "%s: no case with severity %s (%zu)\n",
				      rule->id, rule->severity.items[i].word, i + 1);
	sum_form(&s, "title", rule->title);
	sum_form(&s, "diagnosis", rule->diagnosis);
	sum_form(&s, "passed text", rule->passed);
	sum_fixes(&s);
	for (size_t i = 0; i < rule->avoid_count; i++)
		sum_form(&s, "avoid", rule->avoid[i].why);
}
