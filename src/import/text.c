/* text.c - see text.h.
 *
 * A capture is what one command printed, or one file holds: it ends where the next command line
 * stands, or with the text. Its readers live as long. */
#include "import/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/lines.h"
#include "import/pause.h"
#include "import/reader.h"

struct text {
	struct ta_reading reading;
	struct ta_line_counts counts;
	const char *name;
	size_t last;    /* the reader that took the line before */
	size_t readers; /* how many there are */
	void **states;  /* of each reader; NULL: it has seen no line of this capture */
	struct ta_lines lines;
};

/* ---- captures ---- */

static void clear_states(struct text *text)
{
	for (size_t i = 0; i < text->readers; i++) {
		free(text->states[i]);
		text->states[i] = NULL;
	}
}

static void end_capture(struct text *text)
{
	for (size_t i = 0; i < text->readers; i++) {
		text->reading.as = ta_readers[i]->name;
		if (text->states[i] && ta_readers[i]->end)
			ta_readers[i]->end(&text->reading, text->states[i]);
	}
	clear_states(text);
	ta_samples_end(&text->reading);
	ta_samples_begin(&text->reading.samples, 0);
	text->last = text->readers;
	ta_evidence_end_capture(text->reading.evidence);
}

/* /proc/net is a link to self/net, and a bundle may have packed what it leads to: the tables of the
 * namespace that the process is in. */
static struct ta_slice without_process(struct ta_slice file)
{
	struct ta_slice rest = file;

	if (!ta_slice_begins(rest, "/proc/"))
		return file;
	rest = ta_slice(rest.data + strlen("/proc/"), rest.len - strlen("/proc/"));
	ta_slice_cut(&rest, '/');
	return ta_slice_begins(rest, "net/") ? rest : file;
}

static void set_file(struct ta_reading *reading, struct ta_slice file)
{
	struct ta_slice rest = without_process(file);

	snprintf(reading->file, sizeof(reading->file), "%s%.*s",
		 rest.data == file.data ? "" : "/proc/", (int)rest.len, rest.data);
}

/* dmesg, unfiltered: what it does not say did not happen, as far as its buffer reaches. */
static bool is_whole_log(const struct ta_command *command)
{
	return !command->picks && !command->counts && !command->tallies &&
	       (ta_command_is(command, "dmesg") ||
		(ta_command_is(command, "journalctl") && ta_command_has(command, 'k', "--dmesg")));
}

static void begin_command(struct text *text, const struct ta_command *command)
{
	struct ta_reading *reading = &text->reading;

	end_capture(text);
	ta_command_copy(&reading->command, command);
	ta_samples_begin(&reading->samples, ta_command_waits_s(command));
	set_file(reading, ta_command_file(&reading->command));
	if (reading->command.netns.len)
		reading->netns = ta_evidence_space(reading->evidence, reading->command.netns);
	else if (!reading->own_file)
		reading->netns = 0;
	reading->evidence->log_read |= is_whole_log(&reading->command);
}

/* What the name of the text says of it. */
static void begin_text(struct text *text, const struct ta_capture *capture)
{
	struct ta_reading *reading = &text->reading;
	struct ta_command command;
	struct ta_slice netns;

	if (!capture)
		return;
	reading->own_file = true;
	netns = ta_slice(capture->namespace_, strlen(capture->namespace_));
	reading->netns = ta_evidence_space(reading->evidence, netns);
	if (capture->command[0] &&
	    ta_command_parse(ta_slice(capture->command, strlen(capture->command)), &command))
		begin_command(text, &command);
	reading->command.picks |= capture->tail;
	if (capture->file[0])
		set_file(reading, ta_slice(capture->file, strlen(capture->file)));
}

/* ---- lines ---- */

static enum ta_take show(struct text *text, size_t i, const struct ta_line *line)
{
	const struct ta_reader *reader = ta_readers[i];

	if (line->half && !reader->half_lines)
		return TA_NOT_MINE;
	if (!text->states[i]) {
		text->states[i] = calloc(1, reader->state_size + 1);
		if (!text->states[i]) {
			text->reading.evidence->builder.failed = true;
			return TA_NOT_MINE;
		}
	}
	text->reading.as = reader->name;
	return reader->line(&text->reading, text->states[i], line);
}

/* The reader of the line before is asked first. */
static enum ta_take show_all(struct text *text, const struct ta_line *line)
{
	enum ta_take take = TA_NOT_MINE;

	if (text->last < text->readers)
		take = show(text, text->last, line);
	for (size_t i = 0; take == TA_NOT_MINE && i < text->readers; i++) {
		if (i == text->last)
			continue;
		take = show(text, i, line);
		if (take != TA_NOT_MINE)
			text->last = i;
	}
	return take;
}

/* A command line in a text of which the name says what it is would be somebody's words. */
static bool is_command_line(const struct text *text, const struct ta_line *line,
			    struct ta_command *ret)
{
	return !text->reading.own_file && ta_command_find(line->text, ret);
}

static void take_line(struct text *text, const struct ta_line *line)
{
	struct ta_line_counts *counts = &text->counts;
	struct ta_command command;

	counts->lines++;
	text->reading.wrong =
		line->half ? "the text ends here without a newline, so that it may be cut" : NULL;
	if (!ta_slice_trim(line->text).len) {
		counts->blank++;
		return;
	}
	if (is_command_line(text, line, &command)) {
		begin_command(text, &command);
		counts->used++;
		return;
	}
	switch (show_all(text, line)) {
	case TA_USED:
	case TA_EMPTY:
		counts->used++;
		return;
	case TA_WRONG:
	case TA_NOT_MINE:
		counts->skipped++;
		ta_evidence_skip(text->reading.evidence, text->name, line->number, line->text,
				 text->reading.wrong);
	}
}

static size_t count_readers(void)
{
	size_t count = 0;

	while (ta_readers[count])
		count++;
	return count;
}

static struct text *new_text(struct ta_evidence *evidence, const char *name)
{
	struct text *text = calloc(1, sizeof(*text));

	if (!text)
		return NULL;
	text->name = name;
	text->readers = text->last = count_readers();
	text->states = calloc(text->readers + 1, sizeof(*text->states));
	text->reading.evidence = evidence;
	return text;
}

static void free_text(struct text *text)
{
	if (!text)
		return;
	free(text->states);
	ta_samples_done(&text->reading.samples);
	free(text);
}

bool ta_text_read(struct ta_evidence *evidence, const char *name, struct ta_bytes bytes,
		  const struct ta_capture *capture)
{
	struct text *text = new_text(evidence, name);
	bool ok = text && text->states;
	struct ta_line line;

	if (ok) {
		text->reading.input = ta_evidence_begin_input(evidence, name);
		begin_text(text, capture);
		ta_lines_start(&text->lines, bytes);
		while (!evidence->builder.failed && ta_lines_next(&text->lines, &line))
			take_line(text, &line);
		end_capture(text);
		if (text->lines.failed)
			ta_evidence_skip(evidence, name, text->lines.number + 1, ta_slice("", 0),
					 "the input breaks off here");
		ta_evidence_end_input(evidence, text->reading.input, &text->counts);
	}
	free_text(text);
	return ok && !evidence->builder.failed;
}
