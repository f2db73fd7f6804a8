/* text_namespaces.c - the line that says how many network namespaces the report is of, and which:
 * each by its name when they are few; else how many of which kind, and where something was found.
 */
#include <string.h>

#include "base/json.h"
#include "base/language.h"
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
	if (strcmp(kind, "container") == 0 && *engine)
		ta_buf_printf(out, _(" (%s container)"), engine);
	else
		ta_buf_printf(out, _(" (%s)"), _(kind));
}

static void add_names(struct ta_buf *out, const json_t *namespaces)
{
	size_t i;
	json_t *namespace;

	json_array_foreach (namespaces, i, namespace) {
		ta_buf_printf(out, "%s%s", i ? _(", ") : _(": "), ta_json_text(namespace, "name"));
		add_kind(out, namespace);
	}
}

/* What several of a kind are called; the kinds of a snapshot. */
static const struct {
	const char *kind, *many;
} kinds[] = {
	{ N_("host"), N_("hosts") },           { N_("pod"), N_("pods") },
	{ N_("container"), N_("containers") }, { N_("service"), N_("services") },
	{ N_("process"), N_("processes") },    { N_("current"), N_("current") },
	{ N_("named"), N_("named") },          { N_("unknown"), N_("unknown") },
};

static const char *name_of_many(const char *kind)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(kinds); i++)
		if (strcmp(kinds[i].kind, kind) == 0)
			return kinds[i].many;
	return kind;
}

/* ": 1 host, 26 pods, 13 services", in the order in which they come; nothing where nobody knows. */
static bool add_kinds(struct ta_buf *out, const json_t *namespaces)
{
	ta_auto(json_decref_p) json_t *counts = json_object();
	const char *separator = _(": "), *kind;
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
		size_t count = (size_t)json_integer_value(value);

		ta_buf_str(out, separator);
		ta_buf_printf(out, _("%zu %s"), count, _(count == 1 ? kind : name_of_many(kind)));
		separator = _(", ");
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
			ta_buf_printf(out, "%s%s", i ? _(", ") : _("; problems in "), name);
		i++;
	}
	if (count > NAMED_MAX)
		ta_buf_printf(out, _(" and %zu more"), count - NAMED_MAX);
	return names != NULL;
}

void ta_text_namespaces(struct ta_page *page, const json_t *report)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(65536);
	const json_t *namespaces = json_object_get(report, "namespaces");
	size_t count = json_array_size(namespaces);

	if (!ta_text_has_many_namespaces(report))
		return;
	ta_buf_printf(&line, _("%zu network namespaces"), count);
	if (count <= NAMED_MAX)
		add_names(&line, namespaces);
	else if (!add_kinds(&line, namespaces) || !add_troubled(&line, report))
		page->out->failed = TA_E_NOMEM;
	ta_page_prose(page, INDENT, ta_buf_cstr(&line));
	ta_page_newline(page);
}
