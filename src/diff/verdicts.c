/* verdicts.c - what one report says of each rule in each place; see parts.h. */
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "diff/parts.h"

enum { KEY_MAX = 1 << 28 }; /* bytes: as long as an input may be */

/* A rule's id has no newline. */
static const char *key_of(struct ta_buf *key, const char *rule, const char *namespace)
{
	ta_buf_printf(key, "%s\n%s", rule, namespace);
	return ta_buf_cstr(key);
}

static bool note(json_t *verdicts, const char *rule, const char *namespace, const char *what,
		 const json_t *row)
{
	ta_auto(ta_buf_done) struct ta_buf buf = TA_BUF_INIT(KEY_MAX);
	const char *key = key_of(&buf, rule, namespace);

	if (buf.failed ||
	    (!json_object_get(verdicts, key) && !ta_json_set(verdicts, key, json_object())))
		return false;
	return ta_diff_share(json_object_get(verdicts, key), what, row);
}

json_t *ta_diff_verdicts(const json_t *report)
{
	static const char *const lists[] = { "passed", "not_checked" };
	json_t *verdicts = json_object(), *row;
	bool ok = verdicts != NULL;
	size_t i;

	for (size_t k = 0; k < TA_ARRAY_SIZE(lists); k++)
		json_array_foreach (json_object_get(report, lists[k]), i, row)
			ok = ok && note(verdicts, ta_json_text(row, "rule"),
					ta_json_text(row, "namespace"), lists[k], row);
	json_array_foreach (json_object_get(report, "findings"), i, row) {
		const json_t *scope = json_object_get(row, "scope");

		ok = ok && note(verdicts, ta_json_text(row, "rule"),
				ta_json_text(scope, "namespace"), "fired", json_true());
	}
	if (ok)
		return verdicts;
	json_decref(verdicts);
	return NULL;
}

const json_t *ta_diff_verdict(const json_t *verdicts, const char *rule, const char *namespace)
{
	ta_auto(ta_buf_done) struct ta_buf key = TA_BUF_INIT(KEY_MAX);

	return json_object_get(verdicts, key_of(&key, rule, namespace));
}
