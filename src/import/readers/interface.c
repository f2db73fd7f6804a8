/* interface.c - see interface.h. */
#include "import/readers/interface.h"

#include <string.h>

static void note(struct ta_reading *reading, const struct ta_line *line, const char *name,
		 const char *key, json_t *value)
{
	ta_note_row(reading, line, TA_HOME_NETNS, "interfaces", "name", json_string(name), key,
		    value);
}

bool ta_interface_name(struct ta_slice word, char ret[TA_INTERFACE_NAME])
{
	struct ta_slice name = ta_slice_cut(&word, '@');

	ret[0] = '\0';
	if (!name.len || name.len >= TA_INTERFACE_NAME)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (name.data[i] <= ' ' || name.data[i] > '~' || name.data[i] == '/')
			return false;
	memcpy(ret, name.data, name.len);
	ret[name.len] = '\0';
	return true;
}

void ta_note_interface_counter(struct ta_reading *reading, const struct ta_line *line,
			       const char *name, enum ta_interface_counter counter, uint64_t value)
{
	ta_note_interface_figure(reading, line, name, ta_interface_counters[counter], value);
}

void ta_note_interface_figure(struct ta_reading *reading, const struct ta_line *line,
			      const char *name, const char *key, uint64_t value)
{
	if (value <= INT64_MAX)
		note(reading, line, name, key, json_integer((json_int_t)value));
}

void ta_note_interface_qdisc(struct ta_reading *reading, const struct ta_line *line,
			     const char *name, struct ta_slice kind)
{
	note(reading, line, name, "qdisc", json_stringn(kind.data, kind.len));
}

void ta_note_interface_mtu(struct ta_reading *reading, const struct ta_line *line, const char *name,
			   uint64_t mtu)
{
	if (mtu <= UINT32_MAX)
		note(reading, line, name, "mtu", json_integer((json_int_t)mtu));
}

void ta_note_interface_up(struct ta_reading *reading, const struct ta_line *line, const char *name,
			  bool up)
{
	note(reading, line, name, "up", json_boolean(up));
}

bool ta_interface_is_up(struct ta_slice flags)
{
	while (flags.len) {
		struct ta_slice flag = ta_slice_cut(&flags, ',');

		if (ta_slice_equals(flag, "UP"))
			return true;
	}
	return false;
}
