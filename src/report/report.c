/* report.c - the formats of the report; see tcpadvise/report.h. */
#include "tcpadvise/report.h"

#include <string.h>

#include "base/macros.h"
#include "report/outline.h"
#include "report/renderer.h"
#include "rules/level.h"

enum { REPORT_MAX = 64 << 20 };

static const struct format {
	const char *name;
	ta_renderer *render;
	bool shows_snapshot; /* what it says needs the report's "snapshot" */
} formats[] = {
	{ "text", ta_render_text, false },         { "json", ta_render_json, false },
	{ "markdown", ta_render_markdown, false }, { "html", ta_render_html, true },
	{ "nagios", ta_render_nagios, true },      { "prometheus", ta_render_prometheus, true },
};

static const char *const format_names[] = { "text",   "json",       "markdown", "html",
					    "nagios", "prometheus", NULL };

_Static_assert(TA_ARRAY_SIZE(format_names) == TA_ARRAY_SIZE(formats) + 1, "a name for each");

_Static_assert((int)TA_SEVERITY_CRITICAL == (int)TA_LEVEL_CRITICAL, "the same in the same order");

enum ta_severity ta_severity_parse(const char *name)
{
	return (enum ta_severity)ta_level(name);
}

enum ta_severity ta_report_worst(const json_t *report)
{
	enum ta_severity worst = TA_SEVERITY_NONE;
	const json_t *finding;
	size_t i;

	json_array_foreach (json_object_get(report, "findings"), i, finding) {
		enum ta_severity severity = ta_finding_severity(finding);

		if (!json_object_get(finding, "silenced") && severity > worst)
			worst = severity;
	}
	return worst;
}

static const struct format *find(const char *name)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(formats); i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

bool ta_report_shows_snapshot(const char *format)
{
	const struct format *found = find(format);

	return found && found->shows_snapshot;
}

bool ta_report_render(const json_t *report, const char *format,
		      const struct ta_render_options *options, char **ret_text, size_t *ret_len,
		      struct ta_error *err)
{
	static const struct ta_render_options defaults = { .width = 0 };
	ta_auto(ta_buf_done) struct ta_buf out = TA_BUF_INIT(REPORT_MAX);
	const struct format *found = find(format);
	size_t len;

	if (!found)
		return ta_fail(err, TA_E_USAGE, "unknown report format '%s'", format);
	if (!found->render(report, options ? options : &defaults, &out, err))
		return false;
	len = out.len;
	if (!ta_buf_finish(&out, ret_text, err))
		return ta_wrap(err, "%s report", format);
	*ret_len = len;
	return true;
}

const char *const *ta_report_formats(void)
{
	return format_names;
}
