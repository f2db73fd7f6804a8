/* map.c - see map.h. */
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

/* Takes one word of the key in. The multiplier is secret and both halves of the product are used,
 * so that nobody can choose keys that collide. */
static uint64_t absorb(uint64_t h, uint64_t word, uint64_t secret)
{
#ifdef __SIZEOF_INT128__
	__extension__ unsigned __int128 product = (unsigned __int128)(h ^ word) * secret;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
	return mix(h ^ word ^ secret);
#endif
}

static uint64_t hash_key(const struct ta_map *map, const void *key)
{
	const uint8_t *p = key;
	size_t left = map->key_size;
	uint64_t h = map->seed;
	uint64_t word;

	for (; left >= sizeof(word); p += sizeof(word), left -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		h = absorb(h, word, map->secret);
	}
	word = 0;
	memcpy(&word, p, left);
	h = mix(absorb(h, word, map->secret));
	return h ? h : 1;
}

static uint8_t *slot_key(const struct ta_map *map, size_t i)
{
	return map->slots + i * map->slot_size;
}

static void *slot_value(const struct ta_map *map, size_t i)
{
	return slot_key(map, i) + align8(map->key_size);
}

/* The slot of key, or the free slot where it belongs; the table must have a free one. */
static size_t probe(const struct ta_map *map, const void *key, uint64_t hash)
{
	size_t mask = map->capacity - 1;
	size_t i = (size_t)hash & mask;

	while (map->hashes[i]) {
		if (map->hashes[i] == hash && memcmp(slot_key(map, i), key, map->key_size) == 0)
			break;
		i = (i + 1) & mask;
	}
	return i;
}

static void randomise(struct ta_map *map)
{
	uint64_t random[2];

	if (getrandom(random, sizeof(random), GRND_NONBLOCK) != sizeof(random)) {
		random[0] = (uintptr_t)map; /* early boot: weaker, still per process */
		random[1] = mix((uintptr_t)&random);
	}
	map->seed = random[0];
	map->secret = random[1] | 1;
}

void ta_map_init(struct ta_map *map, size_t key_size, size_t value_size, size_t limit)
{
	*map = (struct ta_map){ .key_size = key_size, .value_size = value_size, .limit = limit };
	map->slot_size = align8(key_size) + align8(value_size);
	randomise(map);
}

void ta_map_done(struct ta_map *map)
{
	free(map->hashes);
	free(map->slots);
	map->hashes = NULL;
	map->slots = NULL;
	map->count = map->capacity = 0;
}

void *ta_map_get(const struct ta_map *map, const void *key)
{
	size_t i;

	if (!map->capacity)
		return NULL;
	i = probe(map, key, hash_key(map, key));
	return map->hashes[i] ? slot_value(map, i) : NULL;
}

/* Doubles the table; keeps it at most three quarters full. */
static bool grow(struct ta_map *map)
{
	struct ta_map bigger = *map;

	bigger.capacity = map->capacity ? map->capacity * 2 : FIRST_CAPACITY;
	bigger.hashes = calloc(bigger.capacity, sizeof(*bigger.hashes));
	bigger.slots = calloc(bigger.capacity, map->slot_size);
	if (!bigger.hashes || !bigger.slots) {
		free(bigger.hashes);
		free(bigger.slots);
		return false;
	}
	for (size_t i = 0; i < map->capacity; i++) {
		size_t to;

		if (!map->hashes[i])
			continue;
		to = probe(&bigger, slot_key(map, i), map->hashes[i]);
		bigger.hashes[to] = map->hashes[i];
		memcpy(slot_key(&bigger, to), slot_key(map, i), map->slot_size);
	}
	free(map->hashes);
	free(map->slots);
	*map = bigger;
	return true;
}

void *ta_map_put(struct ta_map *map, const void *key, bool *ret_new)
{
	uint64_t hash = hash_key(map, key);
	size_t i = 0;
	bool known = false;

	if (map->capacity) {
		i = probe(map, key, hash);
		known = map->hashes[i] != 0;
	}
	if (!known && map->count == map->limit)
		return NULL;
	if (ret_new)
		*ret_new = !known;
	if (known)
		return slot_value(map, i);
	if ((map->count + 1) * 4 > map->capacity * 3) {
		if (!grow(map))
			return NULL;
		i = probe(map, key, hash);
	}
	map->hashes[i] = hash;
	memcpy(slot_key(map, i), key, map->key_size);
	map->count++;
	return slot_value(map, i);
}

bool ta_map_next(const struct ta_map *map, size_t *iter, const void **ret_key, void **ret_value)
{
	while (*iter < map->capacity) {
		size_t i = (*iter)++;

		if (!map->hashes[i])
			continue;
		if (ret_key)
			*ret_key = slot_key(map, i);
		if (ret_value)
			*ret_value = slot_value(map, i);
		return true;
	}
	return false;
}
