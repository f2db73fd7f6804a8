/* roff.h - pages for man(1), in the macros of man(7): what groff and mandoc both take in silence.
 *
 * Texts are plain: escapes of roff are put in here, and the names of options become bold. */
#ifndef CLI_ROFF_H
#define CLI_ROFF_H

#include "base/buf.h"

void ta_roff_title(struct ta_buf *out, const char *name, const char *section);
void ta_roff_section(struct ta_buf *out, const char *heading);
void ta_roff_subsection(struct ta_buf *out, const char *heading);

/* "bold italic" beside or above what is said next, by ta_roff_words(). */
void ta_roff_item(struct ta_buf *out, const char *bold, const char *italic);
/* What is said between these is set in by one more. */
void ta_roff_indent(struct ta_buf *out);
void ta_roff_outdent(struct ta_buf *out);

void ta_roff_new_paragraph(struct ta_buf *out);
/* Words, filled into lines. */
void ta_roff_words(struct ta_buf *out, const char *text);
/* Words as a sentence: "a line" becomes "A line." */
void ta_roff_sentence(struct ta_buf *out, const char *text);
/* Paragraphs as in prose.h, each begun by a break. */
void ta_roff_prose(struct ta_buf *out, const char *text);
/* Lines that are left as they are. */
void ta_roff_lines(struct ta_buf *out, const char *text, size_t len);

#endif
