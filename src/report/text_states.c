/* text_states.c - the tables of sockets, by state and by who holds them: a column for each
 * namespace.
 *
 * Where not all namespaces fit beside each other those with most sockets are shown. States that
 * have no socket share one line, and so do those that nobody told; a sum is told of all states
 * only. Where some namespaces have a count and others lack it that is "-", not 0. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"
#include "report/counts.h"
#include "report/text.h"

enum { INDENT = 2, STATES_END = 14, OWNERS_END = 26, CELL_MIN = 9, GAP = 2, BAR_MAX = 40 };

/* A longer name of a namespace is shortened in its middle: pods differ at their ends. */
enum { NAME_MAX_WIDTH = 24, NAME_HEAD = 11, NAME_TAIL = 11 };

struct table {
	struct ta_page *page;
	const json_t **columns; /* namespaces */
	size_t shown;
	const char *member; /* of a namespace, where the counts are */
	const struct ta_count_row *rows;
	size_t row_count, names_end;
};

/* ---- which namespaces ---------------------------------------------------------------- */

static json_int_t total_of(const json_t *namespace)
{
	const json_t *counts = json_object_get(namespace, "states");
	json_int_t total = 0;

	for (size_t i = 0; i < TA_STATE_ROWS; i++) {
		json_int_t count =
			json_integer_value(json_object_get(counts, ta_state_rows[i].key));

		if (!ta_state_rows[i].optional && __builtin_add_overflow(total, count, &total))
			return 0; /* no kernel counts that far: not a report of ours */
	}
	return total;
}

static void add_name(const struct ta_page *page, struct ta_buf *out, const json_t *namespace)
{
	const char *name = ta_json_string(namespace, "name");
	size_t len = name ? strlen(name) : 0;

	if (len <= NAME_MAX_WIDTH || ta_page_measure(page, name) != len)
		ta_buf_str(out, name ? name : "?");
	else
		ta_buf_printf(out, "%.*s..%s", NAME_HEAD, name, name + len - NAME_TAIL);
}

static size_t cell_width(const struct ta_page *page, const json_t *namespace)
{
	ta_auto(ta_buf_done) struct ta_buf name = TA_BUF_INIT(65536);
	size_t width;

	add_name(page, &name, namespace);
	width = ta_page_measure(page, ta_buf_cstr(&name));
	return width > CELL_MIN ? width : CELL_MIN;
}

/* At least one, however narrow the page. */
static size_t how_many_fit(const struct ta_page *page, size_t names_end,
			   const json_t *const *columns, size_t all)
{
	size_t end = names_end, count = 0;

	for (; count < all; count++) {
		end += GAP + cell_width(page, columns[count]);
		if (end > page->width && count > 0)
			break;
	}
	return count;
}

/* A namespace and its place in the report. */
struct candidate {
	const json_t *namespace;
	size_t order;
};

static int compare_busy(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;
	json_int_t one = total_of(a->namespace), other = total_of(b->namespace);

	if (one != other)
		return one < other ? 1 : -1;
	return a->order < b->order ? -1 : 1;
}

/* The namespaces by their sockets. */
static bool sort_busy(const json_t *namespaces, const json_t **ret)
{
	size_t all = json_array_size(namespaces);
	ta_auto_free struct candidate *list = calloc(all, sizeof(*list));

	if (!list)
		return false;
	for (size_t i = 0; i < all; i++)
		list[i] = (struct candidate){ json_array_get(namespaces, i), i };
	qsort(list, all, sizeof(*list), compare_busy);
	for (size_t i = 0; i < all; i++)
		ret[i] = list[i].namespace;
	return true;
}

/* In the order of the report if all fit, else the busiest first; an array to be freed. NULL without
 * memory. */
static const json_t **choose(const struct ta_page *page, size_t names_end, const json_t *namespaces,
			     size_t *ret_shown)
{
	size_t all = json_array_size(namespaces);
	const json_t **columns = calloc(all, sizeof(*columns));

	for (size_t i = 0; columns && i < all; i++)
		columns[i] = json_array_get(namespaces, i);
	if (columns && how_many_fit(page, names_end, columns, all) < all &&
	    !sort_busy(namespaces, columns)) {
		free(columns);
		return NULL;
	}
	*ret_shown = columns ? how_many_fit(page, names_end, columns, all) : 0;
	return columns;
}

/* ---- cells --------------------------------------------------------------------------- */

static const json_t *count_of(const struct table *table, size_t column, size_t row)
{
	return json_object_get(json_object_get(table->columns[column], table->member),
			       table->rows[row].key);
}

/* Right-aligned below the name of its namespace. */
static void put_cell(const struct table *table, size_t *end, size_t column, const char *text)
{
	size_t width = ta_page_measure(table->page, text);

	*end += GAP + cell_width(table->page, table->columns[column]);
	ta_page_column(table->page, *end - width);
	ta_page_text(table->page, text);
}

static void put_names(const struct table *table)
{
	size_t end = table->names_end;

	ta_page_style(table->page, TA_STYLE_DIM);
	for (size_t i = 0; i < table->shown; i++) {
		ta_auto(ta_buf_done) struct ta_buf name = TA_BUF_INIT(65536);

		add_name(table->page, &name, table->columns[i]);
		put_cell(table, &end, i, ta_buf_cstr(&name));
	}
	ta_page_plain(table->page);
	ta_page_newline(table->page);
}

/* The share of all sockets; whatever there is gets one mark at least. */
static void put_bar(struct ta_page *page, json_int_t count, json_int_t total)
{
	size_t room = page->width > page->column + GAP ? page->width - page->column - GAP : 0;
	size_t size = room < BAR_MAX ? room : BAR_MAX;

	if (count <= 0 || total < count || size == 0)
		return;
	ta_page_column(page, page->column + GAP);
	ta_page_style(page, TA_STYLE_DIM);
	ta_page_bar_open(page, (double)count / (double)total, size);
	ta_page_plain(page);
}

static void put_note(struct ta_page *page, const char *note)
{
	ta_page_column(page, page->column + GAP);
	ta_page_style(page, TA_STYLE_DIM);
	ta_page_prose(page, page->column, _(note));
	ta_page_plain(page);
}

/* What stands beside the only number of a row. */
static void put_remark(const struct table *table, size_t row)
{
	if (table->rows == ta_state_rows)
		put_bar(table->page, json_integer_value(count_of(table, 0, row)),
			total_of(table->columns[0]));
	else if (table->rows[row].note)
		put_note(table->page, _(table->rows[row].note));
}

static void put_row(const struct table *table, size_t row)
{
	size_t end = table->names_end;

	ta_page_column(table->page, INDENT);
	ta_page_raw(table->page, _(table->rows[row].name));
	for (size_t i = 0; i < table->shown; i++) {
		const json_t *count = count_of(table, i, row);
		char digits[32] = "-";

		if (count)
			snprintf(digits, sizeof(digits), "%" JSON_INTEGER_FORMAT,
				 json_integer_value(count));
		put_cell(table, &end, i, digits);
	}
	if (table->shown == 1)
		put_remark(table, row);
	ta_page_newline(table->page);
}

enum presence { ABSENT, ZERO, SOME };

static enum presence presence_of(const struct table *table, size_t row)
{
	size_t known = 0;

	for (size_t i = 0; i < table->shown; i++) {
		const json_t *count = count_of(table, i, row);

		if (json_integer_value(count))
			return SOME;
		known += count != NULL;
	}
	return known == table->shown ? ZERO : known ? SOME : ABSENT;
}

static void put_rows(const struct table *table)
{
	put_names(table);
	for (size_t i = 0; i < table->row_count; i++)
		if (presence_of(table, i) == SOME)
			put_row(table, i);
}

static void TA_PRINTF(2, 3) put_dim_line(struct ta_page *page, const char *fmt, ...)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(4096);
	va_list args;

	va_start(args, fmt);
	ta_buf_vprintf(&line, fmt, args);
	va_end(args);
	ta_page_column(page, INDENT);
	ta_page_style(page, TA_STYLE_DIM);
	ta_page_prose(page, INDENT, ta_buf_cstr(&line));
	ta_page_plain(page);
	ta_page_newline(page);
}

/* ---- by state ------------------------------------------------------------------------ */

static void put_total(const struct table *table)
{
	size_t end = table->names_end;

	ta_page_column(table->page, INDENT);
	ta_page_raw(table->page, _("all"));
	for (size_t i = 0; i < table->shown; i++) {
		char digits[32];

		snprintf(digits, sizeof(digits), "%" JSON_INTEGER_FORMAT,
			 total_of(table->columns[i]));
		put_cell(table, &end, i, digits);
	}
	ta_page_newline(table->page);
}

/* The states of which this is known. */
static void add_states(struct ta_buf *out, const struct table *table, enum presence presence)
{
	for (size_t i = 0; i < TA_STATE_ROWS; i++)
		if (!ta_state_rows[i].optional && presence_of(table, i) == presence)
			ta_buf_printf(out, "%s%s", out->len ? _(", ") : "", ta_state_rows[i].name);
}

static void put_states(const struct table *table)
{
	ta_auto(ta_buf_done) struct ta_buf none = TA_BUF_INIT(1024);
	ta_auto(ta_buf_done) struct ta_buf untold = TA_BUF_INIT(1024);

	add_states(&none, table, ZERO);
	add_states(&untold, table, ABSENT);
	if (none.len)
		put_dim_line(table->page, _("none in %s"), ta_buf_cstr(&none));
	if (untold.len)
		put_dim_line(table->page, _("not told of %s"), ta_buf_cstr(&untold));
}

static bool is_any_absent(const struct table *table)
{
	for (size_t i = 0; i < TA_STATE_ROWS; i++)
		if (!ta_state_rows[i].optional && presence_of(table, i) == ABSENT)
			return true;
	return false;
}

static void put_others(const struct table *table, size_t all)
{
	json_int_t sockets = 0;
	size_t others = all - table->shown;

	for (size_t i = table->shown; i < all; i++)
		if (__builtin_add_overflow(sockets, total_of(table->columns[i]), &sockets))
			sockets = 0;
	if (others)
		put_dim_line(table->page,
			     _n("and %zu more namespace with %lld sockets",
				"and %zu more namespaces with %lld sockets", others),
			     others, (long long)sockets);
}

void ta_text_states(struct ta_page *page, const json_t *namespaces)
{
	struct table table = { .page = page,
			       .member = "states",
			       .rows = ta_state_rows,
			       .row_count = TA_STATE_ROWS,
			       .names_end = STATES_END };
	ta_auto_free const json_t **columns = NULL;

	if (json_array_size(namespaces) == 0)
		return;
	table.columns = columns = choose(page, STATES_END, namespaces, &table.shown);
	if (!columns) {
		page->out->failed = TA_E_NOMEM;
		return;
	}
	ta_page_heading(page, _("TCP sockets"));
	put_rows(&table);
	if (!is_any_absent(&table))
		put_total(&table);
	put_states(&table);
	put_others(&table, json_array_size(namespaces));
}

/* ---- by who holds them --------------------------------------------------------------- */

static bool is_known(const json_t *namespaces)
{
	size_t i;
	json_t *namespace;

	json_array_foreach (namespaces, i, namespace)
		if (json_object_size(json_object_get(namespace, "owners")))
			return true;
	return false;
}

void ta_text_owners(struct ta_page *page, const json_t *report)
{
	const json_t *namespaces = json_object_get(report, "namespaces");
	struct table table = { .page = page,
			       .member = "owners",
			       .rows = ta_owner_rows,
			       .row_count = TA_OWNER_ROWS,
			       .names_end = OWNERS_END };
	ta_auto_free const json_t **columns = NULL;

	if (!is_known(namespaces))
		return;
	table.columns = columns = choose(page, OWNERS_END, namespaces, &table.shown);
	if (!columns) {
		page->out->failed = TA_E_NOMEM;
		return;
	}
	ta_page_heading(page, _("Who holds them"));
	put_rows(&table);
	put_dim_line(page, _("The words: tcpadvise explain owners."));
}
