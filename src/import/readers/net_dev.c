/* net_dev.c - tables of interfaces: /proc/net/dev, and "netstat -i" that is made of it. */
#include <string.h>

#include "base/macros.h"
#include "base/number.h"
#include "import/readers/interface.h"

/* ---- /proc/net/dev ---- */

/* " face |bytes    packets errs drop fifo ..." */
static bool is_title(struct ta_slice text)
{
	return ta_slice_begins(text, "Inter-|") || ta_slice_begins(text, "face |bytes");
}

static enum ta_take take_dev(struct ta_reading *reading, void *state, const struct ta_line *line)
{
	struct ta_interface row;
	char name[TA_INTERFACE_NAME];

	(void)state;
	if (is_title(ta_slice_trim(line->text)))
		return TA_EMPTY;
	if (!ta_interface_parse(line->text.data, line->text.len, &row))
		return TA_NOT_MINE;
	if (!ta_interface_name(ta_slice(row.name, strlen(row.name)), name))
		return ta_wrong(reading, "no name of an interface");
	for (int i = 0; i < TA_INTERFACE_COUNTERS; i++)
		ta_note_interface_counter(reading, line, name, (enum ta_interface_counter)i,
					  row.counters[i]);
	return TA_USED;
}

const struct ta_reader ta_read_net_dev = {
	.name = "/proc/net/dev",
	.line = take_dev,
};

/* ---- netstat -i ---- */

enum { NAME = TA_INTERFACE_COUNTERS, MTU, FLAGS, NOT_ASKED };

static const struct {
	const char *name;
	int column;
} columns[] = {
	{ "Iface", NAME },
	{ "MTU", MTU },
	{ "RX-OK", TA_RX_PACKETS },
	{ "RX-ERR", TA_RX_ERRORS },
	{ "RX-DRP", TA_RX_DROPPED },
	{ "TX-OK", TA_TX_PACKETS },
	{ "TX-ERR", TA_TX_ERRORS },
	{ "TX-DRP", TA_TX_DROPPED },
	{ "Flg", FLAGS },
};

enum {
	COLUMNS_MAX = 16,
	CUT_NAME = 5, /* 1.60, known by its column "Met", may cut names at this length */
};

struct state {
	size_t count;
	bool cuts;
	int columns[COLUMNS_MAX];
};

static int find_column(struct ta_slice word)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(columns); i++)
		if (ta_slice_equals(word, columns[i].name))
			return columns[i].column;
	return NOT_ASKED;
}

static bool take_header(struct state *state, struct ta_slice text)
{
	struct ta_slice words[TA_LINE_WORDS];
	size_t count;

	ta_line_words(text, words, &count);
	if (count < 4 || count > COLUMNS_MAX || !ta_slice_equals(words[0], "Iface") ||
	    !ta_slice_equals(words[1], "MTU") || !ta_slice_equals(words[count - 1], "Flg"))
		return false;
	*state = (struct state){ .count = count };
	for (size_t i = 0; i < count; i++) {
		state->columns[i] = find_column(words[i]);
		state->cuts |= ta_slice_equals(words[i], "Met");
	}
	return true;
}

static void note_column(struct ta_reading *reading, const struct ta_line *line, const char *name,
			int column, struct ta_slice word)
{
	uint64_t number;

	if (column == FLAGS)
		ta_note_interface_up(reading, line, name, memchr(word.data, 'U', word.len) != NULL);
	else if (column != NAME && column != NOT_ASKED && ta_slice_u64(word, &number)) {
		if (column == MTU)
			ta_note_interface_mtu(reading, line, name, number);
		else
			ta_note_interface_counter(reading, line, name,
						  (enum ta_interface_counter)column, number);
	}
}

/* A name, then numbers but for the flags. */
static bool is_row(const struct state *state, const struct ta_slice *words, size_t count)
{
	uint64_t number;

	if (!state->count || count != state->count)
		return false;
	for (size_t i = 1; i + 1 < count; i++)
		if (!ta_slice_u64(words[i], &number))
			return false;
	return words[count - 1].data[0] >= 'A';
}

static enum ta_take take_netstat(struct ta_reading *reading, void *state_,
				 const struct ta_line *line)
{
	struct state *state = state_;
	struct ta_slice words[TA_LINE_WORDS];
	char name[TA_INTERFACE_NAME];
	size_t count;

	if (take_header(state, line->text) ||
	    ta_slice_equals(ta_slice_trim(line->text), "Kernel Interface table"))
		return TA_EMPTY;
	ta_line_words(line->text, words, &count);
	if (!is_row(state, words, count)) {
		state->count = 0;
		return TA_NOT_MINE;
	}
	if (!ta_interface_name(words[0], name))
		return ta_wrong(reading, "no name of an interface");
	if (state->cuts && strlen(name) >= CUT_NAME)
		return ta_wrong(reading, "the name may be cut");
	for (size_t i = 0; i < count; i++)
		note_column(reading, line, name, state->columns[i], words[i]);
	return TA_USED;
}

const struct ta_reader ta_read_netstat_i = {
	.name = "netstat -i",
	.state_size = sizeof(struct state),
	.line = take_netstat,
};
