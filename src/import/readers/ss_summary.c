/* ss_summary.c - the counts of ss -s, which are no counts of a listing:
 *
 *   Total: 198 (kernel 0)
 *   TCP:   16 (estab 3, closed 7, orphaned 0, synrecv 0, timewait 6/0), ports 0
 *   Transport Total     IP        IPv6
 *   TCP       10        5         5
 *
 * Since 4.17 without what is in the second line's synrecv, behind its slash, and in the first
 * line's brackets: all that is from /proc/slabinfo, 0 when that can't be read, and not used here.
 * "estab" is CurrEstab: ESTABLISHED and CLOSE_WAIT together. "TCP:" is all socket objects plus
 * timewait (and synrecv), of which "timewait" has orphans in FIN_WAIT_2, too: the kernel keeps both
 * in one table. "closed" is a difference of these and says nothing new. */
#include <string.h>

#include "base/macros.h"
#include "base/number.h"
#include "import/reader.h"
#include "sockets/socket.h"

struct state {
	bool begun;     /* the table below belongs to no other format */
	bool totalled;  /* the first line stood above */
	uint64_t total; /* what it says */
	struct ta_line total_line;
};

/* The number that stands behind the label; false when there is none, or no count. */
static bool number_after(struct ta_slice text, const char *label, uint64_t *ret)
{
	size_t at, digits = 0;

	if (!ta_slice_find(text, label, &at))
		return false;
	text = ta_slice_trim(
		ta_slice(text.data + at + strlen(label), text.len - at - strlen(label)));
	while (digits < text.len && text.data[digits] >= '0' && text.data[digits] <= '9')
		digits++;
	return ta_parse_u64(text.data, digits, 10, ret) && *ret <= UINT32_MAX;
}

static enum ta_take wrong(struct ta_reading *reading, const char *why)
{
	reading->wrong = why;
	return TA_WRONG;
}

/* "Total: 198", "Total: 198 (kernel 0)": kept, for any text may have a total. */
static enum ta_take read_total(struct state *state, const struct ta_reading *reading,
			       const struct ta_line *line)
{
	struct ta_slice words[TA_LINE_WORDS];
	size_t count;

	if (reading->command.text[0] && !ta_command_is(&reading->command, "ss"))
		return TA_NOT_MINE;
	ta_line_words(line->text, words, &count);
	if ((count != 2 && count != 4) || !ta_slice_equals(words[0], "Total:") ||
	    (count == 4 && !ta_slice_equals(words[2], "(kernel")))
		return TA_NOT_MINE;
	state->totalled = ta_slice_u64(words[1], &state->total) && state->total <= UINT32_MAX;
	state->total_line = (struct ta_line){ .number = line->number };
	return TA_EMPTY;
}

static void note_total(struct state *state, struct ta_reading *reading)
{
	if (state->totalled)
		ta_note_uint(reading, &state->total_line, TA_HOME_NETNS, "sockstat", "sockets_used",
			     state->total);
	state->totalled = false;
}

/* The TCP line, whose brackets are known to close. */
static void note_counts(struct ta_reading *reading, const struct ta_line *line)
{
	static const struct {
		const char *label;
		enum ta_home home;
		const char *group, *key;
	} facts[] = {
		{ "(estab ", TA_HOME_NETNS, "counters.Tcp", "CurrEstab" },
		{ " orphaned ", TA_HOME_HOST, "tcp", "orphans" },
		{ " timewait ", TA_HOME_NETNS, "sockstat", "tw" },
	};
	uint64_t value, all, synrecv = 0, timewait;

	for (size_t i = 0; i < TA_ARRAY_SIZE(facts); i++)
		if (number_after(line->text, facts[i].label, &value))
			ta_note_uint(reading, line, facts[i].home, facts[i].group, facts[i].key,
				     value);
	if (!number_after(line->text, " timewait ", &timewait))
		return;
	ta_note_state(reading, line, TA_TCP_TIME_WAIT, timewait, false);
	number_after(line->text, " synrecv ", &synrecv);
	if (number_after(line->text, "TCP:", &all) && all >= timewait + synrecv)
		ta_note_uint(reading, line, TA_HOME_HOST, "tcp", "alloc", all - timewait - synrecv);
}

static enum ta_take read_tcp(struct state *state, struct ta_reading *reading,
			     const struct ta_line *line)
{
	struct ta_slice text = ta_slice_trim(line->text);
	uint64_t all;
	size_t at;

	if (!ta_slice_begins(text, "TCP:") || !number_after(text, "TCP:", &all) ||
	    !ta_slice_find(text, " (estab ", &at))
		return TA_NOT_MINE;
	if (!memchr(text.data, ')', text.len))
		return wrong(reading, "cut short");
	state->begun = true;
	note_total(state, reading);
	note_counts(reading, line);
	return TA_USED;
}

/* Sockets in the hash tables, by protocol; those of TCP without TIME_WAIT. */
static enum ta_take read_table(const struct state *state, struct ta_reading *reading,
			       const struct ta_line *line)
{
	static const char *const others[] = { "*", "RAW", "UDP", "INET", "FRAG" };
	struct ta_slice words[TA_LINE_WORDS];
	uint64_t both, v4, v6;
	size_t count;

	ta_line_words(line->text, words, &count);
	if (!state->begun || count != 4)
		return TA_NOT_MINE;
	for (size_t i = 0; i < TA_ARRAY_SIZE(others); i++)
		if (ta_slice_equals(words[0], others[i]))
			return TA_EMPTY;
	if (ta_slice_equals(words[0], "Transport") && ta_slice_equals(words[3], "IPv6"))
		return TA_EMPTY;
	if (!ta_slice_equals(words[0], "TCP"))
		return TA_NOT_MINE;
	if (!ta_slice_u64(words[1], &both) || !ta_slice_u64(words[2], &v4) ||
	    !ta_slice_u64(words[3], &v6) || v4 > UINT32_MAX || v6 > UINT32_MAX || both != v4 + v6)
		return wrong(reading, "the columns do not add up");
	ta_note_uint(reading, line, TA_HOME_NETNS, "sockstat", "tcp_inuse", v4);
	ta_note_uint(reading, line, TA_HOME_NETNS, "sockstat", "tcp6_inuse", v6);
	return TA_USED;
}

static enum ta_take read_line(struct ta_reading *reading, void *ctx, const struct ta_line *line)
{
	struct state *state = ctx;
	enum ta_take take = read_tcp(state, reading, line);

	if (take == TA_NOT_MINE)
		take = read_table(state, reading, line);
	if (take == TA_NOT_MINE)
		take = read_total(state, reading, line);
	return take;
}

const struct ta_reader ta_read_ss_summary = {
	.name = "ss -s",
	.state_size = sizeof(struct state),
	.line = read_line,
};
