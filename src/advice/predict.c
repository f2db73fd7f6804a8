/* predict.c - what a change would make of the findings: each alone, and all together. */
#include <stdlib.h>
#include <string.h>

#include "advice/planning.h"
#include "base/language.h"

/* The change as an assumption: { key, value, at }. */
static json_t *assumption_of(const json_t *change)
{
	const json_t *place = json_object_get(change, "place");
	json_t *pid = json_object_get(place, "pid");
	json_t *assumption = json_pack("{s:O, s:O}", "key", json_object_get(change, "key"), "value",
				       json_object_get(change, "new"));
	bool ok = assumption;

	if (ok && !ta_change_is_setting(change) && pid)
		ok = ta_json_set(assumption, "at",
				 json_sprintf("%" JSON_INTEGER_FORMAT, json_integer_value(pid)));
	else if (ok && json_object_get(place, "namespace"))
		ok = json_object_set(assumption, "at", json_object_get(place, "namespace")) == 0;
	if (ok)
		return assumption;
	json_decref(assumption);
	return NULL;
}

/* *ret: a new reference, the outlook of these assumptions. */
static bool look_ahead(const struct ta_planning *planning,
		       const struct ta_evaluate_options *evaluate, json_t *assumptions,
		       json_t **ret, struct ta_error *err)
{
	ta_auto(json_decref_p) json_t *assumed = NULL, *after = NULL;

	return ta_assume(planning->snapshot, assumptions, &assumed, err) &&
	       ta_rules_evaluate(planning->rules, assumed, evaluate, &after, err) &&
	       ta_outlook(planning->snapshot, planning->report, assumed, after, assumptions, ret,
			  err);
}

/* ---- one change ---------------------------------------------------------------------- */

/* What it comes to, from the best that can be said of it on. */
static const struct verdict {
	const char *word, *outcome, *because; /* because: NULL for any */
	const char *text;
} verdicts[] = {
	{ "clears", "goes", NULL, N_("The finding would be gone.") },
	{ "eases", "eases", NULL, N_("The finding would be milder.") },
	{ "measure", "stays", "measure",
	  N_("What the finding rests on was measured under the present setting: only a look after "
	     "the "
	     "change can tell.") },
	{ "measure", "open", NULL,
	  N_("A fact that the finding needs is not known then: only a look after the change can "
	     "tell.") },
	{ "not_enough", "stays", "not_enough", NULL },
	{ "no_help", "stays", NULL, NULL },
	{ "no_help", "worsens", NULL, N_("The finding would be worse.") },
};

static bool fits(const struct verdict *verdict, const json_t *row)
{
	return strcmp(ta_json_text(row, "outcome"), verdict->outcome) == 0 &&
	       (!verdict->because || strcmp(ta_json_text(row, "because"), verdict->because) == 0);
}

/* { verdict, text } of the findings that the change is for. */
static json_t *judge(const json_t *change, const json_t *outlook)
{
	const json_t *row;
	size_t i;

	for (size_t v = 0; v < TA_ARRAY_SIZE(verdicts); v++)
		json_array_foreach (json_object_get(outlook, "findings"), i, row)
			if (ta_row_cites(change, row) && fits(&verdicts[v], row))
				return json_pack("{s:s, s:s}", "verdict", verdicts[v].word, "text",
						 verdicts[v].text ? _(verdicts[v].text)
								  : ta_json_text(row, "text"));
	return json_pack("{s:s, s:s}", "verdict", "no_help", "text",
			 _("Nothing that was found depends on it."));
}

/* Asked of the rules alone that the change is for: there may be many changes, and each of them asks
 * anew. */
static bool predict_one(struct ta_planning *planning, json_t *change, struct ta_error *err)
{
	ta_auto(json_decref_p) json_t *assumptions = json_array(), *outlook = NULL;
	const json_t *why = json_object_get(change, "why"), *cited;
	ta_auto_free const char **only = calloc(json_array_size(why) + 1, sizeof(*only));
	struct ta_evaluate_options evaluate = planning->options->evaluate;
	size_t i;

	evaluate.only = only;
	json_array_foreach (why, i, cited)
		if (only)
			only[i] = ta_json_text(cited, "rule");
	if (!only || !assumptions || json_array_append_new(assumptions, assumption_of(change)) < 0)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	if (!look_ahead(planning, &evaluate, assumptions, &outlook, err))
		return false;
	return ta_json_set(change, "prediction", judge(change, outlook)) ||
	       ta_fail(err, TA_E_NOMEM, "out of memory");
}

bool ta_planning_predict(struct ta_planning *planning, struct ta_error *err)
{
	ta_auto(json_decref_p) json_t *assumptions = json_array(), *outlook = NULL;
	json_t *change;
	size_t i;

	if (!assumptions)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	json_array_foreach (planning->changes, i, change) {
		if (json_object_get(change, "refused"))
			continue;
		if (!predict_one(planning, change, err))
			return false;
		if (json_array_append_new(assumptions, assumption_of(change)) < 0)
			return ta_fail(err, TA_E_NOMEM, "out of memory");
	}
	if (!json_array_size(assumptions))
		return true;
	if (!look_ahead(planning, &planning->options->evaluate, assumptions, &outlook, err))
		return false;
	return json_object_set(planning->plan, "outlook", outlook) == 0 ||
	       ta_fail(err, TA_E_NOMEM, "out of memory");
}
