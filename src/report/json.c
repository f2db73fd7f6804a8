/* json.c - the report document itself, in the order in which it was built. */
#include "base/json.h"
#include "report/renderer.h"

bool ta_render_json(const json_t *report, const struct ta_render_options *options,
		    struct ta_buf *out, struct ta_error *err)
{
	return ta_json_print(out, report, options->compact ? TA_JSON_LINE : TA_JSON_PAGE, err);
}
