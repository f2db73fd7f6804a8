/* limits.h - the limits on descriptors as they are configured, beside those that processes have.
 *
 * Of a systemd service the unit, its drop-ins and the manager's default count; of a login session
 * limits.conf, which pam_limits reads. The one does not reach the other. */
#ifndef COLLECT_LIMITS_H
#define COLLECT_LIMITS_H

#include "collect/root.h"
#include "snapshot/builder.h"

/* Member "limits" of the document, and "configured_nofile" and "limits_conf_nofile" of the rows of
 * "processes", which are there already. What can't be read becomes a gap. */
void ta_limits_build(const struct ta_root *root, struct ta_builder *builder);

#endif
