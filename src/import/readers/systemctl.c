/* systemctl.c - what systemctl says of a service: its main process, and the tasks of its group.
 *
 * "status" prints "Main PID: 769 (nginx)" and "Tasks: 3 (limit: 4915)", "show" MainPID=769 and
 * TasksMax=4915, in any order. LimitNOFILE= is what the unit asks for: the process may have changed
 * it since, or be older than the file. */
#include <string.h>

#include "base/macros.h"
#include "import/readers/counter.h"
#include "import/readers/process.h"

enum { CURRENT, MAX, NUMBERS };

static const struct {
	const char *property, *fact;
} numbers[NUMBERS] = {
	[CURRENT] = { "TasksCurrent", "pids_current" },
	[MAX] = { "TasksMax", "pids_max" },
};

struct state {
	uint32_t pid;
	unsigned processes; /* main processes that were named: of several units in one output */
	struct {
		uint64_t value, line; /* line 0: not told */
	} tasks[NUMBERS];
};

/* The properties of a unit come in any order. Of several units nobody knows which are whose. */
static void end(struct ta_reading *reading, void *state_)
{
	struct state *state = state_;

	for (int i = 0; state->pid && state->processes == 1 && i < NUMBERS; i++) {
		const struct ta_line at = { .number = state->tasks[i].line };

		if (at.number)
			ta_note_process_uint(reading, &at, state->pid, numbers[i].fact,
					     state->tasks[i].value);
	}
	*state = (struct state){ .pid = 0 };
}

static bool keep(struct state *state, int i, const struct ta_line *line, struct ta_slice value)
{
	if (!ta_slice_u64(value, &state->tasks[i].value))
		return false;
	if (state->tasks[i].value <= INT64_MAX) /* "infinity" of old versions is 2^64 - 1 */
		state->tasks[i].line = line->number;
	return true;
}

/* ---- show ---- */

static enum ta_take take_property(struct ta_reading *reading, struct state *state,
				  const struct ta_line *line)
{
	struct ta_slice value = line->text, name = ta_slice_cut(&value, '=');

	if (ta_slice_equals(name, "MainPID") && value.len) {
		state->processes++;
		if (ta_slice_equals(value, "0")) /* it does not run */
			return TA_EMPTY;
		return ta_process_id(value, &state->pid) ? TA_USED
							 : ta_wrong(reading, "no process id");
	}
	if (ta_slice_begins(name, "LimitNOFILE") && value.len)
		return ta_wrong(reading, "what the unit asks for; what is in force is in "
					 "/proc/PID/limits");
	for (int i = 0; i < NUMBERS; i++)
		if (ta_slice_equals(name, numbers[i].property))
			return keep(state, i, line, value) ? TA_USED
			       : ta_slice_equals(value, "infinity") ||
					       ta_slice_equals(value, "[not set]")
				       ? TA_EMPTY
				       : ta_wrong(reading, "no number of tasks");
	return ta_command_is(&reading->command, "systemctl") && name.len < line->text.len
		       ? TA_EMPTY
		       : TA_NOT_MINE;
}

/* ---- status ---- */

/* "769 (nginx)" */
static enum ta_take take_main(struct ta_reading *reading, struct state *state,
			      const struct ta_line *line, struct ta_slice value)
{
	struct ta_slice pid = ta_slice_cut(&value, ' ');

	end(reading, state); /* of the unit before */
	state->processes = 1;
	if (!ta_process_id(pid, &state->pid))
		return ta_wrong(reading, "no process id");
	if (value.len < 3 || value.data[0] != '(')
		return TA_USED;
	if (!ta_slice_ends(value,
			   ")")) { /* "769 (code=exited, status=1/FAILURE)" is another form */
		state->pid = 0;
		return ta_wrong(reading, "no name of a process");
	}
	value = ta_slice(value.data + 1, value.len - 2);
	if (ta_slice_begins(value, "code=")) {
		state->pid = 0;
		return TA_EMPTY;
	}
	ta_note_process_name(reading, line, state->pid, value);
	return TA_USED;
}

/* "3 (limit: 4915)" */
static enum ta_take take_tasks(struct ta_reading *reading, struct state *state,
			       const struct ta_line *line, struct ta_slice value)
{
	static const char limit[] = "(limit: ";
	struct ta_slice current = ta_slice_cut(&value, ' ');

	if (!keep(state, CURRENT, line, current))
		return ta_wrong(reading, "no number of tasks");
	if (!ta_slice_begins(value, limit) || !ta_slice_ends(value, ")"))
		return TA_EMPTY;
	value = ta_slice(value.data + strlen(limit), value.len - strlen(limit) - 1);
	return keep(state, MAX, line, value) ? TA_USED : TA_EMPTY; /* "4.9K"? */
}

/* Of a status; lines of its log stand behind it. */
static bool is_other_label(const struct ta_reading *reading, struct ta_slice label)
{
	static const char *const labels[] = { "Loaded",  "Active", "Drop-In", "Docs",
					      "Process", "Status", "Memory",  "CPU",
					      "CGroup",  "IO",     "IP" };

	for (size_t i = 0; i < TA_ARRAY_SIZE(labels); i++)
		if (ta_slice_equals(label, labels[i]))
			return ta_command_is(&reading->command, "systemctl");
	return false;
}

static enum ta_take take_line(struct ta_reading *reading, void *state_, const struct ta_line *line)
{
	struct state *state = state_;
	struct ta_slice value = ta_slice_trim(line->text), label = ta_slice_cut(&value, ':');

	value = ta_slice_trim(value);
	if (ta_slice_equals(label, "Main PID") && value.len)
		return take_main(reading, state, line, value);
	if (ta_slice_equals(label, "Tasks") && value.len && state->pid)
		return take_tasks(reading, state, line, value);
	if (value.len && is_other_label(reading, label))
		return TA_EMPTY;
	return take_property(reading, state, line);
}

const struct ta_reader ta_read_systemctl = {
	.name = "systemctl",
	.state_size = sizeof(struct state),
	.line = take_line,
	.end = end,
};
