/* figure.h - a row of evidence as people write it: "51 of 128 connections", "39%". */
#ifndef REPORT_FIGURE_H
#define REPORT_FIGURE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"

/* Appends the value, its limit and their unit. Strings are appended as they are in the report:
 * the caller makes the result safe for where it goes. */
void ta_figure_amount(struct ta_buf *out, const json_t *evidence);

/* Appends a value alone. */
void ta_figure_value(struct ta_buf *out, const json_t *value);

/* The same as ta_figure_amount() with the unit apart; "" or NULL: none. */
void ta_figure_amount_in(struct ta_buf *out, const json_t *figure, const char *unit);

/* The value as a share of its limit: 1 when it is full; false when one of them is no number. */
bool ta_figure_share(const json_t *evidence, double *ret);

enum { TA_PERCENT_SIZE = 16 };

/* How much of its limit the value is, as "39%" (never "100%" of what is not yet full);
 * false when one of them is no number. ret holds TA_PERCENT_SIZE bytes. */
bool ta_figure_percent(const json_t *evidence, char *ret);

#endif
