/* collect.c - the story of a snapshot: two samples of counters around a wait, the sockets at its
 * end, and an account of what that cost.
 *
 * Processes are scanned right before the sockets are read, so that a socket finds its holder. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/number.h"
#include "collect/conntrack.h"
#include "collect/counters.h"
#include "collect/fold.h"
#include "collect/host.h"
#include "collect/host_counters.h"
#include "collect/interfaces.h"
#include "collect/kmsg.h"
#include "collect/load.h"
#include "collect/owners.h"
#include "collect/sockets.h"
#include "collect/sysctl.h"
#include "snapshot/kernel_log.h"
#include "snapshot/rates.h"
#include "tcpadvise/snapshot.h"

struct collection {
	const struct ta_collect_options *options;
	const struct ta_clock *clock;
	uint64_t started_us;
	struct ta_root root;
	struct ta_builder builder;
	json_t *about, *host, *namespace_; /* borrowed from the document */
	struct ta_kernel kernel;
	uint64_t netns; /* inode of the network namespace */
	struct ta_ports ports;
	struct ta_sockets sockets;
	struct ta_owners owners;
	struct ta_cgroup_tree tree;
	struct ta_fold earlier, fold; /* the listeners of sample 1; all of sample 2 */
	json_t *counters_before; /* sample 1 of the namespace, of the host, of the interfaces */
	struct ta_host_counters host_before;
	struct ta_interfaces interfaces_before;
	double window_s; /* 0: one sample */
};

static void progress(const struct collection *c, const char *what)
{
	if (c->options->progress)
		c->options->progress(c->options->progress_ctx, what);
}

static bool begin(struct collection *c, struct ta_error *err)
{
	struct ta_builder *builder = &c->builder;
	json_t *namespaces;

	ta_builder_init(builder);
	c->started_us = c->clock->monotonic_us(c->clock->ctx);
	if (!ta_root_open(&c->root, c->options->root, err))
		return false;
	ta_build_text(builder, builder->root, "schema", TA_SNAPSHOT_SCHEMA);
	ta_build_text(builder, builder->root, "taken_at", "");
	c->about = ta_build_object(builder, builder->root, "collection");
	c->host = ta_build_object(builder, builder->root, "host");
	ta_files_build(&c->root, builder);
	namespaces = ta_build_array(builder, builder->root, "namespaces");
	c->namespace_ = ta_build_row(builder, namespaces);
	ta_host_build(&c->root, builder, c->host, &c->kernel);
	ta_namespace_build(&c->root, &c->kernel, builder, c->namespace_);
	ta_load_build(&c->root, builder, c->host);
	ta_root_link_number(&c->root, "self/ns/net", &c->netns);
	ta_ports_read(&c->root, &c->ports, builder);
	ta_sockets_open(&c->sockets, &c->root, &c->kernel, c->options, NULL);
	ta_owners_open(&c->owners, &c->root, &c->kernel, c->clock, c->options);
	return true;
}

/* The drops of listeners and the counters, to be compared with those after the wait. */
static bool take_first_sample(struct collection *c, struct ta_error *err)
{
	uint64_t before, after;
	char text[64];

	progress(c, "first sample");
	c->counters_before = json_object();
	if (!c->counters_before || !ta_host_counters_start(&c->root, &c->builder, &c->host_before))
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	if (!ta_sockets_fold_listeners(&c->sockets, &c->earlier, err))
		return false;
	ta_counters_build(&c->root, false, &c->builder, c->counters_before);
	ta_conntrack_count(&c->root, false, &c->builder, c->counters_before);
	ta_interfaces_read(&c->root, &c->interfaces_before);
	before = c->clock->monotonic_us(c->clock->ctx);
	snprintf(text, sizeof(text), "waiting %g s for the second sample",
		 (double)c->options->sample_ms / 1000);
	progress(c, text);
	c->clock->sleep_ms(c->clock->ctx, c->options->sample_ms);
	after = c->clock->monotonic_us(c->clock->ctx);
	c->window_s = (double)(after - before) / 1e6;
	return true;
}

static void take_second_counters(struct collection *c)
{
	json_t *counters = ta_build_object(&c->builder, c->namespace_, "counters");

	ta_counters_build(&c->root, true, &c->builder, counters);
	ta_conntrack_count(&c->root, true, &c->builder, counters);
	ta_conntrack_build(&c->root, &c->builder, c->namespace_);
	ta_sockstat_build(&c->root, &c->builder, c->namespace_);
	ta_host_sockstat_build(&c->root, &c->builder, c->host);
	if (c->window_s > 0)
		ta_build_rates(&c->builder, ta_build_object(&c->builder, c->namespace_, "rates"),
			       c->counters_before, counters, c->window_s);
	ta_interfaces_build(&c->root, &c->interfaces_before, c->window_s, &c->builder,
			    c->namespace_);
	ta_host_counters_build(&c->root, &c->host_before, c->window_s,
			       ta_netns_is_first(&c->root, &c->kernel), &c->builder, c->host);
}

/* What was left out because it was asked for: gaps, too, so that no rule passes by default. */
static void build_wanted_gaps(struct collection *c)
{
	if (!c->options->sample_ms)
		ta_build_gap(&c->builder, "rates", "one sample was taken, a rate needs two",
			     "namespaces[].rates", "namespaces[].listeners[].drops_per_s",
			     "namespaces[].interfaces[].rx_errors_per_s",
			     "namespaces[].interfaces[].rx_dropped_per_s",
			     "namespaces[].interfaces[].tx_errors_per_s",
			     "namespaces[].interfaces[].tx_dropped_per_s", "host.rates", NULL);
	if (c->options->no_processes)
		ta_build_gap(&c->builder, "processes", "they were not to be looked at", "processes",
			     NULL);
}

static struct ta_fold *fold_of(void *ctx, uint32_t netns)
{
	struct collection *c = ctx;

	return netns == c->netns ? &c->fold : NULL;
}

/* All processes and all sockets; *ret_again as of ta_owners_credit(). */
static bool read_once(struct collection *c, bool *ret_again, struct ta_error *err)
{
	ta_fold_reset(&c->fold);
	if (!c->options->no_processes)
		progress(c, "reading processes");
	if (!ta_owners_scan(&c->owners, &c->builder, err))
		return false;
	ta_owners_introduce(&c->owners, &c->fold);
	progress(c, "reading sockets");
	if (!ta_sockets_fold_all(&c->sockets, &c->fold, err))
		return false;
	if (c->owners.bpf)
		progress(c, "reading descriptors");
	return ta_owners_credit(&c->owners, fold_of, c, ret_again, err);
}

static bool read_sockets(struct collection *c, struct ta_error *err)
{
	struct ta_fold_view view = {
		.fold = &c->fold,
		.earlier = c->window_s > 0 ? &c->earlier : NULL,
		.window_s = c->window_s,
		.root = &c->root,
		.tree = &c->tree,
	};
	bool again = true;

	while (again)
		if (!read_once(c, &again, err))
			return false;
	if (!ta_fold_settle(&c->fold, c->window_s))
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	view.known = ta_sockets_known(&c->sockets);
	view.bound_known = c->sockets.bound == TA_BOUND_KNOWN;
	ta_fold_build(&view, &c->builder, c->namespace_);
	ta_sockets_build_gaps(&c->sockets, &c->builder);
	if (!c->options->no_processes)
		ta_processes_build(&c->owners.processes, &c->root, view.known, &c->builder);
	return true;
}

/* The clock of log lines is the one that counts from boot and stands still while the host sleeps.
 * What a recorded host has nearest to that is its uptime. */
static int64_t log_clock_us(const struct collection *c)
{
	const json_t *uptime_s = json_object_get(c->host, "uptime_s");
	double us = json_real_value(uptime_s) * 1e6;

	if (c->root.live)
		return (int64_t)c->clock->monotonic_us(c->clock->ctx);
	return uptime_s && us >= 0 && us < 9e18 ? (int64_t)us : TA_KERNEL_NO_TIME;
}

/* Peak memory of this program. ru_maxrss would be that of the one that started it, where larger. */
static uint64_t peak_memory(const struct collection *c, const struct rusage *usage)
{
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(65536);
	uint64_t kib;

	if (c->root.live && ta_root_read(&c->root, "self/status", &buf) == 0 &&
	    ta_number_after(ta_buf_cstr(&buf), buf.len, "VmHWM:", 0, 10, &kib) &&
	    kib < UINT64_MAX / 1024)
		return kib * 1024;
	return (uint64_t)usage->ru_maxrss * 1024;
}

static int64_t milliseconds(const struct timeval *time)
{
	return (int64_t)time->tv_sec * 1000 + time->tv_usec / 1000;
}

static void build_account(struct collection *c)
{
	struct ta_builder *builder = &c->builder;
	uint64_t now_us = c->clock->monotonic_us(c->clock->ctx);
	struct rusage usage;

	ta_build_text(builder, c->about, "tool", "tcpadvise " TCPADVISE_VERSION);
	ta_build_uint(builder, c->about, "euid", geteuid());
	ta_build_text(builder, c->about, "sockets_from",
		      c->sockets.use_proc ? "proc" : "sock_diag");
	if (c->sockets.use_proc)
		ta_build_text(builder, c->about, "sockets_from_reason", c->sockets.reason);
	ta_build_int(builder, c->about, "samples", c->window_s > 0 ? 2 : 1);
	if (c->window_s > 0)
		ta_build_real(builder, c->about, "window_s", c->window_s);
	ta_build_uint(builder, c->about, "sockets_seen", c->fold.rows); /* bound ones too */
	ta_build_uint(builder, c->about, "dump_restarts", c->sockets.restarts);
	ta_owners_build_account(&c->owners, builder, c->about);
	ta_build_uint(builder, c->about, "duration_ms", (now_us - c->started_us) / 1000);
	if (getrusage(RUSAGE_SELF, &usage) == 0) {
		ta_build_int(builder, c->about, "cpu_ms",
			     milliseconds(&usage.ru_utime) + milliseconds(&usage.ru_stime));
		ta_build_uint(builder, c->about, "max_rss_bytes", peak_memory(c, &usage));
	}
}

static bool collect(struct collection *c, struct ta_error *err)
{
	char taken_at[32];
	int64_t taken_us;

	if (!begin(c, err))
		return false;
	if (c->options->sample_ms && !take_first_sample(c, err))
		return false;
	take_second_counters(c);
	ta_clock_rfc3339(c->clock->realtime_ms(c->clock->ctx), taken_at);
	taken_us = log_clock_us(c);
	ta_build_text(&c->builder, c->builder.root, "taken_at", taken_at);
	if (!ta_sysctl_build(&c->root, &c->builder, c->namespace_, err) ||
	    !ta_host_sysctl_build(&c->root, &c->builder, c->host, err))
		return false;
	if (!read_sockets(c, err))
		return false;
	progress(c, "reading the kernel log");
	ta_kmsg_build(&c->root, c->clock, taken_us, &c->builder);
	build_wanted_gaps(c);
	build_account(c);
	return true;
}

bool ta_collect(const struct ta_collect_options *options, json_t **ret, struct ta_error *err)
{
	struct collection c = {
		.options = options,
		.clock = ta_clock_system(),
		.root = TA_ROOT_INIT,
	};
	bool ok;

	ta_cgroup_tree_init(&c.tree, &c.root);
	ta_fold_init(&c.earlier, &c.ports);
	ta_fold_init(&c.fold, &c.ports);
	ok = collect(&c, err) && ta_builder_finish(&c.builder, ret, err);
	json_decref(c.counters_before);
	ta_host_counters_done(&c.host_before);
	ta_interfaces_done(&c.interfaces_before);
	ta_fold_done(&c.earlier);
	ta_fold_done(&c.fold);
	ta_owners_done(&c.owners);
	ta_cgroup_tree_done(&c.tree);
	ta_sockets_done(&c.sockets);
	ta_builder_done(&c.builder);
	ta_root_done(&c.root);
	return ok;
}
