/* action.c - see action.h. */
#include "apply/action.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/macros.h"

TA_DEFINE_AUTO(json_t, json_decref)

static const struct ta_action_kind *const kinds[] = {
	&ta_action_sysctl,
	&ta_action_limit,
	&ta_action_file,
};

const struct ta_action_kind *ta_action_kind_of(const json_t *action, struct ta_error *err)
{
	const char *name = ta_json_text(action, "kind");

	for (size_t i = 0; i < TA_ARRAY_SIZE(kinds); i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	ta_fail(err, TA_E_INPUT, "a record has an action of kind '%s', which this version lacks",
		name);
	return NULL;
}

bool ta_action_check(const json_t *action, struct ta_error *err)
{
	const struct ta_action_kind *kind = ta_action_kind_of(action, err);

	if (!kind)
		return false;
	return (kind->takes(action, json_object_get(action, "old")) &&
		kind->takes(action, json_object_get(action, "new"))) ||
	       ta_fail(err, TA_E_INPUT, "an action of kind '%s' is not complete", kind->name);
}

void ta_action_name(const json_t *action, char *ret, size_t size)
{
	const char *kind = ta_json_text(action, "kind");
	const char *place = ta_json_text(json_object_get(action, "namespace"), "name");

	if (strcmp(kind, "file") == 0)
		snprintf(ret, size, "%s", ta_json_text(action, "path"));
	else if (strcmp(kind, "limit") == 0)
		snprintf(ret, size, "%s of %s (pid %" JSON_INTEGER_FORMAT ")",
			 ta_json_text(action, "limit"), ta_json_text(action, "process"),
			 json_integer_value(json_object_get(action, "pid")));
	else
		snprintf(ret, size, "%s%s%s", ta_json_text(action, "key"), *place ? " in " : "",
			 place);
}

enum ta_standing ta_action_standing(const char *root, const json_t *action, struct ta_error *err)
{
	const struct ta_action_kind *kind = ta_action_kind_of(action, err);
	ta_auto(json_decref_p) json_t *now = NULL;

	if (!kind || !kind->read(root, action, &now, err))
		return TA_STANDING_UNKNOWN;
	if (!now)
		return TA_STANDING_GONE;
	if (kind->same(action, now, json_object_get(action, "new")))
		return TA_STANDING_NEW;
	return kind->same(action, now, json_object_get(action, "old")) ? TA_STANDING_OLD
								       : TA_STANDING_OTHER;
}

static bool complain(const json_t *action, const json_t *now, struct ta_error *err)
{
	ta_auto_free char *text = now ? json_dumps(now, JSON_ENCODE_ANY) : NULL;
	char name[512];

	ta_action_name(action, name, sizeof(name));
	if (!now)
		return ta_fail(err, TA_E_SYSTEM, "%s is gone", name);
	return ta_fail(err, TA_E_SYSTEM, "%s was set, and is now %s", name, text ? text : "other");
}

bool ta_action_set(const char *root, const json_t *action, const char *member, struct ta_error *err)
{
	const struct ta_action_kind *kind = ta_action_kind_of(action, err);
	const json_t *wanted = json_object_get(action, member);
	ta_auto(json_decref_p) json_t *now = NULL;

	if (!kind || !kind->write(root, action, wanted, err) ||
	    !kind->read(root, action, &now, err))
		return false;
	return (now && kind->same(action, now, wanted)) || complain(action, now, err);
}

void ta_action_tidy(const char *root, const json_t *action)
{
	struct ta_error ignored = TA_ERROR_INIT;
	const struct ta_action_kind *kind = ta_action_kind_of(action, &ignored);

	if (kind && kind->tidy)
		kind->tidy(root, action);
}
