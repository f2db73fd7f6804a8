/* findings.c - the findings of two reports held against each other by their fingerprints.
 *
 * One that only one side has is new, or gone, if the other side could have had it. Where the rule
 * lacked a fact there, or the namespace is not in that snapshot, nothing is known. */
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "diff/parts.h"

/* Findings are looked for by their keys. */
struct side {
	const struct ta_side *all;
	json_t *known; /* key of a finding -> the finding */
};

struct pairing {
	struct side before, after;
	json_t *rows;
	json_t *counts; /* change -> severity -> number */
	json_int_t silenced;
};

/* ---- one side ---------------------------------------------------------------------- */

static const json_t *findings_of(const struct side *side)
{
	return json_object_get(side->all->given.report, "findings");
}

/* Findings are paired by fingerprint; what is about the host as such by its rule, for two hosts
 * have two names. */
static const char *key_of(const struct side *side, const json_t *finding)
{
	const json_t *scope = json_object_get(finding, "scope");
	const char *host =
		ta_json_string(json_object_get(side->all->given.snapshot, "host"), "name");

	if (host && strcmp(ta_json_text(scope, "kind"), "host") == 0 &&
	    strcmp(ta_json_text(scope, "object"), host) == 0)
		return ta_json_text(finding, "rule");
	return ta_json_text(finding, "fingerprint");
}

static bool side_init(struct side *side, const struct ta_side *all)
{
	bool ok;
	json_t *finding;
	size_t i;

	*side = (struct side){ .all = all, .known = json_object() };
	ok = side->known != NULL;
	json_array_foreach (findings_of(side), i, finding)
		ok = ok && json_object_set(side->known, key_of(side, finding), finding) == 0;
	return ok;
}

static void side_done(struct side *side)
{
	json_decref(side->known);
}

/* Whether a namespace that is not in this snapshot was not on the host: all were asked for, and
 * none was kept from us. */
static bool has_all_namespaces(const struct side *side)
{
	const json_t *collection = json_object_get(side->all->given.snapshot, "collection");
	const json_t *seen = json_object_get(collection, "namespaces_seen");
	const json_t *entered = json_object_get(collection, "namespaces_entered");

	return strcmp(ta_json_text(collection, "netns"), "all") == 0 && seen && entered &&
	       json_equal(seen, entered);
}

/* ---- could the other side have had it? ---------------------------------------------- */

/* Some objects could not be looked at. If no more than on the side of the finding, and others
 * could be, then they are those that never can (other users' processes), and it is not among
 * them. */
static bool are_the_usual_ones(const json_t *theirs, const json_t *ours)
{
	const json_t *now = json_object_get(json_object_get(theirs, "not_checked"), "objects");
	const json_t *then = json_object_get(json_object_get(ours, "not_checked"), "objects");

	return (json_object_get(theirs, "passed") || json_object_get(theirs, "fired")) && then &&
	       json_integer_value(now) <= json_integer_value(then);
}

static bool explain_unchecked(json_t *row, const json_t *not_checked)
{
	return ta_diff_share(row, "why", json_object_get(not_checked, "why")) &&
	       ta_diff_share(row, "missing", json_object_get(not_checked, "missing"));
}

/* *ret_known: whether the other side, which lacks the finding, could have had it. The row gets what
 * is to be said of that. */
static bool ask_other(json_t *row, const json_t *finding, const struct side *own,
		      const struct side *other, bool *ret_known)
{
	const char *rule = ta_json_text(finding, "rule");
	const char *namespace = ta_json_text(json_object_get(finding, "scope"), "namespace");
	const json_t *theirs = ta_diff_verdict(other->all->verdicts, rule, namespace);
	const json_t *not_checked = json_object_get(theirs, "not_checked");
	const json_t *passed = json_object_get(theirs, "passed");

	*ret_known = true;
	if (*namespace && !json_object_get(other->all->namespaces, namespace)) {
		*ret_known = has_all_namespaces(other);
		return ta_json_set(row, "why",
				   json_string(*ret_known
						       ? N_("there is no such namespace")
						       : N_("the namespace was not looked into")));
	}
	if (not_checked &&
	    !are_the_usual_ones(theirs, ta_diff_verdict(own->all->verdicts, rule, namespace))) {
		*ret_known = false;
		return explain_unchecked(row, not_checked);
	}
	return ta_diff_share(row, "passed", json_object_get(passed, "text"));
}

/* ---- evidence ----------------------------------------------------------------------- */

static const json_t *find_evidence(const json_t *rows, const json_t *wanted)
{
	const json_t *row;
	size_t i;

	json_array_foreach (rows, i, row)
		if (json_equal(json_object_get(row, "label"), json_object_get(wanted, "label")))
			return row;
	return NULL;
}

static bool share_figure(json_t *row, const char *side, const json_t *evidence)
{
	return ta_diff_share_figure(row, side, json_object_get(evidence, "value"),
				    json_object_get(evidence, "limit"));
}

/* Where the figure before was read, when that is not where the one after was: captured text has its
 * lines. */
static bool add_source_before(json_t *row, const json_t *before, const json_t *after)
{
	const json_t *source = json_object_get(before, "source");

	return !before || !after || json_equal(source, json_object_get(after, "source")) ||
	       ta_diff_share(row, "source_before", source);
}

static bool add_evidence_row(json_t *rows, const json_t *before, const json_t *after)
{
	static const char *const words[] = { "label", "unit", "source" };
	json_t *row = json_object();
	bool ok = json_array_append_new(rows, row) == 0;

	for (size_t i = 0; ok && i < TA_ARRAY_SIZE(words); i++)
		ok = ta_diff_share(row, words[i],
				   json_object_get(after ? after : before, words[i]));
	return ok && add_source_before(row, before, after) && share_figure(row, "before", before) &&
	       share_figure(row, "after", after);
}

static bool add_evidence(json_t *entry, const json_t *before, const json_t *after)
{
	const json_t *old = json_object_get(before, "evidence");
	const json_t *new = json_object_get(after, "evidence");
	json_t *rows = json_array();
	bool ok = ta_json_set(entry, "evidence", rows);
	const json_t *row;
	size_t i;

	json_array_foreach (new, i, row)
		ok = ok && add_evidence_row(rows, find_evidence(old, row), row);
	json_array_foreach (old, i, row)
		if (ok && !find_evidence(new, row))
			ok = add_evidence_row(rows, row, NULL);
	return ok;
}

/* ---- one finding -------------------------------------------------------------------- */

static enum ta_severity severity_of(const json_t *finding)
{
	return ta_severity_parse(ta_json_text(finding, "severity"));
}

static const char *change_of(const json_t *before, const json_t *after, bool known)
{
	if (!before)
		return known ? "appeared" : "not_known_before";
	if (!after)
		return known ? "cleared" : "not_known_after";
	if (severity_of(before) == severity_of(after))
		return "still_there";
	return severity_of(before) < severity_of(after) ? "worsened" : "eased";
}

/* What it is, as the later side that has it says. */
static bool describe(json_t *row, const json_t *before, const json_t *after)
{
	static const char *const words[] = { "rule", "class", "fingerprint", "scope", "title" };
	const json_t *severity_before = json_object_get(before, "severity");
	const json_t *severity_after = json_object_get(after, "severity");
	bool ok = true;

	for (size_t i = 0; i < TA_ARRAY_SIZE(words); i++)
		ok = ta_diff_share(row, words[i],
				   json_object_get(after ? after : before, words[i])) &&
		     ok;
	return ok && ta_diff_share(row, "severity_before", severity_before) &&
	       ta_diff_share(row, "severity_after", severity_after) &&
	       (!json_object_get(after ? after : before, "silenced") ||
		ta_json_set(row, "silenced", json_true()));
}

/* Under the worse of its severities. */
static bool count(struct pairing *pairing, const json_t *row, const char *change)
{
	json_t *by_severity = json_object_get(pairing->counts, change);
	const char *before = ta_json_text(row, "severity_before");
	const char *after = ta_json_text(row, "severity_after");
	const char *severity =
		ta_severity_parse(before) > ta_severity_parse(after) ? before : after;

	if (json_object_get(row, "silenced")) {
		pairing->silenced++;
		return true;
	}
	return ta_json_set(
		by_severity, severity,
		json_integer(json_integer_value(json_object_get(by_severity, severity)) + 1));
}

/* One of the two may be NULL. */
static bool add_finding(struct pairing *pairing, const json_t *before, const json_t *after)
{
	const struct side *own = after ? &pairing->after : &pairing->before;
	const struct side *other = after ? &pairing->before : &pairing->after;
	json_t *row = json_object();
	bool ok = json_array_append_new(pairing->rows, row) == 0, known = true;
	const char *change;

	if (ok && !(before && after))
		ok = ask_other(row, after ? after : before, own, other, &known);
	change = change_of(before, after, known);
	return ok && ta_json_set(row, "change", json_string(change)) &&
	       describe(row, before, after) && add_evidence(row, before, after) &&
	       count(pairing, row, change);
}

static bool add_findings(struct pairing *pairing)
{
	const json_t *finding;
	bool ok = true;
	size_t i;

	json_array_foreach (findings_of(&pairing->after), i, finding) {
		const char *key = key_of(&pairing->after, finding);

		ok = ok &&
		     add_finding(pairing, json_object_get(pairing->before.known, key), finding);
	}
	json_array_foreach (findings_of(&pairing->before), i, finding) {
		const char *key = key_of(&pairing->before, finding);

		if (ok && !json_object_get(pairing->after.known, key))
			ok = add_finding(pairing, finding, NULL);
	}
	return ok;
}

/* ---- all of them -------------------------------------------------------------------- */

static json_t *no_counts(void)
{
	static const char *const changes[] = { "appeared",       "worsened", "not_known_before",
					       "still_there",    "eased",    "cleared",
					       "not_known_after" };
	json_t *counts = json_object();
	bool ok = counts != NULL;

	for (size_t i = 0; ok && i < TA_ARRAY_SIZE(changes); i++)
		ok = ta_json_set(
			counts, changes[i],
			json_pack("{s:i, s:i, s:i}", "critical", 0, "warning", 0, "info", 0));
	if (ok)
		return counts;
	json_decref(counts);
	return NULL;
}

bool ta_diff_findings(const struct ta_sides *sides, json_t *document)
{
	struct pairing pairing = { .rows = json_array(), .counts = no_counts() };
	bool ok = ta_json_set(document, "summary", pairing.counts);

	ok = ta_json_set(document, "findings", pairing.rows) && ok;
	ok = side_init(&pairing.before, &sides->before) && ok;
	ok = side_init(&pairing.after, &sides->after) && ok;
	ok = ok && add_findings(&pairing) &&
	     ta_json_set(pairing.counts, "silenced", json_integer(pairing.silenced));
	side_done(&pairing.before);
	side_done(&pairing.after);
	return ok;
}
