/* Unit tests of src/expr: what the cases of tests/expr cannot say - the interface, the limits,
 * hostile bytes, and what happens when memory runs out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "expr/run.h"
#include "tcpadvise/expr.h"

/* ---- allocations that fail ---------------------------------------------------------- */

static long allocations_left = -1; /* -1: as many as are asked for */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);

static bool may_allocate(void)
{
	if (allocations_left > 0)
		allocations_left--;
	return allocations_left != 0;
}

void *__wrap_malloc(size_t size)
{
	return may_allocate() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
	return may_allocate() ? __real_calloc(count, size) : NULL;
}

void *__wrap_realloc(void *old, size_t size)
{
	return may_allocate() ? __real_realloc(old, size) : NULL;
}

char *__wrap_strdup(const char *text)
{
	return may_allocate() ? __real_strdup(text) : NULL;
}

/* ---- helpers ------------------------------------------------------------------------ */

/* One expression over at most four variables x0 ... x3. */
struct bench {
	struct ta_env *env;
	struct ta_eval *eval;
	struct ta_expr *expr;
	struct ta_diags diags;
	struct ta_value slots[4];
	struct ta_value value;
	struct ta_error err;
};

static int setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	assert_non_null(bench);
	bench->env = ta_env_new();
	bench->eval = ta_eval_new();
	for (size_t i = 0; i < 4; i++) {
		char name[8];

		snprintf(name, sizeof(name), "x%zu", i);
		assert_true(ta_env_declare(bench->env, name, ta_type_scalar(TA_DYN), NULL));
	}
	*state = bench;
	return 0;
}

static int teardown(void **state)
{
	struct bench *bench = *state;

	ta_expr_free(bench->expr);
	ta_diags_done(&bench->diags);
	ta_eval_free(bench->eval);
	ta_env_free(bench->env);
	free(bench);
	return 0;
}

static bool compile(struct bench *bench, const char *source, size_t len)
{
	bench->expr = ta_expr_free(bench->expr);
	ta_diags_done(&bench->diags);
	bench->expr = ta_expr_compile(bench->env, TA_CHECK_SYNTAX, source, len, &bench->diags);
	return bench->expr != NULL;
}

static bool eval(struct bench *bench, const char *source, size_t len)
{
	ta_error_clear(&bench->err);
	if (!compile(bench, source, len))
		fail_msg("%s", bench->diags.items[0].text);
	return ta_expr_eval(bench->expr, bench->eval, bench->slots, &bench->value, &bench->err);
}

static void assert_int(struct bench *bench, const char *source, int64_t wanted)
{
	if (!eval(bench, source, strlen(source)))
		fail_msg("%s", bench->err.text);
	assert_int_equal(bench->value.kind, TA_INT);
	assert_int_equal(bench->value.as.i, wanted);
}

static void assert_true_of(struct bench *bench, const char *source, size_t len)
{
	if (!eval(bench, source, len))
		fail_msg("%s", bench->err.text);
	assert_int_equal(bench->value.kind, TA_BOOL);
	assert_true(bench->value.as.boolean);
}

/* count times text between two ends. */
static char *repeat(const char *before, const char *text, size_t count, const char *after)
{
	struct ta_buf buf = TA_BUF_INIT((size_t)1 << 24);
	char *made = NULL;

	ta_buf_str(&buf, before);
	for (size_t i = 0; i < count; i++)
		ta_buf_str(&buf, text);
	ta_buf_str(&buf, after);
	assert_true(ta_buf_finish(&buf, &made, NULL));
	return made;
}

static void assert_mistake(struct bench *bench, const char *source, const char *text)
{
	assert_false(compile(bench, source, strlen(source)));
	assert_int_equal(bench->diags.count, 1);
	assert_string_equal(bench->diags.items[0].text, text);
}

/* ---- the interface ------------------------------------------------------------------ */

static void names_of_variables(void **state)
{
	static const char *const bad[] = { "",     "1a", "a-b", "a..b", ".a",  "a.",      "true",
					   "null", "in", "for", "a b",  "a.1", "\xc3\xa9" };
	static const char *const good[] = { "a", "_a1", "a.b.c", "a.for", "trueish" };
	struct bench *bench = *state;
	struct ta_error err = TA_ERROR_INIT;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ta_error_clear(&err);
		assert_false(ta_env_declare(bench->env, bad[i], ta_type_scalar(TA_DYN), &err));
		assert_int_equal(err.code, TA_E_INPUT);
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(ta_env_declare(bench->env, good[i], ta_type_scalar(TA_INT), NULL));
	ta_error_clear(&err);
	assert_false(ta_env_declare(bench->env, "a.b.c", ta_type_scalar(TA_DYN), &err));
	assert_int_equal(err.code, TA_E_INPUT);
	assert_string_equal(err.text, "variable 'a.b.c' is declared already");
	assert_int_equal(ta_env_size(bench->env), 9);
}

static void slots_are_in_order_of_declaration(void **state)
{
	struct bench *bench = *state;

	bench->slots[0] = TA_VALUE_INT(7);
	bench->slots[1] = TA_VALUE_BOOL(true);
	bench->slots[2] = TA_VALUE_DOUBLE(1.5);
	bench->slots[3] = TA_VALUE_UNBOUND;
	assert_int(bench, "x1 && x2 > 1 ? x0 : x3", 7);
	for (size_t slot = 0; slot < 4; slot++)
		assert_true(ta_expr_uses(bench->expr, slot));
	assert_int(bench, "[1].map(x1, x0)[0]", 7);
	assert_true(ta_expr_uses(bench->expr, 0));
	assert_false(ta_expr_uses(bench->expr, 1));
	assert_false(ta_expr_uses(bench->expr, 4));
	assert_string_equal(ta_expr_source(bench->expr), "[1].map(x1, x0)[0]");
}

static void expression_outlives_its_environment(void **state)
{
	struct bench *bench = *state;

	assert_true(compile(bench, "x0.a + x1", 9));
	bench->env = ta_env_free(bench->env);
	assert_false(
		ta_expr_eval(bench->expr, bench->eval, bench->slots, &bench->value, &bench->err));
	assert_string_equal(bench->err.text, "x0");
}

static void failure_leaves_the_answer_alone(void **state)
{
	static const char *const sources[] = { "1 / 0",      "x0",
					       "[1, 1 / 0]", "[1].map(x, 1 / 0)",
					       "{1: 1 / 0}", "1 / 0 == 1 && true" };
	struct bench *bench = *state;

	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		bench->value = TA_VALUE_INT(42);
		assert_false(eval(bench, sources[i], strlen(sources[i])));
		assert_int_equal(bench->value.as.i, 42);
		assert_int_equal(bench->value.kind, TA_INT);
	}
}

static void errors_have_a_code_and_a_place(void **state)
{
	struct bench *bench = *state;

	assert_false(eval(bench, "1 + 1 / 0", 9));
	assert_int_equal(bench->err.code, TA_E_EVAL);
	assert_int_equal(bench->err.pos.line, 1);
	assert_int_equal(bench->err.pos.column, 7);
	assert_false(eval(bench, "1 +\n\n x3", 8));
	assert_int_equal(bench->err.code, TA_E_MISSING);
	assert_string_equal(bench->err.text, "x3");
	assert_int_equal(bench->err.pos.line, 3);
	assert_int_equal(bench->err.pos.column, 2);
	assert_false(ta_expr_eval(bench->expr, bench->eval, bench->slots, &bench->value, NULL));
}

static void spans_underline_the_word(void **state)
{
	struct bench *bench = *state;
	struct ta_diags diags = { 0 };

	assert_null(ta_expr_compile(bench->env, TA_CHECK_STRICT, "x0 + nobody + \"a\" * 2", 21,
				    &diags));
	assert_int_equal(diags.count, 2);
	assert_int_equal(diags.items[0].offset, 5);
	assert_int_equal(diags.items[0].length, 6);
	assert_int_equal(diags.items[1].offset, 18);
	assert_int_equal(diags.items[1].length, 1);
	ta_diags_done(&diags);
}

static void json_is_borrowed(void **state)
{
	struct bench *bench = *state;
	json_t *json = json_pack("{s:[i,{s:n}]}", "a", 1, "b");
	json_t *back;

	bench->slots[0] = ta_value_from_json(json);
	assert_true(eval(bench, "x0.a", 4));
	assert_true(bench->value.is_json);
	assert_ptr_equal(bench->value.as.json, json_object_get(json, "a"));
	assert_int_equal(ta_value_size(&bench->value), 2);
	assert_int_equal(ta_value_at(&bench->value, 0).as.i, 1);
	assert_int_equal(ta_value_at(&bench->value, 2).kind, TA_UNBOUND);
	back = ta_value_to_json(&bench->value);
	assert_ptr_equal(back, json_object_get(json, "a"));
	json_decref(back);
	json_decref(json);
}

static void json_of_every_kind(void **state)
{
	struct bench *bench = *state;
	json_t *json = json_pack("[n,b,i,f,s,[],{}]", 1, 2, 0.5, "s");
	static const enum ta_kind kinds[] = { TA_NULL,   TA_BOOL, TA_INT, TA_DOUBLE,
					      TA_STRING, TA_LIST, TA_MAP };
	struct ta_value list = ta_value_from_json(json);
	char *text;
	json_t *back;

	for (size_t i = 0; i < 7; i++)
		assert_int_equal(ta_value_at(&list, i).kind, kinds[i]);
	assert_int_equal(ta_value_from_json(NULL).kind, TA_UNBOUND);
	json_decref(json);
	assert_true(eval(bench, "{'a\\u0000b': 1, '': b''}", 24));
	back = ta_value_to_json(&bench->value);
	text = json_dumps(back, 0);
	assert_string_equal(text, "{\"a\xef\xbf\xbd"
				  "b\": 1, \"\": \"\"}");
	free(text);
	json_decref(back);
}

static void typed_form_goes_both_ways(void **state)
{
	static const char text[] =
		"{\"list\": [{\"null\": null}, {\"bool\": true}, {\"int\": \"-5\"}, "
		"{\"uint\": \"18446744073709551615\"}, {\"double\": \"NaN\"}, {\"double\": "
		"\"0.1\"}, "
		"{\"string\": \"a\\u0000\"}, {\"bytes\": \"00ff\"}, {\"type\": \"null_type\"}, "
		"{\"map\": [[{\"bool\": false}, {\"list\": []}]]}]}";
	struct bench *bench = *state;
	json_t *json = json_loads(text, JSON_ALLOW_NUL, NULL), *back;
	struct ta_value value;

	assert_true(ta_value_from_typed_json(bench->eval, json, &value, NULL));
	assert_int_equal(ta_value_size(&value), 10);
	back = ta_value_to_typed_json(&value);
	assert_true(json_equal(json, back));
	json_decref(back);
	json_decref(json);
}

static void names_of_types(void **state)
{
	struct ta_types *types = ta_types_new();
	struct ta_type *object = ta_type_object(types, "namespace");
	char name[64], little[6];

	(void)state;
	assert_true(ta_type_field(types, object, "a", ta_type_scalar(TA_INT)));
	assert_ptr_equal(ta_type_get(object, "a"), ta_type_scalar(TA_INT));
	assert_null(ta_type_get(object, "b"));
	ta_type_name(ta_type_list(types, ta_type_map(types, ta_type_scalar(TA_STRING), object)),
		     name, sizeof(name));
	assert_string_equal(name, "list(map(string, namespace))");
	ta_type_name(object, little, sizeof(little));
	assert_string_equal(little, "names");
	assert_int_equal(ta_type_kind(ta_type_element(ta_type_scalar(TA_LIST))), TA_DYN);
	ta_types_free(types);
}

static void values_live_until_reset(void **state)
{
	struct bench *bench = *state;
	struct ta_value first;

	assert_true(eval(bench, "'a' + 'b'", 9));
	first = bench->value;
	for (int i = 0; i < 1000; i++)
		assert_true(eval(bench, "'c' + 'd'", 9));
	assert_memory_equal(first.as.str.ptr, "ab", 3);
	ta_eval_reset(bench->eval);
	assert_int(bench, "1 + 1", 2);
}

/* ---- limits ------------------------------------------------------------------------- */

static void long_chains_are_not_deep(void **state)
{
	struct bench *bench = *state;
	char *sum = repeat("0", " + 1", 5000, "");
	char *choice = repeat("", "false ? 1 : ", 3000, "7");
	char *both = repeat("true", " && true", 5000, " ? 1 : 0");
	char *relations = repeat("1 < 2", " == true", 3000, " ? 1 : 0");

	assert_int(bench, sum, 5000);
	assert_int(bench, choice, 7);
	assert_int(bench, both, 1);
	assert_int(bench, relations, 1);
	free(sum);
	free(choice);
	free(both);
	free(relations);
}

static void depth_of_brackets(void **state)
{
	struct bench *bench = *state;
	char *below, *above, *shut;

	/* the expression itself is the first level */
	shut = repeat("", ")", TA_EXPR_MAX_DEPTH - 1, "");
	below = repeat("", "(", TA_EXPR_MAX_DEPTH - 1, "7");
	above = repeat("7", ")", TA_EXPR_MAX_DEPTH, "");
	free(above);
	above = repeat("", "(", TA_EXPR_MAX_DEPTH, "7");
	below = realloc(below, strlen(below) + strlen(shut) + 1);
	strcat(below, shut);
	assert_int(bench, below, 7);
	assert_mistake(bench, above, "nested more than 250 deep");
	free(below);
	free(above);
	free(shut);
}

static void depth_of_the_tree(void **state)
{
	struct bench *bench = *state;
	json_t *leaf = json_object(), *json = leaf;
	char *below = repeat("x0", ".a", TA_EXPR_MAX_DEPTH - 1, "");
	char *above = repeat("x0", ".a", TA_EXPR_MAX_DEPTH, "");
	char *nots = repeat("", "!", TA_EXPR_MAX_DEPTH - 1, "true");
	char *more = repeat("", "!", TA_EXPR_MAX_DEPTH, "true");

	for (int i = 0; i < TA_EXPR_MAX_DEPTH; i++)
		json = json_pack("{s:o}", "a", json);
	bench->slots[0] = ta_value_from_json(json);
	assert_true(eval(bench, below, strlen(below)));
	assert_int_equal(bench->value.kind, TA_MAP);
	assert_mistake(bench, above, "nested more than 250 deep");
	assert_true(eval(bench, nots, strlen(nots)));
	assert_mistake(bench, more, "nested more than 250 deep");
	json_decref(json);
	free(below);
	free(above);
	free(nots);
	free(more);
}

static void number_of_parts(void **state)
{
	struct bench *bench = *state;
	/* the list is a part too */
	char *below = repeat("[1", ",1", TA_EXPR_MAX_NODES - 2, "]");
	char *above = repeat("[1", ",1", TA_EXPR_MAX_NODES - 1, "]");

	assert_true(eval(bench, below, strlen(below)));
	assert_int_equal(ta_value_size(&bench->value), TA_EXPR_MAX_NODES - 1);
	assert_mistake(bench, above, "more than 20000 parts");
	free(below);
	free(above);
}

static void length_of_the_source(void **state)
{
	struct bench *bench = *state;
	char *below = repeat("1", " ", TA_EXPR_MAX_SOURCE - 1, "");
	char *above = repeat("1", " ", TA_EXPR_MAX_SOURCE, "");

	assert_int(bench, below, 1);
	assert_mistake(bench, above, "longer than 65536 bytes");
	free(below);
	free(above);
}

/* A JSON array of count integers. */
static json_t *numbers(size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, json_integer((json_int_t)i));
	return array;
}

/* all() takes a step for itself and its list, and one for each element's "true". */
static void number_of_steps(void **state)
{
	static const char source[] = "[1, 2, 3, 4, 5].all(i, x0.all(e, true))";
	struct bench *bench = *state;
	json_t *json = numbers(1000000);
	size_t fixed = 1 + 1 + 5 + 2 * 5;

	bench->slots[0] = ta_value_from_json(json);
	/* 5 * 1000000 elements and the rest is one too many, whatever the rest is ... */
	assert_false(eval(bench, source, strlen(source)));
	assert_int_equal(bench->err.code, TA_E_LIMIT);
	assert_string_equal(bench->err.text, "the evaluation takes more than 5000000 steps");
	json_decref(json);
	/* ... and as many less as the rest needs is not */
	json = numbers(1000000 - fixed / 5 - 1);
	bench->slots[0] = ta_value_from_json(json);
	assert_true_of(bench, source, strlen(source));
	/* nothing absorbs the end of the means */
	json_decref(json);
	json = numbers(1000000);
	bench->slots[0] = ta_value_from_json(json);
	assert_false(eval(bench, "[1,2,3,4,5].all(i, x0.all(e, true)) || true", 43));
	assert_int_equal(bench->err.code, TA_E_LIMIT);
	json_decref(json);
}

static void work_inside_of_one_node_is_counted(void **state)
{
	struct bench *bench = *state;
	json_t *json = numbers(100000);

	bench->slots[0] = ta_value_from_json(json);
	assert_false(eval(bench, "x0.all(a, -1 in x0 || true)", 27));
	assert_int_equal(bench->err.code, TA_E_LIMIT);
	assert_false(eval(bench, "x0.all(a, x0 == x0)", 19));
	assert_int_equal(bench->err.code, TA_E_LIMIT);
	assert_false(eval(bench, "x0.all(a, size(x0 + []) > 0)", 28));
	assert_int_equal(bench->err.code, TA_E_LIMIT);
	json_decref(json);
}

static void number_of_elements(void **state)
{
	struct bench *bench = *state;
	json_t *below = numbers(TA_EVAL_MAX_ELEMENTS), *above = numbers(TA_EVAL_MAX_ELEMENTS + 1);

	bench->slots[0] = ta_value_from_json(below);
	bench->slots[1] = ta_value_from_json(above);
	assert_int(bench, "size(x0.map(e, e))", TA_EVAL_MAX_ELEMENTS);
	ta_eval_reset(bench->eval);
	assert_false(eval(bench, "size(x1.map(e, e))", 18));
	assert_int_equal(bench->err.code, TA_E_LIMIT);
	assert_string_equal(bench->err.text, "a list or map of more than 1000000 elements");
	ta_eval_reset(bench->eval);
	assert_int(bench, "size(x0 + [])", TA_EVAL_MAX_ELEMENTS);
	ta_eval_reset(bench->eval);
	assert_false(eval(bench, "size(x0 + [1])", 14));
	assert_int_equal(bench->err.code, TA_E_LIMIT);
	json_decref(below);
	json_decref(above);
}

/* A string that doubles 25 times is 32 MiB, one that doubles 26 times does not fit. */
static void number_of_bytes(void **state)
{
	static const char below[] = "size(x0 + x0)", above[] = "size(x0 + x0 + x0)";
	struct bench *bench = *state;
	size_t len = (size_t)TA_EVAL_MAX_BYTES / 2 - 64;
	char *text = malloc(len);

	assert_non_null(text);
	memset(text, 'a', len);
	bench->slots[0].kind = TA_STRING;
	bench->slots[0].as.str.ptr = text;
	bench->slots[0].as.str.len = len;
	assert_int(bench, below, (int64_t)len * 2);
	assert_false(eval(bench, above, strlen(above)));
	assert_int_equal(bench->err.code, TA_E_LIMIT);
	assert_string_equal(bench->err.text, "the values need more than 64 MiB");
	/* the bound is for each evaluation */
	assert_int(bench, below, (int64_t)len * 2);
	free(text);
}

/* Shared parts are cheap until they are written. */
static void answers_are_bounded(void **state)
{
	struct bench *bench = *state;
	char *list = repeat("[1]", ".map(x, [x, x, x, x])", 30, "");
	char *map = repeat("{1: 1}", ".transformMap(k, v, {1: v, 2: v})", 100, "");
	json_t *json = numbers(1000000);

	assert_true(eval(bench, list, strlen(list)));
	assert_null(ta_value_to_json(&bench->value));
	assert_null(ta_value_to_typed_json(&bench->value));
	assert_true(eval(bench, map, strlen(map)));
	assert_null(ta_value_to_typed_json(&bench->value));
	ta_eval_reset(bench->eval);
	bench->slots[0] = ta_value_from_json(json);
	assert_true(eval(bench, "[x0, x0, x0, x0, x0]", 20));
	assert_null(ta_value_to_json(&bench->value));
	json_decref(json);
	free(list);
	free(map);
}

static void mistakes_are_bounded(void **state)
{
	struct bench *bench = *state;
	char *source = repeat("[a", ",a", 500, "]");
	struct ta_diags diags = { 0 };

	assert_null(ta_expr_compile(bench->env, TA_CHECK_STRICT, source, strlen(source), &diags));
	assert_int_equal(diags.count, 100);
	ta_diags_done(&diags);
	free(source);
}

/* ---- hostile input ------------------------------------------------------------------ */

static void bytes_that_are_no_text(void **state)
{
	struct bench *bench = *state;

	assert_false(compile(bench, "'a\xff'", 4));
	assert_string_equal(bench->diags.items[0].text, "this is no UTF-8");
	assert_int_equal(bench->diags.items[0].offset, 2);
	assert_false(compile(bench, "1\0+ 1", 5));
	assert_string_equal(bench->diags.items[0].text, "unexpected character 0x00");
	assert_int_equal(bench->diags.items[0].offset, 1);
	assert_false(compile(bench, "'a\0", 3));
	assert_string_equal(bench->diags.items[0].text, "this string has no end");
	assert_false(compile(bench, "'a\\", 3));
	assert_false(compile(bench, "", 0));
	assert_string_equal(bench->diags.items[0].text, "expected an expression, found the end");
	assert_true(compile(bench, "1 // \0 \n + 1", 12));
}

/* CEL lets a NUL stand in a literal as it is; no command line can pass one. */
static void nul_in_a_literal(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		bool is;
	} cases[] = {
#define CASE(text, is) { text, sizeof(text) - 1, is }
		CASE("b'\0' > b''", true),
		CASE("b'' > b'\0'", false),
		CASE("b'\0\1' > b'\0'", true),
		CASE("b'' <= b'\0'", true),
		CASE("b'\0' <= b''", false),
		CASE("b'\0' >= b''", true),
		CASE("b'' >= b'\0'", false),
		CASE("b'\0' >= b'\1'", false),
		CASE("size('a\0b') == 3", true),
		CASE("'\0' == '\\u0000'", true),
		CASE("\"\"\"\0\"\"\" == r'\0'", true),
	};
	struct bench *bench = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (!eval(bench, cases[i].text, cases[i].len))
			fail_msg("case %zu: %s", i, bench->err.text);
		assert_int_equal(bench->value.as.boolean, cases[i].is);
	}
}

/* Text that breaks naive parsers, pumped up: read or refused, with a bounded number of mistakes. */
static void pumped_text_is_read_or_refused(void **state)
{
	static const char *const parts[] = {
		"(",      "[",    "{",      "!",     "-",    "{1:",     "a.",    "a[",
		"f(",     "1+",   "a,",     "true?", "'",    "\\",      "//",    "[1].map(x,",
		"\"\"\"", "0x",   "1e",     "!-(",   "a?b:", "has(a.",  "r'''",  "a in ",
		"`",      "a b ", "a and ", "a = ",  "$",    "(a b) ]", "[a b,", "a)&&",
	};
	struct bench *bench = *state;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		char *source = repeat("", parts[i], TA_EXPR_MAX_SOURCE / strlen(parts[i]), "");
		struct ta_diags diags = { 0 };
		struct ta_expr *expr;

		expr = ta_expr_compile(bench->env, TA_CHECK_STRICT, source, strlen(source), &diags);
		assert_true(expr ? diags.count == 0 : diags.count > 0 && diags.count <= 100);
		ta_expr_free(expr);
		ta_diags_done(&diags);
		free(source);
	}
}

/* What would take for ever or fill the memory ends at a bound. */
static void hostile_expressions_end(void **state)
{
	static const struct {
		const char *before, *text;
		size_t count;
		const char *after;
		const char *error;
	} cases[] = {
		{ "", "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].all(x, ", 8, "true))))))))",
		  "the evaluation takes more than 5000000 steps" },
		{ "", "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(x, ", 8, "0))))))))",
		  "the values need more than 64 MiB" },
		{ "['x']", ".map(s, s + s)", 40, "", "the values need more than 64 MiB" },
		{ "[b'x']", ".map(s, s + s)", 40, "", "the values need more than 64 MiB" },
		{ "[[1]]", ".map(a, a + a)", 40, "",
		  "a list or map of more than 1000000 elements" },
		{ "['xxxxxxxx']", ".map(s, [s, s, s, s, s, s, s, s].join())", 20, "",
		  "the values need more than 64 MiB" },
		{ "[[1]]", ".map(a, [a, a, a, a])", 30, ".all(a, a == a)",
		  "the evaluation takes more than 5000000 steps" },
		{ "[[1]]", ".map(a, [a, a, a, a])", 30, ".all(a, {1: a} == {1: a})",
		  "the evaluation takes more than 5000000 steps" },
		{ "'", "a", 30000, "!'.matches('^(a+)+$')",
		  "the evaluation takes more than 5000000 steps" },
		{ "'", "a", 3000, "!'.matches('^(a{1,50}|b)+$')",
		  "the pattern takes too long on this text" },
	};
	struct bench *bench = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *source =
			repeat(cases[i].before, cases[i].text, cases[i].count, cases[i].after);

		if (eval(bench, source, strlen(source)))
			fail_msg("case %zu has an answer", i);
		assert_int_equal(bench->err.code, TA_E_LIMIT);
		assert_string_equal(bench->err.text, cases[i].error);
		ta_eval_reset(bench->eval);
		free(source);
	}
}

/* Patterns that take exponential time elsewhere are answered, for a price that grows with the text
 * alone. */
static void hostile_patterns_are_answered(void **state)
{
	static const struct {
		const char *pattern;
		bool is;
	} cases[] = {
		{ "^(a+)+$", false },
		{ "^(a|a)*$", false },
		{ "^(a|aa)+$", false },
		{ "^(a*)*!$", true },
		{ "(.*)*(.*)*(.*)*x", false },
		{ "((((a*)*)*)*)*b", false },
		{ "(?i)^(([A-Z])+.)+!x([a-z])+$", false },
		{ "^(?:a{1,3}){5,}[^!]$", false },
	};
	struct bench *bench = *state;
	char *text = repeat("'", "a", 1000, "!'");

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ta_buf source = TA_BUF_INIT(10000);

		ta_buf_printf(&source, "%s.matches('%s')", text, cases[i].pattern);
		if (!eval(bench, source.data, source.len))
			fail_msg("%s: %s", cases[i].pattern, bench->err.text);
		assert_int_equal(bench->value.as.boolean, cases[i].is);
		assert_true(bench->eval->steps < 250 * 1000);
		ta_buf_done(&source);
	}
	free(text);
}

static void patterns_have_a_length(void **state)
{
	struct bench *bench = *state;
	char *below = repeat("'a'.matches('", "a", 4095, "|a')");
	char *above = repeat("'a'.matches('", "a", 4095, "a|a')");

	free(below);
	below = repeat("'a'.matches('", "b", 4094, "|a')");
	assert_true_of(bench, below, strlen(below));
	assert_false(eval(bench, above, strlen(above)));
	assert_string_equal(bench->err.text,
			    "bad pattern: the pattern is longer than 4096 bytes at byte 0");
	free(below);
	free(above);
}

/* ---- out of memory ------------------------------------------------------------------ */

/* Declares, compiles and evaluates; every pointer may be NULL. */
static bool whole_life(const json_t *json)
{
	static const char source[] = "x.l.filter(e, e > 1).map(e, {'k': string(e) + "
				     "'a'}).exists(m, m.k.matches('^2')) && "
				     "x.transform == 1 && nobody(math.greatest(1, 2, 3, 4, 5))";
	struct ta_types *types = ta_types_new();
	struct ta_env *env = ta_env_new();
	struct ta_eval *eval = ta_eval_new();
	struct ta_type *object = types ? ta_type_object(types, "thing") : NULL;
	struct ta_diags diags = { 0 };
	struct ta_expr *expr = NULL;
	struct ta_error err = TA_ERROR_INIT;
	struct ta_value slot = ta_value_from_json(json), value;
	bool done = env && eval && object &&
		    ta_type_field(types, object, "l", ta_type_scalar(TA_LIST)) &&
		    ta_env_declare(env, "x", object, NULL);

	if (done) {
		expr = ta_expr_compile(env, TA_CHECK_STRICT, source, strlen(source), &diags);
		assert_null(expr);
		done = diags.count == 2;
		ta_diags_done(&diags);
		expr = ta_expr_compile(env, TA_CHECK_SYNTAX, source, strlen(source), &diags);
		done = done && expr;
		assert_true(expr || diags.count <= 1);
	}
	if (done) {
		assert_false(ta_expr_eval(expr, eval, &slot, &value, &err));
		done = err.code == TA_E_MISSING;
		assert_true(done || err.code == TA_E_NOMEM);
	}
	ta_diags_done(&diags);
	ta_expr_free(expr);
	ta_eval_free(eval);
	ta_env_free(env);
	ta_types_free(types);
	return done;
}

static void every_allocation_may_fail(void **state)
{
	json_t *json = json_pack("{s:[i,i,i]}", "l", 1, 2, 3);
	bool done = false;
	long n = 1;

	(void)state;
	for (; !done && n < 1000; n++) {
		allocations_left = n;
		done = whole_life(json);
		allocations_left = -1;
	}
	assert_true(done);
	assert_true(n > 10);
	json_decref(json);
}

static void conversion_may_run_out_of_memory(void **state)
{
	struct bench *bench = *state;
	json_t *json = NULL;

	assert_true(eval(bench, "[{'a': b'x', 1: 5u}, 1.5, 'a' + 'b', int]", 41));
	for (long n = 1; !json && n < 1000; n++) {
		allocations_left = n;
		json = ta_value_to_json(&bench->value);
		if (json) {
			json_decref(json);
			json = ta_value_to_typed_json(&bench->value);
		}
		allocations_left = -1;
	}
	assert_non_null(json);
	json_decref(json);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_of_variables),
		TEST(slots_are_in_order_of_declaration),
		TEST(expression_outlives_its_environment),
		TEST(failure_leaves_the_answer_alone),
		TEST(errors_have_a_code_and_a_place),
		TEST(spans_underline_the_word),
		TEST(json_is_borrowed),
		TEST(json_of_every_kind),
		TEST(typed_form_goes_both_ways),
		TEST(names_of_types),
		TEST(values_live_until_reset),
		TEST(long_chains_are_not_deep),
		TEST(depth_of_brackets),
		TEST(depth_of_the_tree),
		TEST(number_of_parts),
		TEST(length_of_the_source),
		TEST(number_of_steps),
		TEST(work_inside_of_one_node_is_counted),
		TEST(number_of_elements),
		TEST(number_of_bytes),
		TEST(answers_are_bounded),
		TEST(mistakes_are_bounded),
		TEST(bytes_that_are_no_text),
		TEST(nul_in_a_literal),
		TEST(pumped_text_is_read_or_refused),
		TEST(hostile_expressions_end),
		TEST(hostile_patterns_are_answered),
		TEST(patterns_have_a_length),
		TEST(every_allocation_may_fail),
		TEST(conversion_may_run_out_of_memory),
	};

	json_set_alloc_funcs(malloc, free);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
