/* members.c - lists what a source yields: one JSON object a member or skipped member, a line each.
 * usage: members SOURCE [BOUND=N ...] [only=TEXT] [first=BYTES] [stop=N] */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "import/decode.h"
#include "import/member.h"
#include "import/source.h"

struct listing {
	struct ta_source_options options;
	const char *only; /* what a path must hold to be wanted */
	size_t first;     /* bytes of a member that are shown, and when not 0 read */
	int stop;         /* after so many members */
};

static void print(json_t *line)
{
	char *text = json_dumps(line, JSON_ENSURE_ASCII);

	puts(text ? text : "null");
	free(text);
	json_decref(line);
}

static bool wanted(void *ctx, const char *path)
{
	const struct listing *listing = ctx;

	return !listing->only || strstr(path, listing->only);
}

static void skipped(void *ctx, const char *name, const char *why)
{
	(void)ctx;
	print(json_pack("{s:s, s:s}", "skipped", name, "why", why));
}

static void add_capture(json_t *line, const char *path)
{
	struct ta_capture capture;

	if (!path || !ta_member_capture(path, &capture))
		return;
	json_object_set_new(line, "command", json_string(capture.command));
	json_object_set_new(line, "file", json_string(capture.file));
	json_object_set_new(line, "netns", json_string(capture.namespace_));
	json_object_set_new(line, "tail", json_boolean(capture.tail));
}

/* Reads to the end, or as far as is shown. */
static void add_content(json_t *line, const struct listing *listing, const struct ta_bytes *bytes)
{
	static char block[65536], shown[65536];
	size_t keep = 0;
	uint64_t sum = 0;
	ssize_t n;

	while ((n = ta_bytes_read(bytes, block, sizeof(block))) > 0) {
		size_t more = keep < listing->first ? listing->first - keep : 0;

		more = more < (size_t)n ? more : (size_t)n;
		memcpy(shown + keep, block, more);
		keep += more;
		sum += (uint64_t)n;
		if (listing->first && keep == listing->first)
			break;
	}
	json_object_set_new(line, "bytes", json_integer((json_int_t)sum));
	json_object_set_new(line, "text", json_stringn(shown, keep));
	if (n < 0)
		json_object_set_new(line, "errno", json_integer(errno));
}

static bool take(void *ctx, const struct ta_member *member, struct ta_error *err)
{
	static const char *const encodings[] = { "utf-8", "utf-16le", "utf-16be", "binary" };
	struct listing *listing = ctx;
	struct ta_decode decode;
	struct ta_bytes text;
	json_t *line = json_pack("{s:s, s:s?}", "name", member->name, "path", member->path);

	if (listing->stop-- == 0) {
		json_decref(line);
		return ta_fail(err, TA_E_INPUT, "told to stop");
	}
	add_capture(line, member->path);
	json_object_set_new(line, "encoding",
			    json_string(encodings[ta_decode_start(&decode, member->bytes)]));
	text = ta_decode_bytes(&decode);
	add_content(line, listing, &text);
	print(line);
	return true;
}

static void set_option(struct listing *listing, const char *option)
{
	const char *value = strchr(option, '=') + 1;
	const struct {
		const char *name;
		uint64_t *bound;
	} bounds[] = {
		{ "members=", &listing->options.bounds.members },
		{ "member_bytes=", &listing->options.bounds.member_bytes },
		{ "total_bytes=", &listing->options.bounds.total_bytes },
	};

	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++)
		if (strncmp(option, bounds[i].name, strlen(bounds[i].name)) == 0)
			*bounds[i].bound = strtoull(value, NULL, 10);
	if (strncmp(option, "only=", 5) == 0)
		listing->only = value;
	else if (strncmp(option, "first=", 6) == 0)
		listing->first = strtoul(value, NULL, 10);
	else if (strncmp(option, "stop=", 5) == 0)
		listing->stop = atoi(value);
}

int main(int argc, char **argv)
{
	struct listing listing = { .stop = -1 };
	struct ta_error err = TA_ERROR_INIT;
	struct rusage usage;

	if (argc < 2)
		return 2;
	listing.options = (struct ta_source_options){
		.wanted = wanted,
		.skipped = skipped,
		.ctx = &listing,
	};
	for (int i = 2; i < argc; i++)
		set_option(&listing, argv[i]);
	if (!ta_source_read(argv[1], &listing.options, take, &listing, &err)) {
		print(json_pack("{s:s, s:i}", "error", err.text, "code", (int)err.code));
		return 1;
	}
	getrusage(RUSAGE_SELF, &usage);
	print(json_pack("{s:I}", "peak_kib", (json_int_t)usage.ru_maxrss));
	return 0;
}
