/* counters.c - see counters.h. Names are never assumed: each kernel has its own set. */
#include "collect/counters.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/language.h"
#include "base/number.h"
#include "base/text.h"
#include "snapshot/proc_net.h"

enum { FILE_CAP = 1 << 18 };

/* Of the messages of ICMP the rules know these; the others are not kept. */
static const char *const icmp_names[] = { "InDestUnreachs", "OutDestUnreachs", NULL };

static const struct group {
	const char *name;
	const char *const *wanted; /* ended by NULL; NULL: all of them */
} groups[] = {
	{ "Tcp", NULL },    { "Ip", NULL },    { "Icmp", icmp_names },
	{ "TcpExt", NULL }, { "IpExt", NULL },
};

static const struct group *find_group(struct ta_slice name)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(groups); i++)
		if (ta_slice_equals(name, groups[i].name))
			return &groups[i];
	return NULL;
}

static bool is_wanted(const struct group *group, struct ta_slice name)
{
	if (!group->wanted)
		return true;
	for (size_t i = 0; group->wanted[i]; i++)
		if (ta_slice_equals(name, group->wanted[i]))
			return true;
	return false;
}

/* Counters are unsigned long, MaxConn is -1. What does not fit into a JSON integer is left out. */
static bool build_counter(struct ta_builder *builder, json_t *object, struct ta_slice name,
			  struct ta_slice value)
{
	char key[64];
	int64_t number;

	if (name.len >= sizeof(key) || !ta_parse_i64(value.data, value.len, &number))
		return false;
	memcpy(key, name.data, name.len);
	key[name.len] = '\0';
	if (!ta_utf8_valid(key, name.len))
		return false;
	ta_build_int(builder, object, key, number);
	return true;
}

/* false when the lines do not have as many values as names. */
static bool build_group(struct ta_builder *builder, json_t *counters, const struct group *group,
			struct ta_counter_pair *pair)
{
	json_t *object = ta_build_object(builder, counters, group->name);
	struct ta_slice name, value;
	bool ok = true;

	while (ta_counter_pair_next(pair, &name, &value))
		if (is_wanted(group, name))
			ok &= build_counter(builder, object, name, value);
	return ok && ta_counter_pair_whole(pair);
}

static bool next_line(struct ta_slice *text, struct ta_slice *ret)
{
	return ta_next_line(&text->data, &text->len, &ret->data, &ret->len);
}

size_t ta_counters_parse(const char *text, size_t len, struct ta_builder *builder, json_t *object)
{
	struct ta_slice rest = ta_slice(text, len), names, values;
	size_t odd = 0;

	while (next_line(&rest, &names)) {
		const struct group *group;
		struct ta_counter_pair pair;

		if (!next_line(&rest, &values) || !ta_counter_pair_start(&pair, names, values)) {
			odd++;
			continue;
		}
		group = find_group(pair.group);
		if (group)
			odd += !build_group(builder, object, group, &pair);
	}
	return odd;
}

void ta_counters_build(const struct ta_root *root, bool gaps, struct ta_builder *builder,
		       json_t *object)
{
	static const struct {
		const char *path, *facts[6]; /* the shorter list ends with NULL */
	} files[] = {
		{ "net/snmp",
		  { "namespaces[].counters.Tcp", "namespaces[].counters.Ip",
		    "namespaces[].counters.Icmp", "namespaces[].rates.Tcp", "namespaces[].rates.Ip",
		    "namespaces[].rates.Icmp" } },
		{ "net/netstat",
		  { "namespaces[].counters.TcpExt", "namespaces[].counters.IpExt",
		    "namespaces[].rates.TcpExt", "namespaces[].rates.IpExt" } },
	};
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(FILE_CAP);

	for (size_t i = 0; i < TA_ARRAY_SIZE(files); i++) {
		int failed = ta_root_read(root, files[i].path, &buf);
		const char *why = failed ? strerror(failed) : NULL;
		char what[64];

		if (!failed && ta_counters_parse(ta_buf_cstr(&buf), buf.len, builder, object))
			why = "some lines are not in the form that the kernel prints";
		if (!gaps || !why)
			continue;
		snprintf(what, sizeof(what), "counters of /proc/%s", files[i].path);
		ta_build_gap(builder, what, why, files[i].facts[0], files[i].facts[1],
			     files[i].facts[2], files[i].facts[3], files[i].facts[4],
			     files[i].facts[5], NULL);
	}
}

/* ---- sockstat ---- */

static bool number_of(struct ta_slice text, const char *line, const char *key, int64_t *ret)
{
	struct ta_sockstat_line at;
	struct ta_slice word, value;

	if (!ta_sockstat_start(&at, text) || !ta_slice_equals(at.head, line))
		return false;
	while (ta_sockstat_next(&at, &word, &value))
		if (ta_slice_equals(word, key))
			return ta_parse_i64(value.data, value.len, ret) && *ret >= 0;
	return false;
}

bool ta_sockstat_number(const struct ta_buf *buf, const char *line, const char *key, int64_t *ret)
{
	struct ta_slice rest = ta_slice(ta_buf_cstr(buf), buf->len), text;

	while (next_line(&rest, &text))
		if (number_of(text, line, key, ret))
			return true;
	return false;
}

static void build_facts(struct ta_builder *builder, json_t *object, const struct ta_buf *buf,
			bool of_host)
{
	const struct ta_sockstat_fact *fact;
	int64_t number;

	for (fact = ta_sockstat_facts; fact->line; fact++)
		if (fact->of_host == of_host &&
		    ta_sockstat_number(buf, fact->line, fact->key, &number))
			ta_build_int(builder, object, fact->name, number);
}

void ta_sockstat_build(const struct ta_root *root, bool gaps, struct ta_builder *builder,
		       json_t *namespace_)
{
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(FILE_CAP);
	int failed = ta_root_read(root, "net/sockstat", &buf);
	json_t *object;

	if (failed) {
		if (gaps)
			ta_build_gap(builder, N_("socket statistics of /proc/net/sockstat"),
				     strerror(failed), "namespaces[].sockstat", NULL);
		return;
	}
	object = ta_build_object(builder, namespace_, "sockstat");
	build_facts(builder, object, &buf, false);
	failed = ta_root_read(root, "net/sockstat6", &buf);
	if (!failed)
		build_facts(builder, object, &buf, false);
	else if (gaps && failed != ENOENT) /* a kernel without IPv6 has no such file */
		ta_build_gap(builder, N_("socket statistics of /proc/net/sockstat6"),
			     strerror(failed), "namespaces[].sockstat.tcp6_inuse", NULL);
}

void ta_host_sockstat_build(const struct ta_root *root, struct ta_builder *builder, json_t *host)
{
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(FILE_CAP);
	int failed = ta_root_read(root, "net/sockstat", &buf);

	if (failed)
		ta_build_gap(builder, N_("the host's figures in /proc/net/sockstat"),
			     strerror(failed), "host.tcp", NULL);
	else
		build_facts(builder, ta_build_object(builder, host, "tcp"), &buf, true);
}
