/* cmd_explain.c - tcpadvise explain RULE|STATE|SYSCTL|METRIC: what it means, on this kernel, with
 * this host's value.
 *
 * Full names win over short ones, and among full names the order of the kinds decides: "listen" is
 * the state, "sockets.listen" the count of it. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/macros.h"
#include "cli/collecting.h"
#include "cli/explain.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/rulebook.h"
#include "snapshot/release.h"

#define EXPLAIN_SCHEMA "tcpadvise.explain/1"

enum { MAX_WIDTH = 100 }; /* columns; longer lines of prose are hard to read */

static const struct ta_explain_kind *const kinds[] = {
	&ta_explain_state,  &ta_explain_rule,  &ta_explain_tunable,
	&ta_explain_metric, &ta_explain_class, &ta_explain_myth,
};

TA_DEFINE_AUTO(json_t, json_decref)

/* ---- this host --------------------------------------------------------------------- */

static void host_done(struct ta_explain_host *host)
{
	ta_close_p(&host->proc_fd);
	json_decref(host->book);
	json_decref(host->given);
}

/* The rules in force. A local pack with a mistake is complained about and explained without rules:
 * it must not keep a person on call from reading what CLOSE-WAIT means. Wrong options do; then
 * false, with *ret_status. */
static bool load_book(const struct ta_settings *settings, struct ta_explain_host *host,
		      int *ret_status)
{
	int status = TA_EXIT_OK;
	struct ta_rules *rules = ta_rulebook_load(settings, TA_RULEBOOK_WHOLE, &status);

	if (!rules && status == TA_EXIT_USAGE) {
		*ret_status = status;
		return false;
	}
	host->rules = rules;
	host->book = rules ? ta_rules_describe(rules) : NULL;
	return true;
}

static void look_at_host(struct ta_explain_host *host)
{
	struct utsname name;

	if (uname(&name) == 0)
		snprintf(host->kernel, sizeof(host->kernel), "%s", name.release);
	ta_release_parse(host->kernel, &host->release);
	host->proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* ---- finding ----------------------------------------------------------------------- */

static void find_topics(const struct ta_explain_host *host, const char *word,
			struct ta_topics *topics)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(kinds) && !topics->count; i++)
		kinds[i]->find_exact(host, word, topics);
	if (topics->count)
		return;
	for (size_t i = 0; i < TA_ARRAY_SIZE(kinds); i++)
		if (kinds[i]->find_short)
			kinds[i]->find_short(host, word, topics);
}

void ta_explain_offer(const struct ta_explain_host *host, ta_explain_take *take, void *ctx)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(kinds); i++)
		kinds[i]->offer(host, take, ctx);
}

static void take_nearest(void *ctx, const char *name)
{
	ta_nearest_offer(ctx, name);
}

static bool unknown(const struct ta_explain_host *host, const char *word, struct ta_error *err)
{
	struct ta_nearest nearest;

	if (!host->book)
		return ta_fail(err, TA_E_INPUT,
			       "nothing but a rule may be called '%.64s', and there are none to "
			       "look it up in",
			       word);
	ta_nearest_start(&nearest, word, strlen(word));
	ta_explain_offer(host, take_nearest, &nearest);
	if (ta_nearest_result(&nearest))
		return ta_fail(err, TA_E_USAGE, "nothing is called '%.64s'; did you mean '%.128s'?",
			       word, ta_nearest_result(&nearest));
	return ta_fail(err, TA_E_USAGE,
		       "nothing is called '%.64s': a rule, a state, a sysctl or a fact of the "
		       "snapshot is wanted",
		       word);
}

static bool ambiguous(const char *word, const struct ta_topics *topics, struct ta_error *err)
{
	size_t shown = topics->count < TA_ARRAY_SIZE(topics->items) ? topics->count
								    : TA_ARRAY_SIZE(topics->items);
	ta_auto(ta_buf_done) struct ta_buf list = TA_BUF_INIT(8192);

	for (size_t i = 0; i < shown; i++)
		ta_buf_printf(&list, "%s%s", i ? ", " : "", topics->items[i].name);
	if (shown < topics->count)
		ta_buf_printf(&list, " and %zu more", topics->count - shown);
	return ta_fail(err, TA_E_USAGE, "'%.64s' may be %s", word, ta_buf_cstr(&list));
}

/* ---- printing ---------------------------------------------------------------------- */

static bool render_json(const struct ta_topic *topic, json_t *facts, struct ta_buf *out,
			struct ta_error *err)
{
	ta_auto(json_decref_p) json_t *document =
		json_pack("{s:s, s:s}", "schema", EXPLAIN_SCHEMA, "kind", topic->kind->name);

	if (!document || json_object_update(document, facts) < 0)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	return ta_json_print(out, document, TA_JSON_PAGE, err);
}

static bool render_text(const struct ta_settings *settings, const struct ta_topic *topic,
			const json_t *facts, struct ta_buf *out, struct ta_error *err)
{
	struct ta_render_options options = ta_output_options(settings);
	struct ta_page page = ta_page_begin(out, &options);

	if (page.width > MAX_WIDTH)
		page.width = MAX_WIDTH;
	topic->kind->show(&page, facts);
	return ta_buf_ok(out, err);
}

static bool render(const struct ta_settings *settings, const struct ta_explain_host *host,
		   const struct ta_topic *topic, struct ta_buf *out, struct ta_error *err)
{
	ta_auto(json_decref_p) json_t *facts = topic->kind->describe(host, topic->name);

	if (!facts)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	if (settings->format && strcmp(settings->format, "json") == 0)
		return render_json(topic, facts, out, err);
	return render_text(settings, topic, facts, out, err);
}

static bool explain(const struct ta_settings *settings, const struct ta_explain_host *host,
		    const char *word, struct ta_buf *out, struct ta_error *err)
{
	struct ta_topics topics = { .count = 0 };

	find_topics(host, word, &topics);
	if (topics.count == 0)
		return unknown(host, word, err);
	if (topics.count > 1)
		return ambiguous(word, &topics, err);
	return render(settings, host, &topics.items[0], out, err);
}

/* Of our own namespace is read what the explanation is about, and when. */
static bool get_snapshot(const struct ta_settings *settings, json_t **ret, struct ta_error *err)
{
	if (settings->input.count)
		return ta_input_read(settings, ret, err);
	return !settings->netns || ta_collecting_run(settings, ret, err);
}

static int run(const struct ta_settings *settings, char *const *args, size_t count)
{
	ta_auto(host_done) struct ta_explain_host host = { .proc_fd = -1 };
	ta_auto(ta_buf_done) struct ta_buf out = TA_BUF_INIT(1024 * 1024);
	struct ta_error err = TA_ERROR_INIT;
	int status = TA_EXIT_OK;

	(void)count;
	host.sample_given = settings->sample_given;
	host.sample_ms = settings->sample_ms;
	if (!get_snapshot(settings, &host.given, &err))
		return ta_complain(&err, TA_EXIT_FAILED);
	if (!load_book(settings, &host, &status))
		return status;
	look_at_host(&host);
	if (!explain(settings, &host, args[0], &out, &err))
		return ta_complain(&err, err.code == TA_E_USAGE ? TA_EXIT_USAGE : TA_EXIT_FAILED);
	if (!ta_output(settings, ta_buf_cstr(&out), out.len, &err))
		return ta_complain(&err, TA_EXIT_FAILED);
	return status;
}

const struct ta_command ta_cmd_explain = {
	.name = "explain",
	.arguments = "RULE|STATE|SYSCTL|METRIC|CLASS|MYTH",
	.summary = "say what a rule, state, sysctl or fact means on this host",
	.details = "States in any spelling: TIME-WAIT, time_wait, TimeWt, FIN_WAIT_2, "
		"06.\n\nSysctls by their name or its end: net.ipv4.tcp_tw_reuse, "
		"tcp_tw_reuse.\n\nFacts of a snapshot by their path or its end: "
		"ns.destinations.ports_used, ports_used, ListenOverflows, "
		"TcpExtListenOverflows.\n\nClasses of problems: "
		"accept_queue_overflow. What is said and wrong: myths.\n\nValues are "
		"those of this host now, or of the snapshot that --input names.",
	.min_args = 1,
	.max_args = 1,
	.options = TA_OPTIONS_EVERYWHERE | TA_OPTION(TA_OPT_COLOR) | TA_OPTION(TA_OPT_FORMAT) |
		   TA_OPTION(TA_OPT_OUTPUT) | TA_OPTION(TA_OPT_RULES) | TA_OPTION(TA_OPT_PARAM) |
		   TA_OPTION(TA_OPT_INPUT) | TA_OPTION(TA_OPT_SAMPLE) | TA_OPTION(TA_OPT_NETNS),
	.operands = {
		{ 1, NULL, NULL, TA_VALUES_TOPICS },
	},
	.exits = {
		{ TA_EXIT_OK, "it was explained" },
		{ TA_EXIT_FAILED, "it could not be" },
		{ TA_EXIT_USAGE, "wrong usage, or nothing is called so" },
	},
	.examples = {
		{ "tcpadvise explain CLOSE-WAIT",
		  "What the state means, who has to act, and which rules look "
			"at it." },
	},
	.run = run,
};
