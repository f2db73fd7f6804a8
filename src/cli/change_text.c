/* change_text.c - see change_text.h. */
#include "cli/change_text.h"

#include <string.h>

#include "apply/action.h"
#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"
#include "base/text.h"
#include "diff/text.h"

/* What comes from a record goes through here: it was read from the host. */
static void add_text(struct ta_buf *out, const char *text)
{
	ta_text_terminal(out, text, strlen(text));
}

static void add_name(struct ta_buf *out, const json_t *action)
{
	char name[512];

	ta_action_name(action, name, sizeof(name));
	add_text(out, name);
}

static void add_limit(struct ta_buf *out, const json_t *pair)
{
	for (size_t i = 0; i < 2; i++) {
		json_int_t limit = json_integer_value(json_array_get(pair, i));

		ta_buf_str(out, i ? ":" : "");
		if (limit < 0)
			ta_buf_str(out, _("unlimited"));
		else
			ta_buf_int(out, limit);
	}
}

static void add_value(struct ta_buf *out, const json_t *value)
{
	if (json_is_array(value))
		add_limit(out, value);
	else
		add_text(out, json_is_string(value) && json_string_length(value)
				      ? json_string_value(value)
				      : _("(nothing)"));
}

/* The content of a file is not shown line by line: the plan has the lines. */
static void add_change(struct ta_buf *out, const json_t *action)
{
	const json_t *old = json_object_get(action, "old");

	if (strcmp(ta_json_text(action, "kind"), "file") == 0) {
		ta_buf_str(out, json_is_null(old) ? _(": a new file") : _(": lines are added"));
		return;
	}
	ta_buf_str(out, ": ");
	add_value(out, old);
	ta_buf_str(out, " -> ");
	add_value(out, json_object_get(action, "new"));
}

void ta_change_print_actions(struct ta_buf *out, const json_t *record)
{
	const json_t *action;
	size_t i;

	json_array_foreach (json_object_get(record, "actions"), i, action) {
		ta_buf_str(out, "  ");
		add_name(out, action);
		add_change(out, action);
		ta_buf_char(out, '\n');
	}
}

/* ---- taken back ---------------------------------------------------------------------- */

static const struct {
	const char *outcome, *text;
} outcomes[] = {
	{ "restored", N_("as it was") },
	{ "changed_since", N_("left alone: somebody else changed it since") },
	{ "gone", N_("gone, with what it was of") },
	{ "failed", N_("FAILED") },
};

void ta_change_print_outcomes(struct ta_buf *out, const json_t *record)
{
	const json_t *action;
	size_t i;

	json_array_foreach (json_object_get(record, "actions"), i, action) {
		const char *outcome = ta_json_text(action, "outcome");
		const char *error = ta_json_text(action, "error");

		ta_buf_str(out, "  ");
		add_name(out, action);
		for (size_t o = 0; o < TA_ARRAY_SIZE(outcomes); o++)
			if (strcmp(outcomes[o].outcome, outcome) == 0)
				ta_buf_printf(out, ": %s", _(outcomes[o].text));
		ta_buf_str(out, *error ? ": " : "");
		add_text(out, error);
		ta_buf_char(out, '\n');
	}
}

void ta_change_print_line(struct ta_buf *out, const json_t *record)
{
	size_t count = json_array_size(json_object_get(record, "actions"));
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(out->cap);

	ta_buf_printf(&line, _("change %lld of %s: %s"),
		      (long long)json_integer_value(json_object_get(record, "id")),
		      ta_json_text(record, "begun_at"), _(ta_json_text(record, "state")));
	ta_buf_printf(&line, _n(", %zu action", ", %zu actions", count), count);
	add_text(out, ta_buf_cstr(&line));
	ta_buf_char(out, '\n');
}

/* ---- what it did --------------------------------------------------------------------- */

static const struct {
	const char *change, *text;
} changes[] = {
	{ "cleared", N_("gone") },
	{ "eased", N_("milder") },
	{ "still_there", N_("still there") },
	{ "worsened", N_("worse") },
	{ "not_known_after", N_("not known now") },
};

/* The figures that moved. */
static void add_figures(struct ta_buf *out, const json_t *row)
{
	ta_auto(ta_buf_done) struct ta_buf change = TA_BUF_INIT(out->cap);
	const json_t *figure;
	size_t i;

	json_array_foreach (json_object_get(row, "evidence"), i, figure) {
		const json_t *before = json_object_get(figure, "before");
		const json_t *after = json_object_get(figure, "after");

		if (!before || !after || json_equal(before, after))
			continue;
		ta_buf_str(out, "      ");
		add_text(out, ta_json_text(figure, "label"));
		ta_buf_str(out, ": ");
		ta_buf_clear(&change);
		ta_text_change(&change, figure, (struct ta_change_words){ "", "" });
		add_text(out, ta_buf_cstr(&change));
		ta_buf_char(out, '\n');
	}
}

void ta_change_print_effects(struct ta_buf *out, const json_t *effects)
{
	const json_t *row;
	size_t i;

	json_array_foreach (effects, i, row) {
		const char *change = ta_json_text(row, "change");

		ta_buf_str(out, "  ");
		for (size_t c = 0; c < TA_ARRAY_SIZE(changes); c++)
			if (strcmp(changes[c].change, change) == 0)
				ta_buf_printf(out, "%s: ", _(changes[c].text));
		add_text(out, ta_json_text(row, "title"));
		ta_buf_str(out, " [");
		add_text(out, ta_json_text(row, "rule"));
		ta_buf_str(out, "]\n");
		add_figures(out, row);
	}
}
