/* level.c - see level.h. */
#include "rules/level.h"

#include <string.h>

const char *const ta_level_words[TA_LEVELS] = {
	[TA_LEVEL_NONE] = "",
	[TA_LEVEL_INFO] = "info",
	[TA_LEVEL_WARNING] = "warning",
	[TA_LEVEL_CRITICAL] = "critical",
};

enum ta_level ta_level(const char *word)
{
	enum ta_level level = TA_LEVEL_CRITICAL;

	while (level > TA_LEVEL_NONE && strcmp(ta_level_words[level], word) != 0)
		level--;
	return level;
}
