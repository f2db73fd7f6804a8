/* run_cases.c - runs the cases of a .test file, or the examples of a .md file. A case is a block of
 * lines; blank lines stand between blocks, lines that start with # before a block are comments:
 *
 *     d.use * 100 > limit            the expression; more lines of it start with "| "
 *     with {"d": {"use": 5}}         variables, each a member of a JSON object
 *     typed {"n": {"uint": "5"}}     variables in the typed form
 *     types {"d": {"use": "int"}, "limit": "double", "names": ["string"]}
 *                                    declared types: the checker is strict; {..} is an object
 *                                    named as its variable or field, [T] a list, {"*": T} a map
 *     = false                        the answer as JSON, or
 *     == {"uint": "5"}               the answer in the typed form, or
 *     : list(int)                    the type that the checker found, or
 *     ? 3: d.use                     the fact that is missing, and the column, or
 *     ! 5: no such overload: ...     a mistake or an error, and the column
 *     ^ did you mean ...             its hint; every mistake has its ! line, in their order
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "tcpadvise/expr.h"

enum { MAX_FILE = 1 << 20, MAX_WANTED = 16, MAX_VARIABLES = 32 };

/* One block. The strings point into the file, which was cut at its line ends. */
struct test {
	int line;
	struct ta_buf expr;
	const char *with, *typed, *types;
	const char *wanted[MAX_WANTED];
	size_t wanted_count;
};

/* What a case needs to run. */
struct bench {
	struct ta_types *types;
	struct ta_env *env;
	struct ta_eval *eval;
	json_t *with, *typed, *type_json;
	struct ta_value slots[MAX_VARIABLES];
};

static void bench_done(struct bench *bench)
{
	ta_types_free(bench->types);
	ta_env_free(bench->env);
	ta_eval_free(bench->eval);
	json_decref(bench->with);
	json_decref(bench->typed);
	json_decref(bench->type_json);
}

static bool starts(const char *line, const char *with)
{
	return strncmp(line, with, strlen(with)) == 0;
}

/* A file that is no test file is the author's mistake: say where and stop. */
static void malformed(const struct test *test, const char *what)
{
	fprintf(stderr, "line %d: %s\n", test->line, what);
	exit(2);
}

static json_t *parse(const struct test *test, const char *text)
{
	json_t *json =
		text ? json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL) : json_object();

	if (!json)
		malformed(test, text);
	return json;
}

/* ---- types and variables ------------------------------------------------------------ */

static const struct ta_type *type_of(const struct test *test, struct bench *bench, const char *name,
				     json_t *json);

static const struct ta_type *object_type(const struct test *test, struct bench *bench,
					 const char *name, json_t *json)
{
	json_t *any = json_object_get(json, "*"), *member;
	struct ta_type *object;
	const char *field;

	if (any)
		return ta_type_map(bench->types, ta_type_scalar(TA_STRING),
				   type_of(test, bench, name, any));
	object = ta_type_object(bench->types, name);
	json_object_foreach (json, field, member)
		if (!ta_type_field(bench->types, object, field,
				   type_of(test, bench, field, member)))
			malformed(test, "out of memory");
	return object;
}

static const struct ta_type *type_of(const struct test *test, struct bench *bench, const char *name,
				     json_t *json)
{
	static const enum ta_kind kinds[] = { TA_DYN,    TA_NULL,   TA_BOOL,  TA_INT, TA_UINT,
					      TA_DOUBLE, TA_STRING, TA_BYTES, TA_TYPE };

	if (json_is_object(json))
		return object_type(test, bench, name, json);
	if (json_is_array(json))
		return ta_type_list(bench->types,
				    type_of(test, bench, name, json_array_get(json, 0)));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		char text[32];

		ta_type_name(ta_type_scalar(kinds[i]), text, sizeof(text));
		if (json_is_string(json) && strcmp(text, json_string_value(json)) == 0)
			return ta_type_scalar(kinds[i]);
	}
	malformed(test, "unknown type");
	return NULL;
}

static void declare(const struct test *test, struct bench *bench, const char *name,
		    const struct ta_type *type, struct ta_value value)
{
	size_t slot = ta_env_size(bench->env);
	struct ta_error err = TA_ERROR_INIT;

	if (slot == MAX_VARIABLES || !ta_env_declare(bench->env, name, type, &err))
		malformed(test, slot == MAX_VARIABLES ? "too many variables" : err.text);
	bench->slots[slot] = value;
}

static void declare_all(const struct test *test, struct bench *bench)
{
	struct ta_error err = TA_ERROR_INIT;
	const char *name;
	json_t *json;

	json_object_foreach (bench->type_json, name, json)
		declare(test, bench, name, type_of(test, bench, name, json),
			ta_value_from_json(json_object_get(bench->with, name)));
	json_object_foreach (bench->with, name, json)
		if (!json_object_get(bench->type_json, name))
			declare(test, bench, name, ta_type_scalar(TA_DYN),
				ta_value_from_json(json));
	json_object_foreach (bench->typed, name, json) {
		struct ta_value value;

		if (!ta_value_from_typed_json(bench->eval, json, &value, &err))
			malformed(test, err.text);
		declare(test, bench, name, ta_type_scalar(TA_DYN), value);
	}
}

static void prepare(const struct test *test, struct bench *bench)
{
	bench->types = ta_types_new();
	bench->env = ta_env_new();
	bench->eval = ta_eval_new();
	if (!bench->types || !bench->env || !bench->eval)
		malformed(test, "out of memory");
	bench->with = parse(test, test->with);
	bench->typed = parse(test, test->typed);
	bench->type_json = parse(test, test->types);
	declare_all(test, bench);
}

/* ---- answers ------------------------------------------------------------------------ */

static bool complain(const struct test *test, const char *got)
{
	printf("line %d: %s\n", test->line, ta_buf_cstr(&test->expr));
	for (size_t i = 0; i < test->wanted_count; i++)
		printf("  wanted  %s\n", test->wanted[i]);
	printf("  got     %s\n", got);
	return false;
}

static bool same_json(const struct test *test, const char *wanted, json_t *got)
{
	json_t *want = parse(test, wanted);
	char *text = json_dumps(got, JSON_ENCODE_ANY);
	bool same = json_equal(want, got) || complain(test, text);

	free(text);
	json_decref(want);
	json_decref(got);
	return same;
}

/* The text that the case should have in wanted[], made as the format says. */
static bool same_text(const struct test *test, const struct ta_buf *got)
{
	ta_auto(ta_buf_done) struct ta_buf wanted = TA_BUF_INIT(MAX_FILE);

	for (size_t i = 0; i < test->wanted_count; i++)
		ta_buf_printf(&wanted, "%s%s", i ? "\n" : "", test->wanted[i]);
	return strcmp(ta_buf_cstr(&wanted), ta_buf_cstr(got)) == 0 ||
	       complain(test, ta_buf_cstr(got));
}

static bool same_mistakes(const struct test *test, const struct ta_diags *diags)
{
	ta_auto(ta_buf_done) struct ta_buf got = TA_BUF_INIT(MAX_FILE);

	for (size_t i = 0; i < diags->count; i++) {
		const struct ta_diag *diag = &diags->items[i];

		ta_buf_printf(&got, "%s! %zu: %s", i ? "\n" : "", diag->offset + 1, diag->text);
		if (diag->hint[0])
			ta_buf_printf(&got, "\n^ %s", diag->hint);
	}
	return same_text(test, &got);
}

static bool same_error(const struct test *test, const struct ta_error *err)
{
	ta_auto(ta_buf_done) struct ta_buf got = TA_BUF_INIT(MAX_FILE);

	ta_buf_printf(&got, "%c ", err->code == TA_E_MISSING ? '?' : '!');
	if (err->pos.line > 1)
		ta_buf_printf(&got, "%d:", err->pos.line);
	ta_buf_printf(&got, "%d: %s", err->pos.column, err->text);
	return same_text(test, &got);
}

static bool same_type(const struct test *test, const struct ta_expr *expr)
{
	ta_auto(ta_buf_done) struct ta_buf got = TA_BUF_INIT(MAX_FILE);
	char name[200];

	ta_type_name(ta_expr_type(expr), name, sizeof(name));
	ta_buf_printf(&got, ": %s", name);
	return same_text(test, &got);
}

static bool evaluate(const struct test *test, struct bench *bench, const struct ta_expr *expr)
{
	const char *wanted = test->wanted[0];
	struct ta_error err = TA_ERROR_INIT;
	struct ta_value value;

	if (wanted[0] == ':')
		return same_type(test, expr);
	if (!ta_expr_eval(expr, bench->eval, bench->slots, &value, &err))
		return same_error(test, &err);
	if (starts(wanted, "== "))
		return same_json(test, wanted + 3, ta_value_to_typed_json(&value));
	if (starts(wanted, "= "))
		return same_json(test, wanted + 2, ta_value_to_json(&value));
	return complain(test, "an answer");
}

static bool run(const struct test *test)
{
	ta_auto(bench_done) struct bench bench = { 0 };
	ta_auto(ta_diags_done) struct ta_diags diags = { 0 };
	struct ta_expr *expr;
	bool ok;

	if (test->wanted_count == 0)
		malformed(test, "nothing is expected of this case");
	prepare(test, &bench);
	expr = ta_expr_compile(bench.env, test->types ? TA_CHECK_STRICT : TA_CHECK_SYNTAX,
			       ta_buf_cstr(&test->expr), test->expr.len, &diags);
	ok = expr ? evaluate(test, &bench, expr) : same_mistakes(test, &diags);
	ta_expr_free(expr);
	return ok;
}

/* ---- the file ----------------------------------------------------------------------- */

static void add_line(struct test *test, const char *line)
{
	if (!test->expr.len)
		ta_buf_str(&test->expr, line);
	else if (starts(line, "| "))
		ta_buf_printf(&test->expr, "\n%s", line + 2);
	else if (starts(line, "with "))
		test->with = line + 5;
	else if (starts(line, "typed "))
		test->typed = line + 6;
	else if (starts(line, "types "))
		test->types = line + 6;
	else if (strchr("=:?!^", line[0]) && test->wanted_count < MAX_WANTED)
		test->wanted[test->wanted_count++] = line;
	else
		malformed(test, "unknown line in a case");
}

static void finish(struct test *test, size_t *count, size_t *failed)
{
	if (!test->expr.len)
		return;
	++*count;
	*failed += !run(test);
	ta_buf_done(&test->expr);
	*test = (struct test){ .expr = TA_BUF_INIT(MAX_FILE) };
}

struct totals {
	size_t count, failed;
};

/* In a .md file only the blocks between "```cel" and "```" are cases. */
static void run_lines(char *text, bool is_document, struct totals *totals)
{
	struct test test = { .expr = TA_BUF_INIT(MAX_FILE) };
	bool is_case = !is_document;
	int number = 1;

	for (char *line = text, *end; line && *line; line = end, number++) {
		bool is_fence = is_document && starts(line, "```");

		end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		if (!*line || is_fence) {
			finish(&test, &totals->count, &totals->failed);
		} else if (is_case && (test.expr.len || *line != '#')) {
			test.line = test.line ? test.line : number;
			add_line(&test, line);
		}
		if (is_fence)
			is_case = strcmp(line, "```cel") == 0;
	}
	finish(&test, &totals->count, &totals->failed);
}

int main(int argc, char **argv)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(MAX_FILE);
	struct ta_error err = TA_ERROR_INIT;
	struct totals totals = { 0 };
	const char *suffix;

	if (argc != 2 || !ta_file_read(-1, argv[1], &text, &err)) {
		fprintf(stderr, "usage: expr_cases FILE: %s\n", err.text);
		return 2;
	}
	suffix = strrchr(argv[1], '.');
	run_lines(text.data, suffix && strcmp(suffix, ".md") == 0, &totals);
	printf("%zu cases, %zu failed\n", totals.count, totals.failed);
	return totals.failed > 0 || totals.count == 0;
}
