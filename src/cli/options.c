/* options.c - see options.h: the parser. */
#include "cli/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/language.h"
#include "base/macros.h"
#include "base/number.h"
#include "base/text.h"

static void *target_of(struct ta_settings *settings, const struct ta_option *option)
{
	return (char *)settings + option->offset;
}

static bool add_string(struct ta_strings *list, const char *value, struct ta_error *err)
{
	const char **items = realloc(list->items, (list->count + 2) * sizeof(*items));

	if (!items)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	items[list->count++] = value;
	items[list->count] = NULL;
	list->items = items;
	return true;
}

/* Splits in place; argv's strings are ours to change. */
static bool add_list(struct ta_strings *list, char *value, struct ta_error *err)
{
	for (char *save, *item = strtok_r(value, ",", &save); item;
	     item = strtok_r(NULL, ",", &save))
		if (!add_string(list, item, err))
			return false;
	return true;
}

/* Whether value is one of "a|b|c"; offers each to nearest. */
static bool is_choice(const char *choices, const char *value, struct ta_nearest *nearest,
		      char *copy, size_t size)
{
	bool found = false;

	snprintf(copy, size, "%s", choices);
	ta_nearest_start(nearest, value, strlen(value));
	for (char *save, *item = strtok_r(copy, "|", &save); item;
	     item = strtok_r(NULL, "|", &save)) {
		found |= strcmp(item, value) == 0;
		ta_nearest_offer(nearest, item);
	}
	return found;
}

static bool check_choice(const struct ta_option *option, const char *value, struct ta_error *err)
{
	struct ta_nearest nearest;
	char copy[128];

	if (!option->choices || is_choice(option->choices, value, &nearest, copy, sizeof(copy)))
		return true;
	if (ta_nearest_result(&nearest))
		return ta_fail(err, TA_E_USAGE, "--%s: unknown value '%s'; did you mean '%s'?",
			       option->name, value, ta_nearest_result(&nearest));
	return ta_fail(err, TA_E_USAGE, "--%s: unknown value '%s'; expected %s", option->name,
		       value, option->choices);
}

static bool check_language(const struct ta_option *option, const char *value, struct ta_error *err)
{
	char choices[256];

	if (ta_language_is_known(value))
		return true;
	ta_language_choices(choices, sizeof(choices));
	return ta_fail(err, TA_E_USAGE, "--%s: no texts in '%s'; expected %s", option->name, value,
		       choices);
}

/* Whether there is such a namespace shows when it is looked for; this is what none can be. */
static bool check_netns(const struct ta_option *option, const char *value, struct ta_error *err)
{
	size_t digits = strspn(value, "0123456789");
	uint64_t pid;

	if (!*value || *value == '-')
		return ta_fail(err, TA_E_USAGE,
			       "--%s: '%s' is neither all nor a process number, name or path",
			       option->name, value);
	if (value[digits] == '\0' &&
	    (!ta_parse_u64(value, digits, 10, &pid) || !pid || pid > INT32_MAX))
		return ta_fail(err, TA_E_USAGE, "--%s: '%s' is no number that a process can have",
			       option->name, value);
	return true;
}

static bool set_option(struct ta_settings *settings, const struct ta_option *option, char *value,
		       struct ta_error *err)
{
	void *target = target_of(settings, option);

	switch (option->kind) {
	case TA_FLAG:
		*(bool *)target = true;
		return true;
	case TA_WORD:
		*(const char **)target = value;
		return check_choice(option, value, err);
	case TA_LANGUAGE:
		*(const char **)target = value;
		return check_language(option, value, err);
	case TA_NETNS:
		*(const char **)target = value;
		return check_netns(option, value, err);
	case TA_WORDS:
		return add_string(target, value, err);
	case TA_WORDLIST:
		return add_list(target, value, err);
	case TA_DURATION:
		settings->sample_given |= target == &settings->sample_ms;
		settings->settle_given |= target == &settings->settle_ms;
		if (!ta_parse_duration_ms(value, target) || *(uint64_t *)target > 3600000)
			return ta_fail(err, TA_E_USAGE,
				       "--%s: '%s' is no time up to 1h, such as 1s, 500ms, 0",
				       option->name, value);
		return true;
	}
	return true;
}

static bool unknown_option(const char *name, size_t len, ta_option_set allowed,
			   struct ta_error *err)
{
	struct ta_nearest nearest;

	ta_nearest_start(&nearest, name, len);
	for (size_t i = 0; i < TA_OPT_COUNT; i++)
		if (allowed & TA_OPTION(i))
			ta_nearest_offer(&nearest, ta_option_row(i)->name);
	if (ta_nearest_result(&nearest))
		return ta_fail(err, TA_E_USAGE, "unknown option --%.*s; did you mean --%s?",
			       (int)len, name, ta_nearest_result(&nearest));
	return ta_fail(err, TA_E_USAGE, "unknown option --%.*s; see --help", (int)len, name);
}

/* "--name", "--name=value", "--name value"; *next is the argument after it, or NULL. */
static bool parse_long(struct ta_settings *settings, char *arg, char *next, bool *ret_used_next,
		       ta_option_set allowed, struct ta_error *err)
{
	size_t len = strcspn(arg, "=");
	char *value = arg[len] ? arg + len + 1 : NULL;
	bool is_known = false; /* to another command */

	for (size_t i = 0; i < TA_OPT_COUNT; i++) {
		const struct ta_option *option = ta_option_row(i);

		if (strlen(option->name) != len || memcmp(option->name, arg, len) != 0)
			continue;
		if (!(allowed & TA_OPTION(i))) {
			is_known = true;
			continue;
		}
		if (option->kind == TA_FLAG && value)
			return ta_fail(err, TA_E_USAGE, "--%s takes no value", option->name);
		if (option->kind != TA_FLAG && !value) {
			value = next;
			*ret_used_next = true;
		}
		if (option->kind != TA_FLAG && !value)
			return ta_fail(err, TA_E_USAGE, "--%s needs %s", option->name,
				       option->argument);
		return set_option(settings, option, value, err);
	}
	if (is_known)
		return ta_fail(err, TA_E_USAGE, "--%.*s does not go with this command", (int)len,
			       arg);
	return unknown_option(arg, len, allowed, err);
}

/* "-x", "-xVALUE", "-x VALUE", "-xyz" for flags. */
static bool parse_short(struct ta_settings *settings, char *arg, char *next, bool *ret_used_next,
			ta_option_set allowed, struct ta_error *err)
{
	for (; *arg; arg++) {
		const struct ta_option *option = NULL;

		for (size_t i = 0; i < TA_OPT_COUNT; i++)
			if (ta_option_row(i)->letter == *arg && (allowed & TA_OPTION(i)))
				option = ta_option_row(i);
		if (!option)
			return ta_fail(err, TA_E_USAGE, "unknown option -%c; see --help", *arg);
		if (option->kind == TA_FLAG) {
			set_option(settings, option, NULL, err);
			continue;
		}
		if (!arg[1] && !next)
			return ta_fail(err, TA_E_USAGE, "-%c needs %s", *arg, option->argument);
		*ret_used_next = !arg[1];
		return set_option(settings, option, arg[1] ? arg + 1 : next, err);
	}
	return true;
}

/* The command is the first argument when that is no option, else the first of the list. */
static const struct ta_command *pick_command(int argc, char **argv, int *ret_first,
					     struct ta_error *err)
{
	*ret_first = 1;
	if (argc < 2 || argv[1][0] == '-')
		return ta_commands[0];
	*ret_first = 2;
	return ta_command_get(argv[1], err);
}

static bool check_count(const struct ta_command *command, size_t count, struct ta_error *err)
{
	if (count < command->min_args)
		return ta_fail(err, TA_E_USAGE, "%s needs %s", command->name, command->arguments);
	if (count > command->max_args)
		return ta_fail(err, TA_E_USAGE, "%s takes %s%s", command->name,
			       command->max_args ? "no more than " : "no arguments",
			       command->max_args ? command->arguments : "");
	return true;
}

bool ta_options_parse(int argc, char **argv, struct ta_settings *settings,
		      const struct ta_command **ret_command, char ***ret_args, size_t *ret_count,
		      struct ta_error *err)
{
	bool only_operands = false;
	int first;
	const struct ta_command *command = pick_command(argc, argv, &first, err);
	char **args;
	size_t count = 0;

	if (!command)
		return false;
	*ret_command = command;
	*ret_args = args = calloc((size_t)argc + 1, sizeof(*args));
	if (!args)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	for (int i = first; i < argc; i++) {
		char *arg = argv[i], *next = i + 1 < argc ? argv[i + 1] : NULL;
		bool used_next = false, ok = true;

		if (only_operands || arg[0] != '-' || !arg[1])
			args[count++] = arg;
		else if (strcmp(arg, "--") == 0)
			only_operands = true;
		else if (arg[1] == '-')
			ok = parse_long(settings, arg + 2, next, &used_next, command->options, err);
		else
			ok = parse_short(settings, arg + 1, next, &used_next, command->options,
					 err);
		if (!ok)
			return false;
		i += used_next;
	}
	*ret_count = count;
	return settings->help || settings->version || check_count(command, count, err);
}

bool ta_options_ask_for_plugin(int argc, char **argv)
{
	static const char *const joined[] = { "--format=nagios", "-fnagios" };

	for (int i = 1; i < argc; i++) {
		for (size_t k = 0; k < TA_ARRAY_SIZE(joined); k++)
			if (strcmp(argv[i], joined[k]) == 0)
				return true;
		if ((strcmp(argv[i], "--format") == 0 || strcmp(argv[i], "-f") == 0) &&
		    i + 1 < argc && strcmp(argv[i + 1], "nagios") == 0)
			return true;
	}
	return false;
}

void ta_settings_done(struct ta_settings *settings, char **args)
{
	free(settings->input.items);
	free(settings->rules.items);
	free(settings->only.items);
	free(settings->skip.items);
	free(settings->params.items);
	free(settings->assume.items);
	free(settings->force.items);
	free(args);
}
