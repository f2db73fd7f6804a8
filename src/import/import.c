/* import.c - captured text in, a snapshot out: the members of each input, decoded, line by line. */
#include <string.h>

#include "import/decode.h"
#include "import/member.h"
#include "import/source.h"
#include "import/text.h"
#include "tcpadvise/snapshot.h"

static const struct ta_slice nothing = { "", 0 };

/* Of the host's configuration all but its name says what is meant, not what is. */
static bool is_of_use(const struct ta_capture *capture)
{
	return strncmp(capture->file, "/etc/", strlen("/etc/")) != 0 ||
	       strcmp(capture->file, "/etc/hostname") == 0;
}

/* Of a directory or archive those members of which the name says that they tell something, and
 * those that nobody's tool put there. */
static bool is_wanted(void *ctx, const char *path)
{
	struct ta_capture capture;

	(void)ctx;
	return ta_member_capture(path, &capture) ? is_of_use(&capture) : !strchr(path, '/');
}

static void note_skipped(void *ctx, const char *name, const char *why)
{
	ta_evidence_skip(ctx, name, 0, nothing, why);
}

struct reading {
	struct ta_evidence *evidence;
	const struct ta_import_input *input;
};

static bool read_member(void *ctx, const struct ta_member *member, struct ta_error *err)
{
	const struct reading *reading = ctx;
	const struct ta_import_input *input = reading->input;
	struct ta_evidence *evidence = reading->evidence;
	struct ta_capture capture;
	struct ta_decode decode;
	bool known = member->path && ta_member_capture(member->path, &capture);

	if (input->progress)
		input->progress(input->progress_ctx, member->name);
	if (ta_decode_start(&decode, member->bytes) == TA_ENCODING_BINARY) {
		ta_evidence_skip(evidence, member->name, 0, nothing, "it is no text");
		return true;
	}
	if (!ta_text_read(evidence, member->name, ta_decode_bytes(&decode),
			  known ? &capture : NULL))
		return ta_fail(err, TA_E_NOMEM, "out of memory");
	return true;
}

static bool read_input(struct ta_evidence *evidence, const struct ta_import_input *input,
		       struct ta_error *err)
{
	const struct ta_source_options options = { .wanted = is_wanted,
						   .skipped = note_skipped,
						   .ctx = evidence };
	const struct ta_bytes bytes = { input->read, input->ctx };
	struct reading reading = { evidence, input };

	if (input->read)
		return ta_source_read_bytes(input->path, bytes, &options, read_member, &reading,
					    err);
	return ta_source_read(input->path, &options, read_member, &reading, err);
}

static bool is_anything_used(const struct ta_evidence *evidence)
{
	json_t *row;
	size_t i;

	json_array_foreach (evidence->inputs, i, row)
		if (json_integer_value(json_object_get(row, "used")) > 0)
			return true;
	return false;
}

bool ta_import(const struct ta_import_input *inputs, size_t count, json_t **ret,
	       struct ta_error *err)
{
	struct ta_evidence evidence;
	bool ok = ta_evidence_init(&evidence) || ta_fail(err, TA_E_NOMEM, "out of memory");

	for (size_t i = 0; ok && i < count; i++)
		ok = read_input(&evidence, &inputs[i], err);
	if (ok && !is_anything_used(&evidence))
		ok = ta_fail(err, TA_E_INPUT,
			     "%s%s: nothing in it is evidence that can be read: expected what ss, "
			     "netstat, nstat, sysctl, dmesg ... print, files of /proc, error lines "
			     "of programs, or a snapshot",
			     inputs[0].path, count > 1 ? " and the others" : "");
	ok = ok && ta_evidence_finish(&evidence, ret, err);
	ta_evidence_done(&evidence);
	return ok;
}
