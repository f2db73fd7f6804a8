/* settings.c - tunables in force that are not what they were, of the host and of each namespace.
 * One that only one side has read is not known on the other: its row has that side alone. */
#include <string.h>

#include "base/json.h"
#include "diff/parts.h"

/* What sysctl shows beside settings: figures, which move by themselves. */
static const char *const moving[] = { "fs.file-nr", "net.netfilter.nf_conntrack_count" };

static bool is_moving(const char *key)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(moving); i++)
		if (strcmp(moving[i], key) == 0)
			return true;
	return false;
}

struct table {
	json_t *rows;
	const struct ta_pair *place;
};

static bool add_setting(const struct table *table, const char *key, const json_t *before,
			const json_t *after)
{
	json_t *row;

	if (is_moving(key) || (before && after && json_equal(before, after)))
		return true;
	row = ta_diff_row(table->rows, table->place);
	return ta_json_set(row, "key", json_string(key)) && ta_diff_share(row, "before", before) &&
	       ta_diff_share(row, "after", after);
}

static bool compare(const struct table *table, const json_t *before, const json_t *after)
{
	const char *key;
	json_t *value;
	bool ok = true;

	json_object_foreach ((json_t *)after, key, value)
		ok = ok && add_setting(table, key, json_object_get(before, key), value);
	json_object_foreach ((json_t *)before, key, value)
		if (ok && !json_object_get(after, key))
			ok = add_setting(table, key, value, NULL);
	return ok;
}

/* The host's are in a member of its own. */
static const json_t *settings_of(const struct ta_pair *place, const json_t *side)
{
	return json_object_get(place->name ? side : json_object_get(side, "host"), "sysctl");
}

bool ta_diff_settings(const struct ta_sides *sides, json_t *document)
{
	struct table table = { .rows = json_array() };
	bool ok = ta_json_set(document, "settings", table.rows);

	for (size_t i = 0; ok && i < sides->count; i++) {
		const struct ta_pair *place = &sides->pairs[i];

		if (!place->before || !place->after)
			continue;
		table.place = place;
		ok = compare(&table, settings_of(place, place->before),
			     settings_of(place, place->after));
	}
	return ok;
}
