/* ticket_blocks.h - a page of Markdown for a ticket, put together of blocks: where the place that
 * it is meant for takes no more characters, whole blocks are left out, what matters least first,
 * and a line at the end says which.
 *
 * Everything is appended to ->text; the functions below say what the bytes from here on belong to.
 */
#ifndef REPORT_TICKET_BLOCKS_H
#define REPORT_TICKET_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* What a block is worth: the order in which blocks are left out. Of equal ones the last goes first.
 */
enum ta_worth {
	TA_WORTH_NOTE,
	TA_WORTH_CAPTURED,
	TA_WORTH_NOT_CHECKED,
	TA_WORTH_RULED_OUT,
	TA_WORTH_SILENCED,
	TA_WORTH_REFERENCE,
	TA_WORTH_AVOID,
	TA_WORTH_GAP,
	TA_WORTH_SOCKETS,
	TA_WORTH_NEXT,
	TA_WORTH_CONSEQUENCE,
	TA_WORTH_PROBLEM,
	TA_WORTH_WHAT_IF,
	TA_WORTH_ROW,
	TA_WORTH_ALWAYS, /* goes only when nothing else is left to go */
};

struct ta_ticket_flavour {
	const char *name;
	const char *place; /* as people call it */
	size_t units;      /* UTF-16 units that it takes, a line break counted as two */
	bool folds;        /* it knows <details>; else no HTML at all is written */
};

struct ta_ticket_block;

struct ta_ticket {
	struct ta_buf text;
	const struct ta_ticket_flavour *flavour;
	struct ta_ticket_block *blocks;
	size_t count, room;
	size_t group; /* the innermost that is open: its place + 1, or 0 */
	bool failed;  /* memory ran out */
};

/* The flavour of that name (NULL: GitHub's), or NULL. */
const struct ta_ticket_flavour *ta_ticket_flavour(const char *name);

void ta_ticket_done(struct ta_ticket *ticket);

/* A block that is kept or left out as a whole. */
void ta_ticket_block(struct ta_ticket *ticket, enum ta_worth worth);

/* The head of a group of blocks, which stays while one of them does. */
void ta_ticket_group(struct ta_ticket *ticket);

/* A group that is folded, below a line of our own; where nothing folds that line is a heading with
 * these marks ("###"). */
void ta_ticket_fold(struct ta_ticket *ticket, const char *marks, const char *summary);

/* Ends the innermost group. */
void ta_ticket_close(struct ta_ticket *ticket);

/* Appends what the flavour's limit leaves. false: memory ran out. */
bool ta_ticket_finish(struct ta_ticket *ticket, struct ta_buf *out);

#endif
