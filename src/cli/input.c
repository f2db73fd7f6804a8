/* input.c - see input.h. */
#include "cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "cli/progress.h"
#include "tcpadvise/snapshot.h"

enum { MAX_INPUT = 256 * 1024 * 1024 }; /* bytes of one document */

TA_DEFINE_AUTO(json_t, json_decref)

/* ---- what it is -------------------------------------------------------------------- */

static bool is_stdin(const char *path)
{
	return strcmp(path, "-") == 0;
}

static int open_file(const char *path, struct ta_error *err)
{
	int fd = is_stdin(path) ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		ta_fail_errno(err, errno, "can't open %s", path);
	return fd;
}

static bool is_directory(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

/* JSON that tools print, and that is read as text: nstat -j, dmesg -J. */
static bool is_of_a_tool(struct ta_slice head)
{
	static const char *const tools[] = { "\"kernel\"", "\"dmesg\"" };

	while (head.len && ta_is_one_of(head.data[0], "{ \t\r\n"))
		head = ta_slice(head.data + 1, head.len - 1);
	for (size_t i = 0; i < TA_ARRAY_SIZE(tools); i++)
		if (head.len >= strlen(tools[i]) &&
		    memcmp(head.data, tools[i], strlen(tools[i])) == 0)
			return true;
	return false;
}

/* Whether a document of ours is in sight: a log, too, may have an object a line. */
static bool is_ours(struct ta_slice head)
{
	static const char schema[] = "\"tcpadvise.";

	return head.len && memmem(head.data, head.len, schema, strlen(schema));
}

static bool find_kind(struct ta_input *input, struct ta_error *err)
{
	struct ta_slice head;
	bool is_stream, ours;

	if (!ta_ndjson_peek(&input->text, &head, err))
		return false;
	ours = is_ours(head);
	if (!head.len || head.data[0] != '{' || is_of_a_tool(head)) {
		input->kind = TA_INPUT_TEXT;
		return true;
	}
	if (!ta_ndjson_detect(&input->text, &is_stream, err))
		return false;
	input->kind = !is_stream ? TA_INPUT_DOCUMENT : ours ? TA_INPUT_STREAM : TA_INPUT_TEXT;
	return true;
}

bool ta_input_open(struct ta_input *input, const char *const *paths, size_t count,
		   struct ta_error *err)
{
	*input = (struct ta_input){ .paths = paths, .count = count, .fd = -1 };
	if (count > 1) {
		input->kind = TA_INPUT_TEXT;
		return true;
	}
	input->fd = open_file(paths[0], err);
	if (input->fd < 0)
		return false;
	if (is_directory(input->fd)) {
		input->kind = TA_INPUT_TEXT;
		ta_close_p(&input->fd);
		input->fd = -1;
		return true;
	}
	ta_ndjson_init(&input->text, input->fd, is_stdin(paths[0]) ? "standard input" : paths[0],
		       MAX_INPUT);
	return find_kind(input, err);
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

static bool document(struct ta_input *input, json_t **ret, struct ta_error *err)
{
	struct ta_slice text;

	return ta_ndjson_rest(&input->text, &text, err) &&
	       ta_snapshot_parse(text.data, text.len, input->text.name, ret, err);
}

static ssize_t read_rest(void *text, void *buf, size_t size)
{
	return ta_ndjson_read(text, buf, size);
}

static void show_file(void *ctx, const char *name)
{
	ta_auto(ta_buf_done) struct ta_buf line = TA_BUF_INIT(65536);

	ta_buf_printf(&line, "importing %s", name);
	ta_progress_show(ctx, ta_buf_cstr(&line));
}

static bool text(struct ta_input *input, json_t **ret, struct ta_error *err)
{
	ta_auto_free struct ta_import_input *inputs = calloc(input->count, sizeof(*inputs));
	bool ok;

	if (!inputs)
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	for (size_t i = 0; i < input->count; i++)
		inputs[i].path = input->paths[i];
	if (input->fd >= 0)
		inputs[0] = (struct ta_import_input){ .path = input->text.name,
						      .read = read_rest,
						      .ctx = &input->text };
	for (size_t i = 0; input->shows_progress && i < input->count; i++)
		inputs[i].progress = show_file;
	ok = ta_import(inputs, input->count, ret, err);
	if (input->shows_progress)
		ta_progress_end();
	return ok;
}

bool ta_input_next(struct ta_input *input, json_t **ret, struct ta_error *err)
{
	*ret = NULL;
	if (input->kind == TA_INPUT_STREAM)
		return next_of_stream(input, ret, err);
	if (input->is_over)
		return true;
	input->is_over = true;
	return input->kind == TA_INPUT_TEXT ? text(input, ret, err) : document(input, ret, err);
}

bool ta_input_only(struct ta_input *input, json_t **ret, struct ta_error *err)
{
	ta_auto(json_decref_p) json_t *first = NULL, *second = NULL;

	if (!ta_input_next(input, &first, err) || !ta_input_next(input, &second, err))
		return false;
	if (second)
		return ta_fail(err, TA_E_USAGE, "one snapshot is meant here, and %s has several",
			       input->text.name);
	*ret = TA_TAKE(first);
	return true;
}

static bool read_one(const char *const *paths, size_t count, bool shows_progress, json_t **ret,
		     struct ta_error *err)
{
	struct ta_input input;
	bool ok = ta_input_open(&input, paths, count, err);

	if (ok) {
		input.shows_progress = shows_progress;
		ok = ta_input_only(&input, ret, err);
	}
	ta_input_done(&input);
	return ok;
}

bool ta_input_read_path(const char *path, json_t **ret, struct ta_error *err)
{
	return read_one(&path, 1, false, ret, err);
}

bool ta_input_read(const struct ta_settings *settings, json_t **ret, struct ta_error *err)
{
	return read_one(settings->input.items, settings->input.count,
			ta_progress_is_shown(settings), ret, err);
}
