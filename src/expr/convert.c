/* convert.c - see convert.h. What does not fit or is no such text is an error, never a guess. */
#include "expr/convert.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "base/number.h"
#include "base/text.h"
#include "expr/real.h"

/* All functions here have the parameters of the table and one argument. */
#define CONVERSION(name)                                                                           \
	bool name(struct ta_run *run, const struct ta_node *node, const struct ta_value *args,     \
		  size_t count, struct ta_value *ret)

#define UNUSED (void)run, (void)node, (void)args, (void)count

static bool out_of_range(struct ta_run *run, const struct ta_node *node, const char *type)
{
	return ta_run_fail(run, node->mark, "out of range of %s", type);
}

static bool no_number(struct ta_run *run, const struct ta_node *node, const struct ta_value *text,
		      const char *type)
{
	size_t len = text->as.str.len < 40 ? text->as.str.len : 40;

	return ta_run_fail(run, node->mark, "'%.*s'%s is no %s", (int)len,
			   len ? text->as.str.ptr : "", len < text->as.str.len ? "..." : "", type);
}

CONVERSION(ta_convert_same)
{
	UNUSED;
	*ret = args[0];
	return true;
}

CONVERSION(ta_convert_type)
{
	UNUSED;
	*ret = (struct ta_value){ .kind = TA_TYPE, .as.type = args[0].kind };
	return true;
}

CONVERSION(ta_convert_uint_int)
{
	UNUSED;
	if (args[0].as.u > INT64_MAX)
		return out_of_range(run, node, "int");
	*ret = TA_VALUE_INT((int64_t)args[0].as.u);
	return true;
}

/* Both ends are excluded: the conformance tests want int(9223372036854775807.0) to fail, and the
 * double of that is 2^63. */
CONVERSION(ta_convert_double_int)
{
	UNUSED;
	if (!(args[0].as.d > -0x1p63 && args[0].as.d < 0x1p63))
		return out_of_range(run, node, "int");
	*ret = TA_VALUE_INT((int64_t)args[0].as.d);
	return true;
}

/* "+5" is an int, as it is for the other implementations of CEL, "+-5" is none. */
CONVERSION(ta_convert_string_int)
{
	const char *s = args[0].as.str.ptr;
	size_t len = args[0].as.str.len, plus = len > 1 && s[0] == '+' && s[1] != '-';
	int64_t i;

	UNUSED;
	if (!ta_parse_i64(s + plus, len - plus, &i))
		return no_number(run, node, &args[0], "int");
	*ret = TA_VALUE_INT(i);
	return true;
}

CONVERSION(ta_convert_int_uint)
{
	UNUSED;
	if (args[0].as.i < 0)
		return out_of_range(run, node, "uint");
	*ret = ta_value_uint((uint64_t)args[0].as.i);
	return true;
}

CONVERSION(ta_convert_double_uint)
{
	UNUSED;
	if (!(args[0].as.d >= 0 && args[0].as.d < 0x1p64))
		return out_of_range(run, node, "uint");
	*ret = ta_value_uint((uint64_t)args[0].as.d);
	return true;
}

CONVERSION(ta_convert_string_uint)
{
	uint64_t u;

	UNUSED;
	if (!ta_parse_u64(args[0].as.str.ptr, args[0].as.str.len, 10, &u))
		return no_number(run, node, &args[0], "uint");
	*ret = ta_value_uint(u);
	return true;
}

CONVERSION(ta_convert_int_double)
{
	UNUSED;
	*ret = TA_VALUE_DOUBLE((double)args[0].as.i);
	return true;
}

CONVERSION(ta_convert_uint_double)
{
	UNUSED;
	*ret = TA_VALUE_DOUBLE((double)args[0].as.u);
	return true;
}

/* "Infinity" rather than digits. */
static bool is_word(const struct ta_value *text)
{
	char last = text->as.str.ptr[text->as.str.len - 1];

	return last != '.' && (last < '0' || last > '9');
}

CONVERSION(ta_convert_string_double)
{
	double d;

	UNUSED;
	if (!ta_real_parse(args[0].as.str.ptr, args[0].as.str.len, &d))
		return no_number(run, node, &args[0], "double");
	if (isinf(d) && !is_word(&args[0]))
		return out_of_range(run, node, "double");
	*ret = TA_VALUE_DOUBLE(d);
	return true;
}

static bool give_text(struct ta_run *run, const struct ta_node *node, const char *text,
		      struct ta_value *ret)
{
	size_t len = strlen(text);
	char *copy = ta_arena_copy(&run->eval->arena, text, len);

	if (!copy)
		return ta_run_out_of_memory(run, node->mark);
	*ret = ta_value_string(TA_STRING, copy, len);
	return true;
}

CONVERSION(ta_convert_int_string)
{
	char text[32];

	UNUSED;
	snprintf(text, sizeof(text), "%" PRId64, args[0].as.i);
	return give_text(run, node, text, ret);
}

CONVERSION(ta_convert_uint_string)
{
	char text[32];

	UNUSED;
	snprintf(text, sizeof(text), "%" PRIu64, args[0].as.u);
	return give_text(run, node, text, ret);
}

CONVERSION(ta_convert_double_string)
{
	char text[TA_REAL_TEXT];

	UNUSED;
	ta_real_format(args[0].as.d, text);
	return give_text(run, node, text, ret);
}

CONVERSION(ta_convert_bool_string)
{
	UNUSED;
	*ret = args[0].as.boolean ? ta_value_string(TA_STRING, "true", 4)
				  : ta_value_string(TA_STRING, "false", 5);
	return true;
}

CONVERSION(ta_convert_bytes_string)
{
	UNUSED;
	if (!ta_utf8_valid(args[0].as.str.ptr, args[0].as.str.len))
		return ta_run_fail(run, node->mark, "these bytes are no UTF-8");
	*ret = ta_value_string(TA_STRING, args[0].as.str.ptr, args[0].as.str.len);
	return true;
}

CONVERSION(ta_convert_string_bytes)
{
	UNUSED;
	*ret = ta_value_string(TA_BYTES, args[0].as.str.ptr, args[0].as.str.len);
	return true;
}

CONVERSION(ta_convert_string_bool)
{
	static const struct {
		const char *text;
		bool is;
	} words[] = {
		{ "1", true },      { "t", true },      { "true", true }, { "TRUE", true },
		{ "True", true },   { "0", false },     { "f", false },   { "false", false },
		{ "FALSE", false }, { "False", false },
	};
	size_t len = args[0].as.str.len;

	UNUSED;
	for (size_t i = 0; i < TA_ARRAY_SIZE(words); i++) {
		if (strlen(words[i].text) != len || memcmp(words[i].text, args[0].as.str.ptr, len))
			continue;
		*ret = TA_VALUE_BOOL(words[i].is);
		return true;
	}
	return no_number(run, node, &args[0], "bool");
}
