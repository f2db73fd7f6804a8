/* tuned_profile.h - the profiles of TuneD: files tuned.conf, what they include, and what is left
 * when they are laid one over the other.
 *
 * A file is an object: sections by name, in each the options by name in their order, each an
 * object { "value", "file", "line" }. An option without "value" goes on over several lines. */
#ifndef COLLECT_TUNED_PROFILE_H
#define COLLECT_TUNED_PROFILE_H

#include "collect/root.h"
#include "snapshot/builder.h"

enum {
	TA_TUNED_PATH_MAX = 256,
	TA_TUNED_VALUE_MAX = 4096,
	TA_TUNED_FILES_MAX = 32,
	TA_TUNED_FOLDERS_MAX = 8,
};

struct ta_tuned {
	const struct ta_root *root;
	struct ta_builder *builder;
	struct ta_buf buf;
	/* where profiles are, the first one that has the name counts; below the root */
	char folders[TA_TUNED_FOLDERS_MAX][TA_TUNED_PATH_MAX];
	size_t folder_count;
	json_t *sections; /* of all profiles that were loaded */
	json_t *files;    /* that they are of */
	bool incomplete;  /* there is more, which can't be told */
};

/* Reads a file of sections; options before the first section are those of `section`, where that is
 * not NULL. Returns 0 or the errno; *ret is a new reference. */
int ta_tuned_read(struct ta_tuned *tuned, const char *path, const char *section, json_t **ret);

/* Lays the profiles of these names, separated by one of the bytes, over those that were loaded.
 * What can't be read becomes a gap. */
void ta_tuned_load(struct ta_tuned *tuned, const char *names, const char *separators);

/* The text of an option with its variables put in. False when it is not known: it has a function of
 * TuneD, or a variable that has no value here. */
bool ta_tuned_expand(const json_t *variables, const json_t *option, struct ta_buf *ret);

/* What the variables of the loaded profiles stand for: texts by name. A new reference. */
json_t *ta_tuned_variables(struct ta_tuned *tuned);

#endif
