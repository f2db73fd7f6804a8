/* pipeline.c - see pipeline.h. */
#include "import/readers/pipeline.h"

#include "base/macros.h"
#include "import/line.h"
#include "snapshot/states.h"

static bool is_one_of(struct ta_slice word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (ta_slice_equals(word, words[i]))
			return true;
	return false;
}

/* ---- grep ---- */

/* Without quotes, and the anchors of a line. */
static struct ta_slice strip(struct ta_slice word)
{
	static const char around[] = "'\"^$ /";

	while (word.len && memchr(around, word.data[0], sizeof(around) - 1))
		word = ta_slice(word.data + 1, word.len - 1);
	while (word.len && memchr(around, word.data[word.len - 1], sizeof(around) - 1))
		word.len--;
	return word;
}

/* 0 when the pattern is no state, or finds others, too, as "CLOSE" does. */
static unsigned state_of(struct ta_slice pattern)
{
	const struct ta_state *state = ta_state_find(pattern.data, pattern.len);
	bool digit = pattern.len && pattern.data[0] >= '0' && pattern.data[0] <= '9';

	return state && !digit && state->number != TA_TCP_CLOSE && state->number <= TA_TCP_CLOSING
		       ? state->number
		       : 0;
}

static void let_through(struct ta_pipeline *pipeline, struct ta_slice pattern)
{
	static const char *const tcp[] = { "tcp", "TCP", "tcp4" };
	unsigned state = state_of(pattern);

	pipeline->headless = true;
	if (is_one_of(pattern, tcp, TA_ARRAY_SIZE(tcp)))
		pipeline->tcp = true;
	else if (state)
		pipeline->states &= 1u << state;
	else
		pipeline->picked = true;
}

static void leave_out(struct ta_pipeline *pipeline, struct ta_slice pattern)
{
	static const char *const headers[] = { "State", "Recv-Q", "Local", "Address" };
	static const char *const titles[] = { "Active", "Proto", "Netid",   "servers", "grep",
					      "unix",   "udp",   "Foreign", "and" };
	unsigned state = state_of(pattern);

	if (is_one_of(pattern, headers, TA_ARRAY_SIZE(headers)))
		pipeline->headless = true;
	else if (state)
		pipeline->states &= ~(1u << state);
	else if (!is_one_of(pattern, titles, TA_ARRAY_SIZE(titles)))
		pipeline->picked = true;
}

/* Its options are behind it or behind the pattern; one pattern at most is understood. */
static void take_grep(struct ta_pipeline *pipeline, struct ta_slice stage)
{
	struct ta_slice word, pattern = { 0 };
	bool inverted = false;

	while ((word = ta_command_word(&stage)).len) {
		if (ta_slice_begins(word, "--")) {
			inverted |= ta_slice_equals(word, "--invert-match");
		} else if (word.data[0] == '-') {
			inverted |= memchr(word.data, 'v', word.len) != NULL;
			pipeline->unknown |= memchr(word.data, 'o', word.len) != NULL;
		} else if (pattern.len) {
			pipeline->picked = true;
		} else {
			pattern = strip(word);
		}
	}
	if (!pattern.len)
		pipeline->unknown = true;
	else if (inverted)
		leave_out(pipeline, pattern);
	else
		let_through(pipeline, pattern);
}

/* ---- other stages ---- */

static bool says(struct ta_slice stage, const char *text)
{
	size_t at;

	return ta_slice_find(stage, text, &at);
}

/* Takes a column for a tally, or rows that begin with "tcp". */
static void take_awk(struct ta_pipeline *pipeline, struct ta_slice stage)
{
	pipeline->unknown = true;
	pipeline->tcp |= says(stage, "tcp");
}

static void take_nothing(struct ta_pipeline *pipeline, struct ta_slice stage)
{
	(void)pipeline;
	(void)stage;
}

/* To a tally, which reads columns, these leave enough; to a count of lines they do not. */
static void take_unknown(struct ta_pipeline *pipeline, struct ta_slice stage)
{
	(void)stage;
	pipeline->unknown = true;
}

static void take_head(struct ta_pipeline *pipeline, struct ta_slice stage)
{
	(void)stage;
	pipeline->picked = true;
}

static const struct {
	const char *program;
	void (*take)(struct ta_pipeline *pipeline, struct ta_slice stage);
	bool ends; /* what comes behind it are no rows any more */
} stages[] = {
	{ "grep", take_grep, false },   { "egrep", take_grep, false },
	{ "fgrep", take_grep, false },  { "awk", take_awk, false },
	{ "gawk", take_awk, false },    { "mawk", take_awk, false },
	{ "head", take_head, false },   { "cat", take_nothing, false },
	{ "wc", take_nothing, true },   { "sort", take_nothing, true },
	{ "uniq", take_unknown, true },
};

/* The name behind the last slash. */
static struct ta_slice program_of(struct ta_slice word)
{
	size_t at = word.len;

	while (at && word.data[at - 1] != '/')
		at--;
	return ta_slice(word.data + at, word.len - at);
}

/* False when it is the last one that sees rows. */
static bool take_stage(struct ta_pipeline *pipeline, struct ta_slice stage)
{
	struct ta_slice program = program_of(ta_command_word(&stage));

	for (size_t i = 0; i < TA_ARRAY_SIZE(stages); i++) {
		if (!ta_slice_equals(program, stages[i].program))
			continue;
		stages[i].take(pipeline, stage);
		return !stages[i].ends;
	}
	pipeline->unknown = true;
	return true;
}

void ta_pipeline_find(const struct ta_command *command, struct ta_pipeline *ret)
{
	struct ta_slice rest = command->rest;

	*ret = (struct ta_pipeline){ .states = TA_ALL_STATES };
	while (rest.len && take_stage(ret, ta_command_stage(&rest)))
		;
}
