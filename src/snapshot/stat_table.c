/* stat_table.c - see stat_table.h. */
#include "snapshot/stat_table.h"

#include "base/number.h"
#include "base/slice.h"

static struct ta_stat_column *find_column(struct ta_stat_column *columns, size_t count,
					  struct ta_slice name)
{
	for (size_t i = 0; i < count; i++)
		if (ta_slice_equals(name, columns[i].name))
			return &columns[i];
	return NULL;
}

bool ta_stat_table_start(struct ta_stat_places *places, const char *names, size_t len,
			 struct ta_stat_column *columns, size_t count)
{
	const char *word;
	size_t word_len;

	*places = (struct ta_stat_places){ .count = 0 };
	while (ta_next_word(&names, &len, &word, &word_len)) {
		struct ta_stat_column *column =
			find_column(columns, count, ta_slice(word, word_len));

		if (places->count == TA_STAT_PLACES)
			return false;
		if (column)
			column->found = true;
		places->column[places->count++] = column;
	}
	return places->count > 0;
}

bool ta_stat_table_add(struct ta_stat_places *places, const char *row, size_t len)
{
	const char *word;
	size_t word_len;
	uint64_t number;

	for (size_t i = 0; i < places->count; i++) {
		struct ta_stat_column *column = places->column[i];

		if (!ta_next_word(&row, &len, &word, &word_len) ||
		    !ta_parse_u64(word, word_len, 16, &number))
			return false;
		if (!column)
			continue;
		if (!places->rows)
			column->first = number;
		if (__builtin_add_overflow(column->sum, number, &column->sum))
			return false;
	}
	places->rows++;
	return !ta_next_word(&row, &len, &word, &word_len);
}

bool ta_stat_table_parse(const char *text, size_t len, struct ta_stat_column *columns, size_t count)
{
	struct ta_stat_places places;
	const char *line;
	size_t line_len;

	if (!ta_next_line(&text, &len, &line, &line_len) ||
	    !ta_stat_table_start(&places, line, line_len, columns, count))
		return false;
	while (ta_next_line(&text, &len, &line, &line_len))
		if (!ta_stat_table_add(&places, line, line_len))
			return false;
	return places.rows > 0;
}
