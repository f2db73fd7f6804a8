/* heavy.h - the most frequent key of a stream in a few slots: Space-Saving (Metwally, Agrawal,
 * El Abbadi 2005).
 *
 * A key without a slot takes over the smallest one and its count, which it may not have earned:
 * that part is its error. count - error is a true lower bound; exact while error is 0. */
#ifndef SOCKETS_HEAVY_H
#define SOCKETS_HEAVY_H

#include <stdint.h>
#include <string.h>

enum { TA_HEAVY_SLOTS = 4, TA_HEAVY_KEY = 20 };

struct ta_heavy {
	struct ta_heavy_slot {
		uint8_t key[TA_HEAVY_KEY]; /* filled up with zeros */
		uint32_t count, error;
	} slots[TA_HEAVY_SLOTS];
};

/* count times a key, of which error may be those of others. */
static inline void ta_heavy_add_many(struct ta_heavy *heavy, const void *key, size_t key_size,
				     uint32_t count, uint32_t error)
{
	struct ta_heavy_slot *least = &heavy->slots[0];

	for (int i = 0; i < TA_HEAVY_SLOTS; i++) {
		struct ta_heavy_slot *slot = &heavy->slots[i];

		if (slot->count && memcmp(slot->key, key, key_size) == 0) {
			slot->count += count;
			slot->error += error;
			return;
		}
		if (slot->count < least->count)
			least = slot;
	}
	memset(least->key, 0, sizeof(least->key));
	memcpy(least->key, key, key_size);
	least->error = least->count + error;
	least->count += count;
}

static inline void ta_heavy_add(struct ta_heavy *heavy, const void *key, size_t key_size)
{
	ta_heavy_add_many(heavy, key, key_size, 1, 0);
}

/* Adds the slots of another; a bound that each had on its own still holds. */
static inline void ta_heavy_merge(struct ta_heavy *heavy, const struct ta_heavy *other)
{
	for (int i = 0; i < TA_HEAVY_SLOTS; i++)
		if (other->slots[i].count)
			ta_heavy_add_many(heavy, other->slots[i].key, TA_HEAVY_KEY,
					  other->slots[i].count, other->slots[i].error);
}

/* The slot with the best lower bound; its count is 0 when nothing was added. */
static inline const struct ta_heavy_slot *ta_heavy_top(const struct ta_heavy *heavy)
{
	const struct ta_heavy_slot *best = &heavy->slots[0];

	for (int i = 1; i < TA_HEAVY_SLOTS; i++)
		if (heavy->slots[i].count - heavy->slots[i].error > best->count - best->error)
			best = &heavy->slots[i];
	return best;
}

#endif
