/* archive.c - see archive.h.
 *
 * What libarchive is offered has been recognised before, and it gets the one reader for that: no
 * other of its formats can be reached, and no program is started for a compression that it has not
 * built in. Its members stream; what nobody wants is decompressed only to get past it. */
#include "import/archive.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "import/libarchive.h"
#include "import/path.h"

/* A bomb: text is compressed to a tenth, a log of one line said a million times to a thousandth. */
static const uint64_t any_ratio_bytes = UINT64_C(256) << 20;
enum { RATIO_MAX = 4000, WHY_MAX = 256, INPUT_BLOCK = 65536 };

struct walk {
	struct ta_walk *reading;
	const struct ta_place *place;
	const struct ta_libarchive *lib;
	struct archive *archive;
	struct ta_bytes input;
	uint64_t in, out;        /* bytes, packed and unpacked */
	struct ta_buf path;      /* of the entry */
	struct ta_buf name;      /* the same behind the archive's */
	struct ta_buf top;       /* the folder that all is in, "" without; of the first entry */
	const char *entry;       /* its name as a member */
	bool begun;              /* the first entry was seen */
	bool broken;             /* and said so: nothing more comes out of it */
	void *taken;             /* paths handed over, for tsearch() */
	char block[INPUT_BLOCK]; /* what libarchive is reading */
};

/* ---- in and out ---- */

static la_ssize_t feed(struct archive *archive, void *ctx, const void **ret)
{
	struct walk *walk = ctx;
	ssize_t n = ta_bytes_read(&walk->input, walk->block, sizeof(walk->block));

	*ret = walk->block;
	if (n < 0)
		walk->lib->archive_set_error(archive, errno, "%s", strerror(errno));
	else
		walk->in += (uint64_t)n;
	return n;
}

/* Says of a place what libarchive says, which may quote the archive. */
static void tell(const struct walk *walk, const char *name, const char *what)
{
	const char *why = walk->lib->archive_error_string(walk->archive);
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(4 * WHY_MAX);

	why = why ? why : "damaged";
	ta_buf_str(&text, what);
	ta_text_terminal(&text, why, strnlen(why, WHY_MAX));
	ta_walk_skip(walk->reading, name, ta_buf_cstr(&text));
}

/* False, and told, when more has come out than may be: nothing more is read then. */
static bool within_bounds(struct walk *walk)
{
	la_int64_t stream = walk->lib->archive_filter_bytes(walk->archive, 0);
	uint64_t out = stream > 0 && (uint64_t)stream > walk->out ? (uint64_t)stream : walk->out;
	bool much = out > walk->reading->bounds.total_bytes;

	if (walk->broken)
		return false;
	if (!much && out / RATIO_MAX <= walk->in + any_ratio_bytes / RATIO_MAX)
		return true;
	walk->broken = true;
	ta_walk_skip(walk->reading, walk->place->name,
		     much ? "the rest of it: there is too much of it"
			  : "the rest of it: it is compressed beyond what any text is");
	return false;
}

static ssize_t read_entry(void *ctx, void *buf, size_t size)
{
	struct walk *walk = ctx;
	la_ssize_t n;

	if (!within_bounds(walk)) {
		errno = EFBIG;
		return -1;
	}
	n = walk->lib->archive_read_data(walk->archive, buf, size);
	if (n >= 0) {
		walk->out += (uint64_t)n;
		return n;
	}
	walk->broken = true;
	tell(walk, walk->entry, "the rest of it: ");
	errno = EIO;
	return -1;
}

/* Gets past what was not read of the entry; libarchive would do it, and heed no bounds. */
static void pass(struct walk *walk)
{
	const void *block;
	size_t size;
	la_int64_t offset;
	int status = ARCHIVE_OK;

	while (status == ARCHIVE_OK && within_bounds(walk)) {
		status = walk->lib->archive_read_data_block(walk->archive, &block, &size, &offset);
		if (status != ARCHIVE_OK)
			break;
		walk->out += size;
		walk->reading->bytes += size;
	}
}

/* ---- entries ---- */

/* Where the path goes on behind the folder that all is in. The first entry tells that folder,
 * unless it is one where a report's tree begins. */
static const char *below_top(struct walk *walk, const char *path, bool is_folder)
{
	size_t first = strcspn(path, "/");

	if (!walk->begun && *path) {
		walk->begun = true;
		if ((is_folder || path[first]) && !ta_path_is_root(path, first))
			ta_buf_add(&walk->top, path, first);
	}
	if (walk->top.len && first == walk->top.len && path[first] &&
	    memcmp(path, walk->top.data, first) == 0)
		return path + first + 1;
	return path;
}

/* NULL: a plain file, else why it is not read; "" for a folder, which nobody misses. */
static const char *unreadable(const struct walk *walk, struct archive_entry *entry)
{
	if (walk->lib->archive_entry_hardlink(entry))
		return "it is a link";
	switch (walk->lib->archive_entry_filetype(entry)) {
	case AE_IFREG:
		return NULL;
	case AE_IFDIR:
		return "";
	case AE_IFLNK:
		return "it is a link";
	default:
		return "it is no plain file";
	}
}

/* Whether the path stands in the archive for the first time; true when it can't be remembered. */
static bool is_first(struct walk *walk, const char *path)
{
	char *copy = strdup(path);
	char **found = copy ? tsearch(copy, &walk->taken, (__compar_fn_t)strcmp) : NULL;

	if (!found || *found == copy) {
		if (!found)
			free(copy);
		return true;
	}
	free(copy);
	return false;
}

static bool offer(struct walk *walk, const char *name, const char *path)
{
	const struct ta_place place = {
		.name = name,
		.path = path,
		.depth = walk->place->depth + 1,
	};

	walk->entry = name;
	return ta_walk_offer(walk->reading, &place, (struct ta_bytes){ read_entry, walk });
}

/* An entry with a path that is fit to be seen. */
static bool take_path(struct walk *walk, struct archive_entry *entry)
{
	const char *why = unreadable(walk, entry);
	const char *path = below_top(walk, ta_buf_cstr(&walk->path), why && !*why);

	if ((why && !*why) || !*path || !ta_walk_wants(walk->reading, path))
		return true;
	ta_buf_clear(&walk->name);
	ta_buf_printf(&walk->name, "%s:%s", walk->place->name, path);
	if (!ta_buf_ok(&walk->name, NULL))
		why = "its path is too long";
	else if (!why && !is_first(walk, path))
		why = "another of that name came before it";
	if (!why)
		return offer(walk, ta_buf_cstr(&walk->name), path);
	ta_walk_skip(walk->reading, ta_buf_cstr(&walk->name), why);
	return true;
}

/* A path that leads out, or can't be shown: the start of it tells which. */
static void skip_path(struct walk *walk, const char *raw, const char *why)
{
	ta_buf_clear(&walk->name);
	ta_buf_printf(&walk->name, "%s:", walk->place->name);
	if (raw)
		ta_text_terminal(&walk->name, raw, strnlen(raw, WHY_MAX));
	ta_walk_skip(walk->reading, ta_buf_cstr(&walk->name), why);
}

static bool take_entry(struct walk *walk, struct archive_entry *entry)
{
	const char *raw = walk->lib->archive_entry_pathname(entry);
	const char *why;

	if (walk->lib->archive_format(walk->archive) == ARCHIVE_FORMAT_RAW)
		return offer(walk, walk->place->name, walk->place->path);
	raw = raw ? raw : walk->lib->archive_entry_pathname_utf8(entry);
	ta_buf_clear(&walk->path);
	why = raw ? ta_path_clean(raw, &walk->path) : "its name can't be read";
	if (!why && ta_buf_ok(&walk->path, NULL))
		return take_path(walk, entry);
	skip_path(walk, raw, why ? why : "its path is too long");
	return true;
}

/* ---- the archive ---- */

/* The readers that a kind needs, and no other. */
static bool add_readers(const struct ta_libarchive *lib, struct archive *archive,
			enum ta_archive_kind kind)
{
	int (*const readers[])(struct archive *) = {
		[TA_ARCHIVE_TAR] = lib->archive_read_support_format_tar,
		[TA_ARCHIVE_ZIP] = lib->archive_read_support_format_zip_streamable,
		[TA_ARCHIVE_GZIP] = lib->archive_read_support_filter_gzip,
		[TA_ARCHIVE_BZIP2] = lib->archive_read_support_filter_bzip2,
		[TA_ARCHIVE_XZ] = lib->archive_read_support_filter_xz,
		[TA_ARCHIVE_ZSTD] = lib->archive_read_support_filter_zstd,
	};

	/* ARCHIVE_WARN: it would start a program to decompress that */
	if (readers[kind](archive) != ARCHIVE_OK)
		return false;
	return kind < TA_ARCHIVE_GZIP ||
	       (lib->archive_read_support_format_tar(archive) == ARCHIVE_OK &&
		lib->archive_read_support_format_empty(archive) == ARCHIVE_OK &&
		lib->archive_read_support_format_raw(archive) == ARCHIVE_OK);
}

/* It ends before it should: what came out of it until then is good. */
static bool breaks(struct walk *walk)
{
	const char *why = walk->lib->archive_error_string(walk->archive);

	if (walk->begun || walk->place->depth) {
		tell(walk, walk->place->name, "the rest of it: ");
		return true;
	}
	return ta_walk_refuse(walk->reading, walk->place, TA_E_INPUT, why ? why : "damaged");
}

static bool read_entries(struct walk *walk)
{
	struct archive_entry *entry;
	bool more = true;

	while (more && within_bounds(walk)) {
		int status = walk->lib->archive_read_next_header(walk->archive, &entry);

		if (status == ARCHIVE_EOF)
			break;
		if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
			return breaks(walk);
		more = ta_walk_count(walk->reading, walk->place->name) && take_entry(walk, entry);
		if (more)
			pass(walk);
	}
	return more;
}

static bool walk_archive(struct walk *walk, enum ta_archive_kind kind)
{
	if (!add_readers(walk->lib, walk->archive, kind))
		return ta_walk_refuse(walk->reading, walk->place, TA_E_UNSUPPORTED,
				      "this libarchive was built without its compression");
	if (walk->lib->archive_read_open(walk->archive, walk, NULL, feed, NULL) != ARCHIVE_OK)
		return breaks(walk);
	return read_entries(walk);
}

static void walk_free(struct walk *walk)
{
	if (walk && walk->archive)
		walk->lib->archive_read_free(walk->archive);
	if (walk) {
		tdestroy(walk->taken, free);
		ta_buf_done(&walk->path);
		ta_buf_done(&walk->name);
		ta_buf_done(&walk->top);
	}
	free(walk);
}

TA_DEFINE_AUTO(struct walk, walk_free)

static struct walk *walk_new(struct ta_walk *reading, const struct ta_place *place,
			     const struct ta_libarchive *lib, struct ta_bytes bytes)
{
	struct walk *walk = calloc(1, sizeof(*walk));

	if (!walk)
		return NULL;
	walk->reading = reading;
	walk->place = place;
	walk->lib = lib;
	walk->input = bytes;
	walk->path = TA_BUF_INIT(4 * TA_PATH_MAX + 1);
	walk->name = TA_BUF_INIT(strlen(place->name) + 4 * TA_PATH_MAX + 2);
	walk->top = TA_BUF_INIT(4 * TA_PATH_MAX + 1);
	walk->archive = lib->archive_read_new();
	if (walk->archive)
		return walk;
	walk_free(walk);
	return NULL;
}

bool ta_archive_read(struct ta_walk *reading, const struct ta_place *place,
		     enum ta_archive_kind kind, struct ta_bytes bytes)
{
	struct ta_error err = TA_ERROR_INIT;
	const struct ta_libarchive *lib = ta_libarchive_get(&err);
	ta_auto(walk_free_p) struct walk *walk = NULL;

	if (!lib)
		return ta_walk_refuse(reading, place, err.code, err.text);
	walk = walk_new(reading, place, lib, bytes);
	if (!walk)
		return ta_walk_refuse(reading, place, TA_E_NOMEM, "out of memory");
	return walk_archive(walk, kind);
}
