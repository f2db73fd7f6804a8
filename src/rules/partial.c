/* partial.c - see partial.h. */
#include "rules/partial.h"

#include "rules/path.h"
#include "rules/reads.h"

struct looking {
	const json_t *snapshot, *partial;
	bool chooses; /* the expression chooses what the rule looks at */
	ta_partial_note *note;
	void *ctx;
};

static void look_at(void *ctx, const struct ta_read *read)
{
	const struct looking *looking = ctx;
	const json_t *fact;
	size_t i;

	json_array_foreach (looking->partial, i, fact)
		if (ta_path_leads_to(json_string_value(fact), read->path))
			looking->note(looking->ctx, json_string_value(fact));
	if (looking->chooses && read->is_asked && ta_path_is_absent(looking->snapshot, read->path))
		looking->note(looking->ctx, read->path);
}

static struct looking look(const json_t *snapshot, ta_partial_note *note, void *ctx)
{
	const json_t *evidence = json_object_get(snapshot, "evidence");

	return (struct looking){ .snapshot = snapshot,
				 .partial = json_object_get(evidence, "partial"),
				 .note = note,
				 .ctx = ctx };
}

void ta_partial_look(const json_t *snapshot, const struct ta_rule *rule, ta_partial_note *note,
		     void *ctx)
{
	struct looking looking = look(snapshot, note, ctx);

	if (!json_object_get(snapshot, "evidence"))
		return;
	for (size_t i = 0; i < rule->severity.count; i++)
		if (rule->severity.items[i].when)
			ta_expr_reads(rule, rule->severity.items[i].when, look_at, &looking);
	if (rule->where)
		ta_expr_reads(rule, rule->where, look_at, &looking);
	looking.chooses = true;
	if (rule->for_each)
		ta_expr_reads(rule, rule->for_each, look_at, &looking);
}

void ta_partial_look_at_applies(const json_t *snapshot, const struct ta_rule *rule,
				ta_partial_note *note, void *ctx)
{
	struct looking looking = look(snapshot, note, ctx);

	if (looking.partial && rule->applies)
		ta_expr_reads(rule, rule->applies, look_at, &looking);
}
