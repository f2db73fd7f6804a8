/* test_json.c - JSON printed: the same as jansson does it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "base/text.h"

static const char *const texts[] = {
	"",
	" ",
	"{}",
	"[]",
	" \t\r\n{ \"a\" : [ 1 , 2 ] } \n",
	"{\"a\":{\"b\":[{},[],null,true,false,\"x\"]}}",
	"[0,-0,7,-7,9223372036854775807,-9223372036854775808,9223372036854775808,12345678901]",
	"[9223372036854775807,-9223372036854775808]",
	"[0.5,-0.0,1e3,1E+3,2.5e-7,1e400]",
	"[0.5,-0.0,1e3,1E+3,2.5e-7,0.1,123456789.123,1e300]",
	"[1.]",
	"[.5]",
	"[1e]",
	"[1.5-2]",
	"[01]",
	"[-]",
	"[+1]",
	"[1 2]",
	"[1,]",
	"[,1]",
	"{,}",
	"{\"a\"}",
	"{\"a\":}",
	"{\"a\" 1}",
	"{\"a\":1,}",
	"{a:1}",
	"{1:1}",
	"{\"a\":1,\"b\":2,\"a\":3}",
	"{\"\":1}",
	"[nul]",
	"[nulll]",
	"[truefalse]",
	"1",
	"\"x\"",
	"{} {}",
	"[\"a",
	"[\"a\nb\"]",
	"[\"a\\",
	"[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u20ac\\ud83d\\ude00\"]",
	"[\"\\u0000\"]",
	"[\"\\ud83d\"]",
	"[\"\x7f\xc2\x85\xe2\x80\x8b\xe2\x80\xae\u20ac\U0001f600 ü\"]",
	"[\"\xff\"]",
	"[\"\xc3\"]",
	"{\"\xff\":1}",
	"{\"ü\":\"\x01\"}",
	"[[[[[[[[]]]]]]]]",
	"{\"a\":[}",
	"[\"x\"",
	"{\"x\":1",
};

/* What ta_json_print() has to write: jansson's text, made safe for a terminal. */
static void expect_printed(const json_t *json, enum ta_json_layout layout, size_t flags)
{
	ta_auto(ta_buf_done) struct ta_buf out = TA_BUF_INIT(100000), wanted = TA_BUF_INIT(100000);
	char *text = json_dumps(json, flags | JSON_ENCODE_ANY);

	assert_non_null(text);
	ta_text_json(&wanted, text, strlen(text));
	ta_buf_char(&wanted, '\n');
	assert_true(ta_json_print(&out, json, layout, NULL));
	assert_string_equal(ta_buf_cstr(&out), ta_buf_cstr(&wanted));
	free(text);
}

static void prints_what_jansson_prints(void **state)
{
	(void)state;
	for (size_t i = 0; i < TA_ARRAY_SIZE(texts); i++) {
		json_t *json = json_loads(texts[i], JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

		if (!json)
			continue;
		expect_printed(json, TA_JSON_PAGE, JSON_INDENT(2));
		expect_printed(json, TA_JSON_LINE, JSON_COMPACT);
		json_decref(json);
	}
}

static void prints_every_byte(void **state)
{
	(void)state;
	for (int c = 0; c < 0x80; c++) {
		json_t *json = json_stringn((char[]){ 'a', (char)c, 'b' }, 3);

		expect_printed(json, TA_JSON_LINE, 0);
		json_decref(json);
	}
}

static void says_when_it_is_too_long(void **state)
{
	ta_auto(ta_buf_done) struct ta_buf out = TA_BUF_INIT(10);
	struct ta_error err = TA_ERROR_INIT;
	json_t *json = json_string("ten bytes and more");

	(void)state;
	assert_false(ta_json_print(&out, json, TA_JSON_PAGE, &err));
	assert_int_equal(err.code, TA_E_LIMIT);
	json_decref(json);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_what_jansson_prints),
		cmocka_unit_test(prints_every_byte),
		cmocka_unit_test(says_when_it_is_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
