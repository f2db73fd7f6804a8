/* width.h - how many columns of a terminal a character takes. wcwidth() would depend on the locale,
 * and "C" knows no character above 127. */
#ifndef BASE_WIDTH_H
#define BASE_WIDTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 2 for a wide East Asian character or an emoji, 0 for a combining mark, else 1. */
size_t ta_code_point_width(uint32_t code_point);

#endif
