/* proc_counters.c - /proc/net/netstat and /proc/net/snmp: a line of names, then a line of values.
 *
 * They are matched by name, for each kernel has its own set. Two columns that somebody picked
 * (awk '/TcpExt/ {print $21,$22}') have no group any more; that of TcpExt has the names. */
#include <string.h>

#include "base/macros.h"
#include "base/number.h"
#include "base/text.h"
#include "import/readers/counter.h"
#include "snapshot/proc_net.h"

enum {
	NAMES_MAX = 8192, /* the longest line of names, TcpExt of 6.18, has 2.4 KiB */
};

#define PICKED "TcpExt" /* the group of names that stand alone */

static const char *const groups[] = { "Ip",      "Icmp",   "IcmpMsg", "Tcp",     "Udp",
				      "UdpLite", "TcpExt", "IpExt",   "MPTcpExt" };
static const char *const wanted[] = { "Ip", "Icmp", "Tcp", "TcpExt", "IpExt" };

struct state {
	bool open;   /* the next line has the values */
	bool picked; /* without a group */
	size_t len;
	char names[NAMES_MAX];
};

/* "Tcp:" at the front, of a group that the kernel has; *rest is what follows. */
static bool take_head(struct ta_slice *rest, struct ta_slice *ret)
{
	if (!ta_slice_word(rest, ret) || ret->len < 2 || ret->data[ret->len - 1] != ':')
		return false;
	ret->len--;
	for (size_t i = 0; i < TA_ARRAY_SIZE(groups); i++)
		if (ta_slice_equals(*ret, groups[i]))
			return true;
	return false;
}

/* The kernel's names begin with a capital and have no marks in them. */
static bool is_name(struct ta_slice word)
{
	if (word.data[0] < 'A' || word.data[0] > 'Z')
		return false;
	for (size_t i = 0; i < word.len; i++)
		if (!ta_text_is_word_byte(word.data[i]))
			return false;
	return true;
}

static bool is_value(struct ta_slice word)
{
	bool negative = word.data[0] == '-';

	for (size_t i = negative; i < word.len; i++)
		if (word.data[i] < '0' || word.data[i] > '9')
			return false;
	return word.len > negative;
}

static bool is_picked_name(struct ta_slice word)
{
	return ta_counter_find(PICKED, word) != NULL;
}

/* How many words there are, all of that kind; 0 when one is not. */
static size_t count_words(struct ta_slice rest, bool (*is_kind)(struct ta_slice word))
{
	struct ta_slice word;
	size_t count = 0;

	for (; ta_slice_word(&rest, &word); count++)
		if (!is_kind(word))
			return 0;
	return count;
}

/* ---- the line of names ---- */

static enum ta_take open_pair(struct ta_reading *reading, struct state *state, struct ta_slice text,
			      bool picked)
{
	if (text.len > sizeof(state->names))
		return ta_wrong(reading, "a longer line of names than any kernel prints");
	memcpy(state->names, text.data, text.len);
	state->len = text.len;
	state->picked = picked;
	state->open = true;
	return TA_EMPTY;
}

static enum ta_take take_names(struct ta_reading *reading, struct state *state,
			       struct ta_slice text)
{
	struct ta_slice rest = text, head;

	if (!take_head(&rest, &head))
		return count_words(text, is_picked_name) > 1 ? open_pair(reading, state, text, true)
							     : TA_NOT_MINE;
	if (count_words(rest, is_name))
		return open_pair(reading, state, text, false);
	if (count_words(rest, is_value) > 1)
		return ta_wrong(reading, "values without the line of names above them");
	return TA_NOT_MINE;
}

/* ---- the line of values ---- */

static enum ta_take note_pair(struct ta_reading *reading, const struct ta_line *line,
			      const char *group, struct ta_counter_pair *pair)
{
	struct ta_slice name, value;
	enum ta_take all = TA_EMPTY;

	while (ta_counter_pair_next(pair, &name, &value)) {
		enum ta_take take = ta_note_counter(reading, line, group, name, value);

		if (take != TA_EMPTY && all != TA_USED)
			all = take;
	}
	return all;
}

static enum ta_take take_pair(struct ta_reading *reading, const struct ta_line *line,
			      struct ta_counter_pair *pair)
{
	size_t values = count_words(pair->values, is_value);

	if (!values)
		return ta_wrong(reading, "values that are no numbers");
	if (values != count_words(pair->names, is_name))
		return ta_wrong(reading, "not as many values as names: a line is cut");
	for (size_t i = 0; i < TA_ARRAY_SIZE(wanted); i++)
		if (ta_slice_equals(pair->group, wanted[i]))
			return note_pair(reading, line, wanted[i], pair);
	return TA_EMPTY;
}

static enum ta_take take_values(struct ta_reading *reading, struct state *state,
				const struct ta_line *line, struct ta_slice text)
{
	struct ta_slice names = ta_slice(state->names, state->len);
	struct ta_counter_pair pair = { ta_slice(PICKED, strlen(PICKED)), names, text };

	if (state->picked ? !count_words(text, is_value)
			  : !ta_counter_pair_start(&pair, names, text))
		return TA_NOT_MINE;
	return take_pair(reading, line, &pair);
}

static enum ta_take take_line(struct ta_reading *reading, void *state_, const struct ta_line *line)
{
	struct state *state = state_;
	struct ta_slice text = ta_slice_trim(line->text);
	enum ta_take take = TA_NOT_MINE;

	if (!text.len || line->cut)
		return TA_NOT_MINE;
	if (state->open)
		take = take_values(reading, state, line, text);
	state->open = false;
	return take == TA_NOT_MINE ? take_names(reading, state, text) : take;
}

const struct ta_reader ta_read_proc_counters = {
	.name = "/proc/net/netstat",
	.state_size = sizeof(struct state),
	.line = take_line,
};
