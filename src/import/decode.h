/* decode.h - captured bytes as UTF-8 text, or word that they are no text.
 *
 * UTF-16 is known by its mark or by its pattern of NULs. Other bytes pass as they are, malformed
 * UTF-8 too: a Latin-1 paste is still lines of ASCII words. */
#ifndef IMPORT_DECODE_H
#define IMPORT_DECODE_H

#include <stdbool.h>
#include <stddef.h>

#include "import/bytes.h"

enum ta_encoding {
	TA_ENCODING_UTF8, /* or ASCII, or Latin-1 */
	TA_ENCODING_UTF16LE,
	TA_ENCODING_UTF16BE,
	TA_ENCODING_BINARY, /* a journal, a core, a program */
};

enum {
	TA_DECODE_BLOCK = 8192, /* read at once; the first decides what it is */
	TA_DECODE_LEAST = 4,    /* the longest code point */
};

struct ta_decode {
	struct ta_bytes from;
	enum ta_encoding encoding;
	size_t at, end; /* of block: what is read and not yet taken */
	int failed;     /* errno that ended from */
	bool ended;
	unsigned char block[TA_DECODE_BLOCK];
};

/* Reads the first block and says what it is. The structure must stay where it is. */
enum ta_encoding ta_decode_start(struct ta_decode *decode, struct ta_bytes from);

/* The text, without a byte-order mark; binary bytes pass as they are. To be read with a size of at
 * least TA_DECODE_LEAST. */
struct ta_bytes ta_decode_bytes(struct ta_decode *decode);

#endif
