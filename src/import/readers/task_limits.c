/* task_limits.c - how many tasks a control group may have: docker inspect, podman inspect, and
 * pids.max below /sys/fs/cgroup.
 *
 * All of an inspection has the process before the limit; of the limit alone nobody knows whose it
 * is, so that it is told and not used. */
#include <string.h>

#include "base/macros.h"
#include "import/readers/counter.h"
#include "import/readers/process.h"

struct state {
	uint32_t pid; /* of the container that is being told of */
};

static const char of_whom[] = "a limit of tasks, and not known of which process";

/* "PidsLimit": 2048, -> the value, when the member has this name. */
static bool cut_member(struct ta_slice text, const char *name, struct ta_slice *ret)
{
	struct ta_slice rest = text, key = ta_slice_cut(&rest, ':');

	if (key.len == text.len || !ta_slice_equals(ta_slice_trim(key), name))
		return false;
	rest = ta_slice_trim(rest);
	*ret = ta_slice_trim(ta_slice_cut(&rest, ','));
	return true;
}

static bool is_unlimited(struct ta_slice value)
{
	return ta_slice_equals(value, "0") || ta_slice_equals(value, "-1") ||
	       ta_slice_equals(value, "null") || ta_slice_equals(value, "max");
}

static enum ta_take take_inspected(struct ta_reading *reading, struct state *state,
				   const struct ta_line *line, struct ta_slice text)
{
	struct ta_slice value;
	uint64_t limit;

	if (cut_member(text, "\"Pid\"", &value)) {
		if (!ta_process_id(value, &state->pid))
			state->pid = 0; /* it does not run */
		return TA_EMPTY;
	}
	if (!cut_member(text, "\"PidsLimit\"", &value))
		return TA_NOT_MINE;
	if (is_unlimited(value))
		return TA_EMPTY;
	if (!ta_slice_u64(value, &limit) || limit > INT32_MAX)
		return ta_wrong(reading, "no number of tasks");
	if (!state->pid)
		return ta_wrong(reading, of_whom);
	ta_note_process_uint(reading, line, state->pid, "pids_max", limit);
	state->pid = 0;
	return TA_USED;
}

/* "/sys/fs/cgroup/system.slice/pids.max: 2048", and the number alone behind "cat" of it. */
static enum ta_take take_group(struct ta_reading *reading, struct ta_slice text)
{
	struct ta_slice path = ta_slice(reading->file, strlen(reading->file)), rest = text;
	uint64_t limit;

	if (ta_slice_begins(text, "/sys/fs/cgroup/"))
		path = ta_slice_cut(&rest, ':');
	if (!ta_slice_begins(path, "/sys/fs/cgroup/") ||
	    (!ta_slice_ends(path, "/pids.max") && !ta_slice_ends(path, "/pids.current")))
		return TA_NOT_MINE;
	rest = ta_slice_trim(rest);
	if (is_unlimited(rest))
		return TA_EMPTY;
	return ta_slice_u64(rest, &limit) ? ta_wrong(reading, of_whom) : TA_NOT_MINE;
}

static enum ta_take take_line(struct ta_reading *reading, void *state, const struct ta_line *line)
{
	struct ta_slice text = ta_slice_trim(line->text);
	enum ta_take take = take_inspected(reading, state, line, text);

	return take == TA_NOT_MINE ? take_group(reading, text) : take;
}

const struct ta_reader ta_read_task_limits = {
	.name = "limits of tasks",
	.state_size = sizeof(struct state),
	.line = take_line,
};
