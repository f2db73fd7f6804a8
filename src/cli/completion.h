/* completion.h - scripts that complete command lines in bash, zsh and fish, made of the tables of
 * commands and options.
 *
 * What is known when a script is made stands in it; for the rest (ids of rules, namespaces) it asks
 * "tcpadvise completion rules" at the time. Such names come from files that others write: only
 * those of plain characters are printed, and the scripts compare and copy, but never evaluate them.
 */
#ifndef CLI_COMPLETION_H
#define CLI_COMPLETION_H

#include "cli/options.h"

#include "base/buf.h"

void ta_completion_bash(struct ta_buf *out);
void ta_completion_zsh(struct ta_buf *out);
void ta_completion_fish(struct ta_buf *out);

/* What to offer for the value of an option, or for an operand. */
struct ta_offer {
	enum { TA_OFFER_NOTHING, TA_OFFER_WORDS, TA_OFFER_FILES, TA_OFFER_ASK } kind;
	char words[512]; /* "a b c"; of TA_OFFER_ASK, what to ask for */
	bool listed;     /* several, with commas between them */
};

struct ta_offer ta_offer_of_option(const struct ta_option *option);
struct ta_offer ta_offer_of_operand(const struct ta_operand *operand);

/* "rules", "topics", ...: prints the names one a line; false when there are no such names. */
bool ta_candidates(const struct ta_settings *settings, const char *what, struct ta_buf *out);
/* How they are asked for; NULL: such values can't be. */
const char *ta_candidates_name(enum ta_values values);

#endif
