/* explain.c - see explain.h: the parts that all kinds share. */
#include "cli/explain.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"
#include "base/text.h"
#include "tcpadvise/snapshot.h"

enum { INDENT = 2, TEXT = 17, NARROW = 60 }; /* columns */
enum { SAMPLE_MS = 1000 };

void ta_topics_add(struct ta_topics *topics, const struct ta_explain_kind *kind, const char *name)
{
	for (size_t i = 0; i < topics->count && i < TA_ARRAY_SIZE(topics->items); i++)
		if (topics->items[i].kind == kind && strcmp(topics->items[i].name, name) == 0)
			return;
	if (topics->count < TA_ARRAY_SIZE(topics->items)) {
		struct ta_topic *topic = &topics->items[topics->count];

		topic->kind = kind;
		snprintf(topic->name, sizeof(topic->name), "%s", name);
	}
	topics->count++;
}

json_t *ta_explain_snapshot(const struct ta_explain_host *host, bool processes, bool rates)
{
	struct ta_collect_options options = { .no_processes = !processes };
	json_t *snapshot = NULL;

	if (host->given)
		return json_incref(host->given);
	if (rates)
		options.sample_ms = host->sample_given ? host->sample_ms : SAMPLE_MS;
	return ta_collect(&options, &snapshot, NULL) ? snapshot : NULL;
}

/* ---- the page ---------------------------------------------------------------------- */

void ta_explain_title(struct ta_page *page, const char *name, const char *what)
{
	ta_page_style(page, TA_STYLE_BOLD);
	ta_page_text(page, name);
	ta_page_plain(page);
	ta_page_raw(page, "  (");
	ta_page_text(page, what);
	ta_page_raw(page, ")");
	ta_page_newline(page);
	ta_page_newline(page);
}

void ta_explain_prose(struct ta_page *page, const char *text)
{
	ta_page_column(page, INDENT);
	ta_page_prose(page, INDENT, text);
	ta_page_newline(page);
	ta_page_newline(page);
}

/* Writes the label and returns the column of the text beside it, or below it on a narrow page. */
static size_t put_label(struct ta_page *page, const char *ours)
{
	ta_page_column(page, INDENT);
	ta_page_style(page, TA_STYLE_BOLD);
	ta_page_raw(page, ours);
	ta_page_plain(page);
	if (page->width >= NARROW)
		return TEXT;
	if (*ours)
		ta_page_newline(page);
	return INDENT + INDENT;
}

void ta_explain_field(struct ta_page *page, const char *label, const char *text)
{
	size_t left;

	if (!text || !*text)
		return;
	left = put_label(page, label);
	ta_page_column(page, left);
	ta_page_prose(page, left, text);
	ta_page_newline(page);
}

static void list_item(struct ta_page *page, size_t left, const char *text)
{
	ta_page_column(page, left);
	ta_page_raw(page, "- ");
	ta_page_prose(page, left + 2, text);
	ta_page_newline(page);
}

void ta_explain_list(struct ta_page *page, const char *label, const json_t *list)
{
	size_t left, i;
	json_t *item;

	if (json_array_size(list) == 0)
		return;
	left = put_label(page, label);
	json_array_foreach (list, i, item)
		if (json_is_string(item))
			list_item(page, left, _(json_string_value(item)));
}

void ta_explain_words(struct ta_page *page, const char *label, const json_t *list)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(64 * 1024);
	size_t i;
	json_t *item;

	json_array_foreach (list, i, item)
		ta_buf_printf(&line, "%s%s", i ? ", " : "", json_string_value(item));
	ta_explain_field(page, label, ta_buf_cstr(&line));
}

void ta_explain_references(struct ta_page *page, const json_t *references)
{
	size_t left, i;
	json_t *item;

	if (json_array_size(references) == 0)
		return;
	left = put_label(page, _("See"));
	json_array_foreach (references, i, item) {
		ta_page_column(page, left);
		ta_page_prose(page, left, ta_json_text(item, "title"));
		ta_page_newline(page);
		ta_page_column(page, left);
		ta_page_text(page, ta_json_text(item, "url"));
		ta_page_newline(page);
	}
}

void ta_explain_value(struct ta_buf *out, const json_t *value)
{
	size_t i;
	json_t *item;

	if (json_is_integer(value))
		ta_buf_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	if (json_is_real(value))
		ta_buf_printf(out, "%g", json_real_value(value));
	if (json_is_boolean(value))
		ta_buf_str(out, json_is_true(value) ? _("yes") : _("no"));
	if (json_is_string(value))
		ta_buf_str(out,
			   json_string_length(value) ? json_string_value(value) : _("(empty)"));
	json_array_foreach (value, i, item) {
		if (i)
			ta_buf_char(out, ' ');
		ta_explain_value(out, item);
	}
}

/* ---- rules that have to do with something ------------------------------------------ */

static bool rule_reads(const json_t *rule, const char *word, ta_explain_reads *reads)
{
	static const char *const members[] = { "applies", "for_each", "where",
					       "let",     "severity", "evidence" };

	for (size_t i = 0; i < TA_ARRAY_SIZE(members); i++)
		if (ta_json_any_string(json_object_get(rule, members[i]), reads, word))
			return true;
	return false;
}

static bool rule_sets(const json_t *rule, const char *word, ta_explain_reads *reads)
{
	size_t i;
	json_t *fix;

	(void)reads;
	json_array_foreach (json_object_get(rule, "fixes"), i, fix)
		if (json_object_get(json_object_get(fix, "set"), word))
			return true;
	return false;
}

static bool rule_avoids(const json_t *rule, const char *word, ta_explain_reads *reads)
{
	size_t i;
	json_t *avoid;

	(void)reads;
	json_array_foreach (json_object_get(rule, "avoid"), i, avoid)
		if (ta_text_names(ta_json_text(avoid, "setting"), word))
			return true;
	return false;
}

static const struct use {
	unsigned bit;
	const char *member, *text;
	bool (*holds)(const json_t *rule, const char *word, ta_explain_reads *reads);
} uses[] = {
	{ TA_USE_SETS, "set_by", N_("set by"), rule_sets },
	{ TA_USE_READS, "read_by", N_("read by"), rule_reads },
	{ TA_USE_AVOIDS, "advised_against_by", N_("advised against by"), rule_avoids },
};

/* The ids of the rules that use the word in one way; NULL when memory ran out. */
static json_t *rules_that(const json_t *book, const struct use *use, const char *word,
			  ta_explain_reads *reads)
{
	json_t *list = json_array();
	size_t i;
	json_t *rule;

	json_array_foreach (book, i, rule)
		if (use->holds(rule, word, reads) &&
		    json_array_append(list, json_object_get(rule, "id")) < 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

json_t *ta_explain_rules_using(const struct ta_explain_host *host, const char *word,
			       unsigned wanted, ta_explain_reads *reads)
{
	json_t *all = json_object();

	for (size_t i = 0; i < TA_ARRAY_SIZE(uses); i++) {
		if (!(wanted & uses[i].bit))
			continue;
		if (json_object_set_new(all, uses[i].member,
					rules_that(host->book, &uses[i], word, reads)) < 0) {
			json_decref(all);
			return NULL;
		}
	}
	return all;
}

/* "; read by first, second". */
static void add_ids(struct ta_buf *out, const char *text, const json_t *ids)
{
	size_t i;
	json_t *id;

	if (json_array_size(ids) == 0)
		return;
	ta_buf_printf(out, "%s%s ", out->len ? "; " : "", text);
	json_array_foreach (ids, i, id)
		ta_buf_printf(out, "%s%s", i ? ", " : "", json_string_value(id));
}

void ta_explain_show_rules(struct ta_page *page, const json_t *rules)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(64 * 1024);

	for (size_t i = 0; i < TA_ARRAY_SIZE(uses); i++)
		add_ids(&line, _(uses[i].text), json_object_get(rules, uses[i].member));
	ta_explain_field(page, _("Rules"), ta_buf_cstr(&line));
}
