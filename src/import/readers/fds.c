/* fds.c - the descriptors of a process: "ls -l /proc/PID/fd", its count, and "lsof -p PID".
 *
 * A count stands only when the whole list is there: noted when it ends. "lsof | wc -l" is no count
 * of open files: it has a row for each thread and for each file that is mapped. */
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "import/readers/counter.h"
#include "import/readers/process.h"

/* ---- ls ---- */

/* The process whose /proc/PID/fd the command lists; false when it lists another thing, or more. */
static bool listed_process(const struct ta_command *command, uint32_t *ret)
{
	size_t found = 0, others = 0;
	struct ta_slice rest;
	uint32_t pid;

	if (!ta_command_is(command, "ls"))
		return false;
	for (size_t i = 1; i < command->count; i++) {
		struct ta_slice word = command->words[i];

		if (word.data[0] == '-' || ta_slice_begins(word, "2>"))
			continue;
		if (ta_process_path(word, &pid, &rest) &&
		    (ta_slice_equals(rest, "fd") || ta_slice_equals(rest, "fd/"))) {
			*ret = pid;
			found++;
		} else {
			others++;
		}
	}
	return found == 1 && !others;
}

/* How many lines "ls" prints that are no descriptors: "total 0", "." and "..". */
static uint64_t extra_lines(const struct ta_command *command)
{
	uint64_t total = ta_command_has(command, 'l', NULL), dots = 0;

	if (ta_command_has(command, 'a', "--all"))
		dots = 2;
	return total + dots;
}

static enum ta_take take_count(struct ta_reading *reading, const struct ta_line *line, uint32_t pid)
{
	const struct ta_command *command = &reading->command;
	bool sockets = ta_slice_equals(command->rest, "grep socket | wc -l") ||
		       ta_slice_equals(command->rest, "grep -c socket");
	uint64_t count, extra = sockets ? 0 : extra_lines(command);

	if (!ta_slice_u64(ta_slice_trim(line->text), &count))
		return TA_NOT_MINE;
	if ((!sockets && !ta_slice_equals(command->rest, "wc -l")) || count < extra)
		return ta_wrong(reading, "it is not known what is counted");
	ta_note_process_uint(reading, line, pid, sockets ? "socket_fds" : "fds", count - extra);
	return TA_USED;
}

struct listing {
	uint32_t pid;
	bool headed; /* "total 0": the beginning is there */
	bool broken;
	uint64_t fds, sockets, line;
};

/* "lrwx------ 1 root root 64 Nov 23 12:07 4 -> socket:[123]": the length of the words before the
 * arrow says nothing, dates have many forms. */
static bool is_descriptor(struct ta_slice text, bool *ret_socket)
{
	struct ta_slice words[TA_LINE_WORDS];
	uint64_t number;
	size_t count;

	ta_line_words(text, words, &count);
	if (count < 6 || words[0].data[0] != 'l' || words[0].len < 10)
		return false;
	for (size_t i = 3; i + 2 < count; i++) {
		if (!ta_slice_equals(words[i + 1], "->") || !ta_slice_u64(words[i], &number))
			continue;
		*ret_socket = ta_slice_begins(words[i + 2], "socket:[");
		return true;
	}
	return false;
}

static bool is_dots(struct ta_slice text)
{
	return text.data[0] == 'd' && (ta_slice_ends(text, " .") || ta_slice_ends(text, " .."));
}

static enum ta_take take_ls(struct ta_reading *reading, void *state, const struct ta_line *line)
{
	struct listing *listing = state;
	bool socket = false;
	uint32_t pid = 0;

	if (!listed_process(&reading->command, &pid))
		return TA_NOT_MINE;
	if (reading->command.counts)
		return take_count(reading, line, pid);
	if (ta_slice_equals(line->text, "total 0")) {
		*listing = (struct listing){ .pid = pid, .headed = true };
		return TA_EMPTY;
	}
	if (is_dots(line->text))
		return TA_EMPTY;
	if (!is_descriptor(line->text, &socket)) {
		listing->broken |=
			ta_slice_begins(line->text, "...") || ta_slice_begins(line->text, "[");
		return TA_NOT_MINE;
	}
	listing->fds++;
	listing->sockets += socket;
	listing->line = line->number;
	return listing->headed ? TA_USED
			       : ta_wrong(reading, "the beginning of the list is missing");
}

static void end_ls(struct ta_reading *reading, void *state)
{
	struct listing *listing = state;
	const struct ta_line at = { .number = listing->line };

	if (!listing->headed || listing->broken || !listing->line || reading->command.rest.len)
		return;
	ta_note_process_uint(reading, &at, listing->pid, "fds", listing->fds);
	ta_note_process_uint(reading, &at, listing->pid, "socket_fds", listing->sockets);
}

const struct ta_reader ta_read_fds = {
	.name = "ls /proc/PID/fd",
	.state_size = sizeof(struct listing),
	.line = take_ls,
	.end = end_ls,
};

/* ---- lsof ---- */

enum { NAME_CUT = 9 }; /* lsof cuts names at this length */

struct lsof {
	struct listing list;
	size_t fd_column; /* 0: no header was seen */
};

static bool is_header(const struct ta_slice *words, size_t count, size_t *ret_fd)
{
	if (count < 6 || !ta_slice_equals(words[0], "COMMAND") || !ta_slice_equals(words[1], "PID"))
		return false;
	for (size_t i = 2; i + 1 < count; i++)
		if (ta_slice_equals(words[i], "FD") && ta_slice_equals(words[i + 1], "TYPE")) {
			*ret_fd = i;
			return true;
		}
	return false;
}

/* "12u", "3rW", "7"; "cwd", "txt", "mem" and the like are no descriptors. */
static bool is_fd_number(struct ta_slice word)
{
	size_t digits = 0;
	uint64_t number;

	while (digits < word.len && word.data[digits] >= '0' && word.data[digits] <= '9')
		digits++;
	return ta_slice_u64(ta_slice(word.data, digits), &number) && word.len - digits <= 2;
}

/* What is one word in FD besides numbers; "err" rows say that nothing could be read. */
static bool is_other_fd(struct ta_slice word)
{
	static const char *const names[] = { "cwd",  "rtd", "txt", "mem", "DEL", "ltx",
					     "mmap", "pd",  "jld", "tr",  "m86", "NOFD" };

	for (size_t i = 0; i < TA_ARRAY_SIZE(names); i++)
		if (ta_slice_equals(word, names[i]))
			return true;
	return false;
}

static bool is_socket_type(struct ta_slice word)
{
	return ta_slice_equals(word, "IPv4") || ta_slice_equals(word, "IPv6") ||
	       ta_slice_equals(word, "unix") || ta_slice_equals(word, "sock") ||
	       ta_slice_equals(word, "netlink") || ta_slice_equals(word, "pack");
}

/* Whether the command lists all of one process. */
static bool lists_process(const struct ta_command *command, uint32_t *ret)
{
	static const char *const harmless[] = { "-n", "-P", "-nP", "-Pn" };

	if (!ta_command_is(command, "lsof") || command->rest.len ||
	    !ta_process_option(command, ret))
		return false;
	for (size_t i = 1; i < command->count; i++) {
		struct ta_slice word = command->words[i];
		bool known = ta_slice_begins(word, "-p");

		for (size_t j = 0; j < TA_ARRAY_SIZE(harmless); j++)
			known |= ta_slice_equals(word, harmless[j]);
		known |= ta_slice_equals(command->words[i - 1], "-p");
		if (!known)
			return false;
	}
	return true;
}

static void note_name(struct ta_reading *reading, const struct ta_line *line, uint32_t pid,
		      struct ta_slice name)
{
	if (name.len < NAME_CUT)
		ta_note_process_name(reading, line, pid, name);
}

static enum ta_take take_row(struct ta_reading *reading, struct lsof *lsof,
			     const struct ta_line *line, const struct ta_slice *words, size_t count)
{
	uint32_t pid, wanted;
	size_t fd = lsof->fd_column;

	if (!fd || count < fd + 3 || !ta_process_id(words[1], &pid))
		return TA_NOT_MINE;
	if (!is_fd_number(words[fd])) {
		lsof->list.broken |= !is_other_fd(words[fd]);
		return TA_EMPTY;
	}
	if (!lists_process(&reading->command, &wanted) || wanted != pid)
		return TA_EMPTY;
	note_name(reading, line, pid, words[0]);
	lsof->list.pid = pid;
	lsof->list.fds++;
	lsof->list.sockets += is_socket_type(words[fd + 1]);
	lsof->list.line = line->number;
	return TA_USED;
}

static enum ta_take take_lsof(struct ta_reading *reading, void *state, const struct ta_line *line)
{
	struct ta_slice words[TA_LINE_WORDS];
	struct lsof *lsof = state;
	uint64_t number;
	size_t count;

	ta_line_words(line->text, words, &count);
	if (is_header(words, count, &lsof->fd_column)) {
		lsof->list = (struct listing){ .headed = true };
		return TA_EMPTY;
	}
	if (count == 1 && ta_command_is(&reading->command, "lsof") && reading->command.counts &&
	    ta_slice_u64(words[0], &number))
		return ta_wrong(reading, "lsof has rows for threads and for mapped files: their "
					 "number is not that of open files");
	return take_row(reading, lsof, line, words, count);
}

static void end_lsof(struct ta_reading *reading, void *state)
{
	struct lsof *lsof = state;

	end_ls(reading, &lsof->list);
}

const struct ta_reader ta_read_lsof = {
	.name = "lsof",
	.state_size = sizeof(struct lsof),
	.line = take_lsof,
	.end = end_lsof,
};
