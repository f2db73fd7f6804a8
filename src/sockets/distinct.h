/* distinct.h - how many different keys a stream has, at least, in a fixed 128 KiB.
 *
 * A key sets the bit that its hash chooses. Two keys may share a bit, so the number of set bits
 * never says too much: what is printed for the keys beyond a cap is "at least". */
#ifndef SOCKETS_DISTINCT_H
#define SOCKETS_DISTINCT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { TA_DISTINCT_BITS_LOG2 = 20, TA_DISTINCT_BITS = 1 << TA_DISTINCT_BITS_LOG2 };

struct ta_distinct {
	uint8_t *bits; /* NULL before the first key */
	size_t count;
};

static inline void ta_distinct_done(struct ta_distinct *distinct)
{
	free(distinct->bits);
	*distinct = (struct ta_distinct){ .bits = NULL };
}

/* Eight bytes a step, each mixed by a multiplication and a shift; a last short step is filled up
 * with zeros. Its upper bits are the better ones: a product carries upwards only. */
static inline uint64_t ta_distinct_hash(const void *key, size_t size)
{
	const uint8_t *bytes = key;
	uint64_t hash = UINT64_C(0x9e3779b97f4a7c15);

	for (size_t i = 0; i < size; i += 8) {
		uint64_t word = 0;

		memcpy(&word, bytes + i, size - i < 8 ? size - i : 8);
		hash = (hash ^ word) * UINT64_C(0xbf58476d1ce4e5b9);
		hash ^= hash >> 29;
	}
	return hash;
}

/* false when memory ran out. */
static inline bool ta_distinct_add(struct ta_distinct *distinct, const void *key, size_t size)
{
	uint64_t bit = ta_distinct_hash(key, size) >> (64 - TA_DISTINCT_BITS_LOG2);
	uint8_t mask = (uint8_t)(1 << bit % 8);

	if (!distinct->bits && !(distinct->bits = calloc(1, TA_DISTINCT_BITS / 8)))
		return false;
	distinct->count += !(distinct->bits[bit / 8] & mask);
	distinct->bits[bit / 8] |= mask;
	return true;
}

#endif
