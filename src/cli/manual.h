/* manual.h - the pages of the manual, as roff, made of the tables of commands, options, functions
 * and of the schema of rule packs. */
#ifndef CLI_MANUAL_H
#define CLI_MANUAL_H

#include "base/buf.h"

void ta_manual_program(struct ta_buf *out); /* tcpadvise(1) */

/* tcpadvise-rules(5) */
bool ta_manual_rules(struct ta_buf *out, struct ta_error *err);

#endif
