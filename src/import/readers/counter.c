/* counter.c - see counter.h. */
#include "import/readers/counter.h"

#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "snapshot/proc_net.h"

enum ta_take ta_note_counter(struct ta_reading *reading, const struct ta_line *line,
			     const char *group, struct ta_slice name, struct ta_slice value)
{
	const char *key = ta_counter_find(group, name);
	char path[32];
	int64_t number;

	if (!key)
		return TA_EMPTY;
	if (!ta_parse_i64(value.data, value.len, &number))
		return ta_wrong(reading, "a counter that is no number, or too large for one");
	if (number < 0 && strcmp(key, "MaxConn") != 0) /* where -1 is no limit */
		return ta_wrong(reading, "a counter below 0, cut to 32 bits by an old netstat");
	snprintf(path, sizeof(path), "counters.%s", group);
	ta_note(reading, line, TA_HOME_NETNS, path, key, json_integer(number));
	return TA_USED;
}
