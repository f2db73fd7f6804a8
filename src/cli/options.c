/* options.c - see options.h. The table is the one source for the parser and for --help. */
#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

#include "base/language.h"
#include "base/macros.h"
#include "base/number.h"
#include "base/text.h"

enum kind {
	FLAG,     /* bool */
	WORD,     /* const char *, one of choices when there are some */
	WORDS,    /* struct ta_strings, may be repeated */
	WORDLIST, /* struct ta_strings, may be repeated, each value split at commas */
	DURATION, /* uint64_t, milliseconds */
	LANGUAGE, /* const char *, a language that texts are translated to */
	NETNS,    /* const char *, "all", the number of a process, or a name */
};

struct option {
	const char *name;
	char letter;
	enum kind kind;
	size_t offset; /* into struct ta_settings */
	const char *argument;
	const char *help;
	const char *choices; /* "a|b|c", or NULL: anything */
};

#define AT(member) offsetof(struct ta_settings, member)

static const struct option options[TA_OPT_COUNT] = {
	[TA_OPT_INPUT] = { "input", 'i', WORDS, AT(input), "FILE",
			   "read a saved snapshot instead of this host; - is standard input",
			   NULL },
	[TA_OPT_REDACT] = { "redact", 0, FLAG, AT(redact), NULL,
			    "pseudonyms for addresses and names: for tickets that leave the house",
			    NULL },
	[TA_OPT_SAMPLE] = { "sample", 's', DURATION, AT(sample_ms), "TIME",
			    "time between two samples, for rates: 1s, 500ms; 0 takes one sample",
			    NULL },
	[TA_OPT_NETNS] = { "netns", 0, NETNS, AT(netns), "WHICH",
			   "network namespaces: all, that of process PID, or one by NAME or path",
			   NULL },
	[TA_OPT_NO_PROCESSES] = { "no-processes", 0, FLAG, AT(no_processes), NULL,
				  "do not look at processes: faster, but nobody is named", NULL },
	[TA_OPT_ALLOW_MODULE_LOAD] = { "allow-module-load", 0, FLAG, AT(allow_module_load), NULL,
				       "use sock_diag even if the kernel must load tcp_diag for it",
				       NULL },
	[TA_OPT_PROC_SOCKETS] = { "proc-sockets", 0, FLAG, AT(proc_sockets), NULL,
				  "read /proc/net/tcp{,6} instead of asking sock_diag", NULL },
	[TA_OPT_OWNERS] = { "owners", 0, WORD, AT(owners), "SOURCE",
			    "who holds a socket: auto, bpf or proc (/proc/PID/fd)",
			    "auto|bpf|proc" },
	[TA_OPT_SCAN_TIME] = { "scan-time", 0, DURATION, AT(scan_ms), "TIME",
			       "most time for /proc/PID/fd, 10s unless told; 0: no limit", NULL },
	[TA_OPT_RULES] = { "rules", 'r', WORDS, AT(rules), "PATH",
			   "add a rule pack, or every *.json of a directory", NULL },
	[TA_OPT_ONLY] = { "only", 0, WORDLIST, AT(only), "ID,...", "evaluate only these rules",
			  NULL },
	[TA_OPT_SKIP] = { "skip", 0, WORDLIST, AT(skip), "ID,...", "leave these rules out", NULL },
	[TA_OPT_PARAM] = { "param", 'p', WORDS, AT(params), "NAME=VALUE",
			   "set a parameter of the rules", NULL },
	[TA_OPT_ASSUME] = { "assume", 0, WORDS, AT(assume), "KEY=VALUE",
			    "judge as if this were set; KEY@PLACE=VALUE: in one namespace, or "
			    "(nofile, nproc, pids_max) for one process",
			    NULL },
	[TA_OPT_FORCE] = { "force", 0, WORDLIST, AT(force), "KEY,...",
			   "change these too, though their risk is high or another owns them",
			   NULL },
	[TA_OPT_DRY_RUN] = { "dry-run", 'n', FLAG, AT(dry_run), NULL,
			     "say what would be done, and do nothing", NULL },
	[TA_OPT_YES] = { "yes", 'y', FLAG, AT(yes), NULL, "do not ask", NULL },
	[TA_OPT_RUNTIME_ONLY] = { "runtime-only", 0, FLAG, AT(runtime_only), NULL,
				  "write no file: what is set lasts until the next boot", NULL },
	[TA_OPT_SETTLE] = { "settle", 0, DURATION, AT(settle_ms), "TIME",
			    "how long to wait before looking at what it did, 2s unless told",
			    NULL },
	[TA_OPT_ALL] = { "all", 'a', FLAG, AT(all), NULL,
			 "every change that was made, newest first", NULL },
	[TA_OPT_LIST] = { "list", 'l', FLAG, AT(list), NULL, "the changes that were made", NULL },
	[TA_OPT_FORMAT] = { "format", 'f', WORD, AT(format), "FORMAT", "text or json",
			    "text|json" },
	[TA_OPT_REPORT_FORMAT] = { "format", 'f', WORD, AT(format), "FORMAT",
				   "text, json, markdown, html, nagios (a plug-in's line) or "
				   "prometheus (metrics)",
				   "text|json|markdown|html|nagios|prometheus" },
	[TA_OPT_FLAVOUR] = { "flavour", 0, WORD, AT(flavour), "FLAVOUR",
			     "of Markdown: github (unless told), gitlab or jira",
			     "github|gitlab|jira" },
	[TA_OPT_BOOK_FORMAT] = { "format", 'f', WORD, AT(format), "FORMAT",
				 "text, json or markdown", "text|json|markdown" },
	[TA_OPT_PLAN_FORMAT] = { "format", 'f', WORD, AT(format), "FORMAT",
				 "text, json, markdown, or a dialect (see below)",
				 "text|json|markdown|sysctl.d|shell|systemd|limits.conf|prlimit|"
				 "docker|podman|compose|kubernetes|ansible|nixos|tuned" },
	[TA_OPT_KUBERNETES] = { "kubernetes", 0, WORD, AT(kubernetes), "VERSION",
				"which sysctls are safe there, e.g. 1.29", NULL },
	[TA_OPT_WITH_SNAPSHOT] = { "with-snapshot", 0, FLAG, AT(with_snapshot), NULL,
				   "put the snapshot into the JSON report, which --input then "
				   "takes",
				   NULL },
	[TA_OPT_OUTPUT] = { "output", 'o', WORD, AT(output), "FILE",
			    "write there, whole or not at all, instead of standard output", NULL },
	[TA_OPT_MIN_SEVERITY] = { "min-severity", 0, WORD, AT(min_severity), "LEVEL",
				  "show findings from info, warning or critical on",
				  "info|warning|critical" },
	[TA_OPT_FAIL_ON] = { "fail-on", 0, WORD, AT(fail_on), "LEVEL",
			     "exit with 1 for a warning, 2 for a critical finding",
			     "warning|critical" },
	[TA_OPT_LANG] = { "lang", 0, LANGUAGE, AT(language), "LANGUAGE",
			  "of the texts: en or zh_CN, instead of that of the locale", NULL },
	[TA_OPT_COLOR] = { "color", 0, WORD, AT(color), "WHEN", "auto, always or never",
			   "auto|always|never" },
	[TA_OPT_WEBHOOK] = { "webhook", 0, WORD, AT(webhook), "URL",
			     "post the findings there (or TCPADVISE_WEBHOOK: keeps it off ps)",
			     NULL },
	[TA_OPT_WEBHOOK_FORMAT] = { "webhook-format", 0, WORD, AT(webhook_format), "FORMAT",
				    "json (the report) or slack", "json|slack" },
	[TA_OPT_WEBHOOK_CA] = { "webhook-ca", 0, WORD, AT(webhook_ca), "FILE",
				"certificates (PEM) to trust instead of the system's", NULL },
	[TA_OPT_TYPED] = { "typed", 0, FLAG, AT(typed), NULL,
			   "variables and answer in the typed form, e.g. {\"uint\":\"5\"}", NULL },
	[TA_OPT_VARS] = { "vars", 0, WORD, AT(vars), "FILE", "variables for --typed", NULL },
	[TA_OPT_EXPR_FILE] = { "expr-file", 0, WORD, AT(expr_file), "FILE",
			       "read the expression there; - is standard input", NULL },
	[TA_OPT_QUIET] = { "quiet", 'q', FLAG, AT(quiet), NULL, "no progress on standard error",
			   NULL },
	[TA_OPT_VERBOSE] = { "verbose", 'v', FLAG, AT(verbose), NULL,
			     "every rule in the report; each stage with its time on standard error",
			     NULL },
	[TA_OPT_HELP] = { "help", 'h', FLAG, AT(help), NULL, "this text", NULL },
	[TA_OPT_VERSION] = { "version", 'V', FLAG, AT(version), NULL, "the version", NULL },
};

static void *target_of(struct ta_settings *settings, const struct option *option)
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

static bool check_choice(const struct option *option, const char *value, struct ta_error *err)
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

static bool check_language(const struct option *option, const char *value, struct ta_error *err)
{
	char choices[256];

	if (ta_language_is_known(value))
		return true;
	ta_language_choices(choices, sizeof(choices));
	return ta_fail(err, TA_E_USAGE, "--%s: no texts in '%s'; expected %s", option->name, value,
		       choices);
}

/* Whether there is such a namespace shows when it is looked for; this is what none can be. */
static bool check_netns(const struct option *option, const char *value, struct ta_error *err)
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

static bool set_option(struct ta_settings *settings, const struct option *option, char *value,
		       struct ta_error *err)
{
	void *target = target_of(settings, option);

	switch (option->kind) {
	case FLAG:
		*(bool *)target = true;
		return true;
	case WORD:
		*(const char **)target = value;
		return check_choice(option, value, err);
	case LANGUAGE:
		*(const char **)target = value;
		return check_language(option, value, err);
	case NETNS:
		*(const char **)target = value;
		return check_netns(option, value, err);
	case WORDS:
		return add_string(target, value, err);
	case WORDLIST:
		return add_list(target, value, err);
	case DURATION:
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
			ta_nearest_offer(&nearest, options[i].name);
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
		const struct option *option = &options[i];

		if (strlen(option->name) != len || memcmp(option->name, arg, len) != 0)
			continue;
		if (!(allowed & TA_OPTION(i))) {
			is_known = true;
			continue;
		}
		if (option->kind == FLAG && value)
			return ta_fail(err, TA_E_USAGE, "--%s takes no value", option->name);
		if (option->kind != FLAG && !value) {
			value = next;
			*ret_used_next = true;
		}
		if (option->kind != FLAG && !value)
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
		const struct option *option = NULL;

		for (size_t i = 0; i < TA_OPT_COUNT; i++)
			if (options[i].letter == *arg && (allowed & TA_OPTION(i)))
				option = &options[i];
		if (!option)
			return ta_fail(err, TA_E_USAGE, "unknown option -%c; see --help", *arg);
		if (option->kind == FLAG) {
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

static const struct ta_command *find_command(const struct ta_command *const *commands,
					     const char *name)
{
	for (; *commands; commands++)
		if (strcmp((*commands)->name, name) == 0)
			return *commands;
	return NULL;
}

static bool unknown_command(const struct ta_command *const *commands, const char *name,
			    struct ta_error *err)
{
	struct ta_nearest nearest;

	ta_nearest_start(&nearest, name, strlen(name));
	for (; *commands; commands++)
		ta_nearest_offer(&nearest, (*commands)->name);
	if (ta_nearest_result(&nearest))
		return ta_fail(err, TA_E_USAGE, "unknown command '%s'; did you mean '%s'?", name,
			       ta_nearest_result(&nearest));
	return ta_fail(err, TA_E_USAGE, "unknown command '%s'; see tcpadvise --help", name);
}

/* The command is the first argument when that is no option, else the first of the list. */
static const struct ta_command *pick_command(int argc, char **argv,
					     const struct ta_command *const *commands,
					     int *ret_first, struct ta_error *err)
{
	const struct ta_command *command;

	*ret_first = 1;
	if (argc < 2 || argv[1][0] == '-')
		return commands[0];
	command = find_command(commands, argv[1]);
	if (!command)
		unknown_command(commands, argv[1], err);
	*ret_first = 2;
	return command;
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

bool ta_options_parse(int argc, char **argv, const struct ta_command *const *commands,
		      struct ta_settings *settings, const struct ta_command **ret_command,
		      char ***ret_args, size_t *ret_count, struct ta_error *err)
{
	bool only_operands = false;
	int first;
	const struct ta_command *command = pick_command(argc, argv, commands, &first, err);
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

static void help_option(FILE *out, const struct option *option)
{
	char left[64];
	int n = 0;

	if (option->letter)
		n = snprintf(left, sizeof(left), "-%c, ", option->letter);
	else
		n = snprintf(left, sizeof(left), "    ");
	snprintf(left + n, sizeof(left) - (size_t)n, "--%s%s%s", option->name,
		 option->argument ? " " : "", option->argument ? option->argument : "");
	fprintf(out, "  %-27s %s\n", left, option->help);
}

void ta_help_command(FILE *out, const struct ta_command *command)
{
	fprintf(out, "usage: tcpadvise %s [OPTION]...%s%s\n\n%s\n\n", command->name,
		*command->arguments ? " " : "", command->arguments, command->summary);
	for (size_t i = 0; i < TA_OPT_COUNT; i++)
		if (command->options & TA_OPTION(i))
			help_option(out, &options[i]);
	if (command->details)
		fprintf(out, "\n%s", command->details);
}

void ta_help_program(FILE *out, const struct ta_command *const *commands)
{
	fprintf(out, "usage: tcpadvise [COMMAND] [OPTION]...\n\n"
		     "Says which limit of the TCP stack this host is hitting, who causes it, what "
		     "fixes it\nand what would not. Without a command: an audit of this host.\n\n"
		     "Commands:\n");
	for (; *commands; commands++)
		fprintf(out, "  %-10s %s\n", (*commands)->name, (*commands)->summary);
	fprintf(out, "\ntcpadvise COMMAND --help has the options of each.\n");
}
