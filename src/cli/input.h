/* input.h - the snapshot that --input names. */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include <jansson.h>

#include "cli/command.h"

/* Reads and checks the one document of --input ("-": standard input). A new reference. */
bool ta_input_read(const struct ta_settings *settings, json_t **ret, struct ta_error *err);

#endif
