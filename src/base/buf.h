/* buf.h - a growing byte buffer with a cap and a sticky failure.
 *
 * Appends return nothing: a renderer of forty appends asks once, with ta_buf_finish() or
 * ta_buf_ok(). The cap is given at birth; reaching it is a failure like running out of
 * memory, and nothing is appended after one. The bytes are always followed by a NUL. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"
#include "tcpadvise/error.h"

struct ta_buf {
	char *data; /* NULL while empty */
	size_t len;
	size_t size; /* allocated */
	size_t cap;
	enum ta_code failed; /* TA_OK, TA_E_NOMEM or TA_E_LIMIT */
};

#define TA_BUF_INIT(cap_bytes) ((struct ta_buf){ .cap = (cap_bytes) })

void ta_buf_done(struct ta_buf *buf);            /* frees; the buffer is empty and usable again */
void ta_buf_clear(struct ta_buf *buf);           /* empties, keeps the memory, forgets a failure */
void ta_buf_cut(struct ta_buf *buf, size_t len); /* the same, but the first len bytes stay */

void ta_buf_add(struct ta_buf *buf, const void *data, size_t len);
void ta_buf_str(struct ta_buf *buf, const char *str);
void ta_buf_char(struct ta_buf *buf, char c);
void ta_buf_int(struct ta_buf *buf, int64_t number);
void ta_buf_fill(struct ta_buf *buf, char c, size_t count);
void ta_buf_trim(struct ta_buf *buf, char c);     /* drops the run of c at the end */
void ta_buf_drop(struct ta_buf *buf, size_t len); /* drops the first bytes */
void ta_buf_printf(struct ta_buf *buf, const char *fmt, ...) TA_PRINTF(2, 3);
void ta_buf_vprintf(struct ta_buf *buf, const char *fmt, va_list args) TA_PRINTF(2, 0);

/* The bytes as a string, "" while empty; valid until the next append. */
const char *ta_buf_cstr(const struct ta_buf *buf);

/* false, with *err set, when an append failed. */
bool ta_buf_ok(const struct ta_buf *buf, struct ta_error *err);

/* Hands the string over (free() it) and empties the buffer; on failure *ret is untouched. */
bool ta_buf_finish(struct ta_buf *buf, char **ret, struct ta_error *err);

#endif
