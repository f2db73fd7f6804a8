/* input.h - the documents that --input, or an operand, names: a snapshot of ours, a stream of them,
 * one a line, or text that somebody captured, of which one snapshot is made. */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include <jansson.h>

#include "cli/command.h"
#include "cli/ndjson.h"

enum ta_input_kind {
	TA_INPUT_DOCUMENT,
	TA_INPUT_STREAM,
	TA_INPUT_TEXT,
};

struct ta_input {
	const char *const *paths; /* borrowed */
	size_t count;
	int fd; /* of the only one; -1 where it is a directory, or there are several */
	enum ta_input_kind kind;
	bool is_over;        /* the one document was given */
	bool shows_progress; /* false unless it is set after ta_input_open(): see progress.h */
	struct ta_ndjson text;
};

/* Opens the inputs ("-": standard input) and finds out what they are. */
bool ta_input_open(struct ta_input *input, const char *const *paths, size_t count,
		   struct ta_error *err);
void ta_input_done(struct ta_input *input);

/* The next document, read and checked: a new reference, NULL at the end. False: this one is wrong,
 * and err has its place; the next may be right. */
bool ta_input_next(struct ta_input *input, json_t **ret, struct ta_error *err);

/* The document of an input that must have no other; a new reference. TA_E_USAGE when it has. */
bool ta_input_only(struct ta_input *input, json_t **ret, struct ta_error *err);

/* The document of an input that has but one. A new reference. */
bool ta_input_read_path(const char *path, json_t **ret, struct ta_error *err);

/* The same of --input. */
bool ta_input_read(const struct ta_settings *settings, json_t **ret, struct ta_error *err);

#endif
