/* process.c - see process.h. */
#include "import/readers/process.h"

#include <string.h>

#include "base/buf.h"
#include "base/macros.h"
#include "base/text.h"

enum { NAME_MAX_BYTES = 15, NAME_ROOM = 256 }; /* TASK_COMM_LEN without its NUL; made safe */

bool ta_process_id(struct ta_slice text, uint32_t *ret)
{
	uint64_t number;

	if (!ta_slice_u64(text, &number) || number == 0 || number > INT32_MAX)
		return false;
	*ret = (uint32_t)number;
	return true;
}

bool ta_process_path(struct ta_slice path, uint32_t *ret_pid, struct ta_slice *ret_file)
{
	static const char proc[] = "/proc/";
	struct ta_slice pid;
	size_t at;

	if (!path.len || path.data[0] != '/' || !ta_slice_find(path, proc, &at))
		return false;
	path = ta_slice(path.data + at + strlen(proc), path.len - at - strlen(proc));
	pid = ta_slice_cut(&path, '/');
	*ret_file = path;
	return ta_process_id(pid, ret_pid);
}

/* The value of an option: "-p 769", "-p769", "--pid=769"; of length 0 when the word is none. */
static struct ta_slice option_value(const struct ta_command *command, size_t i)
{
	struct ta_slice word = command->words[i];

	if (ta_slice_equals(word, "-p") || ta_slice_equals(word, "--pid"))
		return i + 1 < command->count ? command->words[i + 1] : ta_slice("", 0);
	if (ta_slice_begins(word, "--pid="))
		return ta_slice(word.data + 6, word.len - 6);
	if (ta_slice_begins(word, "-p"))
		return ta_slice(word.data + 2, word.len - 2);
	return ta_slice("", 0);
}

bool ta_process_option(const struct ta_command *command, uint32_t *ret)
{
	size_t found = 0;

	for (size_t i = 1; i < command->count; i++)
		found += ta_process_id(option_value(command, i), ret);
	return found == 1;
}

void ta_note_process_name(struct ta_reading *reading, const struct ta_line *line, uint32_t pid,
			  struct ta_slice name)
{
	ta_auto(ta_buf_done) struct ta_buf safe = TA_BUF_INIT(NAME_ROOM);

	if (!name.len)
		return;
	ta_text_utf8(&safe, name.data, name.len < NAME_MAX_BYTES ? name.len : NAME_MAX_BYTES);
	if (ta_buf_ok(&safe, NULL))
		ta_note_process(reading, line, pid, "name",
				json_stringn(ta_buf_cstr(&safe), safe.len));
}

void ta_note_process_uint(struct ta_reading *reading, const struct ta_line *line, uint32_t pid,
			  const char *key, uint64_t value)
{
	if (value <= INT64_MAX)
		ta_note_process(reading, line, pid, key, json_integer((json_int_t)value));
}
