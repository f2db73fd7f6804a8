/* candidates.c - names for completion that are found at the time; see completion.h. */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>

#include "base/dir.h"
#include "base/json.h"
#include "base/macros.h"
#include "base/text.h"
#include "cli/completion.h"
#include "cli/explain.h"
#include "cli/rulebook.h"
#include "snapshot/tunables.h"

enum { MAX_NAMES = 10000 };

/* A name that no shell takes for anything else, at any place of a line. */
static void take(void *ctx, const char *name)
{
	size_t len = strlen(name);

	if (!len || len > 200 || *name == '-')
		return;
	for (size_t i = 0; i < len; i++)
		if (!ta_text_is_word_byte(name[i]) && !ta_is_one_of(name[i], "-._+"))
			return;
	ta_buf_printf(ctx, "%s\n", name);
}

static void list_book(const struct ta_settings *settings, struct ta_buf *out, bool all)
{
	int status;
	struct ta_rules *rules = ta_rulebook_load(settings, TA_RULEBOOK_WHOLE, &status);
	struct ta_explain_host host = { .proc_fd = -1, .rules = rules };

	host.book = rules ? ta_rules_describe(rules) : NULL;
	if (all)
		ta_explain_offer(&host, take, out);
	else
		ta_explain_rule.offer(&host, take, out);
	json_decref(host.book);
}

static void list_rules(const struct ta_settings *settings, struct ta_buf *out)
{
	list_book(settings, out, false);
}

static void list_topics(const struct ta_settings *settings, struct ta_buf *out)
{
	list_book(settings, out, true);
}

static void list_settings(const struct ta_settings *settings, struct ta_buf *out)
{
	size_t count = 0;
	const struct ta_tunable *tunables = ta_tunables(&count, NULL);

	(void)settings;
	for (size_t i = 0; i < count; i++)
		take(out, tunables[i].key);
}

static void list_namespaces(const struct ta_settings *settings, struct ta_buf *out)
{
	DIR *directory = ta_dir_open(AT_FDCWD, "/run/netns");
	struct dirent *entry;

	(void)settings;
	take(out, "all");
	for (size_t i = 0; directory && i < MAX_NAMES && (entry = readdir(directory)); i++)
		if (entry->d_name[0] != '.')
			take(out, entry->d_name);
	if (directory)
		closedir(directory);
}

static const struct {
	enum ta_values values;
	const char *name;
	void (*list)(const struct ta_settings *settings, struct ta_buf *out);
} sources[] = {
	{ TA_VALUES_RULES, "rules", list_rules },
	{ TA_VALUES_TOPICS, "topics", list_topics },
	{ TA_VALUES_SETTINGS, "settings", list_settings },
	{ TA_VALUES_NAMESPACES, "namespaces", list_namespaces },
};

const char *ta_candidates_name(enum ta_values values)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(sources); i++)
		if (sources[i].values == values)
			return sources[i].name;
	return NULL;
}

bool ta_candidates(const struct ta_settings *settings, const char *what, struct ta_buf *out)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(sources); i++) {
		if (strcmp(sources[i].name, what) != 0)
			continue;
		sources[i].list(settings, out);
		return true;
	}
	return false;
}
