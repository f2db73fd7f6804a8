/* conf_files.h - configuration that is spread over folders.
 *
 * NAME.conf may lie in several of them; the first folder that has the name wins, and what wins is
 * read in the order of the names (conf_files_list() of systemd, PreloadSystem() of procps). */
#ifndef COLLECT_CONF_FILES_H
#define COLLECT_CONF_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "collect/root.h"
#include "snapshot/builder.h"

enum {
	TA_CONF_FILES_MAX = 300,
	TA_CONF_FILE_CAP = 64 * 1024, /* bytes of one file; what people write is far below */
};

struct ta_conf_file {
	char *path;                           /* below the root: "etc/sysctl.d/99-sysctl.conf" */
	const char *name;                     /* its last component */
	size_t order;                         /* of its folder */
	const struct ta_conf_file *masked_by; /* the one of this name that counts, or NULL */
};

struct ta_conf_files {
	struct ta_conf_file *items;
	size_t count;
	bool with_hidden; /* names that begin with a dot, too: procps reads them, systemd does not
			   */
	bool cut;         /* there are more than are kept */
	bool no_memory;   /* so that some are missing */
	struct {
		dev_t device;
		ino_t inode;
	} folders[64]; /* those that were looked at: /lib may be a link to /usr/lib */
	size_t folder_count;
};

/* Adds the files "*.conf" of a folder, which comes after those that were added before. Returns 0
 * (also when it is not there) or the errno. */
int ta_conf_files_add(struct ta_conf_files *files, const struct ta_root *root, const char *folder);

/* Puts them into the order of their names and says which are masked; nothing is added after it. */
void ta_conf_files_sort(struct ta_conf_files *files);
void ta_conf_files_done(struct ta_conf_files *files);

/* Reads a plain file below the root; a device, as /dev/null, is empty. Returns 0 or the errno,
 * EFBIG when the file is larger than the buffer's cap. A link to an absolute path stays below the
 * root. */
int ta_conf_read(const struct ta_root *root, const char *path, struct ta_buf *ret);

/* A path below the root, as the host has it, under a name of the document. */
void ta_conf_build_path(struct ta_builder *builder, json_t *object, const char *name,
			const char *path);

/* Whether two paths below the root lead to one file. */
bool ta_conf_is_same(const struct ta_root *root, const char *path, const char *other);

#endif
