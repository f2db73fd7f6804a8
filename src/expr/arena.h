/* arena.h - memory that is given back all at once.
 *
 * An expression keeps its tree in one, an evaluator its values. Allocation moves a pointer; the
 * cap turns a runaway evaluation into an error instead of a swapping host. */
#ifndef EXPR_ARENA_H
#define EXPR_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "tcpadvise/error.h"

struct ta_arena_block;

struct ta_arena {
	struct ta_arena_block *blocks; /* the newest first; allocation is from that one */
	char *next, *end;
	size_t bytes;        /* handed out since the last reset */
	size_t limit;        /* the most that bytes may become */
	bool grows;          /* each block is twice as large as the one before */
	enum ta_code failed; /* why the last allocation gave NULL: TA_E_NOMEM, TA_E_LIMIT */
};

/* For one that is used again and again, and for one of many that are filled once: there, what is
 * left over in the last block counts. */
#define TA_ARENA_INIT(limit_bytes)  ((struct ta_arena){ .limit = (limit_bytes), .grows = true })
#define TA_ARENA_SMALL(limit_bytes) ((struct ta_arena){ .limit = (limit_bytes) })

void ta_arena_done(struct ta_arena *arena);
void ta_arena_reset(struct ta_arena *arena); /* keeps one block for the next round */

/* Aligned for anything; not cleared. NULL when memory or the limit ran out. */
void *ta_arena_alloc(struct ta_arena *arena, size_t size);
void *ta_arena_array(struct ta_arena *arena, size_t count, size_t size);
void *ta_arena_zero(struct ta_arena *arena, size_t size);

/* A copy with a NUL behind it. */
char *ta_arena_copy(struct ta_arena *arena, const char *text, size_t len);

#endif
