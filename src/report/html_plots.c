/* html_plots.c - how fast the counters grew while the collector waited, as small plots: one for
 * each that moved, those that tell most first. Where a snapshot has no series, its rates stand
 * alone in the table of counters. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"
#include "report/figure.h"
#include "report/html.h"

enum { OPEN_MAX = 12, PLOTS_MAX = 48, WIDTH = 240, HEIGHT = 48, MARGIN = 4, POINTS_MAX = 64 };

struct plot {
	const char *name, *namespace, *unit;
	const json_t *at_s, *values;
	size_t rank; /* place among those that tell most */
};

struct plots {
	struct plot *items;
	size_t count, room;
	bool failed;
};

static void plots_done(struct plots *plots)
{
	free(plots->items);
}

/* What is looked at first, in this order. */
static const char *const first_names[] = {
	"TcpExt.ListenOverflows",
	"TcpExt.ListenDrops",
	"TcpExt.TCPReqQFullDrop",
	"Tcp.AttemptFails",
	"Tcp.EstabResets",
	"Tcp.RetransSegs",
	"TcpExt.TCPTimeouts",
	"TcpExt.TCPTimeWaitOverflow",
	"TcpExt.TCPAbortOnMemory",
	"Tcp.ActiveOpens",
	"Tcp.PassiveOpens",
	"Tcp.CurrEstab",
	"sockstat.tw",
	"sockstat.tcp_inuse",
	"Tcp.OutRsts",
	"Tcp.InSegs",
	"Tcp.OutSegs",
};

static size_t rank_of(const char *name)
{
	size_t i = 0;

	while (i < TA_ARRAY_SIZE(first_names) && strcmp(first_names[i], name) != 0)
		i++;
	return i;
}

static int by_rank(const void *left, const void *right)
{
	const struct plot *a = left, *b = right;
	int order;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	order = strcmp(a->name, b->name);
	return order ? order : strcmp(a->namespace, b->namespace);
}

static bool is_drawable(const json_t *at_s, const json_t *values)
{
	size_t count = json_array_size(values), i;
	const json_t *value;

	if (count < 2 || count > POINTS_MAX || json_array_size(at_s) != count)
		return false;
	json_array_foreach (values, i, value)
		if (!json_is_number(value) || !json_is_number(json_array_get(at_s, i)))
			return false;
	return true;
}

static void add_all(struct plots *plots, const json_t *namespace, const char *member,
		    const char *unit)
{
	const json_t *series = json_object_get(namespace, "series");
	const json_t *at_s = json_object_get(series, "at_s");
	const char *name;
	json_t *values;

	json_object_foreach (json_object_get(series, member), name, values) {
		if (!is_drawable(at_s, values))
			continue;
		if (!ta_array_room(&plots->items, plots->count, &plots->room,
				   sizeof(*plots->items))) {
			plots->failed = true;
			return;
		}
		plots->items[plots->count++] = (struct plot){
			name, ta_json_text(namespace, "name"), unit, at_s, values, rank_of(name)
		};
	}
}

/* ---- drawing ------------------------------------------------------------------------------ */

struct range {
	double low, high;
};

static struct range range_of(const json_t *values)
{
	struct range range = { INFINITY, -INFINITY };
	const json_t *value;
	size_t i;

	json_array_foreach (values, i, value) {
		range.low = fmin(range.low, json_number_value(value));
		range.high = fmax(range.high, json_number_value(value));
	}
	return range;
}

/* From zero up, so that a ripple does not look like a storm. */
static double height_of(double value, double high)
{
	return HEIGHT - MARGIN - (high > 0 ? fmax(value, 0) / high : 0) * (HEIGHT - 2 * MARGIN);
}

static double place_of(const json_t *at_s, size_t i)
{
	double first = json_number_value(json_array_get(at_s, 0));
	double last = json_number_value(json_array_get(at_s, json_array_size(at_s) - 1));
	double now = json_number_value(json_array_get(at_s, i));

	return MARGIN + (last > first ? (now - first) / (last - first) : 0) * (WIDTH - 2 * MARGIN);
}

static void put_line(struct ta_buf *out, const struct plot *plot, double high)
{
	size_t count = json_array_size(plot->values), i;
	const json_t *value;
	double last = json_number_value(json_array_get(plot->values, count - 1));

	ta_html(out, "<path class=\"base\" d=\"M%d %dH%d\"/><polyline points=\"", MARGIN,
		HEIGHT - MARGIN, WIDTH - MARGIN);
	json_array_foreach (plot->values, i, value)
		ta_html(out, "%.1f,%.1f ", place_of(plot->at_s, i),
			height_of(json_number_value(value), high));
	ta_html(out, "\"/><circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>",
		place_of(plot->at_s, count - 1), height_of(last, high));
}

static void put_number(struct ta_buf *out, const char *word, double value)
{
	json_auto_t *number = json_real(value);
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(64);

	ta_figure_value(&text, number);
	ta_html(out, "<dt>%s</dt><dd>%s</dd>", word, ta_buf_cstr(&text));
}

static void put_plot(struct ta_html *html, const struct plot *plot)
{
	size_t count = json_array_size(plot->values);
	struct range range = range_of(plot->values);

	ta_html(html->out, "<figure class=\"plot\"><figcaption><strong>%s</strong> %s", plot->name,
		plot->unit);
	if (html->many)
		ta_html(html->out, " <span class=\"dim\">%s</span>", plot->namespace);
	ta_html(html->out,
		"</figcaption>\n<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">", WIDTH,
		HEIGHT, plot->name);
	put_line(html->out, plot, range.high);
	ta_html(html->out, "</svg>\n<dl>");
	put_number(html->out, _("least"), range.low);
	put_number(html->out, _("most"), range.high);
	put_number(html->out, _("last"),
		   json_number_value(json_array_get(plot->values, count - 1)));
	ta_html(html->out, "</dl></figure>\n");
}

/* "10 intervals of about 0.1 s". */
static void put_window(struct ta_html *html, const struct plot *plot)
{
	size_t count = json_array_size(plot->at_s);
	double end = json_number_value(json_array_get(plot->at_s, count - 1));

	ta_html(html->out, "<p>");
	ta_html_sentence(html->out,
			 _("Read %zu times in %.3g s while waiting for the second sample; what did "
			   "not move is left out. Counters are per second, each plot begins at 0."),
			 count, end);
	ta_html(html->out, "</p>\n");
}

static void put_some(struct ta_html *html, const struct plot *plots, size_t count)
{
	ta_html(html->out, "<div class=\"plots\">\n");
	for (size_t i = 0; i < count; i++)
		put_plot(html, &plots[i]);
	ta_html(html->out, "</div>\n");
}

static void put_plots(struct ta_html *html, struct plots *plots)
{
	size_t shown = plots->count < PLOTS_MAX ? plots->count : PLOTS_MAX;

	if (plots->failed)
		html->out->failed = TA_E_NOMEM;
	if (!plots->count) {
		ta_html_note(html->out, _("There is no series of samples in this snapshot, or no "
					  "counter moved: the rates between its two samples are in "
					  "the table of counters."));
		return;
	}
	qsort(plots->items, plots->count, sizeof(*plots->items), by_rank);
	put_window(html, &plots->items[0]);
	put_some(html, plots->items, shown < OPEN_MAX ? shown : OPEN_MAX);
	if (shown > OPEN_MAX) {
		ta_html(html->out, "<details><summary>");
		ta_html_sentence(html->out, _("%zu further ones"), shown - OPEN_MAX);
		ta_html(html->out, "</summary>\n");
		put_some(html, plots->items + OPEN_MAX, shown - OPEN_MAX);
		ta_html(html->out, "</details>\n");
	}
	ta_html_more(html->out, plots->count - shown);
}

void ta_html_plots(struct ta_html *html)
{
	ta_auto(plots_done) struct plots plots = { 0 };
	const json_t *namespace;
	size_t i;

	if (!html->snapshot)
		return;
	json_array_foreach (json_object_get(html->snapshot, "namespaces"), i, namespace) {
		add_all(&plots, namespace, "counters", _("per second"));
		add_all(&plots, namespace, "gauges", _("now"));
	}
	ta_html_section(html, "rates", _("Rates"));
	put_plots(html, &plots);
	ta_html_section_end(html);
}
