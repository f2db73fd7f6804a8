/* bytes.h - where captured bytes come from, one block after the other. */
#ifndef IMPORT_BYTES_H
#define IMPORT_BYTES_H

#include <sys/types.h>

/* Reads as read(2) does: the count of bytes, 0 at the end, -1 with errno. After -1 the bytes are
 * cut here: what came last may be half a line, and half a number. */
struct ta_bytes {
	ssize_t (*read)(void *ctx, void *buf, size_t size);
	void *ctx;
};

static inline ssize_t ta_bytes_read(const struct ta_bytes *bytes, void *buf, size_t size)
{
	return bytes->read(bytes->ctx, buf, size);
}

#endif
