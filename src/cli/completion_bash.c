/* completion_bash.c - the script for bash; see completion.h. */
#include <string.h>

#include "cli/completion.h"

/* "words a b c", "files", "list ask rules": what _tcpadvise_reply() understands. */
static void put_offer(struct ta_buf *out, const struct ta_offer *offer)
{
	static const char *const verbs[] = { [TA_OFFER_NOTHING] = "nothing",
					     [TA_OFFER_WORDS] = "words ",
					     [TA_OFFER_FILES] = "files",
					     [TA_OFFER_ASK] = "ask " };

	ta_buf_printf(out, "offer='%s%s%s'", offer->listed ? "list " : "", verbs[offer->kind],
		      offer->words);
}

static void put_value(struct ta_buf *out, const struct ta_command *command,
		      const struct ta_option *option)
{
	struct ta_offer offer = ta_offer_of_option(option);

	ta_buf_printf(out, "\t'%s --%s'", command->name, option->name);
	if (option->letter)
		ta_buf_printf(out, " | '%s -%c'", command->name, option->letter);
	ta_buf_str(out, ") ");
	put_offer(out, &offer);
	ta_buf_str(out, " ;;\n");
}

static void put_values(struct ta_buf *out)
{
	ta_buf_str(out, "# What follows option $2 of command $1; fails when nothing does.\n"
			"_tcpadvise_value()\n{\n\tcase \"$1 $2\" in\n");
	for (size_t i = 0; ta_commands[i]; i++)
		for (size_t id = 0; id < TA_OPT_COUNT; id++)
			if (ta_commands[i]->options & TA_OPTION(id) && ta_option_row(id)->argument)
				put_value(out, ta_commands[i], ta_option_row(id));
	ta_buf_str(out, "\t*) return 1 ;;\n\tesac\n}\n\n");
}

static void put_options(struct ta_buf *out)
{
	ta_buf_str(out, "# The options of command $1.\n_tcpadvise_options()\n{\n\tcase $1 in\n");
	for (size_t i = 0; ta_commands[i]; i++) {
		ta_buf_printf(out, "\t%s) offer='words", ta_commands[i]->name);
		for (size_t id = 0; id < TA_OPT_COUNT; id++)
			if (ta_commands[i]->options & TA_OPTION(id))
				ta_buf_printf(out, " --%s", ta_option_row(id)->name);
		ta_buf_str(out, "' ;;\n");
	}
	ta_buf_str(out, "\tesac\n}\n\n");
}

static void put_operands(struct ta_buf *out)
{
	ta_buf_str(out, "# Operand number $2 of command $1, behind operand $3.\n"
			"_tcpadvise_operand()\n{\n\tcase \"$1 $2 $3\" in\n");
	for (size_t i = 0; ta_commands[i]; i++)
		for (const struct ta_operand *operand = ta_commands[i]->operands; operand->place;
		     operand++) {
			struct ta_offer offer = ta_offer_of_operand(operand);

			ta_buf_printf(out, "\t'%s %zu %s'%s) ", ta_commands[i]->name,
				      operand->place, operand->after ? operand->after : "",
				      operand->after ? "" : "*");
			put_offer(out, &offer);
			ta_buf_str(out, " ;;\n");
		}
	ta_buf_str(out, "\tesac\n}\n\n");
}

static const char body[] =
	"# Candidates are compared and copied, never evaluated.\n"
	"_tcpadvise_reply()\n"
	"{\n"
	"\tlocal prefix=$1 current=$2 word words=()\n"
	"\n"
	"\tif [[ $offer == 'list '* ]]; then\n"
	"\t\toffer=${offer#list }\n"
	"\t\tprefix+=${current%\"${current##*,}\"}\n"
	"\t\tcurrent=${current##*,}\n"
	"\tfi\n"
	"\tcase $offer in\n"
	"\tfiles) compopt -o default 2>/dev/null ;;\n"
	"\t'ask '*) mapfile -t words < <(command tcpadvise completion \"${offer#ask }\" "
	"2>/dev/null) ;;\n"
	"\t'words '*) read -r -a words <<<\"${offer#words }\" ;;\n"
	"\tesac\n"
	"\tfor word in \"${words[@]}\"; do\n"
	"\t\t[[ $word == \"$current\"* ]] && COMPREPLY+=(\"$prefix$word\")\n"
	"\tdone\n"
	"}\n"
	"\n"
	"_tcpadvise()\n"
	"{\n"
	"\tlocal current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
	"\tlocal command=audit offer=nothing first=1 place=1 operand='' prefix='' ended='' i\n"
	"\n"
	"\tCOMPREPLY=()\n"
	"\tif [[ ${COMP_WORDS[1]} != -* ]] && ((COMP_CWORD > 1)); then\n"
	"\t\tcommand=${COMP_WORDS[1]} first=2\n"
	"\tfi\n"
	"\t# --name=value is three words, unless \"=\" is no word break.\n"
	"\tif [[ $current == --*=* ]]; then\n"
	"\t\tbefore=${current%%=*} prefix=${current%%=*}= current=${current#*=}\n"
	"\telif [[ $current == = ]]; then\n"
	"\t\tcurrent=\n"
	"\telif [[ $before == = ]]; then\n"
	"\t\tbefore=${COMP_WORDS[COMP_CWORD - 2]}\n"
	"\tfi\n"
	"\tfor ((i = first; i < COMP_CWORD; i++)); do\n"
	"\t\tif [[ $ended || ${COMP_WORDS[i]} != -?* ]]; then\n"
	"\t\t\toperand=${COMP_WORDS[i]}\n"
	"\t\t\t((place++))\n"
	"\t\telif [[ ${COMP_WORDS[i]} == -- ]]; then\n"
	"\t\t\tended=yes\n"
	"\t\telif _tcpadvise_value \"$command\" \"${COMP_WORDS[i]}\"; then\n"
	"\t\t\t[[ ${COMP_WORDS[i + 1]} == = ]] && ((i++))\n"
	"\t\t\t((i++))\n"
	"\t\tfi\n"
	"\tdone\n"
	"\toffer=nothing\n"
	"\tif ((COMP_CWORD == 1)) && [[ $current != -* ]]; then\n"
	"\t\t_tcpadvise_operand help 1 ''\n"
	"\telif [[ ! $ended ]] && _tcpadvise_value \"$command\" \"$before\"; then\n"
	"\t\t:\n"
	"\telif [[ ! $ended && $current == -* ]]; then\n"
	"\t\t_tcpadvise_options \"$command\"\n"
	"\telse\n"
	"\t\t_tcpadvise_operand \"$command\" \"$place\" \"$operand\"\n"
	"\tfi\n"
	"\t_tcpadvise_reply \"$prefix\" \"$current\"\n"
	"}\n"
	"\n"
	"complete -F _tcpadvise tcpadvise\n";

void ta_completion_bash(struct ta_buf *out)
{
	ta_buf_str(out, "# bash completion of tcpadvise, printed by: tcpadvise completion bash\n"
			"# shellcheck shell=bash\n\n");
	put_values(out);
	put_options(out);
	put_operands(out);
	ta_buf_str(out, body);
}
