/* ss.c - listings of ss (iproute2), of all versions and options:
 *
 *   [Netid] [State] [Recv-Q Send-Q] Local:Port Peer:Port [users:(...) timer:(...) ino:...]
 *
 * Netid is there when several kinds of sockets are listed, State is not when the command selects
 * one, the queues are not with -Q. A narrow terminal breaks a row before an address, and -i and -m
 * put a second line below it: what begins with a blank continues the row above, so that a row is
 * noted when the next line shows that it is complete. */
#include <string.h>

#include "base/macros.h"
#include "base/number.h"
#include "import/readers/endpoint.h"
#include "import/readers/rows.h"
#include "import/readers/selection.h"
#include "snapshot/states.h"

enum {
	ROW_MAX = 8192, /* of one that may be continued: 250 holders */
	HOLDERS_MAX = 256,
};

/* How far the text of a row got. */
enum extent {
	NO_ROW,
	OTHER_ROW, /* of another protocol */
	HALF_ROW,  /* an address is still to come */
	ODD_ROW,   /* its state is known, its addresses are not */
	BAD_ROW,
	WHOLE_ROW,
};

struct row {
	struct ta_socket socket;
	bool kind;               /* it has a Netid */
	struct ta_slice details; /* behind the addresses */
	const char *wrong;       /* of ODD_ROW and BAD_ROW */
};

struct state {
	struct ta_selection selection;
	bool asked;     /* selection was found */
	bool stateless; /* the header has no State */
	bool queueless; /* nor Recv-Q */
	bool foreign;   /* rows without Netid that are of another protocol */
	bool old;       /* before 4.13: "*" is of IPv4 */
	struct ta_rows listing;
	/* the row that may be continued */
	uint64_t number;
	enum extent extent;
	size_t len;
	char text[ROW_MAX];
};

/* ---- words ---- */

/* All that ss calls a kind of socket; TCP first. */
static const char *const netids[] = {
	"tcp",   "udp",   "raw",   "u_str", "u_dgr", "u_seq", "nl",     "p_raw",   "p_dgr",
	"icmp6", "mptcp", "v_str", "v_dgr", "sctp",  "dccp",  "xdp",    "ti_rd",   "ti_sq",
	"ti_st", "ti_dg", "???",   "unix",  "tipc",  "vsock", "packet", "netlink",
};

static size_t netid_of(struct ta_slice word)
{
	size_t i = 0;

	while (i < TA_ARRAY_SIZE(netids) && !ta_slice_equals(word, netids[i]))
		i++;
	return i;
}

/* 0 when the word is no state: a number is none, whatever /proc/net/tcp may mean by it. */
static unsigned state_of(struct ta_slice word)
{
	const struct ta_state *state;

	if (!word.len || word.data[0] < 'A' || word.data[0] > 'Z')
		return 0;
	state = ta_state_find(word.data, word.len);
	return state && state->number <= TA_TCP_CLOSING ? state->number : 0;
}

/* ---- details ---- */

/* The text behind " key" in the details; false when it is not there. */
static bool find_detail(struct ta_slice details, const char *key, struct ta_slice *ret)
{
	size_t at;

	while (ta_slice_find(details, key, &at)) {
		size_t end = at + strlen(key);

		*ret = ta_slice(details.data + end, details.len - end);
		if (at == 0 || strchr(" \t", details.data[at - 1]))
			return true;
		details = *ret;
	}
	return false;
}

/* The number that the text begins with. */
static bool leading_number(struct ta_slice text, uint64_t *ret)
{
	size_t digits = 0;

	while (digits < text.len && text.data[digits] >= '0' && text.data[digits] <= '9')
		digits++;
	return ta_parse_u64(text.data, digits, 10, ret);
}

static bool detail_u32(struct ta_slice details, const char *key, uint32_t *ret)
{
	struct ta_slice text;
	uint64_t number;

	if (!find_detail(details, key, &text) || !leading_number(text, &number) ||
	    number > UINT32_MAX)
		return false;
	*ret = (uint32_t)number;
	return true;
}

/* "keepalive,12min,0)": kind, time left, time-outs or probes. */
static bool read_timer(struct ta_slice text, struct ta_socket *socket)
{
	static const struct {
		const char *name;
		enum ta_tcp_timer timer;
	} timers[] = {
		{ "off", TA_TIMER_NONE },
		{ "on", TA_TIMER_RETRANS },
		{ "keepalive", TA_TIMER_KEEPALIVE },
		{ "timewait", TA_TIMER_TIMEWAIT },
		{ "persist", TA_TIMER_PROBE0 },
	};
	struct ta_slice inner = ta_slice_cut(&text, ')');
	struct ta_slice kind = ta_slice_cut(&inner, ',');
	uint64_t times;

	ta_slice_cut(&inner, ',');
	if (!ta_slice_u64(inner, &times))
		return false;
	for (size_t i = 0; i < TA_ARRAY_SIZE(timers); i++) {
		if (!ta_slice_equals(kind, timers[i].name))
			continue;
		socket->timer = (uint8_t)timers[i].timer;
		socket->retrans = times > UINT8_MAX ? UINT8_MAX : (uint8_t)times;
		return true;
	}
	return false;
}

/* With -e the kernel's handle ("sk:") is in every row: then no timer is none, and no uid is root's.
 */
static void read_details(struct ta_slice details, bool timers, struct ta_socket *socket)
{
	struct ta_slice text;
	uint64_t drops;
	size_t at;

	if (find_detail(details, "timer:(", &text)) {
		if (read_timer(text, socket))
			socket->present |= TA_SOCKET_TIMER;
	} else if (timers || find_detail(details, "sk:", &text)) {
		socket->present |= TA_SOCKET_TIMER;
	}
	if (detail_u32(details, "ino:", &socket->inode))
		socket->present |= TA_SOCKET_INODE;
	if (detail_u32(details, "uid:", &socket->uid) ||
	    ((socket->present & TA_SOCKET_INODE) && find_detail(details, "sk:", &text)))
		socket->present |= TA_SOCKET_UID;
	socket->silence_told = detail_u32(details, "lastack:", &socket->silence_ms);
	if (!find_detail(details, "skmem:(", &text))
		return;
	text = ta_slice_cut(&text, ')');
	if (ta_slice_find(text, ",d", &at) &&
	    ta_slice_u64(ta_slice(text.data + at + 2, text.len - at - 2), &drops) &&
	    drops <= UINT32_MAX) {
		socket->drops = (uint32_t)drops;
		socket->present |= TA_SOCKET_DROPS;
	}
}

/* One of ("name",pid=1234,fd=3), ("name",pid=1234,tid=1235,fd=3) and, before 3.14,
 * ("name",1234,3); what is behind it stays in *rest. */
static bool next_holder(struct ta_slice *rest, struct ta_holder_name *ret)
{
	const char *quote;
	struct ta_slice name, pid;
	uint64_t number;

	if (!ta_slice_begins(*rest, "(\""))
		return false;
	name = ta_slice(rest->data + 2, rest->len - 2);
	quote = memmem(name.data, name.len, "\",", 2);
	if (!quote)
		return false;
	name.len = (size_t)(quote - name.data);
	*rest = ta_slice(quote + 2, rest->len - name.len - 4);
	pid = ta_slice_cut(rest, ',');
	if (ta_slice_begins(pid, "pid="))
		pid = ta_slice(pid.data + 4, pid.len - 4);
	if (!ta_slice_u64(pid, &number) || !number || number > UINT32_MAX)
		return false;
	ret->pid = (uint32_t)number;
	ret->name = name;
	ret->of_command = false;
	ta_slice_cut(rest, ')');
	if (ta_slice_begins(*rest, ","))
		*rest = ta_slice(rest->data + 1, rest->len - 1);
	return true;
}

/* Cuts "users:(...)" off the details: a process name may hold anything. */
static size_t cut_holders(struct ta_slice *details, struct ta_holder_name holders[HOLDERS_MAX])
{
	struct ta_slice text;
	size_t count = 0;

	if (!find_detail(*details, "users:(", &text))
		return 0;
	while (count < HOLDERS_MAX && next_holder(&text, &holders[count]))
		count++;
	*details = text;
	return count;
}

/* ---- a row ---- */

/* What is still to be read of it. */
struct cursor {
	struct ta_slice words[TA_LINE_WORDS];
	size_t count, at;
};

static struct ta_slice peek(const struct cursor *c)
{
	return c->at < c->count ? c->words[c->at] : ta_slice(NULL, 0);
}

/* Netid and State. */
static enum extent read_kind(const struct state *state, struct cursor *c, struct row *row)
{
	const struct ta_selection *selection = &state->selection;
	size_t netid = netid_of(peek(c));
	bool other = netid > 0 && netid < TA_ARRAY_SIZE(netids);

	row->kind = netid < TA_ARRAY_SIZE(netids);
	c->at += row->kind;
	row->socket.state = (uint8_t)state_of(peek(c));
	if (row->socket.state)
		c->at++;
	else if (!state->stateless && !selection->headless)
		return NO_ROW;
	if (row->socket.state || other)
		return other ? OTHER_ROW : WHOLE_ROW;
	row->wrong = "its state is not told";
	if (!selection->states || (selection->states & (selection->states - 1)))
		return BAD_ROW;
	row->socket.state = (uint8_t)__builtin_ctz(selection->states);
	return WHOLE_ROW;
}

/* What a number that is none looks like: "-1", 99999999999999999999, "0x10". */
static bool begins_number(struct ta_slice word)
{
	return word.len && (word.data[0] == '-' || (word.data[0] >= '0' && word.data[0] <= '9'));
}

/* Recv-Q and Send-Q, which -Q leaves out. */
static bool read_queues(struct cursor *c, struct ta_socket *socket)
{
	uint64_t received, sent;

	if (c->at + 1 >= c->count || !ta_slice_u64(c->words[c->at], &received) ||
	    !ta_slice_u64(c->words[c->at + 1], &sent))
		return false;
	c->at += 2;
	if (received > UINT32_MAX || sent > UINT32_MAX)
		return true;
	socket->rqueue = (uint32_t)received;
	socket->wqueue = (uint32_t)sent;
	socket->present |= TA_SOCKET_QUEUES;
	/* Without tcp_diag ss reads /proc/net/tcp, which has a 0 here. */
	if (socket->state == TA_TCP_LISTEN && sent)
		socket->present |= TA_SOCKET_BACKLOG;
	return true;
}

/* Before 4.13 "*" is the wildcard of IPv4, since then that of a socket of both. */
static void settle_star(const struct state *state, struct ta_endpoint_text *text)
{
	if (!text->star || !state->old)
		return;
	text->v4 = true;
	ta_address_set_any(text->endpoint.address, true);
}

static enum extent read_addresses(struct state *state, struct cursor *c, struct row *row)
{
	struct ta_endpoint_text ends[2]; /* ours, the peer's */
	enum ta_endpoint_kind kinds[2];

	for (size_t i = 0; i < 2; i++) {
		if (c->at >= c->count)
			return HALF_ROW;
		kinds[i] = ta_endpoint_read(c->words[c->at++], TA_ENDPOINT_COLON, &ends[i]);
		if (kinds[i] != TA_ENDPOINT_NONE)
			continue;
		row->wrong = i ? "no address of the peer" : "no address";
		return i || state->listing.begun ? BAD_ROW : NO_ROW;
	}
	if (kinds[0] == TA_ENDPOINT_NAMED || kinds[1] == TA_ENDPOINT_NAMED) {
		row->wrong = "a name stands for an address or a port; ss -n shows numbers";
		return ODD_ROW;
	}
	state->old |= ends[0].bare || ends[1].bare;
	settle_star(state, &ends[0]);
	settle_star(state, &ends[1]);
	row->socket.local = ends[0].endpoint;
	row->socket.remote = ends[1].endpoint;
	row->socket.family = ta_socket_family(ends[0].v4);
	return WHOLE_ROW;
}

static struct ta_slice behind(struct ta_slice text, struct ta_slice word)
{
	const char *end = word.data + word.len;

	return ta_slice(end, text.len - (size_t)(end - text.data));
}

static enum extent read_row(struct state *state, struct ta_slice text, struct row *row)
{
	struct cursor c = { .at = 0 };
	enum extent extent;
	bool queues;

	memset(row, 0, sizeof(*row));
	ta_line_words(text, c.words, &c.count);
	if (c.count < 3)
		return NO_ROW;
	extent = read_kind(state, &c, row);
	if (extent == NO_ROW || extent == BAD_ROW)
		return extent;
	queues = read_queues(&c, &row->socket);
	if (extent == OTHER_ROW)
		return queues || c.at < c.count ? OTHER_ROW : NO_ROW;
	extent = read_addresses(state, &c, row);
	if (!queues && !state->queueless && !state->selection.queueless) {
		row->wrong = "no numbers for its queues";
		return state->listing.begun && begins_number(peek(&c)) ? BAD_ROW : NO_ROW;
	}
	if (extent == HALF_ROW && !state->listing.begun)
		return NO_ROW;
	if (extent == WHOLE_ROW)
		row->details = behind(text, c.words[c.at - 1]);
	return extent;
}

/* ---- rows that wait for their second line ---- */

static enum ta_take note(struct state *state, struct ta_reading *reading,
			 const struct ta_line *line, struct row *row)
{
	struct ta_holder_name holders[HOLDERS_MAX];
	size_t count = cut_holders(&row->details, holders);

	read_details(row->details, state->selection.timers, &row->socket);
	return ta_rows_take(&state->listing, reading, line, &row->socket, holders, count);
}

/* Notes the row that waited. */
static void flush(struct state *state, struct ta_reading *reading)
{
	const struct ta_line line = { .text = ta_slice(state->text, state->len),
				      .number = state->number };
	enum extent extent = state->extent;
	struct row row;

	state->extent = NO_ROW;
	if (extent == WHOLE_ROW && read_row(state, line.text, &row) == WHOLE_ROW)
		note(state, reading, &line, &row);
	else if (extent == HALF_ROW)
		state->listing.partial = true;
}

/* Keeps the row until its second line has come; false when it is too long for that. */
static bool keep(struct state *state, const struct ta_line *line, enum extent extent)
{
	if (line->text.len > sizeof(state->text))
		return false;
	memcpy(state->text, line->text.data, line->text.len);
	state->len = line->text.len;
	state->number = line->number;
	state->extent = extent;
	state->listing.begun = true;
	return true;
}

/* What -i, -m, -o, -e and -p print, or a blank line of their width. */
static bool is_detail(struct ta_slice text)
{
	static const char *const words[] = {
		"users:((", "skmem:(", "mem:(", "cwnd:", "rto:", "wscale:", "timer:(",  "ino:",
		"tcp-ulp-", "cgroup:", "sk:",   "uid:",  "mss:", "bbr:(",   "proc_ctx="
	};
	struct ta_slice found;

	for (size_t i = 0; i < TA_ARRAY_SIZE(words); i++)
		if (find_detail(text, words[i], &found))
			return true;
	return false;
}

static bool append(struct state *state, struct ta_slice text)
{
	if (text.len + 1 > sizeof(state->text) - state->len)
		return false;
	state->text[state->len++] = ' ';
	memcpy(state->text + state->len, text.data, text.len);
	state->len += text.len;
	return true;
}

static bool is_indented(struct ta_slice text)
{
	return text.len && (text.data[0] == ' ' || text.data[0] == '\t');
}

/* The second line of a row; of one that is not kept it tells nothing. */
static enum ta_take continue_row(struct state *state, struct ta_slice text)
{
	size_t len = state->len;
	struct row row;

	if (state->extent != HALF_ROW) {
		if (!state->listing.begun || !is_indented(text) || !is_detail(text))
			return TA_NOT_MINE;
		return state->extent == WHOLE_ROW && append(state, text) ? TA_USED : TA_EMPTY;
	}
	if (!append(state, text))
		return TA_NOT_MINE;
	if (read_row(state, ta_slice(state->text, state->len), &row) == WHOLE_ROW) {
		state->extent = WHOLE_ROW;
		return TA_USED;
	}
	state->len = len;
	return TA_NOT_MINE;
}

/* ---- the listing ---- */

/* Columns of the header; ADDRESS stands behind "Local" and "Peer". */
enum column { NETID, STATE, QUEUE, SEND_QUEUE, LOCAL, ADDRESS, PORT, PEER, PROCESS };

/* A bit for each column of a header, whose words some versions do not separate; 0: it is none. */
static uint32_t find_columns(struct ta_slice text)
{
	static const char *const names[] = {
		[NETID] = "Netid",       [STATE] = "State", [QUEUE] = "Recv-Q",
		[SEND_QUEUE] = "Send-Q", [LOCAL] = "Local", [ADDRESS] = "Address",
		[PORT] = ":Port",        [PEER] = "Peer",   [PROCESS] = "Process",
	};
	uint32_t columns = 0;

	for (text = ta_slice_trim(text); text.len; text = ta_slice_trim(text)) {
		size_t i = 0;

		while (i < TA_ARRAY_SIZE(names) && !ta_slice_begins(text, names[i]))
			i++;
		if (i == TA_ARRAY_SIZE(names))
			return 0;
		columns |= 1u << i;
		text = ta_slice(text.data + strlen(names[i]), text.len - strlen(names[i]));
	}
	return columns >> PORT & 1 ? columns : 0;
}

static void end_listing(struct ta_reading *reading, void *of)
{
	struct state *state = of;
	const struct ta_selection *selection = &state->selection;
	uint32_t covers = 0;

	flush(state, reading);
	if (!selection->known && !state->foreign)
		covers = ta_rows_guess(&state->listing);
	else if (state->listing.headed || selection->headless)
		covers = ta_selection_covers(selection, &reading->command);
	if (selection->suspect && state->listing.met)
		covers = 0; /* what is there was picked; that nothing is there is the whole truth */
	ta_rows_end(&state->listing, reading, covers);
	state->foreign = false;
	state->old = false;
}

static enum ta_take take_header(struct state *state, struct ta_reading *reading,
				const struct ta_line *line, uint32_t columns)
{
	if (!(columns >> LOCAL & 1)) /* what a narrow terminal put below it */
		return TA_EMPTY;
	end_listing(reading, state);
	ta_rows_begin(&state->listing, line);
	state->stateless = !(columns >> STATE & 1);
	state->queueless = !(columns >> QUEUE & 1);
	return TA_EMPTY;
}

static enum ta_take take_row(struct state *state, struct ta_reading *reading,
			     const struct ta_line *line)
{
	struct row row;
	enum extent extent = read_row(state, line->text, &row);

	if (extent == NO_ROW)
		return TA_NOT_MINE;
	flush(state, reading);
	/* Rows of UDP look the same without a Netid, but for the state that TCP does not have. */
	if (!state->selection.known && !row.kind && row.socket.state == TA_TCP_CLOSE)
		state->foreign = true;
	if (extent == OTHER_ROW || state->foreign ||
	    (state->selection.known && !state->selection.states))
		return TA_EMPTY;
	if (extent == BAD_ROW)
		return ta_rows_wrong(&state->listing, reading, row.wrong);
	if (extent == ODD_ROW)
		return ta_rows_unplaced(&state->listing, reading, line, row.socket.state,
					row.wrong);
	if (line->half)
		return extent == WHOLE_ROW
			       ? ta_rows_half(&state->listing, reading, line, row.socket.state)
			       : ta_rows_wrong(&state->listing, reading, "cut short");
	if (keep(state, line, extent))
		return extent == WHOLE_ROW ? TA_USED : TA_EMPTY;
	if (extent == HALF_ROW)
		return ta_rows_wrong(&state->listing, reading, "cut short");
	return note(state, reading, line, &row);
}

static enum ta_take read_line(struct ta_reading *reading, void *ctx, const struct ta_line *line)
{
	struct state *state = ctx;
	uint32_t columns = find_columns(line->text);
	enum ta_take take;

	if (!state->asked)
		ta_selection_find(&reading->command, &state->selection);
	state->asked = true;
	if (columns)
		return take_header(state, reading, line, columns);
	take = take_row(state, reading, line);
	if (take == TA_NOT_MINE && !line->half)
		take = continue_row(state, line->text);
	if (take == TA_NOT_MINE && ta_rows_elided(&state->listing, line))
		return TA_EMPTY;
	return take;
}

const struct ta_reader ta_read_ss = {
	.name = "ss",
	.state_size = sizeof(struct state),
	.half_lines = true,
	.line = read_line,
	.end = end_listing,
};
