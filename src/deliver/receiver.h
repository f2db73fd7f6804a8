/* receiver.h - what a kind of receiver wants to get and how it says yes: a row in deliver.c. */
#ifndef DELIVER_RECEIVER_H
#define DELIVER_RECEIVER_H

#include <jansson.h>

#include "deliver/http.h"
#include "tcpadvise/error.h"

struct ta_receiver {
	const char *name; /* of the payload format */
	const char *content_type;
	/* The body to send; a new reference. */
	json_t *(*build)(const json_t *report, struct ta_error *err);
	/* Whether a 2xx answer means that the message was taken; NULL: it does. */
	bool (*accept)(const struct ta_http_answer *answer, struct ta_error *err);
	/* Adds what the receiver says about its refusal to the text; may be NULL. */
	void (*explain)(const struct ta_http_answer *answer, struct ta_buf *text);
};

extern const struct ta_receiver ta_receiver_json, ta_receiver_slack;

#endif
