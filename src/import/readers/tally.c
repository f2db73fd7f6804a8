/* tally.c - sockets by state as somebody counted them:
 *
 *   TIME_WAIT 300      awk '{++S[$NF]} END {for (a in S) print a, S[a]}'
 *       300 TIME_WAIT  sort | uniq -c
 *   300                grep -c TIME_WAIT, grep TIME_WAIT | wc -l
 *
 * What else stood in the counted column makes lines, too ("State 1", "servers) 2"). Where UDP or
 * unix sockets were counted with those of TCP, a state that they have as well is no count of TCP's.
 * Ansible prints a number for each host, and a document is of one host: that with the most. */
#include <string.h>

#include "base/macros.h"
#include "import/reader.h"
#include "import/readers/pipeline.h"
#include "import/readers/selection.h"
#include "snapshot/states.h"

struct state {
	bool asked; /* the command was looked at */
	struct ta_selection selection;
	struct ta_pipeline pipeline;
	bool begun;       /* some line was a count */
	unsigned counted; /* the one state that the command counts; 0: none */
	uint64_t headers; /* lines that it counts with them */
	/* hosts */
	char host[64]; /* whose number is on the next line */
	bool found;    /* some host had a number */
	char most_host[64];
	uint64_t most, most_line;
};

/* ---- the command ---- */

/* States that sockets of UDP or unix may be in, as the listing spells them. */
static bool is_shared(const struct state *state, unsigned number)
{
	uint32_t shared = 1u << TA_TCP_ESTABLISHED | 1u << TA_TCP_CLOSE;

	if (!state->selection.netstat || state->counted)
		shared |= 1u << TA_TCP_LISTEN; /* "LISTENING" is another word to a tally only */
	return state->selection.others && !state->pipeline.tcp && (shared >> number & 1);
}

static bool is_picked(const struct state *state)
{
	return state->selection.picked || state->selection.family || state->pipeline.picked;
}

static void look_at_command(struct state *state, const struct ta_command *command)
{
	const struct ta_selection *selection = &state->selection;
	uint32_t states;

	state->asked = true;
	ta_selection_find(command, &state->selection);
	ta_pipeline_find(command, &state->pipeline);
	states = selection->states & state->pipeline.states;
	if (!command->counts || !selection->known || state->pipeline.unknown || !states ||
	    (states & (states - 1)))
		return;
	state->counted = (unsigned)__builtin_ctz(states);
	if (!state->pipeline.headless && !selection->headless) {
		state->headers = selection->netstat ? 2 : 1;
		if (selection->details)
			state->counted = 0;
	}
}

static enum ta_take wrong(struct ta_reading *reading, const char *why)
{
	reading->wrong = why;
	return TA_WRONG;
}

/* ---- tallies ---- */

static const char too_many[] = "too many to be a count of sockets";
static const char not_only_tcp[] = "sockets of UDP or unix are counted with those of TCP";

static bool is_number(struct ta_slice word)
{
	for (size_t i = 0; i < word.len; i++)
		if (word.data[i] < '0' || word.data[i] > '9')
			return false;
	return word.len > 0;
}

/* 0: no state. Small letters are prose unless the command tallies, and two hexadecimal digits are a
 * number unless they come from /proc/net/tcp. */
static unsigned state_of(const struct ta_command *command, struct ta_slice word)
{
	const struct ta_state *state = ta_state_find(word.data, word.len);
	bool digit = word.len && word.data[0] >= '0' && word.data[0] <= '9';

	if (!state || state->number > TA_TCP_CLOSING || ta_slice_equals(word, "LISTENING"))
		return 0;
	if (digit)
		return strstr(command->text, "/proc/net/tcp") ? state->number : 0;
	for (size_t i = 0; i < word.len && !command->tallies; i++)
		if (word.data[i] >= 'a' && word.data[i] <= 'z')
			return 0;
	return state->number;
}

/* "01", as /proc/net/tcp has ESTABLISHED; nobody counts like that. */
static bool is_hex_state(struct ta_slice word)
{
	return word.len == 2 && word.data[0] == '0';
}

/* "TIME_WAIT 300", "300 TIME_WAIT", "TIME_WAIT: 300", "TIME_WAIT = 300". */
static bool split(struct ta_slice text, struct ta_slice *ret_state, struct ta_slice *ret_number)
{
	struct ta_slice words[TA_LINE_WORDS];
	size_t count;

	ta_line_words(text, words, &count);
	if (count == 3 && (ta_slice_equals(words[1], "=") || ta_slice_equals(words[1], ":")))
		words[1] = words[2];
	else if (count != 2)
		return false;
	if (ta_slice_ends(words[0], ":") || ta_slice_ends(words[0], "="))
		words[0].len--;
	*ret_state = words[0];
	*ret_number = words[1];
	if (is_number(words[1]) && !is_hex_state(words[1]))
		return true;
	*ret_state = words[1];
	*ret_number = words[0];
	return count == 2 && is_number(words[0]);
}

/* What the counted column has beside states: its title, words of other lines. */
static bool is_rest_of_column(const struct state *state, const struct ta_command *command,
			      struct ta_slice word)
{
	static const char *const words[] = { "State",        "servers)",  "established)",
					     "Foreign",      "Address",   "Path",
					     "Address:Port", "LISTENING", "Address:PortProcess" };

	if (!state->begun && !command->tallies)
		return false;
	for (size_t i = 0; i < TA_ARRAY_SIZE(words); i++)
		if (ta_slice_equals(word, words[i]))
			return true;
	return command->tallies;
}

static enum ta_take read_tally(struct state *state, struct ta_reading *reading,
			       const struct ta_line *line)
{
	const struct ta_command *command = &reading->command;
	struct ta_slice word, digits;
	uint64_t count;
	unsigned number;

	if (!split(line->text, &word, &digits))
		return TA_NOT_MINE;
	number = state_of(command, word);
	if (!number)
		return is_rest_of_column(state, command, word) ? TA_EMPTY : TA_NOT_MINE;
	state->begun = true;
	if (!ta_slice_u64(digits, &count) || count > UINT32_MAX)
		return wrong(reading, too_many);
	if (command->tallies && is_shared(state, number))
		return wrong(reading, not_only_tcp);
	ta_note_state(reading, line, number, count, command->tallies && is_picked(state));
	return TA_USED;
}

/* ---- one number ---- */

/* Without the header lines that were counted. */
static bool read_count(const struct state *state, struct ta_slice word, uint64_t *ret)
{
	if (!ta_slice_u64(word, ret) || *ret > UINT32_MAX)
		return false;
	*ret -= *ret < state->headers ? *ret : state->headers;
	return true;
}

static enum ta_take read_number(struct state *state, struct ta_reading *reading,
				const struct ta_line *line)
{
	struct ta_slice word = ta_slice_trim(line->text);
	uint64_t count;

	if (!reading->command.counts || !state->selection.known || !is_number(word))
		return TA_NOT_MINE;
	if (!state->counted)
		return wrong(reading, "which state was counted is not told");
	if (is_shared(state, state->counted))
		return wrong(reading, not_only_tcp);
	if (!read_count(state, word, &count))
		return wrong(reading, too_many);
	ta_note_state(reading, line, state->counted, count, true);
	return TA_USED;
}

/* ---- numbers of many hosts ---- */

static void keep_name(char to[64], struct ta_slice name)
{
	size_t len = name.len < 63 ? name.len : 63;

	memcpy(to, name.data, len);
	to[len] = '\0';
}

static enum ta_take take_host(struct state *state, struct ta_reading *reading,
			      const struct ta_line *line, struct ta_slice host,
			      struct ta_slice number)
{
	uint64_t count;

	if (!state->counted || is_shared(state, state->counted))
		return wrong(reading, "which state was counted is not told");
	if (!read_count(state, number, &count))
		return wrong(reading, "no count");
	if (state->found && count <= state->most)
		return wrong(reading, "of another host: the one with the most is looked at");
	state->found = true;
	state->most = count;
	state->most_line = line->number;
	keep_name(state->most_host, host);
	return TA_USED;
}

/* "web1 | CHANGED | rc=0 | (stdout) 72" of ansible -o; "web1 | CHANGED | rc=0 >>" and the number
 * below it without -o. */
static enum ta_take read_host(struct state *state, struct ta_reading *reading,
			      const struct ta_line *line)
{
	static const char stdout_mark[] = "(stdout) ";
	struct ta_slice rest = line->text, parts[4];
	size_t count = 0;

	while (count < TA_ARRAY_SIZE(parts) && rest.len)
		parts[count++] = ta_slice_trim(ta_slice_cut(&rest, '|'));
	if (!reading->command.counts || count < 3 || !ta_slice_begins(parts[2], "rc="))
		return TA_NOT_MINE;
	if (ta_slice_ends(parts[2], ">>")) {
		keep_name(state->host, parts[0]);
		return TA_EMPTY;
	}
	if (count < 4 || !ta_slice_begins(parts[3], stdout_mark))
		return TA_EMPTY;
	return take_host(
		state, reading, line, parts[0],
		ta_slice(parts[3].data + strlen(stdout_mark), parts[3].len - strlen(stdout_mark)));
}

static enum ta_take read_below_host(struct state *state, struct ta_reading *reading,
				    const struct ta_line *line)
{
	struct ta_slice word = ta_slice_trim(line->text);
	char host[64];

	if (!state->host[0] || !is_number(word))
		return TA_NOT_MINE;
	memcpy(host, state->host, sizeof(host));
	state->host[0] = '\0';
	return take_host(state, reading, line, ta_slice(host, strlen(host)), word);
}

/* ---- lines ---- */

static enum ta_take read_line(struct ta_reading *reading, void *ctx, const struct ta_line *line)
{
	static enum ta_take (*const readers[])(
		struct state *, struct ta_reading *,
		const struct ta_line *) = { read_below_host, read_number, read_host, read_tally };
	struct state *state = ctx;
	enum ta_take take = TA_NOT_MINE;

	if (!state->asked)
		look_at_command(state, &reading->command);
	for (size_t i = 0; take == TA_NOT_MINE && i < TA_ARRAY_SIZE(readers); i++)
		take = readers[i](state, reading, line);
	return take;
}

static void read_end(struct ta_reading *reading, void *ctx)
{
	const struct state *state = ctx;
	const struct ta_line line = { .number = state->most_line };

	if (!state->found)
		return;
	ta_note_state(reading, &line, state->counted, state->most, true);
	ta_note_text(reading, &line, TA_HOME_HOST, "", "name",
		     ta_slice(state->most_host, strlen(state->most_host)));
}

const struct ta_reader ta_read_tally = {
	.name = "tally",
	.state_size = sizeof(struct state),
	.line = read_line,
	.end = read_end,
};
