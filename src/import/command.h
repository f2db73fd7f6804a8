/* command.h - what was typed to get the lines that follow.
 *
 * A paste often holds the command line, behind a prompt; a member of a bundle has it in its name.
 * It says what the lines are where they don't say it themselves (a lone number), and whether
 * somebody picked them from more ("| grep CLOSE_WAIT"). */
#ifndef IMPORT_COMMAND_H
#define IMPORT_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

enum { TA_COMMAND_TEXT = 512, TA_COMMAND_WORDS = 32 };

struct ta_command {
	char text[TA_COMMAND_TEXT]; /* as typed, without the prompt; "": not known */
	/* The program without its path, and its arguments: of the first stage of a pipeline,
	 * without what merely runs it (sudo, env, watch, ip netns exec, docker exec, kubectl exec,
	 * ssh ...). Slices of text. */
	struct ta_slice words[TA_COMMAND_WORDS];
	size_t count;
	struct ta_slice inner; /* the text without what merely runs it, all stages */
	struct ta_slice rest;  /* the stages behind it: "grep CLOSE_WAIT | wc -l"; empty: none */
	struct ta_slice netns; /* of "ip netns exec NAME", "ip -n NAME"; empty: not said */
	bool counts;           /* the last stage is wc -l, or grep -c: one number comes out */
	bool tallies;          /* sort | uniq -c, or an awk that counts by its last column */
	bool picks;            /* a stage leaves lines out: grep, head, tail, awk, sed ... */
};

/* What is behind a prompt in a line; false when the line is no command line. A line without a
 * prompt counts when all of it is a command of the ones that we read. */
bool ta_command_find(struct ta_slice line, struct ta_command *ret);

/* The same of a command line alone; false when it is longer than TA_COMMAND_TEXT or empty. */
bool ta_command_parse(struct ta_slice text, struct ta_command *ret);

/* A command must not be copied by assignment: its slices point into it. */
void ta_command_copy(struct ta_command *to, const struct ta_command *from);

/* Whether it runs this program. */
bool ta_command_is(const struct ta_command *command, const char *program);

/* Whether a bundle of short options has the letter ("-tanp" has t, a, n and p), or the long option
 * is there ("--listening"; NULL: it has no long form). */
bool ta_command_has(const struct ta_command *command, char letter, const char *long_option);

/* Whether one of its arguments is this word. */
bool ta_command_says(const struct ta_command *command, const char *word);

/* The file whose content is printed by cat, head, tail, more or less, or by grep of one file; an
 * empty slice when it is none or several. */
struct ta_slice ta_command_file(const struct ta_command *command);

/* Cuts the first stage of a pipeline off, or the first of several commands; what is quoted has no
 * end of a stage in it. */
struct ta_slice ta_command_stage(struct ta_slice *rest);

/* Cuts the first word off, quotes and quoted blanks included. */
struct ta_slice ta_command_word(struct ta_slice *rest);

#endif
