/* input.c - see input.h. */
#include "cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "tcpadvise/snapshot.h"

enum { MAX_INPUT = 256 * 1024 * 1024 }; /* bytes of one document */

TA_DEFINE_AUTO(json_t, json_decref)

/* ---- one or many ------------------------------------------------------------------- */

static int open_file(const char *path, struct ta_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		ta_fail_errno(err, errno, "can't open %s", path);
	return fd;
}

bool ta_input_open(struct ta_input *input, const struct ta_settings *settings, struct ta_error *err)
{
	const char *path = settings->input.items[0];
	bool is_stdin = strcmp(path, "-") == 0;

	*input = (struct ta_input){ .fd = -1 };
	if (settings->input.count > 1)
		return ta_fail(err, TA_E_USAGE, "--input: one snapshot at a time, not %zu",
			       settings->input.count);
	input->fd = is_stdin ? STDIN_FILENO : open_file(path, err);
	if (input->fd < 0)
		return false;
	ta_ndjson_init(&input->text, input->fd, is_stdin ? "standard input" : path, MAX_INPUT);
	return ta_ndjson_detect(&input->text, &input->is_stream, err);
}

void ta_input_done(struct ta_input *input)
{
	if (input->fd != STDIN_FILENO)
		ta_close_p(&input->fd);
	ta_ndjson_done(&input->text);
}

/* ---- documents --------------------------------------------------------------------- */

/* A mistake has its place in the line; people look for it in the file. */
static bool next_of_stream(struct ta_input *input, json_t **ret, struct ta_error *err)
{
	struct ta_slice line;

	if (!ta_ndjson_next(&input->text, &line, err))
		return false;
	if (!line.data || ta_snapshot_parse(line.data, line.len, input->text.name, ret, err))
		return true;
	if (err->pos.line)
		err->pos.line += input->text.line - 1;
	return ta_fail_at(err, input->text.name, input->text.line, 1);
}

static bool whole(struct ta_input *input, json_t **ret, struct ta_error *err)
{
	struct ta_slice text;

	input->is_over = true;
	return ta_ndjson_rest(&input->text, &text, err) &&
	       ta_snapshot_parse(text.data, text.len, input->text.name, ret, err);
}

bool ta_input_next(struct ta_input *input, json_t **ret, struct ta_error *err)
{
	*ret = NULL;
	if (input->is_stream)
		return next_of_stream(input, ret, err);
	return input->is_over || whole(input, ret, err);
}

static bool read_only_one(struct ta_input *input, json_t **ret, struct ta_error *err)
{
	ta_auto(json_decref_p) json_t *first = NULL, *second = NULL;

	if (!ta_input_next(input, &first, err) || !ta_input_next(input, &second, err))
		return false;
	if (second)
		return ta_fail(err, TA_E_USAGE,
			       "--input: one snapshot is meant here, and %s has several",
			       input->text.name);
	*ret = TA_TAKE(first);
	return true;
}

bool ta_input_read(const struct ta_settings *settings, json_t **ret, struct ta_error *err)
{
	struct ta_input input;
	bool ok = ta_input_open(&input, settings, err) && read_only_one(&input, ret, err);

	ta_input_done(&input);
	return ok;
}
