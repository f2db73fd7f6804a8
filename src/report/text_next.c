/* text_next.c - what to run next, and add to the captured text: the commands whose output would
 * settle the most of what is open. A live host needs none of them: what it lacks it says why. */
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "report/text.h"

enum { INDENT = 2, TOLD_MAX = 10 };

static size_t count_of(const json_t *row, const char *member)
{
	json_int_t count = json_integer_value(json_object_get(row, member));

	return count > 0 ? (size_t)count : 0;
}

/* "decides 4 checks and goes into 2 more, up to critical". */
static void add_worth(struct ta_buf *out, const json_t *row)
{
	size_t all = json_array_size(json_object_get(row, "would_decide"));
	size_t alone = count_of(row, "alone"), rest = all > alone ? all - alone : 0;
	const char *up_to = ta_json_text(row, "up_to");

	if (alone)
		ta_buf_printf(out, _n("decides %zu check", "decides %zu checks", alone), alone);
	if (alone && rest)
		ta_buf_printf(out, _(" and goes into %zu more"), rest);
	else if (rest)
		ta_buf_printf(out, _n("goes into %zu check", "goes into %zu checks", rest), rest);
	if (*up_to)
		ta_buf_printf(out, _(", up to %s"), _(up_to));
}

static void put_row(struct ta_page *page, const json_t *row)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(page->out->cap);

	ta_buf_printf(&line, _("%s: "), ta_json_text(row, "why"));
	add_worth(&line, row);
	ta_page_column(page, INDENT);
	ta_page_style(page, TA_STYLE_COMMAND);
	ta_page_text(page, ta_json_text(row, "command"));
	ta_page_plain(page);
	ta_page_newline(page);
	ta_page_column(page, 3 * INDENT);
	ta_page_prose(page, 3 * INDENT, ta_buf_cstr(&line));
	ta_page_newline(page);
}

void ta_text_next(struct ta_page *page, const json_t *report)
{
	const json_t *rows = json_object_get(report, "next");
	json_t *row;
	size_t i;

	if (!json_object_get(report, "evidence") || json_array_size(rows) == 0)
		return;
	ta_page_heading(page, _("Next, to settle what is open"));
	json_array_foreach (rows, i, row)
		if (i < TOLD_MAX)
			put_row(page, row);
	if (i <= TOLD_MAX)
		return;
	ta_page_column(page, INDENT);
	ta_page_sentence(page, INDENT, _("(%zu more: --format json)"), i - TOLD_MAX);
	ta_page_newline(page);
}
