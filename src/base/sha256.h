/* sha256.h - SHA-256 (FIPS 180-4), and base64 (RFC 4648) to write it in. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum { TA_SHA256_SIZE = 32 };

void ta_sha256(const void *data, size_t len, uint8_t ret[TA_SHA256_SIZE]);

/* Appends the bytes in base64, padded. */
void ta_base64(struct ta_buf *out, const uint8_t *data, size_t len);

#endif
