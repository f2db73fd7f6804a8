/* lines.c - the changes of a plan in a dialect: one text that another tool can load.
 *
 * What containers and pods are made with is said for each of them by itself; everything else is one
 * text for the host. A change that the dialect has no words for is named in a comment. */
#include <stdlib.h>
#include <string.h>

#include "advice/planning.h"
#include "base/buf.h"
#include "base/number.h"
#include "snapshot/release.h"

enum { WHY_MAX = 1 << 16 };

struct printing {
	const struct ta_dialect *dialect;
	struct ta_dialect_options options;
	const json_t *changes;
	json_t *lines;
};

static bool is_for_containers(const struct ta_dialect *dialect)
{
	static const char *const names[] = { "docker", "podman", "compose", "kubernetes" };

	for (size_t i = 0; i < TA_ARRAY_SIZE(names); i++)
		if (strcmp(dialect->name, names[i]) == 0)
			return true;
	return false;
}

/* What a change is said for: the container or pod; "" for the place of the program itself. */
static const char *owner_of(const json_t *change)
{
	const json_t *place = json_object_get(change, "place");
	const char *id = ta_json_text(json_object_get(place, "container"), "id");

	if (*id)
		return id;
	return json_object_get(place, "elsewhere") ? ta_json_text(place, "namespace") : "";
}

static bool is_done(const json_t *change)
{
	return !json_object_get(change, "refused");
}

/* ---- one text ------------------------------------------------------------------------ */

/* The items of one owner, or (NULL) of all; those that the dialect does not take are named. */
static bool print_items(struct printing *printing, const char *owner, struct ta_buf *why)
{
	size_t all = json_array_size(printing->changes), count = 0, i;
	ta_auto_free struct ta_dialect_item *items = calloc(all + 1, sizeof(*items));
	const json_t *change;
	bool ok = items;

	json_array_foreach (printing->changes, i, change) {
		struct ta_dialect_item item;

		if (!ok || !is_done(change) || (owner && strcmp(owner, owner_of(change)) != 0))
			continue;
		item = ta_change_item(change, printing->dialect, &why[i]);
		if (ta_dialect_takes(printing->dialect, &item, &printing->options))
			items[count++] = item;
		else
			ok = json_array_append_new(printing->lines,
						   json_sprintf("# not said here: %s", item.key)) ==
			     0;
	}
	return ok && ta_dialect_print(printing->dialect, items, count, &printing->options,
				      printing->lines);
}

/* ---- for each owner ------------------------------------------------------------------ */

/* Whether an earlier change has the same owner. */
static bool is_repeated(const json_t *changes, size_t at)
{
	const char *owner = owner_of(json_array_get(changes, at));

	for (size_t i = 0; i < at; i++)
		if (is_done(json_array_get(changes, i)) &&
		    strcmp(owner_of(json_array_get(changes, i)), owner) == 0)
			return true;
	return false;
}

static size_t count_owners(const json_t *changes)
{
	size_t count = 0;

	for (size_t i = 0; i < json_array_size(changes); i++)
		count += is_done(json_array_get(changes, i)) && !is_repeated(changes, i);
	return count;
}

/* A document of YAML ends with "---"; a comment says whose the next lines are. */
static bool print_owner(struct printing *printing, const char *owner, struct ta_buf *why)
{
	bool yaml = strcmp(printing->dialect->name, "compose") == 0 ||
		    strcmp(printing->dialect->name, "kubernetes") == 0;
	bool ok = true;

	if (yaml && json_array_size(printing->lines))
		ok = json_array_append_new(printing->lines, json_string("---")) == 0;
	return ok &&
	       json_array_append_new(printing->lines,
				     json_sprintf("# %s", *owner ? owner : "this one")) == 0 &&
	       print_items(printing, owner, why);
}

/* Nothing but the key: the reason has words of the host, and this text is to be loaded. */
static bool print_refused(struct printing *printing)
{
	const json_t *change;
	bool ok = true;
	size_t i;

	json_array_foreach (printing->changes, i, change)
		if (!is_done(change))
			ok = ok &&
			     json_array_append_new(printing->lines,
						   json_sprintf("# refused, see the plan: %s",
								ta_json_text(change, "key"))) == 0;
	return ok;
}

static bool print_all(struct printing *printing, struct ta_buf *why)
{
	size_t owners = count_owners(printing->changes);
	bool ok = print_refused(printing);

	if (ok && (!is_for_containers(printing->dialect) || owners < 2))
		return print_items(printing, NULL, why);
	for (size_t i = 0; ok && i < json_array_size(printing->changes); i++) {
		const json_t *change = json_array_get(printing->changes, i);

		if (is_done(change) && !is_repeated(printing->changes, i))
			ok = print_owner(printing, owner_of(change), why);
	}
	return ok;
}

/* "1.28" -> 28; 0 when it is not told. */
static unsigned kubernetes_minor(const char *version)
{
	unsigned major, minor;

	return version && ta_kernel_parse(version, &major, &minor) ? minor : 0;
}

json_t *ta_changes_lines(const json_t *plan, const json_t *changes, const char *dialect,
			 const char *kubernetes)
{
	const json_t *host = json_object_get(plan, "host");
	size_t count = json_array_size(changes);
	struct ta_buf *why = calloc(count + 1, sizeof(*why));
	struct printing printing = {
		.dialect = ta_dialect_find(dialect),
		.changes = changes,
		.lines = json_array(),
		.options = { .kubernetes = kubernetes_minor(kubernetes),
			     .tuned_profile =
				     ta_json_string(json_object_get(host, "tuned"), "profile") },
	};
	bool ok = why && printing.lines && printing.dialect;

	ta_release_parse(ta_json_text(json_object_get(host, "kernel"), "release"),
			 &printing.options.kernel);
	for (size_t i = 0; why && i < count; i++)
		why[i] = TA_BUF_INIT(WHY_MAX);
	ok = ok && print_all(&printing, why);
	for (size_t i = 0; why && i < count; i++) {
		ok = ok && !why[i].failed;
		ta_buf_done(&why[i]);
	}
	free(why);
	if (ok)
		return printing.lines;
	json_decref(printing.lines);
	return NULL;
}
