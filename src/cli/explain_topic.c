/* explain_topic.c - what rules/topics.json has: a class of problems with its rules, and what is
 * said and wrong, alone or ("myths") all of it. */
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"
#include "cli/explain.h"
#include "rules/topics.h"

#define ALL_MYTHS "myths"

static void offer_ids(const json_t *list, ta_explain_take *take, void *ctx)
{
	size_t i;
	json_t *topic;

	json_array_foreach (list, i, topic)
		take(ctx, ta_json_text(topic, "id"));
}

/* ---- classes ----------------------------------------------------------------------- */

static void find_class(const struct ta_explain_host *host, const char *word,
		       struct ta_topics *topics)
{
	(void)host;
	if (ta_topic_find(ta_classes(NULL), word))
		ta_topics_add(topics, &ta_explain_class, word);
}

static void offer_classes(const struct ta_explain_host *host, ta_explain_take *take, void *ctx)
{
	(void)host;
	offer_ids(ta_classes(NULL), take, ctx);
}

static json_t *rules_of_class(const struct ta_explain_host *host, const char *class_)
{
	json_t *ids = json_array(), *rule;
	size_t i;

	json_array_foreach (host->book, i, rule)
		if (strcmp(ta_json_text(rule, "class"), class_) == 0 &&
		    json_array_append(ids, json_object_get(rule, "id")) < 0) {
			json_decref(ids);
			return NULL;
		}
	return ids;
}

static json_t *describe_class(const struct ta_explain_host *host, const char *name)
{
	const json_t *facts = ta_topic_find(ta_classes(NULL), name);

	return facts ? json_pack("{s:s, s:O, s:o}", "name", name, "facts", facts, "rules",
				 rules_of_class(host, name))
		     : NULL;
}

static void show_class(struct ta_page *page, const json_t *document)
{
	const json_t *facts = json_object_get(document, "facts");

	ta_explain_title(page, ta_json_text(facts, "id"), _("class of problems"));
	ta_explain_prose(page, _(ta_json_text(facts, "title")));
	ta_explain_field(page, _("Means"), _(ta_json_text(facts, "meaning")));
	ta_explain_list(page, _("Rules"), json_object_get(document, "rules"));
}

const struct ta_explain_kind ta_explain_class = {
	.name = "class",
	.find_exact = find_class,
	.offer = offer_classes,
	.describe = describe_class,
	.show = show_class,
};

/* ---- myths ------------------------------------------------------------------------- */

static void find_myth(const struct ta_explain_host *host, const char *word,
		      struct ta_topics *topics)
{
	(void)host;
	if (strcmp(word, ALL_MYTHS) == 0 || ta_topic_find(ta_myths(NULL), word))
		ta_topics_add(topics, &ta_explain_myth, word);
}

static void offer_myths(const struct ta_explain_host *host, ta_explain_take *take, void *ctx)
{
	(void)host;
	take(ctx, ALL_MYTHS);
	offer_ids(ta_myths(NULL), take, ctx);
}

static json_t *describe_myth(const struct ta_explain_host *host, const char *name)
{
	const json_t *myths = ta_myths(NULL), *one = ta_topic_find(myths, name);

	(void)host;
	if (one)
		return json_pack("{s:s, s:[O]}", "name", name, "facts", one);
	return myths ? json_pack("{s:s, s:O}", "name", name, "facts", myths) : NULL;
}

static void show_myth(struct ta_page *page, const json_t *document)
{
	const json_t *myths = json_object_get(document, "facts");
	size_t i;
	json_t *myth;

	json_array_foreach (myths, i, myth) {
		ta_auto(ta_buf_done) struct ta_buf claim = TA_BUF_INIT(4096);

		if (i)
			ta_page_newline(page);
		ta_explain_title(page, ta_json_text(myth, "id"), _("said, and not so"));
		ta_buf_printf(&claim, _("\"%s\""), _(ta_json_text(myth, "claim")));
		ta_explain_prose(page, ta_buf_cstr(&claim));
		ta_explain_field(page, _("What is so"), _(ta_json_text(myth, "answer")));
		ta_explain_words(page, _("Rules"), json_object_get(myth, "rules"));
		ta_explain_references(page, json_object_get(myth, "references"));
	}
}

const struct ta_explain_kind ta_explain_myth = {
	.name = "myth",
	.find_exact = find_myth,
	.offer = offer_myths,
	.describe = describe_myth,
	.show = show_myth,
};
