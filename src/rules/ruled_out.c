/* ruled_out.c - see ruled_out.h. */
#include "rules/ruled_out.h"

#include <stdbool.h>
#include <string.h>

#include "base/json.h"

enum { KEY_MAX = 1 << 28 }; /* bytes: as long as an input may be */

static bool is_problem(const char *class_)
{
	return strcmp(class_, "harmful_setting") != 0 && strcmp(class_, "no_problem") != 0;
}

/* ---- sets of places ------------------------------------------------------------------ */

/* A class, and where: "class" anywhere, "class/" on the host, "class/name" in a namespace. They are
 * members of a JSON object, for there are as many as rules times namespaces. */
struct place {
	struct ta_buf key; /* owned; failed when memory ran out or it is longer than KEY_MAX */
};

static void place_done(struct place *place)
{
	ta_buf_done(&place->key);
}

static const char *key_of(const struct place *place)
{
	return ta_buf_cstr(&place->key);
}

static struct place place_of(const json_t *item, const json_t *scope)
{
	struct place place = { TA_BUF_INIT(KEY_MAX) };

	ta_buf_str(&place.key, ta_json_text(item, "class"));
	ta_buf_char(&place.key, '/');
	ta_buf_str(&place.key, ta_json_text(scope, "namespace"));
	return place;
}

/* The places where a finding is of severity warning or critical. NULL when memory ran out. */
static json_t *places_of(const json_t *findings)
{
	json_t *places = json_object(), *finding;
	bool ok = true;
	size_t i;

	json_array_foreach (findings, i, finding) {
		ta_auto(place_done) struct place place =
			place_of(finding, json_object_get(finding, "scope"));

		if (strcmp(ta_json_text(finding, "severity"), "info") == 0)
			continue;
		ok = !place.key.failed && ta_json_set(places, key_of(&place), json_true()) &&
		     ta_json_set(places, ta_json_text(finding, "class"), json_true()) && ok;
	}
	if (ok)
		return places;
	json_decref(places);
	return NULL;
}

/* Whether a finding of this class stands in the way: in the same namespace, or either is the
 * host's. */
static bool is_found(const json_t *places, const json_t *item, const struct place *place)
{
	ta_auto(place_done) struct place host = place_of(item, NULL);

	if (!*ta_json_text(item, "namespace"))
		return json_object_get(places, ta_json_text(item, "class")) != NULL;
	return json_object_get(places, key_of(place)) || json_object_get(places, key_of(&host));
}

/* ---- the rows ------------------------------------------------------------------------ */

static bool count_up(json_t *row, const char *member)
{
	json_int_t count = json_integer_value(json_object_get(row, member));

	return ta_json_set(row, member, json_integer(count + 1));
}

static json_t *make_row(const json_t *item)
{
	json_t *namespace = json_object_get(item, "namespace");
	json_t *row = json_object();

	if (json_object_set(row, "class", json_object_get(item, "class")) == 0 &&
	    (!namespace || json_object_set(row, "namespace", namespace) == 0) &&
	    json_object_set(row, "text", json_object_get(item, "text")) == 0 &&
	    ta_json_set(row, "checked", json_integer(1)) &&
	    ta_json_set(row, "not_checked", json_integer(0)))
		return row;
	json_decref(row);
	return NULL;
}

/* The rows, and the same by their places. */
struct rows {
	json_t *list;
	json_t *by_place;
};

static bool add_row(const struct rows *rows, const json_t *item, const struct place *place)
{
	json_t *row = make_row(item);
	bool ok = row && json_object_set(rows->by_place, key_of(place), row) == 0;

	return json_array_append_new(rows->list, row) == 0 && ok;
}

static bool add_rows(const struct rows *rows, const json_t *places, const json_t *passed,
		     const json_t *not_checked)
{
	bool ok = places && rows->list && rows->by_place;
	json_t *item;
	size_t i;

	json_array_foreach (passed, i, item) {
		ta_auto(place_done) struct place place = place_of(item, item);
		json_t *row = json_object_get(rows->by_place, key_of(&place));

		if (!ok || place.key.failed)
			return false;
		if (row)
			ok = count_up(row, "checked");
		else if (is_problem(ta_json_text(item, "class")) && !is_found(places, item, &place))
			ok = add_row(rows, item, &place);
	}
	json_array_foreach (not_checked, i, item) {
		ta_auto(place_done) struct place place = place_of(item, item);
		json_t *row = json_object_get(rows->by_place, key_of(&place));

		if (!ok || place.key.failed)
			return false;
		ok = !row || count_up(row, "not_checked");
	}
	return ok;
}

json_t *ta_ruled_out(const json_t *findings, const json_t *passed, const json_t *not_checked)
{
	struct rows rows = { json_array(), json_object() };
	json_t *places = places_of(findings);
	bool ok = add_rows(&rows, places, passed, not_checked);

	json_decref(places);
	json_decref(rows.by_place);
	if (ok)
		return rows.list;
	json_decref(rows.list);
	return NULL;
}
