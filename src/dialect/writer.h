/* writer.h - the lines of a text as it grows, and the quotes of the languages in it.
 *
 * Like a ta_buf a writer fails once and for all: who writes forty lines asks in the end. */
#ifndef DIALECT_WRITER_H
#define DIALECT_WRITER_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/macros.h"
#include "dialect/entry.h"

enum { TA_WRITER_QUOTED_MAX = 2 * TA_ENTRY_VALUE_MAX + 8 };

struct ta_writer {
	json_t *lines;
	const struct ta_dialect_options *options;
	const char *told; /* what the comment above was for; "" where a part begins */
	bool failed;
};

void ta_write(struct ta_writer *writer, const char *fmt, ...) TA_PRINTF(2, 3);
void ta_write_buf(struct ta_writer *writer, const struct ta_buf *line);

/* "# for the-rule", unless that was told above. */
void ta_write_why(struct ta_writer *writer, const char *indent, const struct ta_entry *entry);

/* Appends "key=value" as one word of a shell. */
void ta_add_assignment(struct ta_buf *out, const struct ta_entry *entry);

/* A string of YAML, or JSON: "4096". */
const char *ta_quote_yaml(const char *text, char ret[TA_WRITER_QUOTED_MAX]);

/* A string of Nix, in which ${ begins an expression. */
const char *ta_quote_nix(const char *text, char ret[TA_WRITER_QUOTED_MAX]);

/* A string of compose: YAML in which $ begins a variable, and $$ is a dollar. */
const char *ta_quote_compose(const char *text, char ret[TA_WRITER_QUOTED_MAX]);

#endif
