/* maths.h - the part of CEL's math extension that thresholds need. */
#ifndef EXPR_MATHS_H
#define EXPR_MATHS_H

#include "expr/functions.h"

ta_function_call ta_math_greatest, ta_math_least;       /* of the arguments */
ta_function_call ta_math_greatest_of, ta_math_least_of; /* of a list */
ta_function_call ta_math_abs, ta_math_ceil, ta_math_floor, ta_math_round, ta_math_trunc;

#endif
