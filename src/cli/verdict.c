/* verdict.c - see verdict.h. */
#include "cli/verdict.h"

#include "base/clock.h"
#include "base/macros.h"
#include "tcpadvise/advice.h"

TA_DEFINE_AUTO(json_t, json_decref)

struct ta_evaluate_options ta_verdict_options(const struct ta_settings *settings)
{
	const struct ta_clock *clock = ta_clock_system();

	return (struct ta_evaluate_options){ .only = settings->only.items,
					     .skip = settings->skip.items,
					     .now_ms = clock->realtime_ms(clock->ctx) };
}

/* ---- what if ------------------------------------------------------------------------ */

static bool parse_assumptions(const struct ta_settings *settings, json_t *list,
			      struct ta_error *err)
{
	for (size_t i = 0; i < settings->assume.count; i++) {
		json_t *assumption;

		if (!ta_assumption_parse(settings->assume.items[i], &assumption, err))
			return false;
		if (json_array_append_new(list, assumption) < 0)
			return ta_fail(err, TA_E_NOMEM, "out of memory");
	}
	return true;
}

/* Judges the snapshot as it would be, and says what became of the findings. */
static bool judge_assumed(const struct ta_settings *settings, const struct ta_rules *rules,
			  const json_t *snapshot, const json_t *before, json_t **ret,
			  struct ta_error *err)
{
	struct ta_evaluate_options options = ta_verdict_options(settings);
	ta_auto(json_decref_p) json_t *assumptions = json_array(), *assumed = NULL;
	ta_auto(json_decref_p) json_t *report = NULL, *outlook = NULL;

	if (!assumptions)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	if (!parse_assumptions(settings, assumptions, err) ||
	    !ta_assume(snapshot, assumptions, &assumed, err) ||
	    !ta_rules_evaluate(rules, assumed, &options, &report, err) ||
	    !ta_outlook(snapshot, before, assumed, report, assumptions, &outlook, err))
		return false;
	if (json_object_set(report, "what_if", outlook) < 0)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	*ret = TA_TAKE(report);
	return true;
}

bool ta_verdict_reach(const struct ta_settings *settings, const struct ta_rules *rules,
		      const json_t *snapshot, json_t **ret, struct ta_error *err)
{
	struct ta_evaluate_options options = ta_verdict_options(settings);
	ta_auto(json_decref_p) json_t *report = NULL;

	if (!ta_rules_evaluate(rules, snapshot, &options, &report, err))
		return false;
	if (settings->assume.count)
		return judge_assumed(settings, rules, snapshot, report, ret, err);
	*ret = TA_TAKE(report);
	return true;
}

int ta_verdict_status(const struct ta_settings *settings, enum ta_severity worst)
{
	if (!settings->fail_on || worst < ta_severity_parse(settings->fail_on))
		return TA_EXIT_OK;
	return worst == TA_SEVERITY_CRITICAL ? TA_EXIT_CRITICAL : TA_EXIT_WARNING;
}
