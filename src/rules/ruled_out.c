/* ruled_out.c - see ruled_out.h. */
#include "rules/ruled_out.h"

#include <stdbool.h>
#include <string.h>

#include "base/json.h"

static bool same(const json_t *a, const json_t *b, const char *member)
{
	return strcmp(ta_json_text(a, member), ta_json_text(b, member)) == 0;
}

static bool is_problem(const char *class_)
{
	return strcmp(class_, "harmful_setting") != 0 && strcmp(class_, "no_problem") != 0;
}

/* Whether a finding of this class stands in the way: in the same namespace, or either is the
 * host's. */
static bool is_found(const json_t *findings, const json_t *item)
{
	size_t i;
	json_t *finding;

	json_array_foreach (findings, i, finding) {
		const json_t *scope = json_object_get(finding, "scope");

		if (!same(finding, item, "class") ||
		    strcmp(ta_json_text(finding, "severity"), "info") == 0)
			continue;
		if (!*ta_json_text(scope, "namespace") || !*ta_json_text(item, "namespace") ||
		    same(scope, item, "namespace"))
			return true;
	}
	return false;
}

/* The row of the item's class and namespace, or NULL. */
static json_t *row_of(const json_t *rows, const json_t *item)
{
	size_t i;
	json_t *row;

	json_array_foreach (rows, i, row)
		if (same(row, item, "class") && same(row, item, "namespace"))
			return row;
	return NULL;
}

static bool count_up(json_t *row, const char *member)
{
	json_int_t count = json_integer_value(json_object_get(row, member));

	return ta_json_set(row, member, json_integer(count + 1));
}

static bool add_row(json_t *rows, const json_t *item)
{
	json_t *namespace = json_object_get(item, "namespace");
	json_t *row = json_object();
	bool ok = ta_json_set(row, "class", json_string(ta_json_text(item, "class"))) &&
		  (!namespace || json_object_set(row, "namespace", namespace) == 0) &&
		  ta_json_set(row, "text", json_string(ta_json_text(item, "text"))) &&
		  ta_json_set(row, "checked", json_integer(1)) &&
		  ta_json_set(row, "not_checked", json_integer(0));

	return json_array_append_new(rows, row) == 0 && ok;
}

json_t *ta_ruled_out(const json_t *findings, const json_t *passed, const json_t *not_checked)
{
	json_t *rows = json_array(), *item;
	bool ok = rows != NULL;
	size_t i;

	json_array_foreach (passed, i, item) {
		json_t *row = row_of(rows, item);

		if (row)
			ok = count_up(row, "checked") && ok;
		else if (is_problem(ta_json_text(item, "class")) && !is_found(findings, item))
			ok = add_row(rows, item) && ok;
	}
	json_array_foreach (not_checked, i, item) {
		json_t *row = row_of(rows, item);

		if (row)
			ok = count_up(row, "not_checked") && ok;
	}
	if (ok)
		return rows;
	json_decref(rows);
	return NULL;
}
