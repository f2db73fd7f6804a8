/* help.c - see help.h. */
#include "cli/help.h"

#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "base/wrap.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/prose.h"

enum {
	WIDTH = 80,
	OPTION_TEXT = 26, /* columns before what is said of an option */
	STATUS_TEXT = 6,
	COMMAND_TEXT = 14,
	MAX_HELP = 64 * 1024,
};

static void put_prose(struct ta_buf *out, size_t column, size_t left, const char *text, size_t len)
{
	struct ta_margins margins = { .column = column, .left = left, .right = WIDTH };

	ta_wrap_text(out, margins, text, len);
	ta_buf_char(out, '\n');
}

/* "  label   text"; the text stands on a line of its own when the label is too long. */
static void put_row(struct ta_buf *out, const char *label, size_t left, const char *text)
{
	size_t width = strlen(label) + 2;

	ta_buf_printf(out, "  %s", label);
	if (width >= left) {
		ta_buf_char(out, '\n');
		width = 0;
	}
	ta_buf_fill(out, ' ', left - width);
	put_prose(out, left, left, text, strlen(text));
}

static void put_paragraphs(struct ta_buf *out, const char *text)
{
	struct ta_paragraph paragraph;

	while (ta_prose_next(&text, &paragraph)) {
		ta_buf_char(out, '\n');
		if (!paragraph.verbatim) {
			put_prose(out, 0, 0, paragraph.text, paragraph.len);
			continue;
		}
		ta_buf_add(out, paragraph.text, paragraph.len);
		ta_buf_char(out, '\n');
	}
}

/* ---- of a command ------------------------------------------------------------------ */

static void put_usage(struct ta_buf *out, const struct ta_command *command)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(4096);

	ta_buf_printf(&line, "usage: tcpadvise %s%s %s", command->name,
		      command->options ? " [OPTION]..." : "", command->arguments);
	put_prose(out, 0, 17, ta_buf_cstr(&line), line.len);
}

static void put_option(struct ta_buf *out, const struct ta_option *option)
{
	ta_auto(ta_buf_done) struct ta_buf label = TA_BUF_INIT(256);

	if (option->letter)
		ta_buf_printf(&label, "-%c, ", option->letter);
	else
		ta_buf_fill(&label, ' ', 4);
	ta_buf_printf(&label, "--%s%s%s", option->name, option->argument ? " " : "",
		      option->argument ? option->argument : "");
	put_row(out, ta_buf_cstr(&label), OPTION_TEXT, option->help);
}

static void put_group(struct ta_buf *out, const struct ta_command *command,
		      enum ta_option_group group)
{
	bool any = false;

	for (size_t i = 0; i < TA_OPT_COUNT; i++) {
		if (!(command->options & TA_OPTION(i)) || ta_option_row(i)->group != group)
			continue;
		if (!any)
			ta_buf_printf(out, "\n%s:\n", ta_option_group_title(group));
		any = true;
		put_option(out, ta_option_row(i));
	}
}

static void put_exits(struct ta_buf *out, const struct ta_exit *exits)
{
	char label[16];

	if (exits->meaning)
		ta_buf_str(out, "\nExit status:\n");
	for (; exits->meaning; exits++) {
		snprintf(label, sizeof(label), "%2d", exits->status);
		put_row(out, label, STATUS_TEXT, exits->meaning);
	}
}

static void put_command(struct ta_buf *out, const struct ta_command *command)
{
	put_usage(out, command);
	ta_buf_char(out, '\n');
	put_prose(out, 0, 0, command->summary, strlen(command->summary));
	for (size_t i = 0; i < TA_GROUP_COUNT; i++)
		put_group(out, command, ta_option_group_at(i));
	put_paragraphs(out, command->details);
	put_exits(out, command->exits);
}

/* ---- of the program ---------------------------------------------------------------- */

static void put_program(struct ta_buf *out)
{
	ta_buf_str(out, "usage: tcpadvise [COMMAND] [OPTION]...\n");
	put_paragraphs(out, TA_PROGRAM_ABOUT);
	ta_buf_str(out, "\nCommands:\n");
	for (size_t i = 0; ta_commands[i]; i++)
		put_row(out, ta_commands[i]->name, COMMAND_TEXT, ta_commands[i]->summary);
	put_paragraphs(out, "tcpadvise COMMAND --help has the options of each, tcpadvise manual "
			    "all there is to say.");
}

int ta_help_print(const struct ta_command *command)
{
	const struct ta_settings to_standard_output = { .output = NULL };
	ta_auto(ta_buf_done) struct ta_buf out = TA_BUF_INIT(MAX_HELP);

	if (command)
		put_command(&out, command);
	else
		put_program(&out);
	return ta_print(&to_standard_output, &out);
}
