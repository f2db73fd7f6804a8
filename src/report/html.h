/* html.h - the parts of the HTML report, a file each.
 *
 * One file that needs nothing else: no request leaves it, its style and script are compiled in and
 * allowed by their digests, everything can be read without the script. What comes from a report
 * goes through ta_html() and its like, which escape every %s: markup is in the formats only. */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "report/alike.h"
#include "report/outline.h"

struct ta_html {
	struct ta_buf *out;
	const json_t *report;
	const json_t *snapshot; /* NULL: not in the report */
	struct ta_outline outline;
	struct ta_alike alike;
	bool many; /* what is said of one namespace has to name it */
};

/* ---- markup (html_markup.c) ------------------------------------------------------------ */

/* Appends markup: the format is ours and as it is, what its %s stand for is text. Beside it knows
 * %zu, %d, %lld and %.1f. */
void ta_html(struct ta_buf *out, const char *format, ...) TA_PRINTF(2, 3);

/* Text that stays text, within an element or an attribute in double quotes. */
void ta_html_text(struct ta_buf *out, const char *foreign);

/* The same for a sentence that is composed first; every word of it is text. */
void ta_html_sentence(struct ta_buf *out, const char *format, ...) TA_PRINTF(2, 3);

/* JSON for a <script> that is none. */
void ta_html_json(struct ta_buf *out, const json_t *json);

/* A section of the page with its heading. */
void ta_html_section(struct ta_html *html, const char *id, const char *heading);
void ta_html_section_end(struct ta_html *html);

/* A paragraph in small print. */
void ta_html_note(struct ta_buf *out, const char *text);

/* "(12 more are not shown)" as small print; nothing for none. */
void ta_html_more(struct ta_buf *out, size_t count);

/* How much of its limit a value is, as a bar with that in words; nothing that can't be told. One
 * that is bad when it is full shows that by its colour, too. */
void ta_html_bar(struct ta_buf *out, const json_t *figure, bool bad_when_full);

/* Who something belongs to: "nginx (812), unit nginx.service". */
void ta_html_owner(struct ta_buf *out, const json_t *row);

/* ---- parts ----------------------------------------------------------------------------- */

/* Each writes its section; nothing where there is nothing to say. */
void ta_html_findings(struct ta_html *html);
void ta_html_diagram(struct ta_html *html);
void ta_html_bars(struct ta_html *html);
void ta_html_plots(struct ta_html *html);
void ta_html_tables(struct ta_html *html);

/* What if, silenced, ruled out, not checked, next commands, gaps (html_lists.c). */
void ta_html_what_if(struct ta_html *html);
void ta_html_silenced(struct ta_html *html);
void ta_html_ruled_out(struct ta_html *html);
void ta_html_unchecked(struct ta_html *html);
void ta_html_next(struct ta_html *html);
void ta_html_gaps(struct ta_html *html);

#endif
