/* functions.c - see functions.h. Conversions are in convert.c, math.* in math.c. */
#include "expr/functions.h"

#include <string.h>

#include "base/buf.h"
#include "base/macros.h"
#include "expr/convert.h"
#include "expr/maths.h"
#include "expr/regex.h"

enum { BYTES_A_STEP = 32 };

static bool answer(struct ta_value *ret, bool is)
{
	*ret = TA_VALUE_BOOL(is);
	return true;
}

static size_t code_points(const struct ta_value *text)
{
	size_t count = 0;

	for (size_t i = 0; i < text->as.str.len; i++)
		count += ((uint8_t)text->as.str.ptr[i] & 0xc0) != 0x80;
	return count;
}

static bool size_of_string(struct ta_run *run, const struct ta_node *node,
			   const struct ta_value *args, size_t count, struct ta_value *ret)
{
	(void)count;
	if (!ta_run_spend(run, node->mark, args[0].as.str.len / BYTES_A_STEP))
		return false;
	*ret = TA_VALUE_INT((int64_t)code_points(&args[0]));
	return true;
}

static bool size_of_bytes(struct ta_run *run, const struct ta_node *node,
			  const struct ta_value *args, size_t count, struct ta_value *ret)
{
	(void)run, (void)node, (void)count;
	*ret = TA_VALUE_INT((int64_t)args[0].as.str.len);
	return true;
}

static bool size_of_many(struct ta_run *run, const struct ta_node *node,
			 const struct ta_value *args, size_t count, struct ta_value *ret)
{
	(void)run, (void)node, (void)count;
	*ret = TA_VALUE_INT((int64_t)ta_value_size(&args[0]));
	return true;
}

/* memcmp() may not get a null pointer, which an empty string may have. */
static bool same_bytes(const char *a, const char *b, size_t len)
{
	return len == 0 || memcmp(a, b, len) == 0;
}

static bool starts_with(struct ta_run *run, const struct ta_node *node, const struct ta_value *args,
			size_t count, struct ta_value *ret)
{
	size_t len = args[1].as.str.len;

	(void)run, (void)node, (void)count;
	return answer(ret, len <= args[0].as.str.len &&
				   same_bytes(args[0].as.str.ptr, args[1].as.str.ptr, len));
}

static bool ends_with(struct ta_run *run, const struct ta_node *node, const struct ta_value *args,
		      size_t count, struct ta_value *ret)
{
	size_t size = args[0].as.str.len, len = args[1].as.str.len;

	(void)run, (void)node, (void)count;
	if (len == 0 || len > size)
		return answer(ret, len == 0);
	return answer(ret, same_bytes(args[0].as.str.ptr + size - len, args[1].as.str.ptr, len));
}

static bool contains(struct ta_run *run, const struct ta_node *node, const struct ta_value *args,
		     size_t count, struct ta_value *ret)
{
	size_t size = args[0].as.str.len, len = args[1].as.str.len;

	(void)count;
	if (!ta_run_spend(run, node->mark, (size + len) / BYTES_A_STEP))
		return false;
	if (len == 0 || len > size)
		return answer(ret, len == 0);
	return answer(ret, memmem(args[0].as.str.ptr, size, args[1].as.str.ptr, len));
}

static bool matches(struct ta_run *run, const struct ta_node *node, const struct ta_value *args,
		    size_t count, struct ta_value *ret)
{
	bool is;

	(void)count;
	return ta_regex_match(run, node, node->regex, &args[1], &args[0], &is) && answer(ret, is);
}

/* Bytes of the joined text; false when an element is no string. */
static bool joined_size(struct ta_run *run, const struct ta_node *node, const struct ta_value *list,
			size_t separator, size_t *ret)
{
	size_t count = ta_value_size(list), size = 0;

	if (!ta_run_spend(run, node->mark, count))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct ta_value element = ta_value_at(list, i);

		if (element.kind != TA_STRING)
			return ta_run_fail(run, node->mark, "join: element %zu is %s, not string",
					   i, ta_run_kind(&element));
		size += element.as.str.len + (i ? separator : 0);
	}
	*ret = size;
	return true;
}

/* list.join(), list.join(separator): CEL's strings extension. */
static bool join(struct ta_run *run, const struct ta_node *node, const struct ta_value *args,
		 size_t count, struct ta_value *ret)
{
	const struct ta_value none = { .kind = TA_STRING, .as.str = { "", 0 } };
	const struct ta_value *separator = count > 1 ? &args[1] : &none;
	size_t size = 0, used = 0;
	char *text;

	if (!joined_size(run, node, &args[0], separator->as.str.len, &size))
		return false;
	text = ta_arena_alloc(&run->eval->arena, size + 1);
	if (!text)
		return ta_run_out_of_memory(run, node->mark);
	for (size_t i = 0; i < ta_value_size(&args[0]); i++) {
		struct ta_value element = ta_value_at(&args[0], i);

		if (i && separator->as.str.len) {
			memcpy(text + used, separator->as.str.ptr, separator->as.str.len);
			used += separator->as.str.len;
		}
		if (element.as.str.len)
			memcpy(text + used, element.as.str.ptr, element.as.str.len);
		used += element.as.str.len;
	}
	*ret = (struct ta_value){ .kind = TA_STRING, .as.str = { text, size } };
	return true;
}

static const struct ta_function functions[] = {
	{ "size", "s", 'i', TA_GLOBAL | TA_METHOD, size_of_string },
	{ "size", "y", 'i', TA_GLOBAL | TA_METHOD, size_of_bytes },
	{ "size", "l", 'i', TA_GLOBAL | TA_METHOD, size_of_many },
	{ "size", "m", 'i', TA_GLOBAL | TA_METHOD, size_of_many },
	{ "startsWith", "ss", 'b', TA_METHOD, starts_with },
	{ "endsWith", "ss", 'b', TA_METHOD, ends_with },
	{ "contains", "ss", 'b', TA_METHOD, contains },
	{ "matches", "ss", 'b', TA_GLOBAL | TA_METHOD, matches },
	{ "join", "l", 's', TA_METHOD, join },
	{ "join", "ls", 's', TA_METHOD, join },

	{ "int", "i", 'i', TA_GLOBAL, ta_convert_same },
	{ "int", "u", 'i', TA_GLOBAL, ta_convert_uint_int },
	{ "int", "d", 'i', TA_GLOBAL, ta_convert_double_int },
	{ "int", "s", 'i', TA_GLOBAL, ta_convert_string_int },
	{ "uint", "u", 'u', TA_GLOBAL, ta_convert_same },
	{ "uint", "i", 'u', TA_GLOBAL, ta_convert_int_uint },
	{ "uint", "d", 'u', TA_GLOBAL, ta_convert_double_uint },
	{ "uint", "s", 'u', TA_GLOBAL, ta_convert_string_uint },
	{ "double", "d", 'd', TA_GLOBAL, ta_convert_same },
	{ "double", "i", 'd', TA_GLOBAL, ta_convert_int_double },
	{ "double", "u", 'd', TA_GLOBAL, ta_convert_uint_double },
	{ "double", "s", 'd', TA_GLOBAL, ta_convert_string_double },
	{ "string", "s", 's', TA_GLOBAL, ta_convert_same },
	{ "string", "i", 's', TA_GLOBAL, ta_convert_int_string },
	{ "string", "u", 's', TA_GLOBAL, ta_convert_uint_string },
	{ "string", "d", 's', TA_GLOBAL, ta_convert_double_string },
	{ "string", "b", 's', TA_GLOBAL, ta_convert_bool_string },
	{ "string", "y", 's', TA_GLOBAL, ta_convert_bytes_string },
	{ "bytes", "y", 'y', TA_GLOBAL, ta_convert_same },
	{ "bytes", "s", 'y', TA_GLOBAL, ta_convert_string_bytes },
	{ "bool", "b", 'b', TA_GLOBAL, ta_convert_same },
	{ "bool", "s", 'b', TA_GLOBAL, ta_convert_string_bool },
	{ "dyn", "*", '*', TA_GLOBAL, ta_convert_same },
	{ "type", "*", 't', TA_GLOBAL, ta_convert_type },

	{ "math.greatest", "N+", '=', TA_GLOBAL, ta_math_greatest },
	{ "math.greatest", "l", '*', TA_GLOBAL, ta_math_greatest_of },
	{ "math.least", "N+", '=', TA_GLOBAL, ta_math_least },
	{ "math.least", "l", '*', TA_GLOBAL, ta_math_least_of },
	{ "math.abs", "i", 'i', TA_GLOBAL, ta_math_abs },
	{ "math.abs", "u", 'u', TA_GLOBAL, ta_math_abs },
	{ "math.abs", "d", 'd', TA_GLOBAL, ta_math_abs },
	{ "math.ceil", "d", 'd', TA_GLOBAL, ta_math_ceil },
	{ "math.floor", "d", 'd', TA_GLOBAL, ta_math_floor },
	{ "math.round", "d", 'd', TA_GLOBAL, ta_math_round },
	{ "math.trunc", "d", 'd', TA_GLOBAL, ta_math_trunc },
};

const struct ta_function *ta_function_row(size_t i)
{
	return i < TA_ARRAY_SIZE(functions) ? &functions[i] : NULL;
}

const struct ta_function *ta_function_find(const char *name, unsigned style)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(functions); i++)
		if ((functions[i].style & style) && strcmp(functions[i].name, name) == 0)
			return &functions[i];
	return NULL;
}

const struct ta_function *ta_function_next(const struct ta_function *function, unsigned style)
{
	const struct ta_function *end = functions + TA_ARRAY_SIZE(functions);
	const char *name = function->name;

	while (++function < end && strcmp(function->name, name) == 0)
		if (function->style & style)
			return function;
	return NULL;
}

enum ta_kind ta_letter_kind(char letter)
{
	static const char letters[] = "nbiudsylmt";
	static const enum ta_kind kinds[] = { TA_NULL,   TA_BOOL,  TA_INT,  TA_UINT, TA_DOUBLE,
					      TA_STRING, TA_BYTES, TA_LIST, TA_MAP,  TA_TYPE };
	const char *at = strchr(letters, letter);

	return at ? kinds[at - letters] : TA_DYN;
}

bool ta_letter_takes(char letter, enum ta_kind kind)
{
	if (letter == 'N')
		return ta_kind_is_number(kind);
	return letter == '*' || ta_letter_kind(letter) == kind;
}

static bool is_variadic(const struct ta_function *function)
{
	return function->params[strlen(function->params) - 1] == '+';
}

bool ta_function_takes_count(const struct ta_function *function, size_t count)
{
	size_t letters = strlen(function->params);

	return is_variadic(function) ? count >= letters - 1 : count == letters;
}

char ta_function_letter(const struct ta_function *function, size_t i)
{
	size_t last = strlen(function->params) - 1 - is_variadic(function);

	return function->params[i < last ? i : last];
}

static bool takes(const struct ta_function *function, const struct ta_value *args, size_t count)
{
	if (!ta_function_takes_count(function, count))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!ta_letter_takes(ta_function_letter(function, i), args[i].kind))
			return false;
	return true;
}

/* "no such overload: int.startsWith(string)", the kinds as many as there is room for. */
static bool no_overload(struct ta_run *run, const struct ta_node *node, const struct ta_value *args,
			size_t count)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(160);
	size_t first = node->is_method;

	if (first)
		ta_buf_printf(&text, "%s.", ta_run_kind(&args[0]));
	ta_buf_printf(&text, "%s(", node->name);
	for (size_t i = first; i < count; i++)
		ta_buf_printf(&text, "%s%s", i > first ? ", " : "", ta_run_kind(&args[i]));
	ta_buf_char(&text, ')');
	return ta_run_fail(run, node->mark, "no such overload: %s", ta_buf_cstr(&text));
}

bool ta_function_run(struct ta_run *run, const struct ta_node *node, const struct ta_value *args,
		     size_t count, struct ta_value *ret)
{
	unsigned style = node->is_method ? TA_METHOD : TA_GLOBAL;
	const struct ta_function *function = node->function;

	for (; function; function = ta_function_next(function, style))
		if (takes(function, args, count))
			return function->call(run, node, args, count, ret);
	return no_overload(run, node, args, count);
}
