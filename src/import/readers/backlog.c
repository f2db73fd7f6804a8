/* backlog.c - what programs log of a backlog that net.core.somaxconn cut.
 *
 * Redis and its kin say what they asked for and what the cap is; uWSGI only the cap. The port is
 * in an earlier line of Redis when it is not the usual one. */
#include "base/macros.h"
#include "import/reader.h"
#include "import/readers/log_head.h"
#include "import/readers/scan.h"

enum { REDIS_PORT = 6379 };

/* Told by the server that starts: good for its next warning. */
struct state {
	bool port_told;
	uint16_t port; /* that it listens on; 0, when told: on none without TLS */
};

/* The number at the front; the text moves behind it. */
static bool take_number(struct ta_slice *text, uint64_t *ret)
{
	size_t digits = ta_slice_run(*text, 0, ta_is_digit);

	if (!ta_slice_u64(ta_slice_until(*text, digits), ret))
		return false;
	*text = ta_slice_from(*text, digits);
	return true;
}

static bool take_words(struct ta_slice *text, const char *words)
{
	if (!ta_slice_begins(*text, words))
		return false;
	*text = ta_slice_from(*text, strlen(words));
	return true;
}

static void note_cap(struct ta_reading *reading, const struct ta_line *line, struct ta_slice digits)
{
	static const char key[] = "net.core.somaxconn";

	(void)ta_note_sysctl(reading, line, ta_slice(key, strlen(key)), digits);
}

/* "The TCP backlog setting of 511 cannot be enforced because /proc/sys/net/core/somaxconn is set
 * to the lower value of 128." behind its first words. */
static bool parse_redis(struct ta_slice text, uint64_t *ret_asked, struct ta_slice *ret_cap)
{
	uint64_t cap;

	if (!take_number(&text, ret_asked) ||
	    !take_words(&text, " cannot be enforced because /proc/sys/net/core/somaxconn is set to "
			       "the lower value of "))
		return false;
	*ret_cap = text;
	if (!take_number(&text, &cap) || (text.len && !ta_slice_equals(text, ".")))
		return false;
	ret_cap->len -= text.len;
	return cap < *ret_asked && *ret_asked <= INT32_MAX;
}

static enum ta_take read_redis(struct ta_reading *reading, struct state *state,
			       const struct ta_line *line, const struct ta_log_head *head)
{
	struct ta_slice text = head->message, cap;
	uint64_t asked;

	(void)take_words(&text, "WARNING: ");
	if (!take_words(&text, "The TCP backlog setting of "))
		return TA_NOT_MINE;
	if (!parse_redis(text, &asked, &cap)) {
		reading->wrong = "malformed, or cut short";
		return TA_WRONG;
	}
	note_cap(reading, line, cap);
	if (state->port || !state->port_told)
		ta_note_backlog_asked(reading, line, state->port ? state->port : REDIS_PORT, asked,
				      head->program);
	*state = (struct state){ .port_told = false };
	return TA_USED;
}

/* "Listen queue size is greater than the system max net.core.somaxconn (128)." */
static enum ta_take read_uwsgi(struct ta_reading *reading, const struct ta_line *line,
			       struct ta_slice text)
{
	struct ta_slice digits;
	uint64_t cap;

	if (!take_words(&text,
			"Listen queue size is greater than the system max net.core.somaxconn ("))
		return TA_NOT_MINE;
	digits = text;
	if (!take_number(&text, &cap) ||
	    !(ta_slice_equals(text, ").") || ta_slice_equals(text, ")"))) {
		reading->wrong = "malformed, or cut short";
		return TA_WRONG;
	}
	digits.len -= text.len;
	note_cap(reading, line, digits);
	return TA_USED;
}

/* "Running mode=standalone, port=6380." */
static bool read_port(struct state *state, struct ta_slice text)
{
	uint64_t port;
	size_t at;

	if (!ta_slice_begins(text, "Running mode=") || !ta_slice_find(text, ", port=", &at))
		return false;
	text = ta_slice_from(text, at + strlen(", port="));
	if (!take_number(&text, &port) || !ta_slice_equals(text, ".") || port > UINT16_MAX)
		return false;
	state->port_told = true;
	state->port = (uint16_t)port;
	return true;
}

/* Whether it is worth a closer look: logs are long. */
static bool may_tell(struct ta_slice text)
{
	size_t at;

	return ta_slice_find(text, "TCP backlog setting", &at) ||
	       ta_slice_find(text, "Listen queue size", &at) ||
	       ta_slice_find(text, "Running mode=", &at);
}

static enum ta_take read_line(struct ta_reading *reading, void *of, const struct ta_line *line)
{
	struct state *state = of;
	struct ta_log_head head;
	enum ta_take take;

	if (!may_tell(line->text))
		return TA_NOT_MINE;
	head = ta_log_head(line->text);
	if (!head.message.len || head.speaker == TA_LOG_KERNEL)
		return TA_NOT_MINE;
	if (read_port(state, head.message))
		return TA_EMPTY;
	take = read_redis(reading, state, line, &head);
	return take != TA_NOT_MINE ? take : read_uwsgi(reading, line, head.message);
}

const struct ta_reader ta_read_backlog = {
	.name = "backlog warnings",
	.state_size = sizeof(struct state),
	.line = read_line,
};
