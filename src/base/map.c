/* map.c - see map.h. A slot is { uint64_t used_hash; key; value }, used_hash 0 = free. */
#include "base/map.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { FIRST_CAPACITY = 64 };

static size_t align8(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

/* The finaliser of splitmix64: every input bit reaches every output bit. */
static uint64_t mix(uint64_t x)
{
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9u;
	x ^= x >> 27;
	x *= 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

static uint64_t hash_key(const struct ta_map *map, const void *key)
{
	const uint8_t *p = key;
	size_t left = map->key_size;
	uint64_t h = map->seed;

	while (left) {
		uint64_t word = 0;
		size_t n = left < 8 ? left : 8;

		memcpy(&word, p, n);
		h = mix(h ^ word);
		p += n;
		left -= n;
	}
	return h ? h : 1;
}

static uint8_t *slot_at(const struct ta_map *map, size_t i)
{
	return map->slots + i * map->slot_size;
}

static uint64_t slot_hash(const uint8_t *slot)
{
	uint64_t h;

	memcpy(&h, slot, sizeof(h));
	return h;
}

static uint8_t *slot_key(uint8_t *slot)
{
	return slot + sizeof(uint64_t);
}

static void *slot_value(const struct ta_map *map, uint8_t *slot)
{
	return slot_key(slot) + align8(map->key_size);
}

/* The slot of key, or the free slot where it belongs; the table must have a free one. */
static uint8_t *probe(const struct ta_map *map, const void *key, uint64_t hash)
{
	size_t mask = map->capacity - 1;

	for (size_t i = (size_t)hash & mask;; i = (i + 1) & mask) {
		uint8_t *slot = slot_at(map, i);
		uint64_t used = slot_hash(slot);

		if (used == 0)
			return slot;
		if (used == hash && memcmp(slot_key(slot), key, map->key_size) == 0)
			return slot;
	}
}

void ta_map_init(struct ta_map *map, size_t key_size, size_t value_size, size_t limit)
{
	*map = (struct ta_map){ .key_size = key_size, .value_size = value_size, .limit = limit };
	map->slot_size = sizeof(uint64_t) + align8(key_size) + align8(value_size);
	if (getrandom(&map->seed, sizeof(map->seed), GRND_NONBLOCK) != sizeof(map->seed))
		map->seed = (uintptr_t)map; /* early boot: weaker, still per process */
}

void ta_map_done(struct ta_map *map)
{
	free(map->slots);
	map->slots = NULL;
	map->count = map->capacity = 0;
}

void *ta_map_get(const struct ta_map *map, const void *key)
{
	uint8_t *slot;

	if (!map->capacity)
		return NULL;
	slot = probe(map, key, hash_key(map, key));
	return slot_hash(slot) ? slot_value(map, slot) : NULL;
}

/* Doubles the table; keeps it at most three quarters full. */
static bool grow(struct ta_map *map)
{
	struct ta_map bigger = *map;

	bigger.capacity = map->capacity ? map->capacity * 2 : FIRST_CAPACITY;
	bigger.slots = calloc(bigger.capacity, map->slot_size);
	if (!bigger.slots)
		return false;
	for (size_t i = 0; i < map->capacity; i++) {
		uint8_t *slot = slot_at(map, i);

		if (slot_hash(slot))
			memcpy(probe(&bigger, slot_key(slot), slot_hash(slot)), slot,
			       map->slot_size);
	}
	free(map->slots);
	*map = bigger;
	return true;
}

void *ta_map_put(struct ta_map *map, const void *key, bool *ret_new)
{
	uint64_t hash = hash_key(map, key);
	uint8_t *slot = NULL;

	if (map->capacity)
		slot = probe(map, key, hash);
	if (slot && slot_hash(slot)) {
		if (ret_new)
			*ret_new = false;
		return slot_value(map, slot);
	}
	if (map->count == map->limit)
		return NULL;
	if (!slot || (map->count + 1) * 4 > map->capacity * 3) {
		if (!grow(map))
			return NULL;
		slot = probe(map, key, hash);
	}
	memcpy(slot, &hash, sizeof(hash));
	memcpy(slot_key(slot), key, map->key_size);
	map->count++;
	if (ret_new)
		*ret_new = true;
	return slot_value(map, slot);
}

bool ta_map_next(const struct ta_map *map, size_t *iter, const void **ret_key, void **ret_value)
{
	while (*iter < map->capacity) {
		uint8_t *slot = slot_at(map, (*iter)++);

		if (!slot_hash(slot))
			continue;
		if (ret_key)
			*ret_key = slot_key(slot);
		if (ret_value)
			*ret_value = slot_value(map, slot);
		return true;
	}
	return false;
}
