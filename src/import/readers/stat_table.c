/* stat_table.c - /proc/net/stat/{nf_conntrack,arp_cache,ndisc_cache}: a line of names, then a line
 * of hexadecimal numbers for each processor.
 *
 * The tables of neighbours have the same names for IPv4 and IPv6: the file's name, or the command
 * above, must say which it is. Sums are noted when the table ends. */
#include "snapshot/stat_table.h"

#include "base/macros.h"
#include "base/number.h"
#include "import/readers/counter.h"

enum { DIGITS = 8, LEAST_COLUMNS = 6 };

enum column {
	ENTRIES,
	TABLE_FULLS,
	FIRST_OF_CONNTRACK,
	DROP = FIRST_OF_CONNTRACK,
	EARLY_DROP,
	INSERT_FAILED,
	INVALID,
	SEARCH_RESTART,
	CLASHRES,
	CHAINLENGTH,
	COLUMNS,
};

static const char *const names[COLUMNS] = {
	[ENTRIES] = "entries",
	[TABLE_FULLS] = "table_fulls",
	[DROP] = "drop",
	[EARLY_DROP] = "early_drop",
	[INSERT_FAILED] = "insert_failed",
	[INVALID] = "invalid",
	[SEARCH_RESTART] = "search_restart",
	[CLASHRES] = "clashres",
	[CHAINLENGTH] = "chainlength",
};

enum table { NO_TABLE, CONNTRACK, ARP, NDISC, UNASKED };

struct state {
	enum table table;
	bool broken;
	uint64_t line; /* of the last row */
	struct ta_stat_column columns[COLUMNS];
	struct ta_stat_places places;
};

/* ---- what the sums are noted as ---- */

static void note(struct ta_reading *reading, const struct state *state, enum ta_home home,
		 const char *group, const char *key, uint64_t value)
{
	const struct ta_line at = { .number = state->line };

	ta_note_uint(reading, &at, home, group, key, value);
}

static void note_conntrack(struct ta_reading *reading, const struct state *state)
{
	note(reading, state, TA_HOME_NETNS, "conntrack", "count", state->columns[ENTRIES].first);
	for (size_t i = FIRST_OF_CONNTRACK; i < COLUMNS; i++)
		if (state->columns[i].found)
			note(reading, state, TA_HOME_NETNS, "counters.conntrack", names[i],
			     state->columns[i].sum);
}

static void note_neighbours(struct ta_reading *reading, const struct state *state)
{
	bool arp = state->table == ARP;

	note(reading, state, TA_HOME_HOST, "neighbours", arp ? "arp_entries" : "ndisc_entries",
	     state->columns[ENTRIES].first);
	if (state->columns[TABLE_FULLS].found) /* 4.3 and later */
		note(reading, state, TA_HOME_HOST, arp ? "counters.arp" : "counters.ndisc",
		     "table_fulls", state->columns[TABLE_FULLS].sum);
}

static void end(struct ta_reading *reading, void *state_)
{
	struct state *state = state_;

	if (state->line && !state->broken) {
		if (state->table == CONNTRACK)
			note_conntrack(reading, state);
		else if (state->table == ARP || state->table == NDISC)
			note_neighbours(reading, state);
	}
	state->table = NO_TABLE;
	state->line = 0;
}

/* ---- lines ---- */

static bool has_word(struct ta_slice rest, const char *wanted)
{
	struct ta_slice word;

	while (ta_slice_word(&rest, &word))
		if (ta_slice_equals(word, wanted))
			return true;
	return false;
}

/* All words alike: names, or numbers of eight digits. */
static size_t count_words(struct ta_slice rest, bool numbers)
{
	struct ta_slice word;
	uint64_t number;
	size_t count = 0;

	for (; ta_slice_word(&rest, &word); count++) {
		bool is_number =
			word.len == DIGITS && ta_parse_u64(word.data, word.len, 16, &number);

		if (numbers ? !is_number : word.data[0] < 'a' || word.data[0] > 'z')
			return 0;
	}
	return count;
}

static enum table neighbour_table(const struct ta_reading *reading)
{
	struct ta_slice file = ta_slice(reading->file, strlen(reading->file));

	if (!file.len)
		file = ta_command_file(&reading->command);
	if (ta_slice_ends(file, "arp_cache"))
		return ARP;
	return ta_slice_ends(file, "ndisc_cache") ? NDISC : UNASKED;
}

static enum ta_take take_names(struct ta_reading *reading, struct state *state,
			       struct ta_slice text)
{
	end(reading, state);
	*state = (struct state){ .table = UNASKED };
	for (size_t i = 0; i < COLUMNS; i++)
		state->columns[i].name = names[i];
	if (!ta_stat_table_start(&state->places, text.data, text.len, state->columns, COLUMNS))
		return ta_wrong(reading, "more columns than any kernel has");
	if (state->columns[INSERT_FAILED].found) {
		state->table = CONNTRACK;
	} else if (has_word(text, "hash_grows")) {
		state->table = neighbour_table(reading);
		if (state->table == UNASKED)
			return ta_wrong(reading, "it does not say whether it is arp_cache or "
						 "ndisc_cache");
	}
	return TA_EMPTY;
}

static enum ta_take take_row(struct ta_reading *reading, struct state *state,
			     const struct ta_line *line)
{
	if (state->broken || !ta_stat_table_add(&state->places, line->text.data, line->text.len)) {
		state->broken = true;
		return ta_wrong(reading, "a row of the table is cut, so its sums are not known");
	}
	state->line = line->number;
	return state->table == UNASKED ? TA_EMPTY : TA_USED;
}

static enum ta_take take_line(struct ta_reading *reading, void *state_, const struct ta_line *line)
{
	struct state *state = state_;
	struct ta_slice text = ta_slice_trim(line->text), rest = text;

	if (ta_slice_equals(ta_slice_cut(&rest, ' '), "entries") ||
	    ta_slice_begins(text, "entries\t"))
		return count_words(text, false) >= LEAST_COLUMNS ? take_names(reading, state, text)
								 : TA_NOT_MINE;
	if (state->table && count_words(text, true))
		return take_row(reading, state, line);
	end(reading, state);
	return TA_NOT_MINE;
}

const struct ta_reader ta_read_stat_table = {
	.name = "/proc/net/stat",
	.state_size = sizeof(struct state),
	.line = take_line,
	.end = end,
};
