/* host_counters.c - see host_counters.h. */
#include "collect/host_counters.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/language.h"
#include "snapshot/rates.h"
#include "snapshot/stat_table.h"

enum { FILE_CAP = 1 << 21 };

static const char *reason(int failed)
{
	return failed == EINVAL ? "it is not in the form that the kernel prints" : strerror(failed);
}

/* ---- neighbour tables ---- */

enum { ARP, NDISC };

static const struct table {
	const char *path, *group, *entries;
	const char *facts[3];
} tables[] = {
	[ARP] = { "net/stat/arp_cache",
		  "arp",
		  "arp_entries",
		  { "host.neighbours.arp_entries", "host.counters.arp", "host.rates.arp" } },
	[NDISC] = { "net/stat/ndisc_cache",
		    "ndisc",
		    "ndisc_entries",
		    { "host.neighbours.ndisc_entries", "host.counters.ndisc",
		      "host.rates.ndisc" } },
};

/* Both objects may be NULL: not wanted. Returns 0 or an errno. */
static int take_table(const struct ta_root *root, const struct table *table,
		      struct ta_builder *builder, json_t *groups, json_t *neighbours)
{
	enum { ENTRIES, TABLE_FULLS };
	struct ta_stat_column columns[] = { { .name = "entries" }, { .name = "table_fulls" } };
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(FILE_CAP);
	int failed = ta_root_read(root, table->path, &buf);

	if (failed)
		return failed;
	if (!ta_stat_table_parse(ta_buf_cstr(&buf), buf.len, columns, TA_ARRAY_SIZE(columns)))
		return EINVAL;
	if (neighbours && columns[ENTRIES].found)
		ta_build_uint(builder, neighbours, table->entries, columns[ENTRIES].first);
	if (columns[TABLE_FULLS].found) /* 4.3 and later */
		ta_build_uint(builder, ta_build_object(builder, groups, table->group),
			      "table_fulls", columns[TABLE_FULLS].sum);
	return 0;
}

static void build_table_gap(struct ta_builder *builder, const struct table *table, int failed)
{
	char what[64];

	snprintf(what, sizeof(what), "neighbours of /proc/%s", table->path);
	ta_build_gap(builder, what, reason(failed), table->facts[0], table->facts[1],
		     table->facts[2], NULL);
}

static void build_tables_gap(struct ta_builder *builder, bool hidden, int failed)
{
	ta_build_gap(
		builder, N_("neighbour tables"),
		hidden ? N_("only the initial network namespace shows them: look from the host's")
		       : reason(failed),
		"host.neighbours", "host.counters.arp", "host.counters.ndisc", "host.rates.arp",
		"host.rates.ndisc", NULL);
}

/* A child namespace shows neither table. Where only that of IPv6 is not there, IPv6 is not, either:
 * no gap. */
static void build_neighbours(const struct ta_root *root, bool first_netns,
			     struct ta_builder *builder, json_t *host, json_t *groups)
{
	json_t *neighbours = ta_build_object(builder, host, "neighbours");
	int arp = take_table(root, &tables[ARP], builder, groups, neighbours);
	int ndisc = take_table(root, &tables[NDISC], builder, groups, neighbours);
	bool hidden = arp == ENOENT && ndisc == ENOENT && !first_netns &&
		      ta_root_exists(root, "proc/net/stat");

	if (arp && ndisc) {
		json_object_del(host, "neighbours");
		build_tables_gap(builder, hidden, arp);
		return;
	}
	if (arp)
		build_table_gap(builder, &tables[ARP], arp);
	if (ndisc && ndisc != ENOENT)
		build_table_gap(builder, &tables[NDISC], ndisc);
}

/* ---- the two samples ---- */

bool ta_host_counters_start(const struct ta_root *root, struct ta_builder *builder,
			    struct ta_host_counters *ret)
{
	ret->groups = json_object();
	if (!ret->groups)
		return false;
	if (ta_softnet_read(root, &ret->softnet) == 0)
		ta_softnet_build(&ret->softnet, builder, ret->groups);
	for (size_t i = 0; i < TA_ARRAY_SIZE(tables); i++)
		take_table(root, &tables[i], builder, ret->groups, NULL);
	return true;
}

void ta_host_counters_done(struct ta_host_counters *counters)
{
	json_decref(counters->groups);
	counters->groups = NULL;
	ta_softnet_done(&counters->softnet);
}

static void build_rates(const struct ta_host_counters *before, const struct ta_softnet *softnet,
			json_t *groups, double window_s, struct ta_builder *builder, json_t *host)
{
	json_t *rates = ta_build_object(builder, host, "rates");
	uint64_t busiest;

	ta_build_rates(builder, rates, before->groups, groups, window_s);
	if (ta_softnet_busiest(&before->softnet, softnet, &busiest))
		ta_build_real(builder, json_object_get(rates, "softnet"), "busiest_processed",
			      (double)busiest / window_s);
	if (before->softnet.cpus && softnet->cpus &&
	    !ta_softnet_comparable(&before->softnet, softnet)) {
		json_object_del(rates, "softnet");
		ta_build_gap(builder, N_("rates of /proc/net/softnet_stat"),
			     N_("a processor came or went between the samples"),
			     "host.rates.softnet", NULL);
	}
}

void ta_host_counters_build(const struct ta_root *root, const struct ta_host_counters *before,
			    double window_s, bool first_netns, struct ta_builder *builder,
			    json_t *host)
{
	json_t *groups = ta_build_object(builder, host, "counters");
	struct ta_softnet softnet;
	int failed = ta_softnet_read(root, &softnet);

	if (failed)
		ta_build_gap(builder, N_("packets between device and stack"), reason(failed),
			     "host.counters.softnet", "host.rates.softnet", NULL);
	else
		ta_softnet_build(&softnet, builder, groups);
	build_neighbours(root, first_netns, builder, host, groups);
	if (window_s > 0)
		build_rates(before, &softnet, groups, window_s, builder, host);
	ta_softnet_done(&softnet);
}
