/* text_ruled_out.c - what is ruled out: a line for each class of problems, or (verbose) for each
 * rule that passed. What is ruled out in several namespaces is told of one, with the number of the
 * others: forty pods must not make a thousand lines. */
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"
#include "report/ruled_out.h"
#include "report/text.h"

enum { INDENT = 2 };

TA_DEFINE_AUTO(json_t, json_decref)

static void put_item(struct ta_page *page, const char *line, const char *rule)
{
	ta_page_column(page, INDENT);
	ta_page_prose(page, 2 * INDENT, line);
	if (rule) {
		ta_page_join(page);
		ta_page_style(page, TA_STYLE_DIM);
		ta_page_sentence(page, 2 * INDENT, "[%s]", rule);
		ta_page_plain(page);
	}
	ta_page_newline(page);
}

static void add_place(struct ta_buf *line, const json_t *item, bool many)
{
	const char *namespace = many ? ta_json_string(item, "namespace") : NULL;

	if (namespace)
		ta_buf_printf(line, _("%s: "), namespace);
	ta_buf_str(line, ta_json_text(item, "text"));
}

/* ---- each rule ------------------------------------------------------------------------ */

static void put_rules(struct ta_page *page, const json_t *passed, bool many)
{
	const json_t *item;
	size_t i;

	json_array_foreach (passed, i, item) {
		ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(page->out->cap);
		const char *rule = ta_json_string(item, "rule");

		add_place(&line, item, many);
		put_item(page, ta_buf_cstr(&line), rule ? rule : "?");
	}
}

/* ---- each class ----------------------------------------------------------------------- */

/* How many rows have been told. */
static size_t put_classes(struct ta_page *page, const json_t *rows, bool many)
{
	ta_auto(json_decref_p) json_t *groups = ta_ruled_out_groups(rows);
	const json_t *group;
	size_t i, told = 0;

	if (!groups)
		page->out->failed = TA_E_NOMEM;
	json_array_foreach (groups, i, group) {
		ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(page->out->cap);
		size_t more = (size_t)json_integer_value(json_object_get(group, "more"));

		add_place(&line, json_object_get(group, "row"), many);
		if (more)
			ta_buf_printf(&line, _(" (And so in %zu more.)"), more);
		put_item(page, ta_buf_cstr(&line), NULL);
		told += more + 1;
	}
	return told;
}

/* ---- what the short list leaves out ---------------------------------------------------- */

static bool is_setting(const json_t *item)
{
	return strcmp(ta_json_text(item, "class"), "harmful_setting") == 0;
}

static size_t count_settings(const json_t *passed)
{
	size_t i, count = 0;
	json_t *item;

	json_array_foreach (passed, i, item)
		count += is_setting(item);
	return count;
}

/* Rules about settings that passed wherever they were asked. */
static size_t count_good_settings(struct ta_page *page, const json_t *report, const json_t *passed)
{
	ta_auto(json_decref_p) json_t *rules = json_object();
	const json_t *item;
	bool ok = rules != NULL;
	size_t i;

	json_array_foreach (passed, i, item)
		if (is_setting(item))
			ok = ok && ta_json_set(rules, ta_json_text(item, "rule"), json_true());
	json_array_foreach (json_object_get(report, "findings"), i, item)
		json_object_del(rules, ta_json_text(item, "rule"));
	if (!ok)
		page->out->failed = TA_E_NOMEM;
	return json_object_size(rules);
}

static void put_rest(struct ta_page *page, const json_t *report, const json_t *passed, size_t told)
{
	size_t settings = count_settings(passed), good = count_good_settings(page, report, passed);
	size_t size = json_array_size(passed);
	size_t rest = told + settings < size ? size - told - settings : 0;

	if (good) {
		ta_page_column(page, INDENT);
		ta_page_sentence(
			page, 2 * INDENT,
			_("%zu settings that are known to do harm or nothing: none is in force."),
			good);
		ta_page_newline(page);
	}
	if (rest) {
		ta_page_column(page, INDENT);
		ta_page_sentence(page, 2 * INDENT, _("(%zu more passed: --explain)"), rest);
		ta_page_newline(page);
	}
}

void ta_text_ruled_out(struct ta_page *page, const json_t *report, bool verbose)
{
	const json_t *passed = json_object_get(report, "passed");
	bool many = ta_text_has_many_namespaces(report);

	if (!json_array_size(passed))
		return;
	ta_page_heading(page, _("Ruled out"));
	if (verbose)
		put_rules(page, passed, many);
	else
		put_rest(page, report, passed,
			 put_classes(page, json_object_get(report, "ruled_out"), many));
}
