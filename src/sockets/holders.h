/* holders.h - which processes hold a socket: from its inode to process numbers.
 *
 * 8 bytes a slot and no more for the usual socket, which one process holds; further holders (fork,
 * descriptor passing) hang in a list. Processes are added one after another, so that a second
 * descriptor of the same one is found at the head of the list. */
#ifndef SOCKETS_HOLDERS_H
#define SOCKETS_HOLDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ta_holders {
	struct ta_holder_slot *slots;
	size_t capacity, count; /* a power of two, inodes in it */
	struct ta_holder_node *nodes;
	size_t node_count, node_size;
	size_t beyond; /* descriptors that found no room */
};

enum {
	TA_HOLDERS_MAX = 3 << 19,       /* inodes: three quarters of 16 MiB of slots */
	TA_HOLDERS_NODES_MAX = 1 << 20, /* further holders: 8 MiB */
};

void ta_holders_done(struct ta_holders *holders);

/* Makes room for so many inodes at once, which takes a third less memory than growing to it. False
 * when memory ran out. */
bool ta_holders_reserve(struct ta_holders *holders, size_t count);

/* process is below TA_PROCESSES_MAX of processes.h. Above the caps it is only counted. false when
 * memory ran out. */
bool ta_holders_add(struct ta_holders *holders, uint32_t inode, uint32_t process);

/* Walks the holders of an inode, newest first:
 * for (struct ta_holder_iter i = ta_holders_find(h, inode); ta_holder_next(h, &i, &process);) */
struct ta_holder_iter {
	uint32_t next;
};

struct ta_holder_iter ta_holders_find(const struct ta_holders *holders, uint32_t inode);
bool ta_holder_next(const struct ta_holders *holders, struct ta_holder_iter *iter,
		    uint32_t *ret_process);

#endif
