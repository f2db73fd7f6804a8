/* deliver.c - a report to a receiver: build the payload, send it once, judge the answer.
 *
 * The three steps stay apart so that a spool can keep what was built and a retry can send it
 * again; what differs between receivers is in their rows (receiver.h). */
#include "tcpadvise/deliver.h"

#include <string.h>

#include "base/macros.h"
#include "deliver/receiver.h"

enum {
	CONNECT_TIMEOUT_MS = 5000,
	TIMEOUT_MS = 15000,
	TIMEOUT_MAX_MS = 3600 * 1000, /* fits a long everywhere */
};

static const struct ta_receiver *const receivers[] = { &ta_receiver_json, &ta_receiver_slack };
static const char *const names[] = { "json", "slack", NULL };

_Static_assert(TA_ARRAY_SIZE(names) == TA_ARRAY_SIZE(receivers) + 1, "a name for each");

static json_t *build_json(const json_t *report, struct ta_error *err)
{
	(void)err;
	return json_incref((json_t *)report);
}

const struct ta_receiver ta_receiver_json = {
	.name = "json",
	.content_type = "application/json",
	.build = build_json,
};

static const struct ta_receiver *find_receiver(const char *format, struct ta_error *err)
{
	if (!format)
		return &ta_receiver_json;
	for (size_t i = 0; i < TA_ARRAY_SIZE(receivers); i++)
		if (strcmp(receivers[i]->name, format) == 0)
			return receivers[i];
	ta_fail(err, TA_E_USAGE, "unknown webhook format '%s'; there are json and slack", format);
	return NULL;
}

static uint64_t limited(uint64_t value_ms, uint64_t otherwise_ms)
{
	if (value_ms == 0)
		return otherwise_ms;
	return value_ms < TIMEOUT_MAX_MS ? value_ms : TIMEOUT_MAX_MS;
}

/* A refusal in one line. Only what the receiver's row can vouch for is quoted from the body: an
 * error page likes to repeat the path, which is the secret. */
static bool refuse(const struct ta_receiver *receiver, const struct ta_http_answer *answer,
		   struct ta_error *err)
{
	ta_auto(ta_buf_done) struct ta_buf more = TA_BUF_INIT(1024);

	if (answer->status >= 300 && answer->status < 400)
		return ta_fail(err, TA_E_NETWORK, "%s: answered %ld; redirects are not followed",
			       answer->origin, answer->status);
	if (receiver->explain)
		receiver->explain(answer, &more);
	return ta_fail(err, answer->status == 413 ? TA_E_INPUT : TA_E_NETWORK,
		       "%s: answered %ld%s%s", answer->origin, answer->status, more.len ? ": " : "",
		       ta_buf_cstr(&more));
}

static bool judge(const struct ta_receiver *receiver, const struct ta_http_answer *answer,
		  struct ta_error *err)
{
	if (answer->status < 200 || answer->status > 299)
		return refuse(receiver, answer, err);
	return !receiver->accept || receiver->accept(answer, err);
}

static bool send_once(const struct ta_receiver *receiver, const json_t *payload,
		      const struct ta_deliver_options *options, struct ta_error *err)
{
	ta_auto_free char *body = json_dumps(payload, JSON_COMPACT);
	ta_auto(ta_http_answer_done) struct ta_http_answer answer = { .status = 0 };
	struct ta_http_request request = {
		.url = options->url,
		.content_type = receiver->content_type,
		.body = body,
		.body_len = body ? strlen(body) : 0,
		.ca_file = options->ca_file,
		.connect_timeout_ms = limited(options->connect_timeout_ms, CONNECT_TIMEOUT_MS),
		.timeout_ms = limited(options->timeout_ms, TIMEOUT_MS),
	};

	if (!body)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	return ta_http_post(&request, &answer, err) && judge(receiver, &answer, err);
}

bool ta_deliver(const json_t *report, const struct ta_deliver_options *options,
		struct ta_error *err)
{
	const struct ta_receiver *receiver = find_receiver(options->format, err);
	json_auto_t *payload = receiver ? receiver->build(report, err) : NULL;

	if (!payload || !send_once(receiver, payload, options, err))
		return ta_wrap(err, "webhook");
	return true;
}

json_t *ta_deliver_payload(const json_t *report, const char *format, struct ta_error *err)
{
	const struct ta_receiver *receiver = find_receiver(format, err);

	return receiver ? receiver->build(report, err) : NULL;
}

const char *const *ta_deliver_formats(void)
{
	return names;
}
