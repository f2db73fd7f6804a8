/* services.h - the port that a well-known name stands for.
 *
 * ss and netstat print names without -n, those of /etc/services of the host they run on, which is
 * not ours: only names that stand for one TCP port on every system are here. */
#ifndef READERS_SERVICES_H
#define READERS_SERVICES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* False when the name is not known. */
bool ta_service_port(struct ta_slice name, uint16_t *ret_port);

#endif
