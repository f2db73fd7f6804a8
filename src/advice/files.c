/* files.c - the files of a change: the one that would keep it, the line that sets it today, and who
 * would have the last word at boot, or at the next start of the program, with ours there. */
#include <stdio.h>
#include <string.h>

#include "advice/planning.h"
#include "base/language.h"
#include "snapshot/key_owner.h"
#include "snapshot/own_file.h"

enum { PATH_SIZE = 4096 };

/* A container has nobody who reads them, unless it is known to. */
static bool has_reader(const struct ta_planning *planning)
{
	const json_t *host = json_object_get(planning->snapshot, "host");
	const char *runtime = ta_json_text(host, "runtime");
	const char *reader = ta_json_text(host, "sysctl_reader");

	if (*reader)
		return strcmp(reader, "none") != 0;
	return strcmp(runtime, "container") != 0 && strcmp(runtime, "pod") != 0;
}

const char *ta_change_why_no_file(const struct ta_planning *planning, const json_t *change)
{
	if (json_object_get(json_object_get(change, "place"), "elsewhere"))
		return _(
			"/etc/sysctl.d does not reach this network namespace: what makes it has to "
			"set it");
	if (!has_reader(planning))
		return _("nobody reads /etc/sysctl.d here at boot: what starts this system has to "
			 "set it");
	return NULL;
}

/* ---- sysctls ------------------------------------------------------------------------- */

/* The line that sets it today; none of them reaches another namespace. */
static bool find_line(const struct ta_planning *planning, json_t *change)
{
	const json_t *row = ta_setting_today(planning->snapshot, ta_json_text(change, "key"));

	return !row || json_object_get(json_object_get(change, "place"), "elsewhere") ||
	       ta_json_set(change, "today",
			   json_pack("{s:O, s:O, s:O*, s:O*}", "file", json_object_get(row, "file"),
				     "line", json_object_get(row, "line"), "value",
				     json_object_get(row, "value"), "owner",
				     json_object_get(row, "owner")));
}

static bool nobody_keeps(json_t *change, const char *text)
{
	return ta_json_set(change, "at_boot",
			   json_pack("{s:s, s:s}", "by", "nobody", "text", text));
}

static bool plan_keeps(json_t *change, const char *file, const char *value)
{
	return ta_json_set(change, "file", json_string(file)) &&
	       ta_json_set(
		       change, "at_boot",
		       json_pack("{s:s, s:s, s:s}", "by", "plan", "file", file, "value", value));
}

static bool keep_setting(const struct ta_planning *planning, json_t *change)
{
	const char *no_file = ta_change_why_no_file(planning, change);
	struct ta_key_owner owner;

	if (no_file)
		return nobody_keeps(change, no_file);
	if (strcmp(ta_json_text(change, "dialect"), "sysctl.d") != 0)
		return nobody_keeps(change, _("what made its network namespace has to set it"));
	if (!plan_keeps(change, TA_OWN_SYSCTL_FILE, ta_json_text(change, "new")))
		return false;
	if (!ta_setting_owner_of(planning->snapshot, ta_json_text(change, "key"), &owner))
		return true;
	return ta_json_set(change, "at_boot",
			   json_pack("{s:s, s:s*, s:s*, s:s*, s:I, s:s}", "by",
				     owner.kind == TA_KEY_OF_FILE    ? "file"
				     : owner.kind == TA_KEY_OF_TUNED ? "tuned"
								     : "program",
				     "name", owner.name, "file", owner.file, "value", owner.value,
				     "line", (json_int_t)owner.line, "text", owner.sentence));
}

/* ---- limits -------------------------------------------------------------------------- */

/* What a new start would get of the files, where the snapshot tells: of descriptors only. */
static const json_t *configured(const struct ta_planning *planning, const json_t *change)
{
	const json_t *process = ta_change_process(planning, change);

	return strcmp(ta_json_text(change, "key"), "nofile") == 0
		       ? json_object_get(process, "configured_nofile")
		       : NULL;
}

static json_t *pair_of(const json_t *limit)
{
	const json_t *soft = json_object_get(limit, "soft"), *hard = json_object_get(limit, "hard");

	return json_sprintf("%" JSON_INTEGER_FORMAT ":%" JSON_INTEGER_FORMAT,
			    json_integer_value(soft), json_integer_value(hard ? hard : soft));
}

/* Whether both stand in one folder, and the other is read after ours. */
static bool is_later(const char *file, const char *own)
{
	const char *name = strrchr(file, '/');
	size_t folder = (size_t)(strrchr(own, '/') - own);

	return name && (size_t)(name - file) == folder && strncmp(file, own, folder) == 0 &&
	       strcmp(name + 1, TA_OWN_NAME) > 0;
}

/* *ret: the file that would keep it; "" when none of ours can. */
static void own_file(const json_t *change, char *ret)
{
	const char *dialect = ta_json_text(change, "dialect");

	*ret = '\0';
	if (strcmp(dialect, "systemd") == 0)
		snprintf(ret, PATH_SIZE, TA_OWN_UNIT_FILE,
			 ta_json_text(json_object_get(change, "place"), "unit"));
	else if (strcmp(dialect, "limits.conf") == 0)
		snprintf(ret, PATH_SIZE, "%s", TA_OWN_LIMITS_FILE);
}

static bool keep_limit(const struct ta_planning *planning, json_t *change)
{
	const char *for_good = ta_json_string(change, "for_good");
	const json_t *now = configured(planning, change);
	const char *file = ta_json_text(now, "file");
	char own[PATH_SIZE];

	own_file(change, own);
	if (now && !ta_json_set(change, "today",
				json_pack("{s:s, s:O, s:o}", "file", file, "line",
					  json_object_get(now, "line"), "value", pair_of(now))))
		return false;
	if (!*own)
		return nobody_keeps(change,
				    _("it lasts until the process ends: what starts it has to "
				      "give it"));
	if (!plan_keeps(change, own, for_good ? for_good : ta_json_text(change, "new")))
		return false;
	return !is_later(file, own) ||
	       ta_json_set(change, "at_boot",
			   json_pack("{s:s, s:s, s:O, s:o, s:o}", "by", "file", "file", file,
				     "line", json_object_get(now, "line"), "value", pair_of(now),
				     "text",
				     json_sprintf(_("%s is read after %s, and sets it, too"), file,
						  TA_OWN_NAME)));
}

bool ta_change_files(const struct ta_planning *planning, json_t *change)
{
	if (ta_change_is_setting(change))
		return find_line(planning, change) && keep_setting(planning, change);
	return keep_limit(planning, change);
}
