/* softnet.c - see softnet.h. */
#include "collect/softnet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "snapshot/proc_net.h"

enum {
	FILE_CAP = 1 << 21, /* 135 bytes for each of 8192 processors are 1.1 MiB */
	LINE_BYTES = 9 * 2, /* no line is shorter: nine times a digit and a blank */
};

/* The numbers are 32 bits wide, so that no sum of a file of that size overflows. */
static void add_line(const struct ta_softnet_line *line, struct ta_softnet *ret)
{
	ret->by_cpu[ret->cpus++] = line->processed;
	ret->processed += line->processed;
	ret->dropped += line->dropped;
	ret->time_squeeze += line->time_squeeze;
	ret->flow_limit += line->flow_limit;
	ret->flow_limit_known = line->flow_limit_known;
}

int ta_softnet_parse(const char *text, size_t len, struct ta_softnet *ret)
{
	size_t lines = len / LINE_BYTES + 1, line_len;
	struct ta_softnet_line numbers;
	const char *line;

	*ret = (struct ta_softnet){ .by_cpu = calloc(lines, sizeof(uint32_t)) };
	if (!ret->by_cpu)
		return ENOMEM;
	while (ta_next_line(&text, &len, &line, &line_len)) {
		if (!ta_softnet_line_parse(line, line_len, &numbers))
			return EINVAL;
		add_line(&numbers, ret);
	}
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
