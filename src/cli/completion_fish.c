/* completion_fish.c - the script for fish; see completion.h. */
#include "base/text.h"
#include "cli/completion.h"

static void put_quoted(struct ta_buf *out, const char *text)
{
	ta_buf_char(out, '\'');
	for (; *text; text++) {
		if (ta_is_one_of(*text, "'\\"))
			ta_buf_char(out, '\\');
		ta_buf_char(out, *text);
	}
	ta_buf_char(out, '\'');
}

/* What "complete" gets to offer values, and whether they must be given. */
static void put_offer(struct ta_buf *out, const struct ta_offer *offer)
{
	switch (offer->kind) {
	case TA_OFFER_NOTHING:
		break;
	case TA_OFFER_WORDS:
		ta_buf_printf(out, " -a '%s'", offer->words);
		break;
	case TA_OFFER_FILES:
		ta_buf_str(out, " -F");
		break;
	case TA_OFFER_ASK:
		if (offer->listed)
			ta_buf_printf(out, " -a '(__fish_complete_list , \"__tcpadvise_ask %s\")'",
				      offer->words);
		else
			ta_buf_printf(out, " -a '(__tcpadvise_ask %s)'", offer->words);
		break;
	}
}

static void put_option(struct ta_buf *out, size_t id)
{
	const struct ta_option *option = ta_option_row(id);
	struct ta_offer offer = ta_offer_of_option(option);

	ta_buf_str(out, "complete -c tcpadvise -n '__tcpadvise_is");
	for (size_t i = 0; ta_commands[i]; i++)
		if (ta_commands[i]->options & TA_OPTION(id))
			ta_buf_printf(out, " %s", ta_commands[i]->name);
	ta_buf_str(out, "'");
	if (option->letter)
		ta_buf_printf(out, " -s %c", option->letter);
	ta_buf_printf(out, " -l %s", option->name);
	if (option->argument) {
		ta_buf_str(out, offer.kind == TA_OFFER_FILES ? " -r" : " -x");
		put_offer(out, &offer);
	}
	ta_buf_str(out, " -d ");
	put_quoted(out, option->help);
	ta_buf_char(out, '\n');
}

static void put_operand(struct ta_buf *out, const struct ta_command *command,
			const struct ta_operand *operand)
{
	struct ta_offer offer = ta_offer_of_operand(operand);

	ta_buf_printf(out, "complete -c tcpadvise -n '__tcpadvise_at %s %zu %s'", command->name,
		      operand->place, operand->after ? operand->after : "");
	put_offer(out, &offer);
	ta_buf_char(out, '\n');
}

static void put_value_takers(struct ta_buf *out)
{
	ta_buf_str(out,
		   "# Whether option $argv[2] of command $argv[1] takes a value.\n"
		   "function __tcpadvise_takes_value\n\tswitch \"$argv[1] $argv[2]\"\n\t\tcase");
	for (size_t i = 0; ta_commands[i]; i++)
		for (size_t id = 0; id < TA_OPT_COUNT; id++) {
			const struct ta_option *option = ta_option_row(id);

			if (!(ta_commands[i]->options & TA_OPTION(id)) || !option->argument)
				continue;
			ta_buf_printf(out, " '%s --%s'", ta_commands[i]->name, option->name);
			if (option->letter)
				ta_buf_printf(out, " '%s -%c'", ta_commands[i]->name,
					      option->letter);
		}
	ta_buf_str(out, "\n\t\t\treturn 0\n\tend\n\treturn 1\nend\n\n");
}

static const char helpers[] =
	"# Names are printed as they are, never evaluated.\n"
	"function __tcpadvise_ask\n"
	"\tcommand tcpadvise completion $argv[1] 2>/dev/null\n"
	"end\n"
	"\n"
	"function __tcpadvise_command\n"
	"\tset -l words (commandline -opc)\n"
	"\tif set -q words[2]; and not string match -q -- '-*' $words[2]\n"
	"\t\techo $words[2]\n"
	"\telse\n"
	"\t\techo audit\n"
	"\tend\n"
	"end\n"
	"\n"
	"# Whether the command is one of these.\n"
	"function __tcpadvise_is\n"
	"\tcontains -- (__tcpadvise_command) $argv\n"
	"end\n"
	"\n"
	"function __tcpadvise_starts\n"
	"\ttest (count (commandline -opc)) -eq 1\n"
	"end\n"
	"\n"
	"# Whether operand number $argv[2] of command $argv[1] is due, behind operand $argv[3].\n"
	"function __tcpadvise_at\n"
	"\tset -l words (commandline -opc)\n"
	"\tset -l place 1\n"
	"\tset -l operand ''\n"
	"\tset -l value no\n"
	"\tset -q words[2]; and test \"$words[2]\" = $argv[1]; or return 1\n"
	"\tset -e words[1..2]\n"
	"\tfor word in $words\n"
	"\t\tif test $value = yes\n"
	"\t\t\tset value no\n"
	"\t\telse if not string match -q -- '-?*' $word\n"
	"\t\t\tset operand $word\n"
	"\t\t\tset place (math $place + 1)\n"
	"\t\telse if __tcpadvise_takes_value $argv[1] $word\n"
	"\t\t\tset value yes\n"
	"\t\tend\n"
	"\tend\n"
	"\ttest $value = no; and test $place -eq $argv[2]; or return 1\n"
	"\tnot set -q argv[3]; or test \"$operand\" = $argv[3]\n"
	"end\n"
	"\n"
	"complete -c tcpadvise -f\n";

void ta_completion_fish(struct ta_buf *out)
{
	ta_buf_str(out,
		   "# fish completion of tcpadvise, printed by: tcpadvise completion fish\n\n");
	put_value_takers(out);
	ta_buf_str(out, helpers);
	for (size_t i = 0; ta_commands[i]; i++) {
		ta_buf_printf(out, "complete -c tcpadvise -n __tcpadvise_starts -a %s -d ",
			      ta_commands[i]->name);
		put_quoted(out, ta_commands[i]->summary);
		ta_buf_char(out, '\n');
	}
	for (size_t id = 0; id < TA_OPT_COUNT; id++)
		put_option(out, id);
	for (size_t i = 0; ta_commands[i]; i++)
		for (const struct ta_operand *operand = ta_commands[i]->operands; operand->place;
		     operand++)
			put_operand(out, ta_commands[i], operand);
}
