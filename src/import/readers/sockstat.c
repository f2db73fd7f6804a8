/* sockstat.c - /proc/net/sockstat and sockstat6: "TCP: inuse 5 orphan 0 tw 0 alloc 7 mem 1". */
#include "base/macros.h"
#include "import/readers/counter.h"
#include "snapshot/proc_net.h"

static const char *const heads[] = { "sockets", "TCP",  "UDP",  "UDPLITE",  "RAW",  "FRAG",
				     "TCP6",    "UDP6", "RAW6", "UDPLITE6", "FRAG6" };
static const char *const keys[] = { "used", "inuse", "orphan", "tw", "alloc", "mem", "memory" };

static bool is_one_of(struct ta_slice word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (ta_slice_equals(word, words[i]))
			return true;
	return false;
}

static const struct ta_sockstat_fact *find_fact(struct ta_slice head, struct ta_slice key)
{
	for (const struct ta_sockstat_fact *fact = ta_sockstat_facts; fact->line; fact++)
		if (ta_slice_equals(head, fact->line) && ta_slice_equals(key, fact->key))
			return fact;
	return NULL;
}

/* Keys and numbers to the end; a key that is not known may stand among them. */
static bool is_whole(struct ta_sockstat_line line)
{
	struct ta_slice key, value;
	uint64_t number;

	while (ta_sockstat_next(&line, &key, &value))
		if (!ta_slice_u64(value, &number))
			return false;
	return !ta_slice_trim(line.rest).len;
}

static void note_fact(struct ta_reading *reading, const struct ta_line *line,
		      const struct ta_sockstat_fact *fact, struct ta_slice value)
{
	uint64_t number = 0;

	ta_slice_u64(value, &number);
	ta_note_uint(reading, line, fact->of_host ? TA_HOME_HOST : TA_HOME_NETNS,
		     fact->of_host ? "tcp" : "sockstat", fact->name, number);
}

static enum ta_take take_line(struct ta_reading *reading, void *state, const struct ta_line *line)
{
	const struct ta_sockstat_fact *fact;
	struct ta_sockstat_line at, first;
	struct ta_slice key, value;
	enum ta_take take = TA_EMPTY;

	(void)state;
	if (!ta_sockstat_start(&at, line->text) || !is_one_of(at.head, heads, TA_ARRAY_SIZE(heads)))
		return TA_NOT_MINE;
	first = at;
	if (!ta_sockstat_next(&first, &key, &value) || !is_one_of(key, keys, TA_ARRAY_SIZE(keys)))
		return TA_NOT_MINE;
	if (!is_whole(at))
		return ta_wrong(reading, "a key without its number");
	while (ta_sockstat_next(&at, &key, &value)) {
		fact = find_fact(at.head, key);
		if (!fact)
			continue;
		note_fact(reading, line, fact, value);
		take = TA_USED;
	}
	return take;
}

const struct ta_reader ta_read_sockstat = {
	.name = "/proc/net/sockstat",
	.line = take_line,
};
