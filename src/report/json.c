/* json.c - the report document itself, in the order in which it was built. */
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "report/renderer.h"

bool ta_render_json(const json_t *report, const struct ta_render_options *options,
		    struct ta_buf *out, struct ta_error *err)
{
	ta_auto_free char *text = json_dumps(report, JSON_INDENT(2) | JSON_ENCODE_ANY);

	(void)options;
	if (!text)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	ta_text_json(out, text, strlen(text));
	ta_buf_char(out, '\n');
	return true;
}
