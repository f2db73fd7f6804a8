/* ticket_rest.c - what stands below the findings of a ticket: sockets, what is ruled out, what is
 * open and what would settle it. All of it is folded where the place can fold. */
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"
#include "report/counts.h"
#include "report/figure.h"
#include "report/markdown.h"
#include "report/ruled_out.h"
#include "report/summary.h"
#include "report/text.h"
#include "report/ticket.h"

enum { NEXT_MAX = 10 };

static void add_code_list(struct ta_ticket *ticket, const json_t *set)
{
	const char *key, *separator = "";
	json_t *unused;

	json_object_foreach ((json_t *)set, key, unused) {
		ta_buf_str(&ticket->text, separator);
		ta_markdown_name(&ticket->text, key);
		separator = _(", ");
	}
}

/* ---- what if ------------------------------------------------------------------------- */

static void add_assumed(struct ta_ticket *ticket, const json_t *row)
{
	const char *was = ta_json_text(row, "was"), *at = ta_json_text(row, "at");
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(65536);

	ta_buf_printf(&line, "%s = %s", ta_json_text(row, "key"), ta_json_text(row, "value"));
	ta_buf_printf(&ticket->text, "- %s ", _("assumed:"));
	ta_markdown_name(&ticket->text, ta_buf_cstr(&line));
	ta_buf_clear(&line);
	if (*was)
		ta_buf_printf(&line, _(" (now %s)"), was);
	if (*at)
		ta_buf_printf(&line, _(", at %s"), at);
	ta_ticket_prose(ticket, ta_buf_cstr(&line));
	ta_buf_char(&ticket->text, '\n');
}

static void add_no_help(struct ta_ticket *ticket, const json_t *row)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(65536);

	ta_buf_printf(&line, "%s = %s", ta_json_text(row, "key"), ta_json_text(row, "value"));
	ta_buf_printf(&ticket->text, "- **%s** ", _("would not help:"));
	ta_markdown_name(&ticket->text, ta_buf_cstr(&line));
	ta_buf_str(&ticket->text, _(": "));
	ta_ticket_prose(ticket, ta_json_text(row, "why"));
	ta_buf_char(&ticket->text, '\n');
}

static void add_outcome(struct ta_ticket *ticket, const json_t *row)
{
	const char *text = ta_json_text(row, "text");

	ta_buf_printf(&ticket->text, "- **%s**: ", _(ta_json_text(row, "outcome")));
	ta_ticket_prose(ticket, ta_json_text(row, "title"));
	ta_buf_str(&ticket->text, " (");
	ta_markdown_name(&ticket->text, ta_json_text(row, "rule"));
	ta_buf_str(&ticket->text, *text ? "). " : ")");
	ta_ticket_prose(ticket, text);
	ta_buf_char(&ticket->text, '\n');
}

static void add_room(struct ta_ticket *ticket, const json_t *row)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(65536);

	ta_print_room(&line, row);
	ta_buf_str(&ticket->text, "- ");
	ta_ticket_prose(ticket, ta_buf_cstr(&line));
	ta_buf_char(&ticket->text, '\n');
}

/* Each row of a list as a block. */
static void add_each(struct ta_ticket *ticket, const json_t *rows, enum ta_worth worth,
		     void (*add)(struct ta_ticket *ticket, const json_t *row))
{
	const json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		ta_ticket_block(ticket, worth);
		add(ticket, row);
	}
}

/* What an assumption does not touch is told when everything is asked for. */
static void add_outcomes(struct ta_ticket *ticket, const json_t *rows, bool verbose)
{
	const json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		if (!verbose && strcmp(ta_json_text(row, "because"), "unrelated") == 0)
			continue;
		ta_ticket_block(ticket, TA_WORTH_WHAT_IF);
		add_outcome(ticket, row);
	}
}

void ta_ticket_what_if(struct ta_ticket *ticket, const json_t *outlook, bool verbose)
{
	if (!outlook)
		return;
	ta_ticket_group(ticket);
	ta_buf_printf(&ticket->text, "## %s\n\n", _("What if"));
	add_each(ticket, json_object_get(outlook, "assumed"), TA_WORTH_ALWAYS, add_assumed);
	add_each(ticket, json_object_get(outlook, "no_help"), TA_WORTH_WHAT_IF, add_no_help);
	add_outcomes(ticket, json_object_get(outlook, "findings"), verbose);
	add_each(ticket, json_object_get(outlook, "headroom"), TA_WORTH_WHAT_IF, add_room);
	ta_ticket_close(ticket);
}

/* ---- sockets ------------------------------------------------------------------------- */

enum presence { ABSENT, ZERO, SOME };

/* What all namespaces together say of a state: SOME also where a few have none and others lack it.
 */
static enum presence presence_of(const json_t *namespaces, const char *member, const char *key)
{
	size_t known = 0, i;
	const json_t *namespace;

	json_array_foreach (namespaces, i, namespace) {
		const json_t *count = json_object_get(json_object_get(namespace, member), key);

		if (json_integer_value(count))
			return SOME;
		known += count != NULL;
	}
	return known && known == json_array_size(namespaces) ? ZERO : known ? SOME : ABSENT;
}

struct columns {
	const json_t *namespaces;
	const char *member;
	const struct ta_count_row *rows;
	size_t count;
};

static void add_table_head(struct ta_ticket *ticket, const struct columns *columns)
{
	ta_buf_printf(&ticket->text, "| %s |", _("namespace"));
	for (size_t i = 0; i < columns->count; i++)
		if (presence_of(columns->namespaces, columns->member, columns->rows[i].key) == SOME)
			ta_buf_printf(&ticket->text, " %s |",
				      _(columns->rows[i].name) +
					      strspn(_(columns->rows[i].name), " "));
	ta_buf_str(&ticket->text, "\n|---|");
	for (size_t i = 0; i < columns->count; i++)
		if (presence_of(columns->namespaces, columns->member, columns->rows[i].key) == SOME)
			ta_buf_str(&ticket->text, "--:|");
	ta_buf_char(&ticket->text, '\n');
}

static void add_table_row(struct ta_ticket *ticket, const struct columns *columns,
			  const json_t *namespace)
{
	const json_t *counts = json_object_get(namespace, columns->member);

	ta_buf_str(&ticket->text, "| ");
	ta_markdown_name(&ticket->text, ta_json_text(namespace, "name"));
	ta_buf_str(&ticket->text, " |");
	for (size_t i = 0; i < columns->count; i++) {
		const json_t *count = json_object_get(counts, columns->rows[i].key);

		if (presence_of(columns->namespaces, columns->member, columns->rows[i].key) != SOME)
			continue;
		if (count)
			ta_buf_printf(&ticket->text, " %" JSON_INTEGER_FORMAT " |",
				      json_integer_value(count));
		else
			ta_buf_str(&ticket->text, " ? |");
	}
	ta_buf_char(&ticket->text, '\n');
}

static bool has_columns(const struct columns *columns)
{
	for (size_t i = 0; i < columns->count; i++)
		if (presence_of(columns->namespaces, columns->member, columns->rows[i].key) == SOME)
			return true;
	return false;
}

static void add_table(struct ta_ticket *ticket, const struct columns *columns)
{
	const json_t *namespace;
	size_t i;

	if (!has_columns(columns))
		return;
	ta_ticket_group(ticket);
	add_table_head(ticket, columns);
	json_array_foreach (columns->namespaces, i, namespace) {
		ta_ticket_block(ticket, TA_WORTH_SOCKETS);
		add_table_row(ticket, columns, namespace);
	}
	ta_ticket_close(ticket);
}

/* The names of the states of which this is known; nothing where there are none. */
static void add_state_names(struct ta_buf *out, const struct columns *columns,
			    enum presence presence)
{
	for (size_t i = 0; i < columns->count; i++) {
		const struct ta_count_row *row = &columns->rows[i];

		if (!row->optional &&
		    presence_of(columns->namespaces, columns->member, row->key) == presence)
			ta_buf_printf(out, "%s%s", out->len ? _(", ") : "", row->name);
	}
}

/* The states of which nobody has a socket, or nobody knows. */
static void add_other_states(struct ta_ticket *ticket, const struct columns *columns)
{
	ta_auto(ta_buf_done) struct ta_buf none = TA_BUF_INIT(1024);
	ta_auto(ta_buf_done) struct ta_buf unknown = TA_BUF_INIT(1024);

	add_state_names(&none, columns, ZERO);
	add_state_names(&unknown, columns, ABSENT);
	ta_ticket_block(ticket, TA_WORTH_SOCKETS);
	if (none.len)
		ta_buf_printf(&ticket->text, _("None in %s."), ta_buf_cstr(&none));
	ta_buf_str(&ticket->text, none.len ? "\n\n" : "");
	if (unknown.len)
		ta_buf_printf(&ticket->text, _("Not known of %s."), ta_buf_cstr(&unknown));
	ta_buf_str(&ticket->text, unknown.len ? "\n\n" : "");
}

void ta_ticket_sockets(struct ta_ticket *ticket, const json_t *namespaces)
{
	struct columns states = { namespaces, "states", ta_state_rows, TA_STATE_ROWS };
	struct columns owners = { namespaces, "owners", ta_owner_rows, TA_OWNER_ROWS };

	if (!json_array_size(namespaces))
		return;
	ta_ticket_fold(ticket, "##", _("TCP sockets"));
	add_table(ticket, &states);
	add_other_states(ticket, &states);
	ta_ticket_close(ticket);
	ta_ticket_fold(ticket, "##", _("Who holds them"));
	add_table(ticket, &owners);
	ta_ticket_close(ticket);
}

/* ---- ruled out ----------------------------------------------------------------------- */

static void add_item(struct ta_ticket *ticket, const json_t *row, bool many)
{
	const char *namespace = many ? ta_json_string(row, "namespace") : NULL;
	const char *rule = ta_json_string(row, "rule");

	ta_buf_str(&ticket->text, "- ");
	if (namespace) {
		ta_markdown_name(&ticket->text, namespace);
		ta_buf_str(&ticket->text, _(": "));
	}
	ta_ticket_prose(ticket, ta_json_text(row, "text"));
	if (rule) {
		ta_buf_char(&ticket->text, ' ');
		ta_markdown_name(&ticket->text, rule);
	}
}

static void add_rules(struct ta_ticket *ticket, const json_t *passed, bool many)
{
	const json_t *row;
	size_t i;

	json_array_foreach (passed, i, row) {
		ta_ticket_block(ticket, TA_WORTH_RULED_OUT);
		add_item(ticket, row, many);
		ta_buf_char(&ticket->text, '\n');
	}
}

static void add_classes(struct ta_ticket *ticket, const json_t *rows, bool many)
{
	json_auto_t *groups = ta_ruled_out_groups(rows);
	const json_t *group;
	size_t i;

	ticket->failed |= !groups;
	json_array_foreach (groups, i, group) {
		size_t more = (size_t)json_integer_value(json_object_get(group, "more"));

		ta_ticket_block(ticket, TA_WORTH_RULED_OUT);
		add_item(ticket, json_object_get(group, "row"), many);
		if (more)
			ta_buf_printf(&ticket->text,
				      _n(" (and so in %zu more)", " (and so in %zu more)", more),
				      more);
		ta_buf_char(&ticket->text, '\n');
	}
}

void ta_ticket_ruled_out(struct ta_ticket *ticket, const json_t *report, bool verbose)
{
	const json_t *passed = json_object_get(report, "passed");
	size_t count = json_array_size(passed);
	bool many = ta_text_has_many_namespaces(report);
	ta_auto(ta_buf_done) struct ta_buf summary = TA_BUF_INIT(1024);

	ta_buf_printf(&summary, _n("Ruled out (%zu check)", "Ruled out (%zu checks)", count),
		      count);
	ta_ticket_fold(ticket, "##", ta_buf_cstr(&summary));
	if (verbose)
		add_rules(ticket, passed, many);
	else
		add_classes(ticket, json_object_get(report, "ruled_out"), many);
	ta_ticket_close(ticket);
}

/* ---- what is open --------------------------------------------------------------------- */

void ta_ticket_not_checked(struct ta_ticket *ticket, const json_t *report)
{
	const json_t *rows = json_object_get(report, "not_checked");
	json_auto_t *groups = ta_summary_unchecked(rows);
	size_t count = json_array_size(rows);
	ta_auto(ta_buf_done) struct ta_buf summary = TA_BUF_INIT(1024);
	const char *why;
	json_t *group;

	ticket->failed |= !groups;
	ta_buf_printf(&summary, _n("Not checked (%zu check)", "Not checked (%zu checks)", count),
		      count);
	ta_ticket_fold(ticket, "##", ta_buf_cstr(&summary));
	json_object_foreach (groups, why, group) {
		ta_ticket_block(ticket, TA_WORTH_NOT_CHECKED);
		ta_buf_str(&ticket->text, "- **");
		ta_ticket_prose(ticket, why);
		ta_buf_str(&ticket->text, "**");
		ta_buf_str(&ticket->text, _(": "));
		add_code_list(ticket, json_object_get(group, "rules"));
		if (json_object_size(json_object_get(group, "facts"))) {
			ta_buf_str(&ticket->text, _("; unknown are "));
			add_code_list(ticket, json_object_get(group, "facts"));
		}
		ta_buf_char(&ticket->text, '\n');
	}
	ta_ticket_close(ticket);
}

void ta_ticket_next(struct ta_ticket *ticket, const json_t *report)
{
	const json_t *rows = json_object_get(report, "next"), *row;
	size_t i;

	if (!json_object_get(report, "evidence"))
		return; /* what a live host lacks it says why */
	ta_ticket_fold(ticket, "##", _("Next, to settle what is open"));
	json_array_foreach (rows, i, row) {
		json_auto_t *lines = json_pack("[s]", ta_json_text(row, "command"));

		if (i == NEXT_MAX)
			break;
		ta_ticket_block(ticket, TA_WORTH_NEXT);
		ta_ticket_paragraph(ticket, ta_json_text(row, "why"));
		ta_markdown_fence(&ticket->text, "shell", lines);
		ta_buf_char(&ticket->text, '\n');
	}
	ta_ticket_close(ticket);
}

static void add_gap(struct ta_ticket *ticket, const json_t *gap)
{
	const char *why = ta_json_text(gap, "why");

	ta_ticket_field(ticket, ta_json_text(gap, "what"), *why ? why : _("no reason known"));
}

void ta_ticket_gaps(struct ta_ticket *ticket, const json_t *report)
{
	ta_ticket_fold(ticket, "##", _("Could not be read"));
	add_each(ticket, json_object_get(report, "gaps"), TA_WORTH_GAP, add_gap);
	ta_ticket_close(ticket);
}

void ta_ticket_silenced(struct ta_ticket *ticket, const json_t *report)
{
	const json_t *finding;
	size_t i;

	ta_ticket_fold(ticket, "##", _("Silenced"));
	json_array_foreach (json_object_get(report, "findings"), i, finding) {
		ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(65536);

		if (!json_object_get(finding, "silenced"))
			continue;
		ta_ticket_block(ticket, TA_WORTH_SILENCED);
		ta_summary_silenced(&line, finding);
		ta_buf_str(&ticket->text, "- ");
		ta_ticket_prose(ticket, ta_buf_cstr(&line));
		ta_buf_char(&ticket->text, '\n');
	}
	ta_ticket_close(ticket);
}

/* ---- captured text ---------------------------------------------------------------------- */

static void add_place(struct ta_ticket *ticket, const json_t *place)
{
	ta_auto(ta_buf_done) struct ta_buf value = TA_BUF_INIT(65536);

	ta_figure_value(&value, json_object_get(place, "value"));
	ta_ticket_prose(ticket, ta_buf_cstr(&value));
	ta_buf_clear(&value);
	ta_buf_printf(&value, "%s:%" JSON_INTEGER_FORMAT, ta_json_text(place, "from"),
		      json_integer_value(json_object_get(place, "line")));
	ta_buf_char(&ticket->text, ' ');
	ta_markdown_name(&ticket->text, ta_buf_cstr(&value));
}

static void add_conflict(struct ta_ticket *ticket, const json_t *conflict)
{
	ta_buf_str(&ticket->text, "- ");
	ta_markdown_name(&ticket->text, ta_json_text(conflict, "fact"));
	ta_buf_str(&ticket->text, _(": "));
	add_place(ticket, json_object_get(conflict, "earlier"));
	ta_buf_str(&ticket->text, _(", "));
	add_place(ticket, json_object_get(conflict, "later"));
	ta_buf_str(&ticket->text, _("; the later counts"));
	ta_buf_char(&ticket->text, '\n');
}

static void add_count(struct ta_ticket *ticket, const json_t *input, const char *member)
{
	const json_t *count = json_object_get(input, member);

	if (count)
		ta_buf_printf(&ticket->text, " %" JSON_INTEGER_FORMAT " |",
			      json_integer_value(count));
	else
		ta_buf_str(&ticket->text, " ? |");
}

static void add_input(struct ta_ticket *ticket, const json_t *input)
{
	ta_buf_str(&ticket->text, "| ");
	ta_markdown_name(&ticket->text, ta_json_text(input, "name"));
	ta_buf_str(&ticket->text, " |");
	add_count(ticket, input, "lines");
	add_count(ticket, input, "used");
	add_count(ticket, input, "skipped");
	ta_buf_char(&ticket->text, '\n');
}

void ta_ticket_captured(struct ta_ticket *ticket, const json_t *evidence)
{
	ta_ticket_fold(ticket, "##", _("Told twice, and differently"));
	add_each(ticket, json_object_get(evidence, "conflicts"), TA_WORTH_GAP, add_conflict);
	ta_ticket_close(ticket);
	ta_ticket_fold(ticket, "##", _("Read from captured text"));
	ta_ticket_group(ticket);
	ta_buf_printf(&ticket->text, "| %s | %s | %s | %s |\n|---|--:|--:|--:|\n", _("input"),
		      _("lines"), _("used"), _("not understood"));
	add_each(ticket, json_object_get(evidence, "inputs"), TA_WORTH_CAPTURED, add_input);
	ta_ticket_close(ticket);
	ta_ticket_close(ticket);
}
