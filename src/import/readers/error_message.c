/* error_message.c - see error_message.h.
 *
 * The error stands as its text ("Too many open files"), as its symbol (EMFILE) or as its number
 * (errno=24). A log, a terminal and a ticket hold the same words in sentences about errors, and
 * those must not count. So what counts is the place of the words in the line:
 *
 * - a text behind ": ", behind its number ("(99: ", "[Errno 24] "), or in parentheses behind what
 *   failed; the line, or a clause of it, ends there;
 * - a symbol behind ": " or behind the name of a call ("accept EMFILE"), or in a tuple of Erlang;
 * - a text or symbol that is all of the line, or all that a log says behind a stamp;
 * - a number behind "errno" or "os error".
 *
 * A line that speaks as people do ("we", "why", a question mark) is none. What stands in quotes is
 * somebody else's, a client's request for one. */
#include "import/readers/error_message.h"

#include "base/macros.h"
#include "base/number.h"
#include "import/line.h"
#include "import/readers/scan.h"

enum {
	MESSAGE_MAX = 8192, /* longer ones are dumps */
	HITS_MAX = 4,       /* errors of one message that are looked at */
	ERRNO_MAX = 133,    /* EHWPOISON; a bigger number beside a text is something else */
};

/* ---- sentences ---- */

/* Words of people. */
static const char *const human[] = {
	"I",    "I'm",       "I've",      "we",    "we're", "we've", "our",      "my",      "you",
	"your", "yesterday", "sometimes", "often", "why",   "how",   "suddenly", "nothing", "never",
};

/* What people write before a colon, all of it; the last is a section of netstat -s. */
static const char *const headings[] = {
	"subject", "title",   "re",      "fw",     "fwd", "question", "problem",
	"issue",   "symptom", "summary", "note",   "fix", "fixed",    "solution",
	"cause",   "todo",    "see",     "status", "tcp",
};

static bool is_human_byte(char c)
{
	return ta_text_is_word_byte(c) || c == '\'' || c == '/' || c == '-';
}

static bool is_human(struct ta_slice word)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(human); i++)
		if (ta_slice_equals(word, human[i]) ||
		    (human[i][0] != 'I' && ta_slice_equals_fold(word, human[i])))
			return true;
	return false;
}

static bool has_heading(struct ta_slice message)
{
	struct ta_slice rest = message, first = ta_slice_cut(&rest, ':');

	for (size_t i = 0; i < TA_ARRAY_SIZE(headings); i++)
		if (rest.len && ta_slice_equals_fold(first, headings[i]))
			return true;
	return false;
}

static bool is_sentence(struct ta_slice message)
{
	if (ta_slice_ends(message, "?") || has_heading(message))
		return true;
	for (size_t at = 0, len; at < message.len; at += len + 1) {
		len = ta_slice_run(message, at, is_human_byte);
		if (len && is_human(ta_slice(message.data + at, len)))
			return true;
	}
	return false;
}

/* ---- numbers ---- */

/* Between the number of an error and its text. */
static const char *const seams[] = { "): ", ") ", ")", ": ", "] ", " - ", " \"" };

/* Before the number of an error. */
static const char *const number_leads[] = { "(errno: ",   "(errno ",  "errno=",
					    "(errno= ",   "[Errno ",  "os error ",
					    "(Errcode: ", ": errno ", ": errno: " };

/* A number, with its sign, that ends the text; its length, 0: none does. */
static size_t number_before(struct ta_slice text, int64_t *ret)
{
	size_t len = 0;

	while (len < text.len && ta_is_digit(text.data[text.len - len - 1]))
		len++;
	if (len && len < text.len && text.data[text.len - len - 1] == '-')
		len++;
	return len && ta_parse_i64(text.data + text.len - len, len, ret) ? len : 0;
}

static bool leads_number(struct ta_slice text)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(number_leads); i++)
		if (ta_slice_ends(text, number_leads[i]))
			return true;
	return ta_slice_ends(text, "(");
}

/* "(99: ", "(99)", "[Errno 24] ", "(errno: 24 - " before the text of an error. */
static bool find_number(struct ta_slice before, int64_t *ret)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(seams); i++) {
		struct ta_slice text = before;
		int64_t number;
		size_t digits;

		if (!ta_slice_ends(text, seams[i]))
			continue;
		text.len -= strlen(seams[i]);
		digits = number_before(text, &number);
		text.len -= digits;
		if (!digits || number > ERRNO_MAX || !leads_number(text))
			continue;
		*ret = number;
		return true;
	}
	return false;
}

/* ---- where an error may stand ---- */

enum before {
	NOTHING, /* that tells of an error */
	START,
	COLON,
	NUMBERED,
	PARENTHESIS,
	QUOTE, /* of a structure, or of a constructor's argument */
	EQUALS,
	FUNCTION, /* the name of a call */
	TUPLE,
	DASH,
};

/* "Error 99 connecting to localhost:6379. ", of redis-py. */
static bool is_connecting(struct ta_slice before)
{
	size_t at, sign;

	if (!ta_slice_ends(before, ". ") || !ta_slice_find(before, " connecting to ", &at) ||
	    !ta_slice_find(before, "Error ", &at))
		return false;
	at += strlen("Error ");
	sign = ta_slice_at(before, at) == '-' ? 1 : 0;
	return ta_slice_run(before, at + sign, ta_is_digit) > 0;
}

static enum before what_is_before(struct ta_slice before, int64_t *ret_number)
{
	if (!before.len)
		return START;
	if (find_number(before, ret_number))
		return NUMBERED;
	if (ta_slice_ends(before, ": ") || ta_slice_ends(before, "::") ||
	    ta_slice_ends(before, ":\t") || ta_slice_ends(before, "] [2002] ") || /* PDO */
	    is_connecting(before))
		return COLON;
	if (ta_slice_ends(before, "("))
		return PARENTHESIS;
	if (ta_slice_ends(before, "('") || ta_slice_ends(before, "(\"") ||
	    ta_slice_ends(before, ": \"") || ta_slice_ends(before, ": '"))
		return QUOTE;
	if (ta_slice_ends(before, "="))
		return EQUALS;
	if (ta_slice_ends(before, ",") || ta_slice_ends(before, "{"))
		return TUPLE;
	if (ta_slice_ends(before, " - "))
		return DASH;
	if (ta_slice_ends(before, " ")) {
		before.len--;
		if (ta_call_of_function(ta_slice_last_word(before)) != TA_CALL_NONE)
			return FUNCTION;
	}
	return NOTHING;
}

enum after {
	GOES_ON,
	ENDS,   /* the message does, but for a full stop */
	CLOSES, /* parentheses, a quote, a structure */
	CLAUSE, /* another one follows: of an error only when something else says so, too */
};

static const struct {
	const char *text;
	enum after after;
} followers[] = {
	{ ")", CLOSES },       { "]", CLOSES },     { "}", CLOSES },   { "'", CLOSES },
	{ "\"", CLOSES },      { ">", CLOSES },     { "|", CLOSES },   { "\\n", CLOSES },
	{ " (", CLOSES },      { " [", CLOSES },    { " - ", CLOSES }, { " @ ", CLOSES },
	{ " while ", CLOSES }, { " in /", CLOSES }, { " <", CLOSES },  { ", ", CLAUSE },
	{ "; ", CLAUSE },      { ": ", CLAUSE },    { ". ", CLAUSE },
};

/* " 10.0.0.5:80", ": /10.0.0.5:80" */
static bool begins_with_place(struct ta_slice after)
{
	struct ta_place place;

	if (ta_slice_begins(after, ": /"))
		after = ta_slice_from(after, strlen(": /"));
	else if (ta_slice_begins(after, " "))
		after = ta_slice_from(after, 1);
	else
		return false;
	return ta_place_parse(ta_slice_cut(&after, ' '), &place);
}

static enum after what_is_after(struct ta_slice after)
{
	if (!after.len || ta_slice_equals(after, ".") || ta_slice_equals(after, "!"))
		return ENDS;
	if (begins_with_place(after))
		return CLOSES;
	for (size_t i = 0; i < TA_ARRAY_SIZE(followers); i++)
		if (ta_slice_begins(after, followers[i].text))
			return followers[i].after;
	return GOES_ON;
}

/* ---- one error in a message ---- */

struct hit {
	const struct ta_fault *fault;
	size_t at, end;
	bool symbol; /* not its text */
	enum before before;
	enum after after;
	int64_t number; /* beside it; 0: none */
};

static bool is_symbol_byte(char c)
{
	return ta_text_is_word_byte(c);
}

/* A word that stands at the place: a symbol, or the beginning of a text. */
static bool find_fault(struct ta_slice text, size_t at, struct hit *ret)
{
	size_t word = ta_slice_run(text, at, is_symbol_byte), len;
	const struct ta_fault *fault = NULL;

	if (word > 4 && (text.data[at] == 'E' || text.data[at] == 'e'))
		fault = ta_fault_of_symbol(ta_slice(text.data + at, word));
	*ret = (struct hit){ .fault = fault, .at = at, .end = at + word, .symbol = fault };
	if (!fault) {
		ret->fault = ta_fault_of_text(ta_slice_from(text, at), &len);
		ret->end = at + len;
	}
	return ret->fault && !is_symbol_byte(ta_slice_at(text, ret->end));
}

/* Something else in the line says that a call failed: a function, an address, a number. */
static bool is_witnessed(struct ta_slice text, const struct hit *hit)
{
	struct ta_place place;

	return hit->number || ta_call_is_named(text, hit->at, hit->fault->calls) ||
	       ta_place_find(ta_slice_until(text, hit->at), hit->at, hit->at, &place);
}

/* "Too many open files - socket(2) for ..." of Ruby, "EMFILE: too many open files, open '/x'" of
 * Node, "Too many open files (os error 24)" of Rust. */
static bool begins_message(const struct ta_error_message *message, const struct hit *hit)
{
	struct ta_slice rest = ta_slice_from(message->text, hit->end);
	size_t len;

	if (hit->after == ENDS)
		return message->whole;
	if (hit->symbol)
		return ta_slice_begins(rest, ": ") &&
		       ta_fault_of_text(ta_slice_from(rest, 2), &len) == hit->fault;
	return ta_slice_begins(rest, " (os error ") ||
	       ((ta_slice_begins(rest, " - ") || ta_slice_begins(rest, " @ ")) &&
		ta_call_find(message->text, hit->at, hit->end, hit->fault->calls) != TA_CALL_NONE);
}

/* "connect to 10.0.0.5 (Cannot assign requested address)": the parentheses close, and no sentence
 * goes on behind them. */
static bool is_in_parentheses(struct ta_slice text, const struct hit *hit)
{
	struct ta_slice rest = ta_slice_from(text, hit->end);

	if (ta_slice_begins(rest, " - "))
		return ta_call_find(text, hit->at, hit->end, hit->fault->calls) != TA_CALL_NONE;
	if (!ta_slice_begins(rest, ")") || !ta_call_is_named(text, hit->at, hit->fault->calls))
		return false;
	rest = ta_slice_from(rest, 1);
	return !rest.len || ta_is_one_of(rest.data[0], ".:;'\">)") ||
	       ta_slice_begins(rest, " in /") || ta_slice_begins(rest, " while ") ||
	       ta_slice_begins(rest, " [") || ta_slice_begins(rest, " for ["); /* HAProxy */
}

static bool counts(const struct ta_error_message *message, const struct hit *hit)
{
	switch (hit->before) {
	case NOTHING:
		return false;
	case START:
		return begins_message(message, hit);
	case NUMBERED:
		return !hit->symbol;
	case PARENTHESIS:
		return is_in_parentheses(message->text, hit);
	case QUOTE: /* Node dumps "code: 'EMFILE'" beside the message */
		return !hit->symbol && hit->after != GOES_ON;
	case COLON:
	case EQUALS:
		return hit->after == ENDS || hit->after == CLOSES ||
		       (hit->after == CLAUSE && is_witnessed(message->text, hit));
	case FUNCTION:
		return hit->symbol && (hit->after != GOES_ON ||
				       (hit->fault->number < 0 && hit->end < message->text.len));
	case TUPLE:
		return hit->symbol && hit->after == CLOSES;
	case DASH:
		return hit->symbol && hit->after == ENDS && is_witnessed(message->text, hit);
	}
	return false;
}

/* The end of what is quoted from a place on; the place itself when it begins no quote of somebody
 * else. */
static size_t quote_end(struct ta_slice text, size_t at)
{
	const char *end;

	if (text.data[at] != '"' || (at && text.data[at - 1] == '(') ||
	    ta_slice_ends(ta_slice_until(text, at), "message: "))
		return at;
	end = memchr(text.data + at + 1, '"', text.len - at - 1);
	return end ? (size_t)(end - text.data) : text.len;
}

/* The first error that counts. */
static bool find_error(const struct ta_error_message *message, struct hit *ret)
{
	struct ta_slice text = message->text;
	int hits = 0;

	for (size_t at = 0; at < text.len && hits < HITS_MAX; at++) {
		at = quote_end(text, at);
		if (at == text.len || (at && is_symbol_byte(text.data[at - 1])) ||
		    !is_symbol_byte(text.data[at]) || !find_fault(text, at, ret))
			continue;
		hits++;
		ret->before = what_is_before(ta_slice_until(text, at), &ret->number);
		ret->after = what_is_after(ta_slice_from(text, ret->end));
		if (counts(message, ret))
			return true;
	}
	return false;
}

/* A number without its text: "errno=24", "(os error 24)". */
static bool find_bare_number(struct ta_slice text, struct hit *ret)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(number_leads); i++) {
		size_t at, digits;
		uint64_t number;

		if (!ta_slice_find(text, number_leads[i], &at))
			continue;
		at += strlen(number_leads[i]);
		digits = ta_slice_run(text, at, ta_is_digit);
		if (!ta_slice_u64(ta_slice(text.data + at, digits), &number) || number > ERRNO_MAX)
			continue;
		*ret = (struct hit){ .fault = ta_fault_of_number((int64_t)number),
				     .at = at,
				     .end = at + digits };
		ret->after = what_is_after(ta_slice_from(text, ret->end));
		if (ret->fault && ret->after != GOES_ON)
			return true;
	}
	return false;
}

/* ---- what the rest of the message tells ---- */

/* These read a file below /proc/sys when they are refused, and set nothing. */
static const char *const viewers[] = {
	"cat", "head", "tail", "less", "more", "grep", "ls", "find"
};

static bool is_viewer(struct ta_slice program)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(viewers); i++)
		if (ta_slice_equals(program, viewers[i]))
			return true;
	return false;
}

/* The path of a setting that could not be written. */
static bool find_setting(struct ta_slice text, const struct hit *hit, struct ta_error_told *ret)
{
	return ta_place_find_path(text, hit->at, hit->end, &ret->place) &&
	       ta_slice_begins(ret->place.text, "/proc/sys/") && !is_viewer(ret->program) &&
	       (hit->fault->calls & TA_CALL_BIT(TA_CALL_SYSCTL));
}

static void find_place(struct ta_slice text, const struct hit *hit, struct ta_error_told *ret)
{
	bool found;

	if (ret->call == TA_CALL_RESOLVE)
		found = ta_place_find_name(text, hit->at, hit->end, &ret->place);
	else if (ret->call == TA_CALL_OPEN)
		found = ta_place_find_path(text, hit->at, hit->end, &ret->place);
	else
		found = ret->call != TA_CALL_FORK &&
			ta_place_find(text, hit->at, hit->end, &ret->place);
	if (!found)
		ret->place = (struct ta_place){ .port = 0 };
}

/* Call and place of an error; false when it is none in this call. */
static bool explain(struct ta_slice text, const struct hit *hit, struct ta_error_told *ret)
{
	ret->fault = hit->fault;
	if (find_setting(text, hit, ret)) {
		ret->call = TA_CALL_SYSCTL;
		return true;
	}
	ret->call = ta_call_find(text, hit->at, hit->end, hit->fault->calls);
	if (hit->fault->number < 0)
		ret->call = TA_CALL_RESOLVE;
	if (!(hit->fault->calls & TA_CALL_BIT(ret->call)))
		return false;
	find_place(text, hit, ret);
	if (ret->call == TA_CALL_RESOLVE && strcmp(hit->fault->symbol, "ETIMEDOUT") == 0)
		ret->fault = ta_fault_of_symbol(ta_slice("EAI_AGAIN", strlen("EAI_AGAIN")));
	return true;
}

/* ---- programs ---- */

static bool is_program_byte(char c)
{
	return (c >= 'a' && c <= 'z') || ta_is_digit(c) || c == '-' || c == '_' || c == '/';
}

/* What also stands before a colon. */
static const char *const no_programs[] = {
	"error",   "err",   "fatal", "warning", "warn",      "info",      "debug", "failed",
	"failure", "panic", "cause", "reason",  "exception", "message",   "msg",   "http",
	"https",   "tls",   "rpc",   "net",     "tcp",       "udp",       "unix",  "runtime",
	"code",    "desc",  "errno", "output",  "exit",      "transport",
};

/* "bash: fork: retry: ...", "/bin/sh: ...". */
static struct ta_slice find_program(struct ta_slice message)
{
	size_t len = ta_slice_run(message, 0, is_program_byte);
	struct ta_slice name = ta_slice_until(message, len), rest = ta_slice_from(message, len);
	const char *slash = len ? memrchr(name.data, '/', len) : NULL;

	if (ta_slice_at(rest, 0) == '[') /* "dnsmasq[55]: " */
		(void)ta_slice_cut(&rest, ']');
	if (!ta_slice_begins(rest, ": "))
		return ta_slice(NULL, 0);
	if (slash)
		name = ta_slice_from(name, (size_t)(slash + 1 - name.data));
	if (ta_slice_at(name, 0) == '-') /* of a login */
		name = ta_slice_from(name, 1);
	for (size_t i = 0; i < TA_ARRAY_SIZE(no_programs); i++)
		if (ta_slice_equals(name, no_programs[i]))
			return ta_slice(NULL, 0);
	if (ta_call_of_function(name) != TA_CALL_NONE && !ta_slice_equals(name, "sysctl"))
		return ta_slice(NULL, 0);
	return name;
}

/* ---- messages ---- */

enum ta_error_verdict ta_error_message_read(const struct ta_error_message *message,
					    struct ta_slice program, struct ta_error_told *ret)
{
	struct ta_error_told told = { .program = program };
	struct hit hit;

	if (!message->text.len || message->text.len > MESSAGE_MAX)
		return TA_ERROR_NONE;
	if (!program.len)
		told.program = find_program(message->text);
	if (ta_error_form_find(message->text, ret)) {
		if (!ret->program.len)
			ret->program = told.program;
		return is_sentence(message->text) ? TA_ERROR_NONE : TA_ERROR_TOLD;
	}
	if (!(find_error(message, &hit) || find_bare_number(message->text, &hit)) ||
	    is_sentence(message->text))
		return TA_ERROR_NONE;
	if (hit.number && hit.number != hit.fault->number)
		return TA_ERROR_CONTRADICTS;
	if (!explain(message->text, &hit, &told))
		return TA_ERROR_NONE;
	*ret = told;
	return TA_ERROR_TOLD;
}
