/* refuse.c - which changes must not be made: the kernel would not take the value, the risk is high,
 * or another owner would set it back. The last two are made all the same when they are named. */
#include <string.h>

#include "advice/planning.h"
#include "base/language.h"
#include "snapshot/tunable_check.h"

static bool is_forced(const struct ta_planning *planning, const char *key)
{
	const char *const *forced = planning->options->force;

	for (; forced && *forced; forced++)
		if (strcmp(*forced, key) == 0)
			return true;
	return false;
}

static bool refuse(json_t *change, const char *by, const char *why)
{
	return ta_json_set(change, "refused", json_pack("{s:s, s:s}", "by", by, "why", why));
}

/* ---- reasons ------------------------------------------------------------------------- */

/* Each refuses the change or lets it be; false when memory ran out. */

static bool check_value(const struct ta_planning *planning, json_t *change)
{
	const struct ta_tunable *tunable = ta_tunable_find(ta_json_text(change, "key"));
	const json_t *values;
	struct ta_error err = TA_ERROR_INIT;

	if (!ta_change_is_setting(change) || !tunable)
		return true;
	values = ta_tunable_values(tunable, planning->snapshot,
				   ta_change_namespace(planning, change));
	if (ta_tunable_check(tunable, ta_json_text(change, "new"), values, &err))
		return true;
	return err.code != TA_E_NOMEM && refuse(change, "kernel", err.text);
}

/* From another namespace a setting is reached only where each namespace has its own, and where
 * there is a way in. */
static bool check_place(const struct ta_planning *planning, json_t *change)
{
	const json_t *place = json_object_get(change, "place");

	(void)planning;
	if (!json_object_get(place, "elsewhere") || *ta_json_text(place, "enter"))
		return true;
	return refuse(
		change, "place",
		json_object_get(place, "enter")
			? _("no way into its network namespace is known")
			: _("it is one for the whole host, and not of this network namespace: "
			    "plan it on the host, without --netns"));
}

static bool check_risk(const struct ta_planning *planning, json_t *change)
{
	if (strcmp(ta_json_text(change, "risk"), "high") != 0 ||
	    is_forced(planning, ta_json_text(change, "key")))
		return true;
	return refuse(change, "risk", _("its risk is high: it is changed only when it is named"));
}

/* An owner that sets the same is welcome. */
static bool check_owner(const struct ta_planning *planning, json_t *change)
{
	const json_t *boot = json_object_get(change, "at_boot");
	const char *by = ta_json_text(boot, "by"), *for_good = ta_json_string(change, "for_good");
	const char *wanted = for_good ? for_good : ta_json_text(change, "new");

	if (!*by || strcmp(by, "plan") == 0 || strcmp(by, "nobody") == 0 ||
	    is_forced(planning, ta_json_text(change, "key")) ||
	    strcmp(ta_json_text(boot, "value"), wanted) == 0)
		return true;
	return refuse(change, "owner", ta_json_text(boot, "text"));
}

static bool (*const checks[])(const struct ta_planning *planning, json_t *change) = {
	check_value,
	check_place,
	check_risk,
	check_owner,
};

/* ---- all of them --------------------------------------------------------------------- */

static bool share_a_fix(const json_t *a, const json_t *b)
{
	const json_t *left, *right;
	size_t i, j;

	json_array_foreach (json_object_get(a, "fixes"), i, left)
		json_array_foreach (json_object_get(b, "fixes"), j, right)
			if (json_equal(left, right))
				return true;
	return false;
}

/* What one fix sets is set together or not at all. */
static bool refuse_its_fix(const struct ta_planning *planning, const json_t *refused)
{
	json_t *change;
	size_t i;
	bool ok = true;

	json_array_foreach (planning->changes, i, change) {
		if (json_object_get(change, "refused") || !share_a_fix(change, refused))
			continue;
		ok = ok &&
		     ta_json_set(change, "refused",
				 json_pack("{s:s, s:o}", "by", "fix", "why",
					   json_sprintf(_("it goes with %s, which is refused"),
							ta_json_text(refused, "key"))));
	}
	return ok;
}

bool ta_planning_refuse(struct ta_planning *planning, struct ta_error *err)
{
	bool ok = true;
	json_t *change;
	size_t i;

	json_array_foreach (planning->changes, i, change)
		for (size_t c = 0; c < TA_ARRAY_SIZE(checks); c++)
			if (!json_object_get(change, "refused"))
				ok = ok && checks[c](planning, change);
	json_array_foreach (planning->changes, i, change) {
		const json_t *refused = json_object_get(change, "refused");

		if (refused && strcmp(ta_json_text(refused, "by"), "fix") != 0)
			ok = ok && refuse_its_fix(planning, change);
	}
	return ok ? true : ta_fail(err, TA_E_NOMEM, "out of memory");
}
