/* process_status.c - one process: /proc/PID/status, and what systemctl says of a service. */
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "import/readers/counter.h"
#include "import/readers/process.h"

enum { NAME_BYTES = 16 };

/* ---- /proc/PID/status ---- */

/* The name stands before the pid, user and threads behind it. */
struct status {
	uint32_t pid;
	uint64_t name_line;
	bool is_process; /* there was a state, "S (sleeping)": other things have a name, too */
	char name[NAME_BYTES];
};

/* "Name:", "Threads:" and its value behind a tab, which terminals and mails turn into blanks. */
static bool cut_label(struct ta_slice text, struct ta_slice *ret_label, struct ta_slice *ret_value)
{
	*ret_value = text;
	*ret_label = ta_slice_cut(ret_value, ':');
	if (ret_label->len == text.len || memchr(ret_label->data, ' ', ret_label->len))
		return false;
	*ret_value = ta_slice_trim(*ret_value);
	return true;
}

/* What its labels begin with. */
static bool is_label(struct ta_slice label)
{
	static const char *const labels[] = {
		"Name",
		"Umask",
		"State",
		"Tgid",
		"Ngid",
		"Pid",
		"PPid",
		"TracerPid",
		"Uid",
		"Gid",
		"FDSize",
		"Groups",
		"NS",
		"Kthread",
		"Vm",
		"Rss",
		"Hugetlb",
		"CoreDumping",
		"THP_",
		"Threads",
		"Sig",
		"ShdPnd",
		"Cap",
		"NoNewPrivs",
		"Seccomp",
		"Speculation",
		"Cpus_allowed",
		"Mems_allowed",
		"voluntary_ctxt",
		"nonvoluntary_ctxt",
		"untag_mask",
		"x86_",
	};

	for (size_t i = 0; i < TA_ARRAY_SIZE(labels); i++)
		if (ta_slice_begins(label, labels[i]))
			return true;
	return false;
}

static bool is_status_file(const struct ta_reading *reading, uint32_t *ret_pid)
{
	struct ta_slice rest;

	return ta_process_path(ta_slice(reading->file, strlen(reading->file)), ret_pid, &rest) &&
	       ta_slice_equals(rest, "status");
}

static enum ta_take take_name(struct status *status, const struct ta_line *line,
			      struct ta_slice value)
{
	*status = (struct status){ .name_line = line->number };
	snprintf(status->name, sizeof(status->name), "%.*s", (int)value.len, value.data);
	return TA_EMPTY;
}

static enum ta_take take_pid(struct ta_reading *reading, struct status *status,
			     struct ta_slice value)
{
	const struct ta_line at = { .number = status->name_line };

	if (!ta_process_id(value, &status->pid))
		return ta_wrong(reading, "no process id");
	ta_note_process_name(reading, &at, status->pid,
			     ta_slice(status->name, strlen(status->name)));
	return TA_USED;
}

static enum ta_take take_number(struct ta_reading *reading, const struct status *status,
				const struct ta_line *line, struct ta_slice value)
{
	bool users = ta_slice_begins(ta_slice_trim(line->text), "Uid:");
	struct ta_slice words[TA_LINE_WORDS];
	uint64_t number;
	size_t count;

	ta_line_words(value, words, &count);
	if (count != (users ? 4 : 1) || !ta_slice_u64(words[users ? 1 : 0], &number) ||
	    number > UINT32_MAX)
		return ta_wrong(reading, "no number where one is expected");
	ta_note_process_uint(reading, line, status->pid, users ? "uid" : "threads", number);
	return TA_USED;
}

/* A line of which the label is known. */
static enum ta_take take_labelled(struct ta_reading *reading, struct status *status,
				  const struct ta_line *line, struct ta_slice label,
				  struct ta_slice value)
{
	if (ta_slice_equals(label, "Name"))
		return take_name(status, line, value);
	if (ta_slice_equals(label, "State"))
		status->is_process |= value.len > 3 && value.data[1] == ' ' && value.data[2] == '(';
	if (ta_slice_equals(label, "Pid") && status->is_process)
		return take_pid(reading, status, value);
	if (status->pid && (ta_slice_equals(label, "Threads") || ta_slice_equals(label, "Uid")))
		return take_number(reading, status, line, value);
	return TA_EMPTY;
}

static enum ta_take take_status(struct ta_reading *reading, void *state, const struct ta_line *line)
{
	struct status *status = state;
	struct ta_slice label, value;
	uint32_t pid = 0;
	bool file = is_status_file(reading, &pid);

	if (!cut_label(ta_slice_trim(line->text), &label, &value) || !is_label(label))
		return TA_NOT_MINE;
	if (!file && !status->name_line &&
	    (!ta_slice_equals(label, "Name") || memchr(value.data, ' ', value.len)))
		return TA_NOT_MINE;
	if (file && !status->name_line && !ta_slice_equals(label, "Name"))
		status->pid = pid; /* somebody picked lines */
	return take_labelled(reading, status, line, label, value);
}

const struct ta_reader ta_read_proc_status = {
	.name = "/proc/PID/status",
	.state_size = sizeof(struct status),
	.line = take_status,
};
