/* ip_link.c - "ip -s link", "ip link" and the like lines of "ip addr".
 *
 *   2: eth0@if5: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP ...
 *       RX:  bytes packets errors dropped  missed   mcast
 *        239163628    7076      0       0       0       0
 *
 * What /proc/net/dev and a snapshot call dropped on the way in is dropped and missed together;
 * before 5.10 ip shows the first alone, which is not noted. */
#include "base/macros.h"
#include "base/number.h"
#include "import/readers/interface.h"

enum column { PACKETS, ERRORS, DROPPED, MISSED, NOT_ASKED };

static const char *const names[] = {
	[PACKETS] = "packets",
	[ERRORS] = "errors",
	[DROPPED] = "dropped",
	[MISSED] = "missed",
};

enum { COLUMNS_MAX = 16 };

enum direction { NONE, RECEIVED, SENT, DETAILS };

struct state {
	char name[TA_INTERFACE_NAME];
	enum direction direction; /* of the numbers in the next line */
	size_t count;
	enum column columns[COLUMNS_MAX];
};

/* ---- "2: eth0: <FLAGS> mtu 1500 ..." ---- */

/* "2:" */
static bool is_number_and_colon(struct ta_slice word)
{
	uint64_t number;

	return ta_slice_ends(word, ":") && ta_slice_u64(ta_slice(word.data, word.len - 1), &number);
}

static void note_mtu(struct ta_reading *reading, const struct ta_line *line, const char *name,
		     struct ta_slice rest)
{
	struct ta_slice key, value;
	uint64_t mtu;

	while (ta_slice_word(&rest, &key) && ta_slice_word(&rest, &value)) {
		if (!ta_slice_equals(key, "mtu") || !ta_slice_u64(value, &mtu))
			continue;
		ta_note_interface_mtu(reading, line, name, mtu);
		return;
	}
}

static enum ta_take take_interface(struct ta_reading *reading, struct state *state,
				   const struct ta_line *line, struct ta_slice text)
{
	struct ta_slice number, name, flags;

	if (!ta_slice_word(&text, &number) || !is_number_and_colon(number) ||
	    !ta_slice_word(&text, &name) || !ta_slice_ends(name, ":") ||
	    !ta_slice_word(&text, &flags) || !ta_slice_begins(flags, "<") ||
	    !ta_slice_ends(flags, ">"))
		return TA_NOT_MINE;
	*state = (struct state){ .direction = NONE };
	if (!ta_interface_name(ta_slice(name.data, name.len - 1), state->name))
		return ta_wrong(reading, "no name of an interface");
	ta_note_interface_up(reading, line, state->name,
			     ta_interface_is_up(ta_slice(flags.data + 1, flags.len - 2)));
	note_mtu(reading, line, state->name, text);
	return TA_USED;
}

/* ---- "RX: bytes packets ..." and the numbers below ---- */

static enum column find_column(struct ta_slice word)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(names); i++)
		if (ta_slice_equals(word, names[i]))
			return (enum column)i;
	return NOT_ASKED;
}

static enum ta_take take_header(struct state *state, struct ta_slice text)
{
	struct ta_slice word, first;

	if (!ta_slice_word(&text, &first))
		return TA_NOT_MINE;
	if (ta_slice_equals(first, "RX") || ta_slice_equals(first, "TX")) {
		if (!ta_slice_word(&text, &word) || !ta_slice_equals(word, "errors:"))
			return TA_NOT_MINE;
		state->direction = DETAILS;
	} else if (ta_slice_equals(first, "RX:") || ta_slice_equals(first, "TX:")) {
		state->direction = ta_slice_equals(first, "RX:") ? RECEIVED : SENT;
	} else {
		return TA_NOT_MINE;
	}
	for (state->count = 0; ta_slice_word(&text, &word) && state->count < COLUMNS_MAX;)
		state->columns[state->count++] = find_column(word);
	return TA_EMPTY;
}

static bool parse_numbers(const struct state *state, struct ta_slice text,
			  uint64_t numbers[COLUMNS_MAX], size_t *ret_count)
{
	struct ta_slice word;
	size_t count = 0;

	for (; count < state->count && ta_slice_word(&text, &word); count++)
		if (!ta_slice_u64(word, &numbers[count]))
			return false;
	*ret_count = count;
	return !ta_slice_word(&text, &word);
}

static void note_numbers(struct ta_reading *reading, const struct ta_line *line,
			 const struct state *state, const uint64_t numbers[COLUMNS_MAX])
{
	bool received = state->direction == RECEIVED, found[NOT_ASKED + 1] = { false };
	uint64_t value[NOT_ASKED + 1] = { 0 }, dropped;

	for (size_t i = 0; i < state->count; i++) {
		found[state->columns[i]] = true;
		value[state->columns[i]] = numbers[i];
	}
	if (found[PACKETS])
		ta_note_interface_counter(reading, line, state->name,
					  received ? TA_RX_PACKETS : TA_TX_PACKETS, value[PACKETS]);
	if (found[ERRORS])
		ta_note_interface_counter(reading, line, state->name,
					  received ? TA_RX_ERRORS : TA_TX_ERRORS, value[ERRORS]);
	if (found[DROPPED] && (!received || found[MISSED]) &&
	    !__builtin_add_overflow(value[DROPPED], value[MISSED], &dropped))
		ta_note_interface_counter(reading, line, state->name,
					  received ? TA_RX_DROPPED : TA_TX_DROPPED, dropped);
}

static enum ta_take take_numbers(struct ta_reading *reading, struct state *state,
				 const struct ta_line *line, struct ta_slice text)
{
	uint64_t numbers[COLUMNS_MAX];
	size_t count;

	if (!parse_numbers(state, text, numbers, &count))
		return ta_wrong(reading, "no whole numbers below RX or TX (ip -h rounds them)");
	if (count != state->count)
		return ta_wrong(reading, "not as many numbers as names above them");
	if (state->direction == DETAILS)
		return TA_EMPTY;
	note_numbers(reading, line, state, numbers);
	return TA_USED;
}

/* ---- lines ---- */

/* What stands below an interface and tells nothing of TCP. */
static const char *const known[] = { "link/",  "inet ",    "inet6 ", "valid_lft ",
				     "alias ", "altname ", NULL };

static enum ta_take take_line(struct ta_reading *reading, void *state_, const struct ta_line *line)
{
	struct ta_slice text = ta_slice_trim(line->text);
	struct state *state = state_;
	enum ta_take take = take_interface(reading, state, line, text);

	if (take != TA_NOT_MINE || !state->name[0] || !text.len)
		return take;
	take = take_header(state, text);
	if (take != TA_NOT_MINE)
		return take;
	if (state->direction != NONE && text.data[0] >= '0' && text.data[0] <= '9') {
		take = take_numbers(reading, state, line, text);
		state->direction = NONE;
		return take;
	}
	return text.data != line->text.data && ta_slice_begins_one(text, known) ? TA_EMPTY
										: TA_NOT_MINE;
}

const struct ta_reader ta_read_ip_link = {
	.name = "ip link",
	.state_size = sizeof(struct state),
	.line = take_line,
};
