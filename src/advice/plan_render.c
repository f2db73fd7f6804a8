/* plan_render.c - the formats of a plan: see tcpadvise/advice.h. What is neither for people nor
 * JSON is a dialect, whose text another tool loads. */
#include "advice/plan_render.h"

#include <string.h>

#include "advice/planning.h"
#include "base/buf.h"

enum { PLAN_MAX = 64 << 20, FORMATS_MAX = 32 };

static bool render_json(const json_t *plan, const struct ta_render_options *options,
			struct ta_buf *out, struct ta_error *err)
{
	return ta_json_print(out, plan, options->compact ? TA_JSON_LINE : TA_JSON_PAGE, err);
}

static const struct {
	const char *name;
	ta_plan_renderer *render;
} formats[] = {
	{ "text", ta_plan_text },
	{ "json", render_json },
	{ "markdown", ta_plan_markdown },
};

const char *const *ta_plan_formats(void)
{
	static const char *names[FORMATS_MAX];

	for (size_t i = 0; i < TA_ARRAY_SIZE(formats); i++)
		names[i] = formats[i].name;
	for (size_t i = 0; i < ta_dialect_count && i + TA_ARRAY_SIZE(formats) < FORMATS_MAX - 1;
	     i++)
		names[TA_ARRAY_SIZE(formats) + i] = ta_dialects[i].name;
	return names;
}

static bool render_dialect(const json_t *plan, const char *dialect, const char *kubernetes,
			   struct ta_buf *out, struct ta_error *err)
{
	ta_auto(json_decref_p) json_t *lines =
		ta_changes_lines(plan, json_object_get(plan, "changes"), dialect, kubernetes);
	const json_t *line;
	size_t i;

	if (!lines)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	json_array_foreach (lines, i, line)
		ta_buf_printf(out, "%s\n", json_string_value(line));
	return true;
}

static bool render(const json_t *plan, const char *format, const struct ta_render_options *options,
		   const char *kubernetes, struct ta_buf *out, struct ta_error *err)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(formats); i++)
		if (strcmp(formats[i].name, format) == 0)
			return formats[i].render(plan, options, out, err);
	if (ta_dialect_find(format))
		return render_dialect(plan, format, kubernetes, out, err);
	return ta_fail(err, TA_E_USAGE, "unknown format of a plan '%s'", format);
}

bool ta_plan_render(const json_t *plan, const char *format, const struct ta_render_options *options,
		    const char *kubernetes, char **ret_text, size_t *ret_len, struct ta_error *err)
{
	static const struct ta_render_options defaults = { .width = 0 };
	ta_auto(ta_buf_done) struct ta_buf out = TA_BUF_INIT(PLAN_MAX);
	size_t len;

	if (!render(plan, format, options ? options : &defaults, kubernetes, &out, err))
		return false;
	len = out.len;
	if (!ta_buf_finish(&out, ret_text, err))
		return ta_wrap(err, "%s plan", format);
	*ret_len = len;
	return true;
}
