/* input.c - see input.h. */
#include "cli/input.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "tcpadvise/snapshot.h"

enum { MAX_INPUT = 256 * 1024 * 1024 }; /* bytes */

bool ta_input_read(const struct ta_settings *settings, json_t **ret, struct ta_error *err)
{
	ta_auto(ta_buf_done) struct ta_buf text = TA_BUF_INIT(MAX_INPUT);
	const char *path = settings->input.items[0];
	const char *name = path;
	bool ok;

	if (settings->input.count > 1)
		return ta_fail(err, TA_E_USAGE, "--input: one snapshot at a time, not %zu",
			       settings->input.count);
	if (strcmp(path, "-") == 0) {
		name = "standard input";
		ok = ta_file_read_fd(STDIN_FILENO, name, &text, err);
	} else {
		ok = ta_file_read(AT_FDCWD, path, &text, err);
	}
	return ok && ta_snapshot_parse(ta_buf_cstr(&text), text.len, name, ret, err);
}
