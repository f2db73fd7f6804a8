/* causes.c - which finding explains which: root causes come first in a report, and what they lead
 * to stands below them.
 *
 * A cause looks for its effects where they can be: under the rules that its own names, in the same
 * namespace, with the same object where both are about one of many. */
#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/map.h"
#include "rules/settle.h"

/* Where a finding is found again: by the numbers of its texts. */
struct spot {
	size_t rule, namespace, object;
};

/* In a spot's namespace or object: all of them. */
enum { ANY = 0 };

/* The four spots of a finding. */
enum { WIDE_NAMESPACE = 1, WIDE_OBJECT = 2, SPOTS = 4 };

struct link {
	size_t before[SPOTS]; /* 1 + the finding that was put at the same spot before it; 0: none */
};

struct catalogue {
	struct ta_findings *findings;
	json_t *numbers;     /* text -> number */
	struct ta_map lasts; /* struct spot -> size_t: 1 + the last finding put there */
	struct link *links;  /* by finding */
};

TA_DEFINE_AUTO(json_t, json_decref)

/* A host, or a namespace of it, is one; of the others there are many beside each other. */
static bool has_many_objects(const char *kind)
{
	return strcmp(kind, "host") != 0 && strcmp(kind, "namespace") != 0;
}

static bool put(struct catalogue *c, size_t finding)
{
	const struct ta_finding *item = &c->findings->items[finding];
	struct spot own = {
		ta_json_number_of(c->numbers, item->rule->id),
		ta_json_number_of(c->numbers, ta_finding_scope(item, "namespace")),
		ta_json_number_of(c->numbers, ta_finding_scope(item, "object")),
	};

	if (!own.rule || !own.namespace || !own.object)
		return false;
	for (unsigned wide = 0; wide < SPOTS; wide++) {
		struct spot spot = { own.rule, wide & WIDE_NAMESPACE ? ANY : own.namespace,
				     wide & WIDE_OBJECT ? ANY : own.object };
		size_t *last = ta_map_put(&c->lasts, &spot, NULL);

		if (!last)
			return false;
		c->links[finding].before[wide] = *last;
		*last = finding + 1;
	}
	return true;
}

/* 1 + the last finding at a spot; 0: none. */
static size_t last_at(const struct catalogue *c, struct spot spot)
{
	const size_t *last = ta_map_get(&c->lasts, &spot);

	return last ? *last : 0;
}

/* Notes the cause at all findings of a spot. What is graver than its cause stands for itself: it
 * would be hidden below a lesser heading, and a cause that is slight when its effect is not is
 * seldom all of it. */
static bool blame(const struct catalogue *c, const struct ta_finding *cause, struct spot spot)
{
	unsigned wide = (spot.namespace == ANY ? WIDE_NAMESPACE : 0) |
			(spot.object == ANY ? WIDE_OBJECT : 0);
	json_t *mark = json_object_get(cause->json, "fingerprint");
	bool ok = true;

	for (size_t at = last_at(c, spot); at; at = c->links[at - 1].before[wide]) {
		const struct ta_finding *effect = &c->findings->items[at - 1];

		if (effect->severity <= cause->severity)
			ok = json_array_append(json_object_get(effect->json, "caused_by"), mark) ==
				     0 &&
			     ok;
	}
	return ok;
}

static size_t number_of(const struct catalogue *c, const char *text)
{
	return (size_t)json_integer_value(json_object_get(c->numbers, text));
}

/* Where findings of the rule are that this cause explains. A process and the whole host have no
 * namespace of their own in the report and go with any. */
static bool blame_for_rule(const struct catalogue *c, const struct ta_finding *cause,
			   const char *rule)
{
	struct spot spot = { number_of(c, rule), ANY, ANY };
	size_t one = last_at(c, spot);
	const char *kind;

	if (!one)
		return true;
	kind = c->findings->items[one - 1].rule->kind;
	if (has_many_objects(kind) && strcmp(kind, cause->rule->kind) == 0)
		spot.object = number_of(c, ta_finding_scope(cause, "object"));
	if (!*ta_finding_scope(cause, "namespace"))
		return blame(c, cause, spot);
	spot.namespace = number_of(c, "");
	if (spot.namespace != ANY && !blame(c, cause, spot))
		return false;
	spot.namespace = number_of(c, ta_finding_scope(cause, "namespace"));
	return blame(c, cause, spot);
}

static bool blame_for_all(const struct catalogue *c)
{
	bool ok = true;

	for (size_t j = 0; ok && j < c->findings->count; j++) {
		const struct ta_finding *cause = &c->findings->items[j];
		size_t i;
		json_t *rule;

		json_array_foreach (json_object_get(cause->rule->json, "explains"), i, rule)
			ok = ok && blame_for_rule(c, cause, json_string_value(rule));
	}
	return ok;
}

bool ta_findings_find_causes(struct ta_findings *findings)
{
	ta_auto(json_decref_p) json_t *numbers = json_object();
	ta_auto_free struct link *links = calloc(findings->count + 1, sizeof(*links));
	struct catalogue c = { .findings = findings, .numbers = numbers, .links = links };
	bool ok = numbers && links;

	ta_map_init(&c.lasts, sizeof(struct spot), sizeof(size_t), SPOTS * findings->count);
	for (size_t i = 0; ok && i < findings->count; i++)
		ok = put(&c, i);
	ok = ok && blame_for_all(&c);
	ta_map_done(&c.lasts);
	return ok;
}
