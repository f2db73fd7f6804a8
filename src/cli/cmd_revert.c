/* cmd_revert.c - tcpadvise revert: takes back what apply has set. Nothing else does, for a change
 * that is taken back unasked surprises whoever has come to rely on it. */
#include <inttypes.h>
#include <string.h>

#include "base/macros.h"
#include "base/number.h"
#include "cli/change_text.h"
#include "cli/options.h"
#include "cli/output.h"
#include "tcpadvise/apply.h"

enum { TEXT_MAX = 16 << 20 };

TA_DEFINE_AUTO(json_t, json_decref)

static bool wants_json(const struct ta_settings *settings)
{
	return settings->format && strcmp(settings->format, "json") == 0;
}

static bool list(const struct ta_settings *settings, struct ta_error *err)
{
	const struct ta_apply_options options = { .root = NULL };
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(TEXT_MAX);
	ta_auto(json_decref_p) json_t *records = NULL;
	const json_t *record;
	size_t i;

	if (!ta_records(&options, &records, err))
		return false;
	if (wants_json(settings))
		return ta_output_json(settings, records, err);
	json_array_foreach (records, i, record) {
		ta_change_print_line(&text, record);
		ta_change_print_actions(&text, record);
	}
	if (!json_array_size(records))
		ta_buf_str(&text, "Nothing was changed by tcpadvise apply.\n");
	return ta_buf_ok(&text, err) && ta_output(settings, ta_buf_cstr(&text), text.len, err);
}

static bool show(const struct ta_settings *settings, const json_t *record, struct ta_error *err)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(TEXT_MAX);

	if (wants_json(settings))
		return ta_output_json(settings, record, err);
	ta_change_print_line(&text, record);
	ta_change_print_outcomes(&text, record);
	return ta_buf_ok(&text, err) && ta_output(settings, ta_buf_cstr(&text), text.len, err);
}

/* What came of it is shown even if not all of it could be taken back. */
static bool revert_one(const struct ta_settings *settings, json_int_t id, struct ta_error *err)
{
	const struct ta_apply_options options = { .root = NULL };
	ta_auto(json_decref_p) json_t *record = NULL;
	struct ta_error failure = TA_ERROR_INIT;
	bool ok = ta_revert(&options, id, &record, err);

	return (!record || show(settings, record, &failure)) && ok;
}

/* Newest first, until there is none. */
static bool revert_all(const struct ta_settings *settings, struct ta_error *err)
{
	struct ta_error end = TA_ERROR_INIT;
	bool any = false;

	while (revert_one(settings, 0, &end)) {
		any = true;
		ta_error_clear(&end);
	}
	if (any && end.code == TA_E_MISSING)
		return true;
	*err = end;
	return false;
}

static bool parse_id(const char *text, json_int_t *ret, struct ta_error *err)
{
	uint64_t id;

	if (!ta_parse_u64(text, strlen(text), 10, &id) || !id || id > INT32_MAX)
		return ta_fail(err, TA_E_USAGE,
			       "'%s' is no number of a change; tcpadvise revert --list shows them",
			       text);
	*ret = (json_int_t)id;
	return true;
}

static bool revert(const struct ta_settings *settings, char *const *args, size_t count,
		   struct ta_error *err)
{
	json_int_t id = 0;

	if (settings->list + settings->all + (count > 0) > 1)
		return ta_fail(err, TA_E_USAGE, "only one of --list, --all and a number is meant");
	if (settings->list)
		return list(settings, err);
	if (settings->all)
		return revert_all(settings, err);
	return (!count || parse_id(args[0], &id, err)) && revert_one(settings, id, err);
}

static int run(const struct ta_settings *settings, char *const *args, size_t count)
{
	struct ta_error err = TA_ERROR_INIT;

	if (!revert(settings, args, count, &err))
		return ta_complain(&err, err.code == TA_E_USAGE ? TA_EXIT_USAGE : TA_EXIT_FAILED);
	return TA_EXIT_OK;
}

const struct ta_command ta_cmd_revert = {
	.name = "revert",
	.arguments = "[NUMBER]",
	.summary = "take back what apply has set: the newest change, or one by its number",
	.details = "A value that somebody else has changed since is left alone, and "
		"listed. A change that was broken off half-way is taken back in the "
		"same way.",
	.max_args = 1,
	.options = TA_OPTIONS_EVERYWHERE | TA_OPTION(TA_OPT_FORMAT) | TA_OPTION(TA_OPT_LIST) |
		   TA_OPTION(TA_OPT_ALL),
	.exits = {
		{ TA_EXIT_OK, "it was taken back" },
		{ TA_EXIT_FAILED, "it was not, or there is nothing" },
		{ TA_EXIT_USAGE, "wrong usage" },
	},
	.run = run,
};
