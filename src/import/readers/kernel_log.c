/* kernel_log.c - lines of the kernel's log, by dmesg, a journal, syslog, or without any head.
 *
 * A message counts when all of it has a form that some kernel prints (ta_kernel_line_parse()), and
 * no other tag than the kernel's stands before it: any program may log "TCP: too many orphaned
 * sockets". Bare messages count, because that is what people quote. */
#include <jansson.h>
#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "import/reader.h"
#include "import/readers/log_head.h"
#include "import/readers/scan.h"

struct state {
	bool json;           /* within the array of dmesg -J */
	uint64_t event_line; /* the last line that told an event */
};

/* ---- left-out messages ---- */

/* Rate limits of the kernel, and syslog daemons that fold. */
static const struct repeat {
	const char *before, *after;
} repeats[] = {
	{ "printk: ", " messages suppressed." },
	{ "last message repeated ", " times" },
	{ "message repeated ", " times" },
};

/* syslogd has a host before it, and no tag. */
static struct ta_slice without_host(struct ta_slice message)
{
	struct ta_slice rest = message;

	(void)ta_slice_cut(&rest, ' ');
	return ta_slice_begins(rest, "last message repeated ") ? rest : message;
}

/* How many messages like the one before a line stands for; 0 when it is no such line. */
static uint64_t count_of(struct ta_slice message)
{
	message = without_host(message);
	for (size_t i = 0; i < TA_ARRAY_SIZE(repeats); i++) {
		struct ta_slice rest = ta_slice_from(message, strlen(repeats[i].before));
		size_t digits = ta_slice_run(rest, 0, ta_is_digit);
		uint64_t count;

		if (ta_slice_begins(message, repeats[i].before) &&
		    ta_slice_equals(ta_slice_from(rest, digits), repeats[i].after) &&
		    ta_slice_u64(ta_slice_until(rest, digits), &count))
			return count;
	}
	return 0;
}

/* They are of the line right before, of whatever that told. */
static enum ta_take note_repeats(struct ta_reading *reading, struct state *state,
				 const struct ta_line *line, uint64_t count)
{
	if (!state->event_line || state->event_line + 1 != line->number)
		return TA_EMPTY;
	if (count > UINT32_MAX) {
		reading->wrong = "more repetitions than a kernel counts";
		return TA_WRONG;
	}
	ta_note_kernel_again(reading, line, count);
	return TA_USED;
}

/* ---- messages ---- */

/* "message repeated 3 times: [ nf_conntrack: table full, dropping packet]", of rsyslog. */
static struct ta_slice unfold(struct ta_slice message, uint64_t *ret_count)
{
	size_t at;

	*ret_count = 1;
	if (!ta_slice_find(message, ": [ ", &at) || !ta_slice_ends(message, "]"))
		return message;
	*ret_count = count_of(ta_slice_until(message, at));
	if (!*ret_count)
		return message;
	return ta_slice(message.data + at + 4, message.len - at - 5);
}

static enum ta_take read_message(struct ta_reading *reading, struct state *state,
				 const struct ta_line *line, struct ta_slice message,
				 enum ta_log_speaker speaker)
{
	uint64_t count = count_of(message);

	if (count)
		return note_repeats(reading, state, line, count);
	message = unfold(message, &count);
	if (!ta_note_kernel(reading, line, message))
		return speaker == TA_LOG_KERNEL ? TA_EMPTY : TA_NOT_MINE;
	if (count > 1 && count <= UINT32_MAX)
		ta_note_kernel_again(reading, line, count - 1);
	state->event_line = line->number;
	return TA_USED;
}

/* ---- JSON ---- */

/* `"msg": "TCP: ..."`, a line of dmesg -J; its array begins with `"dmesg": [`. */
static enum ta_take read_json_member(struct ta_reading *reading, struct state *state,
				     const struct ta_line *line, struct ta_slice text)
{
	struct ta_slice value = ta_slice_from(text, strlen("\"msg\":"));
	json_t *message;
	enum ta_take take;

	if (!ta_slice_begins(text, "\"msg\":"))
		return ta_is_one_of(ta_slice_at(text, 0), "{}[]\"") ? TA_EMPTY : TA_NOT_MINE;
	message = json_loadb(value.data, value.len, JSON_DECODE_ANY, NULL);
	if (!json_is_string(message)) {
		json_decref(message);
		reading->wrong = "malformed JSON";
		return TA_WRONG;
	}
	take = read_message(reading, state, line,
			    ta_slice(json_string_value(message), json_string_length(message)),
			    TA_LOG_KERNEL);
	json_decref(message);
	return take;
}

/* A line of journalctl -o json. */
static enum ta_take read_journal(struct ta_reading *reading, struct state *state,
				 const struct ta_line *line, struct ta_slice text)
{
	json_t *entry = json_loadb(text.data, text.len, 0, NULL);
	const char *transport = ta_json_text(entry, "_TRANSPORT");
	const char *message = ta_json_text(entry, "MESSAGE");
	enum ta_take take = TA_NOT_MINE;

	if (strcmp(transport, "kernel") == 0)
		take = read_message(reading, state, line, ta_slice(message, strlen(message)),
				    TA_LOG_KERNEL);
	json_decref(entry);
	return take;
}

/* ---- lines ---- */

static enum ta_take read_line(struct ta_reading *reading, void *of, const struct ta_line *line)
{
	struct state *state = of;
	struct ta_slice text = ta_slice_trim(line->text);
	struct ta_log_head head;
	size_t at;

	if (ta_slice_equals(text, "\"dmesg\": [") || ta_slice_equals(text, "]"))
		state->json = text.len > 1;
	if (state->json)
		return read_json_member(reading, state, line, text);
	if (ta_slice_begins(text, "{") && ta_slice_find(text, "\"_TRANSPORT\"", &at))
		return read_journal(reading, state, line, text);
	head = ta_log_head(text);
	if (!head.message.len || head.speaker == TA_LOG_PROGRAM)
		return TA_NOT_MINE;
	return read_message(reading, state, line, head.message, head.speaker);
}

const struct ta_reader ta_read_kernel_log = {
	.name = "kernel log",
	.state_size = sizeof(struct state),
	.line = read_line,
};
