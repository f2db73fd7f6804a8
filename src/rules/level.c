/* level.c - see level.h. */
#include "rules/level.h"

#include <string.h>

#include "base/language.h"

const char *const ta_level_words[TA_LEVELS] = {
	[TA_LEVEL_NONE] = "",
	[TA_LEVEL_INFO] = N_("info"),
	[TA_LEVEL_WARNING] = N_("warning"),
	[TA_LEVEL_CRITICAL] = N_("critical"),
};

enum ta_level ta_level(const char *word)
{
	enum ta_level level = TA_LEVEL_CRITICAL;

	while (level > TA_LEVEL_NONE && strcmp(ta_level_words[level], word) != 0)
		level--;
	return level;
}
