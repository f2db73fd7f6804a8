/* walk.h - one walk of a source: what those who walk directories and archives share. */
#ifndef IMPORT_WALK_H
#define IMPORT_WALK_H

#include "import/source.h"

struct ta_walk {
	const struct ta_source_options *options;
	struct ta_source_bounds bounds;
	ta_member_fn fn;
	void *ctx;
	struct ta_error *err;
	uint64_t members, bytes; /* so far, of what is bounded */
	bool failed;             /* *err says why, unless fn said false without a reason */
};

/* Where bytes are from. */
struct ta_place {
	const char *name, *path; /* as a member's */
	unsigned depth;          /* of containers that it is in; 0: what the user named */
};

bool ta_walk_wants(const struct ta_walk *walk, const char *path);
void ta_walk_skip(const struct ta_walk *walk, const char *name, const char *why);

/* Below, false ends the walk: all return from where they are. */

/* The place can't be read: an error when the user named it, else it is skipped. */
bool ta_walk_refuse(struct ta_walk *walk, const struct ta_place *place, enum ta_code code,
		    const char *why);

/* One more entry of the container of that name; false, and told, when there are too many, or more
 * bytes were read than may be. */
bool ta_walk_count(struct ta_walk *walk, const char *name);

/* Bytes to read: an archive's members, or else a member of its own. */
bool ta_walk_offer(struct ta_walk *walk, const struct ta_place *place, struct ta_bytes bytes);

/* The same from an open file. */
bool ta_walk_offer_file(struct ta_walk *walk, const struct ta_place *place, int fd);

#endif
