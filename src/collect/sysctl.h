/* sysctl.h - the tunables of the catalogue, as this kernel has them. */
#ifndef COLLECT_SYSCTL_H
#define COLLECT_SYSCTL_H

#include "collect/root.h"
#include "snapshot/builder.h"

/* Member "sysctl" of a namespace, or of the host. A file that is not there is a tunable that this
 * kernel (or a child namespace) does not have: no gap. */
bool ta_sysctl_build(const struct ta_root *root, struct ta_builder *builder, json_t *namespace_,
		     struct ta_error *err);
bool ta_host_sysctl_build(const struct ta_root *root, struct ta_builder *builder, json_t *host,
			  struct ta_error *err);

/* Descriptors in use on the host, of /proc/sys/fs/file-nr; -1 when that can't be read. */
int64_t ta_files_allocated(const struct ta_root *root);

/* The members of "files" of the document: /proc/sys/fs/{file-nr,nr_open}, and the growth since a
 * first sample (before) when there was one, window_s ago. */
void ta_files_build(const struct ta_root *root, int64_t before, double window_s,
		    struct ta_builder *builder, json_t *files);

#endif
