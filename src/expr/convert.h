/* convert.h - int(), uint(), double(), string(), bytes(), bool(), dyn(), type(). */
#ifndef EXPR_CONVERT_H
#define EXPR_CONVERT_H

#include "expr/functions.h"

ta_function_call ta_convert_same, ta_convert_type;
ta_function_call ta_convert_uint_int, ta_convert_double_int, ta_convert_string_int;
ta_function_call ta_convert_int_uint, ta_convert_double_uint, ta_convert_string_uint;
ta_function_call ta_convert_int_double, ta_convert_uint_double, ta_convert_string_double;
ta_function_call ta_convert_int_string, ta_convert_uint_string, ta_convert_double_string;
ta_function_call ta_convert_bool_string, ta_convert_bytes_string;
ta_function_call ta_convert_string_bytes, ta_convert_string_bool;

#endif
