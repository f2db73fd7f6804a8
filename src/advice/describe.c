/* describe.c - what a change is about: what is in force now and which file set it, what it costs,
 * how it is said in the dialect that fits the place, and how it is taken back. */
#include <string.h>

#include "advice/planning.h"
#include "base/buf.h"
#include "base/language.h"
#include "snapshot/tunable_check.h"

enum { TEXT_MAX = 1 << 16 };

/* ---- what is in force ---------------------------------------------------------------- */

static bool set_text(json_t *object, const char *name, const struct ta_buf *text)
{
	return ta_buf_ok(text, NULL) && ta_json_set(object, name, json_string(ta_buf_cstr(text)));
}

static bool describe_setting(const struct ta_planning *planning, json_t *change,
			     const struct ta_tunable *tunable)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(TEXT_MAX);
	const json_t *values = ta_tunable_values(tunable, planning->snapshot,
						 ta_change_namespace(planning, change));
	const json_t *value = json_object_get(values, tunable->key);

	ta_tunable_print(&text, value);
	return !value || set_text(change, "current", &text);
}

/* The members of a process that hold each limit. */
static const struct {
	const char *key, *soft, *hard; /* hard may be NULL */
} limits[] = {
	{ "nofile", "nofile_soft", "nofile_hard" },
	{ "nproc", "nproc_soft", NULL },
};

static bool describe_limit(const struct ta_planning *planning, json_t *change)
{
	const json_t *process = ta_change_process(planning, change), *soft, *hard;
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(TEXT_MAX);

	for (size_t i = 0; i < TA_ARRAY_SIZE(limits); i++) {
		if (strcmp(limits[i].key, ta_json_text(change, "key")) != 0)
			continue;
		soft = json_object_get(process, limits[i].soft);
		hard = limits[i].hard ? json_object_get(process, limits[i].hard) : NULL;
		if (!soft)
			return true;
		ta_tunable_print(&text, soft);
		ta_buf_char(&text, ':');
		ta_tunable_print(&text, hard);
	}
	return ta_buf_ok(&text, NULL) && (!text.len || set_text(change, "current", &text));
}

/* ---- the catalogue ------------------------------------------------------------------- */

/* A queue of listen() is made by it: what listens already keeps its own. */
static bool describe_restart(json_t *change, const json_t *facts)
{
	return json_object_get(change, "restart") ||
	       !json_is_true(json_object_get(facts, "needs_listener_restart")) ||
	       ta_json_set(
		       change, "restart",
		       json_string(_("The services that listen: only the next listen() sees it.")));
}

/* Sets what the catalogue says; of a key that no kernel has any more it says null. What the fix has
 * said goes before. */
static bool set_default(json_t *change, const char *name, const json_t *text)
{
	return !json_is_string(text) || json_object_get(change, name) ||
	       ta_json_set(change, name, json_string(_(json_string_value(text))));
}

static bool describe_cost(json_t *change, const struct ta_tunable *tunable, struct ta_error *err)
{
	const json_t *facts = ta_tunable_facts(tunable, err);
	const json_t *told = json_object_get(facts, "change");

	return facts && describe_restart(change, facts) &&
	       set_default(change, "cost", json_object_get(told, "cost")) &&
	       set_default(change, "risk_text", json_object_get(told, "risk")) &&
	       set_default(change, "takes_effect", json_object_get(facts, "takes_effect"));
}

/* ---- how it is said ------------------------------------------------------------------ */

/* What lasts as long as the process is set now; files and engines keep what is for good. */
static const char *value_for(const json_t *change, const struct ta_dialect *dialect)
{
	const char *for_good = ta_json_string(change, "for_good");
	bool now = strcmp(dialect->name, "shell") == 0 || strcmp(dialect->name, "prlimit") == 0;

	return for_good && !now ? for_good : ta_json_text(change, "new");
}

struct ta_dialect_item ta_change_item(const json_t *change, const struct ta_dialect *dialect,
				      struct ta_buf *why)
{
	const json_t *place = json_object_get(change, "place"), *cited;
	bool is_setting = ta_change_is_setting(change);
	size_t i;

	json_array_foreach (json_object_get(change, "why"), i, cited)
		ta_buf_printf(why, "%s%s", i ? ", " : "", ta_json_text(cited, "rule"));
	return (struct ta_dialect_item){
		.kind = is_setting ? TA_DIALECT_SYSCTL : TA_DIALECT_LIMIT,
		.key = ta_json_text(change, "key"),
		.value = value_for(change, dialect),
		.why = ta_buf_cstr(why),
		.enter = ta_json_text(place, "enter"),
		.unit = is_setting && !json_object_get(place, "elsewhere")
				? ""
				: ta_json_text(place, "unit"),
		.user = ta_json_text(place, "domain"),
		.pid = json_integer_value(json_object_get(place, "pid")),
	};
}

/* Of one change the plan itself tells what it is for. */
static bool add_lines(json_t *commands, const struct ta_dialect *dialect, const json_t *change)
{
	static const struct ta_dialect_options nothing;
	ta_auto(ta_buf_done) struct ta_buf why = TA_BUF_INIT(TEXT_MAX);
	struct ta_dialect_item item = ta_change_item(change, dialect, &why);
	json_t *lines;

	item.why = "";
	if (json_object_get(commands, dialect->name) || !ta_dialect_takes(dialect, &item, &nothing))
		return true;
	lines = json_array();
	return ta_json_set(commands, dialect->name, lines) &&
	       ta_dialect_print(dialect, &item, 1, &nothing, lines);
}

/* "4194304:4194304" of a user's number, as limits.conf takes it. */
static bool add_domain(json_t *change)
{
	json_t *place = json_object_get(change, "place"), *uid = json_object_get(place, "uid");

	return ta_change_is_setting(change) || !uid ||
	       ta_json_set(place, "domain",
			   json_sprintf("%" JSON_INTEGER_FORMAT ":%" JSON_INTEGER_FORMAT,
					json_integer_value(uid), json_integer_value(uid)));
}

/* The one that the fix is said in, unless it has no words for this, or nobody reads the file. */
static const struct ta_dialect *find_dialect(const struct ta_planning *planning,
					     const json_t *change)
{
	static const struct ta_dialect_options nothing;
	ta_auto(ta_buf_done) struct ta_buf why = TA_BUF_INIT(TEXT_MAX);
	const struct ta_dialect *shell = ta_dialect_find("shell");
	const struct ta_dialect *dialect = ta_dialect_find(ta_json_text(change, "dialect"));
	struct ta_dialect_item item;

	if (!dialect ||
	    (strcmp(dialect->name, "sysctl.d") == 0 && ta_change_why_no_file(planning, change)))
		return shell;
	item = ta_change_item(change, dialect, &why);
	return ta_dialect_takes(dialect, &item, &nothing) ? dialect : shell;
}

static bool describe_commands(const struct ta_planning *planning, json_t *change)
{
	json_t *commands = json_object();
	bool ok = ta_json_set(change, "commands", commands) && add_domain(change);
	const struct ta_dialect *shell = ta_dialect_find("shell");
	const struct ta_dialect *dialect = find_dialect(planning, change);

	return ok && ta_json_set(change, "dialect", json_string(dialect->name)) &&
	       add_lines(commands, shell, change) && add_lines(commands, dialect, change);
}

/* The same with the present value: what takes it back. */
static bool describe_revert(json_t *change)
{
	ta_auto(ta_buf_done) struct ta_buf why = TA_BUF_INIT(TEXT_MAX);
	const struct ta_dialect *shell = ta_dialect_find("shell");
	struct ta_dialect_item item = ta_change_item(change, shell, &why);
	static const struct ta_dialect_options nothing;
	ta_auto(json_decref_p) json_t *lines = json_array();
	const char *current = ta_json_string(change, "current");

	if (!current)
		return true;
	item.value = current;
	item.why = "";
	return lines && ta_dialect_print(shell, &item, 1, &nothing, lines) &&
	       (!json_array_size(lines) || json_object_set(change, "revert", lines) == 0);
}

bool ta_planning_describe(struct ta_planning *planning, struct ta_error *err)
{
	bool ok = true;
	json_t *change;
	size_t i;

	json_array_foreach (planning->changes, i, change) {
		const struct ta_tunable *tunable = ta_tunable_find(ta_json_text(change, "key"));
		bool is_setting = ta_change_is_setting(change) && tunable;

		ok = ok && (is_setting ? describe_setting(planning, change, tunable) &&
						 describe_cost(change, tunable, err)
				       : describe_limit(planning, change));
		ok = ok && describe_commands(planning, change) && describe_revert(change) &&
		     ta_change_files(planning, change);
	}
	return ok ? true : ta_fail(err, TA_E_NOMEM, "out of memory");
}
