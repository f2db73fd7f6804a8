/* settings.h - what the files of sysctl.d(5) set at the next boot, and how that stands to what is
 * in force now. */
#ifndef COLLECT_SETTINGS_H
#define COLLECT_SETTINGS_H

#include "collect/host.h"
#include "collect/root.h"
#include "snapshot/builder.h"

/* Members "settings" of the document, "sysctl_reader" and "tuned" of the host, whose "runtime" is
 * there already. What can't be read becomes a gap. */
void ta_settings_build(const struct ta_root *root, const struct ta_kernel *kernel,
		       struct ta_builder *builder, json_t *host);

#endif
