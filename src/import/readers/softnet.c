/* softnet.c - /proc/net/softnet_stat: a line of eight-digit hexadecimal numbers for each processor.
 *
 * The host's figures are sums, so they are noted when the file ends. */
#include "base/number.h"
#include "import/readers/counter.h"
#include "snapshot/proc_net.h"

enum { DIGITS = 8, LEAST_COLUMNS = 9 };

struct state {
	uint64_t processed, dropped, time_squeeze, flow_limit; /* all processors together */
	uint32_t busiest;
	uint32_t cpu; /* of the line before */
	bool flow_limit_known, cpu_known;
	bool broken; /* a line was cut: the sums lack it */
	uint64_t line;
};

/* How many numbers of eight digits the line is made of; 0 when there is anything else. */
static size_t count_numbers(struct ta_slice rest)
{
	struct ta_slice word;
	uint64_t number;
	size_t count = 0;

	for (; ta_slice_word(&rest, &word); count++)
		if (word.len != DIGITS || !ta_parse_u64(word.data, word.len, 16, &number))
			return 0;
	return count;
}

static void note(struct ta_reading *reading, const struct state *state, const char *key,
		 uint64_t value)
{
	const struct ta_line at = { .number = state->line };

	ta_note_uint(reading, &at, TA_HOME_HOST, "counters.softnet", key, value);
}

static void end(struct ta_reading *reading, void *state_)
{
	struct state *state = state_;

	if (state->line && !state->broken) {
		note(reading, state, "processed", state->processed);
		note(reading, state, "dropped", state->dropped);
		note(reading, state, "time_squeeze", state->time_squeeze);
		note(reading, state, "busiest_processed", state->busiest);
		if (state->flow_limit_known)
			note(reading, state, "flow_limit", state->flow_limit);
	}
	*state = (struct state){ .line = 0 };
}

static void add(struct state *state, const struct ta_softnet_line *numbers, uint64_t line)
{
	state->processed += numbers->processed;
	state->dropped += numbers->dropped;
	state->time_squeeze += numbers->time_squeeze;
	state->flow_limit += numbers->flow_limit;
	state->flow_limit_known = numbers->flow_limit_known;
	if (numbers->processed > state->busiest)
		state->busiest = numbers->processed;
	state->cpu = numbers->cpu;
	state->cpu_known = numbers->cpu_known;
	state->line = line;
}

static enum ta_take take_line(struct ta_reading *reading, void *state_, const struct ta_line *line)
{
	struct state *state = state_;
	struct ta_softnet_line numbers;
	size_t count = count_numbers(line->text);

	if (!count || (count < LEAST_COLUMNS && !state->line))
		return TA_NOT_MINE;
	if (!ta_softnet_line_parse(line->text.data, line->text.len, &numbers)) {
		state->broken = true;
		return ta_wrong(reading, "the line is cut, so the sums of all processors are not "
					 "known");
	}
	if (state->cpu_known && numbers.cpu <= state->cpu)
		end(reading, state); /* the file once more */
	add(state, &numbers, line->number);
	return TA_USED;
}

const struct ta_reader ta_read_softnet = {
	.name = "/proc/net/softnet_stat",
	.state_size = sizeof(struct state),
	.line = take_line,
	.end = end,
};
