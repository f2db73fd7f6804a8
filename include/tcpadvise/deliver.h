/* deliver.h - a report sent to a receiver over HTTP.
 *
 * The URL of a webhook is a secret: it is in no error text, log or report. http and https
 * only, certificates verified, no redirects, bounded in time and size. */
#ifndef TCPADVISE_DELIVER_H
#define TCPADVISE_DELIVER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "tcpadvise/error.h"

struct ta_deliver_options {
	const char *url;
	const char *format;          /* a payload: "json" (the report) or "slack"; NULL: json */
	const char *ca_file;         /* PEM; NULL: the system's */
	uint64_t connect_timeout_ms; /* 0: 5000 */
	uint64_t timeout_ms;         /* the whole exchange; 0: 15000 */
};

/* Sends the report once. Success is a 2xx answer (Slack: with the body "ok"). Fails with
 * TA_E_NETWORK, TA_E_USAGE (URL, format) or TA_E_INPUT (too large for the receiver). */
TA_API bool ta_deliver(const json_t *report, const struct ta_deliver_options *options,
		       struct ta_error *err);

/* The body that ta_deliver() would send; a new reference. */
TA_API json_t *ta_deliver_payload(const json_t *report, const char *format, struct ta_error *err);

/* The names of the payload formats, NULL-terminated. */
TA_API const char *const *ta_deliver_formats(void);

#endif
