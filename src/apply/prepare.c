/* prepare.c - from a plan to a record: what is to be written, and what is there now. Nothing is
 * changed here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "advice/planning.h"
#include "apply/action.h"
#include "apply/merge.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"

struct preparing {
	const char *root;
	const json_t *plan;
	json_t *actions;
	struct ta_error *err;
};

static bool no_memory(struct ta_error *err)
{
	return ta_fail(err, TA_E_NOMEM, "out of memory");
}

/* ---- actions ------------------------------------------------------------------------- */

/* Takes the action over, with what is there now as its "old"; it is left out when that is what is
 * to be. */
static bool add_action(struct preparing *preparing, json_t *taken)
{
	ta_auto(json_decref_p) json_t *action = taken, *now = NULL;
	const struct ta_action_kind *kind;

	if (!action)
		return no_memory(preparing->err);
	kind = ta_action_kind_of(action, preparing->err);
	if (!kind || !kind->read(preparing->root, action, &now, preparing->err))
		return false;
	if (!now || kind->same(action, now, json_object_get(action, "new")))
		return true;
	return (json_object_set(action, "old", now) == 0 &&
		json_array_append(preparing->actions, action) == 0) ||
	       no_memory(preparing->err);
}

/* Names the namespace of a setting that is not our own: { name, inode, path, pid }. */
static bool set_namespace(json_t *action, const json_t *place)
{
	return !*ta_json_text(place, "enter") ||
	       ta_json_set(action, "namespace",
			   json_pack("{s:O, s:O*, s:O*, s:O*}", "name",
				     json_object_get(place, "namespace"), "inode",
				     json_object_get(place, "inode"), "path",
				     json_object_get(place, "path"), "pid",
				     json_object_get(place, "pid")));
}

static bool add_setting(struct preparing *preparing, const json_t *change)
{
	json_t *action = json_pack(
		"{s:s, s:O, s:O, s:O}", "kind", "sysctl", "key", json_object_get(change, "key"),
		"new", json_object_get(change, "new"), "why", json_object_get(change, "why"));

	if (!action || !set_namespace(action, json_object_get(change, "place"))) {
		json_decref(action);
		return no_memory(preparing->err);
	}
	return add_action(preparing, action);
}

/* The pair that "SOFT:HARD" asks for; of "SOFT:" the hard one is what it is, if that is enough. */
static json_t *pair_of(const char *value, const json_t *now)
{
	char *end;
	json_int_t soft = strtoll(value, &end, 10), hard = soft;
	json_int_t present = json_integer_value(json_array_get(now, 1));

	if (*end == ':' && end[1])
		hard = strtoll(end + 1, NULL, 10);
	else if (*end == ':' && (present < 0 || present > soft))
		hard = present;
	return json_pack("[I, I]", soft, hard);
}

static bool add_limit(struct preparing *preparing, const json_t *change)
{
	const json_t *place = json_object_get(change, "place");
	ta_auto(json_decref_p) json_t *now = NULL;
	json_t *action =
		json_pack("{s:s, s:O, s:O, s:O*, s:O*, s:O}", "kind", "limit", "limit",
			  json_object_get(change, "key"), "pid", json_object_get(place, "pid"),
			  "start_ticks", json_object_get(place, "start_ticks"), "process",
			  json_object_get(place, "name"), "why", json_object_get(change, "why"));

	if (action && !ta_action_limit.read(preparing->root, action, &now, preparing->err)) {
		json_decref(action);
		return false;
	}
	if (!ta_json_set(action, "new", pair_of(ta_json_text(change, "new"), now))) {
		json_decref(action);
		return no_memory(preparing->err);
	}
	return add_action(preparing, action);
}

static bool add_values(struct preparing *preparing)
{
	const json_t *change;
	size_t i;

	json_array_foreach (json_object_get(preparing->plan, "changes"), i, change) {
		if (json_object_get(change, "refused"))
			continue;
		if (!(ta_change_is_setting(change) ? add_setting(preparing, change)
						   : add_limit(preparing, change)))
			return false;
	}
	return true;
}

/* ---- files --------------------------------------------------------------------------- */

static bool is_kept_in(const json_t *change, const char *file)
{
	return !json_object_get(change, "refused") &&
	       strcmp(ta_json_text(change, "file"), file) == 0;
}

/* The changes that one file keeps, a new reference. */
static json_t *changes_of(const json_t *plan, const char *file)
{
	json_t *list = json_array(), *change;
	size_t i;

	json_array_foreach (json_object_get(plan, "changes"), i, change)
		if (is_kept_in(change, file) && json_array_append(list, change) < 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

static bool has_folder(const char *root, const char *file)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s%.*s", root, (int)(strrchr(file, '/') - file), file);
	return access(path, F_OK) == 0;
}

static bool add_file(struct preparing *preparing, const char *file, const char *dialect)
{
	ta_auto(json_decref_p) json_t *changes = changes_of(preparing->plan, file), *old = NULL;
	ta_auto(json_decref_p) json_t *lines =
		changes ? ta_changes_lines(preparing->plan, changes, dialect, NULL) : NULL;
	ta_auto(json_decref_p) json_t *asked =
		json_pack("{s:s, s:s}", "kind", "file", "path", file);
	json_t *action;

	if (!lines || !asked)
		return no_memory(preparing->err);
	if (!ta_action_file.read(preparing->root, asked, &old, preparing->err))
		return false;
	action = json_pack("{s:s, s:s, s:o}", "kind", "file", "path", file, "new",
			   ta_merge(dialect, json_string_value(old), lines));
	if (action && !has_folder(preparing->root, file) &&
	    !ta_json_set(action, "made_folder", json_true())) {
		json_decref(action);
		action = NULL;
	}
	return add_action(preparing, action);
}

static bool is_first_of_file(const json_t *changes, size_t at, const char *file)
{
	for (size_t i = 0; i < at; i++)
		if (is_kept_in(json_array_get(changes, i), file))
			return false;
	return true;
}

static bool add_files(struct preparing *preparing)
{
	const json_t *changes = json_object_get(preparing->plan, "changes"), *change;
	size_t i;

	json_array_foreach (changes, i, change) {
		const char *file = ta_json_text(change, "file");

		if (*file && is_kept_in(change, file) && is_first_of_file(changes, i, file) &&
		    !add_file(preparing, file, ta_json_text(change, "dialect")))
			return false;
	}
	return true;
}

/* ---- the record ---------------------------------------------------------------------- */

static json_t *new_record(const json_t *plan)
{
	const struct ta_clock *clock = ta_clock_system();
	char now[32];

	ta_clock_rfc3339(clock->realtime_ms(clock->ctx), now);
	return json_pack("{s:s, s:s, s:s, s:O*, s:[]}", "schema", TA_CHANGE_SCHEMA, "state",
			 "prepared", "begun_at", now, "boot_id",
			 json_object_get(json_object_get(plan, "host"), "boot_id"), "actions");
}

bool ta_apply_prepare(const json_t *plan, const struct ta_apply_options *options, json_t **ret,
		      struct ta_error *err)
{
	ta_auto(json_decref_p) json_t *record = new_record(plan);
	struct preparing preparing = { .root = options->root ? options->root : "",
				       .plan = plan,
				       .actions = json_object_get(record, "actions"),
				       .err = err };

	if (!record)
		return no_memory(err);
	if ((!options->runtime_only && !add_files(&preparing)) || !add_values(&preparing))
		return ta_wrap(err, "nothing was changed");
	*ret = TA_TAKE(record);
	return true;
}
