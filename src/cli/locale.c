/* locale.c - see locale.h. */
#include "cli/locale.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/macros.h"
#include "tcpadvise/language.h"

const char *ta_locale_name(const char *category)
{
	const char *const variables[] = { "LC_ALL", category, "LANG" };

	for (size_t i = 0; i < TA_ARRAY_SIZE(variables); i++) {
		const char *value = getenv(variables[i]);

		if (value && *value)
			return value;
	}
	return "C";
}

bool ta_locale_is_utf8(void)
{
	const char *charset = strchr(ta_locale_name("LC_CTYPE"), '.');
	size_t len = charset ? strcspn(++charset, "@") : 0;

	return (len == 5 && strncasecmp(charset, "UTF-8", len) == 0) ||
	       (len == 4 && strncasecmp(charset, "utf8", len) == 0);
}

void ta_locale_choose_language(const char *asked)
{
	if (asked || ta_locale_is_utf8())
		ta_set_language(asked ? asked : ta_locale_name("LC_MESSAGES"));
}
