/* counters.c - see counters.h. Names are never assumed: each kernel has its own set. */
#include "collect/counters.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"

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

struct line {
	const char *at;
	size_t left;
};

static bool next_line(struct line *text, struct line *ret)
{
	return ta_next_line(&text->at, &text->left, &ret->at, &ret->left);
}

/* "Tcp:" at the front of both lines. */
static bool take_group(struct line *names, struct line *values, const char **ret, size_t *ret_len)
{
	const char *word;
	size_t len;

	return ta_next_word(&names->at, &names->left, ret, ret_len) &&
	       ta_next_word(&values->at, &values->left, &word, &len) && *ret_len > 1 &&
	       (*ret)[*ret_len - 1] == ':' && len == *ret_len && memcmp(word, *ret, len) == 0;
}

static bool is_name(const char *known, const char *name, size_t len)
{
	return strlen(known) == len && memcmp(known, name, len) == 0;
}

static const struct group *find_group(const char *name, size_t len)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(groups); i++)
		if (is_name(groups[i].name, name, len))
			return &groups[i];
	return NULL;
}

static bool is_wanted(const struct group *group, const char *name, size_t len)
{
	if (!group->wanted)
		return true;
	for (size_t i = 0; group->wanted[i]; i++)
		if (is_name(group->wanted[i], name, len))
			return true;
	return false;
}

/* Counters are unsigned long, MaxConn is -1. What does not fit into a JSON integer is left out. */
static bool build_counter(struct ta_builder *builder, json_t *object, const char *name,
			  size_t name_len, const char *value, size_t value_len)
{
	char key[64];
	int64_t number;

	if (name_len >= sizeof(key) || !ta_parse_i64(value, value_len, &number))
		return false;
	memcpy(key, name, name_len);
	key[name_len] = '\0';
	if (!ta_utf8_valid(key, name_len))
		return false;
	ta_build_int(builder, object, key, number);
	return true;
}

/* false when the lines do not have as many values as names. */
static bool build_group(struct ta_builder *builder, json_t *counters, const struct group *group,
			struct line names, struct line values)
{
	json_t *object = ta_build_object(builder, counters, group->name);
	const char *name, *value;
	size_t name_len, value_len;
	bool ok = true;

	while (ta_next_word(&names.at, &names.left, &name, &name_len)) {
		if (!ta_next_word(&values.at, &values.left, &value, &value_len))
			return false;
		if (is_wanted(group, name, name_len))
			ok &= build_counter(builder, object, name, name_len, value, value_len);
	}
	return ok && !ta_next_word(&values.at, &values.left, &value, &value_len);
}

size_t ta_counters_parse(const char *text, size_t len, struct ta_builder *builder, json_t *object)
{
	struct line rest = { text, len }, names, values;
	size_t odd = 0;

	while (next_line(&rest, &names)) {
		const struct group *group;
		const char *name;
		size_t name_len;

		if (!next_line(&rest, &values) || !take_group(&names, &values, &name, &name_len)) {
			odd++;
			continue;
		}
		group = find_group(name, name_len - 1);
		if (group)
			odd += !build_group(builder, object, group, names, values);
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

bool ta_sockstat_number(const struct ta_buf *buf, const char *line, const char *key, int64_t *ret)
{
	struct line rest = { ta_buf_cstr(buf), buf->len }, at;
	const char *word, *value;
	size_t len, value_len;

	while (next_line(&rest, &at)) {
		if (!ta_next_word(&at.at, &at.left, &word, &len) || len != strlen(line) + 1 ||
		    memcmp(word, line, len - 1) != 0 || word[len - 1] != ':')
			continue;
		while (ta_next_word(&at.at, &at.left, &word, &len) &&
		       ta_next_word(&at.at, &at.left, &value, &value_len))
			if (len == strlen(key) && memcmp(word, key, len) == 0)
				return ta_parse_i64(value, value_len, ret) && *ret >= 0;
	}
	return false;
}

struct field {
	const char *line, *key, *name;
};

static void build_fields(struct ta_builder *builder, json_t *object, const struct ta_buf *buf,
			 const struct field *fields, size_t count)
{
	int64_t number;

	for (size_t i = 0; i < count; i++)
		if (ta_sockstat_number(buf, fields[i].line, fields[i].key, &number))
			ta_build_int(builder, object, fields[i].name, number);
}

void ta_sockstat_build(const struct ta_root *root, struct ta_builder *builder, json_t *namespace_)
{
	static const struct field own[] = {
		{ "sockets", "used", "sockets_used" },
		{ "TCP", "inuse", "tcp_inuse" },
		{ "TCP", "tw", "tw" },
	};
	static const struct field own6[] = { { "TCP6", "inuse", "tcp6_inuse" } };
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(FILE_CAP);
	int failed = ta_root_read(root, "net/sockstat", &buf);
	json_t *object;

	if (failed) {
		ta_build_gap(builder, "socket statistics of /proc/net/sockstat", strerror(failed),
			     "namespaces[].sockstat", NULL);
		return;
	}
	object = ta_build_object(builder, namespace_, "sockstat");
	build_fields(builder, object, &buf, own, TA_ARRAY_SIZE(own));
	failed = ta_root_read(root, "net/sockstat6", &buf);
	if (!failed)
		build_fields(builder, object, &buf, own6, TA_ARRAY_SIZE(own6));
	else if (failed != ENOENT) /* a kernel without IPv6 has no such file */
		ta_build_gap(builder, "socket statistics of /proc/net/sockstat6", strerror(failed),
			     "namespaces[].sockstat.tcp6_inuse", NULL);
}

void ta_host_sockstat_build(const struct ta_root *root, struct ta_builder *builder, json_t *host)
{
	static const struct field of_host[] = {
		{ "TCP", "orphan", "orphans" },
		{ "TCP", "alloc", "alloc" },
		{ "TCP", "mem", "mem_pages" },
	};
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(FILE_CAP);
	int failed = ta_root_read(root, "net/sockstat", &buf);

	if (failed)
		ta_build_gap(builder, "the host's figures in /proc/net/sockstat", strerror(failed),
			     "host.tcp", NULL);
	else
		build_fields(builder, ta_build_object(builder, host, "tcp"), &buf, of_host,
			     TA_ARRAY_SIZE(of_host));
}
