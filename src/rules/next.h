/* next.h - the next commands: which output, added to the evidence, would settle what is open, and
 * which of it first. */
#ifndef RULES_NEXT_H
#define RULES_NEXT_H

#include "rules/commands.h"
#include "rules/finding.h"

/* A rule that could not be checked somewhere. */
struct ta_open {
	json_t *id, *class_; /* strings of the book */
	uint64_t commands;
	enum ta_level reach; /* the worst that it can find */
	bool is_related;     /* to a finding */
};

struct ta_next {
	const struct ta_commands *commands;
	const json_t *snapshot;
	uint64_t read; /* commands whose output was read: they would tell the same again */
	struct ta_open *opens;
	size_t count, room;
	json_t *texts[TA_COMMANDS_MAX]; /* of a command as it is run here */
	json_t *keys;                   /* of sysctl that are asked for, as members */
	bool all_keys;                  /* someone does not know which */
};

void ta_next_init(struct ta_next *next, const struct ta_commands *commands, const json_t *snapshot);
void ta_next_done(struct ta_next *next);

/* Notes a rule that lacks facts (an array of paths), and gives its entry of not_checked the member
 * "next". false when memory ran out. */
bool ta_next_note(struct ta_next *next, const struct ta_judgement *judgement, const json_t *missing,
		  json_t *entry);

/* "next" of the report, the most useful first: a new reference, or NULL when memory ran out. */
json_t *ta_next_ranked(struct ta_next *next, const struct ta_findings *findings);

#endif
