/* managers.h - programs that set tunables by themselves while they run, whatever the files of
 * sysctl.d say: what is written there is undone by them. */
#ifndef COLLECT_MANAGERS_H
#define COLLECT_MANAGERS_H

#include "collect/root.h"
#include "snapshot/builder.h"

/* Member "managers" of the host. Reads the name of each process, and of the few that are known the
 * command line and the configuration; what can't be read becomes a gap. */
void ta_managers_build(const struct ta_root *root, struct ta_builder *builder, json_t *host);

#endif
