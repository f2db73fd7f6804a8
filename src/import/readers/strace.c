/* strace.c - system calls that failed, and the backlogs of listen(), in the output of strace.
 *
 *	[pid  1234] 12:34:56.123456 connect(3, {sa_family=AF_INET, sin_port=htons(443),
 *	sin_addr=inet_addr("10.0.0.5")}, 16) = -1 EADDRNOTAVAIL (Cannot assign requested address)
 *
 * on one line, with process ids in three forms and stamps in four. A call that another thread
 * interrupts is on two lines, of which the second has the result ("<... connect resumed>"). What a
 * program wrote or read is in quotes, so the result is looked for behind them. */
#include <stdio.h>

#include "import/reader.h"
#include "import/readers/faults.h"
#include "import/readers/places.h"
#include "import/readers/scan.h"

enum {
	UNFINISHED_MAX = 64,
	SOCKETS_MAX = 256,
	ADDRESS_MAX = 64,
	NAME_MAX = 32,
	ARGS_MAX = 384,
};

/* The call that a process is in. */
struct unfinished {
	uint64_t pid;
	char name[NAME_MAX]; /* "": the row is free */
	char args[ARGS_MAX];
};

/* What is known of a descriptor. */
struct opened {
	bool used;
	uint64_t pid, fd;
	bool datagram;
	uint16_t port; /* that it is bound to; 0: none that was told */
};

struct state {
	struct unfinished unfinished[UNFINISHED_MAX];
	struct opened opened[SOCKETS_MAX];
	size_t next_unfinished, next_opened; /* which is to give way */
	bool summary;                        /* within the table of strace -c */
};

struct call {
	uint64_t pid; /* 0: not told */
	struct ta_slice name, args, result;
	bool begins, ends; /* one of the two lines: unfinished, resumed */
};

/* ---- the line ---- */

static bool take(struct ta_slice *text, const char *words)
{
	if (!ta_slice_begins(*text, words))
		return false;
	*text = ta_slice_from(*text, strlen(words));
	return true;
}

static void take_blanks(struct ta_slice *text)
{
	*text = ta_slice_from(*text, ta_slice_run(*text, 0, ta_is_blank));
}

static bool take_number(struct ta_slice *text, uint64_t *ret)
{
	size_t digits = ta_slice_run(*text, 0, ta_is_digit);

	if (!ta_slice_u64(ta_slice_until(*text, digits), ret))
		return false;
	*text = ta_slice_from(*text, digits);
	return true;
}

/* "[pid  1234] ", "1234  ", and nothing. */
static uint64_t take_pid(struct ta_slice *text)
{
	struct ta_slice rest = *text;
	bool bracket = take(&rest, "[pid");
	uint64_t pid;

	take_blanks(&rest);
	if (!take_number(&rest, &pid) ||
	    (bracket ? !take(&rest, "]") : !ta_is_blank(ta_slice_at(rest, 0))))
		return 0;
	take_blanks(&rest);
	*text = rest;
	return pid;
}

static bool is_stamp_byte(char c)
{
	return ta_is_digit(c) || c == ':' || c == '.' || c == '(' || c == '+' || c == ')';
}

/* "12:34:56.123456 ", "1570000000.123456 ", "     0.000012 ", "(+     0.000123) ". */
static void take_stamp(struct ta_slice *text)
{
	struct ta_slice rest = *text;
	size_t len;

	(void)take(&rest, "(+");
	take_blanks(&rest);
	len = ta_slice_run(rest, 0, is_stamp_byte);
	if (!len || !ta_is_digit(ta_slice_at(rest, 0)) || !ta_is_blank(ta_slice_at(rest, len)))
		return;
	*text = ta_slice_from(rest, len);
	take_blanks(text);
}

static bool is_name(char c)
{
	return ta_text_is_word_byte(c);
}

/* The result is behind the last ") = ", however many blanks are between: strings come before. */
static bool find_result(struct ta_slice text, struct ta_slice *ret_args,
			struct ta_slice *ret_result)
{
	for (size_t at = text.len; at > 1; at--) {
		struct ta_slice args = ta_slice_until(text, at - 1);

		if (text.data[at - 1] != '=' || ta_slice_at(text, at) != ' ' ||
		    !ta_slice_ends(args, " "))
			continue;
		args = ta_slice_trim(args);
		if (!ta_slice_ends(args, ")"))
			continue;
		*ret_args = ta_slice_until(args, args.len - 1);
		*ret_result = ta_slice_from(text, at + 1);
		return true;
	}
	return false;
}

/* What is in quotes may look like a result where a line was cut. */
static bool has_closed_quotes(struct ta_slice args)
{
	bool open = false;

	for (size_t i = 0; i < args.len; i++) {
		if (args.data[i] == '"')
			open = !open;
		else if (args.data[i] == '\\')
			i++;
	}
	return !open;
}

/* "connect(3, {...}, 16) = 0", "connect(3, {...}, 16 <unfinished ...>", "<... connect resumed>) =
 * 0". */
static bool parse_call(struct ta_slice text, struct call *ret)
{
	static const char unfinished[] = "<unfinished ...>";

	ret->ends = take(&text, "<... ");
	ret->name = ta_slice_until(text, ta_slice_run(text, 0, is_name));
	text = ta_slice_from(text, ret->name.len);
	if (!ret->name.len || !take(&text, ret->ends ? " resumed>" : "("))
		return false;
	if (!ret->ends && ta_slice_ends(text, unfinished)) {
		ret->begins = true;
		ret->args = ta_slice_until(text, text.len - strlen(unfinished));
		return true;
	}
	return find_result(text, &ret->args, &ret->result) &&
	       (ret->ends || has_closed_quotes(ret->args));
}

/* ---- arguments ---- */

/* The descriptor that is the first argument, perhaps with what it is: "3<TCP:[10.0.0.1:1]>". */
static bool first_fd(struct ta_slice args, uint64_t *ret)
{
	return take_number(&args, ret) &&
	       (ta_slice_at(args, 0) == ',' || ta_slice_at(args, 0) == '<' || !args.len);
}

/* What is in quotes behind some words: inet_addr("10.0.0.5"). */
static struct ta_slice quoted_after(struct ta_slice text, const char *words)
{
	size_t at;

	if (!ta_slice_find(text, words, &at))
		return ta_slice(NULL, 0);
	text = ta_slice_from(text, at + strlen(words));
	return ta_slice_cut(&text, '"');
}

static bool find_port(struct ta_slice args, uint16_t *ret)
{
	uint64_t port;
	size_t at;

	if (!ta_slice_find(args, "_port=htons(", &at))
		return false;
	args = ta_slice_from(args, at + strlen("_port=htons("));
	if (!take_number(&args, &port) || ta_slice_at(args, 0) != ')' || port > UINT16_MAX)
		return false;
	*ret = (uint16_t)port;
	return true;
}

/* The address of the Internet among the arguments, as text; false when there is none. */
static bool find_address(struct ta_slice args, char ret[ADDRESS_MAX], uint16_t *ret_port)
{
	struct ta_slice host = quoted_after(args, "sin_addr=inet_addr(\"");
	bool v6 = !host.len;
	struct ta_place place;

	if (v6)
		host = quoted_after(args, "inet_pton(AF_INET6, \"");
	if (host.len + strlen("[]:65535") >= ADDRESS_MAX || !ta_place_parse(host, &place) ||
	    !find_port(args, ret_port))
		return false;
	(void)snprintf(ret, ADDRESS_MAX, v6 ? "[%.*s]:%u" : "%.*s:%u", (int)host.len, host.data,
		       *ret_port);
	return true;
}

/* ---- descriptors ---- */

static struct opened *find_opened(struct state *state, uint64_t pid, uint64_t fd)
{
	for (size_t i = 0; i < SOCKETS_MAX; i++)
		if (state->opened[i].used && state->opened[i].pid == pid &&
		    state->opened[i].fd == fd)
			return &state->opened[i];
	return NULL;
}

static struct opened *put_opened(struct state *state, uint64_t pid, uint64_t fd)
{
	struct opened *row = find_opened(state, pid, fd);

	if (!row)
		row = &state->opened[state->next_opened++ % SOCKETS_MAX];
	*row = (struct opened){ .used = true, .pid = pid, .fd = fd };
	return row;
}

/* Not a TCP socket, as far as was told. */
static bool is_datagram(struct state *state, const struct call *call, uint64_t fd)
{
	const struct opened *row = find_opened(state, call->pid, fd);
	size_t at;

	return (row && row->datagram) || ta_slice_find(call->args, "<UDP", &at);
}

static void opened_socket(struct state *state, const struct call *call, uint64_t fd)
{
	size_t at;

	put_opened(state, call->pid, fd)->datagram = ta_slice_find(call->args, "SOCK_DGRAM", &at);
}

static void bound_socket(struct state *state, const struct call *call)
{
	char address[ADDRESS_MAX];
	struct opened *row;
	uint16_t port;
	uint64_t fd;

	if (!first_fd(call->args, &fd) || is_datagram(state, call, fd))
		return;
	row = put_opened(state, call->pid, fd);
	if (find_address(call->args, address, &port))
		row->port = port;
}

/* "listen(6, 511)": a backlog below 0 means whatever the cap is. */
static enum ta_take listened(struct ta_reading *reading, struct state *state,
			     const struct ta_line *line, const struct call *call)
{
	struct ta_slice args = call->args, backlog;
	const struct opened *row;
	uint64_t fd, asked;

	if (!first_fd(args, &fd))
		return TA_EMPTY;
	row = find_opened(state, call->pid, fd);
	(void)ta_slice_cut(&args, ',');
	backlog = ta_slice_trim(args);
	if (!row || !row->port || !ta_slice_u64(backlog, &asked) || asked > INT32_MAX)
		return TA_EMPTY;
	ta_note_backlog_asked(reading, line, row->port, asked, ta_slice(NULL, 0));
	return TA_USED;
}

/* ---- results ---- */

/* "-1 EMFILE (Too many open files) <0.000008>" */
static const struct ta_fault *find_fault(struct ta_slice result)
{
	struct ta_slice symbol;
	size_t at;

	if (!take(&result, "-1 "))
		return NULL;
	symbol = ta_slice_cut(&result, ' ');
	return ta_slice_begins(result, "(") && ta_slice_find(result, ")", &at)
		       ? ta_fault_of_symbol(symbol)
		       : NULL;
}

/* futex() times out, write() meets closed pipes, and names that are looked up try IPv6: all of that
 * is no fault. */
static bool is_fault(const struct ta_fault *fault, enum ta_call call, const struct call *of)
{
	size_t at;

	if (call == TA_CALL_NONE)
		return strcmp(fault->symbol, "EMFILE") == 0 || strcmp(fault->symbol, "ENFILE") == 0;
	if (!(fault->calls & TA_CALL_BIT(call)))
		return false;
	if (strcmp(fault->symbol, "EPIPE") == 0)
		return ta_slice_begins(of->name, "send");
	return strcmp(fault->symbol, "ENETUNREACH") != 0 ||
	       !ta_slice_find(of->args, "AF_INET6", &at);
}

/* What the call was for: an address, which may be kept in the buffer, or a path. False when it is
 * no call of TCP: a socket of another family or kind. */
static bool find_place(struct state *state, const struct call *call, enum ta_call what,
		       char buffer[ADDRESS_MAX], struct ta_reported_error *ret)
{
	uint64_t fd;

	if (what == TA_CALL_OPEN)
		ret->address = quoted_after(call->args, "\"");
	if (what != TA_CALL_CONNECT && what != TA_CALL_BIND)
		return true;
	if (!find_address(call->args, buffer, &ret->port) ||
	    (first_fd(call->args, &fd) && is_datagram(state, call, fd)))
		return false;
	ret->address = ta_slice(buffer, strlen(buffer));
	return true;
}

static enum ta_take failed(struct ta_reading *reading, struct state *state,
			   const struct ta_line *line, const struct call *call,
			   const struct ta_fault *fault)
{
	enum ta_call what = ta_call_of_function(call->name);
	struct ta_reported_error error = { .error = fault->symbol,
					   .call = ta_call_name(what),
					   .text = ta_slice_trim(line->text) };
	char address[ADDRESS_MAX];

	if (!is_fault(fault, what, call) || !find_place(state, call, what, address, &error))
		return TA_EMPTY;
	ta_note_error(reading, line, &error);
	return TA_USED;
}

static enum ta_take finished(struct ta_reading *reading, struct state *state,
			     const struct ta_line *line, const struct call *call)
{
	const struct ta_fault *fault = find_fault(call->result);
	struct ta_slice result = call->result;
	uint64_t value;

	if (fault)
		return failed(reading, state, line, call, fault);
	if (!take_number(&result, &value))
		return TA_EMPTY;
	if (ta_slice_equals(call->name, "socket"))
		opened_socket(state, call, value);
	else if (ta_slice_equals(call->name, "bind"))
		bound_socket(state, call);
	else if (ta_slice_equals(call->name, "listen"))
		return listened(reading, state, line, call);
	return TA_EMPTY;
}

/* ---- calls on two lines ---- */

static void begun(struct state *state, const struct call *call)
{
	struct unfinished *row = &state->unfinished[state->next_unfinished++ % UNFINISHED_MAX];

	*row = (struct unfinished){ .pid = call->pid };
	if (call->name.len >= sizeof(row->name) || call->args.len >= sizeof(row->args))
		return;
	memcpy(row->name, call->name.data, call->name.len);
	if (call->args.len)
		memcpy(row->args, call->args.data, call->args.len);
}

/* The first half of a call; NULL: it was not seen, or is too long ago. */
static struct unfinished *find_unfinished(struct state *state, const struct call *call)
{
	for (size_t i = 0; i < UNFINISHED_MAX; i++) {
		struct unfinished *row = &state->unfinished[i];

		if (*row->name && row->pid == call->pid && ta_slice_equals(call->name, row->name))
			return row;
	}
	return NULL;
}

static enum ta_take resumed(struct ta_reading *reading, struct state *state,
			    const struct ta_line *line, const struct call *call)
{
	struct unfinished *row = find_unfinished(state, call);
	struct call whole = *call;
	enum ta_take taken;

	/* the first half has what a call is given, the second one what it gives back */
	if (row)
		whole.args = ta_slice(row->args, strlen(row->args));
	taken = finished(reading, state, line, &whole);
	if (row)
		*row->name = '\0';
	return taken;
}

/* ---- lines ---- */

/* The table of strace -c: its errors are of all kinds. */
static bool is_summary(struct state *state, struct ta_slice text)
{
	struct ta_slice words[TA_LINE_WORDS];
	size_t count;

	if (ta_slice_begins(text, "% time ") && ta_slice_ends(text, " syscall")) {
		state->summary = true;
		return true;
	}
	if (!state->summary)
		return false;
	ta_line_words(text, words, &count);
	state->summary = count >= 4 && !ta_slice_equals(words[count - 1], "total");
	return count >= 4 && (ta_is_digit(text.data[0]) || text.data[0] == '-');
}

static bool is_event(struct ta_slice text)
{
	uint64_t pid;

	if (take(&text, "strace: Process ") || take(&text, "Process "))
		return take_number(&text, &pid) &&
		       (ta_slice_begins(text, " attached") || ta_slice_begins(text, " detached"));
	return (take(&text, "--- SIG") && ta_slice_ends(text, " ---")) ||
	       (take(&text, "+++ ") && ta_slice_ends(text, " +++"));
}

static enum ta_take read_line(struct ta_reading *reading, void *of, const struct ta_line *line)
{
	struct state *state = of;
	struct ta_slice text = ta_slice_trim(line->text);
	struct call call = { .pid = 0 };
	size_t at;

	if (is_summary(state, text))
		return TA_EMPTY;
	call.pid = take_pid(&text);
	take_stamp(&text);
	if (is_event(text))
		return TA_EMPTY;
	if (!parse_call(text, &call)) {
		if (!call.name.len || !ta_slice_find(text, "{sa_family=AF_", &at))
			return TA_NOT_MINE;
		reading->wrong = "cut short";
		return TA_WRONG;
	}
	if (call.begins) {
		begun(state, &call);
		return TA_EMPTY;
	}
	return call.ends ? resumed(reading, state, line, &call)
			 : finished(reading, state, line, &call);
}

const struct ta_reader ta_read_strace = {
	.name = "strace",
	.state_size = sizeof(struct state),
	.line = read_line,
	.end = NULL,
};
