/* release.c - see release.h. */
#include "snapshot/release.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

/* One part of a release, at most 999: patch levels above that do not exist. */
static bool parse_part(const char **text, uint32_t *ret)
{
	const char *start = *text;
	uint32_t n = 0;

	for (; isdigit((unsigned char)**text); (*text)++) {
		n = n * 10 + (uint32_t)(**text - '0');
		if (n > 999)
			return false;
	}
	*ret = n;
	return *text > start;
}

bool ta_release_parse(const char *text, uint32_t *ret)
{
	uint32_t major, minor, patch = 0;

	if (!parse_part(&text, &major) || *text++ != '.' || !parse_part(&text, &minor))
		return false;
	if (*text == '.') {
		text++;
		if (isdigit((unsigned char)*text) && !parse_part(&text, &patch))
			return false;
	}
	*ret = major * 1000000 + minor * 1000 + patch;
	return true;
}

enum ta_reached ta_release_reached(uint32_t kernel, const char *since)
{
	const char *range = strstr(since, "..");
	uint32_t first, last;

	if (!kernel || !ta_release_parse(since, &first))
		return TA_REACHED_PERHAPS;
	if (!range)
		return kernel >= first ? TA_REACHED_YES : TA_REACHED_NO;
	if (!ta_release_parse(range + 2, &last))
		return TA_REACHED_PERHAPS;
	if (kernel >= last)
		return TA_REACHED_YES;
	return kernel > first ? TA_REACHED_PERHAPS : TA_REACHED_NO;
}
