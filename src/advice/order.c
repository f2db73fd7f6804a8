/* order.c - the order in which changes have to be made.
 *
 * What another needs comes before it: a row of "before". Else limits follow settings, and the order
 * is that of the findings, worst first. */
#include <string.h>

#include "advice/planning.h"

/* first is to be set before then, where both are set in one place, or first on the host. */
static const struct {
	const char *first, *then;
} before[] = {
	/* tcp_tw_reuse does nothing without timestamps. */
	{ "net.ipv4.tcp_timestamps", "net.ipv4.tcp_tw_reuse" },
	/* Before 4.12 timestamps with tcp_tw_recycle drop clients behind one address. */
	{ "net.ipv4.tcp_tw_recycle", "net.ipv4.tcp_timestamps" },
	/* Ports are taken out of a range before it grows over them. */
	{ "net.ipv4.ip_local_reserved_ports", "net.ipv4.ip_local_port_range" },
	/* A setrlimit() above fs.nr_open fails: kernel/sys.c, do_prlimit(). */
	{ "fs.nr_open", "nofile" },
	{ "kernel.pid_max", "kernel.threads-max" },
	{ "kernel.threads-max", "nproc" },
	/* The chains of a larger table stay short. */
	{ "net.netfilter.nf_conntrack_buckets", "net.netfilter.nf_conntrack_max" },
	/* Thresholds rise from the top, so that they are in order all the time. */
	{ "net.ipv4.neigh.default.gc_thresh3", "net.ipv4.neigh.default.gc_thresh2" },
	{ "net.ipv4.neigh.default.gc_thresh2", "net.ipv4.neigh.default.gc_thresh1" },
	{ "net.ipv6.neigh.default.gc_thresh3", "net.ipv6.neigh.default.gc_thresh2" },
	{ "net.ipv6.neigh.default.gc_thresh2", "net.ipv6.neigh.default.gc_thresh1" },
};

static bool share_a_place(const json_t *first, const json_t *then)
{
	const json_t *a = json_object_get(json_object_get(first, "place"), "namespace");
	const json_t *b = json_object_get(json_object_get(then, "place"), "namespace");

	return !a || json_equal(a, b);
}

static bool needs(const json_t *then, const json_t *first)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(before); i++)
		if (strcmp(before[i].first, ta_json_text(first, "key")) == 0 &&
		    strcmp(before[i].then, ta_json_text(then, "key")) == 0 &&
		    share_a_place(first, then))
			return true;
	return false;
}

/* Whether one that has to come before it is still waiting. */
static bool has_to_wait(const json_t *waiting, const json_t *change)
{
	const json_t *other;
	size_t i;

	json_array_foreach (waiting, i, other)
		if (needs(change, other) ||
		    (!ta_change_is_setting(change) && ta_change_is_setting(other)))
			return true;
	return false;
}

static bool number_it(json_t *ordered, json_t *change)
{
	json_t *numbers = json_array(), *other;
	bool ok = ta_json_set(change, "number",
			      json_integer((json_int_t)json_array_size(ordered) + 1));
	size_t i;

	json_array_foreach (ordered, i, other)
		if (needs(change, other))
			ok = ok &&
			     json_array_append_new(numbers, json_integer((json_int_t)i + 1)) == 0;
	ok = ok && (!json_array_size(numbers) || json_object_set(change, "needs", numbers) == 0);
	json_decref(numbers);
	return ok && json_array_append(ordered, change) == 0;
}

bool ta_planning_order(struct ta_planning *planning, struct ta_error *err)
{
	ta_auto(json_decref_p) json_t *waiting = json_copy(planning->changes);
	json_t *ordered = json_array();
	bool ok = ta_json_set(planning->plan, "changes", ordered) && waiting;
	size_t at = 0;

	planning->changes = ordered;
	while (ok && json_array_size(waiting)) {
		/* The table has no circle; if it had one, the first of it would go. */
		json_t *change = json_array_get(waiting, at < json_array_size(waiting) ? at : 0);

		if (at < json_array_size(waiting) && has_to_wait(waiting, change)) {
			at++;
			continue;
		}
		ok = number_it(ordered, change) &&
		     json_array_remove(waiting, at < json_array_size(waiting) ? at : 0) == 0;
		at = 0;
	}
	return ok ? true : ta_fail(err, TA_E_NOMEM, "out of memory");
}
