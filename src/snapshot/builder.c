/* builder.c - see builder.h. */
#include "snapshot/builder.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/text.h"

/* A bound against nonsense; real strings here are names, paths and reasons. */
enum { TEXT_CAP = 1 << 20 };

void ta_builder_init(struct ta_builder *builder)
{
	*builder = (struct ta_builder){
		.root = json_object(),
		.gaps = json_array(),
		.text = TA_BUF_INIT(TEXT_CAP),
	};
	builder->failed = !builder->root || !builder->gaps;
}

void ta_builder_done(struct ta_builder *builder)
{
	json_decref(builder->root);
	json_decref(builder->gaps);
	builder->root = builder->gaps = NULL;
	ta_buf_done(&builder->text);
}

bool ta_builder_finish(struct ta_builder *builder, json_t **ret, struct ta_error *err)
{
	ta_build_value(builder, builder->root, "gaps", TA_TAKE(builder->gaps));
	if (builder->failed)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	*ret = TA_TAKE(builder->root);
	return true;
}

void ta_build_value(struct ta_builder *builder, json_t *object, const char *key, json_t *value)
{
	if (builder->failed) {
		json_decref(value);
		return;
	}
	if (json_object_set_new(object, key, value) < 0)
		builder->failed = true;
}

void ta_build_int(struct ta_builder *builder, json_t *object, const char *key, int64_t value)
{
	ta_build_value(builder, object, key, json_integer(value));
}

void ta_build_uint(struct ta_builder *builder, json_t *object, const char *key, uint64_t value)
{
	if (value <= INT64_MAX)
		ta_build_int(builder, object, key, (int64_t)value);
}

void ta_build_real(struct ta_builder *builder, json_t *object, const char *key, double value)
{
	if (isfinite(value)) /* JSON has no other */
		ta_build_value(builder, object, key, json_real(value));
}

void ta_build_bool(struct ta_builder *builder, json_t *object, const char *key, bool value)
{
	ta_build_value(builder, object, key, json_boolean(value));
}

/* A new string. */
static json_t *make_text(struct ta_builder *builder, const char *text, size_t len)
{
	struct ta_buf *buf = &builder->text;

	ta_buf_clear(buf);
	ta_text_utf8(buf, text, len);
	if (!ta_buf_ok(buf, NULL))
		return NULL;
	return json_stringn(ta_buf_cstr(buf), buf->len);
}

void ta_build_text_n(struct ta_builder *builder, json_t *object, const char *key, const char *text,
		     size_t len)
{
	ta_build_value(builder, object, key, make_text(builder, text, len));
}

void ta_build_text(struct ta_builder *builder, json_t *object, const char *key, const char *text)
{
	ta_build_text_n(builder, object, key, text, strlen(text));
}

json_t *ta_build_object(struct ta_builder *builder, json_t *object, const char *key)
{
	json_t *value = json_object();

	ta_build_value(builder, object, key, value);
	return builder->failed ? NULL : value;
}

json_t *ta_build_array(struct ta_builder *builder, json_t *object, const char *key)
{
	json_t *value = json_array();

	ta_build_value(builder, object, key, value);
	return builder->failed ? NULL : value;
}

static json_t *append(struct ta_builder *builder, json_t *array, json_t *value)
{
	if (builder->failed) {
		json_decref(value);
		return NULL;
	}
	if (json_array_append_new(array, value) < 0)
		builder->failed = true;
	return builder->failed ? NULL : value;
}

json_t *ta_build_row(struct ta_builder *builder, json_t *array)
{
	return append(builder, array, json_object());
}

void ta_build_element(struct ta_builder *builder, json_t *array, int64_t value)
{
	append(builder, array, json_integer(value));
}

void ta_build_gap(struct ta_builder *builder, const char *what, const char *why, ...)
{
	json_t *gap = ta_build_row(builder, builder->gaps);
	json_t *facts;
	va_list args;

	ta_build_text(builder, gap, "what", what);
	ta_build_text(builder, gap, "why", why);
	facts = ta_build_array(builder, gap, "facts");
	va_start(args, why);
	for (const char *fact; (fact = va_arg(args, const char *));)
		append(builder, facts, make_text(builder, fact, strlen(fact)));
	va_end(args);
}
