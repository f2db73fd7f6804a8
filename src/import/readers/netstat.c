/* netstat.c - listings of netstat on Linux (net-tools, busybox):
 *
 *   tcp  Recv-Q Send-Q Local:Port Foreign:Port State [User Inode] [PID/Program] [Timer (a/b/c)]
 *
 * The title above says which states are listed; without it somebody cut the output. Addresses are
 * cut to 22 characters with their port unless -W is given, so that an address of IPv6 of just that
 * length may be another one. The Send-Q of a listener is always 0: no backlog. */
#include <string.h>

#include "base/macros.h"
#include "import/readers/endpoint.h"
#include "import/readers/rows.h"
#include "import/readers/selection.h"
#include "snapshot/states.h"

enum { CUT_LENGTH = 23 }; /* address, ':' and port */

struct state {
	struct ta_selection selection;
	bool asked; /* selection was found */
	struct ta_rows listing;
	uint32_t titled; /* the states that the title names; 0: there was no title */
	bool wide;       /* some address was too long to be cut */
};

/* ---- titles ---- */

/* The title of the sockets of the internet. */
static bool is_title(struct ta_slice text, uint32_t *ret_states)
{
	static const struct {
		const char *which;
		uint32_t states;
	} titles[] = {
		{ "(servers and established)", TA_ALL_STATES },
		{ "(only servers)", 1u << TA_TCP_LISTEN },
		{ "(w/o servers)", TA_NOT_LISTEN },
	};
	size_t at;

	text = ta_slice_trim(text);
	if (!ta_slice_begins(text, "Active Internet connections "))
		return false;
	for (size_t i = 0; i < TA_ARRAY_SIZE(titles); i++) {
		*ret_states = titles[i].states;
		if (ta_slice_find(text, titles[i].which, &at))
			return true;
	}
	return false;
}

/* The line of columns, and what else stands between rows. */
static bool is_heading(struct ta_slice text, const struct ta_slice *words, size_t count)
{
	static const char *const beginnings[] = {
		"Active UNIX domain sockets",
		"Active Bluetooth",
		"(Not all processes could be identified",
		" will not be shown, you would have to be root",
	};

	for (size_t i = 0; i < TA_ARRAY_SIZE(beginnings); i++)
		if (ta_slice_begins(text, beginnings[i]))
			return true;
	return count >= 5 && ta_slice_equals(words[0], "Proto") &&
	       (ta_slice_equals(words[1], "Recv-Q") || ta_slice_equals(words[1], "RefCnt"));
}

/* Rows of other protocols: "udp 0 0 ...", "unix 2 [ ] DGRAM ...". */
static bool is_other(const struct ta_slice *words, size_t count)
{
	static const char *const protocols[] = { "udp",  "udp6", "udplite", "udplite6", "raw",
						 "raw6", "sctp", "icmp",    "icmp6" };
	uint64_t queue;

	if (count < 4 || !ta_slice_u64(words[1], &queue))
		return false;
	if (ta_slice_equals(words[0], "unix"))
		return words[2].data[0] == '[';
	for (size_t i = 0; i < TA_ARRAY_SIZE(protocols); i++)
		if (ta_slice_equals(words[0], protocols[i]))
			return ta_slice_u64(words[2], &queue);
	return false;
}

/* ---- behind the state ---- */

static enum ta_tcp_timer timer_of(struct ta_slice name, bool *ret_known)
{
	static const struct {
		const char *name;
		enum ta_tcp_timer timer;
	} timers[] = {
		{ "off", TA_TIMER_NONE },
		{ "on", TA_TIMER_RETRANS },
		{ "keepalive", TA_TIMER_KEEPALIVE },
		{ "timewait", TA_TIMER_TIMEWAIT },
		{ "probe", TA_TIMER_PROBE0 },
		{ "unkn-4", TA_TIMER_PROBE0 },
	};

	*ret_known = true;
	for (size_t i = 0; i < TA_ARRAY_SIZE(timers); i++)
		if (ta_slice_equals(name, timers[i].name))
			return timers[i].timer;
	*ret_known = false;
	return TA_TIMER_NONE;
}

/* "on (0.21/2/0)": seconds left, time-outs, probes. */
static bool read_timer(struct ta_slice name, struct ta_slice numbers, struct ta_socket *socket)
{
	struct ta_slice inner = numbers, seconds, times;
	uint64_t timeouts, probes, value;
	bool known;

	if (!ta_slice_begins(inner, "(") || !ta_slice_ends(inner, ")"))
		return false;
	inner = ta_slice(inner.data + 1, inner.len - 2);
	seconds = ta_slice_cut(&inner, '/');
	times = ta_slice_cut(&inner, '/');
	if (!seconds.len || !ta_slice_u64(times, &timeouts) || !ta_slice_u64(inner, &probes))
		return false;
	socket->timer = (uint8_t)timer_of(name, &known);
	if (!known)
		return false;
	value = socket->timer == TA_TIMER_RETRANS ? timeouts : probes;
	socket->retrans = value > UINT8_MAX ? UINT8_MAX : (uint8_t)value;
	socket->present |= TA_SOCKET_TIMER;
	return true;
}

/* "0 11388": the user by number (-n) or name, and the inode. */
static bool read_user(const struct ta_slice *words, size_t count, struct ta_socket *socket)
{
	uint64_t uid, inode;

	if (count < 2 || memchr(words[0].data, '/', words[0].len) ||
	    ta_slice_equals(words[0], "-") || !ta_slice_u64(words[1], &inode) || inode > UINT32_MAX)
		return false;
	socket->inode = (uint32_t)inode;
	socket->present |= TA_SOCKET_INODE;
	if (ta_slice_u64(words[0], &uid) && uid <= UINT32_MAX) {
		socket->uid = (uint32_t)uid;
		socket->present |= TA_SOCKET_UID;
	}
	return true;
}

/* "1234/nginx: worker": the name may hold blanks, and ends where the words end. */
static bool read_program(struct ta_slice first, struct ta_slice last, struct ta_holder_name *ret)
{
	struct ta_slice pid = ta_slice_cut(&first, '/');
	uint64_t number;

	if (!ta_slice_u64(pid, &number) || !number || number > UINT32_MAX || !first.len)
		return false;
	ret->pid = (uint32_t)number;
	ret->of_command = true;
	ret->name = ta_slice(first.data, (size_t)(last.data + last.len - first.data));
	return true;
}

/* All that is there; which columns there are shows in them. */
static size_t read_columns(const struct ta_slice *words, size_t count, struct ta_socket *socket,
			   struct ta_holder_name *ret_holder)
{
	size_t at = 0;

	if (count >= 2 && read_timer(words[count - 2], words[count - 1], socket))
		count -= 2;
	if (read_user(words, count, socket))
		at = 2;
	return at < count && read_program(words[at], words[count - 1], ret_holder);
}

/* ---- a row ---- */

/* The words up to the state. */
enum { PROTO, RECV_Q, SEND_Q, LOCAL, FOREIGN, STATE, COLUMNS };

static bool is_tcp(struct ta_slice word)
{
	return ta_slice_equals(word, "tcp") || ta_slice_equals(word, "tcp6");
}

static bool may_be_cut(const struct state *state, struct ta_slice text,
		       const struct ta_endpoint_text *endpoint)
{
	return text.len == CUT_LENGTH && endpoint->bare && !state->wide && !state->selection.wide;
}

static void read_queues(const struct ta_slice *words, struct ta_socket *socket)
{
	uint64_t received, sent;

	if (!ta_slice_u64(words[RECV_Q], &received) || !ta_slice_u64(words[SEND_Q], &sent) ||
	    received > UINT32_MAX || sent > UINT32_MAX)
		return;
	socket->rqueue = (uint32_t)received;
	socket->wqueue = (uint32_t)sent;
	socket->present |= TA_SOCKET_QUEUES;
}

/* Addresses and ports; NULL, or why they are not known. */
static const char *read_ends(struct state *state, const struct ta_slice *words,
			     struct ta_socket *socket, bool *ret_malformed)
{
	const bool v6 = ta_slice_equals(words[PROTO], "tcp6");
	struct ta_endpoint_text ends[2];

	for (size_t i = 0; i < 2; i++) {
		struct ta_slice text = words[LOCAL + i];
		enum ta_endpoint_kind kind = ta_endpoint_read(text, TA_ENDPOINT_COLON, &ends[i]);

		state->wide |= text.len > CUT_LENGTH;
		if (kind == TA_ENDPOINT_NONE) {
			*ret_malformed = true;
			return "an address without a port";
		}
		if (kind != TA_ENDPOINT_FOUND && text.len == CUT_LENGTH)
			return "an address is cut; netstat -W shows all of it";
		if (kind != TA_ENDPOINT_FOUND)
			return "a name stands for an address or a port; netstat -n shows numbers";
		if (may_be_cut(state, text, &ends[i]))
			return "an address may be cut; netstat -W shows all of it";
		if (ends[i].star)
			ta_address_set_any(ends[i].endpoint.address, !v6);
	}
	socket->local = ends[0].endpoint;
	socket->remote = ends[1].endpoint;
	socket->family = ta_socket_family(!v6);
	return NULL;
}

static enum ta_take read_row(struct state *state, struct ta_reading *reading,
			     const struct ta_line *line, const struct ta_slice *words, size_t count)
{
	const struct ta_state *known = ta_state_find(words[STATE].data, words[STATE].len);
	struct ta_socket socket = { .present = 0 };
	struct ta_holder_name holder;
	bool malformed = false;
	const char *why;
	size_t holders;

	if (!known || known->number > TA_TCP_CLOSING)
		return ta_rows_wrong(&state->listing, reading, "the state is not known");
	socket.state = (uint8_t)known->number;
	read_queues(words, &socket);
	why = read_ends(state, words, &socket, &malformed);
	if (malformed)
		return ta_rows_wrong(&state->listing, reading, why);
	if (why)
		return ta_rows_unplaced(&state->listing, reading, line, socket.state, why);
	holders = read_columns(words + COLUMNS, count - COLUMNS, &socket, &holder);
	return ta_rows_take(&state->listing, reading, line, &socket, &holder, holders);
}

/* Whether this is a row of TCP, whole or cut short; those of BSD have no ':' before their ports. */
static bool begins_row(const struct state *state, const struct ta_slice *words, size_t count)
{
	struct ta_endpoint_text end;
	uint64_t queue;

	if (count < 3 || !is_tcp(words[PROTO]) || !ta_slice_u64(words[RECV_Q], &queue) ||
	    !ta_slice_u64(words[SEND_Q], &queue))
		return false;
	if (count <= FOREIGN || state->listing.begun)
		return state->listing.begun;
	return ta_endpoint_read(words[LOCAL], TA_ENDPOINT_COLON, &end) != TA_ENDPOINT_NONE;
}

static void end_listing(struct ta_reading *reading, void *of)
{
	struct state *state = of;
	const struct ta_selection *selection = &state->selection;
	uint32_t covers = state->titled;

	if (covers)
		covers |= selection->family;
	if (selection->known && !ta_selection_covers(selection, &reading->command))
		covers = 0;
	ta_rows_end(&state->listing, reading, covers);
}

static enum ta_take take_title(struct state *state, struct ta_reading *reading,
			       const struct ta_line *line, uint32_t states)
{
	end_listing(reading, state);
	state->titled = states;
	state->wide = false;
	ta_rows_begin(&state->listing, line);
	return TA_EMPTY;
}

static enum ta_take read_line(struct ta_reading *reading, void *ctx, const struct ta_line *line)
{
	struct state *state = ctx;
	struct ta_slice words[TA_LINE_WORDS];
	uint32_t states;
	size_t count;

	if (!state->asked)
		ta_selection_find(&reading->command, &state->selection);
	state->asked = true;
	ta_line_words(line->text, words, &count);
	if (is_title(line->text, &states))
		return take_title(state, reading, line, states);
	if (is_heading(line->text, words, count) || is_other(words, count))
		return TA_EMPTY;
	if (!begins_row(state, words, count))
		return ta_rows_elided(&state->listing, line) ? TA_EMPTY : TA_NOT_MINE;
	if (count <= STATE)
		return ta_rows_wrong(&state->listing, reading, "cut short");
	return read_row(state, reading, line, words, count);
}

const struct ta_reader ta_read_netstat = {
	.name = "netstat",
	.state_size = sizeof(struct state),
	.half_lines = true,
	.line = read_line,
	.end = end_listing,
};
