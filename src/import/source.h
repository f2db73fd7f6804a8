/* source.h - what was captured, member by member: a file, standard input, a directory or an
 * archive (tar, zip; gzip, bzip2, xz, zstd, also around a lone file), recognised by content.
 *
 * Everything streams: a member is never whole in memory. Nothing is trusted: no link is followed
 * below the path that was given, only plain files are opened, names are made safe to show, and
 * members, nesting and bytes are bounded. What is left out for such a reason is told, and is no
 * error. A directory's members come sorted by name, an archive's in the order they stand in. */
#ifndef IMPORT_SOURCE_H
#define IMPORT_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "import/bytes.h"
#include "tcpadvise/error.h"

struct ta_member {
	const char *name; /* for reports: "ticket.txt", "standard input", "sos.tar:proc/net/tcp" */
	const char *path; /* within the directory or archive, without the one folder that all is in:
			   * "proc/net/tcp"; NULL: a lone file, or standard input */
	struct ta_bytes bytes; /* good until the function that was given the member returns */
};

/* Takes a member, reading as much of it as it likes; false ends the reading. */
typedef bool (*ta_member_fn)(void *ctx, const struct ta_member *member, struct ta_error *err);

/* 0: as many as source.c says. */
struct ta_source_bounds {
	uint64_t members;      /* entries looked at, wanted or not */
	uint64_t member_bytes; /* of one member */
	uint64_t total_bytes;  /* of all, and what is decompressed only to get past it */
};

struct ta_source_options {
	/* Whether a member is worth reading, by its path; NULL: each is. An archive within another
	 * is asked for by its own path, and then its members by theirs. */
	bool (*wanted)(void *ctx, const char *path);
	/* A wanted member, or the rest of one, that was not read, and why; may be NULL. */
	void (*skipped)(void *ctx, const char *name, const char *why);
	void *ctx;
	struct ta_source_bounds bounds;
};

/* Hands each member to fn. "-" is standard input. False when path itself can't be read, when it is
 * an archive and libarchive is not there (TA_E_UNSUPPORTED), or when fn said so. */
bool ta_source_read(const char *path, const struct ta_source_options *options, ta_member_fn fn,
		    void *ctx, struct ta_error *err);

/* The same of bytes that somebody else opened: a file or an archive. */
bool ta_source_read_bytes(const char *name, struct ta_bytes bytes,
			  const struct ta_source_options *options, ta_member_fn fn, void *ctx,
			  struct ta_error *err);

#endif
