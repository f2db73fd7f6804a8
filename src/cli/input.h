/* input.h - the documents that --input names: one, or a stream of them, one a line. */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include <jansson.h>

#include "cli/command.h"
#include "cli/ndjson.h"

struct ta_input {
	int fd;
	bool is_stream;
	bool is_over; /* the one document was given */
	struct ta_ndjson text;
};

/* Opens the one --input ("-": standard input) and finds out what it is. */
bool ta_input_open(struct ta_input *input, const struct ta_settings *settings,
		   struct ta_error *err);
void ta_input_done(struct ta_input *input);

/* The next document, read and checked: a new reference, NULL at the end. False: this one is wrong,
 * and err has its place; the next may be right. */
bool ta_input_next(struct ta_input *input, json_t **ret, struct ta_error *err);

/* The document of an --input that has but one. A new reference. */
bool ta_input_read(const struct ta_settings *settings, json_t **ret, struct ta_error *err);

#endif
