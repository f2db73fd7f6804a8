/* conntrack.c - "conntrack" of conntrack-tools: statistics (-S), the count (-C), a listing (-L).
 *
 * -S prints a line for each processor; the sums are noted when they end. What a listing says of its
 * length counts only when the command is known and picks nothing. Old versions list IPv4 alone by
 * default, so that the count is then the least that it may be. */
#include <string.h>

#include "base/macros.h"
#include "base/number.h"
#include "import/readers/counter.h"

#define COUNTERS "counters.conntrack"

/* As the tool prints them, and as /proc/net/stat/nf_conntrack does and a snapshot has them. Newer
 * kernels' names come through older tools as "unknown1". */
static const struct {
	const char *key, *name;
} columns[] = {
	{ "drop", "drop" },
	{ "early_drop", "early_drop" },
	{ "insert_failed", "insert_failed" },
	{ "invalid", "invalid" },
	{ "search_restart", "search_restart" },
	{ "clash_resolve", "clashres" },
	{ "chaintoolong", "chainlength" },
};

enum { COLUMNS = TA_ARRAY_SIZE(columns) };

struct state {
	uint64_t line; /* of the last processor */
	uint64_t cpu;
	bool broken;
	bool found[COLUMNS];
	uint64_t sum[COLUMNS];
};

/* ---- -S ---- */

static void end(struct ta_reading *reading, void *state_)
{
	struct state *state = state_;
	const struct ta_line at = { .number = state->line };

	for (size_t i = 0; i < COLUMNS; i++)
		if (state->line && !state->broken && state->found[i])
			ta_note_uint(reading, &at, TA_HOME_NETNS, COUNTERS, columns[i].name,
				     state->sum[i]);
	*state = (struct state){ .line = 0 };
}

/* "insert_failed=3" */
static bool take_pair(struct ta_slice *rest, struct ta_slice *ret_key, uint64_t *ret)
{
	struct ta_slice word;

	if (!ta_slice_word(rest, &word))
		return false;
	*ret_key = ta_slice_cut(&word, '=');
	return ta_slice_u64(word, ret);
}

static bool add(struct state *state, struct ta_slice key, uint64_t number)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		if (!ta_slice_equals(key, columns[i].key))
			continue;
		state->found[i] = true;
		return !__builtin_add_overflow(state->sum[i], number, &state->sum[i]);
	}
	return true;
}

static bool add_row(struct state *state, struct ta_slice rest)
{
	struct ta_slice key;
	uint64_t number;

	while (ta_slice_trim(rest).len)
		if (!take_pair(&rest, &key, &number) || !add(state, key, number))
			return false;
	return true;
}

/* "cpu=0   \tfound=0 invalid=3 insert=0 insert_failed=1 ..." */
static enum ta_take take_statistics(struct ta_reading *reading, struct state *state,
				    const struct ta_line *line)
{
	struct ta_slice rest = line->text, key, next;
	uint64_t cpu, number;

	if (!take_pair(&rest, &key, &cpu) || !ta_slice_equals(key, "cpu"))
		return TA_NOT_MINE;
	next = rest;
	if (!take_pair(&next, &key, &number))
		return TA_NOT_MINE;
	if (state->line && cpu <= state->cpu)
		end(reading, state); /* once more */
	state->cpu = cpu;
	state->line = line->number;
	if (add_row(state, rest))
		return TA_USED;
	state->broken = true;
	return ta_wrong(reading, "the line is cut, so the sums of all processors are not known");
}

/* ---- -C, -L ---- */

/* Whether the command lists the whole table of connections. */
static bool lists_all(const struct ta_command *command)
{
	bool lists = false;

	if (!ta_command_is(command, "conntrack"))
		return false;
	for (size_t i = 1; i < command->count; i++) {
		struct ta_slice word = command->words[i];

		if (ta_slice_equals(word, "-L") || ta_slice_equals(word, "--dump"))
			lists = true;
		else if (ta_slice_equals(word, "-o") || ta_slice_equals(word, "--output"))
			i++;
		else if (!ta_slice_equals(word, "conntrack") && !ta_slice_ends(word, ">/dev/null"))
			return false;
	}
	return lists;
}

static bool counts_all(const struct ta_command *command)
{
	if (lists_all(command))
		return ta_slice_equals(command->rest, "wc -l");
	return ta_command_is(command, "conntrack") && !command->rest.len &&
	       ta_command_has(command, 'C', "--count") && !ta_command_says(command, "expect");
}

static enum ta_take note_count(struct ta_reading *reading, const struct ta_line *line,
			       uint64_t count)
{
	ta_note_uint(reading, line, TA_HOME_NETNS, "conntrack", "count", count);
	return TA_USED;
}

/* "conntrack v1.4.7 (conntrack-tools): 123 flow entries have been shown." */
static enum ta_take take_summary(struct ta_reading *reading, const struct ta_line *line,
				 struct ta_slice text)
{
	static const char middle[] = "(conntrack-tools): ",
			  tail[] = " flow entries have been shown.";
	uint64_t count;
	size_t at;

	if (!ta_slice_begins(text, "conntrack v") || !ta_slice_find(text, middle, &at))
		return TA_NOT_MINE;
	at += strlen(middle);
	text = ta_slice(text.data + at, text.len - at);
	if (!ta_slice_ends(text, tail) ||
	    !ta_slice_u64(ta_slice(text.data, text.len - strlen(tail)), &count))
		return TA_EMPTY; /* deleted, updated ... */
	return lists_all(&reading->command) ? note_count(reading, line, count) : TA_EMPTY;
}

/* "tcp      6 431999 ESTABLISHED src=... dst=... sport=...", with "ipv4     2" or "    [NEW]"
 * before it. */
static bool is_entry(struct ta_slice text)
{
	struct ta_slice word;
	size_t at;

	return ta_slice_find(text, " src=", &at) && ta_slice_find(text, " dst=", &at) &&
	       (ta_slice_word(&text, &word) && word.data[0] == '['
			? true
			: ta_slice_word(&text, &word) && word.data[0] >= '0' &&
				  word.data[0] <= '9');
}

static enum ta_take take_line(struct ta_reading *reading, void *state_, const struct ta_line *line)
{
	struct ta_slice text = ta_slice_trim(line->text);
	enum ta_take take = take_statistics(reading, state_, line);
	uint64_t count;

	if (take != TA_NOT_MINE)
		return take;
	if (ta_slice_u64(text, &count))
		return counts_all(&reading->command) ? note_count(reading, line, count)
						     : TA_NOT_MINE;
	if (is_entry(text))
		return TA_EMPTY;
	return take_summary(reading, line, text);
}

const struct ta_reader ta_read_conntrack = {
	.name = "conntrack",
	.state_size = sizeof(struct state),
	.line = take_line,
	.end = end,
};
