/* fold_json.c - the tables of fold.c as the rows of the document. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "sockets/fold.h"
#include "sockets/state_counts.h"

enum { ROWS_SHOWN = 200 };

/* An entry of a table, to be sorted. */
struct entry {
	const void *key;
	const void *value;
};

typedef int (*compare_fn)(const void *, const void *);

static void swap(struct entry *a, struct entry *b)
{
	struct entry kept = *a;

	*a = *b;
	*b = kept;
}

/* heap[0] is the worst of the rows kept so far, and each entry no better than its two children at
 * 2i+1 and 2i+2: restores that from entry i down. */
static void sink(struct entry *heap, size_t count, size_t i, compare_fn by_worth)
{
	for (;;) {
		size_t child = 2 * i + 1, worst = i;

		for (size_t end = child + 2; child < end && child < count; child++)
			if (by_worth(&heap[child], &heap[worst]) > 0)
				worst = child;
		if (worst == i)
			return;
		swap(&heap[i], &heap[worst]);
		i = worst;
	}
}

static void make_heap(struct entry *heap, size_t count, compare_fn by_worth)
{
	for (size_t i = count / 2; i-- > 0;)
		sink(heap, count, i, by_worth);
}

/* The entries of the map that come first by worth, at most ROWS_SHOWN, in the order of display:
 * *rows has room for them. Of the twenty thousand that there may be each is compared once. */
static size_t best_entries(const struct ta_map *map, compare_fn by_worth, compare_fn by_display,
			   struct entry *rows)
{
	struct entry entry;
	size_t count = 0;
	void *value;

	for (size_t i = 0; ta_map_next(map, &i, &entry.key, &value);) {
		entry.value = value;
		if (count < ROWS_SHOWN) {
			rows[count++] = entry;
			if (count == ROWS_SHOWN)
				make_heap(rows, count, by_worth);
		} else if (by_worth(&entry, &rows[0]) < 0) {
			rows[0] = entry;
			sink(rows, count, 0, by_worth);
		}
	}
	qsort(rows, count, sizeof(*rows), by_display);
	return count;
}

static size_t left_out(const struct ta_map *map, const struct ta_distinct *beyond)
{
	return beyond->count + (map->count > ROWS_SHOWN ? map->count - ROWS_SHOWN : 0);
}

/* Beyond the cap keys are told apart by a bit map that may take two for one. */
static void build_cap_gap(struct ta_builder *builder, const char *name,
			  const struct ta_distinct *beyond, const struct ta_map *map)
{
	char what[96], why[96], fact[64];

	if (!beyond->count)
		return;
	snprintf(what, sizeof(what), "%s: %zu or more of them", name, beyond->count);
	snprintf(why, sizeof(why), "above the first %zu they are only counted", map->count);
	snprintf(fact, sizeof(fact), "namespaces[].%s", name);
	ta_build_gap(builder, what, why, fact, NULL);
}

static int compare_number(uint64_t a, uint64_t b)
{
	return (a < b) - (a > b); /* the larger one first */
}

/* ---- sockets, close_wait ---- */

static uint32_t bit(unsigned state)
{
	return 1u << state;
}

static void build_established(const struct ta_fold *fold, const struct ta_told *told,
			      struct ta_builder *builder, json_t *object)
{
	const uint32_t state = bit(TA_TCP_ESTABLISHED);

	if (told->sided & state) {
		ta_build_uint(builder, object, "established_inbound", fold->established_inbound);
		ta_build_uint(builder, object, "established_outbound",
			      fold->states[TA_TCP_ESTABLISHED] - fold->established_inbound);
	}
	if (ta_told_has(told, state, TA_SOCKET_INODE))
		ta_build_uint(builder, object, "established_unaccepted",
			      fold->established_unaccepted);
	if (ta_told_has(told, state, TA_SOCKET_INODE | TA_SOCKET_TIMER))
		ta_build_uint(builder, object, "established_no_timer", fold->established_no_timer);
	if (!ta_told_has(told, state, TA_SOCKET_TIMER))
		return;
	ta_build_uint(builder, object, "established_zero_window", fold->established_zero_window);
	ta_build_uint(builder, object, "established_retrans", fold->established_retrans);
	if (ta_told_has(told, state, TA_SOCKET_QUEUES))
		ta_build_uint(builder, object, "established_retrans_bulk",
			      fold->established_retrans_bulk);
}

static void build_closing(const struct ta_fold *fold, const struct ta_told *told,
			  struct ta_builder *builder, json_t *object)
{
	const uint32_t orphaned = bit(TA_TCP_FIN_WAIT1) | bit(TA_TCP_FIN_WAIT2) |
				  bit(TA_TCP_LAST_ACK) | bit(TA_TCP_CLOSING);

	if (told->sided & bit(TA_TCP_TIME_WAIT)) {
		ta_build_uint(builder, object, "time_wait_inbound", fold->time_wait_inbound);
		ta_build_uint(builder, object, "time_wait_outbound",
			      fold->states[TA_TCP_TIME_WAIT] - fold->time_wait_inbound);
	}
	if (ta_told_has(told, bit(TA_TCP_FIN_WAIT2), TA_SOCKET_TIMER))
		ta_build_uint(builder, object, "fin_wait2_orphan", fold->fin_wait2_orphan);
	if (ta_told_has(told, bit(TA_TCP_FIN_WAIT2), TA_SOCKET_INODE))
		ta_build_uint(builder, object, "fin_wait2_held", fold->fin_wait2_held);
	if (ta_told_full(told, orphaned) &&
	    ta_told_has(told, orphaned, TA_SOCKET_INODE | TA_SOCKET_TIMER))
		ta_build_uint(builder, object, "orphans", fold->orphans);
}

static void build_sockets(const struct ta_fold_view *view, const struct ta_told *told,
			  struct ta_builder *builder, json_t *namespace_)
{
	const struct ta_fold *fold = view->fold;
	const uint32_t *states = fold->states;
	json_t *object = ta_build_object(builder, namespace_, "sockets");

	if (ta_told_full(told, TA_ALL_STATES))
		ta_build_uint(builder, object, "total", fold->rows - states[TA_TCP_BOUND_INACTIVE]);
	ta_state_counts_build(states, told->seen, builder, object);
	if (view->bound_known)
		ta_build_uint(builder, object, "bound_inactive", states[TA_TCP_BOUND_INACTIVE]);
	build_established(fold, told, builder, object);
	build_closing(fold, told, builder, object);
	if (!ta_told_full(told, TA_NOT_LISTEN) ||
	    !ta_told_has(told, TA_NOT_LISTEN, TA_SOCKET_QUEUES))
		return;
	ta_build_uint(builder, object, "recv_queue_bytes", fold->recv_queue_bytes);
	ta_build_uint(builder, object, "send_queue_bytes", fold->send_queue_bytes);
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* The silence that half of those that were asked exceed. */
static void build_median(const struct ta_fold *fold, struct ta_builder *builder, json_t *object)
{
	uint32_t ages[TA_FOLD_WAITING];
	size_t count = 0, middle;
	const void *key;
	void *value;

	for (size_t i = 0; ta_map_next(&fold->waiting, &i, &key, &value);) {
		const struct ta_waiting *waiting = value;

		if (waiting->known)
			ages[count++] = waiting->silence_ms;
	}
	if (!count)
		return;
	qsort(ages, count, sizeof(ages[0]), by_size);
	middle = (count - 1) / 2;
	ta_build_real(builder, object, "median_s", ages[middle] / 1000.0);
}

static void build_close_wait(const struct ta_fold *fold, const struct ta_told *told,
			     struct ta_builder *builder, json_t *namespace_)
{
	json_t *object;

	if (!(told->seen & bit(TA_TCP_CLOSE_WAIT)))
		return;
	object = ta_build_object(builder, namespace_, "close_wait");
	ta_close_wait_build(&fold->close_wait, told, builder, object);
	if (ta_told_has(told, bit(TA_TCP_CLOSE_WAIT), TA_SOCKET_INODE))
		ta_build_uint(builder, object, "unaccepted", fold->close_wait.unaccepted);
	build_median(fold, builder, object);
}

/* ---- growth ---- */

/* What a row had at the first sample: its own row there, nothing when it was not there, NULL when
 * that can't be told. */
static const void *row_before(const struct ta_map *map, const struct ta_distinct *beyond,
			      const void *key, const void *nothing)
{
	const void *row = ta_map_get(map, key);

	if (row)
		return row;
	return beyond->count ? NULL : nothing;
}

static void build_growth(const struct ta_fold_view *view, const char *name, uint32_t before,
			 uint32_t now, struct ta_builder *builder, json_t *row)
{
	ta_build_real(builder, row, name, ((double)now - before) / view->window_s);
}

/* ---- whose it is ---- */

static void build_process(const struct ta_fold_view *view, uint32_t number,
			  struct ta_builder *builder, json_t *row)
{
	const struct ta_process *process = &view->fold->processes->rows[number];

	ta_build_uint(builder, row, "pid", process->pid);
	ta_build_text(builder, row, "process", process->name);
	if (view->naming.owner)
		view->naming.owner(view->naming.ctx, process->pid, builder, row);
}

/* 0: none is known. */
static void build_group(const struct ta_fold_view *view, uint64_t id, struct ta_builder *builder,
			json_t *row)
{
	if (id && view->naming.group)
		view->naming.group(view->naming.ctx, id, builder, row);
}

/* ---- listeners ---- */

static uint64_t listener_use(const struct ta_listener *listener)
{
	return (uint64_t)listener->established + listener->close_wait + listener->syn_recv +
	       listener->time_wait;
}

/* Trouble first (a queue, then drops), then traffic. */
static int listener_by_worth(const void *a, const void *b)
{
	const struct ta_listener *x = ((const struct entry *)a)->value;
	const struct ta_listener *y = ((const struct entry *)b)->value;
	int order = compare_number(x->queue_total, y->queue_total);

	if (!order)
		order = compare_number(x->drops, y->drops);
	return order ? order : compare_number(listener_use(x), listener_use(y));
}

static int listener_by_port(const void *a, const void *b)
{
	const struct ta_listener_key *x = ((const struct entry *)a)->key;
	const struct ta_listener_key *y = ((const struct entry *)b)->key;

	if (x->port != y->port)
		return x->port - y->port;
	if (x->family != y->family)
		return x->family - y->family;
	return memcmp(x->address, y->address, sizeof(x->address));
}

static void build_listener_growth(const struct ta_fold_view *view,
				  const struct ta_listener_key *key,
				  const struct ta_listener *listener, struct ta_builder *builder,
				  json_t *row)
{
	static const struct ta_listener nothing;
	const struct ta_fold *earlier = view->earlier;
	const struct ta_listener *before;

	if (!earlier)
		return;
	ta_build_real(builder, row, "opened_per_s", listener->opened / view->window_s);
	before = row_before(&earlier->listeners, &earlier->listeners_beyond, key, &nothing);
	if (!before)
		return;
	build_growth(view, "close_wait_per_s", before->close_wait, listener->close_wait, builder,
		     row);
	build_growth(view, "queue_total_per_s", before->queue_total, listener->queue_total, builder,
		     row);
}

/* Growth between the samples; not known when other sockets stand behind the endpoint now. */
static void build_drops(const struct ta_fold_view *view, const struct ta_listener_key *key,
			const struct ta_listener *listener, struct ta_builder *builder, json_t *row)
{
	const struct ta_listener *before;

	if (!(listener->present & TA_SOCKET_DROPS))
		return;
	ta_build_uint(builder, row, "drops", listener->drops);
	before = view->earlier ? ta_map_get(&view->earlier->listeners, key) : NULL;
	if (!before || before->identity != listener->identity ||
	    before->sockets != listener->sockets || before->drops > listener->drops)
		return;
	ta_build_real(builder, row, "drops_per_s",
		      (double)(listener->drops - before->drops) / view->window_s);
}

/* Its connections by state, where all of a state are known. */
static void build_listener_states(const struct ta_listener *listener, const struct ta_told *told,
				  struct ta_builder *builder, json_t *row)
{
	const uint32_t full = told->full & told->sided, close_wait = bit(TA_TCP_CLOSE_WAIT),
		       established = bit(TA_TCP_ESTABLISHED);

	if (full & established)
		ta_build_uint(builder, row, "established", listener->established);
	if (full & close_wait)
		ta_build_uint(builder, row, "close_wait", listener->close_wait);
	if ((full & close_wait) && ta_told_has(told, close_wait, TA_SOCKET_INODE))
		ta_build_uint(builder, row, "close_wait_unaccepted",
			      listener->close_wait_unaccepted);
	if (full & bit(TA_TCP_SYN_RECV))
		ta_build_uint(builder, row, "syn_recv", listener->syn_recv);
	if (full & bit(TA_TCP_TIME_WAIT))
		ta_build_uint(builder, row, "time_wait", listener->time_wait);
	if (!(full & established) ||
	    !ta_told_has(told, established, TA_SOCKET_TIMER | TA_SOCKET_QUEUES))
		return;
	ta_build_uint(builder, row, "retrans", listener->retrans);
	ta_build_uint(builder, row, "retrans_bulk", listener->retrans_bulk);
}

static void build_listener(const struct ta_fold_view *view, const struct ta_told *told,
			   const struct entry *entry, struct ta_builder *builder, json_t *row)
{
	const struct ta_listener_key *key = entry->key;
	const struct ta_listener *listener = entry->value;
	struct ta_endpoint local = { .port = key->port };
	char text[TA_ENDPOINT_TEXT];

	memcpy(local.address, key->address, sizeof(local.address));
	ta_endpoint_format(&local, text, sizeof(text));
	ta_build_text(builder, row, "local", text);
	ta_address_format(local.address, text, sizeof(text));
	ta_build_text(builder, row, "address", text);
	ta_build_int(builder, row, "port", key->port);
	ta_build_text(builder, row, "family", key->family == AF_INET ? "inet" : "inet6");
	ta_build_uint(builder, row, "sockets", listener->sockets);
	if (ta_told_has(told, bit(TA_TCP_LISTEN), TA_SOCKET_QUEUES))
		ta_build_uint(builder, row, "queue", listener->queue);
	if (listener->present & TA_SOCKET_BACKLOG)
		ta_build_uint(builder, row, "backlog", listener->backlog);
	if (ta_told_has(told, bit(TA_TCP_LISTEN), TA_SOCKET_QUEUES))
		ta_build_uint(builder, row, "queue_total", listener->queue_total);
	build_drops(view, key, listener, builder, row);
	build_listener_growth(view, key, listener, builder, row);
	build_listener_states(listener, told, builder, row);
	if (ta_told_has(told, bit(TA_TCP_LISTEN), TA_SOCKET_UID))
		ta_build_uint(builder, row, "uid", listener->uid);
	if (listener->holder)
		build_process(view, listener->holder - 1, builder, row);
	else
		build_group(view, listener->cgroup, builder, row);
}

static void build_listeners(const struct ta_fold_view *view, const struct ta_told *told,
			    struct ta_builder *builder, json_t *namespace_)
{
	const struct ta_map *map = &view->fold->listeners;
	json_t *array = ta_build_array(builder, namespace_, "listeners");
	struct entry rows[ROWS_SHOWN] = { 0 };
	size_t count = best_entries(map, listener_by_worth, listener_by_port, rows);

	for (size_t i = 0; i < count; i++)
		build_listener(view, told, &rows[i], builder, ta_build_row(builder, array));
	ta_build_uint(builder, namespace_, "listeners_left_out",
		      left_out(map, &view->fold->listeners_beyond));
	build_cap_gap(builder, "listeners", &view->fold->listeners_beyond, map);
}

/* ---- destinations ---- */

static int destination_by_use(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;
	const struct ta_destination *x = left->value, *y = right->value;
	int order = compare_number(x->ports_used, y->ports_used);

	if (!order)
		order = compare_number(x->sockets, y->sockets);
	return order ? order : memcmp(left->key, right->key, sizeof(struct ta_destination_key));
}

static void build_destination_owner(const struct ta_fold_view *view,
				    const struct ta_destination *destination,
				    struct ta_builder *builder, json_t *row)
{
	const struct ta_fold *fold = view->fold;
	const struct ta_heavy_slot *top;
	uint32_t process;

	if (!destination->owners) {
		build_group(view, ta_group_vote_winner(&destination->cgroup), builder, row);
		return;
	}
	top = ta_heavy_top(&fold->owners[destination->owners - 1]);
	memcpy(&process, top->key, sizeof(process));
	build_process(view, process, builder, row);
}

static void build_destination_growth(const struct ta_fold_view *view,
				     const struct ta_destination_key *key,
				     const struct ta_destination *destination,
				     struct ta_builder *builder, json_t *row)
{
	static const struct ta_destination nothing;
	const struct ta_fold *earlier = view->earlier;
	const struct ta_destination *before;

	if (!earlier)
		return;
	ta_build_real(builder, row, "opened_per_s", destination->opened / view->window_s);
	before = row_before(&earlier->destinations, &earlier->destinations_beyond, key, &nothing);
	if (!before)
		return;
	if (earlier->ports->range_known)
		build_growth(view, "ports_used_per_s", before->ports_used, destination->ports_used,
			     builder, row);
	build_growth(view, "close_wait_per_s", before->states[TA_TCP_CLOSE_WAIT],
		     destination->states[TA_TCP_CLOSE_WAIT], builder, row);
}

/* Its sockets by state, and what all of them together come to where all are known. */
static void build_destination_states(const struct ta_destination *destination,
				     const struct ta_told *told, struct ta_builder *builder,
				     json_t *row)
{
	const uint32_t without = bit(TA_TCP_SYN_RECV) | bit(TA_TCP_CLOSE) | bit(TA_TCP_LISTEN);

	ta_state_counts_build(destination->states, told->seen & ~without, builder, row);
	if (!ta_told_has(told, bit(TA_TCP_ESTABLISHED), TA_SOCKET_TIMER | TA_SOCKET_QUEUES))
		return;
	ta_build_uint(builder, row, "retrans", destination->retrans);
	ta_build_uint(builder, row, "retrans_bulk", destination->retrans_bulk);
}

static void build_destination(const struct ta_fold_view *view, const struct ta_told *told,
			      const struct entry *entry, int64_t usable, struct ta_builder *builder,
			      json_t *row)
{
	const struct ta_destination_key *key = entry->key;
	const struct ta_destination *destination = entry->value;
	char text[TA_ENDPOINT_TEXT];

	ta_address_format(key->local, text, sizeof(text));
	ta_build_text(builder, row, "local", text);
	ta_endpoint_format(&key->remote, text, sizeof(text));
	ta_build_text(builder, row, "remote", text);
	ta_address_format(key->remote.address, text, sizeof(text));
	ta_build_text(builder, row, "address", text);
	ta_build_int(builder, row, "port", key->remote.port);
	ta_build_bool(builder, row, "loopback",
		      ta_address_is_loopback(key->local) &&
			      ta_address_is_loopback(key->remote.address));
	ta_build_uint(builder, row, "sockets", destination->sockets);
	if (view->fold->ports->range_known && ta_told_full(told, TA_NOT_LISTEN))
		ta_build_uint(builder, row, "ports_used", destination->ports_used);
	if (usable >= 0)
		ta_build_int(builder, row, "ports_usable", usable);
	build_destination_growth(view, key, destination, builder, row);
	build_destination_owner(view, destination, builder, row);
	build_destination_states(destination, told, builder, row);
}

static void build_destinations(const struct ta_fold_view *view, const struct ta_told *told,
			       int64_t usable, struct ta_builder *builder, json_t *namespace_)
{
	const struct ta_map *map = &view->fold->destinations;
	json_t *array = ta_build_array(builder, namespace_, "destinations");
	struct entry rows[ROWS_SHOWN] = { 0 };
	size_t count = best_entries(map, destination_by_use, destination_by_use, rows);

	for (size_t i = 0; i < count; i++)
		build_destination(view, told, &rows[i], usable, builder,
				  ta_build_row(builder, array));
	ta_build_uint(builder, namespace_, "destinations_left_out",
		      left_out(map, &view->fold->destinations_beyond));
	build_cap_gap(builder, "destinations", &view->fold->destinations_beyond, map);
}

/* ---- owners ---- */

static void build_owners(const struct ta_fold *fold, struct ta_builder *builder, json_t *namespace_)
{
	const struct ta_owner_counts *owned = &fold->owned;
	json_t *object = ta_build_object(builder, namespace_, "owners");

	ta_build_uint(builder, object, "time_wait", owned->time_wait);
	ta_build_uint(builder, object, "half_open", owned->half_open);
	ta_build_uint(builder, object, "unaccepted", owned->unaccepted);
	ta_build_uint(builder, object, "orphan", owned->orphan);
	if (!fold->processes)
		return;
	ta_build_uint(builder, object, "named", owned->named);
	ta_build_uint(builder, object, "shared", owned->shared);
	ta_build_uint(builder, object, "hidden",
		      ta_processes_are_hidden(fold->processes) ? ta_fold_unnamed(fold) : 0);
	if (!ta_processes_are_hidden(fold->processes))
		ta_build_uint(builder, object, "kernel", ta_fold_unnamed(fold));
}

static void build_unnamed(const struct ta_fold *fold, struct ta_builder *builder)
{
	char what[96];

	if (!fold->processes || !ta_fold_unnamed(fold))
		return;
	snprintf(what, sizeof(what), "the processes of %llu of %llu sockets",
		 (unsigned long long)ta_fold_unnamed(fold), (unsigned long long)fold->owned.held);
	ta_build_gap(
		builder, what,
		ta_processes_are_hidden(fold->processes)
			? "descriptors of some processes could not be read"
			: "no process in sight holds them: of another container, or just opened",
		"namespaces[].listeners[].process", "namespaces[].destinations[].process",
		"processes", NULL);
}

void ta_fold_build(const struct ta_fold_view *view, struct ta_builder *builder, json_t *namespace_)
{
	const struct ta_told *told = view->told ? view->told : &ta_told_all;
	const struct ta_fold *fold = view->fold;
	bool listening = view->known && (told->full & bit(TA_TCP_LISTEN));
	int64_t usable = ta_ports_build(fold->ports, listening ? &fold->held : NULL,
					&fold->listening, builder, namespace_);

	if (!view->known)
		return;
	build_sockets(view, told, builder, namespace_);
	build_close_wait(fold, told, builder, namespace_);
	if (told->seen & bit(TA_TCP_LISTEN))
		build_listeners(view, told, builder, namespace_);
	if (ta_told_full(told, TA_NOT_LISTEN) || fold->destinations.count)
		build_destinations(view, told, usable, builder, namespace_);
	if (ta_told_full(told, TA_ALL_STATES) && ta_told_has(told, TA_NOT_LISTEN, TA_SOCKET_INODE))
		build_owners(fold, builder, namespace_);
	build_unnamed(fold, builder);
}
