/* completion_zsh.c - the script for zsh; see completion.h. */
#include "base/text.h"
#include "cli/completion.h"

/* For the description of a specification of _arguments, inside '...'. */
static void put_quoted(struct ta_buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			ta_buf_str(out, "'\\'");
		else if (ta_is_one_of(*text, "[]:\\"))
			ta_buf_char(out, '\\');
		ta_buf_char(out, *text);
	}
}

static void put_action(struct ta_buf *out, const struct ta_offer *offer)
{
	switch (offer->kind) {
	case TA_OFFER_NOTHING:
		ta_buf_char(out, ' ');
		break;
	case TA_OFFER_WORDS:
		ta_buf_printf(out, "(%s)", offer->words);
		break;
	case TA_OFFER_FILES:
		ta_buf_str(out, "_files");
		break;
	case TA_OFFER_ASK:
		ta_buf_printf(out, "%s_tcpadvise_%s", offer->listed ? "_sequence " : "",
			      offer->words);
		break;
	}
}

/* "(-f --format)", "*" of one that may come again. */
static void put_exclusion(struct ta_buf *out, const struct ta_option *option)
{
	if (option->kind == TA_WORDS || option->kind == TA_WORDLIST)
		ta_buf_char(out, '*');
	else if (option->letter)
		ta_buf_printf(out, "(-%c --%s)", option->letter, option->name);
}

static void put_spec(struct ta_buf *out, const struct ta_option *option, bool short_form)
{
	struct ta_offer offer = ta_offer_of_option(option);

	ta_buf_str(out, " \\\n\t\t\t'");
	put_exclusion(out, option);
	if (short_form)
		ta_buf_printf(out, "-%c%s[", option->letter, option->argument ? "+" : "");
	else
		ta_buf_printf(out, "--%s%s[", option->name, option->argument ? "=" : "");
	put_quoted(out, option->help);
	ta_buf_char(out, ']');
	if (option->argument) {
		ta_buf_char(out, ':');
		put_quoted(out, option->argument);
		ta_buf_char(out, ':');
		put_action(out, &offer);
	}
	ta_buf_char(out, '\'');
}

static void put_command(struct ta_buf *out, const struct ta_command *command)
{
	ta_buf_printf(out, "\t%s)\n\t\t_arguments -s -S :", command->name);
	for (size_t id = 0; id < TA_OPT_COUNT; id++) {
		if (!(command->options & TA_OPTION(id)))
			continue;
		if (ta_option_row(id)->letter)
			put_spec(out, ta_option_row(id), true);
		put_spec(out, ta_option_row(id), false);
	}
	if (command->operands[0].place)
		ta_buf_printf(out, " \\\n\t\t\t'*:: : _tcpadvise_operand %s'", command->name);
	ta_buf_str(out, " ;;\n");
}

static void put_operand(struct ta_buf *out, const struct ta_command *command,
			const struct ta_operand *operand)
{
	struct ta_offer offer = ta_offer_of_operand(operand);

	ta_buf_printf(out, "\t'%s %zu %s'%s) ", command->name, operand->place,
		      operand->after ? operand->after : "", operand->after ? "" : "*");
	if (offer.kind == TA_OFFER_WORDS)
		ta_buf_printf(out, "compadd -- %s", offer.words);
	else
		put_action(out, &offer);
	ta_buf_str(out, " ;;\n");
}

static void put_operands(struct ta_buf *out)
{
	ta_buf_str(out, "_tcpadvise_operand()\n{\n"
			"\tcase \"$1 $CURRENT ${words[CURRENT - 1]}\" in\n");
	for (size_t i = 0; ta_commands[i]; i++)
		for (const struct ta_operand *operand = ta_commands[i]->operands; operand->place;
		     operand++)
			put_operand(out, ta_commands[i], operand);
	ta_buf_str(out, "\tesac\n}\n\n");
}

static void put_askers(struct ta_buf *out)
{
	ta_buf_str(out, "# Names are added as they are, never evaluated.\n"
			"_tcpadvise_ask()\n{\n\tlocal -a names\n\n"
			"\tnames=(${(f)\"$(command tcpadvise completion $1 2>/dev/null)\"})\n"
			"\tshift\n\tcompadd \"$@\" -a names\n}\n\n");
	for (enum ta_values values = TA_VALUES_ANY; values <= TA_VALUES_NAMESPACES; values++)
		if (ta_candidates_name(values))
			ta_buf_printf(out, "_tcpadvise_%s() { _tcpadvise_ask %s \"$@\" }\n",
				      ta_candidates_name(values), ta_candidates_name(values));
	ta_buf_char(out, '\n');
}

static void put_names(struct ta_buf *out)
{
	ta_buf_str(out, "_tcpadvise_commands()\n{\n\tlocal -a commands=(");
	for (size_t i = 0; ta_commands[i]; i++) {
		ta_buf_printf(out, "\n\t\t'%s:", ta_commands[i]->name);
		put_quoted(out, ta_commands[i]->summary);
		ta_buf_char(out, '\'');
	}
	ta_buf_str(out, ")\n\n\t_describe command commands\n}\n\n");
}

void ta_completion_zsh(struct ta_buf *out)
{
	ta_buf_str(out, "#compdef tcpadvise\n"
			"# zsh completion of tcpadvise, printed by: tcpadvise completion zsh\n\n");
	put_askers(out);
	put_names(out);
	put_operands(out);
	ta_buf_str(out, "_tcpadvise()\n{\n\tlocal command=audit\n\n"
			"\tif [[ ${words[2]} != -* ]]; then\n"
			"\t\tif (( CURRENT == 2 )); then\n\t\t\t_tcpadvise_commands\n\t\t\treturn\n"
			"\t\tfi\n\t\tcommand=${words[2]}\n\t\tshift words\n\t\t(( CURRENT-- ))\n"
			"\tfi\n\tcase $command in\n");
	for (size_t i = 0; ta_commands[i]; i++)
		put_command(out, ta_commands[i]);
	ta_buf_str(out, "\tesac\n}\n\n"
			"if [[ $funcstack[1] == _tcpadvise ]]; then\n\t_tcpadvise \"$@\"\nelse\n"
			"\tcompdef _tcpadvise tcpadvise\nfi\n");
}
