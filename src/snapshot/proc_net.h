/* proc_net.h - the lines of files in /proc/net: counters, sockets in use, interfaces, packets of
 * each processor.
 *
 * Pure: a line in, numbers out. What stands where is the same whether the kernel prints it now or
 * somebody did so last week. Tables of /proc/net/stat are in stat_table.h. */
#ifndef SNAPSHOT_PROC_NET_H
#define SNAPSHOT_PROC_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* ---- snmp, netstat: a line of names above a line of values ---- */

struct ta_counter_pair {
	struct ta_slice group;         /* "TcpExt" */
	struct ta_slice names, values; /* those not yet taken */
};

/* Begins with "Tcp: A B" and "Tcp: 1 2"; false when the lines are not of one group. */
bool ta_counter_pair_start(struct ta_counter_pair *pair, struct ta_slice names,
			   struct ta_slice values);

/* The next counter; false when there is none, or one of the lines ends before the other. */
bool ta_counter_pair_next(struct ta_counter_pair *pair, struct ta_slice *ret_name,
			  struct ta_slice *ret_value);

/* Whether each name had its value: to be asked when the last one is taken. */
bool ta_counter_pair_whole(const struct ta_counter_pair *pair);

/* The name as the snapshot's schema has it, or NULL when it does not. It lives as long as the
 * program. The group is a member of the counters: "TcpExt". */
const char *ta_counter_find(const char *group, struct ta_slice name);

/* ---- sockstat, sockstat6: "TCP: inuse 5 orphan 0 tw 0 alloc 7 mem 1" ---- */

struct ta_sockstat_fact {
	const char *line, *key; /* "TCP", "inuse" */
	const char *name;       /* in the snapshot */
	bool of_host;           /* host.tcp: the same in every namespace; else sockstat */
};

/* All that is wanted of both files; ended by a line of NULL. */
extern const struct ta_sockstat_fact ta_sockstat_facts[];

struct ta_sockstat_line {
	struct ta_slice head; /* "TCP" */
	struct ta_slice rest; /* what is not yet taken */
};

/* false when the line does not begin with a word and its colon. */
bool ta_sockstat_start(struct ta_sockstat_line *line, struct ta_slice text);

/* The next key and its value; false when there is none. */
bool ta_sockstat_next(struct ta_sockstat_line *line, struct ta_slice *ret_key,
		      struct ta_slice *ret_value);

/* ---- dev ---- */

enum { TA_INTERFACE_NAME = 16 }; /* IFNAMSIZ */

enum ta_interface_counter {
	TA_RX_PACKETS,
	TA_RX_ERRORS,
	TA_RX_DROPPED,
	TA_TX_PACKETS,
	TA_TX_ERRORS,
	TA_TX_DROPPED,
	TA_INTERFACE_COUNTERS,
};

/* Their names in the snapshot. */
extern const char *const ta_interface_counters[TA_INTERFACE_COUNTERS];

/* Of its root queueing discipline, which /proc/net/dev does not count: their names. */
enum ta_qdisc_figure {
	TA_QDISC_PACKETS,
	TA_QDISC_DROPPED,
	TA_QDISC_BACKLOG_PACKETS,
	TA_QDISC_BACKLOG_BYTES,
	TA_QDISC_FIGURES,
};
extern const char *const ta_qdisc_figures[TA_QDISC_FIGURES];

/* Whether the member of an interface in the snapshot is a counter. */
bool ta_interface_counts(const char *member);

/* The name of a counter's growth per second in the snapshot; NULL: it has none. */
const char *ta_interface_rate(const char *counter);

struct ta_interface {
	char name[TA_INTERFACE_NAME]; /* any bytes but blank and slash */
	uint64_t counters[TA_INTERFACE_COUNTERS];
};

/* "  eth0: 1 2 3 ...", all 16 numbers of it. */
bool ta_interface_parse(const char *line, size_t len, struct ta_interface *ret);

/* ---- softnet_stat ---- */

struct ta_softnet_line {
	uint32_t processed, dropped, time_squeeze, flow_limit;
	uint32_t cpu;
	bool flow_limit_known, cpu_known;
};

bool ta_softnet_line_parse(const char *line, size_t len, struct ta_softnet_line *ret);

#endif
