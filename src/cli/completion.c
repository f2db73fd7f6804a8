/* completion.c - see completion.h: what is offered where, whatever the shell. */
#include "cli/completion.h"

#include <stdio.h>
#include <string.h>

#include "base/language.h"

/* "a|b|c" as "a b c". */
static void split_choices(struct ta_offer *offer, const char *choices)
{
	offer->kind = TA_OFFER_WORDS;
	snprintf(offer->words, sizeof(offer->words), "%s", choices);
	for (char *at = offer->words; (at = strchr(at, '|'));)
		*at = ' ';
}

static void list_commands(struct ta_offer *offer)
{
	size_t len = 0;

	offer->kind = TA_OFFER_WORDS;
	for (size_t i = 0; ta_commands[i] && len < sizeof(offer->words); i++)
		len += (size_t)snprintf(offer->words + len, sizeof(offer->words) - len, "%s%s",
					i ? " " : "", ta_commands[i]->name);
}

static void offer_values(struct ta_offer *offer, const char *choices, enum ta_values values)
{
	const char *name = ta_candidates_name(values);

	if (choices) {
		split_choices(offer, choices);
	} else if (values == TA_VALUES_COMMANDS) {
		list_commands(offer);
	} else if (values == TA_VALUES_FILES) {
		offer->kind = TA_OFFER_FILES;
	} else if (name) {
		offer->kind = TA_OFFER_ASK;
		snprintf(offer->words, sizeof(offer->words), "%s", name);
	}
}

struct ta_offer ta_offer_of_option(const struct ta_option *option)
{
	struct ta_offer offer = { .listed = option->kind == TA_WORDLIST };
	char languages[256];

	ta_language_choices(languages, sizeof(languages));
	offer_values(&offer, option->kind == TA_LANGUAGE ? languages : option->choices,
		     option->values);
	return offer;
}

struct ta_offer ta_offer_of_operand(const struct ta_operand *operand)
{
	struct ta_offer offer = { .listed = false };

	offer_values(&offer, operand->choices, operand->values);
	return offer;
}
