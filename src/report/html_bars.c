/* html_bars.c - what is in use of what there is, as bars, the fullest first: ports of each
 * destination, accept queues, descriptors, and the tables of host and namespaces. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"
#include "report/figure.h"
#include "report/html.h"

enum { ROWS_MAX = 12, AMOUNT_MAX = 1024, DEPTH_MAX = 4 };

/* ---- rows of a group ---------------------------------------------------------------------- */

/* One bar. What it is of is borrowed from the snapshot, or a word of ours. */
struct bar {
	const char *name;
	const char *namespace; /* NULL: of the host */
	const json_t *owner;   /* has "process", "pid", "unit"; or NULL */
	const json_t *value, *limit;
	const char *unit;
	double share;
};

struct bars {
	struct bar *items;
	size_t count, room;
	size_t idle; /* further ones of which nothing is in use */
	bool failed;
};

static void bars_done(struct bars *bars)
{
	free(bars->items);
}

/* Where both are known and there is a limit. */
static void add(struct bars *bars, struct bar bar)
{
	double limit = json_number_value(bar.limit), value = json_number_value(bar.value);

	if (!json_is_number(bar.value) || !json_is_number(bar.limit) || !(limit > 0))
		return;
	if (!(value > 0)) {
		bars->idle++;
		return;
	}
	if (!ta_array_room(&bars->items, bars->count, &bars->room, sizeof(*bars->items))) {
		bars->failed = true;
		return;
	}
	bar.share = value / limit;
	bars->items[bars->count++] = bar;
}

static int fullest_first(const void *left, const void *right)
{
	const struct bar *a = left, *b = right;

	if (a->share != b->share)
		return a->share < b->share ? 1 : -1;
	return strcmp(a->name, b->name);
}

static void put_row(struct ta_html *html, const struct bar *bar)
{
	json_auto_t *figure = json_pack("{s:O, s:O}", "value", (json_t *)bar->value, "limit",
					(json_t *)bar->limit);
	ta_auto(ta_buf_done) struct ta_buf amount = TA_BUF_INIT(AMOUNT_MAX);

	ta_figure_amount_in(&amount, figure, bar->unit);
	ta_html(html->out, "<tr><th scope=\"row\">%s", bar->name);
	if (html->many && bar->namespace)
		ta_html(html->out, " <span class=\"dim\">%s</span>", bar->namespace);
	if (bar->owner && ta_json_string(bar->owner, "process")) {
		ta_html(html->out, " <span class=\"dim\">");
		ta_html_owner(html->out, bar->owner);
		ta_html(html->out, "</span>");
	}
	ta_html(html->out, "</th><td>");
	ta_html_bar(html->out, figure, true);
	ta_html(html->out, "</td><td class=\"amount\">%s</td></tr>\n", ta_buf_cstr(&amount));
}

static void put_idle(struct ta_html *html, size_t idle, bool is_all)
{
	if (!idle)
		return;
	ta_html(html->out, "<p class=\"note\">");
	if (is_all)
		ta_html_sentence(html->out,
				 _n("%zu, and nothing of it is in use.",
				    "%zu, and nothing of them is in use.", idle),
				 idle);
	else
		ta_html_sentence(
			html->out,
			_n("%zu more has nothing in use.", "%zu more have nothing in use.", idle),
			idle);
	ta_html(html->out, "</p>\n");
}

static void put_group(struct ta_html *html, const char *heading, const char *about,
		      struct bars *bars)
{
	size_t shown = bars->count < ROWS_MAX ? bars->count : ROWS_MAX;

	if (bars->failed)
		html->out->failed = TA_E_NOMEM;
	if (bars->count + bars->idle == 0)
		return;
	if (bars->count)
		qsort(bars->items, bars->count, sizeof(*bars->items), fullest_first);
	ta_html(html->out, "<div class=\"group\"><h3>%s</h3>\n<p class=\"note\">%s</p>\n", heading,
		about);
	if (shown) {
		ta_html(html->out,
			"<div class=\"scroll\"><table class=\"bars\"><thead><tr>"
			"<th scope=\"col\">%s</th><th scope=\"col\">%s</th>"
			"<th scope=\"col\">%s</th></tr></thead><tbody>\n",
			_("Of"), _("Share"), _("In use"));
		for (size_t i = 0; i < shown; i++)
			put_row(html, &bars->items[i]);
		ta_html(html->out, "</tbody></table></div>\n");
	}
	ta_html_more(html->out, bars->count - shown);
	put_idle(html, bars->idle, shown == 0);
	ta_html(html->out, "</div>\n");
}

/* ---- lists of the namespaces and of the host ------------------------------------------------ */

/* The members of a list's rows that make a bar. */
static const struct list {
	const char *list; /* of a namespace; NULL: processes of the host */
	const char *name, *value, *limit, *unit;
	const char *heading, *about;
} lists[] = {
	{ "destinations", "remote", "ports_used", "ports_usable", N_("ports"),
	  N_("Ports of each destination"),
	  N_("Local ports in use towards one destination, TIME-WAIT included, of those that the "
	     "port range leaves.") },
	{ "listeners", "local", "queue", "backlog", N_("connections"),
	  N_("Accept queue of each listener"),
	  N_("Connections that wait for accept(), of the backlog in force; of the fullest socket "
	     "of an endpoint.") },
	{ NULL, "name", "fds", "nofile_soft", N_("descriptors"), N_("Descriptors of each process"),
	  N_("Open descriptors of the soft limit RLIMIT_NOFILE.") },
	{ NULL, "name", "pids_current", "pids_max", N_("tasks"),
	  N_("Tasks of the control group of each process"),
	  N_("Threads and processes of the control group that limits it most.") },
};

static void add_rows(struct bars *bars, const struct list *list, const json_t *rows,
		     const char *namespace)
{
	const json_t *row;
	size_t i;

	json_array_foreach (rows, i, row)
		add(bars, (struct bar){ .name = ta_json_text(row, list->name),
					.namespace = namespace,
					.owner = row,
					.value = json_object_get(row, list->value),
					.limit = json_object_get(row, list->limit),
					.unit = _(list->unit) });
}

static void put_list(struct ta_html *html, const struct list *list)
{
	ta_auto(bars_done) struct bars bars = { 0 };
	const json_t *namespace;
	size_t i;

	if (!list->list)
		add_rows(&bars, list, json_object_get(html->snapshot, "processes"), NULL);
	else
		json_array_foreach (json_object_get(html->snapshot, "namespaces"), i, namespace)
			add_rows(&bars, list, json_object_get(namespace, list->list),
				 ta_json_text(namespace, "name"));
	put_group(html, _(list->heading), _(list->about), &bars);
}

/* ---- tables of the kernel ------------------------------------------------------------------- */

/* Paths from the snapshot or from a namespace; the limit may be an element of a list. */
static const struct resource {
	const char *name;
	const char *value[DEPTH_MAX], *limit[DEPTH_MAX]; /* ended by NULL */
	size_t element;
	const char *unit;
} of_host[] = {
	{ N_("Open files of the host"), { "files", "allocated" }, { "files", "max" }, 0, N_("files") },
	{ N_("Memory of TCP"),
	  { "host", "tcp", "mem_pages" },
	  { "host", "sysctl", "net.ipv4.tcp_mem" },
	  2,
	  N_("pages") },
	{ N_("Orphaned sockets"),
	  { "host", "tcp", "orphans" },
	  { "host", "sysctl", "net.ipv4.tcp_max_orphans" },
	  0,
	  N_("sockets") },
	{ N_("Neighbours, IPv4"),
	  { "host", "neighbours", "arp_entries" },
	  { "host", "sysctl", "net.ipv4.neigh.default.gc_thresh3" },
	  0,
	  N_("entries") },
	{ N_("Neighbours, IPv6"),
	  { "host", "neighbours", "ndisc_entries" },
	  { "host", "sysctl", "net.ipv6.neigh.default.gc_thresh3" },
	  0,
	  N_("entries") },
	{ N_("Tasks of the host"),
	  { "host", "threads" },
	  { "host", "sysctl", "kernel.threads-max" },
	  0,
	  N_("tasks") },
}, of_namespace[] = {
	{ N_("Connection tracking"), { "conntrack", "count" }, { "conntrack", "max" }, 0,
	  N_("entries") },
	{ N_("TIME-WAIT buckets"),
	  { "sockstat", "tw" },
	  { "sysctl", "net.ipv4.tcp_max_tw_buckets" },
	  0,
	  N_("sockets") },
};

static const json_t *follow(const json_t *from, const char *const path[DEPTH_MAX], size_t element)
{
	for (size_t i = 0; i < DEPTH_MAX && path[i]; i++)
		from = json_object_get(from, path[i]);
	return json_is_array(from) ? json_array_get(from, element) : from;
}

static void add_resources(struct bars *bars, const struct resource *rows, size_t count,
			  const json_t *from, const char *namespace)
{
	for (size_t i = 0; i < count; i++)
		add(bars, (struct bar){ .name = _(rows[i].name),
					.namespace = namespace,
					.value = follow(from, rows[i].value, 0),
					.limit = follow(from, rows[i].limit, rows[i].element),
					.unit = _(rows[i].unit) });
}

static void put_resources(struct ta_html *html)
{
	ta_auto(bars_done) struct bars bars = { 0 };
	const json_t *namespace;
	size_t i;

	add_resources(&bars, of_host, TA_ARRAY_SIZE(of_host), html->snapshot, NULL);
	json_array_foreach (json_object_get(html->snapshot, "namespaces"), i, namespace)
		add_resources(&bars, of_namespace, TA_ARRAY_SIZE(of_namespace), namespace,
			      ta_json_text(namespace, "name"));
	put_group(html, _("Tables of the kernel"),
		  _("What the host, or a network namespace, has one limit for."), &bars);
}

void ta_html_bars(struct ta_html *html)
{
	if (!html->snapshot)
		return;
	ta_html_section(html, "limits", _("Limits"));
	ta_html(html->out, "<div class=\"groups\">\n");
	for (size_t i = 0; i < TA_ARRAY_SIZE(lists); i++)
		put_list(html, &lists[i]);
	put_resources(html);
	ta_html(html->out, "</div>\n");
	ta_html_section_end(html);
}
