/* pause.h - a command line that runs the same twice: "nstat -az; sleep 10; nstat -az". */
#ifndef IMPORT_PAUSE_H
#define IMPORT_PAUSE_H

#include "import/command.h"

/* The seconds that it sleeps in between; 0 when it is none, or the time is not certain. */
double ta_command_waits_s(const struct ta_command *command);

#endif
