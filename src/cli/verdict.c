/* verdict.c - see verdict.h. */
#include "cli/verdict.h"

#include "base/clock.h"

bool ta_verdict_reach(const struct ta_settings *settings, const struct ta_rules *rules,
		      const json_t *snapshot, json_t **ret, struct ta_error *err)
{
	const struct ta_clock *clock = ta_clock_system();
	struct ta_evaluate_options options = { .only = settings->only.items,
					       .skip = settings->skip.items,
					       .now_ms = clock->realtime_ms(clock->ctx) };

	return ta_rules_evaluate(rules, snapshot, &options, ret, err);
}

int ta_verdict_status(const struct ta_settings *settings, enum ta_severity worst)
{
	if (!settings->fail_on || worst < ta_severity_parse(settings->fail_on))
		return TA_EXIT_OK;
	return worst == TA_SEVERITY_CRITICAL ? TA_EXIT_CRITICAL : TA_EXIT_WARNING;
}
