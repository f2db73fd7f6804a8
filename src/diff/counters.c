/* counters.c - how much the kernel's counters grew from one snapshot to the other, and the rates
 * that each snapshot measured itself.
 *
 * Growth is told where it is the same counter: of one boot, and of one network namespace by its
 * inode. Rates are of any two. */
#include "base/json.h"
#include "base/language.h"
#include "diff/parts.h"
#include "snapshot/rates.h"

struct counter {
	const char *group, *name;
	const json_t *before, *after;           /* since boot; NULL: not to be compared */
	const json_t *rate_before, *rate_after; /* per second, while it was looked */
};

static bool moved(const json_t *rate)
{
	return json_number_value(rate) != 0;
}

static bool add_counter(json_t *rows, const struct ta_pair *place, const struct counter *counter,
			double apart_s)
{
	json_int_t growth = 0;
	bool grown = apart_s > 0 && ta_counter_growth(counter->group, counter->name,
						      counter->before, counter->after, &growth);
	json_t *row;

	if (!growth && !moved(counter->rate_before) && !moved(counter->rate_after))
		return true;
	row = ta_diff_row(rows, place);
	return row &&
	       ta_json_set(row, "counter", json_sprintf("%s.%s", counter->group, counter->name)) &&
	       (!grown || (ta_json_set(row, "growth", json_integer(growth)) &&
			   ta_json_set(row, "per_s", json_real((double)growth / apart_s)))) &&
	       ta_diff_share(row, "rate_before", counter->rate_before) &&
	       ta_diff_share(row, "rate_after", counter->rate_after);
}

/* The counters and rates of one place, by side. */
struct sources {
	const json_t *before, *after, *rates_before, *rates_after;
};

static bool add_group(json_t *rows, const struct ta_pair *place, const char *group,
		      const struct sources *sources, const json_t *names, double apart_s)
{
	const char *name;
	json_t *unused;
	bool ok = true;

	json_object_foreach ((json_t *)names, name, unused) {
		const struct counter counter = {
			.group = group,
			.name = name,
			.before = json_object_get(sources->before, name),
			.after = json_object_get(sources->after, name),
			.rate_before = json_object_get(sources->rates_before, name),
			.rate_after = json_object_get(sources->rates_after, name),
		};

		ok = ok && add_counter(rows, place, &counter, apart_s);
	}
	return ok;
}

/* Every name that a source has in the group. */
static json_t *names_of(const struct sources *sources)
{
	const json_t *const all[] = { sources->after, sources->rates_after, sources->rates_before };
	json_t *names = json_object();

	for (size_t i = 0; i < TA_ARRAY_SIZE(all); i++)
		if (names && all[i] && json_object_update(names, (json_t *)all[i]) < 0) {
			json_decref(names);
			return NULL;
		}
	return names;
}

static struct sources group_of(const struct sources *sources, const char *group)
{
	return (struct sources){
		.before = json_object_get(sources->before, group),
		.after = json_object_get(sources->after, group),
		.rates_before = json_object_get(sources->rates_before, group),
		.rates_after = json_object_get(sources->rates_after, group),
	};
}

static bool add_counters(json_t *rows, const struct ta_pair *place, const struct sources *sources,
			 double apart_s)
{
	ta_auto(json_decref_p) json_t *groups = names_of(sources);
	const char *group;
	json_t *unused;
	bool ok = groups != NULL;

	json_object_foreach (groups, group, unused) {
		struct sources own = group_of(sources, group);
		ta_auto(json_decref_p) json_t *names = names_of(&own);

		ok = ok && names && add_group(rows, place, group, &own, names, apart_s);
	}
	return ok;
}

/* Why the counters of a place can't be compared; NULL when they can. */
static const char *no_growth(const struct ta_sides *sides, const struct ta_pair *place)
{
	const json_t *old = json_object_get(place->before, "inode");
	const json_t *new = json_object_get(place->after, "inode");

	if (sides->no_growth || !place->name)
		return sides->no_growth;
	if (!old || !new)
		return N_("the inode of the namespace is not known on both sides");
	return json_equal(old, new) ? NULL : N_("it is another namespace of the same name");
}

/* Said once of the whole, else of each namespace. */
static bool note_no_growth(json_t *notes, const struct ta_sides *sides, const struct ta_pair *place,
			   const char *why)
{
	json_t *row;

	if (!why || (sides->no_growth && place->name))
		return true;
	row = ta_diff_row(notes, place);
	return row && ta_json_set(row, "why", json_string(why));
}

static bool add_place(const struct ta_sides *sides, const struct ta_pair *place, json_t *rows,
		      json_t *notes)
{
	const json_t *before = place->name ? place->before : json_object_get(place->before, "host");
	const json_t *after = place->name ? place->after : json_object_get(place->after, "host");
	const char *why = no_growth(sides, place);
	const struct sources sources = {
		.before = json_object_get(before, "counters"),
		.after = json_object_get(after, "counters"),
		.rates_before = json_object_get(before, "rates"),
		.rates_after = json_object_get(after, "rates"),
	};

	return note_no_growth(notes, sides, place, why) &&
	       add_counters(rows, place, &sources, why ? 0 : sides->apart_s);
}

bool ta_diff_counters(const struct ta_sides *sides, json_t *document)
{
	json_t *rows = json_array(), *notes = json_array();
	bool ok = ta_json_set(document, "counters", rows);

	ok = ta_json_set(document, "counters_not_compared", notes) && ok;
	for (size_t i = 0; ok && i < sides->count; i++)
		if (sides->pairs[i].before && sides->pairs[i].after)
			ok = add_place(sides, &sides->pairs[i], rows, notes);
	return ok;
}
