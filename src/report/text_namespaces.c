/* text_namespaces.c - the line that says how many network namespaces the report is of, and which:
 * each by its name when they are few; else how many of which kind, and where something was found.
 */
#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "report/text.h"

enum { INDENT = 2, NAMED_MAX = 8 };

#define UNKNOWN "unknown"

TA_DEFINE_AUTO(json_t, json_decref)

bool ta_text_has_many_namespaces(const json_t *report)
{
	return json_array_size(json_object_get(report, "namespaces")) > 1;
}

/* "docker container", "pod"; "" for one that its name tells, or nobody. */
static void add_kind(struct ta_buf *out, const json_t *namespace)
{
	const char *kind = ta_json_text(namespace, "kind");
	const char *engine = ta_json_text(json_object_get(namespace, "container"), "engine");

	if (!*kind || strcmp(kind, ta_json_text(namespace, "name")) == 0)
		return;
	ta_buf_printf(out, " (%s%s%s)", strcmp(kind, "container") == 0 ? engine : "",
		      strcmp(kind, "container") == 0 && *engine ? " " : "", kind);
}

static void add_names(struct ta_buf *out, const json_t *namespaces)
{
	size_t i;
	json_t *namespace;

	json_array_foreach (namespaces, i, namespace) {
		ta_buf_printf(out, "%s%s", i ? ", " : ": ", ta_json_text(namespace, "name"));
		add_kind(out, namespace);
	}
}

/* ": 1 host, 26 pods, 13 services", in the order in which they come; nothing where nobody knows. */
static bool add_kinds(struct ta_buf *out, const json_t *namespaces)
{
	ta_auto(json_decref_p) json_t *counts = json_object();
	const char *separator = ": ", *kind;
	size_t i;
	json_t *value;

	json_array_foreach (namespaces, i, value) {
		const char *own = ta_json_text(value, "kind");

		kind = *own ? own : UNKNOWN;
		if (!ta_json_set(
			    counts, kind,
			    json_integer(json_integer_value(json_object_get(counts, kind)) + 1)))
			return false;
	}
	if (json_object_size(counts) == 1 && json_object_get(counts, UNKNOWN))
		return true;
	json_object_foreach (counts, kind, value) {
		bool one = json_integer_value(value) == 1;
		bool is_noun = strcmp(kind, "named") != 0 && strcmp(kind, UNKNOWN) != 0 &&
			       strcmp(kind, "current") != 0;

		ta_buf_printf(out, "%s%" JSON_INTEGER_FORMAT " %s%s", separator,
			      json_integer_value(value), kind,
			      one || !is_noun                ? ""
			      : strcmp(kind, "process") == 0 ? "es"
							     : "s");
		separator = ", ";
	}
	return true;
}

/* Names of the namespaces where a problem was found, in the order of the findings; NULL without
 * memory. */
static json_t *troubled(const json_t *report)
{
	json_t *names = json_object(), *finding;
	bool ok = names != NULL;
	size_t i;

	json_array_foreach (json_object_get(report, "findings"), i, finding) {
		const json_t *scope = json_object_get(finding, "scope");
		const char *own = ta_json_string(scope, "namespace");
		const char *name = own ? own : ta_json_string(scope, "lives_in");
		const char *severity = ta_json_text(finding, "severity");

		if (name && strcmp(severity, "info") != 0 && !json_object_get(finding, "silenced"))
			ok = ok && ta_json_set(names, name, json_true());
	}
	if (ok)
		return names;
	json_decref(names);
	return NULL;
}

static bool add_troubled(struct ta_buf *out, const json_t *report)
{
	ta_auto(json_decref_p) json_t *names = troubled(report);
	size_t count = json_object_size(names), i = 0;
	const char *name;
	json_t *unused;

	json_object_foreach (names, name, unused) {
		if (i < NAMED_MAX)
			ta_buf_printf(out, "%s%s", i ? ", " : "; problems in ", name);
		i++;
	}
	if (count > NAMED_MAX)
		ta_buf_printf(out, " and %zu more", count - NAMED_MAX);
	return names != NULL;
}

void ta_text_namespaces(struct ta_page *page, const json_t *report)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(65536);
	const json_t *namespaces = json_object_get(report, "namespaces");
	size_t count = json_array_size(namespaces);

	if (!ta_text_has_many_namespaces(report))
		return;
	ta_buf_printf(&line, "%zu network namespaces", count);
	if (count <= NAMED_MAX)
		add_names(&line, namespaces);
	else if (!add_kinds(&line, namespaces) || !add_troubled(&line, report))
		page->out->failed = TA_E_NOMEM;
	ta_page_prose(page, INDENT, ta_buf_cstr(&line));
	ta_page_newline(page);
}
