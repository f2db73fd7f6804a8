/* text_brief.c - the findings, one a line: for a log, a chat, grep. Lines are never folded. */
#include "base/json.h"
#include "report/summary.h"
#include "report/text.h"

enum { GAP = 2 };

static void put_line(struct ta_page *page, const json_t *finding)
{
	enum ta_severity severity = ta_finding_severity(finding);
	ta_auto(ta_buf_done) struct ta_buf who = TA_BUF_INIT(page->out->cap);

	ta_text_add_who(&who, finding);
	ta_page_style(page, ta_severity_style(severity));
	ta_page_raw(page, ta_severity_word(severity));
	ta_page_plain(page);
	ta_page_column(page, ta_severity_width() + GAP);
	ta_page_style(page, TA_STYLE_DIM);
	ta_page_text(page, ta_json_text(finding, "rule"));
	ta_page_plain(page);
	ta_page_raw(page, "  ");
	ta_page_text(page, ta_buf_cstr(&who));
	ta_page_raw(page, "  ");
	ta_page_style(page, TA_STYLE_BOLD);
	ta_page_text(page, ta_json_text(finding, "title"));
	ta_page_plain(page);
	ta_page_newline(page);
}

void ta_text_brief(struct ta_page *page, const struct ta_outline *outline)
{
	for (size_t i = 0; i < outline->count; i++)
		put_line(page, outline->entries[i].finding);
}
