/* zos.c - listings of NETSTAT on z/OS (COnn, ALLConn), from TSO, the UNIX shell and the console:
 *
 *   User Id  Conn     Local Socket           Foreign Socket         State
 *   FTPD1    0000003B 0.0.0.0..21            0.0.0.0..0             Listen
 *
 * and in the long format, which IPv6 needs:
 *
 *   FTPD1    0000003B Listen
 *     Local Socket:   ::..21
 *     Foreign Socket: ::..0
 *
 * A message number may stand before each line. The console shortens states in its own way; all
 * spellings are in the catalogue. COnn leaves out what is closed, or in TIME-WAIT. */
#include "base/macros.h"
#include "base/number.h"
#include "import/readers/endpoint.h"
#include "import/readers/rows.h"
#include "import/readers/selection.h"
#include "snapshot/states.h"

enum { USER_MAX = 8, CONNECTION_DIGITS = 8 };

struct state {
	struct ta_rows listing;
	/* an entry of the long format */
	struct ta_socket socket;
	bool open;    /* its addresses are still to come */
	bool located; /* the local one has come */
};

/* ---- words ---- */

/* "EZZ2587I", "EZD0101I": the number of a message. */
static bool is_message(struct ta_slice word)
{
	uint64_t number;

	return word.len == 8 && (ta_slice_begins(word, "EZZ") || ta_slice_begins(word, "EZD")) &&
	       word.data[7] == 'I' && ta_slice_u64(ta_slice(word.data + 3, 4), &number);
}

/* The name of a job. */
static bool is_user(struct ta_slice word)
{
	for (size_t i = 0; i < word.len; i++) {
		char c = word.data[i];

		if (!(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '@' && c != '#' &&
		    c != '$')
			return false;
	}
	return word.len > 0 && word.len <= USER_MAX;
}

static bool is_connection(struct ta_slice word)
{
	uint64_t number;

	return word.len == CONNECTION_DIGITS && ta_parse_u64(word.data, word.len, 16, &number);
}

static unsigned state_of(struct ta_slice word)
{
	const struct ta_state *state = ta_state_find(word.data, word.len);

	return state && state->number <= TA_TCP_CLOSING ? state->number : 0;
}

/* Titles and headers, all of which begin with words of these. */
static bool is_heading(struct ta_slice text, bool *ret_header)
{
	static const char *const beginnings[] = { "User Id  Conn",      "USER ID  CONN",
						  "MVS TCP/IP NETSTAT", "NETSTAT CS",
						  "-------  ----",      "END OF THE REPORT" };

	for (size_t i = 0; i < TA_ARRAY_SIZE(beginnings); i++) {
		if (!ta_slice_begins(text, beginnings[i]))
			continue;
		*ret_header = i < 2;
		return true;
	}
	return false;
}

/* "3 OF 12 RECORDS DISPLAYED". */
static bool is_count(struct state *state, const struct ta_slice *words, size_t count)
{
	uint64_t shown, all;

	if (count != 5 || !ta_slice_equals(words[1], "OF") ||
	    !ta_slice_equals(words[3], "RECORDS") || !ta_slice_u64(words[0], &shown) ||
	    !ta_slice_u64(words[2], &all))
		return false;
	state->listing.partial |= shown < all;
	return true;
}

/* ---- entries ---- */

static enum ta_take unplaced(struct state *state, struct ta_reading *reading,
			     const struct ta_line *line, unsigned number)
{
	return ta_rows_unplaced(&state->listing, reading, line, number,
				"a name stands for an address or a port");
}

/* USER CONN LOCAL FOREIGN STATE. */
static enum ta_take read_short(struct state *state, struct ta_reading *reading,
			       const struct ta_line *line, const struct ta_slice *words)
{
	struct ta_endpoint_text ends[2];
	struct ta_socket socket = { .present = 0 };
	bool named = false;

	for (size_t i = 0; i < 2; i++) {
		enum ta_endpoint_kind kind =
			ta_endpoint_read(words[2 + i], TA_ENDPOINT_TWO_DOTS, &ends[i]);

		if (kind == TA_ENDPOINT_NONE)
			return TA_NOT_MINE;
		named |= kind == TA_ENDPOINT_NAMED;
	}
	if (ta_slice_equals(words[4], "UDP"))
		return TA_EMPTY;
	socket.state = (uint8_t)state_of(words[4]);
	if (!socket.state)
		return ta_rows_wrong(&state->listing, reading, "the state is not known");
	if (named)
		return unplaced(state, reading, line, socket.state);
	socket.local = ends[0].endpoint;
	socket.remote = ends[1].endpoint;
	socket.family = ta_socket_family(ends[0].v4);
	return ta_rows_take(&state->listing, reading, line, &socket, NULL, 0);
}

static void close_entry(struct state *state)
{
	state->listing.partial |= state->open;
	state->open = false;
}

/* USER CONN STATE, its addresses on the next lines. */
static enum ta_take begin_long(struct state *state, struct ta_slice word)
{
	unsigned number = state_of(word);

	if (!number && !ta_slice_equals(word, "UDP"))
		return TA_NOT_MINE;
	close_entry(state);
	state->socket = (struct ta_socket){ .state = (uint8_t)number };
	state->open = number != 0;
	state->located = false;
	state->listing.begun = true;
	return TA_EMPTY;
}

/* "Local Socket:" or "Foreign Socket:". */
static enum ta_take read_end_of(struct state *state, struct ta_reading *reading,
				const struct ta_line *line, struct ta_slice word, bool local)
{
	struct ta_endpoint_text end;
	enum ta_endpoint_kind kind = ta_endpoint_read(word, TA_ENDPOINT_TWO_DOTS, &end);

	if (kind == TA_ENDPOINT_NONE)
		return TA_NOT_MINE;
	if (!state->open || state->located == local)
		return TA_EMPTY; /* of UDP, or of an entry that is counted already */
	if (kind == TA_ENDPOINT_NAMED) {
		state->open = false;
		return unplaced(state, reading, line, state->socket.state);
	}
	*(local ? &state->socket.local : &state->socket.remote) = end.endpoint;
	state->located = true;
	if (local) {
		state->socket.family = ta_socket_family(end.v4);
		return TA_USED;
	}
	state->open = false;
	return ta_rows_take(&state->listing, reading, line, &state->socket, NULL, 0);
}

static enum ta_take read_row(struct state *state, struct ta_reading *reading,
			     const struct ta_line *line, const struct ta_slice *words, size_t count)
{
	bool local = count == 3 &&
		     (ta_slice_equals(words[0], "Local") || ta_slice_equals(words[0], "LOCAL"));
	bool foreign = count == 3 && (ta_slice_equals(words[0], "Foreign") ||
				      ta_slice_equals(words[0], "FOREIGN"));

	if (local || foreign)
		return read_end_of(state, reading, line, words[2], local);
	if (count < 3 || !is_user(words[0]) || !is_connection(words[1]))
		return TA_NOT_MINE;
	if (count == 3)
		return begin_long(state, words[2]);
	if (count == 5)
		return read_short(state, reading, line, words);
	return TA_NOT_MINE;
}

/* ---- the listing ---- */

static bool shows_closed(const struct ta_command *command)
{
	return ta_command_says(command, "-a") || ta_command_says(command, "ALLCONN") ||
	       ta_command_says(command, "ALLConn") || ta_command_says(command, "allconn");
}

static void end_listing(struct ta_reading *reading, void *of)
{
	struct state *state = of;
	const struct ta_command *command = &reading->command;
	const uint32_t closed = 1u << TA_TCP_TIME_WAIT | 1u << TA_TCP_CLOSE;
	uint32_t covers = TA_ALL_STATES;

	close_entry(state);
	if (!(state->listing.met & closed) && !shows_closed(command))
		covers &= ~closed;
	if (!state->listing.headed || command->picks || command->counts || command->tallies)
		covers = 0;
	ta_rows_end(&state->listing, reading, covers);
}

static enum ta_take take_heading(struct state *state, struct ta_reading *reading,
				 const struct ta_line *line, bool header)
{
	if (!header)
		return TA_EMPTY;
	if (state->listing.met)
		end_listing(reading, state);
	ta_rows_begin(&state->listing, line);
	return TA_EMPTY;
}

static enum ta_take read_line(struct ta_reading *reading, void *ctx, const struct ta_line *line)
{
	struct state *state = ctx;
	struct ta_slice words[TA_LINE_WORDS], text = ta_slice_trim(line->text);
	const struct ta_slice *first = words;
	enum ta_take take;
	bool header;
	size_t count;

	ta_line_words(text, words, &count);
	if (count > 1 && is_message(words[0])) {
		text = ta_slice(words[1].data, text.len - (size_t)(words[1].data - text.data));
		first++;
		count--;
	}
	if (is_heading(text, &header))
		return take_heading(state, reading, line, header);
	if (is_count(state, first, count))
		return TA_EMPTY;
	take = read_row(state, reading, line, first, count);
	if (take == TA_NOT_MINE && ta_rows_elided(&state->listing, line))
		return TA_EMPTY;
	return take;
}

const struct ta_reader ta_read_zos = {
	.name = "z/OS NETSTAT",
	.state_size = sizeof(struct state),
	.half_lines = true,
	.line = read_line,
	.end = end_listing,
};
