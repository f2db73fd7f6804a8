/* text_states.c - the table of sockets by state, a column for each namespace.
 *
 * States that have no socket share one line. A count that the report lacks is "-", not 0. */
#include <stdio.h>

#include "report/text.h"

/* In the order of a connection's life (RFC 9293, figure 5); keys as in the snapshot. The last
 * row is no state: such a socket has called bind() and nothing else, yet blocks its port. */
static const struct {
	const char *key, *name;
	bool optional;
} states[] = {
	{ "listen", "LISTEN", false },         { "syn_sent", "SYN-SENT", false },
	{ "syn_recv", "SYN-RECEIVED", false }, { "established", "ESTABLISHED", false },
	{ "fin_wait1", "FIN-WAIT-1", false },  { "fin_wait2", "FIN-WAIT-2", false },
	{ "close_wait", "CLOSE-WAIT", false }, { "closing", "CLOSING", false },
	{ "last_ack", "LAST-ACK", false },     { "time_wait", "TIME-WAIT", false },
	{ "close", "CLOSED", false },          { "bound_inactive", "bound only", true },
};

enum { INDENT = 2, NAMES_END = 14, CELL_MIN = 9, GAP = 2, BAR_MAX = 40 };

/* The first namespaces, as many as fit beside each other. */
struct table {
	struct ta_page *page;
	const json_t *namespaces;
	size_t shown;
};

static const json_t *count_of(const json_t *namespace, size_t state)
{
	return json_object_get(json_object_get(namespace, "states"), states[state].key);
}

static json_int_t total_of(const json_t *namespace)
{
	json_int_t total = 0;

	for (size_t i = 0; i < TA_ARRAY_SIZE(states); i++) {
		json_int_t count = json_integer_value(count_of(namespace, i));

		if (!states[i].optional && __builtin_add_overflow(total, count, &total))
			return 0; /* no kernel counts that far: not a report of ours */
	}
	return total;
}

static const char *name_of(const json_t *namespace)
{
	const char *name = json_string_value(json_object_get(namespace, "name"));

	return name ? name : "?";
}

static size_t cell_width(const json_t *namespace)
{
	size_t width = ta_page_measure(name_of(namespace));

	return width > CELL_MIN ? width : CELL_MIN;
}

/* At least one, however narrow the page. */
static size_t how_many_fit(const struct ta_page *page, const json_t *namespaces)
{
	size_t end = NAMES_END, count = 0;

	for (; count < json_array_size(namespaces); count++) {
		end += GAP + cell_width(json_array_get(namespaces, count));
		if (end > page->width && count > 0)
			break;
	}
	return count;
}

/* Right-aligned below the name of its namespace. */
static void put_cell(const struct table *table, size_t *end, const json_t *namespace,
		     const char *text)
{
	size_t width = ta_page_measure(text);

	*end += GAP + cell_width(namespace);
	ta_page_column(table->page, *end - width);
	ta_page_text(table->page, text);
}

static void put_names(const struct table *table)
{
	size_t end = NAMES_END;

	ta_page_style(table->page, TA_STYLE_DIM);
	for (size_t i = 0; i < table->shown; i++) {
		const json_t *namespace = json_array_get(table->namespaces, i);

		put_cell(table, &end, namespace, name_of(namespace));
	}
	ta_page_plain(table->page);
	ta_page_newline(table->page);
}

/* The share of all sockets; whatever there is gets one mark at least. */
static void put_bar(struct ta_page *page, json_int_t count, json_int_t total)
{
	size_t room = page->width > page->column + GAP ? page->width - page->column - GAP : 0;
	size_t size = room < BAR_MAX ? room : BAR_MAX;
	size_t length;

	if (count <= 0 || total < count || size == 0)
		return;
	length = (size_t)((double)count / (double)total * (double)size);
	ta_page_column(page, page->column + GAP);
	ta_page_style(page, TA_STYLE_DIM);
	ta_buf_fill(page->out, '#', length ? length : 1);
	ta_page_plain(page);
}

static void put_state(const struct table *table, size_t state)
{
	size_t end = NAMES_END;

	ta_page_column(table->page, INDENT);
	ta_page_raw(table->page, states[state].name);
	for (size_t i = 0; i < table->shown; i++) {
		const json_t *namespace = json_array_get(table->namespaces, i);
		const json_t *count = count_of(namespace, state);
		char digits[32] = "-";

		if (count)
			snprintf(digits, sizeof(digits), "%" JSON_INTEGER_FORMAT,
				 json_integer_value(count));
		put_cell(table, &end, namespace, digits);
		if (table->shown == 1)
			put_bar(table->page, json_integer_value(count), total_of(namespace));
	}
	ta_page_newline(table->page);
}

static void put_total(const struct table *table)
{
	size_t end = NAMES_END;

	ta_page_column(table->page, INDENT);
	ta_page_raw(table->page, "all");
	for (size_t i = 0; i < table->shown; i++) {
		const json_t *namespace = json_array_get(table->namespaces, i);
		char digits[32];

		snprintf(digits, sizeof(digits), "%" JSON_INTEGER_FORMAT, total_of(namespace));
		put_cell(table, &end, namespace, digits);
	}
	ta_page_newline(table->page);
}

enum presence { ABSENT, ZERO, SOME };

static enum presence presence_of(const struct table *table, size_t state)
{
	size_t known = 0;

	for (size_t i = 0; i < table->shown; i++) {
		const json_t *count = count_of(json_array_get(table->namespaces, i), state);

		if (json_integer_value(count))
			return SOME;
		known += count != NULL;
	}
	return known == table->shown ? ZERO : known ? SOME : ABSENT;
}

static void put_empty_states(const struct table *table)
{
	ta_auto(ta_buf_done) struct ta_buf names = TA_BUF_INIT(1024);

	for (size_t i = 0; i < TA_ARRAY_SIZE(states); i++)
		if (!states[i].optional && presence_of(table, i) == ZERO)
			ta_buf_printf(&names, "%s%s", names.len ? ", " : "none in ",
				      states[i].name);
	if (!names.len)
		return;
	ta_page_column(table->page, INDENT);
	ta_page_style(table->page, TA_STYLE_DIM);
	ta_page_prose(table->page, INDENT, ta_buf_cstr(&names));
	ta_page_plain(table->page);
	ta_page_newline(table->page);
}

void ta_text_states(struct ta_page *page, const json_t *namespaces)
{
	struct table table = { page, namespaces, how_many_fit(page, namespaces) };
	size_t all = json_array_size(namespaces);

	if (all == 0)
		return;
	ta_page_heading(page, "TCP sockets");
	put_names(&table);
	for (size_t i = 0; i < TA_ARRAY_SIZE(states); i++) {
		enum presence presence = presence_of(&table, i);

		if (presence == SOME || (presence == ABSENT && !states[i].optional))
			put_state(&table, i);
	}
	put_total(&table);
	put_empty_states(&table);
	if (table.shown < all) {
		ta_page_column(page, INDENT);
		ta_page_printf(page, "and %zu more namespaces", all - table.shown);
		ta_page_newline(page);
	}
}
