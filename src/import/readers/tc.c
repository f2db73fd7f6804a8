/* tc.c - "tc -s qdisc": the root queueing discipline of each interface.
 *
 *   qdisc fq_codel 0: dev eth0 root refcnt 2 limit 10240p flows 1024 quantum 1514 target 5ms ...
 *    Sent 908156 bytes 11839 pkt (dropped 12, overlimits 0 requeues 0)
 *    backlog 9378b 9p requeues 0
 *
 * Asked for one interface ("show dev eth0") tc leaves its name out. Old versions print a rate
 * before the backlog. The root counts what those below it dropped, too, so they are passed over;
 * ingress and clsact are no queues. What follows a class, a filter or an action is theirs. */
#include <string.h>

#include "base/macros.h"
#include "base/number.h"
#include "base/text.h"
#include "import/readers/interface.h"

enum { KIND_MAX = 16 }; /* IFNAMSIZ, as the kernel bounds it */

struct state {
	bool below;                   /* lines of a qdisc follow */
	char name[TA_INTERFACE_NAME]; /* "": one that nobody asks for */
};

/* ---- "qdisc KIND HANDLE: [dev NAME] root ..." ---- */

static bool is_handle(struct ta_slice word)
{
	if (word.len < 2 || !ta_slice_ends(word, ":"))
		return false;
	for (size_t i = 0; i + 1 < word.len; i++)
		if (!strchr("0123456789abcdef", word.data[i]))
			return false;
	return true;
}

static bool is_kind(struct ta_slice word)
{
	for (size_t i = 0; i < word.len; i++)
		if (!ta_text_is_word_byte(word.data[i]))
			return false;
	return word.len && word.len < KIND_MAX;
}

/* Of "tc -s qdisc show dev eth0". */
static struct ta_slice interface_of_command(const struct ta_command *command)
{
	for (size_t i = 1; i + 1 < command->count; i++)
		if (ta_command_is(command, "tc") && ta_slice_equals(command->words[i], "dev"))
			return command->words[i + 1];
	return ta_slice(NULL, 0);
}

/* Cuts "dev NAME" off; where it is not said the command says it. */
static struct ta_slice cut_interface(const struct ta_reading *reading, struct ta_slice *rest)
{
	struct ta_slice behind = *rest, word, name;

	if (!ta_slice_word(&behind, &word) || !ta_slice_equals(word, "dev") ||
	    !ta_slice_word(&behind, &name))
		return interface_of_command(&reading->command);
	*rest = behind;
	return name;
}

/* The words behind the kind. */
static enum ta_take take_root(struct ta_reading *reading, struct state *state,
			      const struct ta_line *line, struct ta_slice kind,
			      struct ta_slice rest)
{
	struct ta_slice interface = cut_interface(reading, &rest), word;
	char name[TA_INTERFACE_NAME];

	if (!ta_slice_word(&rest, &word))
		return ta_wrong(reading, "the line is cut");
	if (!ta_slice_equals(word, "root"))
		return TA_EMPTY;
	if (!ta_interface_name(interface, name))
		return ta_wrong(reading, "the interface is not known");
	memcpy(state->name, name, sizeof(name));
	ta_note_interface_qdisc(reading, line, name, kind);
	return TA_USED;
}

static enum ta_take take_qdisc(struct ta_reading *reading, struct state *state,
			       const struct ta_line *line, struct ta_slice rest)
{
	struct ta_slice kind, handle;

	if (!ta_slice_word(&rest, &kind) || !ta_slice_word(&rest, &handle) || !is_kind(kind) ||
	    !is_handle(handle))
		return TA_NOT_MINE;
	*state = (struct state){ .below = true };
	return take_root(reading, state, line, kind, rest);
}

/* ---- the numbers below ---- */

static bool next_is(struct ta_slice *rest, const char *wanted)
{
	struct ta_slice word;

	return ta_slice_word(rest, &word) && ta_slice_equals(word, wanted);
}

/* A number, and what stands right behind it (","). */
static bool take_number(struct ta_slice *rest, const char *behind, uint64_t *ret)
{
	struct ta_slice word;

	if (!ta_slice_word(rest, &word) || !ta_slice_ends(word, behind))
		return false;
	return ta_slice_u64(ta_slice(word.data, word.len - strlen(behind)), ret);
}

static enum ta_take note(struct ta_reading *reading, const struct ta_line *line,
			 const struct state *state, enum ta_qdisc_figure figure, uint64_t value)
{
	if (!state->name[0])
		return TA_EMPTY;
	ta_note_interface_figure(reading, line, state->name, ta_qdisc_figures[figure], value);
	return TA_USED;
}

/* "Sent 908156 bytes 11839 pkt (dropped 12, overlimits 0 requeues 0)" */
static enum ta_take take_sent(struct ta_reading *reading, const struct state *state,
			      const struct ta_line *line, struct ta_slice rest)
{
	uint64_t bytes, packets, dropped;
	struct ta_slice word;

	if (!take_number(&rest, "", &bytes) || !next_is(&rest, "bytes") ||
	    !take_number(&rest, "", &packets) || !ta_slice_word(&rest, &word) ||
	    !ta_slice_begins(word, "pkt") || !next_is(&rest, "(dropped") ||
	    !take_number(&rest, ",", &dropped))
		return ta_wrong(reading, "not the numbers that tc prints");
	note(reading, line, state, TA_QDISC_PACKETS, packets);
	return note(reading, line, state, TA_QDISC_DROPPED, dropped);
}

/* "9378b", "12Kb", "3Mb": tc rounds where next to nothing is lost. */
static bool take_bytes(struct ta_slice *rest, uint64_t *ret)
{
	static const struct {
		const char *unit;
		unsigned shift;
	} units[] = { { "Kb", 10 }, { "Mb", 20 }, { "b", 0 } };
	struct ta_slice word;
	uint64_t number;

	if (!ta_slice_word(rest, &word))
		return false;
	for (size_t i = 0; i < TA_ARRAY_SIZE(units); i++) {
		if (!ta_slice_ends(word, units[i].unit))
			continue;
		word.len -= strlen(units[i].unit);
		if (!ta_slice_u64(word, &number) || number > UINT64_MAX >> units[i].shift)
			return false;
		*ret = number << units[i].shift;
		return true;
	}
	return false;
}

/* "backlog 9378b 9p requeues 0", of old "rate 0bit 0pps backlog 0b 0p requeues 0" */
static enum ta_take take_backlog(struct ta_reading *reading, const struct state *state,
				 const struct ta_line *line, struct ta_slice rest)
{
	uint64_t bytes, packets;

	if (!take_bytes(&rest, &bytes) || !take_number(&rest, "p", &packets))
		return ta_wrong(reading, "not the numbers that tc prints");
	note(reading, line, state, TA_QDISC_BACKLOG_BYTES, bytes);
	return note(reading, line, state, TA_QDISC_BACKLOG_PACKETS, packets);
}

/* What kinds print of themselves below their numbers. */
static bool is_of_kind(struct ta_slice word)
{
	static const char *const words[] = { "maxpacket", "new_flows_len", "flows",  "gc",
					     "highprio",  "count",         "marked", "horizon" };

	for (size_t i = 0; i < TA_ARRAY_SIZE(words); i++)
		if (ta_slice_equals(word, words[i]))
			return true;
	return false;
}

static enum ta_take take_below(struct ta_reading *reading, struct state *state,
			       const struct ta_line *line, struct ta_slice text)
{
	struct ta_slice rest = text, word;
	size_t at;

	if (!ta_slice_word(&rest, &word))
		return TA_NOT_MINE;
	if (ta_slice_equals(word, "Sent"))
		return take_sent(reading, state, line, rest);
	if (ta_slice_equals(word, "rate") && ta_slice_find(rest, "backlog ", &at))
		rest = ta_slice(rest.data + at, rest.len - at);
	else
		rest = text;
	if (ta_slice_begins(rest, "backlog ")) {
		next_is(&rest, "backlog");
		return take_backlog(reading, state, line, rest);
	}
	return is_of_kind(word) ? TA_EMPTY : TA_NOT_MINE;
}

/* ---- lines ---- */

static enum ta_take take_line(struct ta_reading *reading, void *state_, const struct ta_line *line)
{
	struct ta_slice text = ta_slice_trim(line->text), rest = text, word;
	struct state *state = state_;
	enum ta_take take;

	if (!ta_slice_word(&rest, &word))
		return TA_NOT_MINE;
	if (ta_slice_equals(word, "qdisc"))
		return take_qdisc(reading, state, line, rest);
	if (!state->below)
		return TA_NOT_MINE;
	take = take_below(reading, state, line, text);
	if (take == TA_NOT_MINE && text.data == line->text.data)
		state->below = false; /* "class htb 1:10 root ...", and whatever comes */
	return take;
}

const struct ta_reader ta_read_tc = {
	.name = "tc -s qdisc",
	.state_size = sizeof(struct state),
	.line = take_line,
};
