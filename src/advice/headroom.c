/* headroom.c - see headroom.h. Both snapshots have the same elements in the same order, for one is
 * a copy of the other. */
#include "advice/headroom.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"

enum {
	ROWS_MAX = 8,             /* of one list */
	TIME_WAIT_MS = 60 * 1000, /* TCP_TIMEWAIT_LEN, include/net/tcp.h */
	REUSE_MS = 1000, /* net.ipv4.tcp_tw_reuse_delay where there is no such setting (6.14) */
};

TA_DEFINE_AUTO(json_t, json_decref)

/* What is used of a limit: members of an object of the snapshot. */
struct resource {
	const char *name, *unit;
	const char *used, *limit;
	const char *growth; /* per second; or NULL */
	const char *object; /* what names an element of a list; or NULL */
};

static const struct resource files = {
	N_("open files of the host"), N_("files"), "allocated", "max", "allocated_per_s", NULL
};
static const struct resource conntrack = {
	N_("tracked connections"), N_("entries"), "count", "max", NULL, NULL
};
static const struct resource destination = { N_("ephemeral ports"), N_("ports"),
					     "ports_used",          "ports_usable",
					     "ports_used_per_s",    "remote" };
static const struct resource listener = { N_("accept queue"), N_("connections"),   "queue",
					  "backlog",          "queue_total_per_s", "local" };
static const struct resource descriptors = { N_("descriptors"), "descriptors", "fds",
					     "nofile_soft",     "fds_per_s",   "name" };
static const struct resource tasks = {
	N_("tasks of the user"), N_("tasks"), "user_threads", "nproc_soft", NULL, "name"
};
static const struct resource group_tasks = {
	N_("tasks of the control group"), "tasks", "pids_current", "pids_max", NULL, "name"
};

/* ---- settings that a limit is held against ------------------------------------------- */

static const struct {
	const char *name, *unit, *object, *used, *key;
} of_host[] = {
	{ N_("orphans of the host"), N_("sockets"), "tcp", "orphans", "net.ipv4.tcp_max_orphans" },
	{ N_("IPv4 neighbours"), "entries", "neighbours", "arp_entries",
	  "net.ipv4.neigh.default.gc_thresh3" },
	{ N_("IPv6 neighbours"), "entries", "neighbours", "ndisc_entries",
	  "net.ipv6.neigh.default.gc_thresh3" },
	{ N_("tasks of the host"), "tasks", NULL, "threads", "kernel.threads-max" },
};

/* ---- one row ------------------------------------------------------------------------- */

static bool number(const json_t *object, const char *name, double *ret)
{
	const json_t *value = name ? json_object_get(object, name) : NULL;

	*ret = json_number_value(value);
	return json_is_number(value);
}

static bool add_seconds(json_t *row, const char *name, double used, double limit, double growth)
{
	double left = limit > used ? limit - used : 0;

	return growth <= 0 || ta_json_set(row, name, json_integer((json_int_t)(left / growth)));
}

/* Connections a second that a destination can carry for ever: each port rests for the time of
 * TIME_WAIT, or until tcp_tw_reuse may take it over. */
static json_int_t sustained(const json_t *space, const json_t *element)
{
	const json_t *sysctl = json_object_get(space, "sysctl");
	const json_t *reuse = json_object_get(sysctl, "net.ipv4.tcp_tw_reuse");
	const json_t *stamps = json_object_get(sysctl, "net.ipv4.tcp_timestamps");
	const json_t *delay = json_object_get(sysctl, "net.ipv4.tcp_tw_reuse_delay");
	bool may = json_integer_value(reuse) == 1 ||
		   (json_integer_value(reuse) == 2 &&
		    json_is_true(json_object_get(element, "loopback")));
	json_int_t rest_ms = TIME_WAIT_MS;

	if (may && (!stamps || json_integer_value(stamps)))
		rest_ms = json_integer_value(delay) > 0 ? json_integer_value(delay) : REUSE_MS;
	return json_integer_value(json_object_get(element, "ports_usable")) * 1000 / rest_ms;
}

/* A level is what a row is about: two snapshots' objects, and the namespaces that they are in. */
struct level {
	const json_t *now, *then;             /* with used and limit */
	const json_t *space_now, *space_then; /* or NULL: the host */
};

/* *ret: a new row, or NULL when nothing is other than before. false: no memory. */
static bool make_row(const struct resource *resource, const struct level *level, json_t **ret)
{
	double used, limit, then, growth = 0;
	json_int_t rate_now = 0, rate_then = 0;
	json_t *row;
	bool ok;

	*ret = NULL;
	if (!number(level->now, resource->used, &used) ||
	    !number(level->now, resource->limit, &limit) ||
	    !number(level->then, resource->limit, &then))
		return true;
	if (resource == &destination) {
		rate_now = sustained(level->space_now, level->now);
		rate_then = sustained(level->space_then, level->then);
	}
	if (limit == then && rate_now == rate_then) // NOLINT(*-float-equal): copies of one number
		return true;
	number(level->now, resource->growth, &growth);
	*ret = row = json_pack("{s:s, s:s, s:I, s:I, s:I}", "resource", resource->name, "unit",
			       resource->unit, "used", (json_int_t)used, "limit_now",
			       (json_int_t)limit, "limit_then", (json_int_t)then);
	ok = row && add_seconds(row, "full_in_s_now", used, limit, growth) &&
	     add_seconds(row, "full_in_s_then", used, then, growth);
	if (ok && resource->object)
		ok = ta_json_set(row, "object",
				 json_string(ta_json_text(level->now, resource->object)));
	if (ok && level->space_now)
		ok = ta_json_set(row, "namespace",
				 json_string(ta_json_text(level->space_now, "name")));
	if (ok && rate_now)
		ok = ta_json_set(row, "connections_per_s_now", json_integer(rate_now)) &&
		     ta_json_set(row, "connections_per_s_then", json_integer(rate_then));
	return ok;
}

/* ---- lists --------------------------------------------------------------------------- */

static double fullness(const json_t *row)
{
	double limit = json_number_value(json_object_get(row, "limit_now"));

	return limit > 0 ? json_number_value(json_object_get(row, "used")) / limit : 1;
}

static int compare(const void *a, const void *b)
{
	double left = fullness(*(json_t *const *)a), right = fullness(*(json_t *const *)b);

	return left < right ? 1 : left > right ? -1 : 0;
}

/* Appends the fullest of the rows, which are taken over. */
static bool add_fullest(json_t *out, json_t **rows, size_t count)
{
	bool ok = true;

	if (count)
		qsort(rows, count, sizeof(json_t *), compare);
	for (size_t i = 0; i < count; i++) {
		if (ok && i < ROWS_MAX)
			ok = json_array_append(out, rows[i]) == 0;
		json_decref(rows[i]);
	}
	return ok;
}

static bool add_list(json_t *out, const struct resource *resource, const struct level *spaces,
		     const json_t *now, const json_t *then)
{
	ta_auto_free json_t **rows = calloc(json_array_size(now) + 1, sizeof(json_t *));
	size_t count = 0, i;
	bool ok = rows;
	const json_t *element;

	json_array_foreach (now, i, element) {
		struct level level = { element, json_array_get(then, i), spaces->space_now,
				       spaces->space_then };
		json_t *row;

		if (!ok)
			break;
		ok = make_row(resource, &level, &row);
		if (row)
			rows[count++] = row;
	}
	return rows && add_fullest(out, rows, count) && ok;
}

static bool add_one(json_t *out, const struct resource *resource, const json_t *now,
		    const json_t *then, const struct level *spaces)
{
	struct level level = { now, then, spaces->space_now, spaces->space_then };
	json_t *row;
	bool ok = make_row(resource, &level, &row);

	return ok && (!row || json_array_append_new(out, row) == 0);
}

static bool add_namespace(json_t *out, const json_t *now, const json_t *then)
{
	struct level spaces = { NULL, NULL, now, then };

	return add_list(out, &destination, &spaces, json_object_get(now, "destinations"),
			json_object_get(then, "destinations")) &&
	       add_list(out, &listener, &spaces, json_object_get(now, "listeners"),
			json_object_get(then, "listeners")) &&
	       add_one(out, &conntrack, json_object_get(now, "conntrack"),
		       json_object_get(then, "conntrack"), &spaces);
}

static bool add_of_host(json_t *out, const json_t *now, const json_t *then)
{
	bool ok = true;

	for (size_t i = 0; ok && i < TA_ARRAY_SIZE(of_host); i++) {
		const json_t *object =
			of_host[i].object ? json_object_get(now, of_host[i].object) : now;
		const json_t *limit =
			json_object_get(json_object_get(now, "sysctl"), of_host[i].key);
		const json_t *limit_then =
			json_object_get(json_object_get(then, "sysctl"), of_host[i].key);
		const json_t *used = json_object_get(object, of_host[i].used);

		if (used && limit && limit_then && !json_equal(limit, limit_then))
			ok = json_array_append_new(out, json_pack("{s:s, s:s, s:O, s:O, s:O}",
								  "resource", of_host[i].name,
								  "unit", of_host[i].unit, "used",
								  used, "limit_now", limit,
								  "limit_then", limit_then)) == 0;
	}
	return ok;
}

json_t *ta_headroom(const json_t *now, const json_t *then)
{
	ta_auto(json_decref_p) json_t *rows = json_array();
	const struct level host = { NULL, NULL, NULL, NULL };
	const json_t *processes = json_object_get(now, "processes");
	const json_t *processes_then = json_object_get(then, "processes");
	const json_t *namespace_;
	size_t i;
	bool ok = rows;

	json_array_foreach (json_object_get(now, "namespaces"), i, namespace_)
		ok = ok && add_namespace(rows, namespace_,
					 json_array_get(json_object_get(then, "namespaces"), i));
	ok = ok && add_list(rows, &descriptors, &host, processes, processes_then) &&
	     add_list(rows, &tasks, &host, processes, processes_then) &&
	     add_list(rows, &group_tasks, &host, processes, processes_then) &&
	     add_one(rows, &files, json_object_get(now, "files"), json_object_get(then, "files"),
		     &host) &&
	     add_of_host(rows, json_object_get(now, "host"), json_object_get(then, "host"));
	return ok ? TA_TAKE(rows) : NULL;
}
