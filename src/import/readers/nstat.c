/* nstat.c - "nstat" of iproute2, as text and JSON, and /proc/net/snmp6, which has the same names.
 *
 * With -a (or after -r) the numbers are totals. Without, they are what was added since the user's
 * last nstat, from a moment that nobody knows: not to be used as totals. Where the command is not
 * known, this is how the two are told apart:
 * - a whole output ("#kernel" above it) without a row of 0 is that of the plain command: with -z,
 *   which shows such rows, people give -a, and only then;
 * - lone rows in a ticket are taken as totals, which is what people quote. Were one a difference,
 *   the total would be larger still, and what is said of it true;
 * - a 0 is not taken: nothing may have happened only since the last time. */
#include <string.h>

#include "base/macros.h"
#include "base/number.h"
#include "import/readers/counter.h"
#include "snapshot/proc_net.h"

#define NOT_A_TOTAL                                                                                \
	"what was added since nstat ran last, which is no total: nstat -az prints totals"

enum meaning { TOTAL, DIFFERENCE, PROBABLY_TOTAL };

struct state {
	bool titled; /* "#kernel" */
	bool zeros;  /* a row of 0: -z was given */
};

static enum meaning meaning_of(const struct ta_reading *reading, const struct state *state)
{
	const struct ta_command *command = &reading->command;

	if (ta_command_is(command, "nstat"))
		return ta_command_has(command, 'a', "--ignore") ||
				       ta_command_has(command, 'r', "--reset")
			       ? TOTAL
			       : DIFFERENCE;
	return state->titled && !state->zeros ? DIFFERENCE : PROBABLY_TOTAL;
}

/* The longer of two that begin alike first. group NULL: nothing of it is asked for. */
static const struct prefix {
	const char *text, *group;
	bool snmp6; /* printed without a rate, too */
} prefixes[] = {
	{ "TcpExt", "TcpExt", false }, { "IpExt", "IpExt", false }, { "Tcp", "Tcp", false },
	{ "IcmpMsg", NULL, false },    { "Icmp6", NULL, true },     { "Icmp", "Icmp", false },
	{ "Ip6", NULL, true },         { "Ip", "Ip", false },       { "UdpLite6", NULL, true },
	{ "UdpLite", NULL, false },    { "Udp6", NULL, true },      { "Udp", NULL, false },
	{ "MPTcpExt", NULL, false },   { "Sctp", NULL, false },
};

static bool is_name_byte(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* "TcpExtListenDrops" is "ListenDrops" of "TcpExt". */
static const struct prefix *find_prefix(struct ta_slice word, struct ta_slice *ret_name)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(prefixes); i++) {
		size_t len = strlen(prefixes[i].text);

		if (word.len <= len || !ta_slice_begins(word, prefixes[i].text))
			continue;
		*ret_name = ta_slice(word.data + len, word.len - len);
		return is_name_byte(ret_name->data[0]) ? &prefixes[i] : NULL;
	}
	return NULL;
}

static enum ta_take take_counter(struct ta_reading *reading, struct state *state,
				 const struct ta_line *line, const struct prefix *prefix,
				 struct ta_slice name, struct ta_slice value)
{
	bool zero = ta_slice_equals(value, "0");
	enum meaning meaning;

	state->zeros |= zero;
	meaning = meaning_of(reading, state);
	if (!prefix->group || !ta_counter_find(prefix->group, name))
		return TA_EMPTY;
	if (meaning == DIFFERENCE)
		return ta_wrong(reading, NOT_A_TOTAL);
	if (meaning == PROBABLY_TOTAL && zero)
		return TA_EMPTY;
	return ta_note_counter(reading, line, prefix->group, name, value);
}

/* ---- text ---- */

/* "0.0", as %6.1f prints it. */
static bool is_rate(struct ta_slice word)
{
	struct ta_slice whole = ta_slice_cut(&word, '.');
	uint64_t number;

	return ta_slice_u64(whole, &number) && word.len == 1 && ta_slice_u64(word, &number);
}

/* "TcpExtListenDrops  3220  0.0"; picked columns may have lost the rate. */
static enum ta_take take_row(struct ta_reading *reading, struct state *state,
			     const struct ta_line *line)
{
	struct ta_slice words[TA_LINE_WORDS], name;
	const struct prefix *prefix;
	size_t count;

	ta_line_words(line->text, words, &count);
	if (count < 2 || count > 4 || !words[1].len || words[1].data[0] < '0' ||
	    words[1].data[0] > '9' || (count > 2 && !is_rate(words[2])))
		return TA_NOT_MINE;
	prefix = find_prefix(words[0], &name);
	if (!prefix)
		return TA_NOT_MINE;
	if (count == 2 && !prefix->snmp6 &&
	    (!prefix->group || !ta_counter_find(prefix->group, name)))
		return TA_NOT_MINE;
	if (count == 4)
		return ta_slice_equals(words[3], "(overflow)")
			       ? ta_wrong(reading,
					  "the counter wrapped around since nstat ran last")
			       : TA_NOT_MINE;
	return take_counter(reading, state, line, prefix, name, words[1]);
}

/* "#kernel"; of the daemon "#1234.5678 sampling_interval=1 time_const=60" */
static bool is_title(struct ta_slice text)
{
	size_t at;

	return ta_slice_equals(text, "#kernel") ||
	       (ta_slice_begins(text, "#") && ta_slice_find(text, " sampling_interval=", &at));
}

/* ---- JSON ---- */

TA_DEFINE_AUTO(json_t, json_decref)

/* What one line gave: what is wrong is said, where nothing is right. */
static enum ta_take better(enum ta_take a, enum ta_take b)
{
	if (a == TA_USED || b == TA_USED)
		return TA_USED;
	return a == TA_WRONG || b == TA_WRONG ? TA_WRONG : TA_EMPTY;
}

static bool has_zero(json_t *counters)
{
	const char *name;
	json_t *value;

	json_object_foreach (counters, name, value)
		if (json_is_integer(value) && json_integer_value(value) == 0)
			return true;
	return false;
}

static enum ta_take take_member(struct ta_reading *reading, struct state *state,
				const struct ta_line *line, const char *word, const json_t *value)
{
	const struct prefix *prefix;
	struct ta_slice name;
	char text[24];
	int len;

	prefix = find_prefix(ta_slice(word, strlen(word)), &name);
	if (!prefix || !json_is_integer(value))
		return TA_EMPTY;
	len = snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	return take_counter(reading, state, line, prefix, name, ta_slice(text, (size_t)len));
}

/* {"kernel":{"IpInReceives":71702, ...}} on one line */
static enum ta_take take_json(struct ta_reading *reading, struct state *state,
			      const struct ta_line *line, struct ta_slice text)
{
	ta_auto(json_decref_p) json_t *root = json_loadb(text.data, text.len, 0, NULL);
	json_t *counters = json_object_get(root, "kernel"), *value;
	enum ta_take take = TA_EMPTY;
	const char *word;

	if (!json_is_object(counters))
		return TA_NOT_MINE;
	state->titled = true;
	state->zeros |= has_zero(counters);
	json_object_foreach (counters, word, value)
		take = better(take, take_member(reading, state, line, word, value));
	return take;
}

static enum ta_take take_line(struct ta_reading *reading, void *state_, const struct ta_line *line)
{
	struct state *state = state_;
	struct ta_slice text = ta_slice_trim(line->text);

	if (is_title(text)) {
		*state = (struct state){ .titled = true };
		return TA_EMPTY;
	}
	if (ta_slice_begins(text, "{\"kernel\""))
		return line->cut ? ta_wrong(reading, "the line is cut")
				 : take_json(reading, state, line, text);
	return take_row(reading, state, line);
}

const struct ta_reader ta_read_nstat = {
	.name = "nstat",
	.state_size = sizeof(struct state),
	.line = take_line,
};
