/* outline.c - see outline.h.
 *
 * Parents are found by fingerprint, children linked in document order, and the forest written
 * down in one walk without recursion: a report is read from a file, so a chain of causes may be
 * as long as somebody likes. */
#include "report/outline.h"

#include <stdint.h>
#include <stdlib.h>

#define NONE SIZE_MAX

struct node {
	const json_t *finding;
	size_t parent, first_child, next, depth;
};

enum ta_severity ta_finding_severity(const json_t *finding)
{
	const char *name = json_string_value(json_object_get(finding, "severity"));
	enum ta_severity severity = name ? ta_severity_parse(name) : TA_SEVERITY_NONE;

	return severity == TA_SEVERITY_NONE ? TA_SEVERITY_INFO : severity;
}

/* Counts every finding; those to be told become nodes. Returns their number. */
static size_t select_nodes(struct ta_outline *outline, const json_t *findings,
			   enum ta_severity least, struct node *nodes)
{
	size_t count = 0, i;
	const json_t *finding;

	json_array_foreach (findings, i, finding) {
		enum ta_severity severity = ta_finding_severity(finding);

		if (json_object_get(finding, "silenced")) {
			outline->silenced++;
			continue;
		}
		outline->total[severity]++;
		if (severity < least)
			outline->hidden[severity]++;
		else
			nodes[count++] = (struct node){ finding, NONE, NONE, NONE, 0 };
	}
	return count;
}

/* An object from fingerprint to index; a new reference, NULL without memory. */
static json_t *index_nodes(const struct node *nodes, size_t count)
{
	json_t *index = json_object();

	for (size_t i = 0; index && i < count; i++) {
		const char *key =
			json_string_value(json_object_get(nodes[i].finding, "fingerprint"));

		if (!key || json_object_get(index, key))
			continue;
		if (json_object_set_new(index, key, json_integer((json_int_t)i)) < 0) {
			json_decref(index);
			return NULL;
		}
	}
	return index;
}

static bool is_above(const struct node *nodes, size_t above, size_t i)
{
	while (i != NONE && i != above)
		i = nodes[i].parent;
	return i == above;
}

static size_t parent_of(const struct node *nodes, size_t self, const json_t *index)
{
	const json_t *cause;
	size_t i;

	json_array_foreach (json_object_get(nodes[self].finding, "caused_by"), i, cause) {
		const char *key = json_string_value(cause);
		const json_t *found = key ? json_object_get(index, key) : NULL;

		if (found && !is_above(nodes, self, (size_t)json_integer_value(found)))
			return (size_t)json_integer_value(found);
	}
	return NONE;
}

/* Links siblings in document order, hence from the last; returns the first root. */
static size_t link_nodes(struct node *nodes, size_t count)
{
	size_t first_root = NONE;

	for (size_t i = count; i-- > 0;) {
		size_t parent = nodes[i].parent;
		size_t *head = parent == NONE ? &first_root : &nodes[parent].first_child;

		nodes[i].next = *head;
		*head = i;
	}
	return first_root;
}

static void walk(struct ta_outline *outline, struct node *nodes, size_t i)
{
	while (i != NONE) {
		struct node *node = &nodes[i];

		if (node->parent != NONE)
			node->depth = nodes[node->parent].depth + 1;
		outline->entries[outline->count++] =
			(struct ta_outline_entry){ node->finding, node->depth };
		if (node->first_child != NONE) {
			i = node->first_child;
			continue;
		}
		while (i != NONE && nodes[i].next == NONE)
			i = nodes[i].parent;
		if (i != NONE)
			i = nodes[i].next;
	}
}

static bool fill(struct ta_outline *outline, const json_t *findings, enum ta_severity least,
		 struct node *nodes)
{
	size_t count = select_nodes(outline, findings, least, nodes);
	json_auto_t *index = index_nodes(nodes, count);

	if (!index)
		return false;
	for (size_t i = 0; i < count; i++)
		nodes[i].parent = parent_of(nodes, i, index);
	walk(outline, nodes, link_nodes(nodes, count));
	return true;
}

bool ta_outline_init(struct ta_outline *ret, const json_t *report, enum ta_severity least,
		     struct ta_error *err)
{
	const json_t *findings = json_object_get(report, "findings");
	size_t size = json_array_size(findings) + 1; /* calloc(0) may be NULL */
	struct ta_outline outline = { .entries = calloc(size, sizeof(*outline.entries)) };
	struct node *nodes = calloc(size, sizeof(*nodes));
	bool ok = outline.entries && nodes && fill(&outline, findings, least, nodes);

	free(nodes);
	if (!ok) {
		ta_outline_done(&outline);
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	}
	*ret = outline;
	return true;
}

void ta_outline_done(struct ta_outline *outline)
{
	free(outline->entries);
	outline->entries = NULL;
	outline->count = 0;
}
