/* bar.h - a share as a bar: of ASCII "[####------]", else of block characters, to an eighth of a
 * column. What there is shows, however little, and what is not full does not look full. */
#ifndef REPORT_BAR_H
#define REPORT_BAR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Appends a bar of so many columns, at least three, for a share of 0 to 1; more is full. */
void ta_bar(struct ta_buf *out, double share, size_t columns, bool ascii);

/* Appends the part alone that is filled. */
void ta_bar_open(struct ta_buf *out, double share, size_t columns, bool ascii);

#endif
