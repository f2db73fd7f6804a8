/* next.c - see next.h.
 *
 * A command is worth the checks that it would decide, counted by how bad what they look for is,
 * twice if it settles them by itself, twice if there are findings that they belong to. One whose
 * output another one prints is left out. */
#include "rules/next.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/json.h"
#include "base/macros.h"
#include "rules/path.h"

enum {
	KEYS_MAX = 24, /* more than these are told by sysctl -a */
	PIDS_MAX = 3,
	TEXT_MAX = 4096,
};

#define SYSCTL     "sysctl"
#define SYSCTL_ALL "sysctl -a"

struct ta_open {
	json_t *id, *class_; /* strings of the book */
	uint64_t commands;
	enum ta_level reach; /* the worst that it can find */
	bool is_related;     /* to a finding */
};

static uint64_t bit(size_t command)
{
	return UINT64_C(1) << command;
}

static bool is_sysctl(const struct ta_command_line *command)
{
	return strncmp(command->text, SYSCTL " ", strlen(SYSCTL " ")) == 0;
}

static bool is_template(const struct ta_command_line *command)
{
	return is_sysctl(command) || strstr(command->text, TA_COMMAND_PID);
}

/* ---- what was read already ------------------------------------------------------------ */

/* Of an excerpt the rest is still worth asking for. */
static uint64_t commands_read(const struct ta_commands *commands, const json_t *snapshot)
{
	const json_t *excerpt = json_object_get(json_object_get(snapshot, "collection"), "excerpt");
	const json_t *sources = json_object_get(json_object_get(snapshot, "evidence"), "sources");
	uint64_t read = 0;
	json_t *source;
	size_t i;

	if (json_is_true(excerpt))
		return 0;
	json_array_foreach (sources, i, source) {
		size_t place = ta_commands_place(commands, ta_json_text(source, "as"));

		if (place < commands->count && !is_template(&commands->items[place]))
			read |= commands->items[place].prints;
	}
	return read;
}

void ta_next_init(struct ta_next *next, const struct ta_commands *commands, const json_t *snapshot)
{
	*next = (struct ta_next){ .commands = commands,
				  .snapshot = snapshot,
				  .read = commands_read(commands, snapshot) };
}

void ta_next_done(struct ta_next *next)
{
	for (size_t i = 0; i < TA_COMMANDS_MAX; i++)
		json_decref(next->texts[i]);
	json_decref(next->keys);
	free(next->opens);
	*next = (struct ta_next){ 0 };
}

/* ---- a command as it is run here ------------------------------------------------------ */

/* Adds the text with the number in the place of PID; without one PID stays. */
static void add_for_process(struct ta_buf *out, const char *text, const char *pid)
{
	const char *at = strstr(text, TA_COMMAND_PID);

	ta_buf_str(out, out->len ? "; " : "");
	ta_buf_add(out, text, (size_t)(at - text));
	ta_buf_str(out, pid);
	ta_buf_str(out, at + strlen(TA_COMMAND_PID));
}

/* For the first processes that lack the fact, which are those with the most descriptors. */
static json_t *text_for_processes(const json_t *snapshot, const char *text, const char *path)
{
	static const char of_process[] = "processes[]";
	ta_auto(ta_buf_done) struct ta_buf out = TA_BUF_INIT(TEXT_MAX);
	size_t i, named = 0;
	json_t *process;
	char pid[24];

	if (!ta_path_leads_to(of_process, path))
		path = of_process;
	json_array_foreach (json_object_get(snapshot, "processes"), i, process) {
		const json_t *number = json_object_get(process, "pid");

		if (named == PIDS_MAX)
			break;
		if (!number || !ta_path_is_absent(process, path + strlen(of_process)))
			continue;
		snprintf(pid, sizeof(pid), "%" JSON_INTEGER_FORMAT, json_integer_value(number));
		add_for_process(&out, text, pid);
		named++;
	}
	if (!named)
		add_for_process(&out, text, TA_COMMAND_PID);
	return out.failed ? NULL : json_string(ta_buf_cstr(&out));
}

/* Borrowed; NULL when memory ran out. */
static json_t *text_of(struct ta_next *next, size_t command, const char *path)
{
	const char *text = next->commands->items[command].text;

	if (!next->texts[command])
		next->texts[command] = strstr(text, TA_COMMAND_PID)
					       ? text_for_processes(next->snapshot, text, path)
					       : json_string(text);
	return next->texts[command];
}

/* "sysctl net.core.somaxconn ...". */
static json_t *sysctl_text(json_t *keys, bool all)
{
	ta_auto(ta_buf_done) struct ta_buf out = TA_BUF_INIT((size_t)16 * TEXT_MAX);
	const char *key;
	json_t *unused;

	if (all || json_object_size(keys) > KEYS_MAX)
		return json_string(SYSCTL_ALL);
	ta_buf_str(&out, SYSCTL);
	json_object_foreach (keys, key, unused) {
		ta_buf_char(&out, ' ');
		ta_buf_str(&out, key);
	}
	return out.failed ? NULL : json_string(ta_buf_cstr(&out));
}

/* ---- one rule that is open ------------------------------------------------------------ */

/* What one entry of not_checked asks for. */
struct asking {
	struct ta_next *next;
	const json_t *ns; /* where it is open, or NULL */
	uint64_t commands;
	json_t *keys; /* of sysctl, as members; NULL: none is known */
	bool no_memory;
};

static bool has_key(const json_t *of, struct ta_slice key)
{
	return json_object_getn(json_object_get(of, "sysctl"), key.data, key.len);
}

/* One whose value is there, and what is made of it is not, would tell the same again. */
static void ask_key(struct asking *asking, struct ta_slice key)
{
	if (has_key(asking->ns, key) ||
	    has_key(json_object_get(asking->next->snapshot, "host"), key))
		return;
	if (!asking->keys)
		asking->keys = json_object();
	if (json_object_setn_new(asking->keys, key.data, key.len, json_true()) < 0)
		asking->no_memory = true;
}

/* The keys of the schema, or the one in the path; without either all are worth asking for. Whether
 * there is something to ask. */
static bool ask_keys(struct asking *asking, const char *path, const char *keys)
{
	struct ta_slice rest = ta_slice(keys, keys ? strlen(keys) : 0);
	struct ta_path_step step;
	bool is_named = keys;

	while (rest.len)
		ask_key(asking, ta_slice_cut(&rest, ' '));
	while (!keys && ta_path_next(&path, &step)) {
		if (step.kind != TA_PATH_KEY)
			continue;
		is_named = true;
		ask_key(asking, step.name);
	}
	return !is_named || asking->keys;
}

/* What was read would tell the same again, but where the text shows a part of it only. */
static bool is_read(const struct ta_next *next, const char *path, size_t command)
{
	const json_t *evidence = json_object_get(next->snapshot, "evidence"), *fact;
	size_t i;

	if (!(next->read & bit(command)))
		return false;
	json_array_foreach (json_object_get(evidence, "partial"), i, fact)
		if (ta_path_leads_to(json_string_value(fact), path))
			return false;
	return true;
}

static void ask(struct asking *asking, const char *path, size_t command, const char *keys)
{
	const struct ta_commands *commands = asking->next->commands;

	if (command == commands->count || is_read(asking->next, path, command))
		return;
	if (!is_sysctl(&commands->items[command]))
		asking->no_memory |= !text_of(asking->next, command, path);
	else if (!ask_keys(asking, path, keys))
		return;
	asking->commands |= bit(command);
}

/* What the rule needs and the snapshot does not have, here or anywhere. */
static void ask_absent(struct asking *asking, const struct ta_needs *needs)
{
	static const char of_namespace[] = "namespaces[]";

	for (size_t i = 0; i < needs->count; i++) {
		const struct ta_need *need = &needs->items[i];
		const char *path = need->path;
		const json_t *document = asking->next->snapshot;

		if (asking->ns && ta_path_leads_to(of_namespace, path)) {
			document = asking->ns;
			path += strlen(of_namespace);
		}
		if (ta_path_is_absent(document, path))
			ask(asking, need->path, need->command, need->keys);
	}
}

/* What it missed: the facts below that, where it needs some, say more. */
static void ask_missing(struct asking *asking, const struct ta_needs *needs, const char *path)
{
	const char *keys;
	bool known = false;
	size_t command;

	for (size_t i = 0; i < needs->count; i++) {
		const struct ta_need *need = &needs->items[i];

		if (!ta_path_leads_to(path, need->path))
			continue;
		ask(asking, need->path, need->command, need->keys);
		known = true;
	}
	if (known)
		return;
	command = ta_commands_find(asking->next->commands, path, &keys);
	ask(asking, path, command, keys);
}

static enum ta_level reach_of(const struct ta_rule *rule)
{
	enum ta_level reach = TA_LEVEL_NONE;

	for (size_t i = 0; i < rule->severity.count; i++) {
		enum ta_level level = ta_level(rule->severity.items[i].word);

		reach = level > reach ? level : reach;
	}
	return reach;
}

static bool note_open(struct ta_next *next, const struct ta_rule *rule, uint64_t commands)
{
	if (!ta_array_room(&next->opens, next->count, &next->room, sizeof(*next->opens)))
		return false;
	next->opens[next->count++] = (struct ta_open){
		.id = json_object_get(rule->json, "id"),
		.class_ = json_object_get(rule->json, "class"),
		.commands = commands,
		.reach = reach_of(rule),
	};
	return true;
}

/* The commands of one entry, those of sysctl with its own keys only. */
static json_t *commands_of(const struct asking *asking)
{
	const struct ta_next *next = asking->next;
	json_t *list = json_array();
	bool ok = list != NULL;

	for (size_t i = 0; ok && i < next->commands->count; i++) {
		if (!(asking->commands & bit(i)))
			continue;
		if (is_sysctl(&next->commands->items[i]))
			ok = json_array_append_new(list,
						   sysctl_text(asking->keys, !asking->keys)) == 0;
		else
			ok = json_array_append(list, next->texts[i]) == 0;
	}
	if (ok)
		return list;
	json_decref(list);
	return NULL;
}

static bool asks_sysctl(const struct asking *asking)
{
	const struct ta_commands *commands = asking->next->commands;

	for (size_t i = 0; i < commands->count; i++)
		if ((asking->commands & bit(i)) && is_sysctl(&commands->items[i]))
			return true;
	return false;
}

/* Puts what one entry asks for to what all do; one that knows no key asks for all. */
static bool take(struct ta_next *next, const struct asking *asking)
{
	if (!asking->keys) {
		next->all_keys |= asks_sysctl(asking);
		return true;
	}
	if (!next->keys)
		next->keys = json_object();
	return json_object_update(next->keys, asking->keys) == 0;
}

static bool note_asking(struct asking *asking, const struct ta_judgement *j, const json_t *missing,
			const struct ta_needs *needs, json_t *entry)
{
	json_t *path;
	size_t i;

	json_array_foreach (missing, i, path)
		ask_missing(asking, needs, json_string_value(path));
	if (json_array_size(missing))
		ask_absent(asking, needs);
	return !asking->no_memory && take(asking->next, asking) &&
	       ta_json_set(entry, "next", commands_of(asking)) &&
	       note_open(asking->next, j->rule, asking->commands);
}

bool ta_next_note(struct ta_next *next, const struct ta_judgement *j, const json_t *missing,
		  json_t *entry)
{
	struct asking asking = { .next = next, .ns = j->ns };
	struct ta_needs own = { 0 };
	const struct ta_needs *needs = &j->rule->needs;
	bool ok = true;

	if (!needs->made) {
		ok = ta_needs_make(&own, j->rule, next->commands);
		needs = &own;
	}
	ok = ok && note_asking(&asking, j, missing, needs, entry);
	ta_needs_done(&own);
	json_decref(asking.keys);
	return ok;
}

/* ---- all of them ---------------------------------------------------------------------- */

/* The classes of the problems that there are and the rules that those explain, as members. */
static json_t *related_to(const struct ta_findings *findings)
{
	json_t *related = json_object(), *id;
	const struct ta_rule *last = NULL;
	bool ok = related != NULL;
	size_t k;

	for (size_t i = 0; ok && i < findings->count; i++) {
		const struct ta_finding *finding = &findings->items[i];

		if (finding->severity < TA_LEVEL_WARNING || finding->rule == last)
			continue;
		last = finding->rule;
		ok = ta_json_set(related, last->class_, json_true());
		json_array_foreach (json_object_get(last->json, "explains"), k, id)
			ok = ok && ta_json_set(related, json_string_value(id), json_true());
	}
	if (ok)
		return related;
	json_decref(related);
	return NULL;
}

static bool mark_related(struct ta_next *next, const struct ta_findings *findings)
{
	json_t *related = related_to(findings);

	for (size_t i = 0; i < next->count; i++) {
		struct ta_open *open = &next->opens[i];

		open->is_related = json_object_get(related, json_string_value(open->class_)) ||
				   json_object_get(related, json_string_value(open->id));
	}
	json_decref(related);
	return related;
}

struct candidate {
	size_t command;
	json_t *row;
	json_t *rules, *classes; /* arrays of the row */
	size_t alone;
	enum ta_level up_to;
	size_t points;
};

static bool add_class(json_t *classes, json_t *class_)
{
	json_t *known;
	size_t i;

	json_array_foreach (classes, i, known)
		if (json_equal(known, class_))
			return true;
	return json_array_append(classes, class_) == 0;
}

static bool add_open(struct candidate *candidate, const struct ta_open *open, bool alone)
{
	static const size_t worth[TA_LEVELS] = { 0, 1, 3, 9 };

	candidate->alone += alone;
	candidate->up_to = open->reach > candidate->up_to ? open->reach : candidate->up_to;
	candidate->points += worth[open->reach] * (alone ? 2 : 1) * (open->is_related ? 2 : 1);
	return json_array_append(candidate->rules, open->id) == 0 &&
	       add_class(candidate->classes, open->class_);
}

/* What is open of one rule stands together: it counts once, as it is where that is first. */
static bool weigh(const struct ta_next *next, struct candidate *candidate)
{
	uint64_t prints = next->commands->items[candidate->command].prints;
	const json_t *last = NULL;

	for (size_t i = 0; i < next->count; i++) {
		const struct ta_open *open = &next->opens[i];

		if (!(open->commands & prints) || json_equal(open->id, last))
			continue;
		last = open->id;
		if (!add_open(candidate, open, !(open->commands & ~prints)))
			return false;
	}
	return true;
}

static bool add_list(json_t *row, const char *name, json_t **ret)
{
	*ret = json_array();
	return ta_json_set(row, name, *ret);
}

static bool make_row(const struct ta_next *next, struct candidate *candidate)
{
	const struct ta_command_line *command = &next->commands->items[candidate->command];
	json_t *text = is_sysctl(command) ? sysctl_text(next->keys, next->all_keys)
					  : json_incref(next->texts[candidate->command]);
	json_t *row = candidate->row = json_object();

	return ta_json_set(row, "command", text) &&
	       json_object_set(row, "why", command->why) == 0 &&
	       add_list(row, "would_decide", &candidate->rules) &&
	       add_list(row, "classes", &candidate->classes) && weigh(next, candidate) &&
	       ta_json_set(row, "up_to", json_string(ta_level_words[candidate->up_to])) &&
	       ta_json_set(row, "alone", json_integer((json_int_t)candidate->alone));
}

static int by_points(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;

	if (a->points != b->points)
		return a->points < b->points ? 1 : -1;
	return a->command < b->command ? -1 : 1;
}

static bool is_printed_by_another(const struct ta_next *next, uint64_t wanted, size_t command)
{
	for (size_t i = 0; i < next->commands->count; i++)
		if (i != command && (wanted & bit(i)) &&
		    (next->commands->items[i].prints & bit(command)))
			return true;
	return false;
}

static size_t choose(const struct ta_next *next, struct candidate *candidates)
{
	uint64_t wanted = 0;
	size_t count = 0;

	for (size_t i = 0; i < next->count; i++)
		wanted |= next->opens[i].commands;
	for (size_t i = 0; i < next->commands->count; i++)
		if ((wanted & bit(i)) && !is_printed_by_another(next, wanted, i))
			candidates[count++] = (struct candidate){ .command = i };
	return count;
}

json_t *ta_next_ranked(struct ta_next *next, const struct ta_findings *findings)
{
	struct candidate candidates[TA_COMMANDS_MAX];
	size_t count = choose(next, candidates);
	json_t *list = json_array();
	bool ok = list && mark_related(next, findings);

	for (size_t i = 0; i < count; i++)
		ok = ok && make_row(next, &candidates[i]);
	if (ok)
		qsort(candidates, count, sizeof(*candidates), by_points);
	for (size_t i = 0; i < count; i++)
		ok = json_array_append_new(list, candidates[i].row) == 0 && ok;
	if (ok)
		return list;
	json_decref(list);
	return NULL;
}
