/* proc_net.c - see proc_net.h. */
#include "snapshot/proc_net.h"

#include <jansson.h>
#include <string.h>

#include "base/macros.h"
#include "base/number.h"
#include "snapshot/catalogue.h"
#include "snapshot/document.h"

/* Cuts "Tcp:" off and gives "Tcp". */
static bool take_head(struct ta_slice *rest, struct ta_slice *ret)
{
	struct ta_slice word;

	if (!ta_slice_word(rest, &word) || word.len < 2 || word.data[word.len - 1] != ':')
		return false;
	*ret = ta_slice(word.data, word.len - 1);
	return true;
}

/* ---- snmp, netstat ---- */

bool ta_counter_pair_start(struct ta_counter_pair *pair, struct ta_slice names,
			   struct ta_slice values)
{
	struct ta_slice of_values;

	*pair = (struct ta_counter_pair){ .names = names, .values = values };
	return take_head(&pair->names, &pair->group) && take_head(&pair->values, &of_values) &&
	       pair->group.len == of_values.len &&
	       memcmp(pair->group.data, of_values.data, of_values.len) == 0;
}

bool ta_counter_pair_next(struct ta_counter_pair *pair, struct ta_slice *ret_name,
			  struct ta_slice *ret_value)
{
	struct ta_counter_pair next = *pair;

	if (!ta_slice_word(&next.names, ret_name) || !ta_slice_word(&next.values, ret_value))
		return false;
	*pair = next;
	return true;
}

bool ta_counter_pair_whole(const struct ta_counter_pair *pair)
{
	struct ta_counter_pair rest = *pair;
	struct ta_slice word;

	return !ta_slice_word(&rest.names, &word) && !ta_slice_word(&rest.values, &word);
}

/* The schema's groups of counters: an object for each, its "properties" are the names. They are a
 * small part of what ta_snapshot_schema() would keep, and all that a collection needs. */
static void *load_counters(struct ta_error *err)
{
	json_t *schema = ta_catalogue_parse(TA_SNAPSHOT_SCHEMA_INDEX, err);
	json_t *counters = json_object_get(
		json_object_get(json_object_get(schema, "$defs"), "counters"), "properties");

	json_incref(counters);
	json_decref(schema);
	return counters;
}

static void drop_counters(void *loaded)
{
	json_decref(loaded);
}

const char *ta_counter_find(const char *group, struct ta_slice name)
{
	static _Atomic(void *) slot;
	const json_t *counters = ta_catalogue_get(&slot, load_counters, drop_counters, NULL);
	json_t *names = json_object_get(json_object_get(counters, group), "properties");
	char key[64];

	if (name.len >= sizeof(key))
		return NULL;
	memcpy(key, name.data, name.len);
	key[name.len] = '\0';
	return json_object_iter_key(json_object_iter_at(names, key));
}

/* ---- sockstat ---- */

const struct ta_sockstat_fact ta_sockstat_facts[] = {
	{ "sockets", "used", "sockets_used", false },
	{ "TCP", "inuse", "tcp_inuse", false },
	{ "TCP", "tw", "tw", false },
	{ "TCP6", "inuse", "tcp6_inuse", false },
	{ "TCP", "orphan", "orphans", true },
	{ "TCP", "alloc", "alloc", true },
	{ "TCP", "mem", "mem_pages", true },
	{ .line = NULL },
};

bool ta_sockstat_start(struct ta_sockstat_line *line, struct ta_slice text)
{
	*line = (struct ta_sockstat_line){ .rest = text };
	return take_head(&line->rest, &line->head);
}

bool ta_sockstat_next(struct ta_sockstat_line *line, struct ta_slice *ret_key,
		      struct ta_slice *ret_value)
{
	struct ta_slice rest = line->rest;

	if (!ta_slice_word(&rest, ret_key) || !ta_slice_word(&rest, ret_value))
		return false;
	line->rest = rest;
	return true;
}

/* ---- dev ---- */

enum { INTERFACE_COLUMNS = 16 }; /* eight received, eight sent, since 2.2 */

const char *const ta_interface_counters[TA_INTERFACE_COUNTERS] = {
	[TA_RX_PACKETS] = "rx_packets", [TA_RX_ERRORS] = "rx_errors",
	[TA_RX_DROPPED] = "rx_dropped", [TA_TX_PACKETS] = "tx_packets",
	[TA_TX_ERRORS] = "tx_errors",   [TA_TX_DROPPED] = "tx_dropped",
};

const char *const ta_qdisc_figures[TA_QDISC_FIGURES] = {
	[TA_QDISC_PACKETS] = "qdisc_packets",
	[TA_QDISC_DROPPED] = "qdisc_dropped",
	[TA_QDISC_BACKLOG_PACKETS] = "qdisc_backlog_packets",
	[TA_QDISC_BACKLOG_BYTES] = "qdisc_backlog_bytes",
};

/* What grows, and as what its growth is told; NULL: it is not asked for. */
static const struct growing {
	const char *counter, *rate;
} growing[] = {
	{ "rx_packets", NULL },
	{ "rx_errors", "rx_errors_per_s" },
	{ "rx_dropped", "rx_dropped_per_s" },
	{ "tx_packets", NULL },
	{ "tx_errors", "tx_errors_per_s" },
	{ "tx_dropped", "tx_dropped_per_s" },
	{ "qdisc_packets", NULL },
	{ "qdisc_dropped", "qdisc_dropped_per_s" },
};

static const struct growing *find_growing(const char *counter)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(growing); i++)
		if (strcmp(growing[i].counter, counter) == 0)
			return &growing[i];
	return NULL;
}

bool ta_interface_counts(const char *member)
{
	return find_growing(member) != NULL;
}

const char *ta_interface_rate(const char *counter)
{
	const struct growing *found = find_growing(counter);

	return found ? found->rate : NULL;
}

/* Column of each counter (net/core/net-procfs.c): bytes packets errs drop fifo frame compressed
 * multicast, and for what was sent the same from 8 on. */
static const int column_of[TA_INTERFACE_COUNTERS] = {
	[TA_RX_PACKETS] = 1, [TA_RX_ERRORS] = 2,  [TA_RX_DROPPED] = 3,
	[TA_TX_PACKETS] = 9, [TA_TX_ERRORS] = 10, [TA_TX_DROPPED] = 11,
};

/* Before 2.6.39 no blank follows the colon. A name may hold colons, the numbers do not. */
bool ta_interface_parse(const char *line, size_t len, struct ta_interface *ret)
{
	const char *colon = len ? memrchr(line, ':', len) : NULL, *name, *word;
	size_t before, left, name_len, word_len;
	uint64_t columns[INTERFACE_COLUMNS];

	if (!colon)
		return false;
	before = (size_t)(colon - line);
	left = len - before - 1;
	if (!ta_next_word(&line, &before, &name, &name_len) || name_len >= sizeof(ret->name) ||
	    ta_next_word(&line, &before, &word, &word_len) || memchr(name, '\0', name_len))
		return false;
	colon++;
	for (size_t i = 0; i < INTERFACE_COLUMNS; i++)
		if (!ta_next_word(&colon, &left, &word, &word_len) ||
		    !ta_parse_u64(word, word_len, 10, &columns[i]))
			return false;
	if (ta_next_word(&colon, &left, &word, &word_len))
		return false;
	*ret = (struct ta_interface){ .name = "" };
	memcpy(ret->name, name, name_len);
	for (size_t i = 0; i < TA_INTERFACE_COUNTERS; i++)
		ret->counters[i] = columns[column_of[i]];
	return true;
}

/* ---- softnet_stat ---- */

/* The lines have no header and grew with the kernels: 9 numbers, 10 (2.6.35), 11 (3.11), 13 (5.10),
 * 15 (6.4). Columns 1 to 3 have never changed their meaning. */
enum { SOFTNET_LEAST = 9, SOFTNET_FLOW_LIMIT = 11, SOFTNET_CPU = 13 };

bool ta_softnet_line_parse(const char *line, size_t len, struct ta_softnet_line *ret)
{
	uint64_t columns[SOFTNET_CPU] = { 0 }, number;
	size_t count = 0, word_len;
	const char *word;

	for (; ta_next_word(&line, &len, &word, &word_len); count++) {
		if (!ta_parse_u64(word, word_len, 16, &number) || number > UINT32_MAX)
			return false;
		if (count < TA_ARRAY_SIZE(columns))
			columns[count] = number;
	}
	if (count < SOFTNET_LEAST)
		return false;
	*ret = (struct ta_softnet_line){
		.processed = (uint32_t)columns[0],
		.dropped = (uint32_t)columns[1],
		.time_squeeze = (uint32_t)columns[2],
		.flow_limit = (uint32_t)columns[SOFTNET_FLOW_LIMIT - 1],
		.cpu = (uint32_t)columns[SOFTNET_CPU - 1],
		.flow_limit_known = count >= SOFTNET_FLOW_LIMIT,
		.cpu_known = count >= SOFTNET_CPU,
	};
	return true;
}
