/* arena.c - see arena.h. */
#include "expr/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	FIRST_BLOCK = 512,          /* a rule book has a thousand expressions, most of them short */
	LARGEST_BLOCK = 256 * 1024, /* blocks grow up to here; larger requests get their own */
	ALIGNMENT = alignof(max_align_t),
};

struct ta_arena_block {
	struct ta_arena_block *older;
	size_t size; /* of data */
	alignas(max_align_t) char data[];
};

static void use_block(struct ta_arena *arena, struct ta_arena_block *block)
{
	arena->blocks = block;
	arena->next = block ? block->data : NULL;
	arena->end = block ? block->data + block->size : NULL;
}

void ta_arena_done(struct ta_arena *arena)
{
	while (arena->blocks) {
		struct ta_arena_block *older = arena->blocks->older;

		free(arena->blocks);
		arena->blocks = older;
	}
	*arena = (struct ta_arena){ .limit = arena->limit, .grows = arena->grows };
}

void ta_arena_reset(struct ta_arena *arena)
{
	struct ta_arena_block *keep = NULL;

	while (arena->blocks) {
		struct ta_arena_block *block = arena->blocks;

		arena->blocks = block->older;
		if (!keep && block->size <= LARGEST_BLOCK)
			keep = block;
		else
			free(block);
	}
	if (keep)
		keep->older = NULL;
	use_block(arena, keep);
	arena->bytes = 0;
	arena->failed = TA_OK;
}

static bool add_block(struct ta_arena *arena, size_t least)
{
	size_t size = arena->grows && arena->blocks ? arena->blocks->size * 2 : FIRST_BLOCK;
	struct ta_arena_block *block;

	if (size > LARGEST_BLOCK)
		size = LARGEST_BLOCK;
	if (size < least)
		size = least;
	block = malloc(sizeof(*block) + size);
	if (!block)
		return false;
	block->older = arena->blocks;
	block->size = size;
	use_block(arena, block);
	return true;
}

static void *refuse(struct ta_arena *arena, enum ta_code why)
{
	arena->failed = why;
	return NULL;
}

void *ta_arena_alloc(struct ta_arena *arena, size_t size)
{
	void *memory;

	/* bytes may be above the limit when the limit was lowered */
	if (arena->bytes >= arena->limit || size > arena->limit - arena->bytes)
		return refuse(arena, TA_E_LIMIT);
	size = size ? (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT : ALIGNMENT;
	if (size > (size_t)(arena->end - arena->next) && !add_block(arena, size))
		return refuse(arena, TA_E_NOMEM);
	memory = arena->next;
	arena->next += size;
	arena->bytes += size;
	return memory;
}

void *ta_arena_array(struct ta_arena *arena, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		return refuse(arena, TA_E_LIMIT);
	return ta_arena_alloc(arena, bytes);
}

void *ta_arena_zero(struct ta_arena *arena, size_t size)
{
	void *memory = ta_arena_alloc(arena, size);

	return memory ? memset(memory, 0, size) : NULL;
}

char *ta_arena_copy(struct ta_arena *arena, const char *text, size_t len)
{
	char *copy = ta_arena_alloc(arena, len + 1);

	if (!copy)
		return NULL;
	if (len)
		memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}
