/* netns_name.c - what a network namespace is called, and whose it is: see netns.h.
 *
 * Findings are told apart by the name, from one run to the next, so it is made of what lasts: the
 * name that somebody gave it, the pod or container, the service. Process numbers come last. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/language.h"
#include "base/number.h"
#include "base/text.h"
#include "collect/cgroup.h"
#include "collect/netns.h"

enum {
	FILE_CAP = 65536,
	ID_SHOWN = 12, /* of a container, as engines show it */
	NAME_CUT = 120 /* bytes; leaves room for what tells two of a name apart */
};

/* ---- whose it is ---- */

/* Copies what fits and ends it. */
static void copy(char *to, size_t size, const char *from, size_t len)
{
	if (len >= size)
		len = size - 1;
	if (len)
		memcpy(to, from, len);
	to[len] = '\0';
}

/* The process may have ended meanwhile: then nothing is known of it. */
static void look_at_process(const struct ta_root *root, struct ta_netns *netns)
{
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(FILE_CAP);
	struct ta_cgroup cgroup;

	if (ta_root_read_process(root, netns->pid, "comm", &buf) == 0)
		copy(netns->process, sizeof(netns->process), buf.data,
		     strcspn(ta_buf_cstr(&buf), "\n"));
	if (ta_root_read_process(root, netns->pid, "cgroup", &buf) != 0)
		return;
	ta_cgroup_parse(ta_buf_cstr(&buf), buf.len, &cgroup);
	copy(netns->unit, sizeof(netns->unit), cgroup.unit.data, cgroup.unit.len);
	netns->is_service = strcmp(cgroup.kind, "service") == 0;
	netns->engine = cgroup.engine;
	copy(netns->container, sizeof(netns->container), cgroup.container.data,
	     cgroup.container.len);
	copy(netns->pod_uid, sizeof(netns->pod_uid), cgroup.pod_uid, strlen(cgroup.pod_uid));
}

/* ---- its name ---- */

/* Whether a name ends like "cni-9f8b1c2d-3e4f-5a6b-7c8d-9e0f1a2b3c4d": programs make those up, and
 * nobody knows them by it. */
static bool ends_with_uuid(const char *name)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	size_t len = strlen(name), form_len = strlen(form);

	if (len < form_len)
		return false;
	name += len - form_len;
	for (size_t i = 0; i < form_len; i++)
		if (form[i] == 'x' ? !strchr("0123456789abcdefABCDEF", name[i]) : name[i] != '-')
			return false;
	return true;
}

static const char *file_name(const struct ta_netns *netns)
{
	return netns->path ? strrchr(netns->path, '/') + 1 : NULL;
}

/* The name that somebody gave it with "ip netns add", or NULL. */
static const char *given_name(const struct ta_netns *netns)
{
	const char *name = file_name(netns);

	return name && ta_netns_is_named(netns->path) && !ends_with_uuid(name) ? name : NULL;
}

/* Sets the kind and writes the name, of whatever bytes, into *out. */
static const char *choose_name(const struct ta_netns *netns, struct ta_buf *out)
{
	if (netns->first) {
		ta_buf_str(out, "host");
		return "host";
	}
	if (given_name(netns)) {
		ta_buf_str(out, given_name(netns));
		return "named";
	}
	if (netns->pod_uid[0]) {
		ta_buf_printf(out, "pod:%s", netns->pod_uid);
		return "pod";
	}
	if (netns->engine) {
		ta_buf_printf(out, "%s:%.*s", netns->engine, ID_SHOWN, netns->container);
		return "container";
	}
	if (netns->is_service) {
		ta_buf_str(out, netns->unit);
		return "service";
	}
	if (netns->own) {
		ta_buf_str(out, "current");
		return "current";
	}
	if (file_name(netns)) {
		ta_buf_str(out, file_name(netns));
		return "named";
	}
	ta_buf_printf(out, "%s[%u]", netns->process, netns->pid);
	return "process";
}

static void set_name(struct ta_netns *netns, const struct ta_buf *text)
{
	copy(netns->name, sizeof(netns->name), text->data,
	     ta_utf8_cut(text->data, text->len, NAME_CUT));
}

static bool name_one(struct ta_netns *netns, struct ta_error *err)
{
	ta_auto(ta_buf_done) struct ta_buf raw = TA_BUF_INIT(TA_NETNS_PATH_MAX * 2);
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(TA_NETNS_PATH_MAX * 8);

	netns->kind = choose_name(netns, &raw);
	ta_text_utf8(&text, ta_buf_cstr(&raw), raw.len);
	if (!ta_buf_ok(&raw, err) || !ta_buf_ok(&text, err))
		return false;
	set_name(netns, &text);
	return true;
}

/* The initial one, ours, then by name; of two with one name the one with the older process. */
static int by_order(const void *a, const void *b)
{
	const struct ta_netns *x = a, *y = b;
	int order;

	if (x->first != y->first)
		return x->first ? -1 : 1;
	if (x->own != y->own)
		return x->own ? -1 : 1;
	order = strcmp(x->name, y->name);
	if (!order)
		order = (x->pid > y->pid) - (x->pid < y->pid);
	return order ? order : (x->inode > y->inode) - (x->inode < y->inode);
}

/* The first of a name keeps it, another has its inode behind it: "blue#4026532281". The hash table
 * compares all bytes of the array, which are zero behind the name. */
static bool make_unique(struct ta_netns_set *set, struct ta_error *err)
{
	struct ta_map names;
	bool ok = true;

	ta_map_init(&names, sizeof(set->rows->name), sizeof(bool), TA_NETNS_MAX);
	for (size_t i = 0; ok && i < set->count; i++) {
		struct ta_netns *netns = &set->rows[i];
		bool is_new = false;

		ok = ta_map_put(&names, netns->name, &is_new);
		while (ok && !is_new) {
			size_t len = strlen(netns->name);
			int n = snprintf(netns->name + len, sizeof(netns->name) - len, "#%llu",
					 (unsigned long long)netns->inode);

			if (n < 0 || (size_t)n >= sizeof(netns->name) - len)
				break; /* somebody made up those names, too */
			ok = ta_map_put(&names, netns->name, &is_new);
		}
	}
	ta_map_done(&names);
	return ok ? true : ta_fail(err, TA_E_NOMEM, "out of memory");
}

bool ta_netns_name_all(struct ta_netns_set *set, struct ta_error *err)
{
	for (size_t i = 0; i < set->count; i++) {
		struct ta_netns *netns = &set->rows[i];

		if (netns->pid && !netns->first)
			look_at_process(set->root, netns);
		if (!name_one(netns, err))
			return false;
	}
	qsort(set->rows, set->count, sizeof(*set->rows), by_order);
	return make_unique(set, err);
}

/* ---- the members of its row ---- */

static void build_process(const struct ta_netns *netns, struct ta_builder *builder, json_t *object)
{
	ta_build_uint(builder, object, "pid", netns->pid);
	if (netns->process[0])
		ta_build_text(builder, object, "process", netns->process);
	if (netns->unit[0])
		ta_build_text(builder, object, "unit", netns->unit);
	if (!netns->engine)
		return;
	object = ta_build_object(builder, object, "container");
	ta_build_text(builder, object, "engine", netns->engine);
	ta_build_text(builder, object, "id", netns->container);
	if (netns->pod_uid[0])
		ta_build_text(builder, object, "pod_uid", netns->pod_uid);
}

void ta_netns_build(const struct ta_netns_set *set, const struct ta_netns *netns,
		    struct ta_builder *builder, json_t *object)
{
	if (netns->inode)
		ta_build_uint(builder, object, "inode", netns->inode);
	else
		ta_build_gap(builder, N_("the network namespace's number"),
			     N_("can't read its link"), "namespaces[].inode", NULL);
	ta_build_text(builder, object, "name", netns->name);
	ta_build_text(builder, object, "kind", netns->kind);
	if (!set->searched || netns->first)
		return; /* what is in the initial one is all the host */
	if (netns->path)
		ta_build_text(builder, object, "path", netns->path);
	if (!set->hidden)
		ta_build_uint(builder, object, "processes", netns->processes);
	if (netns->pid)
		build_process(netns, builder, object);
}
