/* options.h - one table of all options, and the parser that follows it. --help (help.h), the manual
 * (manual.h) and what shells complete (completion.h) are made from the same rows. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli/command.h"

/* A bit an option, in the order of the table in options.c. */
enum {
	TA_OPT_INPUT = 0,
	TA_OPT_REDACT,
	TA_OPT_SAMPLE,
	TA_OPT_NETNS,
	TA_OPT_NO_PROCESSES,
	TA_OPT_ALLOW_MODULE_LOAD,
	TA_OPT_PROC_SOCKETS,
	TA_OPT_OWNERS,
	TA_OPT_SCAN_TIME,
	TA_OPT_RULES,
	TA_OPT_ONLY,
	TA_OPT_SKIP,
	TA_OPT_PARAM,
	TA_OPT_ASSUME,
	TA_OPT_FORCE,
	TA_OPT_DRY_RUN,
	TA_OPT_YES,
	TA_OPT_RUNTIME_ONLY,
	TA_OPT_SETTLE,
	TA_OPT_ALL,
	TA_OPT_LIST,
	TA_OPT_FORMAT,
	TA_OPT_REPORT_FORMAT, /* of the audit, which has them all */
	TA_OPT_FLAVOUR,
	TA_OPT_BOOK_FORMAT, /* --format of what can be printed as a book, too */
	TA_OPT_PLAN_FORMAT, /* and of a plan, which other tools can load */
	TA_OPT_KUBERNETES,
	TA_OPT_WITH_SNAPSHOT,
	TA_OPT_OUTPUT,
	TA_OPT_MIN_SEVERITY,
	TA_OPT_BRIEF,
	TA_OPT_ONLY_PROBLEMS,
	TA_OPT_EXPLAIN,
	TA_OPT_FAIL_ON,
	TA_OPT_LANG,
	TA_OPT_COLOR,
	TA_OPT_WEBHOOK,
	TA_OPT_WEBHOOK_FORMAT,
	TA_OPT_WEBHOOK_CA,
	TA_OPT_TYPED,
	TA_OPT_VARS,
	TA_OPT_EXPR_FILE,
	TA_OPT_QUIET,
	TA_OPT_VERBOSE,
	TA_OPT_HELP,
	TA_OPT_VERSION,
	TA_OPT_COUNT,
};

#define TA_OPTION(id) ((ta_option_set)1 << (id))

#define TA_OPTIONS_EVERYWHERE                                                                      \
	(TA_OPTION(TA_OPT_LANG) | TA_OPTION(TA_OPT_HELP) | TA_OPTION(TA_OPT_VERSION))
#define TA_OPTIONS_COLLECT                                                                         \
	(TA_OPTION(TA_OPT_SAMPLE) | TA_OPTION(TA_OPT_NETNS) | TA_OPTION(TA_OPT_NO_PROCESSES) |     \
	 TA_OPTION(TA_OPT_ALLOW_MODULE_LOAD) | TA_OPTION(TA_OPT_PROC_SOCKETS) |                    \
	 TA_OPTION(TA_OPT_OWNERS) | TA_OPTION(TA_OPT_SCAN_TIME) | TA_OPTION(TA_OPT_QUIET) |        \
	 TA_OPTION(TA_OPT_VERBOSE))
#define TA_OPTIONS_RULES                                                                           \
	(TA_OPTION(TA_OPT_RULES) | TA_OPTION(TA_OPT_ONLY) | TA_OPTION(TA_OPT_SKIP) |               \
	 TA_OPTION(TA_OPT_PARAM))

enum ta_option_kind {
	TA_FLAG,     /* bool */
	TA_WORD,     /* const char *, one of choices when there are some */
	TA_WORDS,    /* struct ta_strings, may be repeated */
	TA_WORDLIST, /* struct ta_strings, may be repeated, each value split at commas */
	TA_DURATION, /* uint64_t, milliseconds */
	TA_LANGUAGE, /* const char *, a language that texts are translated to */
	TA_NETNS,    /* const char *, "all", the number of a process, or a name */
};

/* Under which heading an option stands. */
enum ta_option_group {
	TA_GROUP_OUTPUT = 0,
	TA_GROUP_FACTS,
	TA_GROUP_RULES,
	TA_GROUP_CHANGES,
	TA_GROUP_ALERTS,
	TA_GROUP_EXPRESSION,
	TA_GROUP_GENERAL,
	TA_GROUP_COUNT,
};

/* A row of the table. What is zero is not said. */
struct ta_option {
	const char *name;
	char letter;
	enum ta_option_kind kind;
	size_t offset;        /* into struct ta_settings */
	const char *argument; /* what its value is called; NULL: it takes none */
	const char *help;     /* a line or two */
	const char *choices;  /* "a|b|c", or NULL: anything */
	enum ta_option_group group;
	enum ta_values values; /* what to offer where there are no choices */
	const char *more;      /* what the manual says beyond help; paragraphs as in prose.h */
};

/* The row of a TA_OPT_... */
const struct ta_option *ta_option_row(size_t id);

/* The groups in the order in which they are told, from 0, and the heading of each. */
enum ta_option_group ta_option_group_at(size_t place);
const char *ta_option_group_title(enum ta_option_group group);

/* Reads argv (argv[0] is the program). *ret_command is the one named, or the audit when the
 * first operand is no command's name. Operands are moved, in order, to *ret_args, which points
 * into an array that ta_settings_done() frees with the rest. Fails with TA_E_USAGE. */
bool ta_options_parse(int argc, char **argv, struct ta_settings *settings,
		      const struct ta_command **ret_command, char ***ret_args, size_t *ret_count,
		      struct ta_error *err);

/* Whether the arguments, right or wrong, ask for the format nagios: then even what is wrong with
 * them has to be said as a plug-in does. */
bool ta_options_ask_for_plugin(int argc, char **argv);

void ta_settings_done(struct ta_settings *settings, char **args);

#endif
