/* outlook.c - what assumptions make of a report: see tcpadvise/advice.h.
 *
 * Two reports of the same rules are held against each other, as a comparison of two hosts does it.
 * A finding that stays is asked why: an assumption may not bear on it at all; it may be too little;
 * or the finding rests on what was measured under the old setting, and only a new measurement can
 * tell. */
#include <string.h>

#include "advice/headroom.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"
#include "base/text.h"
#include "report/figure.h"
#include "tcpadvise/advice.h"
#include "tcpadvise/diff.h"

enum { TEXT_MAX = 1 << 16 };

TA_DEFINE_AUTO(json_t, json_decref)

/* What a comparison calls it, and what becomes of the finding. */
static const struct {
	const char *change, *outcome;
} outcomes[] = {
	{ "cleared", N_("goes") },           { "eased", N_("eases") },
	{ "still_there", N_("stays") },      { "worsened", N_("worsens") },
	{ "appeared", N_("comes") },         { "not_known_after", N_("open") },
	{ "not_known_before", N_("comes") },
};

static const char *outcome_of(const json_t *row)
{
	for (size_t i = 0; i < TA_ARRAY_SIZE(outcomes); i++)
		if (strcmp(outcomes[i].change, ta_json_text(row, "change")) == 0)
			return outcomes[i].outcome;
	return "open";
}

/* ---- what bears on a finding --------------------------------------------------------- */

/* Why the rule warns of this key; NULL when it does not. */
static const char *warning_of(const json_t *finding, const char *key)
{
	const json_t *avoid;
	size_t i;

	json_array_foreach (json_object_get(finding, "avoid"), i, avoid)
		if (ta_text_names(ta_json_text(avoid, "setting"), key))
			return ta_json_text(avoid, "why");
	return NULL;
}

/* Whether a place that an assumption names is that of a fix: of a limit the process, of a setting
 * the namespace of the finding. */
static bool is_meant(const json_t *finding, const json_t *fix, const char *at)
{
	const json_t *scope = json_object_get(finding, "scope");
	const json_t *limit = json_object_get(fix, "limit");
	const char *object = ta_json_text(scope, "object");

	if (!*at)
		return true;
	if (limit) /* "nginx (pid 7)" */
		return strcmp(ta_json_text(limit, "pid"), at) == 0 ||
		       (strncmp(object, at, strlen(at)) == 0 &&
			!ta_text_is_word_byte(object[strlen(at)]));
	return strcmp(ta_json_text(scope, "namespace"), at) == 0;
}

/* Whether a fix of the finding sets what is assumed, there. */
static bool is_fixed_by(const json_t *finding, const json_t *assumption)
{
	const char *key = ta_json_text(assumption, "key");
	const json_t *fix;
	size_t i;

	json_array_foreach (json_object_get(finding, "fixes"), i, fix)
		if ((json_object_get(json_object_get(fix, "settings"), key) ||
		     strcmp(ta_json_text(json_object_get(fix, "limit"), "name"), key) == 0) &&
		    is_meant(finding, fix, ta_json_text(assumption, "at")))
			return true;
	return false;
}

static const json_t *find(const json_t *report, const char *fingerprint)
{
	const json_t *finding;
	size_t i;

	json_array_foreach (json_object_get(report, "findings"), i, finding)
		if (strcmp(ta_json_text(finding, "fingerprint"), fingerprint) == 0)
			return finding;
	return NULL;
}

/* ---- why a finding stays ------------------------------------------------------------- */

/* Whether the same is held against a lower limit. Of a value that moves nobody knows which way is
 * up. */
static bool is_worse(const json_t *before, const json_t *after)
{
	return json_equal(json_object_get(before, "value"), json_object_get(after, "value")) &&
	       json_number_value(json_object_get(after, "limit")) <
		       json_number_value(json_object_get(before, "limit"));
}

/* "ports used: 27000 of 28232 now, 27000 of 55296 then" for the first figure that moves. The word
 * for it, or NULL when none does. */
static const char *print_moved(struct ta_buf *out, const json_t *row)
{
	ta_auto(ta_buf_done) struct ta_buf now = TA_BUF_INIT(TEXT_MAX);
	ta_auto(ta_buf_done) struct ta_buf then = TA_BUF_INIT(TEXT_MAX);
	const json_t *figure;
	bool worse;
	size_t i;

	json_array_foreach (json_object_get(row, "evidence"), i, figure) {
		const json_t *before = json_object_get(figure, "before");
		const json_t *after = json_object_get(figure, "after");

		if (!before || !after || json_equal(before, after) ||
		    !json_is_number(json_object_get(before, "value")) ||
		    !json_is_number(json_object_get(after, "value")))
			continue;
		worse = is_worse(before, after);
		ta_figure_amount_in(&now, before, NULL);
		ta_figure_amount_in(&then, after, NULL);
		ta_buf_printf(out,
			      worse ? _("It makes it worse: %s: %s now, %s then.")
				    : _("It is not enough: %s: %s now, %s then."),
			      ta_json_text(figure, "label"), ta_buf_cstr(&now), ta_buf_cstr(&then));
		return worse ? "no_help" : "not_enough";
	}
	return NULL;
}

/* The word, and the sentence, for what a finding stays in spite of. */
static const char *why_it_stays(const json_t *row, const json_t *finding, const json_t *assumptions,
				struct ta_buf *text)
{
	const char *warning = NULL, *moved = print_moved(text, row);
	const json_t *assumption;
	bool fixed = false;
	size_t i;

	json_array_foreach (assumptions, i, assumption) {
		const char *key = ta_json_text(assumption, "key");

		fixed = fixed || is_fixed_by(finding, assumption);
		warning = warning ? warning : warning_of(finding, key);
	}
	if (moved)
		return moved;
	if (fixed) {
		ta_buf_str(text,
			   _("It rests on what was measured under the present setting: only a "
			     "look after the change can tell."));
		return "measure";
	}
	ta_buf_str(text, warning ? warning : _("Nothing in it depends on that."));
	return warning ? "no_help" : "unrelated";
}

static bool add_reason(json_t *entry, const json_t *row, const json_t *finding,
		       const json_t *assumptions)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(TEXT_MAX);
	const char *word = why_it_stays(row, finding, assumptions, &text);

	return ta_buf_ok(&text, NULL) && ta_json_set(entry, "because", json_string(word)) &&
	       ta_json_set(entry, "text", json_string(ta_buf_cstr(&text)));
}

/* ---- findings ------------------------------------------------------------------------ */

static bool add_row(json_t *rows, const json_t *row, const json_t *before,
		    const json_t *assumptions)
{
	static const char *const members[] = { "rule", "scope", "fingerprint", "severity_before",
					       "severity_after" };
	const json_t *finding = find(before, ta_json_text(row, "fingerprint"));
	const char *outcome = outcome_of(row);
	json_t *entry = json_pack("{s:s}", "outcome", outcome), *value;
	bool ok = json_array_append_new(rows, entry) == 0;

	for (size_t i = 0; ok && i < TA_ARRAY_SIZE(members); i++) {
		value = json_object_get(row, members[i]);
		ok = !value || json_object_set(entry, members[i], value) == 0;
	}
	value = json_object_get(finding ? finding : row, "title");
	ok = ok && json_object_set(entry, "title", value) == 0;
	return ok && (!finding || strcmp(outcome, "stays") != 0 ||
		      add_reason(entry, row, finding, assumptions));
}

static bool add_findings(json_t *outlook, const json_t *diff, const json_t *before,
			 const json_t *assumptions)
{
	json_t *rows = json_array();
	bool ok = ta_json_set(outlook, "findings", rows);
	const json_t *row;
	size_t i;

	json_array_foreach (json_object_get(diff, "findings"), i, row)
		if (ok && !json_object_get(row, "silenced"))
			ok = add_row(rows, row, before, assumptions);
	return ok;
}

/* ---- what would not help ------------------------------------------------------------- */

/* Whether a finding rests on it, or would move by it alone, be it for the worse. */
static bool is_felt(const json_t *outlook, const json_t *before, const json_t *after,
		    const json_t *assumption, bool alone)
{
	const json_t *row;
	size_t i;

	json_array_foreach (json_object_get(outlook, "findings"), i, row) {
		const char *outcome = ta_json_text(row, "outcome");
		const json_t *finding = find(before, ta_json_text(row, "fingerprint"));
		bool moves = strcmp(outcome, "stays") != 0 && strcmp(outcome, "open") != 0;

		finding = finding ? finding : find(after, ta_json_text(row, "fingerprint"));
		if ((moves && alone) || (finding && is_fixed_by(finding, assumption)))
			return true;
	}
	return false;
}

/* A warning of some finding that stays; else that nothing is other than before. */
static const char *why_no_help(const json_t *before, const char *key)
{
	const json_t *finding;
	size_t i;

	json_array_foreach (json_object_get(before, "findings"), i, finding) {
		const char *warning = warning_of(finding, key);

		if (warning)
			return warning;
	}
	return _("No finding rests on it.");
}

static bool add_no_help(json_t *outlook, const json_t *before, const json_t *after,
			const json_t *assumptions)
{
	bool alone = json_array_size(assumptions) == 1;
	json_t *rows = json_array(), *assumption;
	bool ok = ta_json_set(outlook, "no_help", rows);
	size_t i;

	json_array_foreach (assumptions, i, assumption) {
		const char *key = ta_json_text(assumption, "key");

		if (!ok || is_felt(outlook, before, after, assumption, alone))
			continue;
		ok = json_array_append_new(rows, json_pack("{s:s, s:s, s:s}", "key", key, "value",
							   ta_json_text(assumption, "value"), "why",
							   why_no_help(before, key))) == 0;
	}
	return ok;
}

bool ta_outlook(const json_t *snapshot, const json_t *before, const json_t *assumed,
		const json_t *after, const json_t *assumptions, json_t **ret, struct ta_error *err)
{
	const struct ta_diff_side now = { "now", snapshot, before };
	const struct ta_diff_side then = { "then", assumed, after };
	ta_auto(json_decref_p) json_t *renamed = json_object(), *diff = NULL;
	ta_auto(json_decref_p) json_t *outlook = json_object();

	if (!renamed || !outlook)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	if (!ta_diff(&now, &then, renamed, &diff, err))
		return false;
	if (json_object_set(outlook, "assumed", (json_t *)assumptions) < 0 ||
	    !add_findings(outlook, diff, before, assumptions) ||
	    !ta_json_set(outlook, "headroom", ta_headroom(snapshot, assumed)) ||
	    !add_no_help(outlook, before, after, assumptions))
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	*ret = TA_TAKE(outlook);
	return true;
}
