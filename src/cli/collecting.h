/* collecting.h - a snapshot as the command line asks for it, with a progress line. */
#ifndef CLI_COLLECTING_H
#define CLI_COLLECTING_H

#include <jansson.h>

#include "cli/command.h"

/* Collects from this host. While that goes on, a line on stderr says how far it is: only when that
 * is a terminal and --quiet is not given; it is gone afterwards. With --verbose each stage has its
 * line and its time, anywhere. */
bool ta_collecting_run(const struct ta_settings *settings, json_t **ret, struct ta_error *err);

#endif
