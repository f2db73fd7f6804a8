/* clock.h - the clock as a value, so that tests can stop it. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct ta_clock {
	int64_t (*realtime_ms)(void *ctx);   /* since the epoch */
	uint64_t (*monotonic_us)(void *ctx); /* for intervals */
	void (*sleep_ms)(void *ctx, uint64_t ms);
	void *ctx;
};

/* The system's clock. When the environment has SOURCE_DATE_EPOCH (seconds), realtime stands at
 * it: reproducible reports. */
const struct ta_clock *ta_clock_system(void);

/* RFC 3339 in UTC, whole seconds, e.g. "2026-11-23T08:00:00Z"; buf holds at least 32 bytes. */
void ta_clock_rfc3339(int64_t realtime_ms, char *buf);

/* The time that such a text stands for; false when it is not written exactly like that. */
bool ta_clock_parse(const char *rfc3339, int64_t *ret_realtime_ms);

#endif
