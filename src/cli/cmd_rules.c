/* cmd_rules.c - tcpadvise rules list|show|check|test: the packs, are they well-formed, do their
 * tests hold. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"
#include "base/resource.h"
#include "base/text.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/rulebook.h"
#include "report/rulebook.h"
#include "rules/finding.h"
#include "rules/testing.h"

enum { MAX_OUTPUT = 16 * 1024 * 1024 };

TA_DEFINE_AUTO(json_t, json_decref)

/* What "rules WORD [ARGUMENT]" does. */
struct action {
	const char *name;
	bool needs_argument;
	bool has_formats; /* heeds --format */
	bool has_verbose;
	int (*run)(const struct ta_settings *settings, const char *argument);
};

static int print_json(const struct ta_settings *settings, const json_t *json)
{
	struct ta_error err = TA_ERROR_INIT;

	if (!ta_output_json(settings, json, &err))
		return ta_complain(&err, TA_EXIT_FAILED);
	return TA_EXIT_OK;
}

/* ---- list -------------------------------------------------------------------------- */

/* The severities that a rule can have, as letters: C, W, I. */
static void add_levels(struct ta_buf *out, const json_t *rule)
{
	size_t i;
	json_t *level;
	char letters[4] = "---";

	json_array_foreach (json_object_get(rule, "severity"), i, level) {
		const char *word = ta_json_text(level, "level");

		letters[*word == 'c' ? 0 : *word == 'w' ? 1 : 2] = (char)(*word - 'a' + 'A');
	}
	ta_buf_str(out, letters);
}

/* "port_use_warn_pct = 70 %, not 60 (/etc/tcpadvise/rules.d/us.json)". */
static void list_param(struct ta_buf *out, const char *name, const json_t *param)
{
	const json_t *given = json_object_get(param, "default");
	ta_auto_free char *value = json_dumps(json_object_get(param, "value"),
					      JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
	ta_auto_free char *old =
		given ? json_dumps(given, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6)) : NULL;

	ta_buf_printf(out, "    %s = %s", name, value ? value : "?");
	if (*ta_json_text(param, "unit"))
		ta_buf_printf(out, " %s", _(ta_json_text(param, "unit")));
	if (given) {
		ta_buf_printf(out, _(", not %s ("), old ? old : "?");
		ta_text_terminal(out, ta_json_text(param, "from"),
				 strlen(ta_json_text(param, "from")));
		ta_buf_char(out, ')');
	}
	ta_buf_char(out, '\n');
}

/* Those that somebody changed; with all, every one. */
static bool list_params(struct ta_buf *out, const struct ta_pack *pack, bool all)
{
	ta_auto(json_decref_p) json_t *params = ta_pack_params(pack, NULL);
	const char *name;
	json_t *param;

	json_object_foreach (params, name, param)
		if (all || json_object_get(param, "default"))
			list_param(out, name, param);
	return params != NULL;
}

static void list_silences(struct ta_buf *out, const json_t *rule)
{
	const struct ta_clock *clock = ta_clock_system();
	size_t i;
	json_t *row;

	json_array_foreach (json_object_get(rule, "silences"), i, row) {
		struct ta_buf line = TA_BUF_INIT(4096);
		const char *until = ta_json_string(row, "until");

		ta_buf_str(&line, _("silenced"));
		if (ta_json_string(row, "object"))
			ta_buf_printf(&line, _(" for %s"), ta_json_string(row, "object"));
		if (until)
			ta_buf_printf(&line,
				      ta_silence_is_over(until, clock->realtime_ms(clock->ctx))
					      ? _(" until %s, which is over")
					      : _(" until %s"),
				      until);
		ta_buf_printf(&line, ": %s (%s)", ta_json_text(row, "reason"),
			      ta_json_text(row, "by"));
		ta_buf_str(out, "       ");
		ta_text_terminal(out, ta_buf_cstr(&line), line.len);
		ta_buf_char(out, '\n');
		ta_buf_done(&line);
	}
}

static bool list_text(const struct ta_settings *settings, const struct ta_rules *rules,
		      const json_t *all, struct ta_buf *out)
{
	const struct ta_pack *pack = NULL;
	size_t i;
	json_t *rule;

	json_array_foreach (all, i, rule) {
		if (rules->rules[i]->pack != pack) {
			pack = rules->rules[i]->pack;
			ta_buf_printf(out, "%s%s (%s)\n", i ? "\n" : "", pack->name,
				      pack->source->name);
			if (!list_params(out, pack, settings->verbose))
				return false;
		}
		ta_buf_str(out, "  ");
		add_levels(out, rule);
		ta_buf_printf(out, "  %-32s %s\n", ta_json_text(rule, "id"),
			      ta_json_text(rule, "class"));
		list_silences(out, rule);
	}
	return true;
}

static int list(const struct ta_settings *settings, const char *argument)
{
	int status = TA_EXIT_OK;
	struct ta_rules *rules = ta_rulebook_load(settings, TA_RULEBOOK_WHOLE, &status);
	ta_auto(json_decref_p) json_t *all = rules ? ta_rules_describe(rules) : NULL;
	ta_auto(ta_buf_done) struct ta_buf out = TA_BUF_INIT(MAX_OUTPUT);
	const char *format = settings->format ? settings->format : "text";
	struct ta_error err = TA_ERROR_INIT;
	bool ok = all != NULL;

	(void)argument;
	if (!rules)
		return status;
	if (ok && strcmp(format, "json") == 0)
		return print_json(settings, all);
	if (ok && strcmp(format, "markdown") == 0)
		ok = ta_rulebook_markdown(rules, &out, &err);
	else if (ok)
		ok = list_text(settings, rules, all, &out);
	if (!ok && !err.code)
		ta_fail(&err, TA_E_NOMEM, "out of memory");
	return ok ? ta_print(settings, &out) : ta_complain(&err, TA_EXIT_FAILED);
}

/* ---- show -------------------------------------------------------------------------- */

static int show(const struct ta_settings *settings, const char *argument)
{
	int status = TA_EXIT_OK;
	struct ta_rules *rules = ta_rulebook_load(settings, TA_RULEBOOK_WHOLE, &status);
	ta_auto(json_decref_p) json_t *all = rules ? ta_rules_describe(rules) : NULL;
	struct ta_nearest nearest;
	struct ta_error err = TA_ERROR_INIT;
	size_t i;
	json_t *rule;

	if (!rules)
		return status;
	if (!all) {
		ta_fail(&err, TA_E_NOMEM, "out of memory");
		return ta_complain(&err, TA_EXIT_FAILED);
	}
	ta_nearest_start(&nearest, argument, strlen(argument));
	json_array_foreach (all, i, rule) {
		if (strcmp(ta_json_text(rule, "id"), argument) == 0)
			return print_json(settings, rule);
		ta_nearest_offer(&nearest, ta_json_text(rule, "id"));
	}
	if (ta_nearest_result(&nearest))
		ta_fail(&err, TA_E_USAGE, "no rule '%s'; did you mean '%s'?", argument,
			ta_nearest_result(&nearest));
	else
		ta_fail(&err, TA_E_USAGE, "no rule '%s'; see tcpadvise rules list", argument);
	return ta_complain(&err, TA_EXIT_USAGE);
}

/* ---- check ------------------------------------------------------------------------- */

/* With a path: the packs compiled in and those there. */
static struct ta_rules *book_with(const struct ta_settings *settings, const char *path,
				  int *ret_status)
{
	struct ta_settings own = *settings;
	const char *paths[] = { path, NULL };

	if (path)
		own.rules = (struct ta_strings){ .items = paths, .count = 1 };
	return ta_rulebook_load(&own, TA_RULEBOOK_THOROUGH, ret_status);
}

static int check(const struct ta_settings *settings, const char *argument)
{
	int status = TA_EXIT_OK;
	struct ta_rules *rules = book_with(settings, argument, &status);
	ta_auto(ta_buf_done) struct ta_buf out = TA_BUF_INIT(MAX_OUTPUT);

	if (!rules)
		return status;
	ta_buf_printf(&out, "%zu rules in %zu packs: no mistake\n", rules->rule_count,
		      rules->pack_count);
	return ta_print(settings, &out);
}

/* ---- test -------------------------------------------------------------------------- */

static bool is_test_name(const char *name)
{
	return ta_text_ends_with(name, ".test.json");
}

static int is_test_file(const struct dirent *entry)
{
	return is_test_name(entry->d_name);
}

static bool test_builtin(struct ta_rules *rules, struct ta_test_tally *tally, struct ta_error *err)
{
	for (size_t i = 0; i < ta_resource_count; i++)
		if (is_test_name(ta_resources[i].name) &&
		    !ta_rules_test(rules, ta_resources[i].name, ta_resources[i].data,
				   ta_resources[i].size, tally, err))
			return false;
	return true;
}

static bool test_file(struct ta_rules *rules, const char *path, struct ta_test_tally *tally,
		      struct ta_error *err)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(TA_SOURCE_MAX);

	return ta_file_read(AT_FDCWD, path, &text, err) &&
	       ta_rules_test(rules, path, ta_buf_cstr(&text), text.len, tally, err);
}

/* x.json has its tests in x.test.json; a directory in all files of such names. */
static bool test_path(struct ta_rules *rules, const char *path, struct ta_test_tally *tally,
		      struct ta_error *err)
{
	ta_auto(ta_buf_done) struct ta_buf file = TA_BUF_INIT(4096);
	struct dirent **entries;
	struct stat info;
	bool ok = true;
	int count;

	if (stat(path, &info) == 0 && !S_ISDIR(info.st_mode)) {
		ta_buf_str(&file, path);
		if (ta_text_ends_with(path, ".json"))
			file.len -= strlen(".json");
		ta_buf_str(&file, ".test.json");
		return test_file(rules, ta_buf_cstr(&file), tally, err);
	}
	count = scandir(path, &entries, is_test_file, alphasort);
	if (count < 0)
		return ta_fail_errno(err, errno, "can't list %s", path);
	for (int i = 0; i < count; i++) {
		ta_buf_clear(&file);
		ta_buf_printf(&file, "%s/%s", path, entries[i]->d_name);
		ok = ok && test_file(rules, ta_buf_cstr(&file), tally, err);
		free(entries[i]);
	}
	free(entries);
	return ok;
}

/* Every rule that was not compiled in, or all, needs its cases. */
static bool check_coverage(const struct ta_rules *rules, bool local, struct ta_test_tally *tally)
{
	bool ok = true;

	for (size_t i = 0; i < rules->pack_count; i++)
		if (local != ta_source_is_builtin(rules->packs[i].source))
			ok = ta_rules_test_coverage(rules, rules->packs[i].name, tally) && ok;
	return ok;
}

static void add_share(struct ta_buf *out, const char *name, const struct ta_share *share)
{
	ta_buf_printf(out, "%s %zu of %zu", name, share->reached, share->all);
}

static void add_summary(struct ta_test_tally *tally)
{
	struct ta_buf *out = &tally->text;

	add_share(out, "covered: rules", &tally->rules);
	add_share(out, ", severities", &tally->sum.severities);
	add_share(out, ", fixes", &tally->sum.fixes);
	add_share(out, ", branches of texts", &tally->sum.arms);
	ta_buf_printf(out, "\n%zu passed, %zu failed\n", tally->passed, tally->failed);
}

static int test(const struct ta_settings *settings, const char *argument)
{
	int status = TA_EXIT_OK;
	struct ta_rules *rules = book_with(settings, argument, &status);
	ta_auto(ta_test_tally_done) struct ta_test_tally tally = { 0 };
	struct ta_error err = TA_ERROR_INIT;
	bool ok;

	if (!rules)
		return status;
	ok = ta_test_tally_init(&tally);
	tally.verbose = settings->verbose;
	ok = ok &&
	     (argument ? test_path(rules, argument, &tally, &err)
		       : test_builtin(rules, &tally, &err)) &&
	     check_coverage(rules, argument != NULL, &tally);
	if (!ok && !err.code)
		ta_fail(&err, TA_E_NOMEM, "out of memory, or too many failures to tell");
	if (!ok)
		return ta_complain(&err, TA_EXIT_FAILED);
	add_summary(&tally);
	status = ta_print(settings, &tally.text);
	return status == TA_EXIT_OK && tally.failed ? TA_EXIT_WARNING : status;
}

/* ---- the command ------------------------------------------------------------------- */

static const struct action actions[] = {
	{ "list", false, true, true, list },
	{ "show", true, false, false, show },
	{ "check", false, false, false, check },
	{ "test", false, false, true, test },
};

static int run(const struct ta_settings *settings, char *const *args, size_t count)
{
	struct ta_error err = TA_ERROR_INIT;
	struct ta_nearest nearest;

	ta_nearest_start(&nearest, args[0], strlen(args[0]));
	for (size_t i = 0; i < TA_ARRAY_SIZE(actions); i++) {
		ta_nearest_offer(&nearest, actions[i].name);
		if (strcmp(actions[i].name, args[0]) != 0)
			continue;
		if (actions[i].needs_argument && count < 2) {
			ta_fail(&err, TA_E_USAGE, "rules %s needs the id of a rule", args[0]);
			return ta_complain(&err, TA_EXIT_USAGE);
		}
		if ((settings->format && !actions[i].has_formats) ||
		    (settings->verbose && !actions[i].has_verbose)) {
			ta_fail(&err, TA_E_USAGE, "--%s does not go with rules %s",
				settings->format ? "format" : "verbose", args[0]);
			return ta_complain(&err, TA_EXIT_USAGE);
		}
		return actions[i].run(settings, count > 1 ? args[1] : NULL);
	}
	if (ta_nearest_result(&nearest))
		ta_fail(&err, TA_E_USAGE, "rules: unknown word '%s'; did you mean '%s'?", args[0],
			ta_nearest_result(&nearest));
	else
		ta_fail(&err, TA_E_USAGE,
			"rules: unknown word '%s'; expected list, show, check or test", args[0]);
	return ta_complain(&err, TA_EXIT_USAGE);
}

const struct ta_command ta_cmd_rules = {
	.name = "rules",
	.arguments = "list | show ID | check [PATH] | test [PATH]",
	.summary = "the rule packs: what there is, is it well-formed, do its tests hold",
	.details = "PATH is a pack (x.json, its tests in x.test.json beside it) or a "
		"directory of packs.\n\nlist marks what a rule can be: C critical, W "
		"warning, I info; it shows the parameters that a local file or "
		"--param changed, with --verbose all. list --format markdown prints "
		"the rule book.\n\ntest --verbose tells the cases of each rule, and "
		"what of its fixes and texts no case reached.",
	.min_args = 1,
	.max_args = 2,
	.options = TA_OPTIONS_EVERYWHERE | TA_OPTION(TA_OPT_RULES) | TA_OPTION(TA_OPT_PARAM) |
		   TA_OPTION(TA_OPT_BOOK_FORMAT) | TA_OPTION(TA_OPT_OUTPUT) |
		   TA_OPTION(TA_OPT_VERBOSE),
	.operands = {
		{ 1, NULL, "list|show|check|test", TA_VALUES_ANY },
		{ 2, "show", NULL, TA_VALUES_RULES },
		{ 2, "check", NULL, TA_VALUES_FILES },
		{ 2, "test", NULL, TA_VALUES_FILES },
	},
	.exits = {
		{ TA_EXIT_OK, "no mistake, no failure" },
		{ TA_EXIT_WARNING, "check found mistakes, or a case of test failed" },
		{ TA_EXIT_FAILED, "it could not be done" },
		{ TA_EXIT_USAGE, "wrong usage" },
	},
	.examples = {
		{ "tcpadvise rules check /etc/tcpadvise/rules.d",
		  "Is what was written there well-formed, and in agreement "
			"with the other packs?" },
	},
	.run = run,
};
