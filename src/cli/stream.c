/* stream.c - see stream.h. */
#include "cli/stream.h"

#include <errno.h>

#include "base/macros.h"

TA_DEFINE_AUTO(json_t, json_decref)

struct stream {
	struct ta_input *input;
	struct ta_outlet outlet;
	ta_stream_visit *visit;
	void *ctx;
	int status;
};

/* Says it, unless it is that the reader has seen enough. */
static void complain(const struct stream *stream, const struct ta_error *err)
{
	if (!stream->outlet.failed || err->sys != EPIPE)
		ta_complain(err, 0);
}

/* Whether the stream goes on behind a failure. */
static bool go_on(struct stream *stream, struct ta_error *err)
{
	bool is_usage = err->code == TA_E_USAGE;

	stream->status = is_usage ? TA_EXIT_USAGE : TA_EXIT_FAILED;
	if (!stream->outlet.failed && !is_usage)
		ta_fail_at(err, stream->input->text.name, stream->input->text.line, 1);
	complain(stream, err);
	return !stream->outlet.failed && !is_usage;
}

static bool visit_next(struct stream *stream)
{
	ta_auto(json_decref_p) json_t *snapshot = NULL;
	struct ta_error err = TA_ERROR_INIT;
	bool ok = ta_input_next(stream->input, &snapshot, &err);

	if (ok && !snapshot)
		return false;
	return (ok && stream->visit(stream->ctx, snapshot, &stream->outlet, &err)) ||
	       go_on(stream, &err);
}

int ta_stream_run(const struct ta_settings *settings, struct ta_input *input,
		  ta_stream_visit *visit, void *ctx)
{
	struct stream stream = { .input = input, .visit = visit, .ctx = ctx };
	struct ta_error err = TA_ERROR_INIT;

	if (ta_outlet_open(&stream.outlet, settings, &err))
		while (visit_next(&stream))
			;
	if (!err.code && !stream.outlet.failed)
		ta_outlet_close(&stream.outlet, &err);
	ta_outlet_done(&stream.outlet);
	return err.code ? ta_complain(&err, TA_EXIT_FAILED) : stream.status;
}
