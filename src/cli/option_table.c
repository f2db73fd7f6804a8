/* option_table.c - every option of every command. A row says all there is to say of one: the parser
 * (options.c), --help, the manual and the completions of the shells follow it. */
#include "cli/options.h"

#define AT(member) .offset = offsetof(struct ta_settings, member)

static const struct ta_option options[TA_OPT_COUNT] = {
	[TA_OPT_INPUT] = {
		.name = "input", .letter = 'i', .kind = TA_WORDS, AT(input), .argument = "FILE",
		.group = TA_GROUP_FACTS, .values = TA_VALUES_FILES,
		.help = "read a saved snapshot instead of this host; - is standard input",
		.more = "FILE may be a snapshot, a report that was written with --with-snapshot, "
			"a stream of snapshots (one a line), or what others have collected: an "
			"archive of sosreport, a folder of files of /proc, or the output of ss, "
			"netstat and sysctl as it was pasted into a ticket. Given more than once, "
			"the files are read as parts of one host.",
	},
	[TA_OPT_REDACT] = {
		.name = "redact", .kind = TA_FLAG, AT(redact), .group = TA_GROUP_FACTS,
		.help = "pseudonyms for addresses and names: for tickets that leave the house",
		.more = "The same address or name has the same pseudonym throughout a document.",
	},
	[TA_OPT_SAMPLE] = {
		.name = "sample", .letter = 's', .kind = TA_DURATION, AT(sample_ms),
		.argument = "TIME",
		.group = TA_GROUP_FACTS,
		.help = "time between two samples, for rates: 1s, 500ms; 0 takes one sample",
		.more = "1s unless told, 1h at most. Without a second sample rules that need a "
			"rate are not checked, and said to be.",
	},
	[TA_OPT_NETNS] = {
		.name = "netns", .kind = TA_NETNS, AT(netns), .argument = "WHICH",
		.group = TA_GROUP_FACTS, .values = TA_VALUES_NAMESPACES,
		.help = "network namespaces: all, that of process PID, or one by NAME or path",
		.more = "NAME is one of ip-netns(8). To enter a namespace takes CAP_SYS_ADMIN; "
			"one that can't be entered is said to be unknown.",
	},
	[TA_OPT_NO_PROCESSES] = {
		.name = "no-processes", .kind = TA_FLAG, AT(no_processes),
		.group = TA_GROUP_FACTS,
		.help = "do not look at processes: faster, but nobody is named",
	},
	[TA_OPT_ALLOW_MODULE_LOAD] = {
		.name = "allow-module-load", .kind = TA_FLAG, AT(allow_module_load),
		.group = TA_GROUP_FACTS,
		.help = "use sock_diag even if the kernel must load tcp_diag for it",
		.more = "Otherwise nothing of the host is changed by looking at it, and "
			"/proc/net/tcp is read.",
	},
	[TA_OPT_PROC_SOCKETS] = {
		.name = "proc-sockets", .kind = TA_FLAG, AT(proc_sockets),
		.group = TA_GROUP_FACTS,
		.help = "read /proc/net/tcp{,6} instead of asking sock_diag",
		.more = "Slower on hosts with many sockets, and without what only sock_diag tells.",
	},
	[TA_OPT_OWNERS] = {
		.name = "owners", .kind = TA_WORD, AT(owners), .argument = "SOURCE",
		.group = TA_GROUP_FACTS, .choices = "auto|bpf|proc",
		.help = "who holds a socket: auto, bpf or proc (/proc/PID/fd)",
		.more = "bpf asks the kernel by an iterator, which takes CAP_BPF and CAP_PERFMON; "
			"auto is bpf where that is to be had.",
	},
	[TA_OPT_SCAN_TIME] = {
		.name = "scan-time", .kind = TA_DURATION, AT(scan_ms), .argument = "TIME",
		.group = TA_GROUP_FACTS,
		.help = "most time for /proc/PID/fd, 10s unless told; 0: no limit",
	},
	[TA_OPT_RULES] = {
		.name = "rules", .letter = 'r', .kind = TA_WORDS, AT(rules), .argument = "PATH",
		.group = TA_GROUP_RULES, .values = TA_VALUES_FILES,
		.help = "add a rule pack, or every *.json of a directory",
		.more = "They come after those that are compiled in and those of the directories "
			"below FILES. See tcpadvise-rules(5).",
	},
	[TA_OPT_ONLY] = {
		.name = "only", .kind = TA_WORDLIST, AT(only), .argument = "ID,...",
		.group = TA_GROUP_RULES, .values = TA_VALUES_RULES,
		.help = "evaluate only these rules",
	},
	[TA_OPT_SKIP] = {
		.name = "skip", .kind = TA_WORDLIST, AT(skip), .argument = "ID,...",
		.group = TA_GROUP_RULES, .values = TA_VALUES_RULES,
		.help = "leave these rules out",
	},
	[TA_OPT_PARAM] = {
		.name = "param", .letter = 'p', .kind = TA_WORDS, AT(params),
		.argument = "NAME=VALUE",
		.group = TA_GROUP_RULES,
		.help = "set a parameter of the rules",
		.more = "NAME is PACK.PARAMETER. tcpadvise rules list --verbose shows them all, "
			"each with its unit.",
	},
	[TA_OPT_ASSUME] = {
		.name = "assume", .kind = TA_WORDS, AT(assume), .argument = "KEY=VALUE",
		.group = TA_GROUP_RULES,
		.help = "judge as if this were set; KEY@PLACE=VALUE: in one namespace, or "
			"(nofile, nproc, pids_max) for one process",
		.more = "The report says what would clear, stay and appear. It is not posted to a "
			"webhook.",
	},
	[TA_OPT_FORCE] = {
		.name = "force", .kind = TA_WORDLIST, AT(force), .argument = "KEY,...",
		.group = TA_GROUP_CHANGES, .values = TA_VALUES_SETTINGS,
		.help = "change these too, though their risk is high or another owns them",
	},
	[TA_OPT_DRY_RUN] = {
		.name = "dry-run", .letter = 'n', .kind = TA_FLAG, AT(dry_run),
		.group = TA_GROUP_CHANGES,
		.help = "say what would be done, and do nothing",
	},
	[TA_OPT_YES] = {
		.name = "yes", .letter = 'y', .kind = TA_FLAG, AT(yes),
		.group = TA_GROUP_CHANGES, .help = "do not ask",
	},
	[TA_OPT_RUNTIME_ONLY] = {
		.name = "runtime-only", .kind = TA_FLAG, AT(runtime_only),
		.group = TA_GROUP_CHANGES,
		.help = "write no file: what is set lasts until the next boot",
	},
	[TA_OPT_SETTLE] = {
		.name = "settle", .kind = TA_DURATION, AT(settle_ms), .argument = "TIME",
		.group = TA_GROUP_CHANGES,
		.help = "how long to wait before looking at what it did, 2s unless told",
	},
	[TA_OPT_ALL] = {
		.name = "all", .letter = 'a', .kind = TA_FLAG, AT(all),
		.group = TA_GROUP_CHANGES,
		.help = "every change that was made, newest first",
	},
	[TA_OPT_LIST] = {
		.name = "list", .letter = 'l', .kind = TA_FLAG, AT(list),
		.group = TA_GROUP_CHANGES,
		.help = "the changes that were made",
	},
	[TA_OPT_FORMAT] = {
		.name = "format", .letter = 'f', .kind = TA_WORD, AT(format), .argument = "FORMAT",
		.choices = "text|json",
		.help = "text or json",
		.more = "JSON documents follow a schema, which tcpadvise schema prints.",
	},
	[TA_OPT_REPORT_FORMAT] = {
		.name = "format", .letter = 'f', .kind = TA_WORD, AT(format), .argument = "FORMAT",
		.choices = "text|json|markdown|html|nagios|prometheus",
		.help = "text, json, markdown, html (a page by itself), nagios (a plug-in's line) or "
			"prometheus (metrics)",
	},
	[TA_OPT_FLAVOUR] = {
		.name = "flavour", .kind = TA_WORD, AT(flavour), .argument = "FLAVOUR",
		.choices = "github|gitlab|jira",
		.help = "of Markdown: github (unless told), gitlab or jira",
	},
	[TA_OPT_BOOK_FORMAT] = {
		.name = "format", .letter = 'f', .kind = TA_WORD, AT(format), .argument = "FORMAT",
		.choices = "text|json|markdown",
		.help = "text, json or markdown",
	},
	[TA_OPT_PLAN_FORMAT] = {
		.name = "format", .letter = 'f', .kind = TA_WORD, AT(format), .argument = "FORMAT",
		.choices = "text|json|markdown|sysctl.d|shell|systemd|limits.conf|prlimit|"
			   "docker|podman|compose|kubernetes|ansible|nixos|tuned",
		.help = "text, json, markdown, or a dialect (see below)",
	},
	[TA_OPT_KUBERNETES] = {
		.name = "kubernetes", .kind = TA_WORD, AT(kubernetes), .argument = "VERSION",
		.help = "which sysctls are safe there, e.g. 1.29",
	},
	[TA_OPT_WITH_SNAPSHOT] = {
		.name = "with-snapshot", .kind = TA_FLAG, AT(with_snapshot),
		.help = "put the snapshot into the JSON report, which --input then takes",
	},
	[TA_OPT_OUTPUT] = {
		.name = "output", .letter = 'o', .kind = TA_WORD, AT(output), .argument = "FILE",
		.values = TA_VALUES_FILES,
		.help = "write there, whole or not at all, instead of standard output",
	},
	[TA_OPT_MIN_SEVERITY] = {
		.name = "min-severity", .kind = TA_WORD, AT(min_severity), .argument = "LEVEL",
		.choices = "info|warning|critical",
		.help = "show findings from info, warning or critical on",
	},
	[TA_OPT_BRIEF] = {
		.name = "brief", .kind = TA_FLAG, AT(brief),
		.help = "a line with the verdict, then one for each finding",
	},
	[TA_OPT_ONLY_PROBLEMS] = {
		.name = "only-problems", .kind = TA_FLAG, AT(only_problems),
		.help = "warnings and worse, nothing of what is in order",
	},
	[TA_OPT_EXPLAIN] = {
		.name = "explain", .kind = TA_FLAG, AT(explain),
		.help = "everything, also every rule that passed and what the words mean",
	},
	[TA_OPT_FAIL_ON] = {
		.name = "fail-on", .kind = TA_WORD, AT(fail_on), .argument = "LEVEL",
		.choices = "warning|critical",
		.help = "exit with 1 for a warning, 2 for a critical finding",
		.more = "With critical, a warning still exits with 0.",
	},
	[TA_OPT_LANG] = {
		.name = "lang", .kind = TA_LANGUAGE, AT(language), .argument = "LANGUAGE",
		.group = TA_GROUP_GENERAL,
		.help = "of the texts: en or zh_CN, instead of that of the locale",
	},
	[TA_OPT_COLOR] = {
		.name = "color", .kind = TA_WORD, AT(color), .argument = "WHEN",
		.choices = "auto|always|never",
		.help = "auto, always or never",
		.more = "auto, unless told: on a terminal that can show them, and as NO_COLOR and "
			"CLICOLOR_FORCE say.",
	},
	[TA_OPT_WEBHOOK] = {
		.name = "webhook", .kind = TA_WORD, AT(webhook), .argument = "URL",
		.group = TA_GROUP_ALERTS,
		.help = "post the findings there (or TCPADVISE_WEBHOOK: keeps it off ps)",
	},
	[TA_OPT_WEBHOOK_FORMAT] = {
		.name = "webhook-format", .kind = TA_WORD, AT(webhook_format),
		.argument = "FORMAT", .group = TA_GROUP_ALERTS, .choices = "json|slack",
		.help = "json (the report) or slack",
	},
	[TA_OPT_WEBHOOK_CA] = {
		.name = "webhook-ca", .kind = TA_WORD, AT(webhook_ca), .argument = "FILE",
		.group = TA_GROUP_ALERTS, .values = TA_VALUES_FILES,
		.help = "certificates (PEM) to trust instead of the system's",
	},
	[TA_OPT_TYPED] = {
		.name = "typed", .kind = TA_FLAG, AT(typed), .group = TA_GROUP_EXPRESSION,
		.help = "variables and answer in the typed form, e.g. {\"uint\":\"5\"}",
	},
	[TA_OPT_VARS] = {
		.name = "vars", .kind = TA_WORD, AT(vars), .argument = "FILE",
		.group = TA_GROUP_EXPRESSION, .values = TA_VALUES_FILES,
		.help = "variables for --typed",
	},
	[TA_OPT_EXPR_FILE] = {
		.name = "expr-file", .kind = TA_WORD, AT(expr_file), .argument = "FILE",
		.group = TA_GROUP_EXPRESSION, .values = TA_VALUES_FILES,
		.help = "read the expression there; - is standard input",
	},
	[TA_OPT_QUIET] = {
		.name = "quiet", .letter = 'q', .kind = TA_FLAG, AT(quiet),
		.group = TA_GROUP_GENERAL, .help = "no progress on standard error",
	},
	[TA_OPT_VERBOSE] = {
		.name = "verbose", .letter = 'v', .kind = TA_FLAG, AT(verbose),
		.group = TA_GROUP_GENERAL,
		.help = "tell everything, and each stage with its time on standard error",
	},
	[TA_OPT_HELP] = {
		.name = "help", .letter = 'h', .kind = TA_FLAG, AT(help),
		.group = TA_GROUP_GENERAL, .help = "this text",
	},
	[TA_OPT_VERSION] = {
		.name = "version", .letter = 'V', .kind = TA_FLAG, AT(version),
		.group = TA_GROUP_GENERAL, .help = "the version",
	},
};

#undef AT

const struct ta_option *ta_option_row(size_t id)
{
	return &options[id];
}

static const struct {
	enum ta_option_group group;
	const char *title;
} groups[TA_GROUP_COUNT] = {
	{ TA_GROUP_FACTS, "Where facts come from" },
	{ TA_GROUP_EXPRESSION, "The expression" },
	{ TA_GROUP_RULES, "Which rules, and how they judge" },
	{ TA_GROUP_CHANGES, "What is changed" },
	{ TA_GROUP_OUTPUT, "Output" },
	{ TA_GROUP_ALERTS, "Alerts" },
	{ TA_GROUP_GENERAL, "General" },
};

enum ta_option_group ta_option_group_at(size_t place)
{
	return groups[place].group;
}

const char *ta_option_group_title(enum ta_option_group group)
{
	size_t i = 0;

	while (groups[i].group != group)
		i++;
	return groups[i].title;
}
