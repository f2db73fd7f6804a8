/* snapshot.c - all that was noted as one snapshot: the listings as rows, and what others said of
 * the same rows beside it. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "import/evidence_state.h"

/* ---- rows that were noted before the listings made theirs ---- */

static json_t *take_member(json_t *object, const char *name)
{
	json_t *value = json_incref(json_object_get(object, name));

	if (value)
		json_object_del(object, name);
	return value;
}

static json_t *array_in(struct ta_builder *builder, json_t *object, const char *name)
{
	json_t *array = json_object_get(object, name);

	return array ? array : ta_build_array(builder, object, name);
}

/* Puts each noted row's members into the rows that have the same id, or adds it as one of its own.
 */
static void merge_rows(struct ta_builder *builder, json_t *object, const char *name,
		       const char *id_key, json_t *noted)
{
	json_t *rows = noted ? array_in(builder, object, name) : NULL;
	size_t i, j;
	json_t *mine, *row;

	json_array_foreach (noted, i, mine) {
		bool found = false;

		json_array_foreach (rows, j, row) {
			if (!json_equal(json_object_get(row, id_key),
					json_object_get(mine, id_key)))
				continue;
			found = true;
			builder->failed |= json_object_update(row, mine) < 0;
		}
		if (!found)
			builder->failed |= json_array_append(rows, mine) < 0;
	}
	json_decref(noted);
}

/* What only a log tells of a listener has no address. */
static void complete_listeners(struct ta_builder *builder, json_t *namespace_)
{
	json_t *row;
	size_t i;
	char local[16];

	json_array_foreach (json_object_get(namespace_, "listeners"), i, row) {
		if (json_object_get(row, "local"))
			continue;
		snprintf(local, sizeof(local), "*:%" JSON_INTEGER_FORMAT,
			 json_integer_value(json_object_get(row, "port")));
		ta_build_text(builder, row, "local", local);
		ta_build_text(builder, row, "address", "*");
	}
}

/* ---- namespaces ---- */

/* Counts that somebody made, of states that no listing has in full. */
static void build_counted(struct ta_builder *builder, const struct ta_listings *listings,
			  json_t *namespace_)
{
	json_t *sockets = json_object_get(namespace_, "sockets");

	for (unsigned state = TA_TCP_ESTABLISHED; state <= TA_TCP_CLOSING; state++) {
		if (!(listings->counted >> state & 1) || (listings->full >> state & 1))
			continue;
		if (!sockets)
			sockets = ta_build_object(builder, namespace_, "sockets");
		ta_build_uint(builder, sockets, ta_tcp_state_name(state), listings->known[state]);
	}
}

static bool build_space(struct ta_evidence *evidence, struct ta_evidence_space *space,
			struct ta_listing_rows *rows)
{
	struct ta_builder *builder = &evidence->builder;
	json_t *sockets = take_member(space->object, "sockets");
	json_t *listeners = take_member(space->object, "listeners");
	bool ok = ta_listings_build(&space->listings, rows, space->object);

	if (sockets && json_object_get(space->object, "sockets"))
		builder->failed |= json_object_update_missing(
					   json_object_get(space->object, "sockets"), sockets) < 0;
	else if (sockets)
		ta_build_value(builder, space->object, "sockets", json_incref(sockets));
	json_decref(sockets);
	build_counted(builder, &space->listings, space->object);
	merge_rows(builder, space->object, "listeners", "port", listeners);
	complete_listeners(builder, space->object);
	rows->excerpt |= space->listings.counted_in_part & ~space->listings.full;
	return ok;
}

/* One that nothing is known of but its name goes, unless it is the only one. */
static void drop_empty_spaces(struct ta_evidence *evidence)
{
	for (size_t i = json_array_size(evidence->namespaces); i-- > 0;) {
		const json_t *namespace_ = json_array_get(evidence->namespaces, i);

		if (json_object_size(namespace_) == 1 && json_array_size(evidence->namespaces) > 1)
			json_array_remove(evidence->namespaces, i);
	}
}

/* ---- processes ---- */

/* The processes that listings name, in a table for their sockets to be credited to. */
static bool make_table(struct ta_evidence *evidence, struct ta_processes *table)
{
	const void *key;
	void *value;

	for (size_t i = 0; ta_map_next(&evidence->processes, &i, &key, &value);) {
		struct ta_listing_process *named = value;
		struct ta_process *process = ta_processes_next_row(table);

		if (!process)
			return false;
		memcpy(&process->pid, key, sizeof(process->pid));
		memcpy(process->name, named->name, sizeof(process->name));
		named->row = (uint32_t)table->count++;
	}
	table->seen = table->count;
	return true;
}

/* What only a file or a number tells of a process has no name: it is called by its id. */
static void complete_processes(struct ta_builder *builder)
{
	json_t *row;
	size_t i;
	char name[24];

	json_array_foreach (json_object_get(builder->root, "processes"), i, row) {
		if (json_object_get(row, "name"))
			continue;
		snprintf(name, sizeof(name), "process %" JSON_INTEGER_FORMAT,
			 json_integer_value(json_object_get(row, "pid")));
		ta_build_text(builder, row, "name", name);
	}
}

static bool build_spaces(struct ta_evidence *evidence, struct ta_listing_rows *rows)
{
	struct ta_builder *builder = &evidence->builder;
	bool ok = true;

	for (size_t i = 0; ok && i < evidence->space_count; i++) {
		ta_build_gaps_in(builder, evidence->space_count > 1
						  ? ta_json_text(evidence->spaces[i].object, "name")
						  : NULL);
		ok = build_space(evidence, &evidence->spaces[i], rows);
	}
	ta_build_gaps_in(builder, NULL);
	return ok;
}

/* ---- what is known in part ---- */

static void add_partial(struct ta_builder *builder, json_t *partial, const char *fact)
{
	json_t *known;
	size_t i;

	json_array_foreach (partial, i, known)
		if (strcmp(json_string_value(known), fact) == 0)
			return;
	builder->failed |= json_array_append_new(partial, json_string(fact)) < 0;
}

static void add_partial_states(struct ta_builder *builder, json_t *partial,
			       const struct ta_evidence_space *space)
{
	const struct ta_listings *listings = &space->listings;
	const json_t *sockets = json_object_get(space->object, "sockets");
	uint32_t whole = listings->full | (listings->counted & ~listings->counted_in_part);
	char fact[64];

	for (unsigned state = TA_TCP_ESTABLISHED; state <= TA_TCP_CLOSING; state++) {
		if (whole >> state & 1 || !json_object_get(sockets, ta_tcp_state_name(state)))
			continue;
		snprintf(fact, sizeof(fact), "namespaces[].sockets.%s", ta_tcp_state_name(state));
		add_partial(builder, partial, fact);
		if (state == TA_TCP_CLOSE_WAIT)
			add_partial(builder, partial, "namespaces[].close_wait");
	}
}

static void add_partial_rows(struct ta_builder *builder, json_t *partial,
			     const struct ta_evidence_space *space)
{
	static const struct {
		const char *array, *fact;
		uint32_t states; /* that make it whole */
	} rows[] = {
		{ "listeners", "namespaces[].listeners", 1u << TA_TCP_LISTEN },
		{ "destinations", "namespaces[].destinations", TA_NOT_LISTEN },
	};

	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++)
		if (json_object_get(space->object, rows[i].array) &&
		    (space->listings.full & rows[i].states) != rows[i].states)
			add_partial(builder, partial, rows[i].fact);
}

/* A listing of all sockets with all their holders shows all processes that have some, and of these
 * nothing else. */
static void add_partial_processes(struct ta_builder *builder, json_t *partial,
				  const struct ta_listing_rows *rows)
{
	static const char *const others[] = { "processes[].fds", "processes[].nofile_soft",
					      "processes[].threads", "processes[].pids_max" };

	if (rows->unnamed || !ta_told_full(&rows->told, TA_ALL_STATES) || !rows->told.seen) {
		add_partial(builder, partial, "processes");
		return;
	}
	for (size_t i = 0; i < TA_ARRAY_SIZE(others); i++)
		add_partial(builder, partial, others[i]);
}

/* Error lines are always some that somebody chose. */
static void build_partial(struct ta_evidence *evidence, const struct ta_listing_rows *rows)
{
	struct ta_builder *builder = &evidence->builder;
	json_t *account = json_object_get(builder->root, "evidence");
	json_t *partial = ta_build_array(builder, account, "partial");

	add_partial(builder, partial, "reported");
	if (!evidence->log_read)
		add_partial(builder, partial, "kernel_log");
	add_partial_processes(builder, partial, rows);
	for (size_t i = 0; i < evidence->space_count; i++) {
		add_partial_states(builder, partial, &evidence->spaces[i]);
		add_partial_rows(builder, partial, &evidence->spaces[i]);
	}
}

/* ---- sockets ---- */

static bool build_sockets(struct ta_evidence *evidence, bool *ret_excerpt)
{
	struct ta_builder *builder = &evidence->builder;
	struct ta_processes table;
	struct ta_listing_rows rows = { .builder = builder,
					.processes = &evidence->processes,
					.table = &table,
					.told = ta_told_all };
	const struct ta_naming nobody = { .ctx = NULL };
	json_t *noted;
	bool ok;

	rows.told.seen = 0;
	ta_processes_init(&table);
	noted = take_member(builder->root, "processes");
	ok = make_table(evidence, &table) && build_spaces(evidence, &rows);
	if (ok)
		ta_processes_build(&table, &nobody, &rows.told, builder);
	merge_rows(builder, builder->root, "processes", "pid", noted);
	complete_processes(builder);
	build_partial(evidence, &rows);
	*ret_excerpt = rows.excerpt;
	ta_processes_done(&table);
	return ok;
}

/* ---- the rest ---- */

static void build_log(struct ta_evidence *evidence)
{
	struct ta_builder *builder = &evidence->builder;

	if (evidence->log_read || evidence->kernel_log.count)
		ta_kernel_log_build(&evidence->kernel_log, TA_KERNEL_NO_TIME, builder,
				    ta_build_array(builder, builder->root, "kernel_log"));
}

/* Processes that listings name were seen; whether others were not, nobody can tell. */
static void build_collection(struct ta_evidence *evidence, bool excerpt)
{
	struct ta_builder *builder = &evidence->builder;
	json_t *collection = json_object_get(builder->root, "collection");

	ta_build_text(builder, collection, "tool", "tcpadvise " TCPADVISE_VERSION);
	ta_build_text(builder, collection, "sockets_from", "text");
	if (evidence->processes.count)
		ta_build_uint(builder, collection, "processes_seen", evidence->processes.count);
	if (excerpt)
		ta_build_bool(builder, collection, "excerpt", true);
}

static void build_account(struct ta_evidence *evidence)
{
	struct ta_builder *builder = &evidence->builder;
	char what[96];

	ta_build_uint(builder, json_object_get(builder->root, "evidence"), "skipped_left_out",
		      evidence->skipped_left_out);
	if (!evidence->left_out)
		return;
	snprintf(what, sizeof(what), "%zu facts", evidence->left_out);
	ta_build_gap(builder, what, N_("the text has more of them than are kept"), "reported",
		     "namespaces", NULL);
}

bool ta_evidence_finish(struct ta_evidence *evidence, json_t **ret, struct ta_error *err)
{
	bool excerpt = false;

	evidence->builder.failed |= !build_sockets(evidence, &excerpt);
	drop_empty_spaces(evidence);
	build_log(evidence);
	build_collection(evidence, excerpt);
	build_account(evidence);
	return ta_builder_finish(&evidence->builder, ret, err);
}
