/* explain_rule.c - a rule of the book: what it looks at, when it speaks, what it advises. */
#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "cli/explain.h"

static const json_t *find_rule(const struct ta_explain_host *host, const char *id)
{
	size_t i;
	json_t *rule;

	json_array_foreach (host->book, i, rule)
		if (strcmp(ta_json_text(rule, "id"), id) == 0)
			return rule;
	return NULL;
}

static void find_exact(const struct ta_explain_host *host, const char *word,
		       struct ta_topics *topics)
{
	if (find_rule(host, word))
		ta_topics_add(topics, &ta_explain_rule, word);
}

static void offer(const struct ta_explain_host *host, struct ta_nearest *nearest)
{
	size_t i;
	json_t *rule;

	json_array_foreach (host->book, i, rule)
		ta_nearest_offer(nearest, ta_json_text(rule, "id"));
}

static json_t *describe(const struct ta_explain_host *host, const char *name)
{
	const json_t *rule = find_rule(host, name);

	return rule ? json_pack("{s:s, s:O}", "name", name, "facts", rule) : NULL;
}

/* ---- showing ----------------------------------------------------------------------- */

/* "d in ns.destinations". */
static void show_elements(struct ta_page *page, const json_t *rule)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(64 * 1024);
	const char *name;
	json_t *list;

	json_object_foreach (json_object_get(rule, "for_each"), name, list)
		ta_buf_printf(&line, "%s%s in %s", line.len ? ", " : "each ", name,
			      json_string_value(list));
	if (*ta_json_text(rule, "where"))
		ta_buf_printf(&line, ", where %s", ta_json_text(rule, "where"));
	ta_explain_field(page, "Looks at", line.len ? ta_buf_cstr(&line) : "the namespace");
	ta_explain_field(page, "Only if", ta_json_text(rule, "applies"));
}

static void show_names(struct ta_page *page, const json_t *rule)
{
	const char *label = "Names";
	const char *name;
	json_t *expression;

	json_object_foreach (json_object_get(rule, "let"), name, expression) {
		ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(64 * 1024);

		ta_buf_printf(&line, "%s = %s", name, json_string_value(expression));
		ta_explain_field(page, label, ta_buf_cstr(&line));
		label = "";
	}
}

static void show_severity(struct ta_page *page, const json_t *rule)
{
	size_t i;
	json_t *row;

	json_array_foreach (json_object_get(rule, "severity"), i, row) {
		ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(64 * 1024);

		ta_buf_printf(&line, "%s when %s", ta_json_text(row, "level"),
			      ta_json_text(row, "when"));
		ta_explain_field(page, i ? "" : "Severity", ta_buf_cstr(&line));
	}
}

static bool is_read(const json_t *value, const char *param)
{
	const char *key;
	size_t i;
	json_t *child;

	if (json_is_string(value))
		return ta_explain_names_word(json_string_value(value), param);
	json_array_foreach (value, i, child)
		if (is_read(child, param))
			return true;
	json_object_foreach ((json_t *)value, key, child)
		if (strcmp(key, "params") != 0 && is_read(child, param))
			return true;
	return false;
}

static void add_param(struct ta_buf *out, const char *name, const json_t *value)
{
	ta_auto_free char *text = json_dumps(value, JSON_ENCODE_ANY);

	ta_buf_printf(out, "%s = %s", name, text ? text : "?");
}

/* The pack's parameters that this rule reads. */
static void show_params(struct ta_page *page, const json_t *rule)
{
	const char *label = "Parameters";
	const char *name;
	json_t *param;

	json_object_foreach (json_object_get(rule, "params"), name, param) {
		ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(64 * 1024);

		if (!is_read(rule, name))
			continue;
		add_param(&line, name, param);
		ta_explain_field(page, label, ta_buf_cstr(&line));
		label = "";
	}
}

static void add_settings(struct ta_buf *out, const json_t *set)
{
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)set, key, value)
		ta_buf_printf(out, " [%s = %s]", key, json_string_value(value));
}

static void show_fixes(struct ta_page *page, const json_t *rule)
{
	size_t i;
	json_t *fix;

	json_array_foreach (json_object_get(rule, "fixes"), i, fix) {
		ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(64 * 1024);

		ta_buf_printf(&line, "%zu. %s (%s%s%s)", i + 1, ta_json_text(fix, "title"),
			      ta_json_text(fix, "kind"),
			      *ta_json_text(fix, "when") ? ", when " : "",
			      ta_json_text(fix, "when"));
		add_settings(&line, json_object_get(fix, "set"));
		if (*ta_json_text(fix, "text"))
			ta_buf_printf(&line, " %s", ta_json_text(fix, "text"));
		ta_explain_field(page, i ? "" : "Fixes", ta_buf_cstr(&line));
	}
}

static void show_avoid(struct ta_page *page, const json_t *rule)
{
	size_t i;
	json_t *avoid;

	json_array_foreach (json_object_get(rule, "avoid"), i, avoid) {
		ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(64 * 1024);

		ta_buf_printf(&line, "%s: %s", ta_json_text(avoid, "setting"),
			      ta_json_text(avoid, "why"));
		ta_explain_field(page, i ? "" : "Don't", ta_buf_cstr(&line));
	}
}

static void show(struct ta_page *page, const json_t *document)
{
	const json_t *rule = json_object_get(document, "facts");

	ta_explain_title(page, ta_json_text(rule, "id"), "rule");
	ta_explain_prose(page, ta_json_text(rule, "title"));
	ta_explain_field(page, "Class", ta_json_text(rule, "class"));
	ta_explain_field(page, "Pack", ta_json_text(rule, "pack"));
	ta_explain_field(page, "From", ta_json_text(rule, "origin"));
	show_elements(page, rule);
	show_names(page, rule);
	show_severity(page, rule);
	show_params(page, rule);
	ta_explain_field(page, "Says", ta_json_text(rule, "diagnosis"));
	ta_explain_list(page, "Explains", json_object_get(rule, "explains"));
	show_fixes(page, rule);
	show_avoid(page, rule);
	ta_explain_references(page, json_object_get(rule, "references"));
}

const struct ta_explain_kind ta_explain_rule = {
	.name = "rule",
	.find_exact = find_exact,
	.offer = offer,
	.describe = describe,
	.show = show,
};
