/* redacting.h - --redact of the commands that take it. */
#ifndef CLI_REDACTING_H
#define CLI_REDACTING_H

#include <jansson.h>
#include <stdbool.h>

#include "cli/command.h"

/* Redacts the snapshot in place when that was asked for. */
bool ta_redacting_run(const struct ta_settings *settings, json_t *snapshot, struct ta_error *err);

#endif
