/* ruled_out.c - see ruled_out.h. */
#include "report/ruled_out.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/macros.h"

TA_DEFINE_AUTO(json_t, json_decref)

/* Adds to the group of its class, on the host or in namespaces. false without memory. */
static bool add_row(json_t *groups, json_t *row)
{
	ta_auto(ta_buf_done) struct ta_buf key = TA_BUF_INIT(4096);
	json_t *group;

	ta_buf_printf(&key, "%s%s", ta_json_text(row, "class"),
		      ta_json_string(row, "namespace") ? "/" : "");
	group = json_object_get(groups, ta_buf_cstr(&key));
	if (!group)
		return ta_json_set(groups, ta_buf_cstr(&key),
				   json_pack("{s:O, s:i}", "row", row, "more", 0));
	return ta_json_set(group, "more",
			   json_integer(json_integer_value(json_object_get(group, "more")) + 1));
}

static bool is_told(const json_t *told, const json_t *group)
{
	const json_t *text = json_object_get(json_object_get(group, "row"), "text"), *other;
	size_t i;

	json_array_foreach (told, i, other)
		if (json_equal(json_object_get(other, "more"), json_object_get(group, "more")) &&
		    json_equal(json_object_get(json_object_get(other, "row"), "text"), text))
			return true;
	return false;
}

json_t *ta_ruled_out_groups(const json_t *rows)
{
	ta_auto(json_decref_p) json_t *groups = json_object();
	ta_auto(json_decref_p) json_t *told = json_array();
	bool ok = groups && told;
	const char *key;
	json_t *item;
	size_t i;

	json_array_foreach (rows, i, item)
		ok = ok && add_row(groups, item);
	json_object_foreach (groups, key, item)
		if (ok && !is_told(told, item))
			ok = json_array_append(told, item) == 0;
	return ok ? TA_TAKE(told) : NULL;
}
