/* source.c - see source.h. A directory is walked by directory.c, an archive by archive.c; both hand
 * what they find to ta_walk_offer(), which looks at its first bytes: what is an archive itself
 * is read in its turn, anything else is a member. */
#include "import/source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "import/archive.h"
#include "import/directory.h"
#include "import/walk.h"

/* A report of a host with 20,000 processes has some 200,000 entries; a log of a day, a gigabyte. */
static const struct ta_source_bounds usual = {
	.members = 1000000,
	.member_bytes = UINT64_C(4) << 30,
	.total_bytes = UINT64_C(16) << 30,
};

enum { NESTING_MAX = 4 }; /* a directory of bundles of archives of compressed logs */

/* ---- what is told ---- */

bool ta_walk_wants(const struct ta_walk *walk, const char *path)
{
	const struct ta_source_options *options = walk->options;

	return !options->wanted || options->wanted(options->ctx, path);
}

void ta_walk_skip(const struct ta_walk *walk, const char *name, const char *why)
{
	const struct ta_source_options *options = walk->options;

	if (options->skipped)
		options->skipped(options->ctx, name, why);
}

bool ta_walk_refuse(struct ta_walk *walk, const struct ta_place *place, enum ta_code code,
		    const char *why)
{
	if (place->depth) {
		ta_walk_skip(walk, place->name, why);
		return true;
	}
	walk->failed = true;
	return ta_fail(walk->err, code, "can't read %s: %s", place->name, why);
}

bool ta_walk_count(struct ta_walk *walk, const char *name)
{
	const struct ta_source_bounds *bounds = &walk->bounds;

	if (walk->bytes >= bounds->total_bytes) {
		ta_walk_skip(walk, name, "the rest of it: there is too much of it");
		return false;
	}
	if (walk->members >= bounds->members) {
		ta_walk_skip(walk, name, "the rest of it: there are too many members");
		return false;
	}
	walk->members++;
	return true;
}

/* ---- a member, as far as it may be read ---- */

struct leaf {
	struct ta_walk *walk;
	const char *name;
	struct ta_bytes from;
	uint64_t bytes;
};

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t left_of(const struct leaf *leaf)
{
	const struct ta_source_bounds *bounds = &leaf->walk->bounds;
	uint64_t of_all = bounds->total_bytes - least(leaf->walk->bytes, bounds->total_bytes);

	return least(of_all, bounds->member_bytes - leaf->bytes);
}

/* At the bound, the end or one byte too many. */
static ssize_t read_past(const struct leaf *leaf)
{
	char probe;
	ssize_t n = ta_bytes_read(&leaf->from, &probe, 1);

	if (n <= 0)
		return n;
	ta_walk_skip(leaf->walk, leaf->name, "the rest of it: it is too large");
	errno = EFBIG;
	return -1;
}

static ssize_t read_leaf(void *ctx, void *buf, size_t size)
{
	struct leaf *leaf = ctx;
	uint64_t left = left_of(leaf);
	ssize_t n;

	if (!left)
		return read_past(leaf);
	n = ta_bytes_read(&leaf->from, buf, (size_t)least(left, size));
	if (n > 0) {
		leaf->bytes += (uint64_t)n;
		leaf->walk->bytes += (uint64_t)n;
	}
	return n;
}

static bool hand_over(struct ta_walk *walk, const struct ta_place *place, struct ta_bytes bytes)
{
	struct leaf leaf = { .walk = walk, .name = place->name, .from = bytes };
	struct ta_member member = {
		.name = place->name,
		.path = place->path,
		.bytes = { read_leaf, &leaf },
	};

	walk->failed = !walk->fn(walk->ctx, &member, walk->err);
	return !walk->failed;
}

/* ---- what it is ---- */

/* Bytes whose first ones have been looked at. */
struct peeked {
	struct ta_bytes from;
	size_t at, end;
	int failed; /* errno of the reading behind head */
	char head[TA_ARCHIVE_HEAD];
};

static void peek(struct peeked *peeked, struct ta_bytes from)
{
	ssize_t n = 1;

	peeked->from = from;
	peeked->at = peeked->end = 0;
	while (n > 0 && peeked->end < sizeof(peeked->head)) {
		n = ta_bytes_read(&from, peeked->head + peeked->end,
				  sizeof(peeked->head) - peeked->end);
		peeked->end += n > 0 ? (size_t)n : 0;
	}
	peeked->failed = n < 0 ? errno : 0;
}

static ssize_t read_peeked(void *ctx, void *buf, size_t size)
{
	struct peeked *peeked = ctx;
	size_t n = peeked->end - peeked->at;

	if (n) {
		n = n < size ? n : size;
		memcpy(buf, peeked->head + peeked->at, n);
		peeked->at += n;
		return (ssize_t)n;
	}
	if (!peeked->failed)
		return ta_bytes_read(&peeked->from, buf, size);
	errno = peeked->failed;
	return -1;
}

bool ta_walk_offer(struct ta_walk *walk, const struct ta_place *place, struct ta_bytes bytes)
{
	struct peeked peeked;
	struct ta_bytes whole = { read_peeked, &peeked };
	enum ta_archive_kind kind;

	peek(&peeked, bytes);
	if (walk->failed)
		return false;
	kind = ta_archive_recognise(peeked.head, peeked.end);
	if (kind == TA_ARCHIVE_NONE)
		return hand_over(walk, place, whole);
	if (place->depth < NESTING_MAX)
		return ta_archive_read(walk, place, kind, whole);
	ta_walk_skip(walk, place->name, "an archive within too many others");
	return true;
}

/* ---- files ---- */

struct file {
	struct ta_walk *walk;
	const struct ta_place *place;
	int fd;
	bool begun; /* something was read */
};

static ssize_t read_file(void *ctx, void *buf, size_t size)
{
	struct file *file = ctx;
	ssize_t n;
	int failed;

	do
		n = read(file->fd, buf, size);
	while (n < 0 && errno == EINTR);
	if (n >= 0) {
		file->begun = true;
		return n;
	}
	failed = errno;
	if (file->begun)
		ta_walk_skip(file->walk, file->place->name, strerror(failed));
	else
		ta_walk_refuse(file->walk, file->place, TA_E_SYSTEM, strerror(failed));
	errno = failed;
	return -1;
}

bool ta_walk_offer_file(struct ta_walk *walk, const struct ta_place *place, int fd)
{
	struct file file = { .walk = walk, .place = place, .fd = fd };

	return ta_walk_offer(walk, place, (struct ta_bytes){ read_file, &file });
}

static void read_standard_input(struct ta_walk *walk)
{
	const struct ta_place place = { .name = "standard input" };

	ta_walk_offer_file(walk, &place, STDIN_FILENO);
}

/* What the user names may be a link or a pipe, such as a shell's <(ss -s). */
static void read_named(struct ta_walk *walk, const char *path, const char *name)
{
	const struct ta_place place = { .name = name };
	ta_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		walk->failed = !ta_fail_errno(walk->err, errno, "can't open %s", name);
	else if (S_ISDIR(st.st_mode))
		ta_directory_read(walk, name, fd);
	else
		ta_walk_offer_file(walk, &place, fd);
}

static struct ta_source_bounds bounds_of(const struct ta_source_options *options)
{
	struct ta_source_bounds bounds = options->bounds;

	bounds.members = bounds.members ? bounds.members : usual.members;
	bounds.member_bytes = bounds.member_bytes ? bounds.member_bytes : usual.member_bytes;
	bounds.total_bytes = bounds.total_bytes ? bounds.total_bytes : usual.total_bytes;
	return bounds;
}

static struct ta_walk new_walk(const struct ta_source_options *options, ta_member_fn fn, void *ctx,
			       struct ta_error *err)
{
	return (struct ta_walk){
		.options = options,
		.bounds = bounds_of(options),
		.fn = fn,
		.ctx = ctx,
		.err = err,
	};
}

bool ta_source_read(const char *path, const struct ta_source_options *options, ta_member_fn fn,
		    void *ctx, struct ta_error *err)
{
	struct ta_walk walk = new_walk(options, fn, ctx, err);
	ta_auto(ta_buf_done) struct ta_buf name = TA_BUF_INIT(65536);

	ta_text_terminal(&name, path, strlen(path));
	if (!ta_buf_ok(&name, err))
		return false;
	if (strcmp(path, "-") == 0)
		read_standard_input(&walk);
	else
		read_named(&walk, path, ta_buf_cstr(&name));
	return !walk.failed;
}

bool ta_source_read_bytes(const char *name, struct ta_bytes bytes,
			  const struct ta_source_options *options, ta_member_fn fn, void *ctx,
			  struct ta_error *err)
{
	struct ta_walk walk = new_walk(options, fn, ctx, err);
	ta_auto(ta_buf_done) struct ta_buf safe = TA_BUF_INIT(65536);
	struct ta_place place;

	ta_text_terminal(&safe, name, strlen(name));
	if (!ta_buf_ok(&safe, err))
		return false;
	place = (struct ta_place){ .name = ta_buf_cstr(&safe) };
	ta_walk_offer(&walk, &place, bytes);
	return !walk.failed;
}
