/* http.h - one POST by libcurl, with the limits that a program run by root wants.
 *
 * http and https only; certificates are verified, TLS 1.2 or later; no redirect is followed, no
 * proxy taken from the environment, no .netrc read; time and size of the answer are bounded.
 * The URL is a secret: no error text has more of it than scheme and host. */
#ifndef DELIVER_HTTP_H
#define DELIVER_HTTP_H

#include <stdint.h>

#include "base/buf.h"
#include "tcpadvise/error.h"

enum { TA_HTTP_ANSWER_MAX = 64 * 1024 }; /* more is no answer of a receiver of ours */

struct ta_http_request {
	const char *url;
	const char *content_type;
	const char *body;
	size_t body_len;
	const char *ca_file; /* PEM, instead of the system's; NULL: the system's */
	uint64_t connect_timeout_ms;
	uint64_t timeout_ms; /* the whole exchange, name look-up included */
};

struct ta_http_answer {
	char origin[300]; /* "https://host": what may be said of the URL */
	long status;
	struct ta_buf body;
};

/* Any complete answer is a success, whatever its status. *ret is ended by ta_http_answer_done(),
 * also after a failure. */
bool ta_http_post(const struct ta_http_request *request, struct ta_http_answer *ret,
		  struct ta_error *err);
void ta_http_answer_done(struct ta_http_answer *answer);

#endif
