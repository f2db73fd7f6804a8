/* markdown.h - text that must stay text in Markdown (CommonMark and GitHub's). */
#ifndef REPORT_MARKDOWN_H
#define REPORT_MARKDOWN_H

#include <jansson.h>

#include "base/buf.h"

/* Text in a paragraph, a heading or a table's cell: what would be markup is escaped, a line break
 * becomes a blank, what a terminal would obey or hide is shown as base/text.h does. */
void ta_markdown_text(struct ta_buf *out, const char *text);

/* The same for where people are called and issues linked by what is written: a word that GitHub or
 * GitLab could take for a person ("@ops"), an issue ("#12", "GH-12"), a commit or an address to
 * link to becomes `code`, in which they look for none. Escaping would not do: they look at what is
 * left when the markup is gone. */
void ta_markdown_prose(struct ta_buf *out, const char *text);

/* `code` that may stand in a table: in pieces between which its '|' stand as text. */
void ta_markdown_name(struct ta_buf *out, const char *text);

/* `code`, with as many backticks as the text needs. Not for tables: a '|' would end the cell. */
void ta_markdown_code(struct ta_buf *out, const char *text);

/* Appends a line of a block of code, with a newline. Text that holds no line break can't end the
 * block where something stands before it. */
void ta_markdown_line(struct ta_buf *out, const char *text);

/* A block of code of these lines (an array of strings), between fences that are longer than any run
 * of backticks in it. language: "shell", "" for none. */
void ta_markdown_fence(struct ta_buf *out, const char *language, const json_t *lines);

#endif
