/* pieces.h - bytes for a test, in pieces of any size. */
#ifndef UNIT_PIECES_H
#define UNIT_PIECES_H

#include <errno.h>
#include <string.h>
#include <sys/types.h>

/* Bytes that come in pieces and end, or fail, behind the last. */
struct pieces {
	const char *data;
	size_t len, piece;
	int failure;
};

static ssize_t read_piece(void *ctx, void *buf, size_t size)
{
	struct pieces *pieces = ctx;
	size_t n = pieces->len < pieces->piece ? pieces->len : pieces->piece;

	n = n < size ? n : size;
	if (n == 0 && pieces->failure) {
		errno = pieces->failure;
		return -1;
	}
	memcpy(buf, pieces->data, n);
	pieces->data += n;
	pieces->len -= n;
	return (ssize_t)n;
}

#endif
