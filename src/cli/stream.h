/* stream.h - one answer a document, for an input with a document a line. */
#ifndef CLI_STREAM_H
#define CLI_STREAM_H

#include <jansson.h>

#include "cli/input.h"
#include "cli/output.h"

/* Answers one document into the outlet. */
typedef bool ta_stream_visit(void *ctx, json_t *snapshot, struct ta_outlet *outlet,
			     struct ta_error *err);

/* Visits the documents in their order. What is wrong with one is said, with its line, and does not
 * keep the next from its turn. Returns the exit status: TA_EXIT_FAILED when any was wrong. It ends
 * early where nothing can be written any more (quietly when nobody reads any more) or when the
 * command line is wrong: TA_EXIT_USAGE. */
int ta_stream_run(const struct ta_settings *settings, struct ta_input *input,
		  ta_stream_visit *visit, void *ctx);

#endif
