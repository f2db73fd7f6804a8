/* listing.h - sockets as several listings tell them, and the rows that come of them.
 *
 * A bundle lists the same sockets with ss, netstat and /proc/net/tcp; a ticket shows all of them
 * once and some of them again with their processes. Sockets are told apart by their addresses:
 * what a later listing does not tell of a socket is kept from an earlier one, and what it has in
 * full takes the place of what was there. */
#ifndef IMPORT_LISTING_H
#define IMPORT_LISTING_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"
#include "sockets/fold.h"

enum { TA_LISTING_SOCKETS = 1572864 }; /* three quarters of a power of two: a full table */

/* A process that some listing names. */
struct ta_listing_process {
	char name[16];   /* TASK_COMM_LEN */
	bool of_command; /* netstat prints the program of the command line, ss the name */
	uint32_t row;    /* of the table of processes, when that is made */
};

/* What tells sockets apart: one that is in a listing twice, as sockets with SO_REUSEPORT are, has
 * two numbers. */
struct ta_listed_key {
	uint8_t local[16];
	struct ta_endpoint remote;
	uint16_t port, number;
};

struct ta_listed {
	struct ta_socket socket;
	uint32_t listing;               /* the last one that had it */
	uint32_t holders, holder_count; /* a run of pids */
	bool gone;                      /* a later listing has its state in full, and not it */
	bool picked;                    /* that listing had its state in part */
};

struct ta_listings {
	struct ta_map sockets; /* struct ta_listed by struct ta_listed_key */
	uint32_t *holders;     /* pids; a socket has a run of them */
	size_t holder_count, holder_size;
	uint32_t current; /* number of the listing, from 1 */
	bool open;        /* it has begun and not ended */
	uint64_t first_line, last_line;
	uint64_t counts[TA_TCP_STATES]; /* of the current listing */
	uint64_t known[TA_TCP_STATES];  /* of the last one that had the state in full */
	uint32_t full;                  /* states that some listing had in full, a bit each */
	uint32_t full_of[2];            /* the same of IPv4 and IPv6 alone */
	uint32_t counted;               /* states that somebody counted */
	uint32_t counted_in_part;
	uint64_t beyond; /* sockets that found no room */
};

void ta_listings_init(struct ta_listings *listings);
void ta_listings_done(struct ta_listings *listings);

/* What the listings of all namespaces have in common. */
struct ta_listing_rows {
	struct ta_builder *builder;
	const struct ta_map *processes; /* struct ta_listing_process by pid: who holds sockets */
	struct ta_processes *table;     /* the same, with what their sockets come to */
	struct ta_told told;            /* what is known of these */
	uint32_t inode; /* of the last socket: they are numbered, for few listings tell inodes */
	bool excerpt;   /* some state is known by connections that somebody picked */
	bool unnamed;   /* some socket is held by a process that no listing names */
};

/* Folds the sockets and puts their rows into the namespace, whose ephemeral range is known by now
 * when it ever is. False when memory ran out. */
bool ta_listings_build(const struct ta_listings *listings, struct ta_listing_rows *rows,
		       json_t *namespace_);

#endif
