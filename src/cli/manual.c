/* manual.c - tcpadvise(1); see manual.h. */
#include "cli/manual.h"

#include <stdio.h>
#include <string.h>

#include "base/language.h"
#include "base/macros.h"
#include "cli/options.h"
#include "cli/roff.h"

/* A name, and what it is for. */
struct row {
	const char *name;
	const char *text;
};

/* What src/ reads with getenv(): a test compares. */
static const struct row environment[] = {
	{ "TCPADVISE_WEBHOOK", "URL to post findings to, where --webhook names none." },
	{ "NO_COLOR", "When set and not empty: no colours, unless --color says so." },
	{ "CLICOLOR_FORCE",
	  "When set, and neither empty nor 0: colours even where the output is no "
	  "terminal." },
	{ "TERM", "dumb, or none: no colours." },
	{ "COLUMNS", "Width of the page, in the place of the terminal's: 20 to 1000." },
	{ "LC_ALL",
	  "Together with the next: the language of the texts (LC_MESSAGES), and whether "
	  "characters beyond ASCII can be printed (LC_CTYPE). The first that is set and not "
	  "empty counts: LC_ALL, the category, LANG." },
	{ "LC_MESSAGES", "See LC_ALL." },
	{ "LC_CTYPE", "See LC_ALL." },
	{ "LANG", "See LC_ALL." },
	{ "XDG_CONFIG_HOME", "Where the user's own rule packs are: below tcpadvise/rules.d." },
	{ "HOME", "Where they are without it: .config/tcpadvise/rules.d." },
	{ "SOURCE_DATE_EPOCH",
	  "The time that is now, in seconds since 1970, so that a document can be "
	  "made again." },
	{ "KUBERNETES_SERVICE_HOST", "Its presence tells that this is a pod." },
};

static const struct row files[] = {
	{ "/etc/tcpadvise/rules.d/*.json",
	  "Rule packs of this host, its parameters and silences; see tcpadvise-rules(5)." },
	{ "~/.config/tcpadvise/rules.d/*.json", "The same of a user." },
	{ "/etc/sysctl.d/90-tcpadvise.conf", "The sysctls that apply has set." },
	{ "/var/lib/tcpadvise/", "What apply has changed and what was there before, a record a "
				 "change: what revert needs." },
};

static const char description[] = "It reads sockets by sock_diag(7), counters and settings of "
				  "/proc and limits of processes, holds "
				  "them against rules, and names the limit, the figure against it, "
				  "the program that causes it, a "
				  "fix to paste, and what is often advised and would not help. "
				  "Looking changes nothing on the host; "
				  "only apply and revert do.\n\n"
				  "A fact that could not be read is said to be unknown: it is "
				  "never taken for zero, and a rule that "
				  "lacks one is not checked, never passed.";

static const char privileges[] =
	"Any user can look. Root, or CAP_SYS_PTRACE, names the processes of other users. CAP_BPF "
	"and "
	"CAP_PERFMON (or CAP_SYS_ADMIN) let the kernel name the owners of all sockets at once. To "
	"enter "
	"another network namespace takes CAP_SYS_ADMIN. What is missing is said, with what would "
	"be needed. "
	"apply and revert write settings and files of the host, which is root's business.";

static void put_rows(struct ta_buf *out, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		ta_roff_item(out, rows[i].name, NULL);
		ta_roff_sentence(out, rows[i].text);
	}
}

/* ---- options ----------------------------------------------------------------------- */

/* "a|b|c" as "a, b, c". */
static void put_choices(struct ta_buf *out, const char *choices)
{
	ta_buf_str(out, "One of ");
	for (; *choices; choices++)
		if (*choices == '|')
			ta_buf_str(out, ", ");
		else
			ta_buf_char(out, *choices);
	ta_buf_char(out, '.');
}

/* Whether the name has a row for some commands and another one for others. */
static bool is_ambiguous(size_t id)
{
	for (size_t i = 0; i < TA_OPT_COUNT; i++)
		if (i != id && strcmp(ta_option_row(i)->name, ta_option_row(id)->name) == 0)
			return true;
	return false;
}

static void put_takers(struct ta_buf *out, size_t id)
{
	bool any = false;

	ta_buf_str(out, "Of ");
	for (size_t i = 0; ta_commands[i]; i++) {
		if (!(ta_commands[i]->options & TA_OPTION(id)))
			continue;
		ta_buf_printf(out, "%s%s", any ? ", " : "", ta_commands[i]->name);
		any = true;
	}
	ta_buf_str(out, ". ");
}

static void put_option(struct ta_buf *out, size_t id)
{
	const struct ta_option *option = ta_option_row(id);
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(4096);
	char name[64], choices[256];

	if (option->letter)
		snprintf(name, sizeof(name), "-%c, --%s", option->letter, option->name);
	else
		snprintf(name, sizeof(name), "--%s", option->name);
	ta_roff_item(out, name, option->argument);
	ta_roff_sentence(out, option->help);
	if (is_ambiguous(id))
		put_takers(&text, id);
	if (option->choices)
		put_choices(&text, option->choices);
	if (option->kind == TA_LANGUAGE) {
		ta_language_choices(choices, sizeof(choices));
		put_choices(&text, choices);
	}
	if (option->kind == TA_WORDS || option->kind == TA_WORDLIST)
		ta_buf_str(&text, " May be given more than once.");
	if (option->more)
		ta_buf_printf(&text, " %s", option->more);
	if (text.len)
		ta_roff_words(out, ta_buf_cstr(&text));
}

static void put_options(struct ta_buf *out)
{
	ta_roff_section(out, "OPTIONS");
	ta_roff_words(out,
		      "A value follows its option as the next argument or behind an equals sign; "
		      "flags of one letter may be joined. -- ends the options. TIME is a number "
		      "with a unit: 500ms, 1s, 2m.");
	for (size_t place = 0; place < TA_GROUP_COUNT; place++) {
		enum ta_option_group group = ta_option_group_at(place);

		ta_roff_subsection(out, ta_option_group_title(group));
		for (size_t id = 0; id < TA_OPT_COUNT; id++)
			if (ta_option_row(id)->group == group)
				put_option(out, id);
	}
}

/* ---- commands ---------------------------------------------------------------------- */

static void put_option_names(struct ta_buf *out, const struct ta_command *command)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(4096);
	const char *before = "Options: ";

	for (size_t id = 0; id < TA_OPT_COUNT; id++) {
		if (!(command->options & TA_OPTION(id)))
			continue;
		ta_buf_printf(&text, "%s--%s", before, ta_option_row(id)->name);
		before = ", ";
	}
	ta_buf_char(&text, '.');
	ta_roff_new_paragraph(out);
	ta_roff_words(out, ta_buf_cstr(&text));
}

static void put_command(struct ta_buf *out, const struct ta_command *command)
{
	ta_roff_item(out, command->name, command->arguments);
	ta_roff_sentence(out, command->summary);
	ta_roff_indent(out);
	ta_roff_prose(out, command->details);
	ta_roff_prose(out, command->more);
	put_option_names(out, command);
	ta_roff_outdent(out);
}

static void put_exits(struct ta_buf *out)
{
	char status[16];

	ta_roff_section(out, "EXIT STATUS");
	for (size_t i = 0; ta_commands[i]; i++) {
		ta_roff_item(out, ta_commands[i]->name, NULL);
		for (const struct ta_exit *exit = ta_commands[i]->exits; exit->meaning; exit++) {
			ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(1024);

			snprintf(status, sizeof(status), "%d", exit->status);
			ta_buf_printf(&line, "%s %s%s", status, exit->meaning,
				      exit[1].meaning ? ";" : ".");
			ta_roff_words(out, ta_buf_cstr(&line));
		}
	}
}

static void put_examples(struct ta_buf *out)
{
	ta_roff_section(out, "EXAMPLES");
	for (size_t i = 0; ta_commands[i]; i++)
		for (const struct ta_example *example = ta_commands[i]->examples; example->line;
		     example++) {
			ta_roff_item(out, example->line, NULL);
			ta_roff_words(out, example->what);
		}
}

/* ---- the page ---------------------------------------------------------------------- */

static void put_synopsis(struct ta_buf *out)
{
	ta_roff_section(out, "SYNOPSIS");
	ta_buf_str(out, ".B tcpadvise\n.RI [ COMMAND \"] [\" OPTION ]...\n");
	for (size_t i = 0; ta_commands[i]; i++) {
		ta_buf_str(out, ".br\n.B tcpadvise\n");
		ta_roff_words(out, ta_commands[i]->name);
		if (*ta_commands[i]->arguments)
			ta_roff_words(out, ta_commands[i]->arguments);
	}
}

void ta_manual_program(struct ta_buf *out)
{
	ta_roff_title(out, "TCPADVISE", "1");
	ta_roff_section(out, "NAME");
	ta_buf_str(out,
		   "tcpadvise \\- say which TCP limit a host hits, by whom, and what fixes it\n");
	put_synopsis(out);
	ta_roff_section(out, "DESCRIPTION");
	ta_roff_words(out, TA_PROGRAM_ABOUT);
	ta_roff_prose(out, description);
	ta_roff_section(out, "COMMANDS");
	for (size_t i = 0; ta_commands[i]; i++)
		put_command(out, ta_commands[i]);
	put_options(out);
	put_exits(out);
	ta_roff_section(out, "PRIVILEGES");
	ta_roff_words(out, privileges);
	ta_roff_section(out, "ENVIRONMENT");
	put_rows(out, environment, TA_ARRAY_SIZE(environment));
	ta_roff_section(out, "FILES");
	put_rows(out, files, TA_ARRAY_SIZE(files));
	put_examples(out);
	ta_roff_section(out, "SEE ALSO");
	ta_roff_words(out, "tcpadvise-rules(5), ss(8), nstat(8), sysctl(8), sysctl.d(5), "
			   "ip-netns(8), tcp(7), capabilities(7), limits.conf(5)");
}
