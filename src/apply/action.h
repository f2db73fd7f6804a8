/* action.h - the things that are set: a sysctl, a limit of a process, a file.
 *
 * An action is an object of a record: "kind", what it is about, and "old" and "new" in the same
 * form. */
#ifndef APPLY_ACTION_H
#define APPLY_ACTION_H

#include <jansson.h>
#include <stdbool.h>

#include "tcpadvise/apply.h"

struct ta_action_kind {
	const char *name;
	/* What is there now, in the form of "old" and "new": a new reference. NULL: what the action
	 * is about is gone (a process ended, a namespace went). */
	bool (*read)(const char *root, const json_t *action, json_t **ret, struct ta_error *err);
	bool (*write)(const char *root, const json_t *action, const json_t *value,
		      struct ta_error *err);
	bool (*same)(const json_t *action, const json_t *a, const json_t *b);
	/* Whether it says what it is about, and the value is of the form that it takes. */
	bool (*takes)(const json_t *action, const json_t *value);
	/* Removes what else may have been made on the way to "new", and is not told by read().
	 * NULL: there is no such thing. */
	void (*tidy)(const char *root, const json_t *action);
};

extern const struct ta_action_kind ta_action_sysctl, ta_action_limit, ta_action_file;

/* The kind of an action; NULL and *err for one that is none. */
const struct ta_action_kind *ta_action_kind_of(const json_t *action, struct ta_error *err);

/* Whether an action that was read from a file is one. */
bool ta_action_check(const json_t *action, struct ta_error *err);

/* "net.core.somaxconn in blue", "nofile of nginx (pid 7)", "/etc/...", for messages. */
void ta_action_name(const json_t *action, char *ret, size_t size);

/* How what is there now stands to an action. */
enum ta_standing {
	TA_STANDING_OLD,
	TA_STANDING_NEW,
	TA_STANDING_OTHER, /* somebody else changed it */
	TA_STANDING_GONE,
	TA_STANDING_UNKNOWN, /* it can't be read: *err */
};

enum ta_standing ta_action_standing(const char *root, const json_t *action, struct ta_error *err);

/* Sets "new", or "old", and reads it back: anything else that is there then is a failure. */
bool ta_action_set(const char *root, const json_t *action, const char *member,
		   struct ta_error *err);

/* After it was taken back: removes what a crash may have left beside it. */
void ta_action_tidy(const char *root, const json_t *action);

#endif
