/* kernel_log.c - see kernel_log.h.
 *
 * The texts are those of the printk calls from 2.6.32 to 6.18, and of vendors' kernels where known.
 * Of a user's choice in a line of the kernel's are, above all, the 15 bytes of a program's name,
 * which many lines begin with ("NAME[7]: segfault at ..."), and file names and mount options in
 * quotes, with line breaks if the user likes. So every form is longer than 15 bytes, is compared
 * from the first byte of the message, and leaves no byte of it out. */
#include "snapshot/kernel_log.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/number.h"
#include "base/text.h"

enum {
	LINE_MAX = 1024, /* the longest, a failed allocation with all its flags, has about 400 */
	TAIL_MAX = 64,
	COMM_MAX = 15, /* TASK_COMM_LEN - 1 */
	DEVICE_MAX = 128,
};

static const char *const event_names[TA_KERNEL_EVENTS] = {
	[TA_KERNEL_SYN_FLOOD_COOKIES] = "syn_flood_cookies",
	[TA_KERNEL_SYN_FLOOD_DROP] = "syn_flood_drop",
	[TA_KERNEL_TW_BUCKET_OVERFLOW] = "tw_bucket_overflow",
	[TA_KERNEL_TOO_MANY_ORPHANS] = "too_many_orphans",
	[TA_KERNEL_TCP_OUT_OF_MEMORY] = "tcp_out_of_memory",
	[TA_KERNEL_OUT_OF_SOCKET_MEMORY] = "out_of_socket_memory",
	[TA_KERNEL_CONNTRACK_FULL] = "conntrack_full",
	[TA_KERNEL_CONNTRACK_EXPECT_FULL] = "conntrack_expect_full",
	[TA_KERNEL_FILE_MAX] = "file_max",
	[TA_KERNEL_NEIGHBOUR_OVERFLOW] = "neighbour_overflow",
	[TA_KERNEL_PAGE_ALLOCATION] = "page_allocation",
	[TA_KERNEL_NETDEV_WATCHDOG] = "netdev_watchdog",
	[TA_KERNEL_ROUTE_CACHE_FULL] = "route_cache_full",
	[TA_KERNEL_PORT_RANGE_PARITY] = "port_range_parity",
};

/* ---- forms ---- */

/* What a form has in place of a literal byte: */
#define NUMBER "\1" /* decimal */
#define PORT   "\2" /* 80, since 6.2 10.0.0.1:80 or [::1]:80 */
#define TABLE  "\3" /* a name */
#define TAIL   "\4" /* the end, perhaps after a full stop and a remark: vendors name a container */

/* What may stand before a form, also more than once. */
enum family {
	PLAIN,
	TCP,
	CONNTRACK, /* at least once: others have full tables, too */
	NEIGHBOUR,
	FAMILIES,
};

static const struct prefix {
	enum family family;
	const char *text;
	const char *table; /* whose neighbours it means */
} prefixes[] = {
	{ TCP, "TCP: ", NULL },
	{ TCP, "TCPv6: ", NULL },
	{ TCP, "request_sock_" TABLE ": ", NULL },
	{ CONNTRACK, "nf_conntrack: ", NULL },
	{ CONNTRACK, "ip_conntrack: ", NULL },
	{ NEIGHBOUR, "neighbour: ", NULL },
	{ NEIGHBOUR, "ipv4: ", "arp_cache" },
	{ NEIGHBOUR, "ipv6: ", "ndisc_cache" },
};

static const struct form {
	enum ta_kernel_event event;
	enum family family;
	const char *text;
} forms[] = {
	{ TA_KERNEL_SYN_FLOOD_COOKIES, TCP,
	  "Possible SYN flooding on port " PORT ". Sending cookies" TAIL },
	{ TA_KERNEL_SYN_FLOOD_COOKIES, TCP,
	  "possible SYN flooding on port " PORT ". Sending cookies" TAIL },
	{ TA_KERNEL_SYN_FLOOD_DROP, TCP,
	  "Possible SYN flooding on port " PORT ". Dropping request" TAIL },
	{ TA_KERNEL_SYN_FLOOD_DROP, TCP,
	  "possible SYN flooding on port " PORT ". Dropping request" TAIL },
	{ TA_KERNEL_TW_BUCKET_OVERFLOW, TCP, "time wait bucket table overflow" TAIL },
	{ TA_KERNEL_TOO_MANY_ORPHANS, TCP, "too many orphaned sockets" TAIL },
	{ TA_KERNEL_TOO_MANY_ORPHANS, TCP, "too many of orphaned sockets" TAIL },
	{ TA_KERNEL_TCP_OUT_OF_MEMORY, TCP, "out of memory -- consider tuning tcp_mem" TAIL },
	{ TA_KERNEL_OUT_OF_SOCKET_MEMORY, TCP, "Out of socket memory" TAIL },
	{ TA_KERNEL_CONNTRACK_FULL, CONNTRACK, "table full, dropping packet" TAIL },
	{ TA_KERNEL_CONNTRACK_FULL, CONNTRACK,
	  "table full in netns " NUMBER ", dropping packet" TAIL },
	{ TA_KERNEL_CONNTRACK_EXPECT_FULL, CONNTRACK, "expectation table full" TAIL },
	{ TA_KERNEL_FILE_MAX, PLAIN, "VFS: file-max limit " NUMBER " reached" TAIL },
	{ TA_KERNEL_NEIGHBOUR_OVERFLOW, NEIGHBOUR, TABLE ": neighbor table overflow" TAIL },
	{ TA_KERNEL_NEIGHBOUR_OVERFLOW, NEIGHBOUR, "Neighbour table overflow" TAIL },
	{ TA_KERNEL_ROUTE_CACHE_FULL, PLAIN,
	  "Route cache is full: consider increasing sysctl net.ipv6.route.max_size" TAIL },
	{ TA_KERNEL_ROUTE_CACHE_FULL, PLAIN,
	  "Route cache is full: consider increasing sysctl net.ipv[4|6].route.max_size" TAIL },
	{ TA_KERNEL_PORT_RANGE_PARITY, PLAIN,
	  "ip_local_port_range: prefer different parity for start/end values" TAIL },
};

struct cursor {
	const char *at, *end;
};

static bool is_printable(char c)
{
	return c >= ' ' && c <= '~';
}

static bool is_name(char c)
{
	return ta_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       c == '-' || c == '.';
}

static bool is_address(char c)
{
	return ta_is_digit(c) || (c >= 'a' && c <= 'f') || c == '.' || c == ':' || c == '[' ||
	       c == ']';
}

/* The run of what fits; its length. */
static size_t take_run(struct cursor *c, bool (*fits)(char), const char **ret)
{
	*ret = c->at;
	while (c->at < c->end && fits(*c->at))
		c->at++;
	return (size_t)(c->at - *ret);
}

static bool take_number(struct cursor *c, uint64_t *ret)
{
	const char *digits;
	size_t len = take_run(c, ta_is_digit, &digits);

	return ta_parse_u64(digits, len, 10, ret);
}

static bool take_port(struct cursor *c, uint16_t *ret)
{
	const char *word, *colon;
	size_t len = take_run(c, is_address, &word);
	uint64_t port;

	if (len && word[len - 1] == '.') { /* that of the sentence */
		len--;
		c->at--;
	}
	colon = memrchr(word, ':', len);
	if (colon) {
		len -= (size_t)(colon + 1 - word);
		word = colon + 1;
	}
	if (!ta_parse_u64(word, len, 10, &port) || port > UINT16_MAX)
		return false;
	*ret = (uint16_t)port;
	return true;
}

static bool take_table(struct cursor *c, char *ret, size_t size)
{
	const char *name;
	size_t len = take_run(c, is_name, &name);

	if (!len || len >= size)
		return false;
	memcpy(ret, name, len);
	ret[len] = '\0';
	return true;
}

/* "", "." or "!", and then perhaps a blank and a remark of printable characters. */
static bool take_tail(struct cursor *c)
{
	const char *remark;

	if (c->at < c->end && (*c->at == '.' || *c->at == '!'))
		c->at++;
	if (c->at == c->end)
		return true;
	return *c->at == ' ' && take_run(c, is_printable, &remark) <= TAIL_MAX && c->at == c->end;
}

/* What a form's places held. */
struct taken {
	uint64_t number;
	uint16_t port;
	char table[sizeof(((struct ta_kernel_line *)0)->table)];
};

static bool take_place(struct cursor *c, char place, struct taken *ret)
{
	if (place == NUMBER[0])
		return take_number(c, &ret->number);
	if (place == PORT[0])
		return take_port(c, &ret->port);
	if (place == TABLE[0])
		return take_table(c, ret->table, sizeof(ret->table));
	if (place == TAIL[0])
		return take_tail(c);
	if (c->at == c->end || *c->at != place)
		return false;
	c->at++;
	return true;
}

/* Moves behind the form, or not at all. */
static bool take_form(struct cursor *c, const char *form, struct taken *ret)
{
	struct cursor moved = *c;

	for (; *form; form++)
		if (!take_place(&moved, *form, ret))
			return false;
	*c = moved;
	return true;
}

/* ---- lines ---- */

static const struct prefix *take_prefix(struct cursor *c, enum family family)
{
	struct taken nothing;

	for (size_t i = 0; i < TA_ARRAY_SIZE(prefixes); i++)
		if (prefixes[i].family == family && take_form(c, prefixes[i].text, &nothing))
			return &prefixes[i];
	return NULL;
}

/* The line behind its prefixes. */
static bool parse_form(struct cursor c, const struct form *form, const char *table,
		       struct ta_kernel_line *ret)
{
	struct taken taken;

	taken.table[0] = '\0';
	if (!take_form(&c, form->text, &taken))
		return false;
	*ret = (struct ta_kernel_line){
		.event = form->event,
		.has_port = strstr(form->text, PORT),
		.has_limit = form->event == TA_KERNEL_FILE_MAX,
		.has_netns = form->event == TA_KERNEL_CONNTRACK_FULL && strstr(form->text, NUMBER),
	};
	if (ret->has_port)
		ret->port = taken.port;
	if (ret->has_limit)
		ret->limit = taken.number;
	if (ret->has_netns)
		ret->netns = taken.number;
	strcpy(ret->table, *taken.table ? taken.table : table);
	return true;
}

static bool parse_family(struct cursor c, enum family family, struct ta_kernel_line *ret)
{
	const struct prefix *prefix;
	const char *table = "";
	bool prefixed = false;

	for (; (prefix = take_prefix(&c, family)); prefixed = true)
		if (prefix->table)
			table = prefix->table;
	if (family == CONNTRACK && !prefixed)
		return false;
	for (size_t i = 0; i < TA_ARRAY_SIZE(forms); i++)
		if (forms[i].family == family && parse_form(c, &forms[i], table, ret))
			return true;
	return false;
}

/* Moves behind the words when they come after no more than max bytes, all of which fit. */
static bool take_until(struct cursor *c, size_t max, bool (*fits)(char), const char *words)
{
	size_t len = strlen(words);

	for (const char *at = c->at; (size_t)(c->end - at) >= len && (size_t)(at - c->at) <= max;
	     at++) {
		if (*at == *words && memcmp(at, words, len) == 0) {
			c->at = at + len;
			return true;
		}
		if (!fits(*at))
			return false;
	}
	return false;
}

static bool is_any(char c)
{
	(void)c;
	return true;
}

/* "COMM: page allocation failure: order:0, mode:0x..."; until 3.0 with a full stop. */
static bool is_page_allocation(struct cursor c)
{
	const char *modes;
	struct taken order;

	return take_until(&c, COMM_MAX, is_any, ": page allocation failure") &&
	       (take_form(&c, ": order:" NUMBER ", mode:", &order) ||
		take_form(&c, ". order:" NUMBER ", mode:", &order)) &&
	       take_run(&c, is_printable, &modes) > 0 && c.at == c.end;
}

/* Names of a driver, a bus, a place on it, an interface. */
static bool is_device(char c)
{
	return is_name(c) || (c && strchr(" :@/()+,", c));
}

/* "NETDEV WATCHDOG: eth0 (e1000e): transmit queue 0 timed out", in 6.4 and 6.5 with milliseconds.
 * From 6.6 on "e1000e 0000:00:1f.6 eth0: NETDEV WATCHDOG: CPU: 1: transmit queue 0 timed out
 * 5120 ms". */
static bool is_watchdog(struct cursor c)
{
	struct taken number;

	if (take_form(&c, "NETDEV WATCHDOG: ", &number)) {
		if (!take_until(&c, DEVICE_MAX, is_device, "): ") ||
		    !take_form(&c, "transmit queue " NUMBER " timed out", &number))
			return false;
		return c.at == c.end || (take_form(&c, " " NUMBER " ms", &number) && c.at == c.end);
	}
	if (c.end[-1] != 's') /* most lines end here, before anything is looked for in them */
		return false;
	return take_until(&c, DEVICE_MAX, is_device, ": NETDEV WATCHDOG: CPU: ") &&
	       take_form(&c, NUMBER ": transmit queue " NUMBER " timed out " NUMBER " ms",
			 &number) &&
	       c.at == c.end;
}

static size_t trimmed(const char *text, size_t len)
{
	while (len && (text[len - 1] == ' ' || text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	return len;
}

bool ta_kernel_line_parse(const char *text, size_t len, struct ta_kernel_line *ret)
{
	struct cursor c;

	len = trimmed(text, len);
	if (!len || len > LINE_MAX)
		return false;
	c = (struct cursor){ text, text + len };
	for (enum family family = PLAIN; family < FAMILIES; family++)
		if (parse_family(c, family, ret))
			return true;
	if (is_page_allocation(c))
		*ret = (struct ta_kernel_line){ .event = TA_KERNEL_PAGE_ALLOCATION };
	else if (is_watchdog(c))
		*ret = (struct ta_kernel_line){ .event = TA_KERNEL_NETDEV_WATCHDOG };
	else
		return false;
	return true;
}

/* ---- rows ---- */

struct ta_kernel_row {
	struct ta_kernel_line line;
	uint64_t lines, last; /* how many, and the number of the last one among all that were fed */
	int64_t time_us;
	uint16_t text_len;
	char text[TA_KERNEL_TEXT];
};

void ta_kernel_log_done(struct ta_kernel_log *log)
{
	free(log->rows);
	*log = (struct ta_kernel_log){ .rows = NULL };
}

/* A limit may have been raised in between: the row has the last one. */
static bool is_same(const struct ta_kernel_line *a, const struct ta_kernel_line *b)
{
	return a->event == b->event && a->has_port == b->has_port && a->port == b->port &&
	       a->has_netns == b->has_netns && a->netns == b->netns &&
	       strcmp(a->table, b->table) == 0;
}

static struct ta_kernel_row *new_row(struct ta_kernel_log *log)
{
	if (!ta_array_room(&log->rows, log->count, &log->size, sizeof(*log->rows)))
		return NULL;
	return &log->rows[log->count++];
}

/* The line's row, a new one, or one that gives way: each event has rows of its own, so that many
 * lines of one kind (ports of a user's choice) push out no other. NULL when memory ran out. */
static struct ta_kernel_row *get_row(struct ta_kernel_log *log, const struct ta_kernel_line *line)
{
	struct ta_kernel_row *oldest = NULL;
	size_t count = 0;

	for (size_t i = 0; i < log->count; i++) {
		struct ta_kernel_row *row = &log->rows[i];

		if (is_same(&row->line, line))
			return row;
		if (row->line.event != line->event)
			continue;
		count++;
		if (!oldest || row->last < oldest->last)
			oldest = row;
	}
	if (count < TA_KERNEL_ROWS)
		oldest = new_row(log);
	else
		log->dropped += oldest->lines;
	if (oldest)
		*oldest = (struct ta_kernel_row){ .lines = 0 };
	return oldest;
}

/* Cut between characters, not within one. */
static void keep_text(struct ta_kernel_row *row, const char *text, size_t len)
{
	if (len > sizeof(row->text)) {
		len = sizeof(row->text);
		while (len && ((uint8_t)text[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(row->text, text, len);
	row->text_len = (uint16_t)len;
}

bool ta_kernel_log_add(struct ta_kernel_log *log, const char *text, size_t len, int64_t time_us)
{
	struct ta_kernel_line line;
	struct ta_kernel_row *row;

	log->lines++;
	if (!ta_kernel_line_parse(text, len, &line))
		return true;
	row = get_row(log, &line);
	if (!row)
		return false;
	row->line = line;
	row->lines++;
	row->last = log->lines;
	row->time_us = time_us;
	keep_text(row, text, trimmed(text, len));
	return true;
}

void ta_kernel_log_repeat(struct ta_kernel_log *log, uint64_t times)
{
	for (size_t i = 0; i < log->count; i++)
		if (log->rows[i].last == log->lines && times <= INT64_MAX - log->rows[i].lines)
			log->rows[i].lines += times;
}

static int by_last(const void *a, const void *b)
{
	const struct ta_kernel_row *x = a, *y = b;

	return (x->last < y->last) - (x->last > y->last);
}

/* Control characters, which a program's name may have, become what /dev/kmsg shows for them. */
static void build_text(const struct ta_kernel_row *row, struct ta_builder *builder, json_t *object)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(TA_KERNEL_TEXT * 16);

	ta_text_terminal(&text, row->text, row->text_len);
	if (text.failed)
		builder->failed = true;
	ta_build_text_n(builder, object, "text", ta_buf_cstr(&text), text.len);
}

/* The kernel's clock of log lines drifts from the others: a line is never of the future. */
static void build_age(const struct ta_kernel_row *row, int64_t now_us, struct ta_builder *builder,
		      json_t *object)
{
	double age_s = ((double)now_us - (double)row->time_us) / 1e6;

	if (now_us != TA_KERNEL_NO_TIME && row->time_us != TA_KERNEL_NO_TIME)
		ta_build_real(builder, object, "age_s", age_s > 0 ? age_s : 0);
}

static void build_row(const struct ta_kernel_row *row, int64_t now_us, struct ta_builder *builder,
		      json_t *object)
{
	const struct ta_kernel_line *line = &row->line;

	ta_build_text(builder, object, "event", event_names[line->event]);
	ta_build_uint(builder, object, "count", row->lines);
	build_text(row, builder, object);
	build_age(row, now_us, builder, object);
	if (line->has_port)
		ta_build_uint(builder, object, "port", line->port);
	if (*line->table)
		ta_build_text(builder, object, "table", line->table);
	if (line->has_limit)
		ta_build_uint(builder, object, "limit", line->limit);
	if (line->has_netns)
		ta_build_uint(builder, object, "netns", line->netns);
}

void ta_kernel_log_build(struct ta_kernel_log *log, int64_t now_us, struct ta_builder *builder,
			 json_t *array)
{
	if (log->count)
		qsort(log->rows, log->count, sizeof(*log->rows), by_last);
	for (size_t i = 0; i < log->count; i++)
		build_row(&log->rows[i], now_us, builder, ta_build_row(builder, array));
}
