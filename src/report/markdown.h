/* markdown.h - text that must stay text in Markdown (CommonMark and GitHub's). */
#ifndef REPORT_MARKDOWN_H
#define REPORT_MARKDOWN_H

#include "base/buf.h"

/* Text in a paragraph, a heading or a table's cell: what would be markup is escaped, a line break
 * becomes a blank, what a terminal would obey or hide is shown as base/text.h does. */
void ta_markdown_text(struct ta_buf *out, const char *text);

/* `code`, with as many backticks as the text needs. Not for tables: a '|' would end the cell. */
void ta_markdown_code(struct ta_buf *out, const char *text);

/* Appends a line of a block of code, with a newline. Text that holds no line break can't end the
 * block where something stands before it. */
void ta_markdown_line(struct ta_buf *out, const char *text);

#endif
