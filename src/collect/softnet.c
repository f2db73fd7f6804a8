/* softnet.c - see softnet.h. The lines have no header and grew with the kernels: 9 numbers, 10
 * (2.6.35), 11 (3.11), 13 (5.10), 15 (6.4). Columns 1 to 3 have never changed their meaning. */
#include "collect/softnet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

enum {
	FILE_CAP = 1 << 21, /* 135 bytes for each of 8192 processors are 1.1 MiB */
	LEAST_COLUMNS = 9,
	FLOW_LIMIT_COLUMN = 11,
	LINE_BYTES = LEAST_COLUMNS * 2, /* no line is shorter: a digit and a blank each */
};

/* The numbers are 32 bits wide, so that no sum of a file of that size overflows. */
static bool parse_line(const char *line, size_t len, struct ta_softnet *ret)
{
	uint64_t columns[FLOW_LIMIT_COLUMN] = { 0 }, number;
	size_t count = 0, word_len;
	const char *word;

	for (; ta_next_word(&line, &len, &word, &word_len); count++) {
		if (!ta_parse_u64(word, word_len, 16, &number) || number > UINT32_MAX)
			return false;
		if (count < FLOW_LIMIT_COLUMN)
			columns[count] = number;
	}
	if (count < LEAST_COLUMNS)
		return false;
	ret->by_cpu[ret->cpus++] = (uint32_t)columns[0];
	ret->processed += columns[0];
	ret->dropped += columns[1];
	ret->time_squeeze += columns[2];
	ret->flow_limit += columns[FLOW_LIMIT_COLUMN - 1];
	ret->flow_limit_known = count >= FLOW_LIMIT_COLUMN;
	return true;
}

int ta_softnet_parse(const char *text, size_t len, struct ta_softnet *ret)
{
	size_t lines = len / LINE_BYTES + 1, line_len;
	const char *line;

	*ret = (struct ta_softnet){ .by_cpu = calloc(lines, sizeof(uint32_t)) };
	if (!ret->by_cpu)
		return ENOMEM;
	while (ta_next_line(&text, &len, &line, &line_len))
		if (!parse_line(line, line_len, ret))
			return EINVAL;
	return ret->cpus ? 0 : EINVAL;
}

int ta_softnet_read(const struct ta_root *root, struct ta_softnet *ret)
{
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(FILE_CAP);
	int failed = ta_root_read(root, "net/softnet_stat", &buf);

	*ret = (struct ta_softnet){ .by_cpu = NULL };
	if (!failed)
		failed = ta_softnet_parse(ta_buf_cstr(&buf), buf.len, ret);
	if (failed)
		ta_softnet_done(ret);
	return failed;
}

void ta_softnet_done(struct ta_softnet *softnet)
{
	free(softnet->by_cpu);
	*softnet = (struct ta_softnet){ .by_cpu = NULL };
}

void ta_softnet_build(const struct ta_softnet *softnet, struct ta_builder *builder,
		      json_t *counters)
{
	json_t *object = ta_build_object(builder, counters, "softnet");
	uint32_t busiest = 0;

	for (size_t i = 0; i < softnet->cpus; i++)
		if (softnet->by_cpu[i] > busiest)
			busiest = softnet->by_cpu[i];
	ta_build_uint(builder, object, "processed", softnet->processed);
	ta_build_uint(builder, object, "dropped", softnet->dropped);
	ta_build_uint(builder, object, "time_squeeze", softnet->time_squeeze);
	if (softnet->flow_limit_known)
		ta_build_uint(builder, object, "flow_limit", softnet->flow_limit);
	ta_build_uint(builder, object, "busiest_processed", busiest);
}

bool ta_softnet_comparable(const struct ta_softnet *before, const struct ta_softnet *after)
{
	return before->cpus && before->cpus == after->cpus;
}

bool ta_softnet_busiest(const struct ta_softnet *before, const struct ta_softnet *after,
			uint64_t *ret)
{
	uint32_t most = 0;

	if (!ta_softnet_comparable(before, after))
		return false;
	for (size_t i = 0; i < after->cpus; i++) {
		uint32_t growth = after->by_cpu[i] - before->by_cpu[i];

		if (after->by_cpu[i] < before->by_cpu[i])
			return false; /* wrapped, or another processor's line */
		if (growth > most)
			most = growth;
	}
	*ret = most;
	return true;
}
