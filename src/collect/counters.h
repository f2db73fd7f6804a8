/* counters.h - /proc/net/{netstat,snmp}: what the kernel has counted, by its own names. */
#ifndef COLLECT_COUNTERS_H
#define COLLECT_COUNTERS_H

#include "collect/root.h"
#include "snapshot/builder.h"

/* Fills object with the groups Tcp, Ip, Icmp, TcpExt, IpExt; a file that can't be read becomes a
 * gap when gaps are wanted (not again for a second sample). */
void ta_counters_build(const struct ta_root *root, bool gaps, struct ta_builder *builder,
		       json_t *object);

/* The groups of one text of line pairs, "Name: A B C" and "Name: 1 2 3". Returns how many of the
 * pairs could not be understood. */
size_t ta_counters_parse(const char *text, size_t len, struct ta_builder *builder, json_t *object);

/* The number, not negative, after " key " in the line of /proc/net/sockstat{,6} that begins with
 * "line:". */
bool ta_sockstat_number(const struct ta_buf *buf, const char *line, const char *key, int64_t *ret);

/* Member "sockstat" of the namespace, of /proc/net/sockstat{,6}; member "tcp" of the host: figures
 * of the first file that are the same in every namespace. Gaps as above. */
void ta_sockstat_build(const struct ta_root *root, bool gaps, struct ta_builder *builder,
		       json_t *namespace_);
void ta_host_sockstat_build(const struct ta_root *root, struct ta_builder *builder, json_t *host);

#endif
