/* test_sha256.c - digests of texts that end around the end of a block. */
#include "base/sha256.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	size_t len; /* of 'a' */
	const char *base64;
} rows[] = {
	{ 0, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" },
	{ 1, "ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=" },
	{ 55, "n0OQ+NMMLdkuyfCVtl4rmumwqSWlJY4kHJ8ekQ9zQxg=" },
	{ 56, "s1Q5pKxvCUi21vnjxq8PX1kM4g8b3nCQ73lwaG7Gc4o=" },
	{ 63, "fT50oF19sVvOStnsBljqmOPwbu7PFrTG//LaRX3cLzQ=" },
	{ 64, "/+BU/nrgy23GXDr5th1SCfQ5hR20PQulmXM33xVGaOs=" },
	{ 119, "MeulHDE6XAgiat8Y1KNZz9/Y0ugWsT9K+VL36mWE3Ps=" },
	{ 120, "Lz0zVDLHC1gK8Ojhs2dKfAINaDql9zqq7f3FWvkEwhw=" },
	{ 200, "wqkI2Y9d+Yet5BtfziEwZ++8wh7yJAISpB5UtefCiuU=" },
};

static void digests_are_right(void **state)
{
	char text[200];

	(void)state;
	memset(text, 'a', sizeof(text));
	for (size_t i = 0; i < TA_ARRAY_SIZE(rows); i++) {
		ta_auto(ta_buf_done) struct ta_buf out = TA_BUF_INIT(100);
		uint8_t digest[TA_SHA256_SIZE];

		ta_sha256(text, rows[i].len, digest);
		ta_base64(&out, digest, sizeof(digest));
		assert_string_equal(ta_buf_cstr(&out), rows[i].base64);
	}
}

static void base64_is_padded(void **state)
{
	static const char *const expected[] = { "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==" };

	(void)state;
	for (size_t len = 0; len < TA_ARRAY_SIZE(expected); len++) {
		ta_auto(ta_buf_done) struct ta_buf out = TA_BUF_INIT(100);

		ta_base64(&out, (const uint8_t *)"foobar", len);
		assert_string_equal(ta_buf_cstr(&out), expected[len]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_are_right),
		cmocka_unit_test(base64_is_padded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
