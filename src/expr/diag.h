/* diag.h - collecting the mistakes of one compilation. */
#ifndef EXPR_DIAG_H
#define EXPR_DIAG_H

#include <stdarg.h>
#include <stdint.h>

#include "tcpadvise/expr.h"

/* More would not be read, and hostile input could make 20000. */
enum { TA_DIAG_MAX = 100 };

/* A piece of the source, which has at most TA_EXPR_MAX_SOURCE bytes; each node has two. */
struct ta_span {
	uint32_t offset, length;
};

static inline struct ta_span ta_span(size_t offset, size_t length)
{
	return (struct ta_span){ (uint32_t)offset, (uint32_t)length };
}

/* Adds a mistake with an empty hint; NULL when memory ran out or there are enough (*diags then
 * has at least one unless memory ran out at the first). */
struct ta_diag *ta_diag_add(struct ta_diags *diags, struct ta_span span, const char *fmt, ...)
	TA_PRINTF(3, 4);

/* Sets the hint; diag may be NULL. */
void ta_diag_hint(struct ta_diag *diag, const char *fmt, ...) TA_PRINTF(2, 3);

/* In the order of their places; those of one place stay in the order of their finding. */
void ta_diags_sort(struct ta_diags *diags);

/* vsnprintf() that ends in "..." when it cut, never inside a UTF-8 sequence. */
void ta_format(char *buf, size_t size, const char *fmt, va_list args) TA_PRINTF(3, 0);

#endif
