/* stat_table.h - tables of /proc/net/stat: a line of names, then a line of hexadecimal numbers for
 * each possible processor.
 *
 * Pure: text in, numbers out. */
#ifndef SNAPSHOT_STAT_TABLE_H
#define SNAPSHOT_STAT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ta_stat_column {
	const char *name;
	bool found;
	uint64_t first; /* of the first processor: what is not counted by each one, but the same in
			 * all */
	uint64_t sum;
};

enum { TA_STAT_PLACES = 64 }; /* the widest table has 17 columns */

/* Where the columns stand; NULL: one that is not wanted. */
struct ta_stat_places {
	struct ta_stat_column *column[TA_STAT_PLACES];
	size_t count;
	size_t rows;
};

/* Finds the columns by the names in the first line, as each kernel has its own set. False when
 * there is none, or too many. */
bool ta_stat_table_start(struct ta_stat_places *places, const char *names, size_t len,
			 struct ta_stat_column *columns, size_t count);

/* Adds a row: one number for each name, no more and no fewer. False when it is none, or a sum
 * overflows; then nothing is to be believed of the table. */
bool ta_stat_table_add(struct ta_stat_places *places, const char *row, size_t len);

/* All of a table; false when the text is none. */
bool ta_stat_table_parse(const char *text, size_t len, struct ta_stat_column *columns,
			 size_t count);

#endif
