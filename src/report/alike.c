/* alike.c - see alike.h. */
#include "report/alike.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"

static void add_key(struct ta_buf *out, const json_t *finding)
{
	ta_buf_printf(out, "%d %s", (int)ta_finding_severity(finding),
		      ta_json_text(finding, "rule"));
}

static const char *namespace_of(const json_t *finding)
{
	return ta_json_string(json_object_get(finding, "scope"), "namespace");
}

/* Notes where a root belongs. The second of one namespace is not the same story. */
static bool add_root(struct ta_alike *alike, const json_t *finding, enum ta_telling *ret)
{
	ta_auto(ta_buf_done) struct ta_buf key = TA_BUF_INIT(65536);
	const char *name = namespace_of(finding);
	bool is_note = ta_finding_severity(finding) == TA_SEVERITY_INFO;
	json_t *names;

	*ret = TA_TELL_WHOLE;
	if (!name)
		return true;
	add_key(&key, finding);
	names = json_object_get(alike->kinds, ta_buf_cstr(&key));
	if (!names)
		return ta_json_set(alike->kinds, ta_buf_cstr(&key), json_pack("[s]", name));
	if (strcmp(json_string_value(json_array_get(names, 0)), name) == 0)
		return true;
	*ret = is_note ? TA_TELL_NAME : TA_TELL_SHORT;
	return !is_note || json_array_append_new(names, json_string(name)) == 0;
}

static bool add_all(struct ta_alike *alike, const struct ta_outline *outline)
{
	enum ta_telling root = TA_TELL_WHOLE;

	for (size_t i = 0; i < outline->count; i++) {
		const struct ta_outline_entry *entry = &outline->entries[i];

		if (entry->depth == 0 && !add_root(alike, entry->finding, &root))
			return false;
		alike->tellings[i] =
			entry->depth == 0 || root == TA_TELL_NAME ? root : TA_TELL_SHORT;
	}
	return true;
}

bool ta_alike_init(struct ta_alike *ret, const struct ta_outline *outline, bool fold,
		   struct ta_error *err)
{
	struct ta_alike alike = { .tellings = calloc(outline->count + 1, sizeof(*alike.tellings)),
				  .kinds = json_object() };
	bool ok = alike.tellings && alike.kinds;

	if (ok && fold)
		ok = add_all(&alike, outline);
	if (!ok) {
		ta_alike_done(&alike);
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	}
	*ret = alike;
	return true;
}

void ta_alike_done(struct ta_alike *alike)
{
	free(alike->tellings);
	json_decref(alike->kinds);
	*alike = (struct ta_alike){ 0 };
}

const json_t *ta_alike_names(const struct ta_alike *alike, const json_t *finding)
{
	ta_auto(ta_buf_done) struct ta_buf key = TA_BUF_INIT(65536);
	const char *name = namespace_of(finding);
	const json_t *names;

	if (!name)
		return NULL;
	add_key(&key, finding);
	names = json_object_get(alike->kinds, ta_buf_cstr(&key));
	if (json_array_size(names) < 2 ||
	    strcmp(json_string_value(json_array_get(names, 0)), name) != 0)
		return NULL;
	return names;
}
