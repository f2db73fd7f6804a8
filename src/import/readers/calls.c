/* calls.c - see calls.h.
 *
 * "Error accepting a client connection: Too many open files" has two words that may tell. So words
 * are of three kinds, and the word that is nearest before the error wins only among its own. */
#include "import/readers/calls.h"

#include "base/macros.h"
#include "import/readers/scan.h"

enum kind {
	VERB,     /* says what was done: "connecting" */
	FUNCTION, /* a thing as well: "socket", "open"; a verb when it is right before the error */
	THING,    /* "connection", "thread": only where nothing else is said */
};

static const char *const names[TA_CALLS] = {
	[TA_CALL_CONNECT] = "connect",     [TA_CALL_BIND] = "bind",
	[TA_CALL_LISTEN] = "listen",       [TA_CALL_ACCEPT] = "accept",
	[TA_CALL_SOCKET] = "socket",       [TA_CALL_OPEN] = "open",
	[TA_CALL_READ] = "read",           [TA_CALL_WRITE] = "write",
	[TA_CALL_FORK] = "fork",           [TA_CALL_RESOLVE] = "resolve",
	[TA_CALL_HANDSHAKE] = "handshake", [TA_CALL_SETRLIMIT] = "setrlimit",
	[TA_CALL_EPOLL_CTL] = "epoll_ctl", [TA_CALL_SYSCTL] = "sysctl",
};

/* Compared without case. */
static const struct word {
	const char *text;
	enum ta_call call;
	enum kind kind;
} words[] = {
	{ "connect", TA_CALL_CONNECT, VERB },
	{ "connecting", TA_CALL_CONNECT, VERB },
	{ "dial", TA_CALL_CONNECT, VERB },
	{ "dialing", TA_CALL_CONNECT, VERB },
	{ "connection", TA_CALL_CONNECT, THING },
	{ "stream", TA_CALL_CONNECT, THING },
	{ "bind", TA_CALL_BIND, VERB },
	{ "binding", TA_CALL_BIND, VERB },
	{ "listen", TA_CALL_LISTEN, VERB },
	{ "accept", TA_CALL_ACCEPT, VERB },
	{ "accept4", TA_CALL_ACCEPT, VERB },
	{ "accepting", TA_CALL_ACCEPT, VERB },
	{ "socket", TA_CALL_SOCKET, FUNCTION },
	{ "open", TA_CALL_OPEN, FUNCTION },
	{ "openat", TA_CALL_OPEN, VERB },
	{ "opening", TA_CALL_OPEN, FUNCTION },
	{ "creat", TA_CALL_OPEN, VERB },
	{ "fopen", TA_CALL_OPEN, VERB },
	{ "opendir", TA_CALL_OPEN, VERB },
	{ "scandir", TA_CALL_OPEN, VERB },
	{ "rb_sysopen", TA_CALL_OPEN, VERB },
	{ "read", TA_CALL_READ, VERB },
	{ "readv", TA_CALL_READ, VERB },
	{ "reading", TA_CALL_READ, VERB },
	{ "receive", TA_CALL_READ, VERB },
	{ "receiving", TA_CALL_READ, VERB },
	{ "recv", TA_CALL_READ, VERB },
	{ "recvfrom", TA_CALL_READ, VERB },
	{ "recvmsg", TA_CALL_READ, VERB },
	{ "write", TA_CALL_WRITE, VERB },
	{ "writev", TA_CALL_WRITE, VERB },
	{ "writing", TA_CALL_WRITE, VERB },
	{ "send", TA_CALL_WRITE, VERB },
	{ "sending", TA_CALL_WRITE, VERB },
	{ "sendto", TA_CALL_WRITE, VERB },
	{ "sendmsg", TA_CALL_WRITE, VERB },
	{ "sendmmsg", TA_CALL_WRITE, VERB },
	{ "sendfile", TA_CALL_WRITE, VERB },
	{ "fork", TA_CALL_FORK, VERB },
	{ "vfork", TA_CALL_FORK, VERB },
	{ "forking", TA_CALL_FORK, VERB },
	{ "fork/exec", TA_CALL_FORK, VERB },
	{ "clone", TA_CALL_FORK, VERB },
	{ "clone3", TA_CALL_FORK, VERB },
	{ "spawn", TA_CALL_FORK, VERB },
	{ "pthread_create", TA_CALL_FORK, VERB },
	{ "thread", TA_CALL_FORK, THING },
	{ "threads", TA_CALL_FORK, THING },
	{ "process", TA_CALL_FORK, THING },
	{ "lookup", TA_CALL_RESOLVE, VERB },
	{ "getaddrinfo", TA_CALL_RESOLVE, VERB },
	{ "gethostbyname", TA_CALL_RESOLVE, VERB },
	{ "resolve", TA_CALL_RESOLVE, VERB },
	{ "resolving", TA_CALL_RESOLVE, VERB },
	{ "handshake", TA_CALL_HANDSHAKE, VERB },
	{ "handshaking", TA_CALL_HANDSHAKE, VERB },
	{ "ssl_connect", TA_CALL_HANDSHAKE, VERB },
	{ "ssl_do_handshake", TA_CALL_HANDSHAKE, VERB },
	{ "setrlimit", TA_CALL_SETRLIMIT, VERB },
	{ "prlimit", TA_CALL_SETRLIMIT, VERB },
	{ "prlimit64", TA_CALL_SETRLIMIT, VERB },
	{ "ulimit", TA_CALL_SETRLIMIT, VERB },
	{ "epoll_ctl", TA_CALL_EPOLL_CTL, VERB },
	{ "sysctl", TA_CALL_SYSCTL, VERB },
	{ "inotify", TA_CALL_OTHER, VERB },
	{ "inotify_init", TA_CALL_OTHER, VERB },
	{ "inotify_init1", TA_CALL_OTHER, VERB },
	{ "inotify_add_watch", TA_CALL_OTHER, VERB },
	{ "pipe", TA_CALL_OTHER, FUNCTION },
	{ "pipe2", TA_CALL_OTHER, VERB },
	{ "dup", TA_CALL_OTHER, VERB },
	{ "dup2", TA_CALL_OTHER, VERB },
	{ "dup3", TA_CALL_OTHER, VERB },
	{ "eventfd", TA_CALL_OTHER, VERB },
	{ "eventfd2", TA_CALL_OTHER, VERB },
	{ "timerfd_create", TA_CALL_OTHER, VERB },
	{ "epoll_create", TA_CALL_OTHER, VERB },
	{ "epoll_create1", TA_CALL_OTHER, VERB },
};

enum { AFTER_MAX = 80 }; /* bytes behind the error that still speak of it */

const char *ta_call_name(enum ta_call call)
{
	return names[call];
}

static const struct word *find_word(struct ta_slice text)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(words); i++)
		if (ta_slice_equals_fold(text, words[i].text))
			return &words[i];
	return NULL;
}

enum ta_call ta_call_of_function(struct ta_slice name)
{
	const struct word *word = find_word(name);

	return word && word->kind != THING ? word->call : TA_CALL_NONE;
}

/* "/var/run/read.pid" and "Read-only" are one word each. */
static bool is_word(char c)
{
	return ta_text_is_word_byte(c) || c == '/' || c == '-' || c == '.';
}

/* "socket()" and "connect(2)" are functions beyond doubt. */
static bool is_called(struct ta_slice message, size_t end)
{
	return ta_slice_at(message, end) == '(' &&
	       (ta_slice_at(message, end + 1) == ')' || ta_slice_at(message, end + 1) == '2');
}

/* The word at a place, as the kind that it has there; false when it tells no call of the set. */
static bool read_word(struct ta_slice message, size_t at, size_t len, size_t error_at,
		      unsigned among, struct word *ret)
{
	const struct word *word = find_word(ta_slice(message.data + at, len));
	size_t end = at + len;

	if (!word || !(among & TA_CALL_BIT(word->call)))
		return false;
	*ret = *word;
	if (word->kind == FUNCTION &&
	    (is_called(message, end) ||
	     (end + 2 == error_at && memcmp(message.data + end, ": ", 2) == 0)))
		ret->kind = VERB;
	return true;
}

/* The best words of a stretch of the message, the last of each kind or the first. */
static void find_words(struct ta_slice message, size_t at, size_t end, size_t error_at,
		       unsigned among, bool last, enum ta_call ret[THING + 1])
{
	struct word word;

	for (size_t len; at < end; at += len + 1) {
		len = ta_slice_run(ta_slice_until(message, end), at, is_word);
		if (len && read_word(message, at, len, error_at, among, &word) &&
		    (last || ret[word.kind] == TA_CALL_NONE))
			ret[word.kind] = word.call;
	}
}

/* Up to the next comma or quote: what follows is of somebody else, the request of a client. */
static size_t clause_end(struct ta_slice message, size_t at)
{
	size_t end = at;

	while (end < message.len && end - at < AFTER_MAX && message.data[end] != ',' &&
	       message.data[end] != '"')
		end++;
	return end;
}

enum ta_call ta_call_find(struct ta_slice message, size_t error_at, size_t error_end,
			  unsigned among)
{
	enum ta_call before[THING + 1] = { TA_CALL_NONE }, after[THING + 1] = { TA_CALL_NONE };

	find_words(message, 0, error_at, error_at, among, true, before);
	if (before[VERB] != TA_CALL_NONE)
		return before[VERB];
	find_words(message, error_end, clause_end(message, error_end), error_at, among, false,
		   after);
	for (enum kind kind = VERB; kind <= THING; kind++) {
		if (before[kind] != TA_CALL_NONE)
			return before[kind];
		if (after[kind] != TA_CALL_NONE)
			return after[kind];
	}
	return TA_CALL_NONE;
}

bool ta_call_is_named(struct ta_slice message, size_t error_at, unsigned among)
{
	enum ta_call found[THING + 1] = { TA_CALL_NONE };

	find_words(message, 0, error_at, error_at, among, true, found);
	return found[VERB] != TA_CALL_NONE;
}
