/* clock.c - see clock.h. */
#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/number.h"

static int64_t system_realtime_ms(void *ctx)
{
	const char *fixed = getenv("SOURCE_DATE_EPOCH");
	struct timespec now;
	int64_t seconds;

	(void)ctx;
	if (fixed && ta_parse_i64(fixed, strlen(fixed), &seconds) && seconds >= 0 &&
	    seconds <= INT32_MAX * INT64_C(64))
		return seconds * 1000;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static uint64_t system_monotonic_us(void *ctx)
{
	struct timespec now;

	(void)ctx;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void system_sleep_ms(void *ctx, uint64_t ms)
{
	struct timespec left = { .tv_sec = (time_t)(ms / 1000),
				 .tv_nsec = (long)(ms % 1000) * 1000000 };

	(void)ctx;
	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

const struct ta_clock *ta_clock_system(void)
{
	static const struct ta_clock clock = { .realtime_ms = system_realtime_ms,
					       .monotonic_us = system_monotonic_us,
					       .sleep_ms = system_sleep_ms };

	return &clock;
}

void ta_clock_rfc3339(int64_t realtime_ms, char *buf)
{
	time_t seconds = (time_t)(realtime_ms / 1000);
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) || !strftime(buf, 32, "%Y-%m-%dT%H:%M:%SZ", &tm))
		strcpy(buf, "1970-01-01T00:00:00Z");
}

bool ta_clock_parse(const char *rfc3339, int64_t *ret_realtime_ms)
{
	struct tm tm = { 0 };
	char again[32];
	time_t seconds;

	if (!strptime(rfc3339, "%Y-%m-%dT%H:%M:%SZ", &tm))
		return false;
	seconds = timegm(&tm);
	ta_clock_rfc3339((int64_t)seconds * 1000, again);
	/* strptime() lets blanks, single digits and the 30th of February through */
	if (strcmp(again, rfc3339) != 0)
		return false;
	*ret_realtime_ms = (int64_t)seconds * 1000;
	return true;
}
