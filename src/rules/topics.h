/* topics.h - what rules are about: rules/topics.json, compiled in. Loaded at first use, kept to the
 * end; safe to be called from several threads. All is borrowed. */
#ifndef RULES_TOPICS_H
#define RULES_TOPICS_H

#include <jansson.h>

#include "tcpadvise/error.h"

/* The classes of problems in the order of the rule book, {id, title, meaning}; NULL with *err when
 * memory ran out. */
const json_t *ta_classes(struct ta_error *err);

/* Widespread beliefs that are wrong: {id, claim, answer, rules, references}; the same. */
const json_t *ta_myths(struct ta_error *err);

/* The one of a list that has this id, or NULL. */
const json_t *ta_topic_find(const json_t *topics, const char *id);

#endif
