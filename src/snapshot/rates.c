/* rates.c - see rates.h. */
#include "snapshot/rates.h"

#include <string.h>

/* What is printed among the counters though it does not only grow (RFC 4022, 4293), or whose growth
 * can't be told from two figures: the busiest processor may be another one each time. */
static const struct {
	const char *group, *name;
} gauges[] = {
	{ "Tcp", "RtoAlgorithm" }, { "Tcp", "RtoMin" },
	{ "Tcp", "RtoMax" },       { "Tcp", "MaxConn" },
	{ "Tcp", "CurrEstab" },    { "Ip", "Forwarding" },
	{ "Ip", "DefaultTTL" },    { "softnet", "busiest_processed" },
};

static bool is_gauge(const char *group, const char *name)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(gauges); i++)
		if (strcmp(gauges[i].group, group) == 0 && strcmp(gauges[i].name, name) == 0)
			return true;
	return false;
}

bool ta_counter_went_back(const char *group, const char *name, const json_t *before,
			  const json_t *after)
{
	return json_is_integer(before) && json_is_integer(after) && !is_gauge(group, name) &&
	       json_integer_value(after) < json_integer_value(before);
}

bool ta_counter_growth(const char *group, const char *name, const json_t *before,
		       const json_t *after, json_int_t *ret)
{
	json_int_t growth;

	if (!json_is_integer(before) || !json_is_integer(after) || is_gauge(group, name) ||
	    __builtin_sub_overflow(json_integer_value(after), json_integer_value(before),
				   &growth) ||
	    growth < 0)
		return false;
	*ret = growth;
	return true;
}

static void build_group(struct ta_builder *builder, json_t *rates, const char *group,
			const json_t *before, json_t *after, double window_s)
{
	const char *name;
	json_t *value;

	json_object_foreach (after, name, value) {
		const json_t *old = json_object_get(before, name);
		json_int_t growth;

		if (ta_counter_growth(group, name, old, value, &growth))
			ta_build_real(builder, rates, name, (double)growth / window_s);
	}
}

void ta_build_rates(struct ta_builder *builder, json_t *rates, const json_t *before,
		    const json_t *after, double window_s)
{
	const char *group;
	json_t *counters;

	if (!(window_s > 0))
		return;
	json_object_foreach ((json_t *)after, group, counters) {
		const json_t *old = json_object_get(before, group);

		if (old)
			build_group(builder, ta_build_object(builder, rates, group), group, old,
				    counters, window_s);
	}
}
