/* app_error.c - lines in which a program says that a call failed.
 *
 * What counts as such is in error_message.c. Here are the ways in which messages come: behind the
 * head of a log, in a field of a structured one (JSON, logfmt), and above a stack trace. */
#include <stdio.h>

#include "base/macros.h"
#include "import/reader.h"
#include "import/readers/error_message.h"
#include "import/readers/log_head.h"
#include "import/readers/scan.h"

/* ---- structured logs ---- */

/* Fields that hold what the program says. */
static const char *const fields[] = { "error",  "err",       "msg",    "message", "reason",
				      "cause",  "desc",      "detail", "details", "log",
				      "errmsg", "exception", "event",  "MESSAGE" };

static bool is_field(struct ta_slice name)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(fields); i++)
		if (ta_slice_equals(name, fields[i]))
			return true;
	return false;
}

/* The name before a value in quotes: error="...", "error": "...", desc = "...". */
static struct ta_slice field_before(struct ta_slice text)
{
	while (text.len && text.data[text.len - 1] == ' ')
		text.len--;
	if (!text.len || (text.data[text.len - 1] != '=' && text.data[text.len - 1] != ':'))
		return ta_slice(NULL, 0);
	text.len--;
	while (text.len && (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '"'))
		text.len--;
	return ta_slice_last_word(text);
}

/* The end of a value in quotes, whose first byte is at a place: its closing quote. */
static size_t value_end(struct ta_slice text, size_t at)
{
	for (; at < text.len && text.data[at] != '"'; at++)
		if (text.data[at] == '\\')
			at++;
	return at;
}

/* "...\n" in a value. */
static struct ta_slice without_newline(struct ta_slice value)
{
	while (ta_slice_ends(value, "\\n"))
		value.len -= 2;
	return value;
}

/* The first field of a line that tells an error; *ret_text is its message. */
static enum ta_error_verdict read_fields(struct ta_slice text, struct ta_slice program,
					 struct ta_error_told *ret, struct ta_slice *ret_text)
{
	for (size_t at = 0, end; at < text.len; at = end + 1) {
		const char *quote = memchr(text.data + at, '"', text.len - at);
		struct ta_log_head head;
		enum ta_error_verdict verdict;

		if (!quote)
			break;
		at = (size_t)(quote - text.data);
		end = value_end(text, at + 1);
		if (end >= text.len || !is_field(field_before(ta_slice_until(text, at))))
			continue;
		head = ta_log_head(without_newline(ta_slice(text.data + at + 1, end - at - 1)));
		*ret_text = head.message;
		verdict = ta_error_message_read(&(struct ta_error_message){ head.message, true },
						program.len ? program : head.program, ret);
		if (verdict != TA_ERROR_NONE)
			return verdict;
	}
	return TA_ERROR_NONE;
}

/* ---- stack traces ---- */

/* Where Java's exceptions come from: their message tells no call. */
static const struct frame {
	const char *function;
	enum ta_call call;
} frames[] = {
	{ ".bind0(", TA_CALL_BIND },
	{ ".socketBind(", TA_CALL_BIND },
	{ "Net.bind(", TA_CALL_BIND },
	{ "Net.listen(", TA_CALL_LISTEN },
	{ "accept0(", TA_CALL_ACCEPT },
	{ ".socketAccept(", TA_CALL_ACCEPT },
	{ "Net.accept(", TA_CALL_ACCEPT },
	{ ".connect0(", TA_CALL_CONNECT },
	{ ".socketConnect(", TA_CALL_CONNECT },
	{ "Net.connect(", TA_CALL_CONNECT },
	{ "Net.pollConnect(", TA_CALL_CONNECT },
	{ ".checkConnect(", TA_CALL_CONNECT },
	{ "Net.socket0(", TA_CALL_SOCKET },
	{ ".socketCreate(", TA_CALL_SOCKET },
	{ ".socketRead0(", TA_CALL_READ },
	{ ".read0(", TA_CALL_READ },
	{ ".socketWrite0(", TA_CALL_WRITE },
	{ ".write0(", TA_CALL_WRITE },
	{ ".open0(", TA_CALL_OPEN },
	{ ".forkAndExec(", TA_CALL_FORK },
};

/* What Python's traceback shows right above the error: the line of the program. */
static const struct frame sources[] = {
	{ ".connect(", TA_CALL_CONNECT },
	{ ".connect_ex(", TA_CALL_CONNECT },
	{ ".bind(", TA_CALL_BIND },
	{ ".listen(", TA_CALL_LISTEN },
	{ ".accept(", TA_CALL_ACCEPT },
	{ "._accept(", TA_CALL_ACCEPT },
	{ ".recv", TA_CALL_READ },
	{ ".send", TA_CALL_WRITE },
	{ "socket.socket(", TA_CALL_SOCKET },
	{ "open(", TA_CALL_OPEN },
	{ "fork(", TA_CALL_FORK },
	{ "fork_exec(", TA_CALL_FORK },
};

/* An exception that waits for the line behind it. */
struct pending {
	const struct ta_fault *fault; /* NULL: none waits */
	uint64_t line;
	uint16_t port;
	char address[128], program[64], text[512];
};

struct state {
	struct pending pending;
	uint64_t source_line;     /* of the last line that may be of a traceback */
	enum ta_call source_call; /* that it makes */
};

static void keep(char *to, size_t size, struct ta_slice text)
{
	(void)snprintf(to, size, "%.*s", (int)(text.len < size ? text.len : size - 1),
		       text.len ? text.data : "");
}

static struct ta_slice kept(const char *text)
{
	return ta_slice(text, strlen(text));
}

static void note(struct ta_reading *reading, const struct ta_line *line,
		 const struct ta_error_told *told, struct ta_slice text)
{
	ta_note_error(reading, line,
		      &(struct ta_reported_error){ .error = told->fault->symbol,
						   .call = ta_call_name(told->call),
						   .address = told->place.text,
						   .program = told->program,
						   .port = told->place.port,
						   .text = text });
}

static void note_pending(struct ta_reading *reading, struct pending *pending, enum ta_call call)
{
	struct ta_error_told told = { .fault = pending->fault,
				      .call = call,
				      .place = { kept(pending->address), pending->port },
				      .program = kept(pending->program) };

	if (!pending->fault)
		return;
	note(reading, &(struct ta_line){ .number = pending->line }, &told, kept(pending->text));
	pending->fault = NULL;
}

/* "	at java.base/sun.nio.ch.Net.bind0(Native Method)" */
static bool is_frame(struct ta_slice text)
{
	return text.len && ta_is_blank(text.data[0]) && ta_slice_begins(ta_slice_trim(text), "at ");
}

static enum ta_call call_of(struct ta_slice text, const struct frame *frame, size_t count,
			    unsigned among)
{
	size_t at;

	for (size_t i = 0; i < count; i++)
		if (ta_slice_find(text, frame[i].function, &at) &&
		    (among & TA_CALL_BIT(frame[i].call)))
			return frame[i].call;
	return TA_CALL_NONE;
}

static bool is_exception(struct ta_slice message)
{
	size_t at;

	return ta_slice_find(message, "Exception: ", &at);
}

static void wait_for_frame(struct pending *pending, const struct ta_line *line,
			   const struct ta_error_told *told, struct ta_slice text)
{
	pending->fault = told->fault;
	pending->line = line->number;
	pending->port = told->place.port;
	keep(pending->address, sizeof(pending->address), told->place.text);
	keep(pending->program, sizeof(pending->program), told->program);
	keep(pending->text, sizeof(pending->text), text);
}

enum { MARKS_LINES = 2 }; /* "^^^^" may be between a source line and the error */

/* Remembers what a source line of a traceback does. */
static void see_source(struct state *state, const struct ta_line *line)
{
	if (!ta_slice_begins(line->text, "    ") || ta_slice_ends(line->text, "^"))
		return;
	state->source_line = line->number;
	state->source_call =
		call_of(line->text, sources, TA_ARRAY_SIZE(sources), ~TA_CALL_BIT(TA_CALL_NONE));
}

/* "OSError: [Errno 99] ..." right below it tells no call of its own. */
static void take_source(const struct state *state, const struct ta_line *line,
			struct ta_error_told *told)
{
	if (told->call == TA_CALL_NONE && line->number - state->source_line <= MARKS_LINES &&
	    (told->fault->calls & TA_CALL_BIT(state->source_call)))
		told->call = state->source_call;
}

/* ---- lines ---- */

static enum ta_error_verdict read_text(const struct ta_line *line, struct ta_error_told *ret,
				       struct ta_slice *ret_text)
{
	struct ta_slice text = ta_slice_trim(line->text);
	struct ta_log_head head = ta_log_head(text);
	struct ta_error_message message = { head.message,
					    head.stamped || head.message.len == text.len };
	enum ta_error_verdict verdict;

	if (line->cut || head.speaker == TA_LOG_KERNEL)
		return TA_ERROR_NONE;
	*ret_text = head.message;
	verdict = ta_error_message_read(&message, head.program, ret);
	return verdict != TA_ERROR_NONE ? verdict : read_fields(text, head.program, ret, ret_text);
}

static enum ta_take read_line(struct ta_reading *reading, void *of, const struct ta_line *line)
{
	struct state *state = of;
	struct pending *pending = &state->pending;
	struct ta_error_told told;
	struct ta_slice text;
	enum ta_error_verdict verdict;

	if (pending->fault && is_frame(line->text)) {
		note_pending(
			reading, pending,
			call_of(line->text, frames, TA_ARRAY_SIZE(frames), pending->fault->calls));
		return TA_USED;
	}
	note_pending(reading, pending, TA_CALL_NONE);
	verdict = read_text(line, &told, &text);
	if (verdict == TA_ERROR_NONE) {
		see_source(state, line);
		return TA_NOT_MINE;
	}
	if (verdict == TA_ERROR_CONTRADICTS) {
		reading->wrong = "number and text of the error are of different ones";
		return TA_WRONG;
	}
	take_source(state, line, &told);
	if (told.call == TA_CALL_NONE && is_exception(text))
		wait_for_frame(pending, line, &told, text);
	else
		note(reading, line, &told, text);
	return TA_USED;
}

static void read_end(struct ta_reading *reading, void *of)
{
	note_pending(reading, &((struct state *)of)->pending, TA_CALL_NONE);
}

const struct ta_reader ta_read_app_error = {
	.name = "error messages",
	.state_size = sizeof(struct state),
	.line = read_line,
	.end = read_end,
};
