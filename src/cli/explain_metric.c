/* explain_metric.c - a field of the snapshot: from rules/schema/snapshot.schema.json, with what a
 * snapshot of this host has there now.
 *
 * A field is named by its path as rules write it, "ns.destinations[].ports_used". Brackets do not
 * count in a word, "namespaces" is "ns", and any end of the path will do; a counter may also be
 * spelled as nstat does, "TcpExtListenOverflows". */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"
#include "base/text.h"
#include "base/schema.h"
#include "cli/explain.h"
#include "snapshot/catalogue.h"

enum { MAX_PATH = 128, MAX_DEPTH = 12 };

static _Atomic(void *) published;

static void *load(struct ta_error *err)
{
	return ta_catalogue_parse("schema/snapshot.schema.json", err);
}

static void drop(void *schema)
{
	json_decref(schema);
}

/* ---- walking the schema ------------------------------------------------------------ */

struct field {
	const char *path;     /* "ns.counters.TcpExt.ListenOverflows" */
	const char *name;     /* its last part, as the schema has it */
	const json_t *facts;  /* its schema */
	const json_t *parent; /* the object that it is a member of */
};

/* false ends the walk. */
typedef bool visit_fn(void *ctx, const struct field *field);

static bool walk(const json_t *root, const json_t *node, const char *path, int depth,
		 visit_fn *visit, void *ctx)
{
	const char *name;
	json_t *child;

	json_object_foreach (json_object_get(node, "properties"), name, child) {
		const json_t *facts = ta_schema_deref(root, child);
		const json_t *items = ta_schema_deref(root, json_object_get(facts, "items"));
		const char *shown = !*path && strcmp(name, "namespaces") == 0 ? "ns" : name;
		char below[MAX_PATH];
		struct field field = { below, name, facts, node };
		int len = snprintf(below, sizeof(below), "%s%s%s%s", path, *path ? "." : "", shown,
				   items && shown == name ? "[]" : "");

		if (len < 0 || (size_t)len >= sizeof(below) || depth == MAX_DEPTH)
			continue;
		if (!visit(ctx, &field) ||
		    !walk(root, items ? items : facts, below, depth + 1, visit, ctx))
			return false;
	}
	return true;
}

static void walk_all(visit_fn *visit, void *ctx)
{
	const json_t *root = ta_catalogue_get(&published, load, drop, NULL);

	if (root)
		walk(root, root, "", 0, visit, ctx);
}

/* ---- finding ----------------------------------------------------------------------- */

/* Copies a path without "[...]" and with "ns" for "namespaces"; false when it is too long. */
static bool plain_path(const char *path, char plain[MAX_PATH])
{
	size_t n = 0;

	if (strncmp(path, "namespaces", 10) == 0 && strchr(".[", path[10])) {
		n = (size_t)snprintf(plain, MAX_PATH, "ns");
		path += 10;
	}
	for (; *path; path++) {
		if (*path == '[' && strchr(path, ']'))
			path = strchr(path, ']');
		else if (n == MAX_PATH - 1)
			return false;
		else
			plain[n++] = *path;
	}
	plain[n] = '\0';
	return true;
}

struct search {
	char word[MAX_PATH];
	bool whole; /* the word must be the whole path */
	struct ta_topics *topics;
};

/* "ports_used" and "destinations.ports_used" are ends of "ns.destinations.ports_used". */
static bool is_end(const char *path, const char *word)
{
	size_t len = strlen(path), n = strlen(word);

	return n < len && path[len - n - 1] == '.' && strcmp(path + len - n, word) == 0;
}

/* "TcpExtListenOverflows": the last two parts of the path without the dot. */
static bool is_nstat_name(const char *path, const char *word)
{
	size_t prefix = strlen("ns.counters.");
	const char *dot;

	if (strncmp(path, "ns.counters.", prefix) != 0)
		return false;
	path += prefix;
	dot = strchr(path, '.');
	return dot && strncmp(path, word, (size_t)(dot - path)) == 0 &&
	       strcmp(dot + 1, word + (dot - path)) == 0;
}

static bool match(void *ctx, const struct field *field)
{
	struct search *search = ctx;
	char plain[MAX_PATH];

	if (!plain_path(field->path, plain))
		return true;
	if (search->whole ? strcmp(plain, search->word) == 0
			  : is_end(plain, search->word) || is_nstat_name(plain, search->word))
		ta_topics_add(search->topics, &ta_explain_metric, field->path);
	return true;
}

static void find_exact(const struct ta_explain_host *host, const char *word,
		       struct ta_topics *topics)
{
	struct search search = { .whole = true, .topics = topics };

	(void)host;
	if (plain_path(word, search.word))
		walk_all(match, &search);
}

/* Rates have the names of their counters; only a path that says so means them. */
static bool match_but_rates(void *ctx, const struct field *field)
{
	const struct search *search = ctx;

	if (strncmp(field->path, "ns.rates", 8) == 0 && strncmp(search->word, "rates", 5) != 0)
		return true;
	return match(ctx, field);
}

static void find_short(const struct ta_explain_host *host, const char *word,
		       struct ta_topics *topics)
{
	struct search search = { .whole = false, .topics = topics };

	(void)host;
	if (*word && plain_path(word, search.word))
		walk_all(match_but_rates, &search);
}

struct offering {
	ta_explain_take *take;
	void *ctx;
};

static bool offer_name(void *ctx, const struct field *field)
{
	const struct offering *offering = ctx;

	offering->take(offering->ctx, field->name);
	return true;
}

static void offer(const struct ta_explain_host *host, ta_explain_take *take, void *ctx)
{
	struct offering offering = { take, ctx };

	(void)host;
	walk_all(offer_name, &offering);
}

/* ---- describing -------------------------------------------------------------------- */

/* The values that a snapshot has at a path, folded: a list on the way gives many. */
struct values {
	size_t count;
	json_t *one;            /* borrowed: the last of them */
	json_int_t least, most; /* of the integers */
	size_t integers;
};

static void note_value(struct values *values, json_t *value)
{
	json_int_t n = json_integer_value(value);

	values->count++;
	values->one = value;
	if (!json_is_integer(value))
		return;
	if (!values->integers || n < values->least)
		values->least = n;
	if (!values->integers || n > values->most)
		values->most = n;
	values->integers++;
}

/* Follows the path from a node; "ns" stands for the elements of "namespaces". */
static void gather(json_t *node, const char *path, struct values *values)
{
	size_t len = strcspn(path, "[.");
	char name[MAX_PATH];
	size_t i;
	json_t *element;

	if (json_is_array(node)) {
		json_array_foreach (node, i, element)
			gather(element, path, values);
		return;
	}
	if (!*path) {
		if (node)
			note_value(values, node);
		return;
	}
	snprintf(name, sizeof(name), "%.*s", (int)len, path);
	path += len;
	path += strncmp(path, "[]", 2) == 0 ? 2 : 0;
	path += *path == '.';
	gather(json_object_get(node, strcmp(name, "ns") == 0 ? "namespaces" : name), path, values);
}

/* {"value": 3}, or for a path through a list {"values": 12, "least": 1, "most": 345}; NULL when the
 * snapshot has none. */
static json_t *fold_values(const struct values *values, bool many)
{
	if (many && values->integers)
		return json_pack("{s:I, s:I, s:I}", "values", (json_int_t)values->count, "least",
				 values->least, "most", values->most);
	if (many)
		return json_pack("{s:I}", "values", (json_int_t)values->count);
	if (!values->one || json_is_object(values->one))
		return NULL;
	return json_pack("{s:O}", "value", values->one);
}

/* What this host, or the snapshot of --input, has there. */
static json_t *look_at_host(const struct ta_explain_host *host, const char *path)
{
	bool rates = strstr(path, "rates.") || strstr(path, "_per_s");
	struct values values = { 0 };
	json_t *snapshot = ta_explain_snapshot(host, strstr(path, "process") != NULL, rates);
	json_t *folded;

	if (!snapshot)
		return NULL;
	gather(snapshot, path, &values);
	folded = fold_values(&values, strstr(path, "[]") != NULL);
	json_decref(snapshot);
	return folded;
}

struct wanted {
	const struct ta_explain_host *host;
	const char *path;
	json_t *document; /* NULL until the field is found */
};

static bool describe_field(void *ctx, const struct field *field)
{
	struct wanted *wanted = ctx;

	if (strcmp(field->path, wanted->path) != 0)
		return true;
	wanted->document = json_pack(
		"{s:s, s:O, s:O, s:o*, s:o}", "name", field->path, "facts", field->facts, "parent",
		field->parent, "host", look_at_host(wanted->host, field->path), "rules",
		ta_explain_rules_using(wanted->host, field->name, TA_USE_READS, ta_text_names));
	return false;
}

static json_t *describe(const struct ta_explain_host *host, const char *name)
{
	struct wanted wanted = { host, name, NULL };

	walk_all(describe_field, &wanted);
	return wanted.document;
}

/* ---- showing ----------------------------------------------------------------------- */

/* "integer", "list of object", "integer, string". */
static void add_type(struct ta_buf *out, const json_t *type)
{
	size_t i;
	json_t *item;

	if (json_is_string(type))
		ta_buf_str(out, json_string_value(type));
	json_array_foreach (type, i, item)
		ta_buf_printf(out, "%s%s", i ? ", " : "", json_string_value(item));
}

static void show_type(struct ta_page *page, const json_t *facts)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(256);

	add_type(&line, json_object_get(facts, "type"));
	ta_explain_field(page, _("Type"), ta_buf_cstr(&line));
}

/* The members of an object, or of each element of a list. */
static void show_members(struct ta_page *page, const json_t *facts)
{
	const json_t *root = ta_catalogue_get(&published, load, drop, NULL);
	const json_t *items = ta_schema_deref(root, json_object_get(facts, "items"));
	const char *label = items ? _("Each has") : _("Has");
	const char *name;
	json_t *child;

	json_object_foreach (json_object_get(items ? items : facts, "properties"), name, child) {
		ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(4096);
		const char *text = ta_json_text(ta_schema_deref(root, child), "description");

		ta_buf_printf(&line, "%s%s%s", name, *text ? ": " : "", text);
		ta_explain_field(page, label, ta_buf_cstr(&line));
		label = "";
	}
}

/* Counters stand in one file, which the description of their group names. */
static void show_source(struct ta_page *page, const json_t *facts, const json_t *parent)
{
	const char *group = ta_json_text(parent, "description");
	bool is_file = strncmp(group, "/proc/", 6) == 0;

	if (!is_file)
		ta_explain_field(page, _("Part of"), group);
	ta_explain_field(page, _("Source"), is_file ? group : ta_json_text(facts, "x-source"));
}

static void show_host(struct ta_page *page, const json_t *host)
{
	const json_t *value = json_object_get(host, "value");
	const json_t *values = json_object_get(host, "values");
	size_t count = (size_t)json_integer_value(values);
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(64 * 1024);

	if (value)
		ta_explain_value(&line, value);
	else if (json_object_get(host, "least"))
		ta_buf_printf(
			&line,
			_n("%zu value, from %lld to %lld", "%zu values, from %lld to %lld", count),
			count, (long long)json_integer_value(json_object_get(host, "least")),
			(long long)json_integer_value(json_object_get(host, "most")));
	else if (values)
		ta_buf_printf(&line, _n("%zu value", "%zu values", count), count);
	ta_explain_field(page, _("On this host"), ta_buf_cstr(&line));
}

static void show_since(struct ta_page *page, const json_t *facts)
{
	const char *since = ta_json_text(facts, "x-since");
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(256);

	ta_buf_printf(&line, _("since %s"), since);
	ta_explain_field(page, _("Kernels"), *since ? ta_buf_cstr(&line) : NULL);
}

static void show(struct ta_page *page, const json_t *document)
{
	const json_t *facts = json_object_get(document, "facts");
	const char *text = ta_json_text(facts, "description");

	ta_explain_title(page, ta_json_text(document, "name"), _("fact of a snapshot"));
	ta_explain_prose(page, *text ? text : _("The schema of the snapshot has no words for it."));
	show_host(page, json_object_get(document, "host"));
	show_type(page, facts);
	ta_explain_words(page, _("Values"), json_object_get(facts, "enum"));
	ta_explain_field(page, _("Unit"), ta_json_text(facts, "x-unit"));
	show_source(page, facts, json_object_get(document, "parent"));
	show_since(page, facts);
	show_members(page, facts);
	ta_explain_show_rules(page, json_object_get(document, "rules"));
}

const struct ta_explain_kind ta_explain_metric = {
	.name = "metric",
	.find_exact = find_exact,
	.find_short = find_short,
	.offer = offer,
	.describe = describe,
	.show = show,
};
