/* checks.c - what could be checked on one side and not on the other. */
#include "base/json.h"
#include "diff/parts.h"

/* Rows of the side that could not; the other side knows. */
static bool add_unchecked(json_t *rows, const struct ta_side *side, const struct ta_side *other,
			  const char *known)
{
	static const char *const words[] = { "rule", "class", "namespace", "missing", "why" };
	const json_t *unchecked;
	bool ok = true;
	size_t i;

	json_array_foreach (json_object_get(side->given.report, "not_checked"), i, unchecked) {
		const json_t *verdict =
			ta_diff_verdict(other->verdicts, ta_json_text(unchecked, "rule"),
					ta_json_text(unchecked, "namespace"));
		json_t *row;

		if (!ok || !verdict || json_object_get(verdict, "not_checked"))
			continue;
		row = json_object();
		ok = json_array_append_new(rows, row) == 0 &&
		     ta_json_set(row, "known", json_string(known));
		for (size_t k = 0; ok && k < TA_ARRAY_SIZE(words); k++)
			ok = ta_diff_share(row, words[k], json_object_get(unchecked, words[k]));
	}
	return ok;
}

bool ta_diff_checks(const struct ta_sides *sides, json_t *document)
{
	json_t *rows = json_array();

	return ta_json_set(document, "checks", rows) &&
	       add_unchecked(rows, &sides->after, &sides->before, "before") &&
	       add_unchecked(rows, &sides->before, &sides->after, "after");
}
