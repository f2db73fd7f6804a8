/* slack.c - findings as a Slack message (Block Kit) for an incoming webhook.
 *
 * Only header, section, context and divider are used: receivers that understand Slack's payload
 * (Mattermost, Rocket.Chat, Discord) know those. Limits are Slack's of 2026: 50 blocks; 150
 * characters in a header, 3000 in a section, 10 fields of 2000, and "text" is always there, for
 * notifications and screen readers. The sizes below keep each block within them by their sum. */
#include <string.h>

#include "base/json.h"
#include "deliver/mrkdwn.h"
#include "deliver/receiver.h"
#include "report/figure.h"
#include "report/outline.h"

enum {
	FINDINGS_MAX = 9, /* of at most five blocks each, and four around them: below 50 */
	FIELDS_MAX = 6,
	CONSEQUENCES_MAX = 5,
	COMMANDS_MAX = 8,

	HEADER_SIZE = 140,
	HOST_SIZE = 100,
	NAME_SIZE = 100,
	TITLE_SIZE = 250,
	WHO_SIZE = 250,
	DIAGNOSIS_SIZE = 1500,
	FIELD_SIZE = 300,
	FIX_SIZE = 600,
	COMMAND_SIZE = 200,
	SUMMARY_SIZE = 2000,
	MESSAGE_MAX = 1 << 20,
};

/* A message in the making. A failure sticks, and the whole message is refused at its end. */
struct message {
	const json_t *report;
	struct ta_outline outline;
	json_t *blocks;
	struct ta_buf text; /* scratch for one text object */
	bool failed;
};

/* --- blocks --- */

/* The scratch text as a text object, and the scratch empty again. */
static json_t *take_text(struct message *message, const char *type)
{
	json_t *object = json_pack("{s:s, s:s#}", "type", type, "text", ta_buf_cstr(&message->text),
				   message->text.len);

	if (object && strcmp(type, "mrkdwn") == 0) /* a URL in a process name is no link */
		json_object_set_new(object, "verbatim", json_true());
	message->failed |= !object || message->text.failed;
	ta_buf_clear(&message->text);
	return object;
}

/* Steals the block; NULL is a failure. */
static void add_block(struct message *message, json_t *block)
{
	if (json_array_append_new(message->blocks, block) < 0)
		message->failed = true;
}

static void add_section(struct message *message)
{
	add_block(message,
		  json_pack("{s:s, s:o}", "type", "section", "text", take_text(message, "mrkdwn")));
}

static void add_context(struct message *message)
{
	add_block(message, json_pack("{s:s, s:[o]}", "type", "context", "elements",
				     take_text(message, "mrkdwn")));
}

/* --- around the findings --- */

static const char *host_of(const json_t *report)
{
	const char *name = ta_json_text(json_object_get(report, "host"), "name");

	return *name ? name : "this host";
}

static void add_verdict(struct message *message, struct ta_buf *out,
			void (*add_foreign)(struct ta_buf *, const char *, size_t))
{
	size_t critical = message->outline.total[TA_SEVERITY_CRITICAL];
	size_t warning = message->outline.total[TA_SEVERITY_WARNING];
	size_t passed = json_array_size(json_object_get(message->report, "passed"));
	size_t unchecked = json_array_size(json_object_get(message->report, "not_checked"));

	if (critical + warning)
		ta_buf_printf(out, "%zu TCP problem%s on ", critical + warning,
			      critical + warning == 1 ? "" : "s");
	else if (passed + message->outline.total[TA_SEVERITY_INFO])
		ta_buf_str(out, "No TCP limit is being hit on ");
	else
		ta_buf_str(out, "Nothing could be checked on ");
	add_foreign(out, host_of(message->report), HOST_SIZE);
	if (critical + warning == 0 && unchecked)
		ta_buf_printf(out, " (%zu not checked)", unchecked);
	if (critical)
		ta_buf_printf(out, ": %zu critical", critical);
	if (warning)
		ta_buf_printf(out, "%s %zu warning", critical ? "," : ":", warning);
}

static void add_header(struct message *message)
{
	add_verdict(message, &message->text, ta_mrkdwn_plain);
	add_block(message, json_pack("{s:s, s:o}", "type", "header", "text",
				     take_text(message, "plain_text")));
}

static void add_origin(struct message *message)
{
	const json_t *kernel = json_object_get(json_object_get(message->report, "host"), "kernel");
	const json_t *tool = json_object_get(message->report, "tool");

	const char *taken_at = ta_json_string(message->report, "taken_at");
	const char *release = ta_json_string(kernel, "release");

	ta_mrkdwn_text(&message->text, taken_at ? taken_at : "time not known", NAME_SIZE);
	ta_buf_str(&message->text, " | Linux ");
	ta_mrkdwn_text(&message->text, release ? release : "of an unknown version", NAME_SIZE);
	ta_buf_str(&message->text, " | tcpadvise ");
	ta_mrkdwn_text(&message->text, ta_json_text(tool, "version"), NAME_SIZE);
	add_context(message);
}

/* --- one finding --- */

static void add_mark(struct ta_buf *out, const json_t *finding)
{
	bool is_critical = ta_finding_severity(finding) == TA_SEVERITY_CRITICAL;

	ta_buf_str(out, is_critical ? ":red_circle: *CRITICAL* " : ":warning: *WARNING* ");
}

static void add_who(struct ta_buf *out, const json_t *finding)
{
	const json_t *scope = json_object_get(finding, "scope");
	const char *namespace = ta_json_text(scope, "namespace");
	bool is_namespace = strcmp(ta_json_text(scope, "kind"), "namespace") == 0;

	ta_mrkdwn_text(out, ta_json_text(scope, "kind"), NAME_SIZE);
	ta_buf_str(out, " `");
	ta_mrkdwn_text(out, ta_json_text(scope, "object"), WHO_SIZE);
	ta_buf_str(out, "`");
	if (*namespace && !is_namespace) {
		ta_buf_str(out, ", namespace `");
		ta_mrkdwn_text(out, namespace, NAME_SIZE);
		ta_buf_str(out, "`");
	}
}

static void add_story(struct message *message, const json_t *finding)
{
	struct ta_buf *out = &message->text;

	add_mark(out, finding);
	ta_mrkdwn_text(out, ta_json_text(finding, "title"), TITLE_SIZE);
	ta_buf_str(out, "\n");
	add_who(out, finding);
	ta_buf_str(out, "\n");
	ta_mrkdwn_text(out, ta_json_text(finding, "diagnosis"), DIAGNOSIS_SIZE);
	add_section(message);
}

static json_t *make_field(struct message *message, const json_t *row)
{
	ta_auto(ta_buf_done) struct ta_buf amount = TA_BUF_INIT(MESSAGE_MAX);
	struct ta_buf *out = &message->text;
	char percent[TA_PERCENT_SIZE];

	ta_figure_amount(&amount, row);
	ta_buf_str(out, "*");
	ta_mrkdwn_text(out, ta_json_text(row, "label"), FIELD_SIZE);
	ta_buf_str(out, "*\n");
	ta_mrkdwn_text(out, ta_buf_cstr(&amount), FIELD_SIZE);
	if (ta_figure_percent(row, percent)) {
		ta_buf_str(out, " (");
		ta_mrkdwn_text(out, percent, FIELD_SIZE); /* "<1%" */
		ta_buf_str(out, ")");
	}
	message->failed |= amount.failed != TA_OK;
	return take_text(message, "mrkdwn");
}

static void add_figures(struct message *message, const json_t *evidence)
{
	json_t *fields;
	const json_t *row;
	size_t i;

	if (json_array_size(evidence) == 0)
		return;
	fields = json_array();
	json_array_foreach (evidence, i, row) {
		if (i < FIELDS_MAX && json_array_append_new(fields, make_field(message, row)) < 0)
			message->failed = true;
	}
	add_block(message, json_pack("{s:s, s:o}", "type", "section", "fields", fields));
}

/* Lines to paste: a line that is too long is left out, never cut. */
static void add_commands(struct ta_buf *out, const json_t *lines)
{
	const json_t *line;
	size_t i;

	if (json_array_size(lines) == 0)
		return;
	ta_buf_str(out, "\n```\n");
	json_array_foreach (lines, i, line) {
		const char *command = json_string_value(line);

		if (i == COMMANDS_MAX) {
			ta_buf_printf(out, "# and %zu more lines: see the report\n",
				      json_array_size(lines) - i);
			break;
		}
		if (command && !strchr(command, '`') && ta_mrkdwn_size(command) <= COMMAND_SIZE)
			ta_mrkdwn_text(out, command, COMMAND_SIZE);
		else
			ta_buf_str(out, "# a line that does not fit here: see the report");
		ta_buf_str(out, "\n");
	}
	ta_buf_str(out, "```");
}

/* The first fix with the lines of its first dialect, and how many more there are. */
static void add_fix(struct message *message, const json_t *fixes)
{
	const json_t *fix = json_array_get(fixes, 0);
	json_t *commands = json_object_get(fix, "commands");
	struct ta_buf *out = &message->text;
	size_t count = json_array_size(fixes);

	if (!fix)
		return;
	ta_buf_str(out, "*Fix:* ");
	ta_mrkdwn_text(out, ta_json_text(fix, "title"), TITLE_SIZE);
	if (*ta_json_text(fix, "text")) {
		ta_buf_str(out, "\n");
		ta_mrkdwn_text(out, ta_json_text(fix, "text"), FIX_SIZE);
	}
	add_commands(out, json_object_iter_value(json_object_iter(commands)));
	if (count > 1)
		ta_buf_printf(out, "\n_%zu more way%s in the report_", count - 1,
			      count == 2 ? "" : "s");
	add_section(message);
}

/* The consequences of the entry, folded to their titles. */
static void add_consequences(struct message *message, size_t entry)
{
	const struct ta_outline *outline = &message->outline;
	struct ta_buf *out = &message->text;
	size_t count = 0;

	for (size_t i = entry + 1; i < outline->count && outline->entries[i].depth > 0; i++) {
		if (count++ >= CONSEQUENCES_MAX)
			continue;
		ta_buf_str(out, count == 1 ? "It leads to:" : "");
		ta_buf_str(out, "\n- ");
		ta_mrkdwn_text(out, ta_json_text(outline->entries[i].finding, "title"), TITLE_SIZE);
	}
	if (count > CONSEQUENCES_MAX)
		ta_buf_printf(out, "\nand %zu more", count - CONSEQUENCES_MAX);
	if (count)
		add_section(message);
}

static void add_finding(struct message *message, size_t entry)
{
	const json_t *finding = message->outline.entries[entry].finding;

	add_block(message, json_pack("{s:s}", "type", "divider"));
	add_story(message, finding);
	add_figures(message, json_object_get(finding, "evidence"));
	add_fix(message, json_object_get(finding, "fixes"));
	add_consequences(message, entry);
}

/* --- the message --- */

typedef void visit_entry(struct message *message, size_t entry, size_t number);

/* The findings that stand on their own, critical ones first. */
static void for_each_cause(struct message *message, visit_entry *visit)
{
	const struct ta_outline *outline = &message->outline;
	size_t number = 0;

	for (int severity = TA_SEVERITY_CRITICAL; severity >= TA_SEVERITY_WARNING; severity--)
		for (size_t i = 0; i < outline->count; i++)
			if (outline->entries[i].depth == 0 &&
			    (int)ta_finding_severity(outline->entries[i].finding) == severity)
				visit(message, i, number++);
}

static void visit_finding(struct message *message, size_t entry, size_t number)
{
	if (number < FINDINGS_MAX)
		add_finding(message, entry);
}

static void visit_title(struct message *message, size_t entry, size_t number)
{
	const json_t *finding = message->outline.entries[entry].finding;

	if (number >= FINDINGS_MAX)
		return;
	ta_buf_str(&message->text, number ? "; " : ". ");
	ta_mrkdwn_text(&message->text, ta_json_text(finding, "title"), SUMMARY_SIZE / FINDINGS_MAX);
}

static size_t count_causes(const struct ta_outline *outline)
{
	size_t count = 0;

	for (size_t i = 0; i < outline->count; i++)
		count += outline->entries[i].depth == 0;
	return count;
}

static void add_more(struct message *message)
{
	size_t count = count_causes(&message->outline);

	if (count <= FINDINGS_MAX)
		return;
	ta_buf_printf(&message->text, "%zu more finding%s: see the report on the host.",
		      count - FINDINGS_MAX, count == FINDINGS_MAX + 1 ? "" : "s");
	add_context(message);
}

static void add_blocks(struct message *message)
{
	add_header(message);
	add_origin(message);
	for_each_cause(message, visit_finding);
	add_more(message);
}

/* "text" for a notification, with the blocks when there is something to show. */
static json_t *finish(struct message *message)
{
	json_t *body;

	add_verdict(message, &message->text, ta_mrkdwn_text);
	for_each_cause(message, visit_title);
	body = json_pack("{s:s#}", "text", ta_buf_cstr(&message->text), message->text.len);
	message->failed |= message->text.failed != TA_OK;
	if (body && json_array_size(message->blocks) &&
	    json_object_set(body, "blocks", message->blocks) < 0)
		message->failed = true;
	if (!message->failed)
		return body;
	json_decref(body);
	return NULL;
}

static void message_done(struct message *message)
{
	ta_outline_done(&message->outline);
	json_decref(message->blocks);
	ta_buf_done(&message->text);
}

static json_t *build(const json_t *report, struct ta_error *err)
{
	ta_auto(message_done) struct message message = {
		.report = report,
		.blocks = json_array(),
		.text = TA_BUF_INIT(MESSAGE_MAX),
	};
	json_t *body;

	if (!message.blocks ||
	    !ta_outline_init(&message.outline, report, TA_SEVERITY_WARNING, NULL)) {
		ta_fail(err, TA_E_NOMEM, "out of memory");
		return NULL;
	}
	if (message.outline.count)
		add_blocks(&message);
	body = finish(&message);
	if (!body)
		ta_fail(err, TA_E_NOMEM, "out of memory");
	return body;
}

/* --- the answer --- */

/* Slack takes a message with 200 and the body "ok"; a proxy's page is a 200, too. */
static bool accept(const struct ta_http_answer *answer, struct ta_error *err)
{
	const char *body = ta_buf_cstr(&answer->body);

	if (answer->status == 200 && strncmp(body, "ok", 2) == 0 &&
	    body[2 + strspn(body + 2, "\r\n")] == '\0')
		return true;
	return ta_fail(err, TA_E_NETWORK,
		       "%s: answered %ld, but not \"ok\": is it a Slack webhook?", answer->origin,
		       answer->status);
}

static const struct {
	const char *word, *meaning;
} words[] = {
	{ "invalid_payload", "the message was refused" },
	{ "invalid_blocks", "the message was refused" },
	{ "invalid_token", "the webhook is revoked or mistyped" },
	{ "no_service", "the webhook is removed, disabled or mistyped" },
	{ "no_active_hooks", "the webhook is disabled" },
	{ "no_team", "there is no such workspace" },
	{ "team_disabled", "the workspace is not active" },
	{ "channel_not_found", "its channel is gone" },
	{ "channel_is_archived", "its channel is archived" },
	{ "action_prohibited", "an administrator forbids it" },
	{ "posting_to_general_channel_denied", "it may not post to this channel" },
	{ "rollup_error", "a fault of the receiver" },
};

enum { WORD_MAX = 40 };

/* Slack says why with one word of small letters. Nothing else is quoted: the secret part of a
 * URL, which an error page may repeat, has capitals or digits. */
static void explain(const struct ta_http_answer *answer, struct ta_buf *text)
{
	const char *body = ta_buf_cstr(&answer->body);
	size_t len = strspn(body, "abcdefghijklmnopqrstuvwxyz_");

	if (len == 0 || len > WORD_MAX || body[len + strspn(body + len, "\r\n")] != '\0')
		return;
	ta_buf_add(text, body, len);
	for (size_t i = 0; i < TA_ARRAY_SIZE(words); i++)
		if (strcmp(ta_buf_cstr(text), words[i].word) == 0)
			ta_buf_printf(text, " (%s)", words[i].meaning);
}

const struct ta_receiver ta_receiver_slack = {
	.name = "slack",
	.content_type = "application/json",
	.build = build,
	.accept = accept,
	.explain = explain,
};
