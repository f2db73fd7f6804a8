/* pseudonym_address.h - what stands for an IP address in a redacted document.
 *
 * The kind of an address stays, as rules and readers go by it: loopback and "any" are what they
 * were, private and link-local ones get another network of the same range. Public IPv4 addresses
 * become ones of 240.0.0.0/4 and public IPv6 addresses ones of 2001:db8::/32, which are nobody's.
 * Two addresses of one network (/24, /64) stay in one network. Networks and hosts are numbered as
 * they come, so nothing could turn them back; one that the document has is not used for another as
 * long as there is a choice. */
#ifndef SNAPSHOT_PSEUDONYM_ADDRESS_H
#define SNAPSHOT_PSEUDONYM_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/slice.h"

/* How many ranges there are of which each keeps its addresses: see the table in the source. */
enum { TA_ADDRESS_RANGES = 11 };

struct ta_address {
	bool is_v6;
	uint8_t bytes[16]; /* of IPv4 the first four */
};

struct ta_address_book {
	struct ta_map networks; /* network -> what stands for it, and its hosts so far */
	struct ta_map hosts;    /* address -> number of the host */
	struct ta_map seen;     /* networks and addresses of the document */
	uint64_t used[TA_ADDRESS_RANGES];
	bool failed; /* memory ran out, or a range has no network left */
};

void ta_address_book_init(struct ta_address_book *book);
void ta_address_book_done(struct ta_address_book *book);

/* The address that the text begins with: its length, 0 when there is none. What follows is no part
 * of a word: a port, a zone, a bracket. */
size_t ta_address_scan(struct ta_slice text, struct ta_address *ret);

/* Says that the document has this address. To be done with all of them before the first gets a
 * pseudonym. */
void ta_address_book_avoid(struct ta_address_book *book, const struct ta_address *address);

/* Appends the pseudonym of the address. */
void ta_address_book_add(struct ta_address_book *book, const struct ta_address *address,
			 struct ta_buf *out);

#endif
