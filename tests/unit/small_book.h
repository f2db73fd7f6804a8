/* small_book.h - a book of some rules, and a report of it, for tests. In their texts ' stands for "
 * and ` for ', so that they can be read. */
#ifndef UNIT_SMALL_BOOK_H
#define UNIT_SMALL_BOOK_H

#include <string.h>

#include "base/buf.h"
#include "rules/rule.h"

static inline void put_quotes(struct ta_buf *text)
{
	for (size_t i = 0; i < text->len; i++)
		if (text->data[i] == '\'')
			text->data[i] = '"';
		else if (text->data[i] == '`')
			text->data[i] = '\'';
}

/* A book of these rules. */
static inline struct ta_rules *book(const char *rules_text)
{
	ta_auto(ta_buf_done) struct ta_buf pack = TA_BUF_INIT(16384);
	struct ta_rules *rules = ta_rules_new();
	struct ta_rule_mistakes mistakes = { 0 };
	struct ta_error err = TA_ERROR_INIT;

	ta_buf_printf(&pack, "{'pack':'a','rules':[%s]}", rules_text);
	put_quotes(&pack);
	assert_true(ta_rules_add_text(rules, "a.json", pack.data, pack.len, &err));
	if (!ta_rules_finish(rules, &mistakes, &err))
		fail_msg("%s%s", mistakes.text, err.text);
	ta_rule_mistakes_done(&mistakes);
	return rules;
}

/* A book of the rule "r"; the members come before its others, value is that of its evidence. */
static inline struct ta_rules *one_rule(const char *members, const char *when, const char *value)
{
	ta_auto(ta_buf_done) struct ta_buf rule = TA_BUF_INIT(8192);

	ta_buf_printf(&rule,
		      "{'id':'r','class':'no_problem',%s"
		      "'severity':[{'level':'info','when':'%s'}],'title':'t','diagnosis':'d',"
		      "'evidence':[{'label':'l','value':'%s','source':'its own'}],"
		      "'passed':'p','fixes':[],'references':[]}",
		      members, when, value);
	return book(ta_buf_cstr(&rule));
}

/* What the rules say of a snapshot that has these members besides those that each needs. */
static inline json_t *report_of(const struct ta_rules *rules, const char *members)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(16384);
	struct ta_evaluate_options options = { .now_ms = 0 };
	struct ta_error err = TA_ERROR_INIT;
	json_t *snapshot, *report = NULL;

	ta_buf_printf(&text,
		      "{'schema':'tcpadvise.snapshot/1','taken_at':'2026-01-01T00:00:00Z',"
		      "%s,'gaps':[]}",
		      members);
	put_quotes(&text);
	snapshot = json_loadb(text.data, text.len, 0, NULL);
	assert_non_null(snapshot);
	if (!ta_rules_evaluate(rules, snapshot, &options, &report, &err))
		fail_msg("%s", err.text);
	json_decref(snapshot);
	return report;
}

#endif
