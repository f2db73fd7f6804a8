/* conntrack.c - see conntrack.h. */
#include "collect/conntrack.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/language.h"
#include "snapshot/stat_table.h"

#define SYSCTLS "sys/net/netfilter/nf_conntrack_"
#define STATS   "net/stat/nf_conntrack"

enum { FILE_CAP = 1 << 21 }; /* 153 bytes for each of 8192 processors are 1.2 MiB */

/* Whether the module is there, and shows itself in one place or the other. */
static bool is_loaded(const struct ta_root *root)
{
	return ta_root_exists(root, "proc/" SYSCTLS "count") || ta_root_exists(root, "proc/" STATS);
}

static void build_table(const struct ta_root *root, struct ta_builder *builder, json_t *namespace_)
{
	static const struct {
		const char *path, *name, *fact;
	} fields[] = {
		{ SYSCTLS "count", "count", "namespaces[].conntrack.count" },
		{ SYSCTLS "max", "max", "namespaces[].conntrack.max" },
		{ SYSCTLS "buckets", "buckets", "namespaces[].conntrack.buckets" },
	};
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(4096);
	json_t *object = ta_build_object(builder, namespace_, "conntrack");

	for (size_t i = 0; i < TA_ARRAY_SIZE(fields); i++) {
		int64_t number;
		int failed = ta_root_read_number(root, fields[i].path, 0, &buf, &number);
		char what[96];

		if (!failed) {
			ta_build_int(builder, object, fields[i].name, number);
			continue;
		}
		snprintf(what, sizeof(what), "/proc/%s", fields[i].path);
		/* older kernels hide them from the namespaces of an unprivileged user */
		ta_build_gap(builder, what,
			     failed == ENOENT ? N_("this network namespace does not show it")
					      : strerror(failed),
			     fields[i].fact, NULL);
	}
}

void ta_conntrack_build(const struct ta_root *root, struct ta_builder *builder, json_t *namespace_)
{
	if (is_loaded(root))
		build_table(root, builder, namespace_);
	else if (!ta_root_exists(root, "proc/sys/net") || !ta_root_exists(root, "proc/net"))
		ta_build_gap(builder, N_("connection tracking"),
			     N_("/proc does not show what is of the network"),
			     "namespaces[].conntrack", "namespaces[].counters.conntrack",
			     "namespaces[].rates.conntrack", NULL);
}

/* All numbers are 32 bits wide; their sum fits. */
static const char *count(const struct ta_root *root, struct ta_builder *builder, json_t *counters)
{
	struct ta_stat_column columns[] = {
		{ .name = "drop" },           { .name = "early_drop" },
		{ .name = "insert_failed" },  { .name = "invalid" },
		{ .name = "search_restart" }, { .name = "clashres" },
		{ .name = "chainlength" },
	};
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(FILE_CAP);
	int failed = ta_root_read(root, STATS, &buf);
	json_t *object;

	if (failed == ENOENT)
		return N_("this kernel does not show its statistics");
	if (failed)
		return strerror(failed);
	if (!ta_stat_table_parse(ta_buf_cstr(&buf), buf.len, columns, TA_ARRAY_SIZE(columns)))
		return N_("it is not in the form that the kernel prints");
	object = ta_build_object(builder, counters, "conntrack");
	for (size_t i = 0; i < TA_ARRAY_SIZE(columns); i++)
		if (columns[i].found)
			ta_build_uint(builder, object, columns[i].name, columns[i].sum);
	return NULL;
}

void ta_conntrack_count(const struct ta_root *root, bool gaps, struct ta_builder *builder,
			json_t *counters)
{
	const char *why = is_loaded(root) ? count(root, builder, counters) : NULL;

	if (why && gaps)
		ta_build_gap(builder, "counters of /proc/" STATS, why,
			     "namespaces[].counters.conntrack", "namespaces[].rates.conntrack",
			     NULL);
}
