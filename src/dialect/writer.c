/* writer.c - see writer.h. */
#include "dialect/writer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/shell.h"
#include "base/text.h"

enum { LINE_MAX_BYTES = 1 << 20, WHY_MAX = 512 };

/* ---- lines --------------------------------------------------------------------------- */

void ta_write_buf(struct ta_writer *writer, const struct ta_buf *line)
{
	if (!ta_buf_ok(line, NULL) ||
	    json_array_append_new(writer->lines, json_string(ta_buf_cstr(line))) < 0)
		writer->failed = true;
}

void ta_write(struct ta_writer *writer, const char *fmt, ...)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(LINE_MAX_BYTES);
	va_list args;

	va_start(args, fmt);
	ta_buf_vprintf(&line, fmt, args);
	va_end(args);
	ta_write_buf(writer, &line);
}

/* What is no plain text is no rule's name, and is left out. */
static bool is_tellable(const char *why)
{
	return *why && ta_is_printable(why) && strlen(why) <= WHY_MAX;
}

void ta_write_why(struct ta_writer *writer, const char *indent, const struct ta_entry *entry)
{
	const char *why = entry->item->why;

	if (is_tellable(why) && strcmp(writer->told, why) != 0)
		ta_write(writer, "%s# for %s", indent, why);
	writer->told = why;
}

void ta_add_assignment(struct ta_buf *out, const struct ta_entry *entry)
{
	char word[sizeof(entry->key) + sizeof(entry->value)];

	snprintf(word, sizeof(word), "%s=%s", entry->key, entry->value);
	ta_shell_word(out, word);
}

/* ---- quotes -------------------------------------------------------------------------- */

/* Between double quotes, with this byte before those that mean something there, and before each
 * dollar the other one. The text is printable ASCII, so there is nothing else to escape. */
static const char *quote(const char *text, char before_dollar, char ret[TA_WRITER_QUOTED_MAX])
{
	size_t len = 0;

	ret[len++] = '"';
	for (; *text && len + 4 < TA_WRITER_QUOTED_MAX; text++) {
		if (ta_is_one_of(*text, "\"\\"))
			ret[len++] = '\\';
		if (*text == '$' && before_dollar)
			ret[len++] = before_dollar;
		ret[len++] = *text;
	}
	ret[len++] = '"';
	ret[len] = '\0';
	return ret;
}

const char *ta_quote_yaml(const char *text, char ret[TA_WRITER_QUOTED_MAX])
{
	return quote(text, '\0', ret);
}

const char *ta_quote_nix(const char *text, char ret[TA_WRITER_QUOTED_MAX])
{
	return quote(text, '\\', ret);
}

const char *ta_quote_compose(const char *text, char ret[TA_WRITER_QUOTED_MAX])
{
	return quote(text, '$', ret);
}
