/* plan_render.h - the formats of a plan, a file each. A failure of the buffer is found by the
 * caller. */
#ifndef ADVICE_PLAN_RENDER_H
#define ADVICE_PLAN_RENDER_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "tcpadvise/report.h"

typedef bool ta_plan_renderer(const json_t *plan, const struct ta_render_options *options,
			      struct ta_buf *out, struct ta_error *err);

ta_plan_renderer ta_plan_text, ta_plan_markdown;

#endif
