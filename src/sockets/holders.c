/* holders.c - see holders.h. A reference is 0 for none, else one more than a process number, or one
 * more than the index of a node with the top bit set. Inode 0 is no socket: the free slot. */
#include "sockets/holders.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/macros.h"

#define NODE_BIT (UINT32_C(1) << 31)

enum { FIRST_CAPACITY = 256 };

struct ta_holder_slot {
	uint32_t inode;
	uint32_t reference;
};

struct ta_holder_node {
	uint32_t process;
	uint32_t next; /* a reference */
};

void ta_holders_done(struct ta_holders *holders)
{
	free(holders->slots);
	free(holders->nodes);
	*holders = (struct ta_holders){ .slots = NULL };
}

/* Inodes of sockets count up, so neighbours are spread by a multiplication (Knuth, 6.4). */
static struct ta_holder_slot *probe(const struct ta_holders *holders, uint32_t inode)
{
	size_t mask = holders->capacity - 1;
	size_t i = (inode * UINT64_C(0x9e3779b97f4a7c15)) >> 32;

	for (i &= mask;; i = (i + 1) & mask)
		if (holders->slots[i].inode == inode || !holders->slots[i].inode)
			return &holders->slots[i];
}

/* capacity is a power of two, and larger than it was. */
static bool grow_to(struct ta_holders *holders, size_t capacity)
{
	struct ta_holders bigger = *holders;

	bigger.capacity = capacity;
	bigger.slots = calloc(bigger.capacity, sizeof(*bigger.slots));
	if (!bigger.slots)
		return false;
	for (size_t i = 0; i < holders->capacity; i++)
		if (holders->slots[i].inode)
			*probe(&bigger, holders->slots[i].inode) = holders->slots[i];
	free(holders->slots);
	*holders = bigger;
	return true;
}

/* Three quarters of the slots are taken at most. */
static bool has_room(const struct ta_holders *holders, size_t count)
{
	return count * 4 <= holders->capacity * 3;
}

bool ta_holders_reserve(struct ta_holders *holders, size_t count)
{
	struct ta_holders wanted = { .capacity = FIRST_CAPACITY };

	if (count > TA_HOLDERS_MAX)
		count = TA_HOLDERS_MAX;
	while (!has_room(&wanted, count))
		wanted.capacity *= 2;
	return wanted.capacity <= holders->capacity || grow_to(holders, wanted.capacity);
}

static bool add_node(struct ta_holders *holders, uint32_t process, uint32_t next, uint32_t *ret)
{
	if (!ta_array_room(&holders->nodes, holders->node_count, &holders->node_size,
			   sizeof(*holders->nodes)))
		return false;
	holders->nodes[holders->node_count++] = (struct ta_holder_node){ process, next };
	*ret = NODE_BIT | (uint32_t)holders->node_count;
	return true;
}

static uint32_t process_of(const struct ta_holders *holders, uint32_t reference)
{
	if (reference & NODE_BIT)
		return holders->nodes[(reference & ~NODE_BIT) - 1].process;
	return reference - 1;
}

bool ta_holders_add(struct ta_holders *holders, uint32_t inode, uint32_t process)
{
	struct ta_holder_slot *slot;

	if (!inode)
		return true;
	if (holders->count < TA_HOLDERS_MAX && !has_room(holders, holders->count + 1) &&
	    !grow_to(holders, holders->capacity ? holders->capacity * 2 : FIRST_CAPACITY))
		return false;
	slot = probe(holders, inode);
	if (!slot->inode && holders->count < TA_HOLDERS_MAX) {
		*slot = (struct ta_holder_slot){ inode, process + 1 };
		holders->count++;
		return true;
	}
	if (slot->inode && process_of(holders, slot->reference) == process)
		return true;
	if (slot->inode && holders->node_count < TA_HOLDERS_NODES_MAX)
		return add_node(holders, process, slot->reference, &slot->reference);
	holders->beyond++;
	return true;
}

struct ta_holder_iter ta_holders_find(const struct ta_holders *holders, uint32_t inode)
{
	struct ta_holder_iter iter = { 0 };

	if (holders->capacity && inode)
		iter.next = probe(holders, inode)->reference;
	return iter;
}

bool ta_holder_next(const struct ta_holders *holders, struct ta_holder_iter *iter,
		    uint32_t *ret_process)
{
	if (!iter->next)
		return false;
	*ret_process = process_of(holders, iter->next);
	iter->next = iter->next & NODE_BIT ? holders->nodes[(iter->next & ~NODE_BIT) - 1].next : 0;
	return true;
}
