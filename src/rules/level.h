/* level.h - the levels of severity: their words, and how they stand to each other. */
#ifndef RULES_LEVEL_H
#define RULES_LEVEL_H

/* In the order of enum ta_severity (tcpadvise/report.h), which is the same to other stages. */
enum ta_level { TA_LEVEL_NONE, TA_LEVEL_INFO, TA_LEVEL_WARNING, TA_LEVEL_CRITICAL, TA_LEVELS };

/* "info" ..., "" for TA_LEVEL_NONE. */
extern const char *const ta_level_words[TA_LEVELS];

/* TA_LEVEL_NONE for any other word. */
enum ta_level ta_level(const char *word);

#endif
