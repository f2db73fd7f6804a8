/* stat_table.c - see stat_table.h. */
#include "collect/stat_table.h"

#include <string.h>

#include "base/number.h"

enum { MAX_NAMES = 64 }; /* the widest table has 17 */

static struct ta_stat_column *find_column(struct ta_stat_column *columns, size_t count,
					  const char *name, size_t len)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(columns[i].name) == len && memcmp(columns[i].name, name, len) == 0)
			return &columns[i];
	return NULL;
}

/* One number for each name, no more and no fewer. */
static bool add_row(const char *row, size_t len, struct ta_stat_column *const *by_place,
		    size_t places, bool first)
{
	const char *word;
	size_t word_len;
	uint64_t number;

	for (size_t i = 0; i < places; i++) {
		struct ta_stat_column *column = by_place[i];

		if (!ta_next_word(&row, &len, &word, &word_len) ||
		    !ta_parse_u64(word, word_len, 16, &number))
			return false;
		if (!column)
			continue;
		if (first)
			column->first = number;
		if (__builtin_add_overflow(column->sum, number, &column->sum))
			return false;
	}
	return !ta_next_word(&row, &len, &word, &word_len);
}

bool ta_stat_table_parse(const char *text, size_t len, struct ta_stat_column *columns, size_t count)
{
	struct ta_stat_column *by_place[MAX_NAMES];
	const char *line, *word;
	size_t line_len, word_len, places = 0, rows = 0;

	if (!ta_next_line(&text, &len, &line, &line_len))
		return false;
	while (ta_next_word(&line, &line_len, &word, &word_len)) {
		if (places == MAX_NAMES)
			return false;
		by_place[places] = find_column(columns, count, word, word_len);
		if (by_place[places])
			by_place[places]->found = true;
		places++;
	}
	for (; ta_next_line(&text, &len, &line, &line_len); rows++)
		if (!add_row(line, line_len, by_place, places, rows == 0))
			return false;
	return places && rows;
}
