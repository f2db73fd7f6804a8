/* explain_rule.c - a rule of the book: what it looks at, when it speaks, what it advises. */
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"
#include "cli/explain.h"
#include "rules/examples.h"
#include "rules/topics.h"

enum { MAX_HERE = 10 };

TA_DEFINE_AUTO(json_t, json_decref)

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

static void offer(const struct ta_explain_host *host, ta_explain_take *take, void *ctx)
{
	size_t i;
	json_t *rule;

	json_array_foreach (host->book, i, rule)
		take(ctx, ta_json_text(rule, "id"));
}

static bool has_text(const char *string, const char *text)
{
	return strstr(string, text) != NULL;
}

static bool mentions(const json_t *rule, const char *text)
{
	return ta_json_any_string(rule, has_text, text);
}

/* What the rule says of this host: the parts of a report that are its own. NULL when it could not
 * be asked. */
static json_t *ask_here(const struct ta_explain_host *host, const json_t *rule)
{
	static const char *const parts[] = { "findings", "passed", "not_checked" };
	const char *only[] = { ta_json_text(rule, "id"), NULL };
	struct ta_evaluate_options options = { .only = only };
	ta_auto(json_decref_p) json_t *snapshot =
		ta_explain_snapshot(host, mentions(rule, "process"),
				    mentions(rule, "rates.") || mentions(rule, "_per_s"));
	ta_auto(json_decref_p) json_t *report = NULL;
	json_t *here = json_object();

	if (!snapshot || !ta_rules_evaluate(host->rules, snapshot, &options, &report, NULL)) {
		json_decref(here);
		return NULL;
	}
	for (size_t i = 0; i < TA_ARRAY_SIZE(parts); i++)
		json_object_set(here, parts[i], json_object_get(report, parts[i]));
	return here;
}

static json_t *describe(const struct ta_explain_host *host, const char *name)
{
	const json_t *rule = find_rule(host, name);

	if (!rule)
		return NULL;
	return json_pack("{s:s, s:O, s:o*, s:o*}", "name", name, "facts", rule, "here",
			 ask_here(host, rule), "example",
			 ta_rule_example(host->rules, ta_rules_find(host->rules, name), NULL));
}

/* ---- showing ----------------------------------------------------------------------- */

/* "d in ns.destinations". */
static void show_elements(struct ta_page *page, const json_t *rule)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(64 * 1024);
	const char *name;
	json_t *list;

	json_object_foreach (json_object_get(rule, "for_each"), name, list)
		ta_buf_printf(&line, line.len ? _(", %s in %s") : _("each %s in %s"), name,
			      json_string_value(list));
	if (*ta_json_text(rule, "where"))
		ta_buf_printf(&line, _(", where %s"), ta_json_text(rule, "where"));
	ta_explain_field(page, _("Looks at"), line.len ? ta_buf_cstr(&line) : _("the namespace"));
	ta_explain_field(page, _("Only if"), ta_json_text(rule, "applies"));
}

static void show_names(struct ta_page *page, const json_t *rule)
{
	const char *label = _("Names");
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

		ta_buf_printf(&line, _("%s when %s"), _(ta_json_text(row, "level")),
			      ta_json_text(row, "when"));
		ta_explain_field(page, i ? "" : _("Severity"), ta_buf_cstr(&line));
	}
}

static void show_params(struct ta_page *page, const json_t *rule)
{
	const char *label = _("Parameters");
	const char *name;
	json_t *param;

	json_object_foreach (json_object_get(rule, "params"), name, param) {
		ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(64 * 1024);

		ta_buf_printf(&line, "%s = ", name);
		ta_explain_value(&line, json_object_get(param, "value"));
		ta_buf_printf(&line, " %s", _(ta_json_text(param, "unit")));
		if (json_object_get(param, "default")) {
			ta_auto(ta_buf_done) struct ta_buf usual = TA_BUF_INIT(64 * 1024);

			ta_explain_value(&usual, json_object_get(param, "default"));
			ta_buf_printf(&line, _(", not %s, from %s"), ta_buf_cstr(&usual),
				      ta_json_text(param, "from"));
		}
		ta_buf_printf(&line, " (%s)", ta_json_text(param, "basis"));
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

/* The hints for every runtime, as the pack has them. */
static void show_code(struct ta_page *page, const json_t *code)
{
	const char *runtime;
	json_t *hint;

	json_object_foreach ((json_t *)code, runtime, hint) {
		ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(64 * 1024);

		ta_buf_printf(&line, _("In %s: %s"), runtime, _(json_string_value(hint)));
		ta_explain_field(page, "", ta_buf_cstr(&line));
	}
}

/* Each fix as the example has it; one that no case was offered, as the pack writes it. */
static void show_fixes(struct ta_page *page, const json_t *rule, const json_t *example)
{
	size_t i;
	json_t *fix;

	json_array_foreach (json_object_get(rule, "fixes"), i, fix) {
		const json_t *filled = json_array_get(json_object_get(example, "fixes"), i);
		const json_t *shown = json_is_object(filled) ? filled : fix;
		ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(64 * 1024);

		ta_buf_printf(&line, "%zu. %s (%s", i + 1, _(ta_json_text(shown, "title")),
			      _(ta_json_text(fix, "kind")));
		if (*ta_json_text(fix, "when"))
			ta_buf_printf(&line, _(", when %s"), ta_json_text(fix, "when"));
		ta_buf_char(&line, ')');
		add_settings(&line, json_object_get(shown, shown == fix ? "set" : "settings"));
		if (*ta_json_text(shown, "text"))
			ta_buf_printf(&line, " %s", _(ta_json_text(shown, "text")));
		ta_explain_field(page, i ? "" : _("Fixes"), ta_buf_cstr(&line));
		show_code(page, json_object_get(fix, "code"));
	}
}

static void show_avoid(struct ta_page *page, const json_t *rule, const json_t *example)
{
	size_t i;
	json_t *avoid;

	json_array_foreach (json_object_get(rule, "avoid"), i, avoid) {
		const json_t *filled = json_array_get(json_object_get(example, "avoid"), i);
		ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(64 * 1024);

		ta_buf_printf(&line, "%s: %s", _(ta_json_text(avoid, "setting")),
			      _(ta_json_text(json_is_object(filled) ? filled : avoid, "why")));
		ta_explain_field(page, i ? "" : _("Don't"), ta_buf_cstr(&line));
	}
}

static void show_silences(struct ta_page *page, const json_t *rule)
{
	size_t i;
	json_t *row;

	json_array_foreach (json_object_get(rule, "silences"), i, row) {
		ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(64 * 1024);

		ta_buf_str(&line, ta_json_text(row, "reason"));
		if (ta_json_string(row, "object"))
			ta_buf_printf(&line, _(", for %s"), ta_json_string(row, "object"));
		if (ta_json_string(row, "until"))
			ta_buf_printf(&line, _(", until %s"), ta_json_string(row, "until"));
		ta_buf_printf(&line, " (%s)", ta_json_text(row, "by"));
		ta_explain_field(page, i ? "" : _("Silenced"), ta_buf_cstr(&line));
	}
}

/* What it says of this host, a line for each finding and place. */
static void show_here(struct ta_page *page, const json_t *here)
{
	const char *label = _("On this host");
	size_t i;
	json_t *row;

	json_array_foreach (json_object_get(here, "findings"), i, row) {
		ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(64 * 1024);

		if (i == MAX_HERE) {
			ta_explain_field(page, "", _("and more: tcpadvise audit"));
			break;
		}
		ta_buf_printf(&line, "%s: %s", _(ta_json_text(row, "severity")),
			      ta_json_text(row, "title"));
		ta_explain_field(page, i ? "" : label, ta_buf_cstr(&line));
	}
	json_array_foreach (json_object_get(here, "passed"), i, row)
		ta_explain_field(page, i ? "" : label, ta_json_text(row, "text"));
	json_array_foreach (json_object_get(here, "not_checked"), i, row) {
		ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(64 * 1024);

		ta_buf_printf(&line, _("not checked: %s"), ta_json_text(row, "why"));
		ta_explain_field(page, i ? "" : label, ta_buf_cstr(&line));
	}
	if (here && !json_array_size(json_object_get(here, "findings")) &&
	    !json_array_size(json_object_get(here, "passed")) &&
	    !json_array_size(json_object_get(here, "not_checked")))
		ta_explain_field(page, label, _("does not apply"));
}

static const char *class_title(const json_t *rule)
{
	return ta_json_text(ta_topic_find(ta_classes(NULL), ta_json_text(rule, "class")), "title");
}

/* How a finding reads: one with figures where a case has it, else as the pack writes it. */
static void show_words(struct ta_page *page, const json_t *rule, const json_t *finding)
{
	const json_t *words = finding ? finding : rule;

	ta_explain_field(page, finding ? _("For example") : _("Says"),
			 _(ta_json_text(words, "title")));
	ta_explain_field(page, "", _(ta_json_text(words, "diagnosis")));
}

static void show(struct ta_page *page, const json_t *document)
{
	const json_t *rule = json_object_get(document, "facts");
	const json_t *example = json_object_get(document, "example");

	ta_explain_title(page, ta_json_text(rule, "id"), _("rule"));
	ta_explain_prose(page, _(class_title(rule)));
	show_here(page, json_object_get(document, "here"));
	show_silences(page, rule);
	show_words(page, rule, json_object_get(example, "finding"));
	show_fixes(page, rule, example);
	show_avoid(page, rule, example);
	ta_explain_list(page, _("Explains"), json_object_get(rule, "explains"));
	show_elements(page, rule);
	show_names(page, rule);
	show_severity(page, rule);
	show_params(page, rule);
	ta_explain_field(page, _("Class"), ta_json_text(rule, "class"));
	ta_explain_field(page, _("Pack"), ta_json_text(rule, "pack"));
	ta_explain_field(page, _("From"), ta_json_text(rule, "origin"));
	ta_explain_references(page, json_object_get(rule, "references"));
}

const struct ta_explain_kind ta_explain_rule = {
	.name = "rule",
	.find_exact = find_exact,
	.offer = offer,
	.describe = describe,
	.show = show,
};
