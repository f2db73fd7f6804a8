/* explain_state.c - a state of TCP: from rules/states.json. Says the same on every host. */
#include <ctype.h>
#include <string.h>

#include "base/json.h"
#include "base/language.h"
#include "base/macros.h"
#include "cli/explain.h"
#include "snapshot/states.h"

static void find_exact(const struct ta_explain_host *host, const char *word,
		       struct ta_topics *topics)
{
	const struct ta_state *state = ta_state_find(word, strlen(word));

	(void)host;
	if (state)
		ta_topics_add(topics, &ta_explain_state, state->key);
}

static void offer(const struct ta_explain_host *host, ta_explain_take *take, void *ctx)
{
	size_t count = 0;
	const struct ta_state *states = ta_states(&count, NULL);

	(void)host;
	for (size_t i = 0; i < count; i++) {
		take(ctx, states[i].name);
		take(ctx, states[i].key);
	}
}

/* Whether some longer state's key begins at this place: "close_wait" is not "close". */
static bool is_longer_key(const char *at, size_t len)
{
	size_t count = 0;
	const struct ta_state *states = ta_states(&count, NULL);

	for (size_t i = 0; i < count; i++) {
		size_t other = strlen(states[i].key);

		if (other > len && strncmp(at, states[i].key, other) == 0)
			return true;
	}
	return false;
}

/* A condition reads a state as "sockets.time_wait", or more finely as "sockets.time_wait_inbound".
 */
static bool reads_state(const char *expression, const char *key)
{
	size_t len = strlen(key);

	for (const char *at = strstr(expression, key); at; at = strstr(at + 1, key))
		if (at > expression && at[-1] == '.' && !is_longer_key(at, len) &&
		    !isalnum((unsigned char)at[len]))
			return true;
	return false;
}

static json_t *describe(const struct ta_explain_host *host, const char *name)
{
	const struct ta_state *state = ta_state_find(name, strlen(name));

	return state ? json_pack(
			       "{s:s, s:O, s:o}", "name", state->name, "facts", state->facts,
			       "rules",
			       ta_explain_rules_using(host, state->key, TA_USE_READS, reads_state))
		     : NULL;
}

/* Only the states of the standard have a number of SNMP, and a row in /proc/net/tcp. */
static void show_numbers(struct ta_page *page, const json_t *facts)
{
	json_int_t number = json_integer_value(json_object_get(facts, "linux"));
	const json_t *snmp = json_object_get(facts, "snmp");
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(256);

	if (json_is_integer(snmp))
		ta_buf_printf(&line,
			      _("Linux %d (%02X in /proc/net/tcp); SNMP, by a count of its own, "
				"%lld"),
			      (int)number, (unsigned)number, (long long)json_integer_value(snmp));
	else
		ta_buf_printf(&line, "Linux %d", (int)number);
	ta_explain_field(page, _("Number"), ta_buf_cstr(&line));
}

static void show_spellings(struct ta_page *page, const json_t *facts)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(4096);
	size_t i, j;
	json_t *place, *word;

	json_array_foreach (json_object_get(facts, "spellings"), i, place) {
		ta_buf_printf(&line, "%s%s: ", i ? "; " : "", _(ta_json_text(place, "where")));
		json_array_foreach (json_object_get(place, "words"), j, word)
			ta_buf_printf(&line, "%s%s", j ? ", " : "", json_string_value(word));
	}
	ta_explain_field(page, _("Spelled"), ta_buf_cstr(&line));
}

static void show_myths(struct ta_page *page, const json_t *facts)
{
	size_t i;
	json_t *myth;

	json_array_foreach (json_object_get(facts, "myths"), i, myth) {
		ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(4096);

		ta_buf_printf(&line, _("\"%s\" %s"), _(ta_json_text(myth, "claim")),
			      _(ta_json_text(myth, "answer")));
		ta_explain_field(page, i ? "" : _("Not true"), ta_buf_cstr(&line));
	}
}

static void show(struct ta_page *page, const json_t *document)
{
	const json_t *facts = json_object_get(document, "facts");

	ta_explain_title(page, ta_json_text(facts, "name"), _("state of a TCP connection"));
	ta_explain_prose(page, _(ta_json_text(facts, "meaning")));
	ta_explain_field(page, _("Who"), _(ta_json_text(facts, "who")));
	ta_explain_field(page, _("Many of them"), _(ta_json_text(facts, "many")));
	ta_explain_field(page, _("What ends it"), _(ta_json_text(facts, "ends")));
	ta_explain_list(page, _("Helps"), json_object_get(facts, "fixes"));
	ta_explain_list(page, _("Does not help"), json_object_get(facts, "not_fixes"));
	show_myths(page, facts);
	ta_explain_words(page, _("Settings"), json_object_get(facts, "tunables"));
	ta_explain_words(page, _("Counters"), json_object_get(facts, "metrics"));
	ta_explain_show_rules(page, json_object_get(document, "rules"));
	ta_explain_field(page, _("In a snapshot"), ta_json_text(facts, "key"));
	show_numbers(page, facts);
	show_spellings(page, facts);
	ta_explain_references(page, json_object_get(facts, "references"));
}

const struct ta_explain_kind ta_explain_state = {
	.name = "state",
	.find_exact = find_exact,
	.offer = offer,
	.describe = describe,
	.show = show,
};
