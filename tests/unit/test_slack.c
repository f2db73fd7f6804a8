/* Unit tests of the Slack payload: whatever is in a report, the message keeps to Slack's limits
 * and its markup. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "base/text.h"
#include "deliver/mrkdwn.h"
#include "deliver/receiver.h"
#include "tcpadvise/deliver.h"

#define ROCKET        "\xf0\x9f\x9a\x80" /* U+1F680: four bytes, two units of UTF-16 */
#define BESIDE_ROCKET "a" ROCKET
#define ELLIPSIS      "\xe2\x80\xa6"

static void text_is_escaped_and_cut(void **state)
{
	static const struct {
		const char *text;
		size_t max;
		const char *mrkdwn, *plain;
	} rows[] = {
		{ "", 5, "", "" },
		{ "abcde", 5, "abcde", "abcde" },
		{ "abcdef", 5, "abcd" ELLIPSIS, "abcd" ELLIPSIS },
		{ "<!channel>", 99, "&lt;!channel&gt;", "?!channel?" },
		{ "a&b", 99, "a&amp;b", "a?b" },
		{ "&lt;", 99, "&amp;lt;", "?lt;" },
		{ "`rm`", 99, "'rm'", "'rm'" },
		{ "ab<c", 6, "ab" ELLIPSIS, "ab?c" }, /* an entity is not cut */
		{ "abc<", 5, "abc" ELLIPSIS, "abc?" },
		{ ROCKET ROCKET, 4, ROCKET ROCKET, ROCKET ROCKET },
		{ ROCKET ROCKET, 3, ROCKET ELLIPSIS, ROCKET ELLIPSIS }, /* nor a character */
		{ ROCKET ROCKET, 2, ELLIPSIS, ELLIPSIS },
		{ "one\ntwo\tthree", 99, "one two three", "one two three" },
		{ "\x1b[2J", 99, "\\x1b[2J", "\\x1b[2J" },
		{ "a\xe2\x80\xae"
		  "b",
		  99, "a\\u{202e}b", "a\\u{202e}b" },
		{ "abc", 0, "", "" },
		{ "abc", 1, ELLIPSIS, ELLIPSIS },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		ta_auto(ta_buf_done) struct ta_buf mrkdwn = TA_BUF_INIT(1024);
		ta_auto(ta_buf_done) struct ta_buf plain = TA_BUF_INIT(1024);

		ta_mrkdwn_text(&mrkdwn, rows[i].text, rows[i].max);
		ta_mrkdwn_plain(&plain, rows[i].text, rows[i].max);
		assert_string_equal(ta_buf_cstr(&mrkdwn), rows[i].mrkdwn);
		assert_string_equal(ta_buf_cstr(&plain), rows[i].plain);
	}
}

/* --- limits --- */

static size_t units_of(const char *text)
{
	size_t units = 0, len = strlen(text);
	uint32_t c;

	while (len) {
		size_t n = ta_utf8_decode(text, len, &c);

		assert_true(n > 0);
		units += c > 0xffff ? 2 : 1;
		text += n;
		len -= n;
	}
	return units;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	assert_non_null(text);
	return text;
}

/* Each "&" begins an entity and each "<" is gone, so no mention and no link can be in it. */
static void check_text_object(const json_t *object, size_t max)
{
	const char *text = text_of(object, "text");
	bool plain = strcmp(text_of(object, "type"), "plain_text") == 0;

	assert_in_range(units_of(text), 1, max);
	assert_null(strpbrk(text, "<>"));
	for (const char *amp = strchr(text, '&'); amp; amp = strchr(amp + 1, '&'))
		assert_true(!plain && (!strncmp(amp, "&amp;", 5) || !strncmp(amp, "&lt;", 4) ||
				       !strncmp(amp, "&gt;", 4)));
	if (!plain)
		assert_true(json_is_true(json_object_get(object, "verbatim")));
}

static void check_block(const json_t *block)
{
	const char *type = text_of(block, "type");
	const json_t *fields = json_object_get(block, "fields");
	const json_t *item;
	size_t i;

	if (strcmp(type, "header") == 0) {
		check_text_object(json_object_get(block, "text"), 150);
	} else if (strcmp(type, "section") == 0) {
		assert_true((json_object_get(block, "text") != NULL) != (fields != NULL));
		if (!fields)
			check_text_object(json_object_get(block, "text"), 3000);
		else
			assert_in_range(json_array_size(fields), 1, 10);
		json_array_foreach (fields, i, item)
			check_text_object(item, 2000);
	} else if (strcmp(type, "context") == 0) {
		assert_in_range(json_array_size(json_object_get(block, "elements")), 1, 10);
		json_array_foreach (json_object_get(block, "elements"), i, item)
			check_text_object(item, 3000);
	} else {
		assert_string_equal(type, "divider");
	}
}

static void check_message(const json_t *message)
{
	const json_t *blocks = json_object_get(message, "blocks");
	const char *text = text_of(message, "text");
	const json_t *block;
	size_t i;

	assert_in_range(units_of(text), 1, 4000);
	assert_null(strpbrk(text, "<>"));
	assert_in_range(json_array_size(blocks), 0, 50);
	json_array_foreach (blocks, i, block)
		check_block(block);
}

static char *repeat(const char *text, size_t size)
{
	size_t len = strlen(text);
	char *all = malloc(size + 1);

	assert_non_null(all);
	for (size_t i = 0; i < size; i++)
		all[i] = text[i % len];
	all[size / len * len] = '\0';
	return all;
}

static json_t *make_finding(const char *severity, const char *fingerprint, const char *text)
{
	json_t *finding = json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:s, s:{s:s, s:s, s:s}, s:[], s:[], s:[], s:[], s:[]}",
		"rule", "a-rule", "severity", severity, "confidence", "high", "fingerprint",
		fingerprint, "title", text, "diagnosis", text, "scope", "kind", "process", "object",
		text, "namespace", text, "evidence", "caused_by", "fixes", "avoid", "references");

	assert_non_null(finding);
	for (int i = 0; i < 20; i++)
		json_array_append_new(json_object_get(finding, "evidence"),
				      json_pack("{s:s, s:s, s:s, s:s}", "label", text, "value",
						text, "unit", text, "source", text));
	for (int i = 0; i < 3; i++)
		json_array_append_new(json_object_get(finding, "fixes"),
				      json_pack("{s:s, s:s, s:s, s:{s:[s,s,s,s,s,s,s,s,s,s]}}",
						"kind", "sysctl", "title", text, "text", text,
						"commands", "shell", text, "a", "b", "c", "d", "e",
						"f", "g", "h", "i"));
	return finding;
}

static json_t *make_report(const char *text)
{
	json_t *report =
		json_pack("{s:s, s:{s:s, s:{s:s}}, s:{s:s, s:s}, s:[], s:[], s:[]}", "taken_at",
			  text, "host", "name", text, "kernel", "release", text, "tool", "name",
			  "tcpadvise", "version", text, "findings", "passed", "not_checked");

	assert_non_null(report);
	return report;
}

static void thousand_huge_findings_fit(void **state)
{
	static const char *const texts[] = { "x",           "&",           "<!channel> ", "`",
					     ROCKET,        "\xc3\xa9",    "\n",          "\x1b",
					     BESIDE_ROCKET, "\xe2\x80\xae" };

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(texts); i++) {
		ta_auto_free char *text = repeat(texts[i], 5000);
		json_auto_t *report = make_report(text);
		json_auto_t *message = NULL;
		json_auto_t *model = make_finding("warning", "", text);
		char fingerprint[32];

		for (int n = 0; n < 1000; n++) {
			json_t *finding = json_copy(model); /* they share their large parts */

			snprintf(fingerprint, sizeof(fingerprint), "%016x", (unsigned)n);
			json_object_set_new(finding, "fingerprint", json_string(fingerprint));
			if (n % 3 == 0)
				json_object_set_new(finding, "severity", json_string("critical"));
			if (n % 2) /* consequences of the first */
				json_object_set_new(finding, "caused_by",
						    json_pack("[s]", "0000000000000000"));
			json_array_append_new(json_object_get(report, "findings"), finding);
		}
		message = ta_deliver_payload(report, "slack", NULL);
		assert_non_null(message);
		check_message(message);
	}
}

/* --- content --- */

static json_t *slack_of(const json_t *report)
{
	struct ta_error err = TA_ERROR_INIT;
	json_t *message = ta_deliver_payload(report, "slack", &err);

	if (!message)
		fail_msg("%s", err.text);
	check_message(message);
	return message;
}

static bool says(const json_t *message, const char *words)
{
	ta_auto_free char *text = json_dumps(message, JSON_COMPACT);

	assert_non_null(text);
	return strstr(text, words) != NULL;
}

static void critical_findings_come_first_and_the_rest_is_counted(void **state)
{
	json_auto_t *report = make_report("host");
	json_t *findings = json_object_get(report, "findings");
	json_auto_t *message = NULL;
	char name[32];

	(void)state;
	for (int i = 0; i < 11; i++) {
		snprintf(name, sizeof(name), "w%d.", i);
		json_array_append_new(findings, make_finding("warning", name, name));
	}
	json_array_append_new(findings, make_finding("critical", "c", "the critical one"));
	json_array_append_new(findings, make_finding("info", "n", "the note"));
	message = slack_of(report);
	assert_memory_equal(
		text_of(message, "text"),
		"12 TCP problems on host: 1 critical, 11 warning. the critical one; w0.;", 71);
	assert_true(says(message, "w7."));
	assert_false(says(message, "w8."));
	assert_true(says(message, "3 more findings"));
	assert_false(says(message, "the note"));
}

static void consequences_are_folded_under_their_cause(void **state)
{
	json_auto_t *report = make_report("host");
	json_t *findings = json_object_get(report, "findings");
	json_auto_t *message = NULL;

	(void)state;
	json_array_append_new(findings, make_finding("critical", "cause", "the cause"));
	for (int i = 0; i < 7; i++) {
		json_t *finding = make_finding("warning", "", "the consequence");

		json_array_append_new(json_object_get(finding, "caused_by"), json_string("cause"));
		json_array_append_new(findings, finding);
	}
	message = slack_of(report);
	assert_true(says(message, "It leads to:\\n- the consequence\\n"));
	assert_true(says(message, "and 2 more"));
	assert_int_equal(json_array_size(json_object_get(message, "blocks")), 7);
}

static void command_is_whole_or_left_out(void **state)
{
	json_auto_t *report = make_report("host");
	json_auto_t *message = NULL;
	ta_auto_free char *line = repeat("sysctl ", 300);
	json_t *finding = make_finding("critical", "a", "title");
	json_t *lines = json_object_get(
		json_object_get(json_array_get(json_object_get(finding, "fixes"), 0), "commands"),
		"shell");

	(void)state;
	json_array_set_new(lines, 0, json_string(line));
	json_array_set_new(lines, 1, json_string("echo `id`"));
	json_array_set_new(lines, 2, json_string("a && b > c"));
	json_array_append_new(json_object_get(report, "findings"), finding);
	message = slack_of(report);
	assert_false(says(message, "sysctl"));
	assert_false(says(message, "echo"));
	assert_true(says(message, "a &amp;&amp; b &gt; c\\n"));
	assert_true(says(message, "# a line that does not fit here"));
	assert_true(says(message, "# and 2 more lines"));
	assert_true(says(message, "2 more ways"));
}

static void report_without_findings_is_one_line(void **state)
{
	json_auto_t *report = make_report("a<b>");
	json_auto_t *nothing = slack_of(report);
	json_auto_t *clear = NULL;

	(void)state;
	assert_string_equal(text_of(nothing, "text"), "Nothing could be checked on a&lt;b&gt;");
	json_array_append_new(json_object_get(report, "passed"), json_object());
	json_array_append_new(json_object_get(report, "not_checked"), json_object());
	clear = slack_of(report);
	assert_string_equal(text_of(clear, "text"),
			    "No TCP limit is being hit on a&lt;b&gt; (1 not checked)");
	assert_null(json_object_get(clear, "blocks"));
}

/* --- the answer --- */

static void only_slacks_yes_is_a_yes(void **state)
{
	static const struct {
		long status;
		const char *body;
		bool accepted;
	} rows[] = {
		{ 200, "ok", true },  { 200, "ok\n", true },  { 200, "", false },
		{ 200, "OK", false }, { 200, "okay", false }, { 200, "ok but", false },
		{ 204, "", false },   { 202, "ok", false },   { 200, "<html>ok</html>", false },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		struct ta_http_answer answer = { .origin = "https://host",
						 .status = rows[i].status,
						 .body = TA_BUF_INIT(100) };
		struct ta_error err = TA_ERROR_INIT;

		ta_buf_str(&answer.body, rows[i].body);
		assert_int_equal(ta_receiver_slack.accept(&answer, &err), rows[i].accepted);
		assert_int_equal(err.code, rows[i].accepted ? TA_OK : TA_E_NETWORK);
		ta_http_answer_done(&answer);
	}
}

static void only_slacks_words_are_quoted(void **state)
{
	static const struct {
		const char *body, *quoted;
	} rows[] = {
		{ "no_team", "no_team (there is no such workspace)" },
		{ "some_new_word\n", "some_new_word" },
		{ "", "" },
		{ "Cannot POST /services/T0/B0/x", "" },
		{ "T0SECRET", "" },
		{ "no_team /services/T0/B0/x", "" },
		{ "no_team\x1b[2J", "" },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "" },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		struct ta_http_answer answer = { .body = TA_BUF_INIT(100) };
		ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(1024);

		ta_buf_str(&answer.body, rows[i].body);
		ta_receiver_slack.explain(&answer, &text);
		assert_string_equal(ta_buf_cstr(&text), rows[i].quoted);
		ta_http_answer_done(&answer);
	}
}

static void formats_are_known_by_name(void **state)
{
	json_auto_t *report = make_report("host");
	struct ta_error err = TA_ERROR_INIT;

	(void)state;
	for (const char *const *name = ta_deliver_formats(); *name; name++) {
		json_auto_t *payload = ta_deliver_payload(report, *name, NULL);

		assert_non_null(payload);
	}
	assert_null(ta_deliver_payload(report, "teams", &err));
	assert_int_equal(err.code, TA_E_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_escaped_and_cut),
		cmocka_unit_test(thousand_huge_findings_fit),
		cmocka_unit_test(critical_findings_come_first_and_the_rest_is_counted),
		cmocka_unit_test(consequences_are_folded_under_their_cause),
		cmocka_unit_test(command_is_whole_or_left_out),
		cmocka_unit_test(report_without_findings_is_one_line),
		cmocka_unit_test(only_slacks_yes_is_a_yes),
		cmocka_unit_test(only_slacks_words_are_quoted),
		cmocka_unit_test(formats_are_known_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
