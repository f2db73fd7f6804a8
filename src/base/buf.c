/* buf.c - see buf.h. */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SIZE = 128, MAX_DIGITS = 20 };

/* Makes room for len more bytes and the NUL. */
static bool reserve(struct ta_buf *buf, size_t len)
{
	size_t size = buf->size ? buf->size : FIRST_SIZE;
	char *data;

	if (buf->failed)
		return false;
	if (len > buf->cap - buf->len) {
		buf->failed = TA_E_LIMIT;
		return false;
	}
	if (buf->len + len < buf->size)
		return true;
	while (size <= buf->len + len)
		size *= 2;
	data = realloc(buf->data, size);
	if (!data) {
		buf->failed = TA_E_NOMEM;
		return false;
	}
	buf->data = data;
	buf->size = size;
	return true;
}

void ta_buf_done(struct ta_buf *buf)
{
	free(buf->data);
	*buf = TA_BUF_INIT(buf->cap);
}

void ta_buf_clear(struct ta_buf *buf)
{
	ta_buf_cut(buf, 0);
}

void ta_buf_cut(struct ta_buf *buf, size_t len)
{
	buf->failed = TA_OK;
	if (len > buf->len)
		return;
	buf->len = len;
	if (buf->data)
		buf->data[len] = '\0';
}

void ta_buf_add(struct ta_buf *buf, const void *data, size_t len)
{
	if (!reserve(buf, len))
		return;
	if (len)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void ta_buf_str(struct ta_buf *buf, const char *str)
{
	ta_buf_add(buf, str, strlen(str));
}

void ta_buf_char(struct ta_buf *buf, char c)
{
	ta_buf_add(buf, &c, 1);
}

void ta_buf_int(struct ta_buf *buf, int64_t number)
{
	char digits[MAX_DIGITS + 1];
	char *at = digits + sizeof(digits);
	uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;

	do
		*--at = (char)('0' + rest % 10);
	while (rest /= 10);
	if (number < 0)
		*--at = '-';
	ta_buf_add(buf, at, (size_t)(digits + sizeof(digits) - at));
}

void ta_buf_fill(struct ta_buf *buf, char c, size_t count)
{
	if (!reserve(buf, count))
		return;
	memset(buf->data + buf->len, c, count);
	buf->len += count;
	buf->data[buf->len] = '\0';
}

void ta_buf_trim(struct ta_buf *buf, char c)
{
	while (buf->len && buf->data[buf->len - 1] == c)
		buf->data[--buf->len] = '\0';
}

void ta_buf_drop(struct ta_buf *buf, size_t len)
{
	if (len == 0)
		return;
	buf->len -= len;
	memmove(buf->data, buf->data + len, buf->len + 1);
}

/* Into the room that there is; only what does not fit is formatted again. */
void ta_buf_vprintf(struct ta_buf *buf, const char *fmt, va_list args)
{
	size_t room;
	va_list again;
	int len;

	if (!reserve(buf, 0))
		return;
	room = buf->size - buf->len;
	va_copy(again, args);
	len = vsnprintf(buf->data + buf->len, room, fmt, again);
	va_end(again);
	if (len >= 0 && (size_t)len >= room && reserve(buf, (size_t)len))
		vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, args);
	if (len < 0 || buf->failed)
		buf->data[buf->len] = '\0';
	else
		buf->len += (size_t)len;
}

void ta_buf_printf(struct ta_buf *buf, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	ta_buf_vprintf(buf, fmt, args);
	va_end(args);
}

const char *ta_buf_cstr(const struct ta_buf *buf)
{
	return buf->data ? buf->data : "";
}

bool ta_buf_ok(const struct ta_buf *buf, struct ta_error *err)
{
	if (buf->failed == TA_E_LIMIT)
		return ta_fail(err, TA_E_LIMIT, "more than %zu bytes", buf->cap);
	if (buf->failed)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	return true;
}

bool ta_buf_finish(struct ta_buf *buf, char **ret, struct ta_error *err)
{
	ta_buf_add(buf, "", 0); /* an empty result is a string, too */
	if (!ta_buf_ok(buf, err))
		return false;
	*ret = TA_TAKE(buf->data);
	ta_buf_done(buf);
	return true;
}
