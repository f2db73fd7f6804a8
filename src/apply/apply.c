/* apply.c - a record carried out, and taken back: see tcpadvise/apply.h. */
#include <string.h>

#include "apply/action.h"
#include "apply/store.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/macros.h"

TA_DEFINE_AUTO(json_t, json_decref)

static const char *root_of(const struct ta_apply_options *options)
{
	return options->root ? options->root : "";
}

/* ---- the record ---------------------------------------------------------------------- */

static bool write_state(const struct ta_store *store, json_t *record, const char *state,
			struct ta_error *err)
{
	const struct ta_clock *clock = ta_clock_system();
	char now[32];

	ta_clock_rfc3339(clock->realtime_ms(clock->ctx), now);
	if (!ta_json_set(record, "state", json_string(state)) ||
	    (strcmp(state, "begun") != 0 && !ta_json_set(record, "ended_at", json_string(now))))
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	return ta_store_write(store, record, err);
}

static bool is_in_force(const json_t *record)
{
	const char *state = ta_json_text(record, "state");

	return strcmp(state, "begun") == 0 || strcmp(state, "applied") == 0 ||
	       strcmp(state, "reverting") == 0;
}

/* ---- taken back ---------------------------------------------------------------------- */

/* Gives an action its old value when it is as it was left, or (forced) whatever is there; what
 * became of it is its "outcome". false: memory ran out. */
static bool take_back(const char *root, json_t *action, bool forced, bool *ret_failed)
{
	static const char *const outcomes[] = {
		[TA_STANDING_OLD] = "restored",        [TA_STANDING_NEW] = "restored",
		[TA_STANDING_OTHER] = "changed_since", [TA_STANDING_GONE] = "gone",
		[TA_STANDING_UNKNOWN] = "failed",
	};
	struct ta_error failure = TA_ERROR_INIT;
	enum ta_standing standing = ta_action_standing(root, action, &failure);

	json_object_del(action, "error"); /* of an earlier try */
	if (forced && standing == TA_STANDING_OTHER)
		standing = TA_STANDING_NEW;
	if (standing == TA_STANDING_NEW && !ta_action_set(root, action, "old", &failure))
		standing = TA_STANDING_UNKNOWN;
	*ret_failed |= standing == TA_STANDING_UNKNOWN;
	ta_action_tidy(root, action);
	return (standing != TA_STANDING_UNKNOWN ||
		ta_json_set(action, "error", json_string(failure.text))) &&
	       ta_json_set(action, "outcome", json_string(outcomes[standing]));
}

/* The first so many, the last one first; what can't be taken back does not keep the others. Fails
 * when one could not. */
static bool take_all_back(const char *root, const json_t *record, size_t count, bool forced,
			  struct ta_error *err)
{
	const json_t *actions = json_object_get(record, "actions");
	bool failed = false;

	for (; count > 0; count--)
		if (!take_back(root, json_array_get(actions, count - 1), forced, &failed))
			return ta_fail(err, TA_E_NOMEM, "out of memory");
	return !failed || ta_fail(err, TA_E_SYSTEM, "not all could be taken back");
}

/* ---- carried out --------------------------------------------------------------------- */

/* What one that was killed left half done has to be taken back before something else is changed. */
static bool check_store(const struct ta_store *store, struct ta_error *err)
{
	ta_auto(json_decref_p) json_t *records = NULL;
	const json_t *record;
	size_t i;

	if (!ta_store_list(store, &records, err))
		return false;
	json_array_foreach (records, i, record)
		if (is_in_force(record) && strcmp(ta_json_text(record, "state"), "applied") != 0)
			return ta_fail(err, TA_E_SYSTEM,
				       "change %" JSON_INTEGER_FORMAT
				       " was broken off half-way: take it back first (tcpadvise "
				       "revert)",
				       json_integer_value(json_object_get(record, "id")));
	return true;
}

/* Between the plan and the consent there may be hours, and another apply. What was noted down as
 * old would overwrite what somebody else has set since. */
static bool check_unchanged(const char *root, const json_t *record, struct ta_error *err)
{
	const json_t *action;
	char name[512];
	size_t i;

	json_array_foreach (json_object_get(record, "actions"), i, action) {
		enum ta_standing standing = ta_action_standing(root, action, err);

		if (standing == TA_STANDING_OLD)
			continue;
		ta_action_name(action, name, sizeof(name));
		return standing == TA_STANDING_UNKNOWN
			       ? false
			       : ta_fail(err, TA_E_SYSTEM, "%s %s since the plan was made", name,
					 standing == TA_STANDING_GONE ? "has gone" : "was changed");
	}
	return true;
}

/* *ret_count: how many were set, or at least tried. */
static bool carry_out(const char *root, const json_t *record, size_t *ret_count,
		      struct ta_error *err)
{
	const json_t *actions = json_object_get(record, "actions");

	for (*ret_count = 0; *ret_count < json_array_size(actions);)
		if (!ta_action_set(root, json_array_get(actions, (*ret_count)++), "new", err))
			return false;
	return true;
}

/* When all of this fails, too, the record still says "begun", and revert knows what to do. What was
 * tried is ours, even if the kernel made something else of it. */
static bool fail_and_take_back(const struct ta_store *store, const char *root, json_t *record,
			       size_t count, struct ta_error *err)
{
	struct ta_error second = TA_ERROR_INIT;

	if (!take_all_back(root, record, count, true, &second))
		return ta_wrap(err, "not all could be taken back");
	if (!ta_json_set(record, "error", json_string(err->text)) ||
	    !write_state(store, record, "taken_back", &second))
		return ta_wrap(err, "all was taken back, which could not be noted down (tcpadvise "
				    "revert will)");
	return ta_wrap(err, "all was taken back");
}

bool ta_apply(json_t *record, const struct ta_apply_options *options, struct ta_error *err)
{
	const char *root = root_of(options);
	ta_auto(ta_store_done) struct ta_store store = { .lock = -1 };
	size_t count;

	if (!ta_store_open(&store, root, true, err) || !check_store(&store, err) ||
	    !check_unchanged(root, record, err) || !write_state(&store, record, "begun", err))
		return ta_wrap(err, "nothing was changed");
	if (!carry_out(root, record, &count, err) || !write_state(&store, record, "applied", err))
		return fail_and_take_back(&store, root, record, count, err);
	return true;
}

/* ---- what was changed ---------------------------------------------------------------- */

bool ta_records(const struct ta_apply_options *options, json_t **ret, struct ta_error *err)
{
	ta_auto(ta_store_done) struct ta_store store = { .lock = -1 };

	return ta_store_open(&store, root_of(options), false, err) &&
	       ta_store_list(&store, ret, err);
}

/* The record with this id; 0: the newest that is in force. NULL with *err when there is none. */
static json_t *find_record(const json_t *records, json_int_t id, struct ta_error *err)
{
	for (size_t i = json_array_size(records); i > 0; i--) {
		json_t *record = json_array_get(records, i - 1);
		json_int_t own = json_integer_value(json_object_get(record, "id"));

		if (id ? own != id : !is_in_force(record))
			continue;
		if (is_in_force(record))
			return record;
		ta_fail(err, TA_E_MISSING, "change %" JSON_INTEGER_FORMAT " is %s already", id,
			strcmp(ta_json_text(record, "state"), "reverted") == 0 ? "reverted"
									       : "taken back");
		return NULL;
	}
	if (id)
		ta_fail(err, TA_E_MISSING, "there is no change %" JSON_INTEGER_FORMAT, id);
	else
		ta_fail(err, TA_E_MISSING, "there is nothing to take back");
	return NULL;
}

/* Whether two actions set the same thing. */
static bool is_same_thing(const json_t *a, const json_t *b)
{
	char name[512], other[512];

	ta_action_name(a, name, sizeof(name));
	ta_action_name(b, other, sizeof(other));
	return strcmp(name, other) == 0;
}

/* Fails when another change was made on top of this one: taking that back later would bring what it
 * found here, the lines of a file above all. */
static bool check_on_top(const json_t *records, const json_t *record, struct ta_error *err)
{
	const json_t *above, *action, *other;
	size_t i, j, k;

	json_array_foreach (records, i, above) {
		json_int_t id = json_integer_value(json_object_get(above, "id"));

		if (!is_in_force(above) || id <= json_integer_value(json_object_get(record, "id")))
			continue;
		json_array_foreach (json_object_get(above, "actions"), j, action)
			json_array_foreach (json_object_get(record, "actions"), k, other)
				if (is_same_thing(action, other))
					return ta_fail(err, TA_E_SYSTEM,
						       "change %" JSON_INTEGER_FORMAT
						       " was made on top of it: take that back "
						       "first",
						       id);
	}
	return true;
}

bool ta_revert(const struct ta_apply_options *options, json_int_t id, json_t **ret,
	       struct ta_error *err)
{
	const char *root = root_of(options);
	ta_auto(ta_store_done) struct ta_store store = { .lock = -1 };
	ta_auto(json_decref_p) json_t *records = NULL;
	json_t *record;

	/* Where nothing was ever changed nothing is written, not even the lock. */
	if (!ta_store_open(&store, root, ta_store_is_there(root), err) ||
	    !ta_store_list(&store, &records, err))
		return false;
	record = find_record(records, id, err);
	if (!record || !check_on_top(records, record, err) ||
	    !write_state(&store, record, "reverting", err))
		return false;
	*ret = json_incref(record);
	return take_all_back(root, record, json_array_size(json_object_get(record, "actions")),
			     false, err) &&
	       write_state(&store, record, "reverted", err);
}
