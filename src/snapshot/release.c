/* release.c - see release.h. */
#include "snapshot/release.h"

#include <stddef.h>
#include <string.h>

#include "base/macros.h"
#include "base/text.h"

enum { RELEASE_MAX = 1 << 20 };

/* One part of a release, at most 999: patch levels above that do not exist. */
static bool parse_part(const char **text, uint32_t *ret)
{
	const char *start = *text;
	uint32_t n = 0;

	for (; ta_is_digit(**text); (*text)++) {
		n = n * 10 + (uint32_t)(**text - '0');
		if (n > 999)
			return false;
	}
	*ret = n;
	return *text > start;
}

static bool parse_version(const char **text, uint32_t *ret_major, uint32_t *ret_minor)
{
	return parse_part(text, ret_major) && *(*text)++ == '.' && parse_part(text, ret_minor);
}

bool ta_release_parse(const char *text, uint32_t *ret)
{
	uint32_t major, minor, patch = 0;

	if (!parse_version(&text, &major, &minor))
		return false;
	if (*text == '.') {
		text++;
		if (ta_is_digit(*text) && !parse_part(&text, &patch))
			return false;
	}
	*ret = major * 1000000 + minor * 1000 + patch;
	return true;
}

/* ---- host.kernel ---- */

bool ta_kernel_parse(const char *release, unsigned *ret_major, unsigned *ret_minor)
{
	uint32_t major, minor;

	if (!parse_version(&release, &major, &minor) ||
	    minor > 99) /* host.kernel.number has two places for it */
		return false;
	*ret_major = major;
	*ret_minor = minor;
	return true;
}

json_t *ta_kernel_json(const char *release)
{
	ta_auto(ta_buf_done) struct ta_buf safe = TA_BUF_INIT(RELEASE_MAX);
	unsigned major, minor;

	if (!ta_kernel_parse(release, &major, &minor))
		return NULL;
	ta_text_utf8(&safe, release, strlen(release));
	if (!ta_buf_ok(&safe, NULL))
		return NULL;
	return json_pack("{s:s, s:i, s:i, s:i}", "release", ta_buf_cstr(&safe), "number",
			 (int)(major * 100 + minor), "major", (int)major, "minor", (int)minor);
}

/* ---- what came with which ---- */

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
