/* netstat_bsd.c - listings of netstat elsewhere:
 *
 *   tcp4       0      0  10.0.0.1.443   10.0.0.2.52344   ESTABLISHED      macOS, BSD, AIX
 *   TCP    10.0.0.1:443   10.0.0.2:52344   ESTABLISHED   1234             Windows
 *
 * Neither tells backlogs or timers. */
#include "base/macros.h"
#include "import/readers/endpoint.h"
#include "import/readers/rows.h"
#include "import/readers/selection.h"
#include "snapshot/states.h"

struct state {
	struct ta_rows listing;
};

/* Where a row has its words. */
struct layout {
	enum ta_endpoint_style style;
	size_t queues; /* words */
	size_t ends;   /* index of the local address */
	bool pid;      /* behind the state */
};

static const struct layout bsd = { TA_ENDPOINT_DOT, 2, 3, false };
static const struct layout windows = { TA_ENDPOINT_COLON, 0, 1, true };

static bool is_one_of(struct ta_slice word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (ta_slice_equals(word, words[i]))
			return true;
	return false;
}

/* How a row with this first word is laid out; NULL: it is of no TCP socket. */
static const struct layout *layout_of(struct ta_slice word)
{
	static const char *const names[] = { "tcp4", "tcp6", "tcp46", "tcp" };

	if (is_one_of(word, names, TA_ARRAY_SIZE(names)))
		return &bsd;
	return ta_slice_equals(word, "TCP") ? &windows : NULL;
}

static bool is_heading(const struct ta_slice *words, size_t count)
{
	if (count < 2)
		return false;
	if (ta_slice_equals(words[0], "Active"))
		return ta_slice_equals(words[1], "Connections") ||
		       (count >= 3 && ta_slice_equals(words[1], "Internet") &&
			ta_slice_equals(words[2], "connections"));
	return count >= 5 && ta_slice_equals(words[0], "Proto") &&
	       (ta_slice_equals(words[1], "Recv-Q") || ta_slice_equals(words[1], "Local"));
}

/* Rows of UDP: "udp4 0 0 *.68 *.*", "UDP 0.0.0.0:123 *:* 1234". */
static bool is_other(const struct ta_slice *words, size_t count)
{
	static const char *const names[] = { "udp4", "udp6", "udp46", "udp" };
	struct ta_endpoint_text end;

	if (count >= 5 && is_one_of(words[0], names, TA_ARRAY_SIZE(names)))
		return ta_endpoint_read(words[3], TA_ENDPOINT_DOT, &end) != TA_ENDPOINT_NONE;
	return count >= 3 && ta_slice_equals(words[0], "UDP") &&
	       ta_endpoint_read(words[1], TA_ENDPOINT_COLON, &end) != TA_ENDPOINT_NONE;
}

static bool read_queues(const struct layout *layout, const struct ta_slice *words,
			struct ta_socket *socket)
{
	uint64_t received, sent;

	if (!layout->queues)
		return true;
	if (!ta_slice_u64(words[1], &received) || !ta_slice_u64(words[2], &sent))
		return false;
	if (received > UINT32_MAX || sent > UINT32_MAX)
		return true;
	socket->rqueue = (uint32_t)received;
	socket->wqueue = (uint32_t)sent;
	socket->present |= TA_SOCKET_QUEUES;
	return true;
}

/* The process of a row of Windows; 0 is that of sockets which no process has any more. */
static size_t read_pid(const struct layout *layout, const struct ta_slice *words, size_t count,
		       size_t at, struct ta_holder_name *ret)
{
	uint64_t pid;

	if (!layout->pid || at >= count || !ta_slice_u64(words[at], &pid) || !pid ||
	    pid > UINT32_MAX)
		return 0;
	*ret = (struct ta_holder_name){ .pid = (uint32_t)pid };
	return 1;
}

/* A "*" is of the family that the first word says. */
static void place(const struct ta_slice *words, struct ta_endpoint_text ends[2],
		  struct ta_socket *socket)
{
	bool v4 = ta_slice_equals(words[0], "tcp4") || ta_slice_equals(words[0], "tcp") ||
		  (ta_slice_equals(words[0], "TCP") && ends[0].v4);

	for (size_t i = 0; i < 2; i++)
		if (ends[i].star)
			ta_address_set_any(ends[i].endpoint.address, v4);
	socket->local = ends[0].endpoint;
	socket->remote = ends[1].endpoint;
	socket->family = ta_socket_family(v4);
}

static enum ta_take read_row(struct state *state, struct ta_reading *reading,
			     const struct ta_line *line, const struct ta_slice *words, size_t count)
{
	const struct layout *layout = layout_of(words[0]);
	struct ta_endpoint_text ends[2];
	struct ta_socket socket = { .present = 0 };
	struct ta_holder_name holder;
	enum ta_endpoint_kind kinds[2];
	const struct ta_state *known;
	size_t at;

	if (!layout || count < layout->ends + 2 || !read_queues(layout, words, &socket))
		return TA_NOT_MINE;
	for (size_t i = 0; i < 2; i++) {
		kinds[i] = ta_endpoint_read(words[layout->ends + i], layout->style, &ends[i]);
		if (kinds[i] == TA_ENDPOINT_NONE)
			return TA_NOT_MINE;
	}
	at = layout->ends + 2;
	known = at < count ? ta_state_find(words[at].data, words[at].len) : NULL;
	if (!known || known->number > TA_TCP_CLOSING)
		return ta_rows_wrong(&state->listing, reading, "the state is not known");
	socket.state = (uint8_t)known->number;
	if (kinds[0] == TA_ENDPOINT_NAMED || kinds[1] == TA_ENDPOINT_NAMED)
		return ta_rows_unplaced(&state->listing, reading, line, socket.state,
					"a name stands for an address or a port");
	place(words, ends, &socket);
	return ta_rows_take(&state->listing, reading, line, &socket, &holder,
			    read_pid(layout, words, count, at + 1, &holder));
}

/* Without -a listeners are not shown; what else the options do differs from system to system, and
 * the rows tell it. */
static void end_listing(struct ta_reading *reading, void *of)
{
	struct state *state = of;
	struct ta_selection selection;
	uint32_t covers = ta_rows_guess(&state->listing);

	ta_selection_find(&reading->command, &selection);
	if (selection.known && !ta_selection_covers(&selection, &reading->command))
		covers = 0;
	ta_rows_end(&state->listing, reading, covers);
}

static enum ta_take read_line(struct ta_reading *reading, void *ctx, const struct ta_line *line)
{
	struct state *state = ctx;
	struct ta_slice words[TA_LINE_WORDS];
	enum ta_take take;
	size_t count;

	ta_line_words(line->text, words, &count);
	if (is_heading(words, count)) {
		if (state->listing.met)
			end_listing(reading, state);
		ta_rows_begin(&state->listing, line);
		return TA_EMPTY;
	}
	if (is_other(words, count))
		return TA_EMPTY;
	take = count ? read_row(state, reading, line, words, count) : TA_NOT_MINE;
	if (take == TA_NOT_MINE && ta_rows_elided(&state->listing, line))
		return TA_EMPTY;
	return take;
}

const struct ta_reader ta_read_netstat_bsd = {
	.name = "netstat (not Linux)",
	.state_size = sizeof(struct state),
	.half_lines = true,
	.line = read_line,
	.end = end_listing,
};
