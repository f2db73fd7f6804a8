/* change_text.h - a record of what was changed, as lines for a terminal. */
#ifndef CLI_CHANGE_TEXT_H
#define CLI_CHANGE_TEXT_H

#include <jansson.h>

#include "base/buf.h"

/* "net.ipv4.tcp_tw_reuse: 2 -> 1", a line for each action. */
void ta_change_print_actions(struct ta_buf *out, const json_t *record);

/* What became of each action when it was taken back. */
void ta_change_print_outcomes(struct ta_buf *out, const json_t *record);

/* "change 3 of 2026-11-23T18:00:00Z: applied, 2 actions" */
void ta_change_print_line(struct ta_buf *out, const json_t *record);

/* What the findings that the changes rest on came to: rows of a comparison. */
void ta_change_print_effects(struct ta_buf *out, const json_t *effects);

#endif
