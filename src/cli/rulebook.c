/* rulebook.c - see rulebook.h. */
#include "cli/rulebook.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "cli/output.h"
#include "rules/rule.h"

static struct ta_rules *kept; /* see ta_rulebook_load(): so that nobody takes it for a leak */

static bool add_file(struct ta_rules *rules, const char *path, struct ta_error *err)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(TA_SOURCE_MAX);

	return ta_file_read(AT_FDCWD, path, &text, err) &&
	       ta_rules_add_text(rules, path, ta_buf_cstr(&text), text.len, err);
}

static int is_pack_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && ta_rules_is_pack_name(entry->d_name);
}

static bool add_directory(struct ta_rules *rules, const char *path, struct ta_error *err)
{
	struct dirent **entries;
	int count = scandir(path, &entries, is_pack_file, alphasort);
	ta_auto(ta_buf_done) struct ta_buf file = TA_BUF_INIT(4096);
	bool ok = true;

	if (count < 0)
		return ta_fail_errno(err, errno, "can't list %s", path);
	for (int i = 0; i < count; i++) {
		ta_buf_clear(&file);
		ta_buf_printf(&file, "%s/%s", path, entries[i]->d_name);
		ok = ok && ta_buf_ok(&file, err) && add_file(rules, ta_buf_cstr(&file), err);
		free(entries[i]);
	}
	free(entries);
	return ok;
}

static bool add_path(struct ta_rules *rules, const char *path, struct ta_error *err)
{
	struct stat info;

	if (stat(path, &info) < 0)
		return ta_fail_errno(err, errno, "can't read rules %s", path);
	return S_ISDIR(info.st_mode) ? add_directory(rules, path, err) : add_file(rules, path, err);
}

/* A directory of local packs need not exist. One that we are kept from (HOME is another user's, as
 * under sudo) is passed over, and said; one that is there and can't be read is an error. */
static bool add_local(struct ta_rules *rules, const char *directory, struct ta_error *err)
{
	struct stat info;

	if (stat(directory, &info) < 0) {
		if (errno == EACCES)
			fprintf(stderr,
				"tcpadvise: note: %s is out of reach: no rules from there\n",
				directory);
		if (errno == EACCES || errno == ENOENT || errno == ENOTDIR)
			return true;
	}
	return add_path(rules, directory, err);
}

static bool add_users(struct ta_rules *rules, struct ta_error *err)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	ta_auto(ta_buf_done) struct ta_buf path = TA_BUF_INIT(4096);

	if (config && config[0] == '/') /* relative values are to be ignored */
		ta_buf_printf(&path, "%s/tcpadvise/rules.d", config);
	else if (home && home[0] == '/')
		ta_buf_printf(&path, "%s/.config/tcpadvise/rules.d", home);
	else
		return true;
	return ta_buf_ok(&path, err) && add_local(rules, ta_buf_cstr(&path), err);
}

static bool gather(struct ta_rules *rules, const struct ta_settings *settings,
		   enum ta_rulebook wanted, struct ta_error *err)
{
	enum ta_builtin how_much =
		wanted == TA_RULEBOOK_INDEX ? TA_BUILTIN_INDEX : TA_BUILTIN_WHOLE;

	if (!ta_rules_add_builtin(rules, how_much, err) ||
	    !add_local(rules, "/etc/tcpadvise/rules.d", err) || !add_users(rules, err))
		return false;
	for (size_t i = 0; i < settings->rules.count; i++)
		if (!add_path(rules, settings->rules.items[i], err))
			return false;
	for (size_t i = 0; i < settings->params.count; i++)
		if (!ta_rules_set_param(rules, settings->params.items[i], err))
			return false;
	return true;
}

static int status_of(const struct ta_error *err)
{
	return err->code == TA_E_USAGE ? TA_EXIT_USAGE : TA_EXIT_FAILED;
}

static bool finish(struct ta_rules *rules, enum ta_rulebook wanted, int *ret_status)
{
	struct ta_rule_mistakes mistakes = { 0 };
	struct ta_error err = TA_ERROR_INIT;
	bool ok = ta_rules_finish(rules, &mistakes, &err);

	if (mistakes.count) {
		fputs(mistakes.text, stderr);
		ta_fail(&err, TA_E_INPUT, "%zu mistake%s in the rules", mistakes.count,
			mistakes.count == 1 ? "" : "s");
		*ret_status = ta_complain(&err, wanted == TA_RULEBOOK_THOROUGH ? TA_EXIT_WARNING
									       : TA_EXIT_FAILED);
	} else if (!ok) {
		*ret_status = ta_complain(&err, status_of(&err));
	}
	ta_rule_mistakes_done(&mistakes);
	return ok;
}

struct ta_rules *ta_rulebook_load(const struct ta_settings *settings, enum ta_rulebook wanted,
				  int *ret_status)
{
	struct ta_error err = TA_ERROR_INIT;
	struct ta_rules *rules = ta_rules_new();

	if (!rules)
		ta_fail(&err, TA_E_NOMEM, "out of memory");
	if (!rules || !gather(rules, settings, wanted, &err)) {
		*ret_status = ta_complain(&err, status_of(&err));
		return ta_rules_free(rules);
	}
	rules->thorough = wanted == TA_RULEBOOK_THOROUGH;
	if (!finish(rules, wanted, ret_status))
		return ta_rules_free(rules);
	kept = rules;
	return rules;
}
