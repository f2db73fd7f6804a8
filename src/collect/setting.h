/* setting.h - one line of the files of sysctl.d(5), as settings.c and its helpers share it. */
#ifndef COLLECT_SETTING_H
#define COLLECT_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collect/root.h"
#include "collect/sysctl_conf.h"
#include "snapshot/builder.h"

/* What becomes of a line at boot. */
enum ta_setting_fate {
	TA_SETTING_WINS,
	TA_SETTING_OVERRIDDEN, /* a later line sets the same */
	TA_SETTING_EXCLUDED,   /* a later "-key" takes it back (systemd) */
	TA_SETTING_MASKED,     /* a file of the same name counts, in a folder that comes first */
	TA_SETTING_NOT_READ,   /* the reader does not look at this file */
};

struct ta_setting {
	const char *path;     /* below /proc/sys */
	const char *identity; /* the path of what it sets, which may have two names */
	const char *value;    /* NULL: "-path", which is excluded from wildcards */
	const char *file;     /* below the root */
	const char *owner;    /* who wrote the file, or NULL */
	size_t sequence;      /* in the order of application */
	unsigned line;
	bool glob;
	enum ta_setting_fate fate;
	const struct ta_setting *by; /* the line that made it OVERRIDDEN or EXCLUDED */
	const char *by_file;         /* the file that made it MASKED */
};

struct ta_settings {
	struct ta_setting **items; /* each one allocation */
	size_t count, size;
};

/* The keys that matter here: all of the network, and what the catalogue has beside them. */
bool ta_setting_is_ours(const struct ta_sysctl_line *line);

/* Keys that nobody but the kernel is to know. */
bool ta_setting_is_secret(const char *path);

/* Whose comments or name the file bears; text is its content. */
const char *ta_setting_owner(const char *name, const char *text, size_t len);

/* What stands between the files and the kernel that is looked at. */
struct ta_settings_reach {
	bool host;       /* keys of the whole host are set by these files */
	bool netns;      /* and those of this network namespace */
	bool first;      /* which is the initial one: keys that it lacks, the kernel lacks */
	bool globs_omit; /* "-key" with wildcards counts, too (procps) */
	uint32_t kernel; /* ta_release_parse(); 0: not known */
};

/* Adds to the rows (of the lines, in their order; NULL where there is none) of the lines that win
 * what the kernel has: "runtime", "differs", "change", "dead", "missing" ... */
void ta_settings_hold(const struct ta_settings *settings, const struct ta_root *root,
		      const struct ta_settings_reach *reach, struct ta_builder *builder,
		      json_t **rows);

#endif
