/* value.h - lists and maps that an evaluation makes, and one view of them and of JSON's.
 *
 * Values are immutable once they are handed on, so they are shared, never copied. */
#ifndef EXPR_VALUE_H
#define EXPR_VALUE_H

#include "expr/arena.h"
#include "tcpadvise/expr.h"

struct ta_list {
	size_t count;
	const struct ta_value *items;
};

struct ta_entry {
	struct ta_value key, value;
};

/* Keys are bool, int, uint or string and differ as CEL compares them: 1 and 1u are one key. */
struct ta_dict {
	size_t count;
	struct ta_entry *entries; /* in the order of their insertion */
	uint32_t *index;          /* open addressing: entry number + 1; NULL in a small map */
	size_t mask;
};

const char *ta_kind_name(enum ta_kind kind); /* as CEL says it: "null_type", "int" ... */
#define TA_KIND_COUNT (TA_OBJECT + 1)

static inline bool ta_kind_is_number(enum ta_kind kind)
{
	return kind == TA_INT || kind == TA_UINT || kind == TA_DOUBLE;
}

static inline bool ta_kind_is_key(enum ta_kind kind)
{
	return kind == TA_BOOL || kind == TA_INT || kind == TA_UINT || kind == TA_STRING;
}

static inline struct ta_value ta_value_string(enum ta_kind kind, const char *ptr, size_t len)
{
	struct ta_value value = { .kind = kind };

	value.as.str.ptr = ptr;
	value.as.str.len = len;
	return value;
}

static inline struct ta_value ta_value_uint(uint64_t u)
{
	return (struct ta_value){ .kind = TA_UINT, .as.u = u };
}

static inline struct ta_value ta_value_list(const struct ta_list *list)
{
	return (struct ta_value){ .kind = TA_LIST, .as.list = list };
}

static inline struct ta_value ta_value_dict(const struct ta_dict *dict)
{
	return (struct ta_value){ .kind = TA_MAP, .as.dict = dict };
}

/* Walks a list (key: its index) or a map. Zero-initialise but for of. */
struct ta_walk {
	const struct ta_value *of;
	size_t at;
	void *iter; /* of a JSON object */
};

bool ta_walk_next(struct ta_walk *walk, struct ta_value *ret_key, struct ta_value *ret_value);

/* Whether the map has the key; *ret (may be NULL) is its value. A key of a kind that no map has
 * is not there. Each probe costs a step. */
bool ta_map_find(const struct ta_value *map, const struct ta_value *key, uint64_t *steps,
		 struct ta_value *ret);
bool ta_map_find_name(const struct ta_value *map, const char *name, size_t len, uint64_t *steps,
		      struct ta_value *ret);

/* An empty map with room for count entries; NULL when the arena is exhausted. */
struct ta_dict *ta_dict_new(struct ta_arena *arena, size_t count);
/* false when the key is there already. The caller has checked its kind, and keeps to count. */
bool ta_dict_add(struct ta_dict *dict, const struct ta_value *key, const struct ta_value *value,
		 uint64_t *steps);

/* CEL's ==: any two values may be compared; numbers on one line, NaN is nothing's equal. Costs
 * steps; when they run out (*steps becomes 0) the answer is false and the caller must look. */
bool ta_value_equal(const struct ta_value *a, const struct ta_value *b, uint64_t *steps);

/* CEL's order. false when these kinds have none. *ret is <0, 0, >0, or TA_UNORDERED (NaN). */
enum { TA_UNORDERED = 2 };
bool ta_value_order(const struct ta_value *a, const struct ta_value *b, int *ret);

/* An integral double or a uint as an int where that is exact; other values as they are. */
struct ta_value ta_value_integral(const struct ta_value *value);

/* Spends n of *steps, at most all. */
static inline void ta_spend(uint64_t *steps, uint64_t n)
{
	*steps -= *steps < n ? *steps : n;
}

#endif
