/* text_figures.c - settings, figures and counters of a comparison as text: by place, what changed
 * enough to be told. All of it is in the document, and with --verbose on the page. */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"
#include "diff/text.h"
#include "report/figure.h"

enum {
	STEP = 2,
	LABEL_MAX = 36,
	GAP = 2,
	ROOM_MIN = 30,   /* columns that a change gets at least, or a line of its own */
	OBJECTS_MAX = 8, /* listeners, or destinations, of one namespace */
	CHANGE_MIN = 5,  /* a change of less, or of less than a twentieth, is not worth a line */
	CHANGE_SHARE = 20,
};

/* ---- a change ----------------------------------------------------------------------- */

/* The figure before a change: what it has in common with the one after is said there. Bytes are
 * shown in the unit that suits each. */
static void add_before(struct ta_buf *out, const json_t *before, const json_t *after,
		       const char *unit)
{
	const json_t *limit = json_object_get(before, "limit");

	if (unit && strcmp(unit, "bytes") == 0)
		ta_figure_amount_in(out, before, unit);
	else if (limit && json_equal(limit, json_object_get(after, "limit")))
		ta_figure_value(out, json_object_get(before, "value"));
	else
		ta_figure_amount_in(out, before, NULL);
}

static void add_one_side(struct ta_buf *out, const json_t *row, const char *unit,
			 struct ta_change_words words)
{
	const json_t *before = json_object_get(row, "before");
	const json_t *after = json_object_get(row, "after");
	const char *other = before ? words.no_after : words.no_before;
	ta_auto(ta_buf_done) struct ta_buf amount = TA_BUF_INIT(out->cap);

	ta_figure_amount_in(&amount, before ? before : after, unit);
	ta_buf_printf(out, before ? _("was %s") : _("now %s"), ta_buf_cstr(&amount));
	if (*other)
		ta_buf_printf(out, ", %s", _(other));
}

void ta_text_change(struct ta_buf *out, const json_t *row, struct ta_change_words words)
{
	const json_t *before = json_object_get(row, "before");
	const json_t *after = json_object_get(row, "after");
	const char *unit = ta_json_string(row, "unit");

	if (!before || !after) {
		add_one_side(out, row, unit, words);
		return;
	}
	if (!json_equal(before, after)) {
		add_before(out, before, after, unit);
		ta_buf_str(out, " -> ");
	}
	ta_figure_amount_in(out, after, unit);
}

void ta_text_change_row(struct ta_page *page, size_t left, size_t column, const char *label,
			const char *change)
{
	size_t need = ta_page_measure(page, change), at;

	ta_page_column(page, left);
	ta_page_text(page, label);
	at = page->column + GAP > column ? page->column + GAP : column;
	if (at + need > page->width && at + ROOM_MIN > page->width) {
		ta_page_newline(page);
		at = column = left + STEP;
	}
	ta_page_column(page, at);
	ta_page_prose(page, column, change);
	ta_page_newline(page);
}

/* ---- places ------------------------------------------------------------------------- */

/* What the rows that follow are about: told when it is another than before. */
struct place {
	struct ta_page *page;
	const char *heading; /* of the section; NULL when it stands */
	const char *namespace;
	bool told;
};

static const char *namespace_of(const json_t *row)
{
	return ta_json_text(row, "namespace");
}

static bool is_here(const struct place *place, const json_t *row)
{
	return place->told && strcmp(place->namespace, namespace_of(row)) == 0;
}

static void enter(struct place *place, const json_t *row)
{
	if (is_here(place, row))
		return;
	if (place->heading)
		ta_page_heading(place->page, place->heading);
	place->heading = NULL;
	place->told = true;
	place->namespace = namespace_of(row);
	ta_page_column(place->page, STEP);
	if (*place->namespace)
		ta_page_sentence(place->page, 2 * STEP, _("namespace %s"), place->namespace);
	else
		ta_page_raw(place->page, _("the host"));
	ta_page_newline(place->page);
}

/* Something about the whole section, below its heading. */
static void put_aside(struct place *place, const char *text)
{
	if (place->heading)
		ta_page_heading(place->page, place->heading);
	place->heading = NULL;
	ta_page_column(place->page, STEP);
	ta_page_prose(place->page, 2 * STEP, text);
	ta_page_newline(place->page);
}

static size_t plus_label(const struct ta_page *page, size_t widest, const char *label)
{
	size_t width = ta_page_measure(page, label);

	width = width < LABEL_MAX ? width : LABEL_MAX;
	return width > widest ? width : widest;
}

/* What is said behind the number of what one side alone knows. */
struct known_once {
	const char *one, *many;
};

/* "12 figures are known only after: ...": the counts are of before and after. */
static void put_known_once(struct place *place, const size_t *counts,
			   const struct known_once *sides)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(256);

	for (size_t i = 0; i < 2; i++) {
		if (!counts[i])
			continue;
		ta_buf_clear(&line);
		ta_buf_printf(&line, "%zu %s", counts[i],
			      _(counts[i] == 1 ? sides[i].one : sides[i].many));
		put_aside(place, ta_buf_cstr(&line));
	}
}

static void put_not_compared(struct place *place, const char *what, const char *namespace,
			     const char *why)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(place->page->out->cap);

	if (!why)
		return;
	if (*namespace)
		ta_buf_printf(&line, _("%s in %s: %s."), what, namespace, _(why));
	else
		ta_buf_printf(&line, _("%s: %s."), what, _(why));
	put_aside(place, ta_buf_cstr(&line));
}

/* ---- settings ----------------------------------------------------------------------- */

/* As sysctl prints it. */
static void add_value(struct ta_buf *out, const json_t *value)
{
	const json_t *item;
	size_t i;

	if (json_is_string(value))
		ta_buf_str(out, json_string_value(value));
	else if (json_is_integer(value))
		ta_buf_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	json_array_foreach (value, i, item)
		ta_buf_printf(out, "%s%" JSON_INTEGER_FORMAT, i ? " " : "",
			      json_integer_value(item));
}

static void put_setting(struct place *place, size_t column, const json_t *row)
{
	ta_auto(ta_buf_done) struct ta_buf change = TA_BUF_INIT(place->page->out->cap);
	const json_t *before = json_object_get(row, "before");
	const json_t *after = json_object_get(row, "after");

	enter(place, row);
	if (before)
		add_value(&change, before);
	else
		ta_buf_str(&change, _("(not known)"));
	ta_buf_str(&change, " -> ");
	if (after)
		add_value(&change, after);
	else
		ta_buf_str(&change, _("(not known)"));
	ta_text_change_row(place->page, 2 * STEP, column, ta_json_text(row, "key"),
			   ta_buf_cstr(&change));
}

void ta_text_settings(struct ta_page *page, const json_t *diff, bool verbose)
{
	static const struct known_once known_once[2] = {
		{ N_("setting is known only before: whether it changed can't be told."),
		  N_("settings are known only before: whether they changed can't be told.") },
		{ N_("setting is known only after: whether it changed can't be told."),
		  N_("settings are known only after: whether they changed can't be told.") },
	};
	struct place place = { .page = page, .heading = _("Settings that changed") };
	const json_t *rows = json_object_get(diff, "settings"), *row;
	size_t once[2] = { 0 }, widest = 0, i;

	json_array_foreach (rows, i, row) {
		bool before = json_object_get(row, "before"), after = json_object_get(row, "after");

		if (verbose || (before && after))
			widest = plus_label(page, widest, ta_json_text(row, "key"));
		else
			once[after]++;
	}
	json_array_foreach (rows, i, row)
		if (verbose || (json_object_get(row, "before") && json_object_get(row, "after")))
			put_setting(&place, 2 * STEP + widest + GAP, row);
	put_known_once(&place, once, known_once);
}

/* ---- figures ------------------------------------------------------------------------ */

static double number(const json_t *row, const char *side, const char *member)
{
	return json_number_value(json_object_get(json_object_get(row, side), member));
}

/* Whether a figure changed enough, or its limit changed. */
static bool is_notable(const json_t *row)
{
	double before = number(row, "before", "value"), after = number(row, "after", "value");
	double change = fabs(after - before);

	if (number(row, "before", "limit") != number(row, "after", "limit") &&
	    json_object_get(row, "before") && json_object_get(row, "after"))
		return true;
	return change >= CHANGE_MIN && change * CHANGE_SHARE >= fmax(before, after);
}

/* Known on one side only, and not for want of a row in a list. */
static bool is_known_once(const json_t *row)
{
	return !json_object_get(row, "listed") &&
	       !(json_object_get(row, "before") && json_object_get(row, "after"));
}

/* The objects of one kind in one namespace, as they come. */
struct objects {
	struct place place;
	const char *kind, *name;
	size_t count;
	bool verbose;
};

static bool begins_object(const struct objects *objects, const json_t *row)
{
	const json_t *object = json_object_get(row, "object");

	return !is_here(&objects->place, row) ||
	       strcmp(ta_json_text(object, "kind"), objects->kind) != 0 ||
	       strcmp(ta_json_text(object, "name"), objects->name) != 0;
}

/* Counts the objects of a kind and tells whether this one is to be shown. */
static bool is_to_be_shown(struct objects *objects, const json_t *row)
{
	const json_t *object = json_object_get(row, "object");
	const char *kind = ta_json_text(object, "kind");

	if (!begins_object(objects, row))
		return objects->verbose || !object || objects->count <= OBJECTS_MAX;
	if (!is_here(&objects->place, row) || strcmp(kind, objects->kind) != 0)
		objects->count = 0;
	objects->count += object != NULL;
	return objects->verbose || objects->count <= OBJECTS_MAX;
}

static void put_object(struct objects *objects, const json_t *row)
{
	const json_t *object = json_object_get(row, "object");
	bool begins = begins_object(objects, row);

	enter(&objects->place, row);
	objects->kind = ta_json_text(object, "kind");
	objects->name = ta_json_text(object, "name");
	if (!begins || !object)
		return;
	ta_page_column(objects->place.page, 2 * STEP);
	ta_page_sentence(objects->place.page, 3 * STEP, "%s %s", _(objects->kind), objects->name);
	ta_page_newline(objects->place.page);
}

static void put_figure(struct objects *objects, size_t column, const json_t *row)
{
	static const struct ta_change_words unlisted = { N_("not listed before"),
							 N_("not listed now") };
	static const struct ta_change_words unknown = { N_("not known before"),
							N_("not known now") };
	ta_auto(ta_buf_done) struct ta_buf change = TA_BUF_INIT(objects->place.page->out->cap);
	size_t left = json_object_get(row, "object") ? 3 * STEP : 2 * STEP;

	if (!is_to_be_shown(objects, row))
		return;
	put_object(objects, row);
	ta_text_change(&change, row, json_object_get(row, "listed") ? unlisted : unknown);
	ta_text_change_row(objects->place.page, left, column, _(ta_json_text(row, "label")),
			   ta_buf_cstr(&change));
}

void ta_text_figures(struct ta_page *page, const json_t *diff, bool verbose)
{
	static const struct known_once known_once[2] = {
		{ N_("figure is known only before: whether it changed can't be told."),
		  N_("figures are known only before: whether they changed can't be told.") },
		{ N_("figure is known only after: whether it changed can't be told."),
		  N_("figures are known only after: whether they changed can't be told.") },
	};
	struct objects objects = { .place = { .page = page, .heading = _("Figures that changed") },
				   .kind = "",
				   .name = "",
				   .verbose = verbose };
	const json_t *rows = json_object_get(diff, "figures"), *row;
	size_t once[2] = { 0 }, widest = 0, i;

	json_array_foreach (rows, i, row) {
		if (!verbose && is_known_once(row))
			once[json_object_get(row, "after") != NULL]++;
		else if (verbose || is_notable(row))
			widest = plus_label(page, widest, _(ta_json_text(row, "label")));
	}
	json_array_foreach (rows, i, row)
		if (verbose || (is_notable(row) && !is_known_once(row)))
			put_figure(&objects, 3 * STEP + widest + GAP, row);
	put_known_once(&objects.place, once, known_once);
	put_not_compared(&objects.place, _("Those of the namespaces are not compared"), "",
			 ta_json_string(diff, "figures_not_compared"));
}

/* ---- counters ----------------------------------------------------------------------- */

/* Those that count something lost, refused or given up; the others grow with the traffic. */
static const char *const troubles[] = {
	"TcpExt.ListenOverflows",
	"TcpExt.ListenDrops",
	"TcpExt.TCPReqQFullDrop",
	"TcpExt.TCPReqQFullDoCookies",
	"TcpExt.SyncookiesSent",
	"TcpExt.SyncookiesFailed",
	"TcpExt.TCPTimeWaitOverflow",
	"TcpExt.TCPAbortOnMemory",
	"TcpExt.TCPAbortOnTimeout",
	"TcpExt.TCPAbortFailed",
	"TcpExt.TCPMemoryPressures",
	"TcpExt.PruneCalled",
	"TcpExt.RcvPruned",
	"TcpExt.OfoPruned",
	"TcpExt.TCPBacklogDrop",
	"TcpExt.TCPRcvQDrop",
	"TcpExt.TCPZeroWindowDrop",
	"TcpExt.TCPOFODrop",
	"TcpExt.TCPTimeouts",
	"TcpExt.TCPSynRetrans",
	"TcpExt.PAWSPassive",
	"TcpExt.PAWSEstab",
	"TcpExt.TCPToZeroWindowAdv",
	"TcpExt.TWRecycled",
	"Tcp.AttemptFails",
	"Tcp.EstabResets",
	"Tcp.RetransSegs",
	"Tcp.InErrs",
	"conntrack.drop",
	"conntrack.early_drop",
	"conntrack.insert_failed",
	"softnet.dropped",
	"softnet.time_squeeze",
	"arp.table_fulls",
	"ndisc.table_fulls",
};

static bool is_trouble(const char *counter)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(troubles); i++)
		if (strcmp(troubles[i], counter) == 0)
			return true;
	return false;
}

static void add_rate(struct ta_buf *out, const char *word, const json_t *rate)
{
	if (!rate)
		return;
	ta_buf_str(out, word);
	ta_figure_value(out, rate);
	ta_buf_str(out, "/s");
}

/* "12034 more, 20.06/s; was 120/s, now 0/s": between the two, and while each was taken. */
static void put_counter(struct place *place, size_t column, const json_t *row)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(1024);
	const json_t *growth = json_object_get(row, "growth");
	const json_t *before = json_object_get(row, "rate_before");
	const json_t *after = json_object_get(row, "rate_after");

	enter(place, row);
	if (growth) {
		ta_buf_printf(&line, _("%lld more, "), (long long)json_integer_value(growth));
		add_rate(&line, "", json_object_get(row, "per_s"));
	}
	if (growth && (before || after))
		ta_buf_str(&line, "; ");
	add_rate(&line, _("was "), before);
	if (before && after)
		ta_buf_str(&line, ", ");
	add_rate(&line, _("now "), after);
	ta_text_change_row(place->page, 2 * STEP, column, ta_json_text(row, "counter"),
			   ta_buf_cstr(&line));
}

void ta_text_counters(struct ta_page *page, const json_t *diff, bool verbose)
{
	struct place place = { .page = page,
			       .heading = verbose ? _("Counters") : _("Counters of trouble") };
	const json_t *rows = json_object_get(diff, "counters"), *row;
	size_t widest = 0, i;

	json_array_foreach (json_object_get(diff, "counters_not_compared"), i, row)
		put_not_compared(&place, _("Their growth is not known"), namespace_of(row),
				 ta_json_string(row, "why"));
	json_array_foreach (rows, i, row)
		if (verbose || is_trouble(ta_json_text(row, "counter")))
			widest = plus_label(page, widest, ta_json_text(row, "counter"));
	json_array_foreach (rows, i, row)
		if (verbose || is_trouble(ta_json_text(row, "counter")))
			put_counter(&place, 2 * STEP + widest + GAP, row);
}
