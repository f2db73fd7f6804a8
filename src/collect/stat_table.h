/* stat_table.h - tables of /proc/net/stat: a line of names, then a line of hexadecimal numbers for
 * each possible processor.
 *
 * Pure: text in, numbers out. */
#ifndef COLLECT_STAT_TABLE_H
#define COLLECT_STAT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ta_stat_column {
	const char *name;
	bool found;
	uint64_t first; /* of the first processor: what is not counted by each one, but the same in
			   all */
	uint64_t sum;
};

/* Fills the columns that the table has, found by name, as each kernel has its own set. False when
 * the text is no such table; then nothing is to be believed of it. */
bool ta_stat_table_parse(const char *text, size_t len, struct ta_stat_column *columns,
			 size_t count);

#endif
