/* progress.h - a line on standard error that says how far a long work is. It is written over itself
 * and gone at the end. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "cli/command.h"

/* Only where somebody looks and the line can be erased: on a terminal that is not dumb. Not with
 * --quiet; --verbose has a line for each stage in its place. */
bool ta_progress_is_shown(const struct ta_settings *settings);

/* ctx is not looked at. What does not fit into a line of the terminal is left out. */
void ta_progress_show(void *ctx, const char *what);

void ta_progress_end(void);

#endif
