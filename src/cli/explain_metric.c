/* explain_metric.c - a field of the snapshot: from rules/schema/snapshot.schema.json. Counters of
 * /proc/net come with the value that they have now.
 *
 * A field is named by its path as rules write it, "ns.destinations[].ports_used". Brackets do not
 * count in a word, "namespaces" is "ns", and any end of the path will do; a counter may also be
 * spelled as nstat does, "TcpExtListenOverflows". */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/macros.h"
#include "base/number.h"
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

static bool offer_name(void *ctx, const struct field *field)
{
	ta_nearest_offer(ctx, field->name);
	return true;
}

static void offer(const struct ta_explain_host *host, struct ta_nearest *nearest)
{
	(void)host;
	walk_all(offer_name, nearest);
}

/* ---- describing -------------------------------------------------------------------- */

/* The text of the line after "*text", which moves behind it; false at the end. */
static bool next_line(const char **text, const char **ret_line, size_t *ret_len)
{
	if (!**text)
		return false;
	*ret_line = *text;
	*ret_len = strcspn(*text, "\n");
	*text += *ret_len + ((*text)[*ret_len] == '\n');
	return true;
}

/* In a pair of lines, names and values, the value below the name. */
static bool value_below(const char *names, size_t names_len, const char *values, size_t values_len,
			const char *name, int64_t *ret)
{
	const char *word, *value;
	size_t word_len, value_len;

	while (ta_next_word(&names, &names_len, &word, &word_len) &&
	       ta_next_word(&values, &values_len, &value, &value_len))
		if (word_len == strlen(name) && memcmp(word, name, word_len) == 0)
			return ta_parse_i64(value, value_len, ret);
	return false;
}

/* Reads a counter as /proc/net/netstat and snmp print it: "TcpExt: NAME ..." over "TcpExt: 1 ...".
 */
static bool read_counter(const struct ta_explain_host *host, const char *group, const char *name,
			 int64_t *ret)
{
	bool extended = strcmp(group, "TcpExt") == 0 || strcmp(group, "IpExt") == 0;
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(256 * 1024);
	const char *rest, *names, *values;
	size_t names_len, values_len, prefix = strlen(group);

	if (!ta_file_read(host->proc_fd, extended ? "net/netstat" : "net/snmp", &text, NULL))
		return false;
	rest = ta_buf_cstr(&text);
	while (next_line(&rest, &names, &names_len) && next_line(&rest, &values, &values_len))
		if (names_len > prefix && strncmp(names, group, prefix) == 0 &&
		    names[prefix] == ':')
			return value_below(names, names_len, values, values_len, name, ret);
	return false;
}

struct wanted {
	const struct ta_explain_host *host;
	const char *path;
	json_t *document; /* NULL until the field is found */
};

static json_t *counter_value(const struct ta_explain_host *host, const struct field *field)
{
	const char *group = ta_explain_string(field->parent, "title");
	int64_t value;

	if (strncmp(field->path, "ns.counters.", 12) != 0 || strcmp(group, "counters") == 0 ||
	    !read_counter(host, group, field->name, &value))
		return NULL;
	return json_integer(value);
}

static bool describe_field(void *ctx, const struct field *field)
{
	struct wanted *wanted = ctx;
	json_t *value;

	if (strcmp(field->path, wanted->path) != 0)
		return true;
	value = counter_value(wanted->host, field);
	wanted->document = json_pack(
		"{s:s, s:O, s:O, s:{s:s, s:o*}, s:o}", "name", field->path, "facts", field->facts,
		"parent", field->parent, "host", "kernel", wanted->host->kernel, "value", value,
		"rules", ta_explain_rules_using(wanted->host, field->name, ta_explain_names_word));
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
	ta_explain_field(page, "Type", ta_buf_cstr(&line));
}

/* The members of an object, or of each element of a list. */
static void show_members(struct ta_page *page, const json_t *facts)
{
	const json_t *root = ta_catalogue_get(&published, load, drop, NULL);
	const json_t *items = ta_schema_deref(root, json_object_get(facts, "items"));
	const char *label = items ? "Each has" : "Has";
	const char *name;
	json_t *child;

	json_object_foreach (json_object_get(items ? items : facts, "properties"), name, child) {
		ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(4096);
		const char *text = ta_explain_string(ta_schema_deref(root, child), "description");

		ta_buf_printf(&line, "%s%s%s", name, *text ? ": " : "", text);
		ta_explain_field(page, label, ta_buf_cstr(&line));
		label = "";
	}
}

/* Counters stand in one file, which the description of their group names. */
static void show_source(struct ta_page *page, const json_t *facts, const json_t *parent)
{
	const char *group = ta_explain_string(parent, "description");
	bool is_file = strncmp(group, "/proc/", 6) == 0;

	if (!is_file)
		ta_explain_field(page, "Part of", group);
	ta_explain_field(page, "Source", is_file ? group : ta_explain_string(facts, "x-source"));
}

static void show_value(struct ta_page *page, const json_t *value)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(256);

	if (!value)
		return;
	ta_explain_value(&line, value);
	ta_buf_str(&line, " in this network namespace");
	ta_explain_field(page, "On this host", ta_buf_cstr(&line));
}

static void show_since(struct ta_page *page, const json_t *facts)
{
	const char *since = ta_explain_string(facts, "x-since");
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(256);

	ta_buf_printf(&line, "since %s", since);
	ta_explain_field(page, "Kernels", *since ? ta_buf_cstr(&line) : NULL);
}

static void show(struct ta_page *page, const json_t *document)
{
	const json_t *facts = json_object_get(document, "facts");
	const char *text = ta_explain_string(facts, "description");

	ta_explain_title(page, ta_explain_string(document, "name"), "fact of a snapshot");
	ta_explain_prose(page, *text ? text : "The schema of the snapshot has no words for it.");
	show_value(page, json_object_get(json_object_get(document, "host"), "value"));
	show_type(page, facts);
	ta_explain_words(page, "Values", json_object_get(facts, "enum"));
	ta_explain_field(page, "Unit", ta_explain_string(facts, "x-unit"));
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
