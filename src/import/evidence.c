/* evidence.c - see evidence.h. */
#include "import/evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/json.h"
#include "base/text.h"
#include "import/evidence_state.h"
#include "import/reader.h"
#include "snapshot/proc_net.h"
#include "snapshot/tunables.h"
#include "tcpadvise/snapshot.h"

enum { PATH_MAX_BYTES = 512 };

/* ---- beginning and end ---- */

bool ta_evidence_init(struct ta_evidence *evidence)
{
	struct ta_builder *builder = &evidence->builder;
	json_t *account;

	memset(evidence, 0, sizeof(*evidence));
	ta_builder_init(builder);
	ta_map_init(&evidence->processes, sizeof(uint32_t), sizeof(struct ta_listing_process),
		    TA_PROCESSES_MAX);
	ta_build_text(builder, builder->root, "schema", TA_SNAPSHOT_SCHEMA);
	ta_build_object(builder, builder->root, "collection");
	evidence->host = ta_build_object(builder, builder->root, "host");
	evidence->namespaces = ta_build_array(builder, builder->root, "namespaces");
	account = ta_build_object(builder, builder->root, "evidence");
	evidence->inputs = ta_build_array(builder, account, "inputs");
	evidence->sources = ta_build_array(builder, account, "sources");
	evidence->conflicts = ta_build_array(builder, account, "conflicts");
	evidence->skipped = ta_build_array(builder, account, "skipped");
	evidence->places = json_object();
	evidence->told = json_object();
	ta_evidence_space(evidence, ta_slice("", 0));
	return evidence->places && evidence->told && !builder->failed;
}

void ta_evidence_done(struct ta_evidence *evidence)
{
	for (size_t i = 0; i < evidence->space_count; i++)
		ta_listings_done(&evidence->spaces[i].listings);
	free(evidence->spaces);
	ta_map_done(&evidence->processes);
	ta_kernel_log_done(&evidence->kernel_log);
	json_decref(evidence->places);
	json_decref(evidence->told);
	ta_builder_done(&evidence->builder);
}

static const char *space_name(const struct ta_evidence *evidence, uint32_t number)
{
	return ta_json_text(evidence->spaces[number].object, "name");
}

static bool add_space(struct ta_evidence *evidence, struct ta_slice name)
{
	struct ta_builder *builder = &evidence->builder;
	struct ta_evidence_space *space;

	if (!ta_array_room(&evidence->spaces, evidence->space_count, &evidence->space_size,
			   sizeof(*evidence->spaces)))
		return false;
	space = &evidence->spaces[evidence->space_count++];
	space->object = ta_build_row(builder, evidence->namespaces);
	ta_build_text_n(builder, space->object, "name", name.data, name.len);
	ta_listings_init(&space->listings);
	return !builder->failed;
}

uint32_t ta_evidence_space(struct ta_evidence *evidence, struct ta_slice name)
{
	if (!name.len)
		name = ta_slice("current", strlen("current"));
	for (uint32_t i = 0; i < evidence->space_count; i++)
		if (ta_slice_equals(name, space_name(evidence, i)))
			return i;
	if (evidence->space_count == TA_EVIDENCE_SPACES)
		return 0;
	if (!add_space(evidence, name)) {
		evidence->builder.failed = true;
		return 0;
	}
	return (uint32_t)evidence->space_count - 1;
}

uint32_t ta_evidence_begin_input(struct ta_evidence *evidence, const char *name)
{
	json_t *row = ta_build_row(&evidence->builder, evidence->inputs);

	ta_build_text(&evidence->builder, row, "name", name);
	return (uint32_t)json_array_size(evidence->inputs) - 1;
}

void ta_evidence_end_input(struct ta_evidence *evidence, uint32_t input,
			   const struct ta_line_counts *counts)
{
	json_t *row = json_array_get(evidence->inputs, input);

	ta_build_uint(&evidence->builder, row, "lines", counts->lines);
	ta_build_uint(&evidence->builder, row, "used", counts->used);
	ta_build_uint(&evidence->builder, row, "blank", counts->blank);
	ta_build_uint(&evidence->builder, row, "skipped", counts->skipped);
}

void ta_evidence_end_capture(struct ta_evidence *evidence)
{
	json_object_clear(evidence->told);
}

void ta_evidence_skip(struct ta_evidence *evidence, const char *from, uint64_t line,
		      struct ta_slice text, const char *why)
{
	struct ta_builder *builder = &evidence->builder;
	json_t *row;

	if (json_array_size(evidence->skipped) >= TA_EVIDENCE_ROWS) {
		evidence->skipped_left_out++;
		return;
	}
	row = ta_build_row(builder, evidence->skipped);
	ta_build_text(builder, row, "from", from);
	if (line)
		ta_build_uint(builder, row, "line", line);
	if (text.len > TA_EVIDENCE_TEXT)
		text.len = TA_EVIDENCE_TEXT;
	if (text.len)
		ta_build_text_n(builder, row, "text", text.data, text.len);
	if (why)
		ta_build_text(builder, row, "why", why);
}

/* ---- facts ---- */

/* Where a fact belongs: the object that has it, and the words for it. */
struct target {
	enum ta_home home;
	const char *group; /* the way to the object, from its home or its row */
	const char *array; /* NULL: no row */
	const char *key;
	char id[128]; /* of the row */
};

static json_t *home_of(struct ta_reading *reading, enum ta_home home)
{
	struct ta_evidence *evidence = reading->evidence;

	if (home == TA_HOME_HOST)
		return evidence->host;
	if (home == TA_HOME_NETNS)
		return evidence->spaces[reading->netns].object;
	return evidence->builder.root;
}

/* The object that the group leads to, made where it is missing. */
static json_t *descend(struct ta_builder *builder, json_t *object, const char *group)
{
	struct ta_slice way = ta_slice(group, strlen(group));
	char name[64];

	while (way.len && object) {
		struct ta_slice step = ta_slice_cut(&way, '.');
		json_t *next;

		snprintf(name, sizeof(name), "%.*s", (int)step.len, step.data);
		next = json_object_get(object, name);
		object = next ? next : ta_build_object(builder, object, name);
	}
	return object;
}

#define COUNTERS "counters."

static bool is_group_of_counters(const char *group)
{
	return strncmp(group, COUNTERS, strlen(COUNTERS)) == 0;
}

static bool is_counter_of_interface(const struct target *target)
{
	return target->array && strcmp(target->array, "interfaces") == 0 &&
	       ta_interface_counts(target->key);
}

static void note_sample(struct ta_reading *reading, const struct ta_line *line,
			const struct target *target, json_t *value)
{
	struct ta_samples *samples = &reading->samples;

	if (is_group_of_counters(target->group))
		ta_samples_note(samples,
				target->home == TA_HOME_HOST ? TA_SAMPLED_HOST : TA_SAMPLED_NETNS,
				target->group + strlen(COUNTERS), target->key, value, line->number);
	else if (is_counter_of_interface(target))
		ta_samples_note(samples, TA_SAMPLED_INTERFACES, target->id, target->key, value,
				line->number);
}

/* The words of a member in the path of a fact: quoted where it is no identifier. */
static void add_member(struct ta_buf *path, const char *member)
{
	bool plain = *member;

	for (const char *c = member; *c; c++)
		plain = plain && ta_text_is_word_byte(*c);
	if (plain)
		ta_buf_printf(path, "%s%s", path->len ? "." : "", member);
	else
		ta_buf_printf(path, "[\"%s\"]", member);
}

static void print_fact(struct ta_buf *fact, const struct target *target)
{
	static const char *const homes[] = {
		[TA_HOME_ROOT] = "",
		[TA_HOME_HOST] = "host",
		[TA_HOME_NETNS] = "namespaces[]",
	};

	ta_buf_str(fact, homes[target->home]);
	if (target->array)
		ta_buf_printf(fact, "%s%s[]", fact->len ? "." : "", target->array);
	if (*target->group)
		ta_buf_printf(fact, "%s%s", fact->len ? "." : "", target->group);
	add_member(fact, target->key);
}

/* What the path of the fact is without its key, where it is a counter: they all grow together. */
static bool print_counters(const struct target *target, char *buf, size_t size)
{
	const char *home = target->home == TA_HOME_HOST ? "host" : "namespaces[]";

	*buf = '\0';
	if (is_group_of_counters(target->group))
		snprintf(buf, size, "%s.%s", home, target->group);
	else if (is_counter_of_interface(target))
		snprintf(buf, size, "%s.%s[]", home, target->array);
	return *buf;
}

/* Notes the place of the fact; with an earlier place and another value the conflict, too. */
static void place_fact(struct ta_reading *reading, const struct ta_line *line,
		       const struct target *target, json_t *old, json_t *value)
{
	struct ta_evidence *evidence = reading->evidence;
	ta_auto(ta_buf_done) struct ta_buf fact = TA_BUF_INIT(PATH_MAX_BYTES);
	ta_auto(ta_buf_done) struct ta_buf path = TA_BUF_INIT(2 * PATH_MAX_BYTES);
	struct ta_found found = ta_reading_found(reading, line->number);
	char counters[64];
	json_t *earlier;

	print_fact(&fact, target);
	ta_buf_printf(&path, "%u %s %s", target->home == TA_HOME_NETNS ? reading->netns : 0,
		      ta_buf_cstr(&fact), target->id);
	if (!ta_buf_ok(&fact, NULL) || !ta_buf_ok(&path, NULL))
		return; /* too long a name to be told */
	found.fact = ta_buf_cstr(&fact);
	found.key = target->array ? target->id : NULL;
	if (print_counters(target, counters, sizeof(counters)))
		found.together = counters;
	if (target->home != TA_HOME_NETNS)
		found.namespace_ = NULL;
	ta_evidence_place(evidence, ta_buf_cstr(&path), &found, &earlier);
	if (earlier && old && !json_equal(old, value))
		ta_evidence_conflict(evidence, &found, earlier, json_incref(old),
				     json_incref(value));
	json_decref(earlier);
}

/* Sets the member of the object, and takes the value. */
static void set_fact(struct ta_reading *reading, const struct ta_line *line, json_t *object,
		     const struct target *target, json_t *value)
{
	struct ta_evidence *evidence = reading->evidence;
	json_t *old = object ? json_object_get(object, target->key) : NULL;

	if (!old && ++evidence->facts > TA_EVIDENCE_FACTS) {
		evidence->left_out++;
		json_decref(value);
		return;
	}
	if (value) {
		note_sample(reading, line, target, value);
		place_fact(reading, line, target, reading->samples.readings > 1 ? NULL : old,
			   value);
	}
	ta_build_value(&evidence->builder, object, target->key, value);
}

void ta_note(struct ta_reading *reading, const struct ta_line *line, enum ta_home home,
	     const char *group, const char *key, json_t *value)
{
	struct target target = { .home = home, .group = group, .key = key };
	json_t *object = descend(&reading->evidence->builder, home_of(reading, home), target.group);

	set_fact(reading, line, object, &target, value);
}

void ta_note_uint(struct ta_reading *reading, const struct ta_line *line, enum ta_home home,
		  const char *group, const char *key, uint64_t value)
{
	if (value <= INT64_MAX)
		ta_note(reading, line, home, group, key, json_integer((json_int_t)value));
}

/* Text from outside as a JSON string; NULL when memory ran out. */
static json_t *make_text(struct ta_slice text)
{
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT((size_t)4 * TA_LINE_MAX);

	if (text.len > TA_EVIDENCE_TEXT)
		text.len = TA_EVIDENCE_TEXT;
	ta_text_utf8(&buf, text.data, text.len);
	return ta_buf_ok(&buf, NULL) ? json_stringn(ta_buf_cstr(&buf), buf.len) : NULL;
}

void ta_note_text(struct ta_reading *reading, const struct ta_line *line, enum ta_home home,
		  const char *group, const char *key, struct ta_slice value)
{
	ta_note(reading, line, home, group, key, make_text(value));
}

/* ---- rows ---- */

static void print_id(const json_t *id, char *buf, size_t size)
{
	if (json_is_string(id))
		snprintf(buf, size, "%s", json_string_value(id));
	else
		snprintf(buf, size, "%" JSON_INTEGER_FORMAT, json_integer_value(id));
}

/* The row of the array with this id, made where it is missing; NULL when there are too many. Takes
 * the id. */
static json_t *find_row(struct ta_builder *builder, json_t *array, const char *id_key, json_t *id)
{
	json_t *row;
	size_t i;

	json_array_foreach (array, i, row)
		if (json_equal(json_object_get(row, id_key), id)) {
			json_decref(id);
			return row;
		}
	if (json_array_size(array) >= TA_EVIDENCE_ROWS) {
		json_decref(id);
		return NULL;
	}
	row = ta_build_row(builder, array);
	ta_build_value(builder, row, id_key, id);
	return row;
}

static json_t *array_of(struct ta_reading *reading, enum ta_home home, const char *name)
{
	json_t *object = home_of(reading, home);
	json_t *array = json_object_get(object, name);

	return array ? array : ta_build_array(&reading->evidence->builder, object, name);
}

void ta_note_row(struct ta_reading *reading, const struct ta_line *line, enum ta_home home,
		 const char *array, const char *id_key, json_t *id, const char *key, json_t *value)
{
	struct ta_evidence *evidence = reading->evidence;
	struct target target = { .home = home, .group = "", .array = array, .key = key };
	json_t *row;

	print_id(id, target.id, sizeof(target.id));
	row = find_row(&evidence->builder, array_of(reading, home, array), id_key, id);
	if (row) {
		set_fact(reading, line, row, &target, value);
		return;
	}
	evidence->left_out++;
	json_decref(value);
}

void ta_note_process(struct ta_reading *reading, const struct ta_line *line, uint32_t pid,
		     const char *key, json_t *value)
{
	ta_note_row(reading, line, TA_HOME_ROOT, "processes", "pid", json_integer(pid), key, value);
}

/* ---- tunables ---- */

/* The range is told twice: as the tunable, and as what is made of it. */
static void place_ports(struct ta_reading *reading, const struct ta_line *line)
{
	struct ta_found found = ta_reading_found(reading, line->number);
	char path[48];

	found.fact = "namespaces[].ports";
	snprintf(path, sizeof(path), "%u ports", reading->netns);
	ta_evidence_place(reading->evidence, path, &found, NULL);
}

bool ta_note_sysctl(struct ta_reading *reading, const struct ta_line *line, struct ta_slice key,
		    struct ta_slice value)
{
	char name[PATH_MAX_BYTES];
	const struct ta_tunable *tunable;
	json_t *json;

	if (key.len >= sizeof(name))
		return false;
	memcpy(name, key.data, key.len);
	name[key.len] = '\0';
	tunable = ta_tunable_find(name);
	if (!tunable || tunable->scope == TA_TUNABLE_NONE || !tunable->readable ||
	    !ta_tunable_value(tunable, value.data, value.len, &json, NULL))
		return false;
	ta_note(reading, line, tunable->scope == TA_TUNABLE_HOST ? TA_HOME_HOST : TA_HOME_NETNS,
		"sysctl", tunable->key, json);
	if (strcmp(tunable->key, "net.ipv4.ip_local_port_range") == 0)
		place_ports(reading, line);
	return true;
}

/* ---- what people and programs report ---- */

static json_t *reports_of(struct ta_evidence *evidence, const char *name)
{
	struct ta_builder *builder = &evidence->builder;
	json_t *reported = descend(builder, builder->root, "reported");
	json_t *array = json_object_get(reported, name);

	return array ? array : ta_build_array(builder, reported, name);
}

static void place_report(struct ta_reading *reading, const struct ta_line *line, const char *fact)
{
	struct ta_evidence *evidence = reading->evidence;
	struct ta_found found = ta_reading_found(reading, line->number);
	char path[64];

	found.fact = fact;
	found.namespace_ = NULL;
	snprintf(path, sizeof(path), "%s %u", fact, reading->input);
	if (!json_object_get(evidence->places, path))
		ta_evidence_place(evidence, path, &found, NULL);
	else
		json_object_set_new(json_object_get(evidence->places, path), "last_line",
				    json_integer((json_int_t)line->number));
}

/* Whether two rows say the same, but for the words and the number of times. */
static bool is_same_error(const json_t *a, const json_t *b)
{
	static const char *const members[] = { "error", "call", "address", "port", "program" };

	for (size_t i = 0; i < TA_ARRAY_SIZE(members); i++) {
		const json_t *x = json_object_get(a, members[i]),
			     *y = json_object_get(b, members[i]);

		if (x ? !y || !json_equal(x, y) : y != NULL)
			return false;
	}
	return true;
}

static json_t *find_error(json_t *array, const json_t *wanted)
{
	json_t *row;
	size_t i;

	json_array_foreach (array, i, row)
		if (is_same_error(row, wanted))
			return row;
	return NULL;
}

static json_t *make_error(struct ta_builder *builder, const struct ta_reported_error *error)
{
	json_t *row = json_object();

	builder->failed |= !row;
	ta_build_text(builder, row, "error", error->error);
	if (error->call)
		ta_build_text(builder, row, "call", error->call);
	if (error->address.len)
		ta_build_value(builder, row, "address", make_text(error->address));
	if (error->port)
		ta_build_int(builder, row, "port", error->port);
	if (error->program.len)
		ta_build_value(builder, row, "program", make_text(error->program));
	ta_build_value(builder, row, "text", make_text(error->text));
	return row;
}

void ta_note_error(struct ta_reading *reading, const struct ta_line *line,
		   const struct ta_reported_error *error)
{
	struct ta_evidence *evidence = reading->evidence;
	struct ta_builder *builder = &evidence->builder;
	json_t *array = reports_of(evidence, "errors");
	json_t *made = make_error(builder, error), *row = find_error(array, made);
	json_int_t count = json_integer_value(json_object_get(row, "count"));

	place_report(reading, line, "reported.errors");
	if (row) {
		ta_build_value(builder, row, "text", json_incref(json_object_get(made, "text")));
	} else if (json_array_size(array) < TA_EVIDENCE_ROWS && !builder->failed) {
		row = made;
		builder->failed |= json_array_append(array, row) < 0;
	} else {
		evidence->left_out++;
	}
	if (row)
		ta_build_int(builder, row, "count", count + 1);
	json_decref(made);
}

void ta_note_report(struct ta_reading *reading, const struct ta_line *line, const char *array,
		    json_t *row)
{
	struct ta_evidence *evidence = reading->evidence;
	json_t *rows = reports_of(evidence, array);
	char fact[64];

	snprintf(fact, sizeof(fact), "reported.%s", array);
	place_report(reading, line, fact);
	if (row && json_array_size(rows) >= TA_EVIDENCE_ROWS) {
		evidence->left_out++;
		json_decref(row);
		return;
	}
	evidence->builder.failed |= json_array_append_new(rows, row) < 0;
}

bool ta_note_kernel(struct ta_reading *reading, const struct ta_line *line, struct ta_slice message)
{
	struct ta_evidence *evidence = reading->evidence;
	struct ta_kernel_line parsed;

	if (!ta_kernel_line_parse(message.data, message.len, &parsed))
		return false;
	evidence->builder.failed |= !ta_kernel_log_add(&evidence->kernel_log, message.data,
						       message.len, TA_KERNEL_NO_TIME);
	place_report(reading, line, "kernel_log");
	return true;
}

void ta_note_kernel_again(struct ta_reading *reading, const struct ta_line *line, uint64_t times)
{
	ta_kernel_log_repeat(&reading->evidence->kernel_log, times);
	place_report(reading, line, "kernel_log");
}

void ta_note_backlog_asked(struct ta_reading *reading, const struct ta_line *line, uint16_t port,
			   uint64_t backlog, struct ta_slice program)
{
	if (backlog > INT64_MAX)
		return;
	ta_note_row(reading, line, TA_HOME_NETNS, "listeners", "port", json_integer(port),
		    "backlog_asked", json_integer((json_int_t)backlog));
	if (program.len)
		ta_note_row(reading, line, TA_HOME_NETNS, "listeners", "port", json_integer(port),
			    "process", make_text(program));
}
