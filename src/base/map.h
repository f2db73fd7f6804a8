/* map.h - hash table from fixed-size keys to fixed-size values, both stored inline.
 *
 * Made for folding a million sockets into some thousand rows: one allocation that doubles,
 * linear probing, no deletion. Keys are compared as bytes, so zero a key's padding. The hash
 * is seeded at random per table: remote addresses are chosen by others. Pointers to values
 * stay valid until the next insertion. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ta_map {
	uint64_t
		*hashes; /* one a slot, 0: free; apart from the slots so that a miss touches none */
	uint8_t *slots;  /* key and value of each */
	size_t key_size, value_size, slot_size;
	size_t count;
	size_t capacity; /* slots, a power of two; 0 before the first insertion */
	size_t limit;    /* the most entries that may be in it */
	uint64_t seed, secret;
};

void ta_map_init(struct ta_map *map, size_t key_size, size_t value_size, size_t limit);
void ta_map_done(struct ta_map *map);

/* The value of key, or NULL. */
void *ta_map_get(const struct ta_map *map, const void *key);

/* The value of key; a new one is zeroed and *ret_new (may be NULL) says so. NULL when memory or
 * the limit ran out: map->count == map->limit tells which. */
void *ta_map_put(struct ta_map *map, const void *key, bool *ret_new);

/* Walks the entries in no order: for (size_t i = 0; ta_map_next(map, &i, &key, &value);) */
bool ta_map_next(const struct ta_map *map, size_t *iter, const void **ret_key, void **ret_value);

#endif
