/* heavy.h - the most frequent key of a stream in a few slots: Space-Saving (Metwally, Agrawal,
 * El Abbadi 2005).
 *
 * A key without a slot takes over the smallest one and its count, which it may not have earned:
 * that part is its error. count - error is a true lower bound; exact while error is 0. */
#ifndef COLLECT_HEAVY_H
#define COLLECT_HEAVY_H

#include <stdint.h>
#include <string.h>

enum { TA_HEAVY_SLOTS = 4, TA_HEAVY_KEY = 20 };

struct ta_heavy {
	struct ta_heavy_slot {
		uint8_t key[TA_HEAVY_KEY]; /* filled up with zeros */
		uint32_t count, error;
	} slots[TA_HEAVY_SLOTS];
};

static inline void ta_heavy_add(struct ta_heavy *heavy, const void *key, size_t key_size)
{
	struct ta_heavy_slot *least = &heavy->slots[0];

	for (int i = 0; i < TA_HEAVY_SLOTS; i++) {
		struct ta_heavy_slot *slot = &heavy->slots[i];

		if (slot->count && memcmp(slot->key, key, key_size) == 0) {
			slot->count++;
			return;
		}
		if (slot->count < least->count)
			least = slot;
	}
	memcpy(least->key, key, key_size);
	least->error = least->count++;
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
