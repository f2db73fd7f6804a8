/* proc_tcp.c - /proc/net/tcp and tcp6.
 *
 * Their addresses are words in the byte order of the host that printed them, which nothing else in
 * the text tells. 127.0.0.0/24, ::1, ::ffff:0:0/96 and fe80::/64 are not to be taken for their
 * reverse: rows wait until one of these has shown the order. Where none does it is little-endian,
 * as nearly all hosts are. */
#include <string.h>

#include "base/number.h"
#include "import/readers/rows.h"
#include "sockets/proc_tcp_line.h"

enum { WAITING_MAX = 256 };

enum order {
	ORDER_UNKNOWN,
	ORDER_OURS, /* that which ta_proc_tcp_decode() takes it for */
	ORDER_OTHER,
};

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ORDER_USUAL ORDER_OURS
#else
#define ORDER_USUAL ORDER_OTHER
#endif

struct state {
	struct ta_rows listing;
	bool v4, v6; /* the headers of both files were there */
	bool other;  /* that of UDP or raw sockets was: the rest of their lines is the same */
	enum order order;
	size_t waiting_count;
	struct waiting {
		struct ta_socket socket;
		uint64_t number;
	} waiting[WAITING_MAX];
};

/* ---- byte order ---- */

static void reverse(uint8_t address[16], bool v4)
{
	for (size_t i = v4 ? 12 : 0; i < 16; i += 4) {
		uint8_t word[4] = { address[i + 3], address[i + 2], address[i + 1], address[i] };

		memcpy(address + i, word, sizeof(word));
	}
}

static bool is_telling(const uint8_t address[16], bool v4)
{
	static const uint8_t loopback4[3] = { 127, 0, 0 };
	static const uint8_t link_local[8] = { 0xfe, 0x80 };

	if (v4)
		return memcmp(address + 12, loopback4, sizeof(loopback4)) == 0;
	return ta_address_is_loopback(address) || ta_address_is_v4(address) ||
	       memcmp(address, link_local, sizeof(link_local)) == 0;
}

static enum order order_of(const struct ta_endpoint *endpoint, bool v4)
{
	uint8_t reversed[16];
	bool ours = is_telling(endpoint->address, v4), other;

	memcpy(reversed, endpoint->address, sizeof(reversed));
	reverse(reversed, v4);
	other = is_telling(reversed, v4);
	if (ours == other)
		return ORDER_UNKNOWN;
	return ours ? ORDER_OURS : ORDER_OTHER;
}

/* ---- rows ---- */

static bool is_v4(const struct ta_socket *socket)
{
	return socket->family == ta_socket_family(true);
}

static void note(struct state *state, struct ta_reading *reading, uint64_t number,
		 struct ta_socket *socket)
{
	const struct ta_line line = { .number = number };

	if (state->order == ORDER_OTHER) {
		reverse(socket->local.address, is_v4(socket));
		reverse(socket->remote.address, is_v4(socket));
	}
	socket->present = TA_SOCKET_KERNEL;
	ta_rows_take(&state->listing, reading, &line, socket, NULL, 0);
}

/* The order is known now, or will not be. */
static void note_waiting(struct state *state, struct ta_reading *reading)
{
	if (state->order == ORDER_UNKNOWN)
		state->order = ORDER_USUAL;
	for (size_t i = 0; i < state->waiting_count; i++)
		note(state, reading, state->waiting[i].number, &state->waiting[i].socket);
	state->waiting_count = 0;
}

static void take_row(struct state *state, struct ta_reading *reading, const struct ta_line *line,
		     struct ta_socket *socket)
{
	if (state->order == ORDER_UNKNOWN)
		state->order = order_of(&socket->local, is_v4(socket));
	if (state->order == ORDER_UNKNOWN)
		state->order = order_of(&socket->remote, is_v4(socket));
	if (state->order != ORDER_UNKNOWN || state->waiting_count == WAITING_MAX) {
		note_waiting(state, reading);
		note(state, reading, line->number, socket);
		return;
	}
	state->waiting[state->waiting_count++] =
		(struct waiting){ .socket = *socket, .number = line->number };
	state->listing.begun = true;
}

/* ---- the listing ---- */

/* Nothing but the file was printed. */
static bool is_whole(const struct ta_reading *reading)
{
	const struct ta_command *command = &reading->command;

	if (command->picks || command->counts || command->tallies)
		return false;
	return !command->count || ta_command_is(command, "cat") || ta_command_is(command, "more") ||
	       ta_command_is(command, "less");
}

static void end_listing(struct ta_reading *reading, void *of)
{
	struct state *state = of;
	uint32_t covers = TA_ALL_STATES;

	if (!state->v4)
		covers |= TA_ONLY_IPV6;
	if (!state->v6)
		covers |= TA_ONLY_IPV4;
	if ((!state->v4 && !state->v6) || !is_whole(reading))
		covers = 0;
	note_waiting(state, reading);
	ta_rows_end(&state->listing, reading, covers);
	memset(state, 0, sizeof(*state));
}

/* The header of the other file continues the listing; one that comes again begins another. */
static bool take_header(struct state *state, struct ta_reading *reading, const struct ta_line *line,
			const struct ta_slice *words, size_t count)
{
	bool v6;

	if (count < 4 || !ta_slice_equals(words[0], "sl") ||
	    !ta_slice_equals(words[1], "local_address"))
		return false;
	state->other = ta_slice_equals(words[count - 1], "drops");
	if (state->other)
		return true;
	v6 = ta_slice_equals(words[2], "remote_address");
	if (v6 ? state->v6 : state->v4)
		end_listing(reading, state);
	*(v6 ? &state->v6 : &state->v4) = true;
	ta_rows_begin(&state->listing, line);
	return true;
}

/* "12: 0100007F:", which no other format has. */
static bool begins_row(const struct ta_slice *words, size_t count)
{
	struct ta_slice address, number;
	uint64_t value;

	if (count < 2 || !ta_slice_ends(words[0], ":"))
		return false;
	number = ta_slice(words[0].data, words[0].len - 1);
	address = words[1];
	address = ta_slice_cut(&address, ':');
	return ta_slice_u64(number, &value) && (address.len == 8 || address.len == 32) &&
	       ta_parse_u64(address.data, 8, 16, &value);
}

static enum ta_take read_line(struct ta_reading *reading, void *ctx, const struct ta_line *line)
{
	struct state *state = ctx;
	struct ta_slice words[TA_LINE_WORDS];
	struct ta_socket socket;
	size_t count;

	if (ta_proc_tcp_decode(line->text.data, line->text.len, &socket)) {
		if (state->other || socket.state == TA_TCP_CLOSE) /* TCP does not list those */
			return TA_EMPTY;
		if (line->half)
			return ta_rows_half(&state->listing, reading, line, socket.state);
		take_row(state, reading, line, &socket);
		return TA_USED;
	}
	ta_line_words(line->text, words, &count);
	if (take_header(state, reading, line, words, count))
		return TA_EMPTY;
	if (begins_row(words, count))
		return ta_rows_wrong(&state->listing, reading, "cut short");
	return ta_rows_elided(&state->listing, line) ? TA_EMPTY : TA_NOT_MINE;
}

const struct ta_reader ta_read_proc_tcp = {
	.name = "/proc/net/tcp",
	.state_size = sizeof(struct state),
	.half_lines = true,
	.line = read_line,
	.end = end_listing,
};
