/* renderer.h - what a format of the report has to offer: a row in report.c. */
#ifndef REPORT_RENDERER_H
#define REPORT_RENDERER_H

#include <jansson.h>

#include "base/buf.h"
#include "tcpadvise/error.h"
#include "tcpadvise/report.h"

/* Appends the report to an empty buffer, whose cap is set. A failure of the buffer itself is
 * found by the caller. */
typedef bool ta_renderer(const json_t *report, const struct ta_render_options *options,
			 struct ta_buf *out, struct ta_error *err);

ta_renderer ta_render_text, ta_render_json, ta_render_markdown, ta_render_html, ta_render_nagios,
	ta_render_prometheus;

#endif
