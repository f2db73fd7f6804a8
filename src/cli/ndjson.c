/* ndjson.c - see ndjson.h. */
#include "cli/ndjson.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

enum { CHUNK = 64 * 1024 }; /* bytes of one reading: what a pipe holds */

void ta_ndjson_init(struct ta_ndjson *reader, int fd, const char *name, size_t line_max)
{
	*reader = (struct ta_ndjson){
		.fd = fd, .name = name, .line_max = line_max, .text = TA_BUF_INIT(line_max + CHUNK)
	};
}

void ta_ndjson_done(struct ta_ndjson *reader)
{
	ta_buf_done(&reader->text);
}

/* ---- reading ----------------------------------------------------------------------- */

static bool read_more(struct ta_ndjson *reader, struct ta_error *err)
{
	char chunk[CHUNK];
	ssize_t n;

	do
		n = read(reader->fd, chunk, sizeof(chunk));
	while (n < 0 && errno == EINTR);
	reader->ended = n <= 0;
	if (n < 0)
		return ta_fail_errno(err, errno, "can't read %s", reader->name);
	ta_buf_add(&reader->text, chunk, (size_t)n);
	if (!ta_buf_ok(&reader->text, err))
		return ta_wrap(err, "can't read %s", reader->name);
	return true;
}

static bool too_long(struct ta_ndjson *reader, struct ta_error *err)
{
	reader->passing = true;
	ta_fail(err, TA_E_LIMIT, "a line of more than %zu bytes", reader->line_max);
	return ta_fail_at(err, reader->name, reader->line ? reader->line : 1, 1);
}

/* The line that starts at this byte of the text, without its newline; no data behind the last. */
static bool line_at(struct ta_ndjson *reader, size_t start, struct ta_slice *ret,
		    struct ta_error *err)
{
	size_t searched = start;
	const char *text, *end = NULL;

	for (;;) {
		text = ta_buf_cstr(&reader->text);
		end = memchr(text + searched, '\n', reader->text.len - searched);
		if (end || reader->ended)
			break;
		searched = reader->text.len;
		if (searched - start > reader->line_max)
			return too_long(reader, err);
		if (!read_more(reader, err))
			return false;
	}
	*ret = ta_slice(NULL, 0);
	if (end || reader->text.len > start)
		*ret = ta_slice(text + start,
				end ? (size_t)(end - text) - start : reader->text.len - start);
	return true;
}

static struct ta_slice trim(struct ta_slice line)
{
	while (line.len && ta_is_one_of(line.data[0], " \t\r"))
		line = ta_slice(line.data + 1, line.len - 1);
	while (line.len && ta_is_one_of(line.data[line.len - 1], " \t\r"))
		line.len--;
	return line;
}

static bool is_blank(struct ta_slice line)
{
	return trim(line).len == 0;
}

/* ---- lines ------------------------------------------------------------------------- */

/* Passes by what is in memory, up to and with the newline of the line that was too long. */
static bool pass_by(struct ta_ndjson *reader, struct ta_error *err)
{
	const char *end = NULL;

	while (!end && !reader->ended) {
		ta_buf_clear(&reader->text);
		if (!read_more(reader, err))
			return false;
		end = memchr(ta_buf_cstr(&reader->text), '\n', reader->text.len);
	}
	reader->given = end ? (size_t)(end - reader->text.data) + 1 : reader->text.len;
	reader->passing = false;
	return true;
}

static bool give_up(struct ta_ndjson *reader)
{
	ta_buf_clear(&reader->text);
	reader->ended |= !reader->passing;
	return false;
}

static bool next_line(struct ta_ndjson *reader, struct ta_slice *ret, struct ta_error *err)
{
	if (reader->passing && !pass_by(reader, err))
		return false;
	ta_buf_drop(&reader->text, reader->given);
	reader->given = 0;
	reader->line++;
	if (!line_at(reader, 0, ret, err))
		return give_up(reader);
	reader->given = ret->len + (ret->len < reader->text.len);
	return true;
}

bool ta_ndjson_next(struct ta_ndjson *reader, struct ta_slice *ret, struct ta_error *err)
{
	do {
		if (!next_line(reader, ret, err))
			return false;
	} while (ret->data && is_blank(*ret));
	return true;
}

bool ta_ndjson_rest(struct ta_ndjson *reader, struct ta_slice *ret, struct ta_error *err)
{
	ta_buf_drop(&reader->text, reader->given);
	reader->given = 0;
	while (!reader->ended)
		if (!read_more(reader, err))
			return false;
	*ret = ta_slice(ta_buf_cstr(&reader->text), reader->text.len);
	return true;
}

/* ---- bytes ------------------------------------------------------------------------- */

bool ta_ndjson_peek(struct ta_ndjson *reader, struct ta_slice *ret, struct ta_error *err)
{
	const char *text;
	size_t at;

	do {
		if (!reader->ended && !read_more(reader, err))
			return false;
		text = ta_buf_cstr(&reader->text);
		for (at = 0; at < reader->text.len && ta_is_one_of(text[at], " \t\r\n");)
			at++;
	} while (at == reader->text.len && !reader->ended);
	*ret = ta_slice(text + at, reader->text.len - at);
	return true;
}

ssize_t ta_ndjson_read(struct ta_ndjson *reader, void *buf, size_t size)
{
	size_t left = reader->text.len - reader->given;
	size_t n = left < size ? left : size;

	if (!left)
		return reader->ended ? 0 : read(reader->fd, buf, size);
	memcpy(buf, reader->text.data + reader->given, n);
	reader->given += n;
	return (ssize_t)n;
}

/* ---- one document or many ---------------------------------------------------------- */

static size_t end_of_string(struct ta_slice line, size_t quote)
{
	size_t i = quote + 1;

	while (i < line.len && line.data[i] != '"')
		i += line.data[i] == '\\' ? 2 : 1;
	return i;
}

/* Whether the line is an object from its first byte to its last. */
static bool is_whole(struct ta_slice line)
{
	size_t depth = 0, i = 0;

	do {
		if (line.data[i] == '"')
			i = end_of_string(line, i);
		else if (ta_is_one_of(line.data[i], "{["))
			depth++;
		else if (ta_is_one_of(line.data[i], "}]"))
			depth--;
		i++;
	} while (depth && i < line.len);
	return depth == 0 && i == line.len;
}

/* Whether a document over many lines may have an object behind this line: as a member's value, as
 * the first of a list or behind another. Where it may not and there is one, this line is a document
 * that was cut off. */
static bool may_go_on(struct ta_slice line)
{
	char last = line.data[line.len - 1];

	return ta_is_one_of(last, "[:") ||
	       (last == ',' && line.len > 1 && line.data[line.len - 2] == '}');
}

static bool first_line(struct ta_ndjson *reader, size_t *start, struct ta_slice *ret,
		       struct ta_error *err)
{
	struct ta_slice line;

	do {
		if (!line_at(reader, *start, &line, err))
			return false;
		*start += line.len + 1;
	} while (line.data && is_blank(line));
	*ret = trim(line);
	return true;
}

bool ta_ndjson_detect(struct ta_ndjson *reader, bool *ret_is, struct ta_error *err)
{
	struct ta_slice first, second;
	size_t start = 0;

	*ret_is = false;
	if (!first_line(reader, &start, &first, err))
		return false;
	if (first.len == 0 || first.data[0] != '{')
		return true;
	*ret_is = is_whole(first);
	if (*ret_is || may_go_on(first) || start > reader->text.len)
		return true;
	if (!line_at(reader, start, &second, err)) /* the first one may have moved */
		return false;
	*ret_is = second.len && second.data[0] == '{';
	return true;
}
