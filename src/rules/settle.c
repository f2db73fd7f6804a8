/* settle.c - what is done with all findings in the end: fingerprints, causes, one value for one
 * setting, silences, and their order.
 *
 * There may be findings by the thousand: no part of it looks at all pairs of them. */
#include "rules/settle.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"

/* ---- fingerprints ------------------------------------------------------------------- */

static uint64_t fnv1a(uint64_t hash, const char *text)
{
	for (;; text++) {
		hash = (hash ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
		if (!*text)
			return hash;
	}
}

static bool set_fingerprint(struct ta_finding *finding, uint64_t hash)
{
	char text[24];

	snprintf(text, sizeof(text), "%016" PRIx64, hash);
	return ta_json_set(finding->json, "fingerprint", json_string(text));
}

/* FNV-1a of rule, namespace, identity; the n-th with the same three also has its number. twins
 * counts those so far by their fingerprint. */
static bool add_fingerprint(struct ta_finding *finding, json_t *twins)
{
	uint64_t hash = fnv1a(UINT64_C(0xcbf29ce484222325), finding->rule->id);
	const char *first;
	char number[24];
	json_int_t count;

	hash = fnv1a(hash, ta_finding_scope(finding, "namespace"));
	hash = fnv1a(hash, json_string_value(finding->identity));
	if (!set_fingerprint(finding, hash))
		return false;
	first = ta_json_text(finding->json, "fingerprint");
	count = json_integer_value(json_object_get(twins, first));
	if (!ta_json_set(twins, first, json_integer(count + 1)))
		return false;
	snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, count);
	return count == 0 || set_fingerprint(finding, fnv1a(hash, number));
}

/* ---- silences ----------------------------------------------------------------------- */

bool ta_silence_is_over(const char *until, int64_t now_ms)
{
	char now[32];

	if (!until)
		return false;
	ta_clock_rfc3339(now_ms, now);
	now[10] = '\0'; /* the date */
	return strcmp(now, until) > 0;
}

static bool silence(struct ta_finding *finding, const struct ta_silence *silence)
{
	json_t *json =
		json_pack("{s:s, s:s}", "reason", silence->reason, "by", silence->source->name);

	if (json && silence->until && !ta_json_set(json, "until", json_string(silence->until))) {
		json_decref(json);
		json = NULL;
	}
	return ta_json_set(finding->json, "silenced", json);
}

static bool add_silences(struct ta_findings *findings, const struct ta_rules *rules, int64_t now_ms)
{
	bool ok = true;

	for (size_t i = 0; i < findings->count; i++)
		for (size_t j = 0; j < rules->silence_count; j++) {
			const struct ta_silence *row = &rules->silences[j];

			if (strcmp(row->rule, findings->items[i].rule->id) != 0 ||
			    ta_silence_is_over(row->until, now_ms))
				continue;
			if (!row->object ||
			    strcmp(row->object, ta_finding_scope(&findings->items[i], "object")) ==
				    0)
				ok = silence(&findings->items[i], row) && ok;
		}
	return ok;
}

/* ---- order -------------------------------------------------------------------------- */

static size_t cause_count(const struct ta_finding *finding)
{
	return json_array_size(json_object_get(finding->json, "caused_by"));
}

static int compare(const void *left, const void *right)
{
	const struct ta_finding *a = left, *b = right;
	bool a_effect = cause_count(a) > 0, b_effect = cause_count(b) > 0;

	if (a->severity != b->severity)
		return a->severity < b->severity ? 1 : -1;
	if (a_effect != b_effect)
		return a_effect ? 1 : -1;
	if (a->rank != b->rank)
		return a->rank < b->rank ? 1 : -1;
	return a->order < b->order ? -1 : 1;
}

bool ta_findings_settle(struct ta_findings *findings, const struct ta_rules *rules, int64_t now_ms)
{
	json_t *twins = json_object();
	bool ok = twins != NULL;

	for (size_t i = 0; ok && i < findings->count; i++)
		ok = add_fingerprint(&findings->items[i], twins);
	json_decref(twins);
	ok = ok && ta_findings_find_causes(findings) && ta_findings_agree(findings) &&
	     add_silences(findings, rules, now_ms);
	if (findings->count)
		qsort(findings->items, findings->count, sizeof(*findings->items), compare);
	return ok;
}
