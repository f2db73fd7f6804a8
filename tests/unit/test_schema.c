/* Unit tests of base/schema.c, base/shape.c and base/locate.c: what is wrong in a document, and
 * where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/locate.h"
#include "base/macros.h"
#include "base/schema.h"
#include "base/shape.h"
#include "snapshot/document.h"

struct seen {
	size_t count;
	char pointer[64];
	char text[300];
	char hint[200];
};

static void keep(void *ctx, const char *pointer, bool on_key, const char *text, const char *hint)
{
	struct seen *seen = ctx;

	(void)on_key;
	if (seen->count++)
		return;
	snprintf(seen->pointer, sizeof(seen->pointer), "%s", pointer);
	snprintf(seen->text, sizeof(seen->text), "%s", text);
	snprintf(seen->hint, sizeof(seen->hint), "%s", hint);
}

static const char schema_text[] =
	"{'type':'object','required':['id'],'additionalProperties':false,"
	"'properties':{'id':{'type':'string','pattern':'^[a-z]+$'},"
	"'level':{'enum':['critical','warning']},'size':{'type':'integer','minimum':0},"
	"'list':{'type':'array','items':{'$ref':'#/$defs/item'},'minItems':1},"
	"'any':{'oneOf':[{'type':'string'},{'type':'object','required':['x']}]},"
	"'both':{'type':['integer','null']}},"
	"'$defs':{'item':{'type':'object','properties':{'n':{'type':'number'}},"
	"'additionalProperties':{'type':'boolean'}}}}";

static json_t *parse(const char *single_quoted)
{
	char text[2048];
	json_t *json;

	snprintf(text, sizeof(text), "%s", single_quoted);
	for (char *p = text; *p; p++)
		if (*p == '\'')
			*p = '"';
	json = json_loads(text, JSON_DECODE_ANY, NULL);
	assert_non_null(json);
	return json;
}

static void mistakes_are_told_apart(void **state)
{
	static const struct {
		const char *document, *pointer, *text, *hint;
	} cases[] = {
		{ "[]", "", "expected object, found array", "" },
		{ "{}", "", "'id' is missing", "" },
		{ "{'id':'A'}", "/id", "'A' does not match ^[a-z]+$", "" },
		{ "{'id':'a','levle':'warning'}", "/levle", "unknown member 'levle'",
		  "did you mean 'level'?" },
		{ "{'id':'a','level':'warnin'}", "/level",
		  "warnin is none of the 2 values allowed here", "did you mean 'warning'?" },
		{ "{'id':'a','size':-1}", "/size", "-1 is below the minimum of 0", "" },
		{ "{'id':'a','size':1.5}", "/size", "expected integer, found number", "" },
		{ "{'id':'a','list':[]}", "/list", "the list has too few elements", "" },
		{ "{'id':'a','list':[{'n':1},{'n':'x'}]}", "/list/1/n",
		  "expected number, found string", "" },
		{ "{'id':'a','list':[{'a/b':1}]}", "/list/0/a~1b",
		  "expected boolean, found integer", "" },
		{ "{'id':'a','any':{}}", "/any", "'x' is missing", "" },
		{ "{'id':'a','both':'x'}", "/both", "expected integer or null, found string", "" },
	};
	json_t *schema = parse(schema_text);

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(cases); i++) {
		struct seen seen = { 0 };
		json_t *document = parse(cases[i].document);

		assert_int_equal(ta_schema_check(schema, document, TA_SCHEMA_CLOSED, keep, &seen),
				 1);
		assert_string_equal(seen.pointer, cases[i].pointer);
		assert_string_equal(seen.text, cases[i].text);
		assert_string_equal(seen.hint, cases[i].hint);
		json_decref(document);
	}
	json_decref(schema);
}

static void every_mistake_is_reported(void **state)
{
	json_t *schema = parse(schema_text);
	json_t *document = parse("{'id':5,'level':'x','size':-1,'other':1}");
	struct seen seen = { 0 };

	(void)state;
	assert_int_equal(ta_schema_check(schema, document, TA_SCHEMA_CLOSED, keep, &seen), 4);
	assert_int_equal(ta_schema_check(schema, document, TA_SCHEMA_OPEN, NULL, NULL), 3);
	json_decref(document);
	json_decref(schema);
}

static void a_good_document_passes(void **state)
{
	json_t *schema = parse(schema_text);
	json_t *document =
		parse("{'id':'a','level':'critical','size':0,'list':[{'n':1.5,'b':true}],"
		      "'any':'x','both':null}");

	(void)state;
	assert_int_equal(ta_schema_check(schema, document, TA_SCHEMA_CLOSED, NULL, NULL), 0);
	json_decref(document);
	json_decref(schema);
}

static void deep_nesting_is_a_mistake_not_a_crash(void **state)
{
	json_t *schema = parse("{'type':'object','additionalProperties':{'$ref':'#/$defs/a'},"
			       "'$defs':{'a':{'type':'object',"
			       "'additionalProperties':{'$ref':'#/$defs/a'}}}}");
	json_t *document = json_object();

	(void)state;
	for (int i = 0; i < 500; i++) {
		json_t *outer = json_object();

		json_object_set_new(outer, "x", document);
		document = outer;
	}
	assert_true(ta_schema_check(schema, document, TA_SCHEMA_CLOSED, NULL, NULL) > 0);
	json_decref(document);
	json_decref(schema);
}

static void values_are_found_in_their_text(void **state)
{
	static const char text[] = "{ \"a\" : [ 1 , {\"b/c\":\"x\\\"y\"} ],\n \"d\": -1.5e3 }";
	static const struct {
		const char *pointer, *key, *value;
	} cases[] = {
		{ "", "", text },
		{ "/a/0", "", "1" },
		{ "/a/1/b~1c", "\"b/c\"", "\"x\\\"y\"" },
		{ "/d", "\"d\"", "-1.5e3" },
	};
	struct ta_location at;

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(cases); i++) {
		assert_true(ta_json_locate(text, strlen(text), cases[i].pointer, &at));
		assert_int_equal(at.key_len, strlen(cases[i].key));
		assert_memory_equal(text + at.key, cases[i].key, at.key_len);
		assert_int_equal(at.value_len, strlen(cases[i].value));
		assert_memory_equal(text + at.value, cases[i].value, at.value_len);
	}
	assert_false(ta_json_locate(text, strlen(text), "/a/2", &at));
	assert_false(ta_json_locate(text, strlen(text), "/x", &at));
	assert_false(ta_json_locate(text, strlen(text), "/d/0", &at));
}

static void a_place_in_a_string_skips_escapes(void **state)
{
	/* decoded: a " euro grinning-face b */
	static const char text[] = "\"a\\\"\\u20ac\\ud83d\\ude00b\"";

	(void)state;
	assert_int_equal(ta_json_string_place(text, strlen(text), 0, 0), 1);
	assert_int_equal(ta_json_string_place(text, strlen(text), 0, 1), 2);
	assert_int_equal(ta_json_string_place(text, strlen(text), 0, 2), 4);
	assert_int_equal(ta_json_string_place(text, strlen(text), 0, 5), 10);
	assert_int_equal(ta_json_string_place(text, strlen(text), 0, 9), 22);
}

static void lines_count_from_one(void **state)
{
	int line, column;

	(void)state;
	ta_text_line("ab\ncd", 4, &line, &column);
	assert_int_equal(line, 2);
	assert_int_equal(column, 2);
}

static const char least_snapshot[] =
	"{'schema':'tcpadvise.snapshot/1','taken_at':'2026-01-01T00:00:00Z','host':{%s},"
	"'namespaces':[],'gaps':[]}";

static bool read_snapshot(const char *host, json_t **ret, struct ta_error *err)
{
	char text[1024];

	snprintf(text, sizeof(text), least_snapshot, host);
	for (char *p = text; *p; p++)
		if (*p == '\'')
			*p = '"';
	return ta_snapshot_parse(text, strlen(text), "host.json", ret, err);
}

static void a_wrong_snapshot_has_a_place(void **state)
{
	struct ta_error err = TA_ERROR_INIT;
	json_t *snapshot = NULL;

	(void)state;
	assert_false(read_snapshot("'cpus':'two'", &snapshot, &err));
	assert_int_equal(err.code, TA_E_INPUT);
	assert_string_equal(err.text, "/host/cpus: expected integer, found string");
	assert_string_equal(err.pos.name, "host.json");
	assert_int_equal(err.pos.line, 1);
	assert_int_equal(err.pos.column, 83);
	assert_null(snapshot);
}

static void numbers_become_what_the_schema_says(void **state)
{
	struct ta_error err = TA_ERROR_INIT;
	json_t *snapshot = NULL, *host;

	(void)state;
	assert_true(
		read_snapshot("'uptime_s':5,'cpus':2,'of_a_newer_version':[]", &snapshot, &err));
	host = json_object_get(snapshot, "host");
	assert_true(json_is_real(json_object_get(host, "uptime_s")));
	assert_true(json_is_integer(json_object_get(host, "cpus")));
	json_decref(snapshot);
}

/* ---- the shape ---------------------------------------------------------------------- */

static json_t *snapshot_of_growth(void)
{
	json_t *snapshot = json_load_file("fixtures/snapshots/growth.json", 0, NULL);

	assert_non_null(snapshot);
	return snapshot;
}

struct comparison {
	const json_t *schema;
	json_t *document;
	struct ta_shape *shape;
	size_t wrong, right;
};

static void compare(struct comparison *c)
{
	json_t *copy = json_deep_copy(c->document);
	bool is_right = ta_schema_check(c->schema, copy, TA_SCHEMA_OPEN, NULL, NULL) == 0;

	if (ta_shape_fit(c->shape, copy) != is_right) {
		json_dumpf(c->document, stdout, JSON_INDENT(1));
		fail_msg("the schema says %s", is_right ? "right" : "wrong");
	}
	c->right += is_right;
	c->wrong += !is_right;
	json_decref(copy);
}

static const char *const others[] = {
	"null",  "true", "-1",       "0",  "7",   "7.0", "1.5",
	"1e300", "\"\"", "\"inet\"", "[]", "[1]", "{}",  "{\"name\":\"x\"}"
};

static void vary(struct comparison *c, json_t *part);

/* Each value in the place of each of the document's, and of each of its members. */
static void vary_member(struct comparison *c, json_t *object, const char *name)
{
	json_t *own = json_incref(json_object_get(object, name));

	for (size_t i = 0; i < TA_ARRAY_SIZE(others); i++) {
		json_object_set_new(object, name, json_loads(others[i], JSON_DECODE_ANY, NULL));
		compare(c);
	}
	json_object_set(object, name, own);
	vary(c, own);
	json_decref(own);
}

static void vary(struct comparison *c, json_t *part)
{
	json_t *child;
	const char *name;
	void *next;
	size_t i;

	json_object_foreach_safe (part, next, name, child)
		vary_member(c, part, name);
	json_array_foreach (part, i, child)
		vary(c, child);
}

static void a_shape_takes_what_the_schema_takes(void **state)
{
	struct comparison c = { ta_snapshot_schema(NULL), snapshot_of_growth(), NULL, 0, 0 };

	(void)state;
	c.shape = ta_shape_new(c.schema);
	assert_non_null(c.shape);
	compare(&c);
	assert_int_equal(c.right, 1);
	json_object_del(json_array_get(json_object_get(c.document, "processes"), 0), "pid");
	compare(&c);
	assert_int_equal(c.wrong, 1);
	json_decref(c.document);
	c.document = snapshot_of_growth();
	vary(&c, c.document);
	assert_true(c.wrong > 500 && c.right > 500);
	ta_shape_free(c.shape);
	json_decref(c.document);
}

static void a_shape_refuses_keywords_that_it_does_not_know(void **state)
{
	static const char *const schemas[] = {
		"{\"pattern\":\"^a\"}",
		"{\"properties\":{\"a\":{\"oneOf\":[]}}}",
		"{\"items\":{\"$ref\":\"#/$defs/none\"}}",
		"{\"enum\":[1]}",
		"{\"type\":\"integral\"}",
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(schemas); i++) {
		json_t *schema = json_loads(schemas[i], 0, NULL);

		assert_non_null(schema);
		assert_null(ta_shape_new(schema));
		json_decref(schema);
	}
}

static void a_shape_may_be_its_own_part(void **state)
{
	json_t *schema = json_loads("{\"$ref\":\"#/$defs/t\",\"$defs\":{\"t\":{\"type\":\"array\","
				    "\"items\":{\"$ref\":\"#/$defs/t\"}}}}",
				    0, NULL);
	json_t *right = json_loads("[[],[[[]]]]", 0, NULL),
	       *wrong = json_loads("[[],[1]]", 0, NULL);
	struct ta_shape *shape = ta_shape_new(schema);

	(void)state;
	assert_non_null(shape);
	assert_true(ta_shape_fit(shape, right));
	assert_false(ta_shape_fit(shape, wrong));
	ta_shape_free(shape);
	json_decref(right);
	json_decref(wrong);
	json_decref(schema);
}

static void what_is_no_snapshot_is_said(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "{", "not JSON: string or '}' expected near end of file" },
		{ "{\"schema\": \"tcpadvise.report/1\"}",
		  "this report does not have the snapshot that it was made of; tcpadvise audit "
		  "--format json --with-snapshot puts it in" },
		{ "{\"schema\": \"tcpadvise.report/1\", \"snapshot\": {\"schema\": 1}}",
		  "this report does not have the snapshot that it was made of; tcpadvise audit "
		  "--format json --with-snapshot puts it in" },
		{ "{\"schema\": \"elsewhere/1\"}",
		  "this is a 'elsewhere/1', expected a 'tcpadvise.snapshot/1'" },
		{ "[]", "this is no snapshot: the member \"schema\": \"tcpadvise.snapshot/1\" "
			"is missing" },
	};

	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(cases); i++) {
		struct ta_error err = TA_ERROR_INIT;
		json_t *snapshot = NULL;

		assert_false(ta_snapshot_parse(cases[i].text, strlen(cases[i].text), "x", &snapshot,
					       &err));
		assert_string_equal(err.text, cases[i].message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mistakes_are_told_apart),
		cmocka_unit_test(every_mistake_is_reported),
		cmocka_unit_test(a_good_document_passes),
		cmocka_unit_test(deep_nesting_is_a_mistake_not_a_crash),
		cmocka_unit_test(values_are_found_in_their_text),
		cmocka_unit_test(a_place_in_a_string_skips_escapes),
		cmocka_unit_test(lines_count_from_one),
		cmocka_unit_test(a_wrong_snapshot_has_a_place),
		cmocka_unit_test(numbers_become_what_the_schema_says),
		cmocka_unit_test(what_is_no_snapshot_is_said),
		cmocka_unit_test(a_shape_takes_what_the_schema_takes),
		cmocka_unit_test(a_shape_refuses_keywords_that_it_does_not_know),
		cmocka_unit_test(a_shape_may_be_its_own_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
