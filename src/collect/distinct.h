/* distinct.h - how many different keys a stream has, at least, in a fixed 128 KiB.
 *
 * A key sets the bit that its hash chooses. Two keys may share a bit, so the number of set bits
 * never says too much: what is printed for the keys beyond a cap is "at least". */
#ifndef COLLECT_DISTINCT_H
#define COLLECT_DISTINCT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

enum { TA_DISTINCT_BITS = 1 << 20 };

struct ta_distinct {
	uint8_t *bits; /* NULL before the first key */
	size_t count;
};

static inline void ta_distinct_done(struct ta_distinct *distinct)
{
	free(distinct->bits);
	*distinct = (struct ta_distinct){ .bits = NULL };
}

/* false when memory ran out. */
static inline bool ta_distinct_add(struct ta_distinct *distinct, const void *key, size_t size)
{
	const uint8_t *bytes = key;
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a, 64 bits */
	uint8_t mask;

	if (!distinct->bits && !(distinct->bits = calloc(1, TA_DISTINCT_BITS / 8)))
		return false;
	for (size_t i = 0; i < size; i++)
		hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
	hash = (hash ^ hash >> 32) % TA_DISTINCT_BITS;
	mask = (uint8_t)(1 << hash % 8);
	distinct->count += !(distinct->bits[hash / 8] & mask);
	distinct->bits[hash / 8] |= mask;
	return true;
}

#endif
