/* real.h - doubles as text, the same in every locale. */
#ifndef EXPR_REAL_H
#define EXPR_REAL_H

#include <stdbool.h>
#include <stddef.h>

enum { TA_REAL_TEXT = 32 }; /* bytes that ta_real_format() needs */

/* Decimal digits with fraction and exponent, a sign, or NaN, inf, infinity in any case. The whole
 * slice must be the number. What is too large gives an infinity. */
bool ta_real_parse(const char *text, size_t len, double *ret);

/* The shortest of at least 15 digits that reads back as the same number; "NaN", "Infinity". */
void ta_real_format(double value, char *buf);

#endif
