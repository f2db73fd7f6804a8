/* figures.c - the figures that matter, where they are not what they were: sockets by state, the
 * listeners' queues, the destinations' ports, descriptors, tables of the host.
 *
 * A figure that only one side has is not known on the other; so is a listener, destination or
 * process that only one side lists, for lists may be cut. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/language.h"
#include "diff/parts.h"

enum {
	ROWS_MAX = 100, /* of one list of one namespace: those that changed most */
	KEY_MAX = 1 << 28,
};

struct figure {
	const char *path; /* below the host's snapshot, the namespace, or the element of a list */
	const char *label, *unit;
	const char *limit;   /* the same of what it is held against; or: */
	const char *tunable; /* the setting that it is held against */
};

static const struct figure host_figures[] = {
	{ "files.allocated", N_("open files"), N_("files"), "files.max", NULL },
	{ "host.threads", N_("tasks"), N_("tasks"), NULL, "kernel.threads-max" },
	{ "host.tcp.alloc", N_("TCP sockets of the host"), N_("sockets"), NULL, NULL },
	{ "host.tcp.orphans", N_("orphans of the host"), N_("sockets"), NULL,
	  "net.ipv4.tcp_max_orphans" },
	{ "host.tcp.mem_pages", N_("TCP memory"), N_("pages"), NULL, NULL },
	{ "host.neighbours.arp_entries", N_("IPv4 neighbours"), N_("entries"), NULL, NULL },
	{ "host.neighbours.ndisc_entries", N_("IPv6 neighbours"), N_("entries"), NULL, NULL },
};

static const struct figure namespace_figures[] = {
	{ "sockets.total", N_("sockets"), N_("sockets"), NULL, NULL },
	{ "sockets.listen", N_("in LISTEN"), N_("sockets"), NULL, NULL },
	{ "sockets.syn_sent", N_("in SYN-SENT"), N_("sockets"), NULL, NULL },
	{ "sockets.syn_recv", N_("in SYN-RECEIVED"), N_("sockets"), NULL, NULL },
	{ "sockets.established", N_("in ESTABLISHED"), N_("sockets"), NULL, NULL },
	{ "sockets.established_unaccepted", N_("in an accept queue"), N_("sockets"), NULL, NULL },
	{ "sockets.fin_wait1", N_("in FIN-WAIT-1"), N_("sockets"), NULL, NULL },
	{ "sockets.fin_wait2", N_("in FIN-WAIT-2"), N_("sockets"), NULL, NULL },
	{ "sockets.time_wait", N_("in TIME-WAIT"), N_("sockets"), NULL, NULL },
	{ "sockets.close_wait", N_("in CLOSE-WAIT"), N_("sockets"), NULL, NULL },
	{ "sockets.closing", N_("in CLOSING"), N_("sockets"), NULL, NULL },
	{ "sockets.last_ack", N_("in LAST-ACK"), N_("sockets"), NULL, NULL },
	{ "sockets.close", N_("in CLOSED"), N_("sockets"), NULL, NULL },
	{ "sockets.bound_inactive", N_("merely bound"), N_("sockets"), NULL, NULL },
	{ "sockets.orphans", N_("orphans"), N_("sockets"), NULL, NULL },
	{ "sockets.recv_queue_bytes", N_("not read"), N_("bytes"), NULL, NULL },
	{ "sockets.send_queue_bytes", N_("not acknowledged"), N_("bytes"), NULL, NULL },
	{ "ports.usable", N_("ephemeral ports for one destination"), N_("ports"), NULL, NULL },
	{ "conntrack.count", N_("tracked connections"), N_("entries"), "conntrack.max", NULL },
	{ "sockstat.tw", N_("TIME-WAIT entries"), N_("sockets"), NULL,
	  "net.ipv4.tcp_max_tw_buckets" },
};

static const struct figure listener_figures[] = {
	{ "queue", N_("accept queue"), N_("connections"), "backlog", NULL },
	{ "syn_recv", N_("half-open"), N_("sockets"), NULL, NULL },
	{ "established", N_("in ESTABLISHED"), N_("sockets"), NULL, NULL },
	{ "close_wait", N_("in CLOSE-WAIT"), N_("sockets"), NULL, NULL },
};

static const struct figure destination_figures[] = {
	{ "ports_used", N_("ports used"), N_("ports"), "ports_usable", NULL },
	{ "established", N_("in ESTABLISHED"), N_("sockets"), NULL, NULL },
	{ "syn_sent", N_("in SYN-SENT"), N_("sockets"), NULL, NULL },
	{ "time_wait", N_("in TIME-WAIT"), N_("sockets"), NULL, NULL },
	{ "close_wait", N_("in CLOSE-WAIT"), N_("sockets"), NULL, NULL },
};

static const struct figure process_figures[] = {
	{ "fds", N_("descriptors"), N_("descriptors"), "nofile_soft", NULL },
	{ "tcp_sockets", N_("TCP sockets"), N_("sockets"), NULL, NULL },
	{ "close_wait.total", N_("in CLOSE-WAIT"), N_("sockets"), NULL, NULL },
};

/* A list whose elements are looked for on the other side by what names them. The first figure is
 * the one that an element which only one side lists is told by. */
struct list {
	const char *member, *kind;
	const char *name, *from; /* members of the element; from may be NULL */
	const struct figure *figures;
	size_t count;
};

#define FIGURES(table) (table), TA_ARRAY_SIZE(table)

static const struct list host_lists[] = {
	{ "processes", "process", "name", NULL, FIGURES(process_figures) },
};

static const struct list namespace_lists[] = {
	{ "listeners", "listener", "local", NULL, FIGURES(listener_figures) },
	{ "destinations", "destination", "remote", "local", FIGURES(destination_figures) },
};

/* What the host and what a namespace is looked at for. */
static const struct level {
	const char *prefix; /* of the paths of facts */
	const struct figure *figures;
	size_t count;
	const struct list *lists;
	size_t list_count;
} host_level = { "", FIGURES(host_figures), FIGURES(host_lists) },
  namespace_level = { "namespaces[].", FIGURES(namespace_figures), FIGURES(namespace_lists) };

/* ---- one figure --------------------------------------------------------------------- */

/* The value at a path of members, "a.b"; NULL when there is none. */
static const json_t *value_at(const json_t *json, const char *path)
{
	size_t len = strcspn(path, ".");

	for (; json && path[len]; path += len + 1, len = strcspn(path, "."))
		json = json_object_getn(json, path, len);
	return json_object_get(json, path);
}

static const json_t *limit_of(const struct figure *figure, const json_t *side)
{
	const json_t *own = json_object_get(side, "sysctl");

	if (figure->limit)
		return value_at(side, figure->limit);
	if (!figure->tunable)
		return NULL;
	return json_object_get(own ? own : value_at(side, "host.sysctl"), figure->tunable);
}

/* Where rows go, and what they are about. */
struct target {
	json_t *rows;
	const struct ta_pair *place;
	const char *prefix; /* of the paths of facts */
	const char *kind;   /* of an element of a list, or NULL */
	const char *name;
	const char *listed; /* the side that lists it, or NULL: both */
};

static bool add_object(json_t *row, const struct target *target)
{
	return !target->kind ||
	       (ta_json_set(row, "object",
			    json_pack("{s:s, s:s}", "kind", target->kind, "name", target->name)) &&
		(!target->listed || ta_json_set(row, "listed", json_string(target->listed))));
}

static bool same(const json_t *one, const json_t *other)
{
	return one == other || json_equal(one, other);
}

/* Nothing where nothing changed. */
static bool add_figure(const struct target *target, const struct figure *figure,
		       const json_t *before, const json_t *after)
{
	const json_t *old = value_at(before, figure->path), *new = value_at(after, figure->path);
	const json_t *old_limit = limit_of(figure, before), *new_limit = limit_of(figure, after);
	json_t *row;

	if (same(old, new) && (same(old_limit, new_limit) || !old || !old_limit || !new_limit))
		return true;
	row = ta_diff_row(target->rows, target->place);
	return row && add_object(row, target) &&
	       ta_json_set(row, "fact", json_sprintf("%s%s", target->prefix, figure->path)) &&
	       ta_json_set(row, "label", json_string(figure->label)) &&
	       ta_json_set(row, "unit", json_string(figure->unit)) &&
	       ta_diff_share_figure(row, "before", old, old_limit) &&
	       ta_diff_share_figure(row, "after", new, new_limit);
}

static bool add_figures(const struct target *target, const struct figure *figures, size_t count,
			const json_t *before, const json_t *after)
{
	bool ok = true;

	for (size_t i = 0; ok && i < count; i++)
		ok = add_figure(target, &figures[i], before, after);
	return ok;
}

/* ---- lists -------------------------------------------------------------------------- */

static bool name_of(const struct list *list, const json_t *element, struct ta_buf *out)
{
	const char *from = list->from ? ta_json_string(element, list->from) : NULL;

	ta_buf_clear(out);
	ta_buf_str(out, ta_json_text(element, list->name));
	if (from)
		ta_buf_printf(out, " from %s", from);
	return !out->failed;
}

/* Name -> element; null for a name that several have: nobody knows which is which. */
static json_t *index_of(const struct list *list, const json_t *elements)
{
	ta_auto(ta_buf_done) struct ta_buf name = TA_BUF_INIT(KEY_MAX);
	json_t *index = json_object(), *element;
	bool ok = index != NULL;
	size_t i;

	json_array_foreach (elements, i, element) {
		const char *key;

		if (!ok || !name_of(list, element, &name)) {
			json_decref(index);
			return NULL;
		}
		key = ta_buf_cstr(&name);
		ok = json_object_set(index, key,
				     json_object_get(index, key) ? json_null() : element) == 0;
	}
	return index;
}

/* An element of either side. */
struct match {
	const char *name; /* a key of an index */
	const json_t *before, *after;
	double weight; /* by how much its first figure changed */
};

static double number_at(const json_t *element, const char *path)
{
	return json_number_value(value_at(element, path));
}

static int by_weight(const void *a, const void *b)
{
	const struct match *one = a, *other = b;

	if (one->weight != other->weight)
		return one->weight < other->weight ? 1 : -1;
	return strcmp(one->name, other->name);
}

static void add_match(struct match *matches, size_t *count, const struct list *list,
		      const char *name, const json_t *before, const json_t *after)
{
	const char *path = list->figures[0].path;

	if (json_is_null(before) || json_is_null(after))
		return;
	matches[(*count)++] =
		(struct match){ name, before, after,
				fabs(number_at(before, path) - number_at(after, path)) };
}

/* The array is to be freed; NULL when memory ran out. */
static struct match *match(const struct list *list, json_t *before, json_t *after,
			   size_t *ret_count)
{
	struct match *matches =
		calloc(json_object_size(before) + json_object_size(after) + 1, sizeof(*matches));
	const char *name;
	json_t *element;

	*ret_count = 0;
	if (!matches)
		return NULL;
	json_object_foreach (after, name, element)
		add_match(matches, ret_count, list, name, json_object_get(before, name), element);
	json_object_foreach (before, name, element)
		if (!json_object_get(after, name))
			add_match(matches, ret_count, list, name, element, NULL);
	qsort(matches, *ret_count, sizeof(*matches), by_weight);
	return matches;
}

static bool add_matches(const struct target *target, const struct list *list,
			const struct match *matches, size_t count)
{
	struct target own = *target;
	size_t first = json_array_size(target->rows);
	bool ok = true;

	for (size_t i = 0; ok && i < count && json_array_size(own.rows) - first < ROWS_MAX; i++) {
		own.name = matches[i].name;
		own.listed = !matches[i].before ? "after" : !matches[i].after ? "before" : NULL;
		ok = add_figures(&own, list->figures, own.listed ? 1 : list->count,
				 matches[i].before, matches[i].after);
	}
	return ok;
}

/* A list that only one side has is not compared. */
static bool add_list(const struct target *target, const struct list *list,
		     const struct ta_pair *place)
{
	ta_auto(ta_buf_done) struct ta_buf prefix = TA_BUF_INIT(256);
	const json_t *old = json_object_get(place->before, list->member);
	const json_t *new = json_object_get(place->after, list->member);
	ta_auto(json_decref_p) json_t *before = index_of(list, old);
	ta_auto(json_decref_p) json_t *after = index_of(list, new);
	ta_auto_free struct match *matches = NULL;
	struct target own = *target;
	size_t count;

	if (!before || !after)
		return false;
	if (!old || !new)
		return true;
	ta_buf_printf(&prefix, "%s%s[].", target->prefix, list->member);
	own.prefix = ta_buf_cstr(&prefix);
	own.kind = list->kind;
	matches = match(list, before, after, &count);
	return matches && add_matches(&own, list, matches, count);
}

/* ---- all ---------------------------------------------------------------------------- */

/* An excerpt of the sockets counts for nothing beside another. */
static bool is_excerpt(const struct ta_side *side)
{
	return json_is_true(value_at(side->given.snapshot, "collection.excerpt"));
}

static bool add_place(json_t *rows, const struct ta_pair *place)
{
	const struct level *level = place->name ? &namespace_level : &host_level;
	const struct target target = { .rows = rows, .place = place, .prefix = level->prefix };
	bool ok = add_figures(&target, level->figures, level->count, place->before, place->after);

	for (size_t i = 0; ok && i < level->list_count; i++)
		ok = add_list(&target, &level->lists[i], place);
	return ok;
}

bool ta_diff_figures(const struct ta_sides *sides, json_t *document)
{
	bool excerpt = is_excerpt(&sides->before) || is_excerpt(&sides->after);
	json_t *rows = json_array();
	bool ok = ta_json_set(document, "figures", rows) &&
		  (!excerpt ||
		   ta_json_set(document, "figures_not_compared",
			       json_string(N_("the sockets of one of the two are an excerpt"))));

	for (size_t i = 0; ok && i < sides->count; i++) {
		const struct ta_pair *place = &sides->pairs[i];

		if (place->before && place->after && !(place->name && excerpt))
			ok = add_place(rows, place);
	}
	return ok;
}
