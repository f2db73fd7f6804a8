/* help.h - what --help prints: made of the rows of commands and options. Fits 80 columns. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/command.h"

/* Prints that of a command, NULL: of the program; returns the exit status. */
int ta_help_print(const struct ta_command *command);

#endif
