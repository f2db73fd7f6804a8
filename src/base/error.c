/* error.c - see error.h. */
#include "tcpadvise/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* vsnprintf that shows with "..." that it cut. */
TA_PRINTF(3, 0)
static void format(char *dst, size_t size, const char *fmt, va_list args)
{
	int need = vsnprintf(dst, size, fmt, args);

	if (need >= 0 && (size_t)need >= size && size > 4)
		memcpy(dst + size - 4, "...", 4);
}

static bool is_set(const struct ta_error *err)
{
	return !err || err->code != TA_OK;
}

bool ta_fail(struct ta_error *err, enum ta_code code, const char *fmt, ...)
{
	va_list args;

	if (is_set(err))
		return false;
	err->code = code;
	va_start(args, fmt);
	format(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	return false;
}

static enum ta_code code_of_errno(int errno_value)
{
	switch (errno_value) {
	case EACCES:
	case EPERM:
		return TA_E_ACCESS;
	case ENOMEM:
		return TA_E_NOMEM;
	default:
		return TA_E_SYSTEM;
	}
}

bool ta_fail_errno(struct ta_error *err, int errno_value, const char *fmt, ...)
{
	char what[sizeof(err->text)];
	va_list args;

	if (is_set(err))
		return false;
	va_start(args, fmt);
	format(what, sizeof(what), fmt, args);
	va_end(args);
	ta_fail(err, code_of_errno(errno_value), "%s: %s", what, strerror(errno_value));
	err->sys = errno_value;
	return false;
}

bool ta_wrap(struct ta_error *err, const char *fmt, ...)
{
	struct ta_error inner;
	char context[sizeof(inner.text)];
	va_list args;

	if (!err || err->code == TA_OK)
		return false;
	va_start(args, fmt);
	format(context, sizeof(context), fmt, args);
	va_end(args);
	inner = *err;
	err->code = TA_OK;
	return ta_fail(err, inner.code, "%s: %s", context, inner.text);
}

bool ta_fail_at(struct ta_error *err, const char *name, int line, int column)
{
	if (!err || err->pos.line)
		return false;
	snprintf(err->pos.name, sizeof(err->pos.name), "%s", name);
	err->pos.line = line;
	err->pos.column = column;
	return false;
}

void ta_error_clear(struct ta_error *err)
{
	if (!err)
		return;
	/* not all 700 bytes of it: this is done for every condition that is evaluated */
	err->code = TA_OK;
	err->sys = 0;
	err->pos.name[0] = '\0';
	err->pos.line = err->pos.column = 0;
	err->text[0] = '\0';
}
