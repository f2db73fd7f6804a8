/* next.c - what each rule that is open asks for; see next.h. Which of it is worth the most is told
 * by next_rank.c. */
#include "rules/next.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/json.h"
#include "rules/command_text.h"
#include "rules/path.h"

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

		if (place < commands->count && !ta_command_is_template(&commands->items[place]))
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

/* Made when it is first asked for. Borrowed; NULL when memory ran out. */
static json_t *text_of(struct ta_next *next, size_t command, const char *path)
{
	if (!next->texts[command])
		next->texts[command] =
			ta_command_text(&next->commands->items[command], next->snapshot, path);
	return next->texts[command];
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

	if (!(next->read & ta_command_bit(command)))
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
	if (!ta_command_is_sysctl(&commands->items[command]))
		asking->no_memory |= !text_of(asking->next, command, path);
	else if (!ask_keys(asking, path, keys))
		return;
	asking->commands |= ta_command_bit(command);
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
		if (!(asking->commands & ta_command_bit(i)))
			continue;
		if (ta_command_is_sysctl(&next->commands->items[i]))
			ok = json_array_append_new(
				     list, ta_command_sysctl(asking->keys, !asking->keys)) == 0;
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
		if ((asking->commands & ta_command_bit(i)) &&
		    ta_command_is_sysctl(&commands->items[i]))
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
