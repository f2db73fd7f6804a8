/* Unit tests of src/report: figures, the outline, severities, formats. The pages themselves are
 * held against expected ones by tests/report. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/macros.h"
#include "base/text.h"
#include "report/bar.h"
#include "report/figure.h"
#include "report/outline.h"
#include "report/page.h"
#include "tcpadvise/report.h"

static json_t *parse(const char *text)
{
	json_error_t mistake;
	json_t *value = json_loads(text, JSON_DECODE_ANY, &mistake);

	if (!value)
		fail_msg("%s: %s", mistake.text, text);
	return value;
}

static void figures_read_well(void **state)
{
	static const struct {
		const char *evidence, *amount, *percent;
	} rows[] = {
		{ "{\"value\": 51}", "51", "" },
		{ "{\"value\": 51, \"unit\": \"fds\"}", "51 fds", "" },
		{ "{\"value\": 51, \"limit\": 128, \"unit\": \"fds\"}", "51 of 128 fds", "39%" },
		{ "{\"value\": 0, \"limit\": 128}", "0 of 128", "0%" },
		{ "{\"value\": 1, \"limit\": 128}", "1 of 128", "<1%" },
		{ "{\"value\": 127.9, \"limit\": 128}", "127.9 of 128", "99%" },
		{ "{\"value\": 128, \"limit\": 128}", "128 of 128", "100%" },
		{ "{\"value\": 300, \"limit\": 128}", "300 of 128", "234%" },
		{ "{\"value\": 9000000000, \"limit\": 1}", "9000000000 of 1", ">99999%" },
		{ "{\"value\": 5, \"limit\": 0}", "5 of 0", "" },
		{ "{\"value\": -5, \"limit\": 7}", "-5 of 7", "" },
		{ "{\"value\": \"a b\", \"limit\": 7}", "a b of 7", "" },
		{ "{\"value\": true}", "yes", "" },
		{ "{\"value\": false}", "no", "" },
		{ "{\"value\": null}", "?", "" },
		{ "{}", "?", "" },
		{ "{\"value\": 214, \"unit\": \"/s\"}", "214/s", "" },
		{ "{\"value\": 12, \"unit\": \"%\"}", "12%", "" },
		{ "{\"value\": 2.0}", "2", "" },
		{ "{\"value\": 10.0}", "10", "" },
		{ "{\"value\": 2.505}", "2.5", "" },
		{ "{\"value\": 1.25}", "1.25", "" },
		{ "{\"value\": 0.0}", "0", "" },
		{ "{\"value\": 0.004}", "0.004", "" },
		{ "{\"value\": 1e300}", "1e+300", "" },
		{ "{\"value\": 9223372036854775807}", "9223372036854775807", "" },
		{ "{\"value\": 1048575, \"unit\": \"bytes\"}", "1048575 bytes", "" },
		{ "{\"value\": 1048576, \"unit\": \"bytes\"}", "1 MiB", "" },
		{ "{\"value\": 536870912, \"limit\": 8589934592, \"unit\": \"bytes\"}",
		  "0.5 of 8 GiB", "6%" },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		ta_auto(ta_buf_done) struct ta_buf amount = TA_BUF_INIT(1024);
		json_auto_t *evidence = parse(rows[i].evidence);
		char percent[TA_PERCENT_SIZE] = "";

		ta_figure_amount(&amount, evidence);
		ta_figure_percent(evidence, percent);
		assert_string_equal(ta_buf_cstr(&amount), rows[i].amount);
		assert_string_equal(percent, rows[i].percent);
	}
}

/* Findings as "fingerprint severity cause,cause": the part that the outline looks at. */
static json_t *report_of(const char *findings)
{
	json_t *report = json_pack("{s:o}", "findings", parse(findings));

	assert_non_null(report);
	return report;
}

#define F(fingerprint, severity, causes, more)                                                     \
	"{\"fingerprint\": \"" fingerprint "\", \"severity\": \"" severity                         \
	"\", \"caused_by\": [" causes "]" more "}"

static void outline_is(const char *findings, enum ta_severity least, const char *want)
{
	ta_auto(ta_buf_done) struct ta_buf got = TA_BUF_INIT(1024);
	json_auto_t *report = report_of(findings);
	struct ta_error err = TA_ERROR_INIT;
	struct ta_outline outline;

	assert_true(ta_outline_init(&outline, report, least, &err));
	for (size_t i = 0; i < outline.count; i++)
		ta_buf_printf(&got, "%s%zu",
			      json_string_value(
				      json_object_get(outline.entries[i].finding, "fingerprint")),
			      outline.entries[i].depth);
	ta_outline_done(&outline);
	assert_string_equal(ta_buf_cstr(&got), want);
}

static void consequences_follow_their_cause(void **state)
{
	(void)state;
	outline_is("[]", TA_SEVERITY_NONE, "");
	outline_is("[" F("a", "critical", "", "") "," F("b", "warning", "",
							"") "," F("c", "warning", "\"a\"", "") "]",
		   TA_SEVERITY_NONE, "a0c1b0");
	outline_is("[" F("c", "critical", "\"b\"", "") "," F("b", "warning", "\"a\"",
							     "") "," F("a", "info", "", "") "]",
		   TA_SEVERITY_NONE, "a0b1c2");
	outline_is("[" F("a", "critical", "", "") "," F("b", "warning", "\"a\"", "") "," F(
			   "c", "warning", "\"b\"", "") "," F("d", "warning", "\"a\"",
							      "") "," F("e", "info", "", "") "]",
		   TA_SEVERITY_NONE, "a0b1c2d1e0");
}

static void odd_causes_lose_no_finding(void **state)
{
	(void)state;
	outline_is("[" F("a", "critical", "\"a\"", "") "]", TA_SEVERITY_NONE, "a0");
	outline_is("[" F("a", "critical", "\"b\"", "") "," F("b", "critical", "\"a\"", "") "]",
		   TA_SEVERITY_NONE, "b0a1");
	outline_is("[" F("a", "critical", "\"gone\"", "") "]", TA_SEVERITY_NONE, "a0");
	outline_is(
		"[" F("b", "critical", "\"gone\", 7, \"a\"", "") "," F("a", "critical", "", "") "]",
		TA_SEVERITY_NONE, "a0b1");
	outline_is("[" F("a", "critical", "", "") "," F("a", "warning", "\"a\"", "") "]",
		   TA_SEVERITY_NONE, "a0a1");
}

static void hidden_and_silenced_findings_are_left_out(void **state)
{
	static const char findings[] =
		"[" F("a", "critical", "", ", \"silenced\": {\"reason\": \"x\"}") "," F(
			"b", "warning", "\"a\"",
			"") "," F("c", "info", "", "") "," F("d", "critical", "\"c\"", "") "]";
	json_auto_t *report = report_of(findings);
	struct ta_outline outline;

	(void)state;
	outline_is(findings, TA_SEVERITY_NONE, "b0c0d1");
	outline_is(findings, TA_SEVERITY_WARNING, "b0d0");
	outline_is(findings, TA_SEVERITY_CRITICAL, "d0");
	assert_true(ta_outline_init(&outline, report, TA_SEVERITY_CRITICAL, NULL));
	assert_int_equal(outline.silenced, 1);
	assert_int_equal(outline.total[TA_SEVERITY_CRITICAL], 1);
	assert_int_equal(outline.hidden[TA_SEVERITY_CRITICAL], 0);
	assert_int_equal(outline.hidden[TA_SEVERITY_WARNING], 1);
	assert_int_equal(outline.hidden[TA_SEVERITY_INFO], 1);
	ta_outline_done(&outline);
}

/* A chain of causes as long as this would end a recursive walk. */
static void long_chain_of_causes_is_walked(void **state)
{
	enum { LENGTH = 3000 };
	json_auto_t *report = json_pack("{s:[]}", "findings");
	json_t *findings = json_object_get(report, "findings");
	struct ta_outline outline;
	char own[32], cause[32];
	ta_auto_free char *text = NULL;
	size_t len;

	(void)state;
	for (int i = 0; i < LENGTH; i++) {
		snprintf(own, sizeof(own), "f%d", i);
		snprintf(cause, sizeof(cause), "f%d", i - 1);
		json_array_append_new(findings, json_pack("{s:s, s:s, s:[s]}", "fingerprint", own,
							  "severity", "info", "caused_by", cause));
	}
	assert_true(ta_outline_init(&outline, report, TA_SEVERITY_NONE, NULL));
	assert_int_equal(outline.count, LENGTH);
	assert_int_equal(outline.entries[LENGTH - 1].depth, LENGTH - 1);
	ta_outline_done(&outline);
	assert_true(ta_report_render(report, "text", NULL, &text, &len, NULL));
}

static void worst_severity_does_not_count_silenced_ones(void **state)
{
	static const struct {
		const char *findings;
		enum ta_severity worst;
	} rows[] = {
		{ "[]", TA_SEVERITY_NONE },
		{ "[" F("a", "info", "", "") "]", TA_SEVERITY_INFO },
		{ "[" F("a", "info", "", "") "," F("b", "warning", "", "") "]",
		  TA_SEVERITY_WARNING },
		{ "[" F("a", "critical", "", ", \"silenced\": {}") "," F("b", "warning", "",
									 "") "]",
		  TA_SEVERITY_WARNING },
		{ "[" F("a", "critical", "", "") "]", TA_SEVERITY_CRITICAL },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		json_auto_t *report = report_of(rows[i].findings);

		assert_int_equal(ta_report_worst(report), rows[i].worst);
	}
	assert_int_equal(ta_severity_parse("warning"), TA_SEVERITY_WARNING);
	assert_int_equal(ta_severity_parse("Warning"), TA_SEVERITY_NONE);
	assert_int_equal(ta_severity_parse(""), TA_SEVERITY_NONE);
}

static void unknown_format_is_refused(void **state)
{
	struct ta_error err = TA_ERROR_INIT;
	json_auto_t *report = json_object();
	char *text = NULL;
	size_t len = 7;

	(void)state;
	assert_false(ta_report_render(report, "yaml", NULL, &text, &len, &err));
	assert_int_equal(err.code, TA_E_USAGE);
	assert_null(text);
	assert_int_equal(len, 7);
	for (const char *const *format = ta_report_formats(); *format; format++) {
		assert_true(ta_report_render(report, *format, NULL, &text, &len, NULL));
		assert_int_equal(strlen(text), len);
		free(TA_TAKE(text));
	}
}

/* Three bytes a character: the 80 that are shown of a value would end within one. */
static void a_long_value_is_cut_between_characters(void **state)
{
	ta_auto(ta_buf_done) struct ta_buf value = TA_BUF_INIT(1024);
	ta_auto_free char *text = NULL;
	json_auto_t *report = NULL;
	size_t len;

	(void)state;
	for (size_t i = 0; i < 40; i++)
		ta_buf_str(&value, "\xe2\x82\xac");
	report = json_pack("{s:{s:[{s:s, s:{s:s, s:s, s:i}, s:{s:i, s:s, s:i}}]}}", "evidence",
			   "conflicts", "fact", "f", "earlier", "value", ta_buf_cstr(&value),
			   "from", "a", "line", 1, "later", "value", 7, "from", "a", "line", 2);
	assert_non_null(report);
	assert_true(ta_report_render(report, "text", &(struct ta_render_options){ .utf8 = true },
				     &text, &len, NULL));
	assert_non_null(strstr(text, "\xe2\x82\xac in a:1, 7 in a:2;"));
	assert_true(ta_utf8_valid(text, len));
	assert_null(strstr(text, "\\xe2"));
}

static void what_is_one_is_in_the_singular(void **state)
{
	ta_auto_free char *text = NULL;
	json_auto_t *report = parse("{\"evidence\": {}, \"not_checked\": [{\"rule\": \"r\"}]}");
	size_t len;

	(void)state;
	assert_true(ta_report_render(report, "text", NULL, &text, &len, NULL));
	assert_non_null(strstr(text, "  1 check lacks facts (--explain: which)\n"));
}

/* Not a report of ours, yet no reason to crash: every member is of another type. */
static void members_of_wrong_types_are_survived(void **state)
{
	static const char *const members[] = { "schema",   "host",   "collection",  "namespaces",
					       "findings", "passed", "not_checked", "gaps" };
	static const char *const values[] = { "null",      "7",  "\"x\"",
					      "[]",        "{}", "[7, null, [], {}]",
					      "{\"a\": 1}" };

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(members); i++) {
		for (size_t j = 0; j < TA_ARRAY_SIZE(values); j++) {
			json_auto_t *report = json_object();
			ta_auto_free char *text = NULL;
			size_t len;

			json_object_set_new(report, members[i], parse(values[j]));
			assert_true(ta_report_render(report, "text", NULL, &text, &len, NULL));
		}
	}
}

static void bars_are_as_long_as_their_share(void **state)
{
	static const struct {
		double share;
		size_t columns;
		const char *ascii, *blocks, *open;
	} rows[] = {
		{ 0, 10, "[--------]", "░░░░░░░░░░", "" },
		{ 0.5, 10, "[####----]", "█████░░░░░", "#####" },
		{ 0.40625, 4, "[#-]", "█▋░░", "#" },
		{ 0.0001, 10, "[#-------]", "▏░░░░░░░░░", "#" },         /* there is some */
		{ 0.9999, 10, "[#######-]", "█████████▉", "#########" }, /* not yet full */
		{ 1, 10, "[########]", "██████████", "##########" },
		{ 7.5, 10, "[########]", "██████████", "##########" },
		{ -1, 10, "[--------]", "░░░░░░░░░░", "" },
		{ NAN, 3, "[-]", "░░░", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		ta_auto(ta_buf_done) struct ta_buf out = TA_BUF_INIT(1024);

		ta_bar(&out, rows[i].share, rows[i].columns, true);
		assert_string_equal(ta_buf_cstr(&out), rows[i].ascii);
		ta_buf_clear(&out);
		ta_bar(&out, rows[i].share, rows[i].columns, false);
		assert_string_equal(ta_buf_cstr(&out), rows[i].blocks);
		ta_buf_clear(&out);
		ta_bar_open(&out, rows[i].share, rows[i].columns, true);
		assert_string_equal(ta_buf_cstr(&out), rows[i].open);
	}
}

static void cursor_follows_what_is_on_the_page(void **state)
{
	ta_auto(ta_buf_done) struct ta_buf out = TA_BUF_INIT(1024);
	struct ta_page page = { .out = &out, .width = 20, .color = true };

	(void)state;
	ta_page_style(&page, TA_STYLE_BOLD);
	ta_page_text(&page, "\xe6\xbc\xa2\x1b");
	ta_page_plain(&page);
	assert_int_equal(page.column, 6);
	ta_page_column(&page, 8);
	ta_page_prose(&page, 2, "four letter words here");
	assert_int_equal(page.column, 12);
	ta_page_newline(&page);
	ta_page_gap(&page);
	ta_page_gap(&page);
	assert_int_equal(page.column, 0);
	assert_string_equal(ta_buf_cstr(&out), "\033[1m\xe6\xbc\xa2\\x1b\033[0m  four letter\n"
					       "  words here\n\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_read_well),
		cmocka_unit_test(consequences_follow_their_cause),
		cmocka_unit_test(odd_causes_lose_no_finding),
		cmocka_unit_test(hidden_and_silenced_findings_are_left_out),
		cmocka_unit_test(long_chain_of_causes_is_walked),
		cmocka_unit_test(worst_severity_does_not_count_silenced_ones),
		cmocka_unit_test(unknown_format_is_refused),
		cmocka_unit_test(a_long_value_is_cut_between_characters),
		cmocka_unit_test(what_is_one_is_in_the_singular),
		cmocka_unit_test(members_of_wrong_types_are_survived),
		cmocka_unit_test(bars_are_as_long_as_their_share),
		cmocka_unit_test(cursor_follows_what_is_on_the_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
