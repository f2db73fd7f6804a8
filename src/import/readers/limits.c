/* limits.c - the limits of a process, as /proc/PID/limits and prlimit print them, and of a
 * shell, as its "ulimit" does.
 *
 * Limits say nothing without their process: the path or the command names it. A shell's own are not
 * those of a program that somebody else started, so that they are told and not used. */
#include <string.h>

#include "base/macros.h"
#include "import/readers/counter.h"
#include "import/readers/process.h"

struct limits {
	struct ta_slice soft, hard;
	bool of_files;
};

/* A number, or that there is no limit. */
static bool is_limit(struct ta_slice word)
{
	uint64_t number;

	return ta_slice_equals(word, "unlimited") || ta_slice_u64(word, &number);
}

/* Be it too large for a limit, or negative. */
static bool is_number(struct ta_slice word)
{
	return word.data[0] == '-' || (word.data[0] >= '0' && word.data[0] <= '9');
}

/* ---- rows ---- */

/* "Max open files            1024                 4096                 files", as the kernel prints
 * it, the length of the label in words. */
static const struct {
	const char *label, *unit;
	size_t words;
} kernel_rows[] = {
	{ "Max cpu time", "seconds", 3 },     { "Max file size", "bytes", 3 },
	{ "Max data size", "bytes", 3 },      { "Max stack size", "bytes", 3 },
	{ "Max core file size", "bytes", 4 }, { "Max resident set", "bytes", 3 },
	{ "Max processes", "processes", 2 },  { "Max open files", "files", 3 },
	{ "Max locked memory", "bytes", 3 },  { "Max address space", "bytes", 3 },
	{ "Max file locks", "locks", 3 },     { "Max pending signals", "signals", 3 },
	{ "Max msgqueue size", "bytes", 3 },  { "Max nice priority", "", 3 },
	{ "Max realtime priority", "", 3 },   { "Max realtime timeout", "us", 3 },
};

static bool find_row(struct ta_slice text, size_t *ret)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(kernel_rows); i++) {
		size_t len = strlen(kernel_rows[i].label);

		if (!ta_slice_begins(text, kernel_rows[i].label) || text.len <= len ||
		    (text.data[len] != ' ' && text.data[len] != '\t'))
			continue;
		*ret = i;
		return true;
	}
	return false;
}

static enum ta_take read_kernel_row(struct ta_reading *reading, struct ta_slice text,
				    struct limits *ret)
{
	struct ta_slice words[TA_LINE_WORDS], unit;
	size_t count, row, at;

	if (!find_row(text, &row))
		return TA_NOT_MINE;
	ta_line_words(text, words, &count);
	at = kernel_rows[row].words;
	if (count < at + 1 || (!is_limit(words[at]) && !is_number(words[at])))
		return TA_NOT_MINE; /* "Max open files is too low" */
	unit = count == at + 3 ? words[at + 2] : ta_slice("", 0);
	if (count < at + 2 || count > at + 3 || !is_limit(words[at]) || !is_limit(words[at + 1]) ||
	    !ta_slice_equals(unit, kernel_rows[row].unit))
		return ta_wrong(reading, "no row of limits: expected two of them, and the unit");
	ret->soft = words[at];
	ret->hard = words[at + 1];
	ret->of_files = strcmp(kernel_rows[row].label, "Max open files") == 0;
	return TA_USED;
}

/* "NOFILE     max number of open files                1024      4096 files" of prlimit. */
static bool read_prlimit_row(struct ta_slice text, struct limits *ret)
{
	static const char *const names[] = { "AS",     "CORE",   "CPU",        "DATA",
					     "FSIZE",  "LOCKS",  "MEMLOCK",    "MSGQUEUE",
					     "NICE",   "NOFILE", "NPROC",      "RSS",
					     "RTPRIO", "RTTIME", "SIGPENDING", "STACK" };
	struct ta_slice words[TA_LINE_WORDS];
	size_t count, last;
	bool known = false;

	ta_line_words(text, words, &count);
	for (size_t i = 0; count >= 5 && i < TA_ARRAY_SIZE(names); i++)
		known |= ta_slice_equals(words[0], names[i]);
	if (!known)
		return false;
	last = is_limit(words[count - 1]) ? count - 1 : count - 2; /* with or without a unit */
	if (!is_limit(words[last]) || !is_limit(words[last - 1]))
		return false;
	ret->soft = words[last - 1];
	ret->hard = words[last];
	ret->of_files = ta_slice_equals(words[0], "NOFILE");
	return !ret->of_files || ta_slice_equals(words[count - 1], "files");
}

static bool is_title(struct ta_slice text)
{
	struct ta_slice words[TA_LINE_WORDS];
	size_t count;

	ta_line_words(text, words, &count);
	return (count == 6 && ta_slice_equals(words[0], "Limit") &&
		ta_slice_equals(words[1], "Soft") && ta_slice_equals(words[2], "Limit")) ||
	       (count == 5 && ta_slice_equals(words[0], "RESOURCE") &&
		ta_slice_equals(words[1], "DESCRIPTION"));
}

/* ---- whose they are ---- */

/* grep puts the path before each row: "/proc/769/limits:Max open files ..." */
static bool cut_path(struct ta_slice *text, uint32_t *ret_pid)
{
	struct ta_slice rest = *text, path = ta_slice_cut(&rest, ':'), file;

	if (path.len == text->len || !ta_process_path(path, ret_pid, &file) ||
	    !ta_slice_equals(file, "limits"))
		return false;
	*text = rest;
	return true;
}

static bool find_process(const struct ta_reading *reading, uint32_t *ret)
{
	struct ta_slice file = ta_slice(reading->file, strlen(reading->file)), rest;

	if (ta_process_path(file, ret, &rest))
		return ta_slice_equals(rest, "limits");
	return ta_command_is(&reading->command, "prlimit") &&
	       ta_process_option(&reading->command, ret);
}

static void note_limit(struct ta_reading *reading, const struct ta_line *line, uint32_t pid,
		       const char *key, struct ta_slice limit)
{
	uint64_t number;

	if (ta_slice_u64(limit, &number))
		ta_note_process_uint(reading, line, pid, key, number);
}

static enum ta_take take_limits(struct ta_reading *reading, void *state, const struct ta_line *line)
{
	struct ta_slice text = ta_slice_trim(line->text);
	struct limits limits = { .of_files = false };
	uint32_t pid = 0;
	bool known = cut_path(&text, &pid) || find_process(reading, &pid);
	enum ta_take take = read_kernel_row(reading, text, &limits);

	(void)state;
	if (is_title(text))
		return TA_EMPTY;
	if (take == TA_NOT_MINE && read_prlimit_row(text, &limits))
		take = TA_USED;
	if (take != TA_USED)
		return take;
	if (!limits.of_files)
		return TA_EMPTY;
	if (!known)
		return ta_wrong(reading, "it is not known of which process these limits are");
	note_limit(reading, line, pid, "nofile_soft", limits.soft);
	note_limit(reading, line, pid, "nofile_hard", limits.hard);
	return TA_USED;
}

const struct ta_reader ta_read_proc_limits = {
	.name = "/proc/PID/limits",
	.line = take_limits,
};

/* ---- ulimit ---- */

static const char of_a_shell[] = "the limit of this shell; that of a program which runs is in "
				 "/proc/PID/limits";

/* "open files                      (-n) 1024", "stack size  (kbytes, -s) 8192" of bash,
 * "-n: file descriptors          1024" of zsh and busybox. */
static bool has_letter(const struct ta_slice *words, size_t count, char *ret)
{
	struct ta_slice word = count >= 3 ? words[count - 2] : ta_slice("", 0);

	if (word.len && word.data[0] == '(')
		word = ta_slice(word.data + 1, word.len - 1);
	if (word.len == 3 && word.data[0] == '-' && word.data[2] == ')') {
		*ret = word.data[1];
		return true;
	}
	word = words[0];
	if (count < 3 || word.len != 3 || word.data[0] != '-' || word.data[2] != ':')
		return false;
	*ret = word.data[1];
	return true;
}

/* "nofiles              1024" of dash; the others have a unit in brackets or names of their own. */
static bool is_row_of_dash(const struct ta_slice *words, size_t count)
{
	static const char *const names[] = {
		"time(seconds)",    "file(blocks)",   "data(kbytes)", "stack(kbytes)",   "process",
		"coredump(blocks)", "memory(kbytes)", "nofiles",      "vmemory(kbytes)", "locks",
		"rtprio",
	};

	if (count == 3)
		return ta_slice_equals(words[0], "locked") &&
		       ta_slice_equals(words[1], "memory(kbytes)");
	for (size_t i = 0; count == 2 && i < TA_ARRAY_SIZE(names); i++)
		if (ta_slice_equals(words[0], names[i]))
			return true;
	return false;
}

static bool is_ulimit_value(struct ta_slice word)
{
	return is_limit(word) || ta_slice_equals(word, "hard") || ta_slice_equals(word, "soft");
}

/* What "ulimit -n" prints, and "-Hn", "-Sn". */
static bool is_lone_limit(const struct ta_reading *reading, size_t count)
{
	return count == 1 && ta_command_is(&reading->command, "ulimit");
}

static enum ta_take take_ulimit(struct ta_reading *reading, void *state, const struct ta_line *line)
{
	struct ta_slice words[TA_LINE_WORDS];
	size_t count;
	char letter = '\0';

	(void)state;
	ta_line_words(line->text, words, &count);
	if (!count || !is_ulimit_value(words[count - 1]))
		return TA_NOT_MINE;
	if (is_lone_limit(reading, count))
		return ta_command_has(&reading->command, 'n', NULL) ||
				       ta_command_has(&reading->command, 'a', NULL)
			       ? ta_wrong(reading, of_a_shell)
			       : TA_EMPTY;
	if (has_letter(words, count, &letter))
		return letter == 'n' ? ta_wrong(reading, of_a_shell) : TA_EMPTY;
	if (!is_row_of_dash(words, count))
		return TA_NOT_MINE;
	return ta_slice_equals(words[0], "nofiles") ? ta_wrong(reading, of_a_shell) : TA_EMPTY;
}

const struct ta_reader ta_read_ulimit = {
	.name = "ulimit",
	.line = take_ulimit,
};
