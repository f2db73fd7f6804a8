/* html_tables.c - the figures of the snapshot in tables: listeners, destinations, processes,
 * tunables, counters. The script makes them sortable. */
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"
#include "report/figure.h"
#include "report/html.h"

enum { ROWS_MAX = 500, COLUMNS_MAX = 12, VALUE_MAX = 65536 };

/* ---- a table ------------------------------------------------------------------------------ */

static void begin(struct ta_buf *out, const char *heading, size_t rows)
{
	ta_html(out,
		"<details><summary><h3>%s</h3> <span class=\"dim\">%zu</span></summary>\n"
		"<div class=\"scroll\"><table class=\"sortable\"><thead><tr>",
		heading, rows);
}

static void put_head(struct ta_buf *out, const char *name)
{
	ta_html(out, "<th scope=\"col\">%s</th>", name);
}

static void end(struct ta_buf *out, size_t rows)
{
	ta_html(out, "</tbody></table></div>\n");
	ta_html_more(out, rows > ROWS_MAX ? rows - ROWS_MAX : 0);
	ta_html(out, "</details>\n");
}

/* An absent value is empty: unknown is not zero. */
static void put_value(struct ta_buf *out, const json_t *value, bool is_head)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(VALUE_MAX);
	const json_t *item;
	size_t i;

	json_array_foreach (value, i, item) {
		ta_buf_str(&text, i ? " " : "");
		ta_figure_value(&text, item);
	}
	if (value && !json_is_array(value) && !json_is_object(value))
		ta_figure_value(&text, value);
	if (is_head)
		ta_html(out, "<th scope=\"row\">%s</th>", ta_buf_cstr(&text));
	else if (json_is_number(value))
		ta_html(out, "<td class=\"number\">%s</td>", ta_buf_cstr(&text));
	else
		ta_html(out, "<td>%s</td>", ta_buf_cstr(&text));
}

/* ---- rows of a list ------------------------------------------------------------------------ */

static const struct table {
	const char *list; /* of a namespace, or of the snapshot */
	bool of_host;
	const char *heading;
	struct {
		const char *member, *heading;
	} columns[COLUMNS_MAX];
} tables[] = {
	{ "listeners",
	  false,
	  N_("Listeners"),
	  { { "local", N_("Address") },
	    { "process", N_("Process") },
	    { "pid", N_("PID") },
	    { "queue", N_("Queue") },
	    { "backlog", N_("Backlog") },
	    { "drops", N_("Drops") },
	    { "drops_per_s", N_("Drops/s") },
	    { "established", N_("ESTABLISHED") },
	    { "syn_recv", N_("SYN-RECEIVED") },
	    { "close_wait", N_("CLOSE-WAIT") },
	    { "time_wait", N_("TIME-WAIT") },
	    { "opened_per_s", N_("Opened/s") } } },
	{ "destinations",
	  false,
	  N_("Destinations"),
	  { { "remote", N_("Address") },
	    { "process", N_("Process") },
	    { "pid", N_("PID") },
	    { "ports_used", N_("Ports used") },
	    { "ports_usable", N_("Ports usable") },
	    { "established", N_("ESTABLISHED") },
	    { "syn_sent", N_("SYN-SENT") },
	    { "fin_wait2", N_("FIN-WAIT-2") },
	    { "close_wait", N_("CLOSE-WAIT") },
	    { "time_wait", N_("TIME-WAIT") },
	    { "opened_per_s", N_("Opened/s") } } },
	{ "processes",
	  true,
	  N_("Processes"),
	  { { "name", N_("Process") },
	    { "pid", N_("PID") },
	    { "unit", N_("Unit") },
	    { "fds", N_("Descriptors") },
	    { "nofile_soft", N_("Soft limit") },
	    { "nofile_hard", N_("Hard limit") },
	    { "fds_per_s", N_("Growth/s") },
	    { "tcp_sockets", N_("TCP sockets") },
	    { "threads", N_("Threads") },
	    { "recv_queue_bytes", N_("Unread bytes") },
	    { "send_queue_bytes", N_("Unsent bytes") } } },
};

static void put_row(struct ta_html *html, const struct table *table, const json_t *row,
		    const char *namespace)
{
	ta_html(html->out, "<tr>");
	for (size_t i = 0; i < COLUMNS_MAX && table->columns[i].member; i++)
		put_value(html->out, json_object_get(row, table->columns[i].member), i == 0);
	if (html->many && namespace)
		ta_html(html->out, "<td>%s</td>", namespace);
	ta_html(html->out, "</tr>\n");
}

/* Those of a list that are below the bound; *count is of all lists so far. */
static void put_rows(struct ta_html *html, const struct table *table, const json_t *rows,
		     const char *namespace, size_t *count)
{
	const json_t *row;
	size_t i;

	json_array_foreach (rows, i, row)
		if ((*count)++ < ROWS_MAX)
			put_row(html, table, row, namespace);
}

static size_t count_rows(const struct ta_html *html, const struct table *table)
{
	const json_t *namespace;
	size_t count = 0, i;

	if (table->of_host)
		return json_array_size(json_object_get(html->snapshot, table->list));
	json_array_foreach (json_object_get(html->snapshot, "namespaces"), i, namespace)
		count += json_array_size(json_object_get(namespace, table->list));
	return count;
}

static void put_table(struct ta_html *html, const struct table *table)
{
	size_t rows = count_rows(html, table), count = 0, i;
	const json_t *namespace;

	if (!rows)
		return;
	begin(html->out, _(table->heading), rows);
	for (i = 0; i < COLUMNS_MAX && table->columns[i].member; i++)
		put_head(html->out, _(table->columns[i].heading));
	if (html->many && !table->of_host)
		put_head(html->out, _("Namespace"));
	ta_html(html->out, "</tr></thead><tbody>\n");
	if (table->of_host)
		put_rows(html, table, json_object_get(html->snapshot, table->list), NULL, &count);
	else
		json_array_foreach (json_object_get(html->snapshot, "namespaces"), i, namespace)
			put_rows(html, table, json_object_get(namespace, table->list),
				 ta_json_text(namespace, "name"), &count);
	end(html->out, rows);
}

/* ---- tunables ------------------------------------------------------------------------------ */

static void put_sysctls(struct ta_html *html, const json_t *sysctl, const char *place,
			size_t *count)
{
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)sysctl, key, value) {
		if ((*count)++ >= ROWS_MAX)
			continue;
		ta_html(html->out, "<tr><th scope=\"row\"><code>%s</code></th>", key);
		put_value(html->out, value, false);
		ta_html(html->out, "<td>%s</td></tr>\n", place);
	}
}

static void put_tunables(struct ta_html *html)
{
	const json_t *host = json_object_get(json_object_get(html->snapshot, "host"), "sysctl");
	const json_t *namespaces = json_object_get(html->snapshot, "namespaces"), *namespace;
	size_t rows = json_object_size(host), count = 0, i;

	json_array_foreach (namespaces, i, namespace)
		rows += json_object_size(json_object_get(namespace, "sysctl"));
	if (!rows)
		return;
	begin(html->out, _("Tunables"), rows);
	put_head(html->out, _("Name"));
	put_head(html->out, _("Value"));
	put_head(html->out, _("Place"));
	ta_html(html->out, "</tr></thead><tbody>\n");
	put_sysctls(html, host, _("host"), &count);
	json_array_foreach (namespaces, i, namespace)
		put_sysctls(html, json_object_get(namespace, "sysctl"),
			    ta_json_text(namespace, "name"), &count);
	end(html->out, rows);
}

/* ---- counters ------------------------------------------------------------------------------ */

/* What never counted anything says nothing. */
static size_t count_moved(const json_t *counters)
{
	const char *group, *name;
	json_t *values, *value;
	size_t count = 0;

	json_object_foreach ((json_t *)counters, group, values)
		json_object_foreach (values, name, value)
			count += json_integer_value(value) != 0;
	return count;
}

static void put_counter(struct ta_html *html, const json_t *namespace, const char *group,
			const char *name, const json_t *value)
{
	const json_t *rates = json_object_get(json_object_get(namespace, "rates"), group);

	ta_html(html->out, "<tr><th scope=\"row\"><code>%s.%s</code></th>", group, name);
	put_value(html->out, value, false);
	put_value(html->out, json_object_get(rates, name), false);
	if (html->many)
		ta_html(html->out, "<td>%s</td>", ta_json_text(namespace, "name"));
	ta_html(html->out, "</tr>\n");
}

static void put_counters_of(struct ta_html *html, const json_t *namespace, size_t *count)
{
	const char *group, *name;
	json_t *values, *value;

	json_object_foreach (json_object_get(namespace, "counters"), group, values)
		json_object_foreach (values, name, value)
			if (json_integer_value(value) != 0 && (*count)++ < ROWS_MAX)
				put_counter(html, namespace, group, name, value);
}

static void put_counters(struct ta_html *html)
{
	const json_t *namespaces = json_object_get(html->snapshot, "namespaces"), *namespace;
	size_t rows = 0, count = 0, i;

	json_array_foreach (namespaces, i, namespace)
		rows += count_moved(json_object_get(namespace, "counters"));
	if (!rows)
		return;
	begin(html->out, _("Counters that are not 0"), rows);
	put_head(html->out, _("Counter"));
	put_head(html->out, _("Since boot"));
	put_head(html->out, _("Per second"));
	if (html->many)
		put_head(html->out, _("Namespace"));
	ta_html(html->out, "</tr></thead><tbody>\n");
	json_array_foreach (namespaces, i, namespace)
		put_counters_of(html, namespace, &count);
	end(html->out, rows);
}

void ta_html_tables(struct ta_html *html)
{
	if (!html->snapshot)
		return;
	ta_html_section(html, "figures", _("Figures"));
	for (size_t i = 0; i < TA_ARRAY_SIZE(tables); i++)
		put_table(html, &tables[i]);
	put_tunables(html);
	put_counters(html);
	ta_html_section_end(html);
}
