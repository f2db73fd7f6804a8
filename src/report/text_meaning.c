/* text_meaning.c - for who meets the words for the first time: what a class of problems is, and
 * what the states of TCP mean that a finding names. */
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "report/text.h"
#include "rules/topics.h"
#include "snapshot/states.h"

enum { STEP = 2, SHORTEST = 5, STATES_MAX = 16 };

static const char state_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

static void put_meaning(struct ta_page *page, size_t left, const char *word, const char *meaning)
{
	ta_page_column(page, left);
	ta_page_style(page, TA_STYLE_BOLD);
	ta_page_sentence(page, left + STEP, _("%s:"), word);
	ta_page_plain(page);
	ta_page_join(page);
	ta_page_prose(page, left + STEP, meaning);
	ta_page_newline(page);
}

/* Marks the states that a text names in capitals, in whatever spelling. */
static void find_states(const char *text, const struct ta_state *states, bool *named)
{
	while (*text) {
		size_t len = strspn(text, state_letters);
		const struct ta_state *state = len < SHORTEST ? NULL : ta_state_find(text, len);

		if (state && state - states < STATES_MAX)
			named[state - states] = true;
		text += len ? len : 1;
	}
}

static void put_states(struct ta_page *page, size_t left, const json_t *finding)
{
	size_t count = 0, i;
	const struct ta_state *states = ta_states(&count, NULL);
	bool named[STATES_MAX] = { false };
	const json_t *row;

	if (!states) {
		page->out->failed = TA_E_NOMEM;
		return;
	}
	find_states(ta_json_text(finding, "title"), states, named);
	find_states(ta_json_text(finding, "diagnosis"), states, named);
	json_array_foreach (json_object_get(finding, "evidence"), i, row)
		find_states(ta_json_text(row, "label"), states, named);
	for (i = 0; i < count && i < STATES_MAX; i++)
		if (named[i])
			put_meaning(page, left, states[i].name,
				    _(ta_json_text(states[i].facts, "meaning")));
}

void ta_text_meaning(struct ta_page *page, size_t left, const json_t *finding)
{
	const json_t *class = ta_topic_find(ta_classes(NULL), ta_json_text(finding, "class"));

	ta_page_gap(page);
	ta_page_column(page, left);
	ta_page_style(page, TA_STYLE_BOLD);
	ta_page_raw(page, _("What the words mean"));
	ta_page_plain(page);
	ta_page_newline(page);
	if (class)
		put_meaning(page, left + STEP, _(ta_json_text(class, "title")),
			    _(ta_json_text(class, "meaning")));
	put_states(page, left + STEP, finding);
}
