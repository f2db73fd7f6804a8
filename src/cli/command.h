/* command.h - what a command of the program is, and the settings that its options fill.
 *
 * Each cmd_<name>.c exports one row. cli/ is the only folder that prints to stderr or exits. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcpadvise/error.h"

/* Exit status; a contract, see docs. 1 and 2 are also those of --fail-on. */
enum {
	TA_EXIT_OK = 0,
	TA_EXIT_WARNING = 1,  /* --fail-on: a warning; eval and rules: the input is wrong */
	TA_EXIT_CRITICAL = 2, /* --fail-on: a critical finding */
	TA_EXIT_FAILED = 3,   /* the audit could not be done */
	TA_EXIT_USAGE = 64,
};

/* Values of an option that may be given more than once. */
struct ta_strings {
	const char **items; /* NULL-terminated when not NULL; the strings are argv's */
	size_t count;
};

struct ta_settings {
	struct ta_strings input, rules, only, skip, params;
	struct ta_strings assume; /* of a what-if: KEY=VALUE */
	struct ta_strings force;  /* keys that apply changes all the same */
	const char *format;
	const char *flavour; /* of Markdown */
	const char *output;
	const char *color;        /* auto, always, never */
	const char *language;     /* of the texts; NULL: the locale's */
	const char *min_severity; /* info, warning, critical */
	const char *fail_on;      /* warning, critical */
	const char *webhook;
	const char *webhook_format;
	const char *webhook_ca;
	const char *vars;
	const char *expr_file;
	const char *netns; /* NULL: our own */
	uint64_t sample_ms;
	bool sample_given;
	uint64_t scan_ms;
	uint64_t settle_ms;     /* between a change and the look at what it did */
	const char *kubernetes; /* the version whose rules hold, or NULL */
	const char *owners;
	bool no_processes;
	bool allow_module_load;
	bool proc_sockets;
	bool redact;
	bool yes;
	bool dry_run;
	bool runtime_only;
	bool all;
	bool list;
	bool settle_given;
	bool typed;
	bool with_snapshot;
	bool brief;
	bool only_problems;
	bool explain;
	bool quiet;
	bool verbose;
	bool help;
	bool version;
};

/* The options that a command takes, as a bit set: one bit a row of the table in options.c. */
typedef uint64_t ta_option_set;

/* What a value or an operand can be, for those who offer it: see completion.h. */
enum ta_values {
	TA_VALUES_ANY = 0, /* nothing can be offered */
	TA_VALUES_FILES,
	TA_VALUES_COMMANDS,
	TA_VALUES_RULES,      /* ids */
	TA_VALUES_TOPICS,     /* all that can be explained */
	TA_VALUES_SETTINGS,   /* keys of sysctls and limits */
	TA_VALUES_NAMESPACES, /* names of ip-netns(8), and "all" */
};

struct ta_operand {
	size_t place;        /* 1 is the first; 0 ends the list */
	const char *after;   /* only behind this operand, or NULL */
	const char *choices; /* "a|b|c", or NULL */
	enum ta_values values;
};

struct ta_exit {
	int status;
	const char *meaning; /* NULL ends the list */
};

struct ta_example {
	const char *line; /* NULL ends the list */
	const char *what;
};

enum { TA_OPERANDS_MAX = 5, TA_EXITS_MAX = 6, TA_EXAMPLES_MAX = 5 }; /* with what ends them */

/* The texts are for --help and for tcpadvise(1): see prose.h for paragraphs. What is not set is
 * left out of both. */
struct ta_command {
	const char *name;
	const char *arguments; /* for the usage line: "EXPR", "" */
	const char *summary;   /* one line for --help */
	const char *details;
	const char *more; /* what the manual says beyond them */
	size_t min_args, max_args;
	ta_option_set options;
	struct ta_operand operands[TA_OPERANDS_MAX];
	struct ta_exit exits[TA_EXITS_MAX];
	struct ta_example examples[TA_EXAMPLES_MAX];
	int (*run)(const struct ta_settings *settings, char *const *args, size_t count);
};

/* What the program is for, in a paragraph. */
#define TA_PROGRAM_ABOUT                                                                           \
	"Says which limit of the TCP stack this host is hitting, who causes it, what fixes it "    \
	"and "                                                                                     \
	"what would not. Without a command: an audit of this host."

/* All of them, NULL at the end. The first is what "tcpadvise" alone does. */
extern const struct ta_command *const ta_commands[];

/* NULL, with *err, when there is none of this name. */
const struct ta_command *ta_command_get(const char *name, struct ta_error *err);

extern const struct ta_command ta_cmd_audit;
extern const struct ta_command ta_cmd_plan;
extern const struct ta_command ta_cmd_apply;
extern const struct ta_command ta_cmd_revert;
extern const struct ta_command ta_cmd_snapshot;
extern const struct ta_command ta_cmd_diff;
extern const struct ta_command ta_cmd_rules;
extern const struct ta_command ta_cmd_explain;
extern const struct ta_command ta_cmd_eval;
extern const struct ta_command ta_cmd_schema;
extern const struct ta_command ta_cmd_help;
extern const struct ta_command ta_cmd_manual;
extern const struct ta_command ta_cmd_completion;

#endif
