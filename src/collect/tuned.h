/* tuned.h - TuneD, which sets tunables by its profile when it starts, after the files of sysctl.d.
 */
#ifndef COLLECT_TUNED_H
#define COLLECT_TUNED_H

#include "collect/root.h"
#include "snapshot/builder.h"

/* Member "tuned" of the host, while TuneD runs. What can't be read becomes a gap. */
void ta_tuned_build(const struct ta_root *root, struct ta_builder *builder, json_t *host);

#endif
