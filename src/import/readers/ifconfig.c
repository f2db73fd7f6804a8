/* ifconfig.c - "ifconfig" of net-tools 2.x, and of 1.60 and busybox:
 *
 *   eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500
 *           RX packets 7076  bytes 239163628 (228.0 MiB)
 *           RX errors 0  dropped 0  overruns 0  frame 0
 *
 *   eth0      Link encap:Ethernet  HWaddr 02:FC:00:00:00:01
 *             UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1
 *             RX packets:7076 errors:0 dropped:0 overruns:0 frame:0 */
#include "base/macros.h"
#include "base/number.h"
#include "import/readers/interface.h"

struct state {
	char name[TA_INTERFACE_NAME];
};

static const struct {
	const char *key;
	enum ta_interface_counter received, sent;
} counters[] = {
	{ "packets", TA_RX_PACKETS, TA_TX_PACKETS },
	{ "errors", TA_RX_ERRORS, TA_TX_ERRORS },
	{ "dropped", TA_RX_DROPPED, TA_TX_DROPPED },
};

/* ---- the interface ---- */

/* "flags=4163<UP,BROADCAST>" */
static bool parse_flags(struct ta_slice word, bool *ret_up)
{
	struct ta_slice flags = word;

	if (!ta_slice_begins(word, "flags=") || !ta_slice_ends(word, ">"))
		return false;
	ta_slice_cut(&flags, '<');
	if (!flags.len)
		return false;
	*ret_up = ta_interface_is_up(ta_slice(flags.data, flags.len - 1));
	return true;
}

/* "eth0: flags=4163<UP,...>  mtu 1500" */
static enum ta_take take_new(struct ta_reading *reading, struct state *state,
			     const struct ta_line *line)
{
	struct ta_slice rest = line->text, name, flags, key, value;
	uint64_t mtu;
	bool up;

	if (!ta_slice_word(&rest, &name) || !ta_slice_ends(name, ":") ||
	    !ta_slice_word(&rest, &flags) || !parse_flags(flags, &up))
		return TA_NOT_MINE;
	if (!ta_interface_name(ta_slice(name.data, name.len - 1), state->name))
		return ta_wrong(reading, "no name of an interface");
	ta_note_interface_up(reading, line, state->name, up);
	if (ta_slice_word(&rest, &key) && ta_slice_equals(key, "mtu") &&
	    ta_slice_word(&rest, &value) && ta_slice_u64(value, &mtu))
		ta_note_interface_mtu(reading, line, state->name, mtu);
	return TA_USED;
}

/* "eth0      Link encap:Ethernet  HWaddr ..." */
static enum ta_take take_old(struct ta_reading *reading, struct state *state,
			     const struct ta_line *line)
{
	struct ta_slice rest = line->text, name, link, encap;

	if (!ta_slice_word(&rest, &name) || !ta_slice_word(&rest, &link) ||
	    !ta_slice_equals(link, "Link") || !ta_slice_word(&rest, &encap) ||
	    !ta_slice_begins(encap, "encap:"))
		return TA_NOT_MINE;
	return ta_interface_name(name, state->name) ? TA_EMPTY
						    : ta_wrong(reading, "no name of an interface");
}

/* "UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1" */
static enum ta_take take_flags(struct ta_reading *reading, const struct state *state,
			       const struct ta_line *line)
{
	struct ta_slice rest = line->text, word;
	bool up = false;
	uint64_t mtu;

	while (ta_slice_word(&rest, &word) && !ta_slice_begins(word, "MTU:"))
		up |= ta_slice_equals(word, "UP");
	if (!ta_slice_begins(word, "MTU:") ||
	    !ta_slice_u64(ta_slice(word.data + 4, word.len - 4), &mtu))
		return TA_NOT_MINE;
	ta_note_interface_mtu(reading, line, state->name, mtu);
	ta_note_interface_up(reading, line, state->name, up);
	return TA_USED;
}

/* ---- what it counted ---- */

/* "packets 7076" or "packets:7076" */
static bool take_pair(struct ta_slice *rest, struct ta_slice *ret_key, uint64_t *ret)
{
	struct ta_slice word;

	if (!ta_slice_word(rest, &word))
		return false;
	*ret_key = ta_slice_cut(&word, ':');
	return (word.len || ta_slice_word(rest, &word)) && ta_slice_u64(word, ret);
}

static bool note_pair(struct ta_reading *reading, const struct ta_line *line, const char *name,
		      bool received, struct ta_slice key, uint64_t value)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(counters); i++) {
		if (!ta_slice_equals(key, counters[i].key))
			continue;
		ta_note_interface_counter(reading, line, name,
					  received ? counters[i].received : counters[i].sent,
					  value);
		return true;
	}
	return false;
}

/* What is rounded, in parentheses, ends the pairs. */
static enum ta_take take_counters(struct ta_reading *reading, const struct state *state,
				  const struct ta_line *line)
{
	struct ta_slice rest = line->text, direction, key;
	enum ta_take take = TA_NOT_MINE;
	uint64_t value;
	bool received;

	if (!ta_slice_word(&rest, &direction))
		return TA_NOT_MINE;
	received = ta_slice_equals(direction, "RX");
	if (!received && !ta_slice_equals(direction, "TX"))
		return TA_NOT_MINE;
	while (take_pair(&rest, &key, &value)) {
		if (take == TA_NOT_MINE)
			take = TA_EMPTY; /* "RX bytes:..." */
		if (note_pair(reading, line, state->name, received, key, value))
			take = TA_USED;
	}
	return take;
}

/* What stands below an interface and tells nothing of TCP. */
static const char *const known[] = { "inet ",   "inet6 ",      "ether ",  "loop ",
				     "unspec ", "collisions:", "device ", NULL };

static enum ta_take take_line(struct ta_reading *reading, void *state_, const struct ta_line *line)
{
	struct ta_slice text = ta_slice_trim(line->text);
	struct state *state = state_;
	enum ta_take take = take_new(reading, state, line);

	if (take == TA_NOT_MINE)
		take = take_old(reading, state, line);
	if (take != TA_NOT_MINE || !state->name[0])
		return take;
	take = take_counters(reading, state, line);
	if (take == TA_NOT_MINE)
		take = take_flags(reading, state, line);
	if (take != TA_NOT_MINE)
		return take;
	return text.data != line->text.data && ta_slice_begins_one(text, known) ? TA_EMPTY
										: TA_NOT_MINE;
}

const struct ta_reader ta_read_ifconfig = {
	.name = "ifconfig",
	.state_size = sizeof(struct state),
	.line = take_line,
};
