/* pause.c - see pause.h.
 *
 * The time is certain when the command line is of three commands, the first and the last the same
 * to the letter and the one between a sleep of whole seconds: what they take themselves is nothing
 * beside it. One in quotes behind what runs it (sudo sh -c '...') is looked at in the same way. */
#include "import/pause.h"

#include <string.h>

#include "base/macros.h"
#include "import/line.h"

enum { DAY_S = 86400 };

/* Cuts the first of several commands off, pipeline and all; what is quoted has no end in it. */
static struct ta_slice cut_command(struct ta_slice *rest)
{
	struct ta_slice command = *rest;
	char quote = 0;

	for (size_t i = 0; i < rest->len; i++) {
		char c = rest->data[i];
		bool both = c == '&' && i + 1 < rest->len && rest->data[i + 1] == '&';

		if (quote) {
			quote = c == quote ? 0 : quote;
		} else if (c == '\'' || c == '"') {
			quote = c;
		} else if (c == ';' || both) {
			command.len = i;
			*rest = ta_slice(rest->data + i + 1 + both, rest->len - i - 1 - both);
			return command;
		}
	}
	*rest = ta_slice(rest->data + rest->len, 0);
	return command;
}

/* "10", "10s", "5m" */
static double parse_duration(struct ta_slice word)
{
	static const struct {
		const char *unit;
		uint64_t seconds;
	} units[] = { { "s", 1 }, { "m", 60 }, { "h", 3600 } };
	uint64_t number, seconds = 1;

	for (size_t i = 0; i < TA_ARRAY_SIZE(units); i++)
		if (ta_slice_ends(word, units[i].unit)) {
			seconds = units[i].seconds;
			word.len--;
			break;
		}
	if (!ta_slice_u64(word, &number) || number > DAY_S / seconds)
		return 0;
	return (double)(number * seconds);
}

static double sleep_of(struct ta_slice text)
{
	struct ta_slice program = ta_command_word(&text), time = ta_command_word(&text);

	if (!ta_slice_equals(program, "sleep") || ta_slice_trim(text).len)
		return 0;
	return parse_duration(time);
}

static double waits_between(struct ta_slice line)
{
	struct ta_slice first = ta_slice_trim(cut_command(&line));
	struct ta_slice between = ta_slice_trim(cut_command(&line));
	struct ta_slice last = ta_slice_trim(cut_command(&line));

	if (ta_slice_trim(line).len || !first.len || first.len != last.len ||
	    memcmp(first.data, last.data, first.len) != 0)
		return 0;
	return sleep_of(between);
}

double ta_command_waits_s(const struct ta_command *command)
{
	double s = waits_between(ta_slice(command->text, strlen(command->text)));

	return s > 0 ? s : waits_between(command->inner);
}
