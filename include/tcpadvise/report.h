/* report.h - one report document, many renderers.
 *
 * The document is what ta_rules_evaluate() returns (rules/schema/report.schema.json). A
 * renderer turns it into bytes and touches nothing else. */
#ifndef TCPADVISE_REPORT_H
#define TCPADVISE_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "tcpadvise/error.h"

struct ta_render_options {
	size_t width;             /* columns for text; 0: 80 */
	bool color;               /* SGR sequences in text */
	bool utf8;                /* characters in text; else ASCII and escapes */
	bool verbose;             /* everything, also what passed one by one */
	bool brief;               /* of text: a line a finding */
	bool only_problems;       /* of text: warnings and worse, and nothing else */
	bool compact;             /* JSON on one line */
	const char *flavour;      /* of Markdown: github, gitlab, jira; NULL: github */
	const char *min_severity; /* findings below are counted, not shown; NULL: all */
	const char *fail_on;      /* "critical": to a plug-in a warning is OK; NULL: it is not */
};

enum ta_severity { TA_SEVERITY_NONE, TA_SEVERITY_INFO, TA_SEVERITY_WARNING, TA_SEVERITY_CRITICAL };

/* "info", "warning", "critical"; NONE when the name is none of them. */
TA_API enum ta_severity ta_severity_parse(const char *name);

/* The worst severity among the findings that are not silenced. */
TA_API enum ta_severity ta_report_worst(const json_t *report);

/* Whether a report in this format shows figures of the snapshot, which then is to be its member
 * "snapshot". Without it they are left out. */
TA_API bool ta_report_shows_snapshot(const char *format);

/* format is one of ta_report_formats(); *ret_text is to be freed. TA_E_USAGE for another. The words
 * are in the language of the thread (language.h). */
TA_API bool ta_report_render(const json_t *report, const char *format,
			     const struct ta_render_options *options, char **ret_text,
			     size_t *ret_len, struct ta_error *err);

/* What a monitoring plug-in says of it, which is its exit status, too; see the format "nagios".
 * UNKNOWN: nothing could be checked. */
enum ta_plugin_state {
	TA_PLUGIN_OK,
	TA_PLUGIN_WARNING,
	TA_PLUGIN_CRITICAL,
	TA_PLUGIN_UNKNOWN,
};

/* fail_on as in struct ta_render_options. */
TA_API bool ta_report_plugin_state(const json_t *report, const char *fail_on,
				   enum ta_plugin_state *ret_state, struct ta_error *err);

/* The line of a plug-in whose audit failed, without a newline; cut to size bytes. */
TA_API void ta_report_plugin_failure(const char *why, char *ret, size_t size);

/* The names of the formats, NULL-terminated. */
TA_API const char *const *ta_report_formats(void);

#endif
