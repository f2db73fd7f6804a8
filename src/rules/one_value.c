/* one_value.c - two findings never advise different values for one setting.
 *
 * For each setting of each place one value is in the lead, that of the finding which has the word.
 * The fixes are gone through once: one that meets another value gives way to it, or turns out all
 * that advised it so far. A fix that gave way names the value that is in the lead in the end. */
#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/map.h"
#include "rules/agreement.h"
#include "rules/settle.h"
#include "snapshot/tunables.h"

/* A key where the kernel keeps it, by number: a namespace, or the host. */
struct setting {
	size_t key, place;
};

/* What is advised for a setting. */
struct lead {
	const struct ta_finding *holder; /* who has the word among those that advise this value */
	const char *value;
	size_t last; /* 1 + the last claim to it; 0: none */
};

/* A fix that advises the value in the lead. */
struct claim {
	size_t fix, before; /* before: 1 + the claim before it */
};

struct fix {
	const struct ta_finding *finding;
	size_t index; /* in the finding's fixes */
	json_t *settings;
	const char *lost; /* the key on which it gave way, or NULL */
};

struct table {
	json_t *numbers;     /* text -> number */
	struct ta_map leads; /* struct setting -> struct lead */
	struct fix *fixes;
	size_t fix_count;
	struct claim *claims;
	size_t claim_count;
};

TA_DEFINE_AUTO(json_t, json_decref)

/* Whether a's value stands where b advises another. */
static bool has_the_word(const struct ta_finding *a, const struct ta_finding *b)
{
	bool a_effect = json_array_size(json_object_get(a->json, "caused_by")) > 0;
	bool b_effect = json_array_size(json_object_get(b->json, "caused_by")) > 0;

	if (ta_rule_yields(a->rule, b->rule) != ta_rule_yields(b->rule, a->rule))
		return ta_rule_yields(b->rule, a->rule);
	if (a_effect != b_effect)
		return b_effect;
	if (a->severity != b->severity)
		return a->severity > b->severity;
	return a->order < b->order;
}

static struct setting setting_of(const struct table *table, const struct fix *fix, const char *key)
{
	const struct ta_tunable *tunable = ta_tunable_find(key);
	bool is_local = tunable && tunable->scope == TA_TUNABLE_NETNS;
	const char *place = is_local ? ta_finding_scope(fix->finding, "namespace") : "";

	return (struct setting){ ta_json_number_of(table->numbers, key),
				 ta_json_number_of(table->numbers, place) };
}

/* ---- gone through once --------------------------------------------------------------- */

/* The alternatives that one finding offers are not at odds. */
static bool is_at_odds(const struct lead *lead, const struct fix *fix, const char *value)
{
	return lead->value && lead->holder != fix->finding && strcmp(lead->value, value) != 0;
}

/* Whether all values of the fix may stand; else it gives way. */
static bool may_stand(const struct table *table, struct fix *fix)
{
	const char *key;
	json_t *value;

	json_object_foreach (fix->settings, key, value) {
		struct setting setting = setting_of(table, fix, key);
		const struct lead *lead = ta_map_get(&table->leads, &setting);

		if (lead && is_at_odds(lead, fix, json_string_value(value)) &&
		    has_the_word(lead->holder, fix->finding)) {
			fix->lost = key;
			return false;
		}
	}
	return true;
}

static void turn_out(const struct table *table, struct lead *lead, const char *key)
{
	for (size_t at = lead->last; at; at = table->claims[at - 1].before) {
		struct fix *fix = &table->fixes[table->claims[at - 1].fix];

		if (!fix->lost)
			fix->lost = key;
	}
	lead->last = 0;
}

static bool claim(struct table *table, size_t number, const char *key, const char *value)
{
	const struct fix *fix = &table->fixes[number];
	struct setting setting = setting_of(table, fix, key);
	struct lead *lead = ta_map_put(&table->leads, &setting, NULL);

	if (!lead)
		return false;
	if (is_at_odds(lead, fix, value))
		turn_out(table, lead, key);
	if (!lead->last || has_the_word(fix->finding, lead->holder)) {
		lead->holder = fix->finding;
		lead->value = value;
	}
	table->claims[table->claim_count] = (struct claim){ number, lead->last };
	lead->last = ++table->claim_count;
	return true;
}

static bool go_through(struct table *table)
{
	for (size_t i = 0; i < table->fix_count; i++) {
		const char *key;
		json_t *value;

		if (!may_stand(table, &table->fixes[i]))
			continue;
		json_object_foreach (table->fixes[i].settings, key, value)
			if (!claim(table, i, key, json_string_value(value)))
				return false;
	}
	return true;
}

/* ---- what is said in the end --------------------------------------------------------- */

/* What stands in place of a fix whose value gives way. */
static json_t *deferring_fix(const struct table *table, const struct fix *fix)
{
	struct setting setting = setting_of(table, fix, fix->lost);
	const struct lead *lead = ta_map_get(&table->leads, &setting);

	return json_pack("{s:s, s:o, s:o}", "kind", "none", "title",
			 json_sprintf("One value for %s: %s", fix->lost, lead->value), "text",
			 json_sprintf("It is advised under \"%s\"; a setting can have only one "
				      "value.",
				      ta_json_text(lead->holder->json, "title")));
}

static bool say(const struct table *table)
{
	bool ok = true;

	for (size_t i = 0; i < table->fix_count; i++) {
		const struct fix *fix = &table->fixes[i];

		if (fix->lost)
			ok = json_array_set_new(json_object_get(fix->finding->json, "fixes"),
						fix->index, deferring_fix(table, fix)) == 0 &&
			     ok;
	}
	return ok;
}

/* ---- the table ----------------------------------------------------------------------- */

/* How many fixes set something, and how many settings that are. */
static size_t count_fixes(const struct ta_findings *findings, size_t *ret_settings)
{
	size_t count = 0, k;
	json_t *fix;

	*ret_settings = 0;
	for (size_t i = 0; i < findings->count; i++)
		json_array_foreach (json_object_get(findings->items[i].json, "fixes"), k, fix) {
			size_t settings = json_object_size(json_object_get(fix, "settings"));

			count += settings > 0;
			*ret_settings += settings;
		}
	return count;
}

/* The settings are kept: their texts are needed when the fix is gone. */
static void list_fixes(struct table *table, const struct ta_findings *findings)
{
	size_t k;
	json_t *fix;

	for (size_t i = 0; i < findings->count; i++)
		json_array_foreach (json_object_get(findings->items[i].json, "fixes"), k, fix) {
			json_t *settings = json_object_get(fix, "settings");

			if (json_object_size(settings))
				table->fixes[table->fix_count++] =
					(struct fix){ &findings->items[i], k, json_incref(settings),
						      NULL };
		}
}

static void drop_fixes(const struct table *table)
{
	for (size_t i = 0; i < table->fix_count; i++)
		json_decref(table->fixes[i].settings);
}

bool ta_findings_agree(struct ta_findings *findings)
{
	size_t settings, fixes = count_fixes(findings, &settings);
	ta_auto(json_decref_p) json_t *numbers = json_object();
	ta_auto_free struct fix *list = calloc(fixes + 1, sizeof(*list));
	ta_auto_free struct claim *claims = calloc(settings + 1, sizeof(*claims));
	struct table table = { .numbers = numbers, .fixes = list, .claims = claims };
	bool ok = numbers && list && claims;

	ta_map_init(&table.leads, sizeof(struct setting), sizeof(struct lead), settings);
	if (ok) {
		list_fixes(&table, findings);
		ok = go_through(&table) && say(&table);
		drop_fixes(&table);
	}
	ta_map_done(&table.leads);
	return ok;
}
