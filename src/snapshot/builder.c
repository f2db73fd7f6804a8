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

/* Where a gap is that knows its namespaces. */
static void word_gap(struct ta_builder *builder, json_t *gap)
{
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(TEXT_CAP);
	const json_t *namespaces = json_object_get(gap, "namespaces");
	const char *first = json_string_value(json_array_get(namespaces, 0));
	size_t count = json_array_size(namespaces);
	bool unlike = json_object_del(gap, "unlike") == 0;

	if (builder->failed || !count)
		return;
	ta_buf_str(&buf, json_string_value(json_object_get(gap, "what")));
	if (count == 1 || unlike)
		ta_buf_printf(&buf, " in network namespace %s", first);
	else
		ta_buf_printf(&buf, " in %zu network namespaces", count);
	if (unlike)
		ta_buf_printf(&buf, ", and the like in %zu other%s", count - 1,
			      count == 2 ? "" : "s");
	if (ta_buf_ok(&buf, NULL))
		ta_build_text(builder, gap, "what", ta_buf_cstr(&buf));
	else
		builder->failed = true;
}

bool ta_builder_finish(struct ta_builder *builder, json_t **ret, struct ta_error *err)
{
	size_t i;
	json_t *gap;

	json_array_foreach (builder->gaps, i, gap)
		word_gap(builder, gap);
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

/* A rate over a window of a second is not known to fourteen digits, and people read it. What is
 * almost nothing stays what it is: it is not nothing. */
static double rounded(double value)
{
	if (fabs(value) >= 1)
		return round(value * 100) / 100;
	if (fabs(value) >= 0.001)
		return round(value * 10000) / 10000;
	return value;
}

void ta_build_real(struct ta_builder *builder, json_t *object, const char *key, double value)
{
	if (isfinite(value)) /* JSON has no other */
		ta_build_value(builder, object, key, json_real(rounded(value)));
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

void ta_build_gaps_in(struct ta_builder *builder, const char *namespace_)
{
	builder->gaps_in = namespace_;
}

/* Whether two texts are the same but for the numbers in them. */
static bool is_alike(const char *a, const char *b)
{
	static const char digits[] = "0123456789";

	while (*a && *b) {
		size_t skip_a = strspn(a, digits), skip_b = strspn(b, digits);

		if (!skip_a != !skip_b || (!skip_a && *a != *b))
			return false;
		a += skip_a ? skip_a : 1;
		b += skip_b ? skip_b : 1;
	}
	return *a == *b;
}

static bool is_gap_alike(const json_t *a, const json_t *b)
{
	static const char *const texts[] = { "why", "what" };

	for (size_t i = 0; i < TA_ARRAY_SIZE(texts); i++)
		if (!is_alike(json_string_value(json_object_get(a, texts[i])),
			      json_string_value(json_object_get(b, texts[i]))))
			return false;
	return json_equal(json_object_get(a, "facts"), json_object_get(b, "facts"));
}

/* The gap of other namespaces that this one, the last, is another case of; or NULL. */
static json_t *find_alike(const struct ta_builder *builder, const json_t *gap)
{
	size_t i;
	json_t *other;

	json_array_foreach (builder->gaps, i, other) {
		const json_t *namespaces = json_object_get(other, "namespaces");
		const json_t *last = json_array_get(namespaces, json_array_size(namespaces) - 1);

		if (last && strcmp(json_string_value(last), builder->gaps_in) != 0 &&
		    is_gap_alike(other, gap))
			return other;
	}
	return NULL;
}

/* The name of the namespace goes to the gap, or to the one that it is another case of. */
static void place_gap(struct ta_builder *builder, json_t *gap)
{
	json_t *other = builder->failed ? NULL : find_alike(builder, gap);
	json_t *name = make_text(builder, builder->gaps_in, strlen(builder->gaps_in));

	if (!other) {
		append(builder, ta_build_array(builder, gap, "namespaces"), name);
		return;
	}
	append(builder, json_object_get(other, "namespaces"), name);
	if (!json_equal(json_object_get(other, "what"), json_object_get(gap, "what")))
		ta_build_bool(builder, other, "unlike", true); /* until they are worded */
	json_array_remove(builder->gaps, json_array_size(builder->gaps) - 1);
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
	if (builder->gaps_in)
		place_gap(builder, gap);
}
