/* sample.c - see sample.h.
 *
 * A reading begins where the counter that the one before began with is noted again. Readings are
 * two samples when there are two of them and no counter went backwards, which none does within one
 * host's uptime: then they are of two hosts, or in another order than the command line says. */
#include "import/sample.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "import/evidence_state.h"
#include "import/reader.h"
#include "snapshot/proc_net.h"
#include "snapshot/rates.h"

static const char *const kinds[TA_SAMPLED_KINDS] = {
	[TA_SAMPLED_HOST] = "host",
	[TA_SAMPLED_NETNS] = "namespace",
	[TA_SAMPLED_INTERFACES] = "interfaces",
};

/* ---- readings ---- */

void ta_samples_done(struct ta_samples *samples)
{
	json_decref(samples->before);
	json_decref(samples->last);
	*samples = (struct ta_samples){ .window_s = 0 };
}

void ta_samples_begin(struct ta_samples *samples, double window_s)
{
	ta_samples_done(samples);
	samples->window_s = window_s;
}

static void begin_reading(struct ta_samples *samples, const char *first)
{
	json_decref(samples->before);
	samples->before = samples->last;
	samples->last = json_object();
	samples->readings++;
	snprintf(samples->first, sizeof(samples->first), "%s", first);
}

/* The member of an object that is one itself, made where it is missing. */
static json_t *within(json_t *object, const char *name)
{
	if (!json_object_get(object, name))
		json_object_set_new(object, name, json_object());
	return json_object_get(object, name);
}

void ta_samples_note(struct ta_samples *samples, enum ta_sampled kind, const char *group,
		     const char *key, json_t *value, uint64_t line)
{
	char name[sizeof(samples->first)];
	json_t *counters;

	if (!(samples->window_s > 0))
		return;
	snprintf(name, sizeof(name), "%s %s %s", kinds[kind], group, key);
	if (!samples->readings || strcmp(name, samples->first) == 0)
		begin_reading(samples, name);
	if (samples->readings == 1 && !samples->line[0])
		samples->line[0] = line;
	samples->line[1] = line;
	counters = within(within(samples->last, kinds[kind]), group);
	samples->odd |= json_object_get(counters, key) || json_object_set(counters, key, value) < 0;
}

/* ---- what they say ---- */

static bool group_went_back(const char *group, const json_t *before, json_t *last)
{
	const char *name;
	json_t *value;

	json_object_foreach (last, name, value)
		if (ta_counter_went_back(group, name, json_object_get(before, name), value))
			return true;
	return false;
}

/* Whether one counter did. */
static bool went_back(const struct ta_samples *samples)
{
	json_t *groups, *counters;
	const char *kind, *group;

	json_object_foreach (samples->last, kind, groups) {
		const json_t *before = json_object_get(samples->before, kind);

		json_object_foreach (groups, group, counters)
			if (group_went_back(group, json_object_get(before, group), counters))
				return true;
	}
	return false;
}

/* Both readings are where a rate was found. */
static void place(const struct ta_reading *reading, const char *fact, const char *key)
{
	const struct ta_samples *samples = &reading->samples;
	struct ta_found found = ta_reading_found(reading, samples->line[0]);
	bool of_host = strncmp(fact, "host.", strlen("host.")) == 0;
	char path[256];

	found.fact = fact;
	found.key = key;
	found.last_line = samples->line[1];
	if (of_host)
		found.namespace_ = NULL;
	snprintf(path, sizeof(path), "%u %s %s", of_host ? 0 : reading->netns, fact,
		 key ? key : "");
	ta_evidence_place(reading->evidence, path, &found, NULL);
}

/* The members "rates" and "window_s", each in its object. */
static void build_rates(const struct ta_reading *reading, enum ta_sampled kind, const char *home,
			json_t *object, json_t *window_in)
{
	const struct ta_samples *samples = &reading->samples;
	struct ta_builder *builder = &reading->evidence->builder;
	json_t *last = json_object_get(samples->last, kinds[kind]);
	const json_t *before = json_object_get(samples->before, kinds[kind]);
	json_t *rates, *counters;
	const char *group;
	char fact[96];

	if (!last || !before)
		return;
	rates = json_object_get(object, "rates");
	if (!rates)
		rates = ta_build_object(builder, object, "rates");
	ta_build_rates(builder, rates, before, last, samples->window_s);
	ta_build_real(builder, window_in, "window_s", samples->window_s);
	json_object_foreach (last, group, counters) {
		snprintf(fact, sizeof(fact), "%s.rates.%s", home, group);
		place(reading, fact, NULL);
	}
}

static void build_interface(const struct ta_reading *reading, json_t *row, const json_t *before,
			    json_t *last)
{
	const char *interface = ta_json_text(row, "name"), *name;
	json_int_t growth;
	json_t *value;
	char fact[96];

	json_object_foreach (last, name, value) {
		const char *rate = ta_interface_rate(name);

		if (!rate || !ta_counter_growth(interface, name, json_object_get(before, name),
						value, &growth))
			continue;
		ta_build_real(&reading->evidence->builder, row, rate,
			      (double)growth / reading->samples.window_s);
		snprintf(fact, sizeof(fact), "namespaces[].interfaces[].%s", rate);
		place(reading, fact, interface);
	}
}

static void build_interfaces(const struct ta_reading *reading, json_t *namespace_)
{
	const char *kind = kinds[TA_SAMPLED_INTERFACES];
	const json_t *before = json_object_get(reading->samples.before, kind),
		     *last = json_object_get(reading->samples.last, kind);
	json_t *row;
	size_t i;

	if (!last || !before)
		return;
	ta_build_real(&reading->evidence->builder, namespace_, "window_s",
		      reading->samples.window_s);
	json_array_foreach (json_object_get(namespace_, "interfaces"), i, row) {
		const char *name = ta_json_text(row, "name");

		build_interface(reading, row, json_object_get(before, name),
				json_object_get(last, name));
	}
}

void ta_samples_end(const struct ta_reading *reading)
{
	const struct ta_samples *samples = &reading->samples;
	const struct ta_evidence *evidence = reading->evidence;
	json_t *namespace_ = evidence->spaces[reading->netns].object;

	if (samples->readings < 2)
		return;
	if (samples->readings > 2 || samples->odd || went_back(samples)) {
		ta_build_gap(&reading->evidence->builder, N_("rates between two readings"),
			     N_("they are no two samples of one host: there are more of them, or a "
				"counter went backwards or stands twice in one"),
			     "namespaces[].rates", "host.rates", NULL);
		return;
	}
	build_rates(reading, TA_SAMPLED_HOST, "host", evidence->host,
		    json_object_get(evidence->builder.root, "collection"));
	build_rates(reading, TA_SAMPLED_NETNS, "namespaces[]", namespace_, namespace_);
	build_interfaces(reading, namespace_);
}
