/* collect.c - the story of a snapshot: two samples of counters and sockets around a wait, who holds
 * the sockets at its end, and an account of what that cost.
 *
 * Rows are built when all sockets are known and credited (owners.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/language.h"
#include "base/number.h"
#include "collect/counters.h"
#include "collect/host.h"
#include "collect/host_counters.h"
#include "collect/kmsg.h"
#include "collect/limits.h"
#include "collect/load.h"
#include "collect/managers.h"
#include "collect/namespace.h"
#include "collect/owners.h"
#include "collect/settings.h"
#include "collect/sysctl.h"
#include "snapshot/kernel_log.h"
#include "tcpadvise/snapshot.h"

struct collection {
	struct ta_survey survey;
	uint64_t started_us;
	json_t *about, *host, *files; /* borrowed from the document */
	struct ta_namespace *spaces;
	size_t space_count;
	struct ta_host_counters host_before; /* sample 1, and when that was */
	int64_t files_before;                /* descriptors in use; -1: not known */
	uint64_t host_sampled_us;
	double window_s; /* to sample 2 of the host; 0: one sample */
};

static void progress(const struct collection *c, const char *what)
{
	const struct ta_collect_options *options = c->survey.options;

	if (options->progress)
		options->progress(options->progress_ctx, what);
}

static uint64_t now_us(const struct collection *c)
{
	return c->survey.clock->monotonic_us(c->survey.clock->ctx);
}

static bool begin(struct collection *c, struct ta_error *err)
{
	struct ta_builder *builder = &c->survey.builder;
	const struct ta_root *root = &c->survey.root;

	ta_builder_init(builder);
	c->started_us = now_us(c);
	if (!ta_root_open(&c->survey.root, c->survey.options->root, err))
		return false;
	ta_build_text(builder, builder->root, "schema", TA_SNAPSHOT_SCHEMA);
	ta_build_text(builder, builder->root, "taken_at", "");
	c->about = ta_build_object(builder, builder->root, "collection");
	c->host = ta_build_object(builder, builder->root, "host");
	c->files = ta_build_object(builder, builder->root, "files");
	ta_host_build(root, builder, c->host, &c->survey.kernel);
	ta_load_build(root, builder, c->host);
	ta_cgroup_tree_init(&c->survey.tree, root);
	ta_owners_open(&c->survey.owners, root, &c->survey.kernel, c->survey.clock,
		       c->survey.options);
	return true;
}

/* ---- in and out of the namespaces ---- */

typedef bool (*space_step)(struct ta_namespace *space, struct ta_survey *survey,
			   struct ta_error *err);
typedef bool (*host_step)(struct collection *c, struct ta_error *err);

/* A step that reads, taken inside of each of the first so many namespaces. One that can't be
 * entered, or not any more, is left out: the set of namespaces keeps the reason for a gap. */
static bool in_first_of(struct collection *c, size_t count, space_step step, struct ta_error *err)
{
	struct ta_netns_set *set = &c->survey.netns;
	struct ta_builder *builder = &c->survey.builder;

	for (size_t i = 0; i < count && i < c->space_count; i++) {
		struct ta_namespace *space = &c->spaces[i];
		bool ok;

		if (!ta_netns_enter(set, space->netns))
			continue;
		ta_build_gaps_in(builder, c->space_count > 1 ? space->netns->name : NULL);
		ok = step(space, &c->survey, err);
		ta_build_gaps_in(builder, NULL);
		if (!ta_netns_leave(set, err) || !ok)
			return false;
	}
	return true;
}

static bool in_each(struct collection *c, space_step step, struct ta_error *err)
{
	return in_first_of(c, c->space_count, step, err);
}

/* A step that reads what is the host's: inside of the initial namespace, which shows most of it, or
 * else in our own. */
static bool in_first(struct collection *c, host_step step, struct ta_error *err)
{
	struct ta_netns_set *set = &c->survey.netns;
	bool ok;

	ta_netns_enter(set, ta_netns_first(set));
	ok = step(c, err);
	return ta_netns_leave(set, err) && ok;
}

/* ---- the steps ---- */

static bool find_namespaces(struct collection *c, struct ta_error *err)
{
	const char *which = c->survey.options->netns;
	struct ta_netns_set *set = &c->survey.netns;

	if (which && !*which)
		which = NULL;
	if (which && !c->survey.root.live)
		return ta_fail(err, TA_E_USAGE,
			       "a recorded host has one network namespace, there is no '%s'",
			       which);
	if (which && syscall(SYS_gettid) != getpid()) /* /proc/net is that of the main thread */
		return ta_fail(err, TA_E_UNSUPPORTED,
			       "only the main thread can read other network namespaces");
	if (!ta_netns_find(set, &c->survey.root, &c->survey.kernel, which, err))
		return false;
	c->spaces = calloc(set->count, sizeof(*c->spaces));
	if (!c->spaces)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	for (size_t i = 0; i < set->count; i++)
		if (set->rows[i].chosen)
			c->spaces[c->space_count++].netns = &set->rows[i];
	return true;
}

static bool start_host_counters(struct collection *c, struct ta_error *err)
{
	if (!ta_host_counters_start(&c->survey.root, &c->survey.builder, &c->host_before) ||
	    !ta_seen_open(&c->survey.seen))
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	ta_owners_start(&c->survey.owners);
	c->files_before = ta_files_allocated(&c->survey.root);
	c->host_sampled_us = now_us(c);
	return true;
}

static bool open_namespaces(struct collection *c, struct ta_error *err)
{
	struct ta_builder *builder = &c->survey.builder;
	bool two_samples = c->survey.options->sample_ms > 0;

	if (two_samples)
		progress(c, "first sample");
	c->survey.namespaces = ta_build_array(builder, builder->root, "namespaces");
	return (!two_samples || in_first(c, start_host_counters, err)) &&
	       in_each(c, ta_namespace_open, err);
}

/* The seconds of a long wait that are over. */
static void tell_wait(const struct collection *c, uint64_t begin_us)
{
	char text[64];

	snprintf(text, sizeof(text), "waiting for the second sample: %.0f of %g s",
		 (double)(now_us(c) - begin_us) / 1e6, (double)c->survey.options->sample_ms / 1000);
	progress(c, text);
}

static void sleep_until(const struct collection *c, uint64_t begin_us, uint64_t then_us)
{
	const struct ta_clock *clock = c->survey.clock;
	uint64_t now = now_us(c);

	while (now < then_us) {
		uint64_t next = begin_us + ((now - begin_us) / 1000000 + 1) * 1000000;

		clock->sleep_ms(clock->ctx, ((next < then_us ? next : then_us) - now + 999) / 1000);
		now = now_us(c);
		if (next < then_us)
			tell_wait(c, begin_us);
	}
}

/* The counters that are cheap to read are read while there is nothing else to do. */
static bool wait_for_growth(struct collection *c, struct ta_error *err)
{
	uint64_t sample_ms = c->survey.options->sample_ms, begin_us = now_us(c);
	unsigned points = c->survey.root.live ? ta_series_points(sample_ms) : 0;
	char text[64];

	snprintf(text, sizeof(text), "waiting %g s for the second sample",
		 (double)sample_ms / 1000);
	progress(c, text);
	for (unsigned i = 0; i < points; i++) {
		if (!in_first_of(c, TA_SERIES_SPACES_MAX, ta_namespace_watch, err))
			return false;
		sleep_until(c, begin_us, begin_us + sample_ms * 1000 / points * (i + 1));
	}
	sleep_until(c, begin_us, begin_us + sample_ms * 1000);
	return true;
}

static bool count_host(struct collection *c, struct ta_error *err)
{
	const struct ta_root *root = &c->survey.root;
	struct ta_builder *builder = &c->survey.builder;

	if (c->survey.options->sample_ms)
		c->window_s = (double)(now_us(c) - c->host_sampled_us) / 1e6;
	ta_files_build(root, c->files_before, c->window_s, builder, c->files);
	ta_host_sockstat_build(root, builder, c->host);
	ta_host_counters_build(root, &c->host_before, c->window_s,
			       ta_netns_is_first(root, &c->survey.kernel), builder, c->host);
	return ta_host_sysctl_build(root, builder, c->host, err);
}

/* What was left out because it was asked for: gaps, too, so that no rule passes by default. */
static void build_wanted_gaps(struct collection *c)
{
	struct ta_builder *builder = &c->survey.builder;

	if (!c->survey.options->sample_ms)
		ta_build_gap(builder, N_("rates"), N_("one sample was taken, a rate needs two"),
			     "namespaces[].rates", "namespaces[].listeners[].drops_per_s",
			     "namespaces[].listeners[].opened_per_s",
			     "namespaces[].listeners[].close_wait_per_s",
			     "namespaces[].listeners[].queue_total_per_s",
			     "namespaces[].destinations[].opened_per_s",
			     "namespaces[].destinations[].ports_used_per_s",
			     "namespaces[].destinations[].close_wait_per_s",
			     "processes[].fds_per_s", "processes[].opened_per_s",
			     "files.allocated_per_s", "namespaces[].interfaces[].rx_errors_per_s",
			     "namespaces[].interfaces[].rx_dropped_per_s",
			     "namespaces[].interfaces[].tx_errors_per_s",
			     "namespaces[].interfaces[].tx_dropped_per_s",
			     "namespaces[].interfaces[].qdisc_dropped_per_s", "host.rates", NULL);
	if (c->survey.options->no_processes)
		ta_build_gap(builder, N_("processes"), N_("they were not to be looked at"),
			     "processes", NULL);
}

static struct ta_fold *fold_of(void *ctx, uint32_t netns)
{
	struct collection *c = ctx;

	for (size_t i = 0; i < c->space_count; i++)
		if (c->spaces[i].netns->inode == netns && !c->spaces[i].netns->failed)
			return &c->spaces[i].fold;
	return NULL;
}

/* All processes and all sockets; *ret_again as of ta_owners_credit(). */
static bool read_once(struct collection *c, bool *ret_again, struct ta_error *err)
{
	struct ta_owners *owners = &c->survey.owners;

	if (!c->survey.options->no_processes)
		progress(c, "reading processes");
	if (!ta_owners_scan(owners, &c->survey.builder, err))
		return false;
	progress(c, "reading sockets");
	if (!in_each(c, ta_namespace_drain, err))
		return false;
	if (owners->bpf)
		progress(c, "reading descriptors");
	return ta_owners_credit(owners, fold_of, c, ret_again, err);
}

static bool read_sockets(struct collection *c, struct ta_error *err)
{
	bool again = true;

	while (again)
		if (!read_once(c, &again, err))
			return false;
	for (size_t i = 0; i < c->space_count; i++)
		if (!c->spaces[i].netns->failed)
			ta_fold_settle(&c->spaces[i].fold, c->spaces[i].drain_s);
	return true;
}

/* Of the sockets of a process nothing is said when some of them may not have been seen. */
static bool are_sockets_known(const struct collection *c)
{
	for (size_t i = 0; i < c->space_count; i++)
		if (!c->spaces[i].netns->failed && !ta_sockets_known(&c->spaces[i].sockets))
			return false;
	return true;
}

static void build_rows(struct collection *c)
{
	struct ta_builder *builder = &c->survey.builder;
	struct ta_live_naming *naming = &c->survey.naming;

	ta_live_naming_open(naming, &c->survey.root, &c->survey.tree);
	for (size_t i = 0; i < c->space_count; i++) {
		struct ta_namespace *space = &c->spaces[i];

		if (space->netns->failed)
			continue;
		ta_build_gaps_in(builder, c->space_count > 1 ? space->netns->name : NULL);
		ta_namespace_build(space, &c->survey);
	}
	ta_build_gaps_in(builder, NULL);
	if (!c->survey.options->no_processes)
		ta_processes_build(&c->survey.owners.processes, &naming->naming,
				   are_sockets_known(c) ? &ta_told_all : NULL, builder);
	ta_pids_build_gaps(&naming->pids, builder);
	ta_live_naming_done(naming);
}

/* The clock of log lines is the one that counts from boot and stands still while the host sleeps.
 * What a recorded host has nearest to that is its uptime. */
static int64_t log_clock_us(const struct collection *c)
{
	const json_t *uptime_s = json_object_get(c->host, "uptime_s");
	double us = json_real_value(uptime_s) * 1e6;

	if (c->survey.root.live)
		return (int64_t)now_us(c);
	return uptime_s && us >= 0 && us < 9e18 ? (int64_t)us : TA_KERNEL_NO_TIME;
}

/* Peak memory of this program. ru_maxrss would be that of the one that started it, where larger. */
static uint64_t peak_memory(const struct collection *c, const struct rusage *usage)
{
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(65536);
	uint64_t kib;

	if (c->survey.root.live && ta_root_read(&c->survey.root, "self/status", &buf) == 0 &&
	    ta_number_after(ta_buf_cstr(&buf), buf.len, "VmHWM:", 0, 10, &kib) &&
	    kib < UINT64_MAX / 1024)
		return kib * 1024;
	return (uint64_t)usage->ru_maxrss * 1024;
}

static int64_t milliseconds(const struct timeval *time)
{
	return (int64_t)time->tv_sec * 1000 + time->tv_usec / 1000;
}

/* Sums over the namespaces; the source of the sockets is sock_diag when it was so in each. */
static void build_sockets_account(struct collection *c)
{
	struct ta_builder *builder = &c->survey.builder;
	const struct ta_sockets *without_diag = NULL;
	uint64_t seen = 0, restarts = 0;

	for (size_t i = 0; i < c->space_count; i++) {
		const struct ta_namespace *space = &c->spaces[i];

		if (space->sockets.use_proc && !without_diag)
			without_diag = &space->sockets;
		seen += space->fold.rows; /* bound ones too */
		restarts += space->sockets.restarts;
	}
	ta_build_text(builder, c->about, "sockets_from", without_diag ? "proc" : "sock_diag");
	if (without_diag)
		ta_build_text(builder, c->about, "sockets_from_reason", without_diag->reason);
	ta_build_uint(builder, c->about, "sockets_seen", seen);
	ta_build_uint(builder, c->about, "dump_restarts", restarts);
}

static void build_netns_account(struct collection *c)
{
	const struct ta_netns_set *set = &c->survey.netns;
	const char *which = c->survey.options->netns;
	struct ta_builder *builder = &c->survey.builder;
	size_t entered = 0;

	for (size_t i = 0; i < c->space_count; i++)
		entered += !c->spaces[i].netns->failed;
	ta_build_text(builder, c->about, "netns", set->searched ? which : "own");
	if (set->searched)
		ta_build_uint(builder, c->about, "namespaces_seen", set->count + set->beyond.count);
	ta_build_uint(builder, c->about, "namespaces_entered", entered);
}

static void build_account(struct collection *c)
{
	struct ta_builder *builder = &c->survey.builder;
	struct rusage usage;

	ta_build_text(builder, c->about, "tool", "tcpadvise " TCPADVISE_VERSION);
	ta_build_uint(builder, c->about, "euid", geteuid());
	build_netns_account(c);
	build_sockets_account(c);
	ta_build_int(builder, c->about, "samples", c->window_s > 0 ? 2 : 1);
	if (c->window_s > 0)
		ta_build_real(builder, c->about, "window_s", c->window_s);
	ta_owners_build_account(&c->survey.owners, builder, c->about);
	ta_build_uint(builder, c->about, "duration_ms", (now_us(c) - c->started_us) / 1000);
	if (getrusage(RUSAGE_SELF, &usage) == 0) {
		ta_build_int(builder, c->about, "cpu_ms",
			     milliseconds(&usage.ru_utime) + milliseconds(&usage.ru_stime));
		ta_build_uint(builder, c->about, "max_rss_bytes", peak_memory(c, &usage));
	}
}

static void build_time(struct collection *c)
{
	const struct ta_clock *clock = c->survey.clock;
	struct ta_builder *builder = &c->survey.builder;
	char taken_at[32];

	ta_clock_rfc3339(clock->realtime_ms(clock->ctx), taken_at);
	ta_build_text(builder, builder->root, "taken_at", taken_at);
}

static bool collect(struct collection *c, struct ta_error *err)
{
	int64_t taken_us;

	if (!begin(c, err) || !find_namespaces(c, err) || !open_namespaces(c, err))
		return false;
	if (c->survey.options->sample_ms && !wait_for_growth(c, err))
		return false;
	if (!in_first(c, count_host, err) || !in_each(c, ta_namespace_count, err))
		return false;
	build_time(c);
	taken_us = log_clock_us(c);
	ta_settings_build(&c->survey.root, &c->survey.kernel, &c->survey.builder, c->host);
	ta_managers_build(&c->survey.root, &c->survey.builder, c->host);
	if (!read_sockets(c, err))
		return false;
	build_rows(c);
	ta_netns_build_gaps(&c->survey.netns, &c->survey.builder);
	ta_limits_build(&c->survey.root, &c->survey.builder);
	progress(c, "reading the kernel log");
	ta_kmsg_build(&c->survey.root, c->survey.clock, taken_us, &c->survey.builder);
	build_wanted_gaps(c);
	build_account(c);
	return true;
}

/* An error may have come up while we were in another namespace. */
static bool go_home(struct collection *c, struct ta_error *err)
{
	struct ta_error failed = TA_ERROR_INIT;

	if (ta_netns_leave(&c->survey.netns, &failed))
		return true;
	ta_error_clear(err);
	return ta_fail(err, failed.code, "%s", failed.text);
}

bool ta_collect(const struct ta_collect_options *options, json_t **ret, struct ta_error *err)
{
	struct collection c = {
		.survey = { .options = options,
			    .clock = ta_clock_system(),
			    .root = TA_ROOT_INIT,
			    .netns = TA_NETNS_SET_INIT },
	};
	bool ok = collect(&c, err);

	ok = go_home(&c, err) && ok && ta_builder_finish(&c.survey.builder, ret, err);
	ta_host_counters_done(&c.host_before);
	for (size_t i = 0; i < c.space_count; i++)
		ta_namespace_done(&c.spaces[i]);
	free(c.spaces);
	ta_netns_done(&c.survey.netns);
	ta_owners_done(&c.survey.owners);
	ta_cgroup_tree_done(&c.survey.tree);
	ta_seen_done(&c.survey.seen);
	ta_builder_done(&c.survey.builder);
	ta_root_done(&c.survey.root);
	return ok;
}
