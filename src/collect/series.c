/* series.c - see series.h. */
#include "collect/series.h"

#include <stdio.h>

#include "base/macros.h"
#include "collect/counters.h"
#include "snapshot/rates.h"

enum { NAME_MAX_BYTES = 160 };

unsigned ta_series_points(uint64_t wait_ms)
{
	uint64_t points = wait_ms / TA_SERIES_STEP_MS;

	if (wait_ms < TA_SERIES_WINDOW_MIN)
		return 0;
	return points < TA_SERIES_POINTS_MAX ? (unsigned)points : TA_SERIES_POINTS_MAX;
}

/* Appends to the values of a name. One that was not known at each point so far is not begun: a
 * series has no holes. */
static void add_value(struct ta_series *series, struct ta_builder *builder, json_t *all,
		      const char *group, const char *name, double value)
{
	char key[NAME_MAX_BYTES];
	json_t *values;

	if (snprintf(key, sizeof(key), "%s.%s", group, name) >= (int)sizeof(key))
		return;
	values = json_object_get(all, key);
	if (!values && series->points == 0)
		values = ta_build_array(builder, all, key);
	if (values && json_array_size(values) == series->points &&
	    json_array_append_new(values, json_real(value)) < 0)
		builder->failed = true;
}

static void add_growth(struct ta_series *series, struct ta_builder *builder, const json_t *now,
		       double interval_s)
{
	const char *group, *name;
	json_t *counters, *value;

	json_object_foreach ((json_t *)now, group, counters) {
		const json_t *before = json_object_get(series->before, group);

		json_object_foreach (counters, name, value) {
			json_int_t growth;

			if (ta_counter_growth(group, name, json_object_get(before, name), value,
					      &growth))
				add_value(series, builder, series->counters, group, name,
					  (double)growth / interval_s);
		}
	}
}

static void add_gauges(struct ta_series *series, struct ta_builder *builder,
		       const struct ta_root *root, const json_t *now)
{
	const json_t *established = json_object_get(json_object_get(now, "Tcp"), "CurrEstab");
	json_auto_t *read = json_object();
	const char *name;
	json_t *value;

	if (!read)
		builder->failed = true;
	ta_sockstat_build(root, false, builder, read);
	json_object_foreach (json_object_get(read, "sockstat"), name, value)
		add_value(series, builder, series->gauges, "sockstat", name,
			  json_number_value(value));
	if (json_is_integer(established))
		add_value(series, builder, series->gauges, "Tcp", "CurrEstab",
			  json_number_value(established));
}

static bool start(struct ta_series *series, uint64_t now_us)
{
	series->at_s = json_array();
	series->counters = json_object();
	series->gauges = json_object();
	series->started_us = now_us;
	return series->at_s && series->counters && series->gauges;
}

static double hundredths(double seconds)
{
	return (double)(int64_t)(seconds * 100 + 0.5) / 100;
}

void ta_series_read(struct ta_series *series, const struct ta_root *root,
		    struct ta_builder *builder, uint64_t now_us)
{
	json_t *now = json_object();
	double interval_s = (double)(now_us - series->read_us) / 1e6;

	if (!now || (!series->before && !start(series, now_us))) {
		json_decref(now);
		builder->failed = true;
		return;
	}
	ta_counters_build(root, false, builder, now);
	if (series->before && interval_s > 0) {
		double at_s = (double)(now_us - series->started_us) / 1e6;

		add_growth(series, builder, now, interval_s);
		add_gauges(series, builder, root, now);
		if (json_array_append_new(series->at_s, json_real(hundredths(at_s))) < 0)
			builder->failed = true;
		series->points++;
	}
	json_decref(series->before);
	series->before = now;
	series->read_us = now_us;
}

/* What stood still is left out, and what was not known at each point. */
static bool is_told(const struct ta_series *series, const json_t *values, bool moves)
{
	double first = moves ? json_number_value(json_array_get(values, 0)) : 0;
	const json_t *value;
	size_t i;

	if (json_array_size(values) != series->points)
		return false;
	json_array_foreach (values, i, value)
		if (json_number_value(value) < first || json_number_value(value) > first)
			return true;
	return false;
}

static void build_values(struct ta_builder *builder, json_t *object, const char *name,
			 const json_t *values)
{
	json_t *array = ta_build_array(builder, object, name);
	const json_t *value;
	size_t i;

	json_array_foreach (values, i, value)
		if (json_array_append_new(array, json_real(hundredths(json_number_value(value)))) <
		    0)
			builder->failed = true;
}

static void build_all(const struct ta_series *series, struct ta_builder *builder, json_t *object,
		      json_t *all, bool moves)
{
	const char *name;
	json_t *values;

	json_object_foreach (all, name, values)
		if (is_told(series, values, moves))
			build_values(builder, object, name, values);
}

void ta_series_build(struct ta_series *series, struct ta_builder *builder, json_t *namespace_)
{
	json_t *object;

	if (series->points < 2)
		return;
	object = ta_build_object(builder, namespace_, "series");
	ta_build_value(builder, object, "at_s", json_incref(series->at_s));
	build_all(series, builder, ta_build_object(builder, object, "counters"), series->counters,
		  false);
	build_all(series, builder, ta_build_object(builder, object, "gauges"), series->gauges,
		  true);
}

void ta_series_done(struct ta_series *series)
{
	json_decref(series->at_s);
	json_decref(series->counters);
	json_decref(series->gauges);
	json_decref(series->before);
	*series = (struct ta_series){ 0 };
}
