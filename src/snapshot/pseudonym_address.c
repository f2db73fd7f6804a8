/* pseudonym_address.c - see pseudonym_address.h.
 *
 * An address is a network and a host in it: 24 and 8 bits of IPv4, 64 and 64 of IPv6. */
#include "snapshot/pseudonym_address.h"

#include <arpa/inet.h>
#include <endian.h>
#include <string.h>

#include "base/macros.h"
#include "base/text.h"

enum {
	MOST_ENTRIES = 1 << 24, /* of a table: more than a document of the largest size has */
	LONGEST = 64,           /* bytes of an address in text */
	MOST_TRIALS = 8         /* ends of an address that are tried */
};

/* Where addresses come from and go to. */
static const struct range {
	bool is_v6;
	uint64_t network, mask;
	uint64_t to;   /* the first network that stands for one of them */
	uint64_t span; /* and how many there are */
} ranges[TA_ADDRESS_RANGES] = {
	{ false, 0x0a0000, 0xff0000, 0x0a0000, 1 << 16 },                        /* 10/8 */
	{ false, 0x644000, 0xffc000, 0x644000, 1 << 14 },                        /* 100.64/10 */
	{ false, 0xa9fe00, 0xffff00, 0xa9fe00, 1 << 8 },                         /* 169.254/16 */
	{ false, 0xac1000, 0xfff000, 0xac1000, 1 << 12 },                        /* 172.16/12 */
	{ false, 0xc0a800, 0xffff00, 0xc0a800, 1 << 8 },                         /* 192.168/16 */
	{ false, 0xe00000, 0xf00000, 0xe00000, 1 << 20 },                        /* multicast */
	{ false, 0, 0, 0xf00000, 1 << 20 },                                      /* public */
	{ true, 0xfe80ull << 48, 0xffc0ull << 48, 0xfe80ull << 48, 1ull << 32 }, /* link-local */
	{ true, 0xfcull << 56, 0xfeull << 56, 0xfdull << 56, 1ull << 32 },       /* unique local */
	{ true, 0xffull << 56, 0xffull << 56, 0xff0eull << 48, 1ull << 32 },     /* multicast */
	{ true, 0, 0, 0x20010db800000000, 1ull << 32 },                          /* public */
};

/* Keys of the tables. Of a network alone the host is 0 and is_network true. */
struct key {
	uint64_t network, host;
	uint64_t is_v6, is_network;
};

struct network {
	uint64_t stands_for; /* itself: what stands for the key */
	uint64_t hosts;      /* numbers that were given out in it */
	bool known;
};

void ta_address_book_init(struct ta_address_book *book)
{
	memset(book, 0, sizeof(*book));
	ta_map_init(&book->networks, sizeof(struct key), sizeof(struct network), MOST_ENTRIES);
	ta_map_init(&book->hosts, sizeof(struct key), sizeof(uint64_t), MOST_ENTRIES);
	ta_map_init(&book->seen, sizeof(struct key), sizeof(bool), MOST_ENTRIES);
}

void ta_address_book_done(struct ta_address_book *book)
{
	ta_map_done(&book->networks);
	ta_map_done(&book->hosts);
	ta_map_done(&book->seen);
}

/* ---- reading ---- */

static bool parse(const char *text, size_t len, struct ta_address *ret)
{
	char copy[LONGEST];

	if (!len || len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	memset(ret, 0, sizeof(*ret));
	ret->is_v6 = memchr(text, ':', len) != NULL;
	return inet_pton(ret->is_v6 ? AF_INET6 : AF_INET, copy, ret->bytes) == 1;
}

/* Length of the run of bytes that addresses are made of. */
static size_t run_of(struct ta_slice text)
{
	size_t len = 0;

	while (len < text.len && len < LONGEST && text.data[len] &&
	       strchr("0123456789abcdefABCDEF.:", text.data[len]))
		len++;
	return len;
}

/* Where the run ends when its last part, a port or the end of a sentence, is none of the address.
 */
static size_t shorten(const char *text, size_t len)
{
	size_t shorter = len;

	while (shorter && text[shorter - 1] != ':' && text[shorter - 1] != '.')
		shorter--;
	return shorter == len ? len - 1 : shorter ? shorter - 1 : 0;
}

size_t ta_address_scan(struct ta_slice text, struct ta_address *ret)
{
	size_t len = run_of(text);

	for (int trial = 0; len && trial < MOST_TRIALS; trial++) {
		if ((len == text.len || !ta_text_is_word_byte(text.data[len])) &&
		    parse(text.data, len, ret))
			return len;
		len = shorten(text.data, len);
	}
	return 0;
}

/* ---- networks and hosts ---- */

static struct key split(const struct ta_address *address)
{
	struct key key = { .is_v6 = address->is_v6 };
	uint64_t words[2];
	uint32_t word;

	memcpy(words, address->bytes, sizeof(words));
	memcpy(&word, address->bytes, sizeof(word));
	key.network = address->is_v6 ? be64toh(words[0]) : be32toh(word) >> 8;
	key.host = address->is_v6 ? be64toh(words[1]) : be32toh(word) & 0xff;
	return key;
}

static struct ta_address join(const struct key *key)
{
	struct ta_address address = { .is_v6 = key->is_v6 };
	uint64_t words[2] = { htobe64(key->network), htobe64(key->host) };
	uint32_t word = htobe32((uint32_t)(key->network << 8 | key->host));

	if (key->is_v6)
		memcpy(address.bytes, words, sizeof(words));
	else
		memcpy(address.bytes, &word, sizeof(word));
	return address;
}

static struct key network_of(const struct key *key)
{
	return (struct key){ .network = key->network, .is_v6 = key->is_v6, .is_network = 1 };
}

static const struct range *range_of(const struct key *key)
{
	const struct range *range = ranges;

	while (range->is_v6 != (bool)key->is_v6 || (key->network & range->mask) != range->network)
		range++; /* the last of each family takes all */
	return range;
}

static bool is_seen(const struct ta_address_book *book, const struct key *key)
{
	return ta_map_get(&book->seen, key) != NULL;
}

static void see(struct ta_address_book *book, const struct key *key)
{
	if (!ta_map_put(&book->seen, key, NULL))
		book->failed = true;
}

/* Numbers are given out in two rounds: first those that the document does not have, then, when they
 * are used up, the others. No number is given out twice; false when there is none left.
 * candidate() makes the key of a number. */
static bool next_free(const struct ta_address_book *book, uint64_t *used, uint64_t span,
		      struct key (*candidate)(const void *ctx, uint64_t number), const void *ctx,
		      struct key *ret)
{
	for (; *used / 2 < span; (*used)++) {
		bool second_round = *used >= span;

		*ret = candidate(ctx, (*used + 1) % span); /* x.x.x.1 comes first */
		if (is_seen(book, ret) == second_round) {
			(*used)++;
			return true;
		}
	}
	return false;
}

static struct key candidate_network(const void *ctx, uint64_t number)
{
	const struct range *range = ctx;

	return (struct key){ .network = range->to + number,
			     .is_v6 = range->is_v6,
			     .is_network = 1 };
}

static struct key candidate_host(const void *ctx, uint64_t number)
{
	struct key key = *(const struct key *)ctx;

	key.is_network = 0;
	key.host = number;
	return key;
}

/* The entry of the network; NULL when it failed. */
static struct network *place(struct ta_address_book *book, const struct key *key)
{
	struct key from = network_of(key);
	const struct range *range = range_of(key);
	struct network *network = ta_map_put(&book->networks, &from, NULL);
	struct key to;

	if (!network)
		return NULL;
	if (!network->known && !next_free(book, &book->used[range - ranges], range->span,
					  candidate_network, range, &to))
		return NULL;
	if (!network->known)
		network->stands_for = to.network;
	network->known = true;
	return network;
}

/* Turns the key into what stands for it. */
static bool rename_key(struct ta_address_book *book, struct key *key)
{
	struct network *network = place(book, key);
	struct key in, to;
	uint64_t *host = ta_map_put(&book->hosts, key, NULL); /* 0: none yet, else one more */

	if (!network || !host)
		return false;
	in = (struct key){ .network = network->stands_for, .is_v6 = key->is_v6 };
	if (!*host && !next_free(book, &network->hosts, key->is_v6 ? UINT32_MAX : 256,
				 candidate_host, &in, &to))
		return false;
	if (!*host)
		*host = to.host + 1;
	in.host = *host - 1;
	*key = in;
	return true;
}

/* ---- addresses ---- */

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };   /* ::ffff:0:0/96 */
static const uint8_t translated[12] = { 0x00, 0x64, 0xff, 0x9b }; /* 64:ff9b::/96 */

/* The IPv4 address within, if there is one. */
static bool inner_of(const struct ta_address *address, struct ta_address *ret)
{
	if (!address->is_v6 || (memcmp(address->bytes, mapped, sizeof(mapped)) != 0 &&
				memcmp(address->bytes, translated, sizeof(translated)) != 0))
		return false;
	*ret = (struct ta_address){ .is_v6 = false };
	memcpy(ret->bytes, address->bytes + sizeof(mapped), 4);
	return true;
}

/* The same on every host: 0/8, 127/8, the broadcast address, the metadata service; :: and ::1. */
static bool is_universal(const struct ta_address *address)
{
	static const uint8_t zeroes[15];
	static const uint8_t whole[][4] = { { 255, 255, 255, 255 }, { 169, 254, 169, 254 } };

	if (address->is_v6)
		return memcmp(address->bytes, zeroes, sizeof(zeroes)) == 0 &&
		       address->bytes[15] <= 1;
	for (size_t i = 0; i < TA_ARRAY_SIZE(whole); i++)
		if (memcmp(address->bytes, whole[i], sizeof(whole[i])) == 0)
			return true;
	return address->bytes[0] == 0 || address->bytes[0] == 127;
}

void ta_address_book_avoid(struct ta_address_book *book, const struct ta_address *address)
{
	struct ta_address inner;
	struct key key = split(inner_of(address, &inner) ? &inner : address);
	struct key network = network_of(&key);

	see(book, &key);
	see(book, &network);
}

static void rename_address(struct ta_address_book *book, struct ta_address *address)
{
	struct key key = split(address);

	if (is_universal(address))
		return;
	if (!rename_key(book, &key))
		book->failed = true;
	*address = join(&key);
}

void ta_address_book_add(struct ta_address_book *book, const struct ta_address *address,
			 struct ta_buf *out)
{
	struct ta_address renamed = *address, inner;
	char text[INET6_ADDRSTRLEN];

	if (inner_of(address, &inner)) {
		rename_address(book, &inner);
		memcpy(renamed.bytes + sizeof(mapped), inner.bytes, 4);
	} else {
		rename_address(book, &renamed);
	}
	if (inet_ntop(renamed.is_v6 ? AF_INET6 : AF_INET, renamed.bytes, text, sizeof(text)))
		ta_buf_str(out, text);
}
