/* next_rank.c - which commands are worth running, and which of them first; see next.h.
 *
 * A command is worth the checks that it would decide, counted by how bad what they look for is,
 * twice if it settles them by itself, twice if there are findings that they belong to. One whose
 * output another one prints is left out. */
#include <stdlib.h>

#include "base/json.h"
#include "base/language.h"
#include "rules/command_text.h"
#include "rules/next.h"

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
	json_t *text = ta_command_is_sysctl(command) ? ta_command_sysctl(next->keys, next->all_keys)
						     : json_incref(next->texts[candidate->command]);
	json_t *row = candidate->row = json_object();

	return ta_json_set(row, "command", text) &&
	       ta_json_set(row, "why", json_string(_(json_string_value(command->why)))) &&
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
		if (i != command && (wanted & ta_command_bit(i)) &&
		    (next->commands->items[i].prints & ta_command_bit(command)))
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
		if ((wanted & ta_command_bit(i)) && !is_printed_by_another(next, wanted, i))
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
